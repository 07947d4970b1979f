package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// width is the size of the vectors that a kernel works with.
type width struct {
	suffix string // of the functions' names
	bits   int
	vector func() VecVirtual
}

var widths = map[string]width{
	"avx2":   {"AVX2", 256, YMM},
	"avx512": {"AVX512", 512, ZMM},
}

func (w width) bytes() int    { return w.bits / 8 }
func (w width) lanes64() int  { return w.bits / 64 }
func (w width) lanes32() int  { return w.bits / 32 }
func (w width) lanes8Of() int { return 512 / w.bits } // vectors that hold 8 float64 or 16 float32

// zero clears a vector.
func (w width) zero(v Op) {
	if w.bits == 512 {
		VXORPD(v, v, v)
		return
	}
	VPXOR(v, v, v)
}

// move moves a whole vector of integers.
func (w width) move(from, to Op) {
	if w.bits == 512 {
		VMOVDQU32(from, to)
	} else {
		VMOVDQU(from, to)
	}
}

// vectors allocates n vectors.
func (w width) vectors(n int) []VecVirtual {
	v := make([]VecVirtual, n)
	for i := range v {
		v[i] = w.vector()
	}
	return v
}

// upperHalf copies the upper half of a vector of so many bits into a vector of half its width.
func (w width) upperHalf(bits int, from VecVirtual) VecVirtual {
	if bits == 512 {
		to := YMM()
		VEXTRACTF64X4(U8(1), from, to)
		return to
	}
	to := XMM()
	if w.bits == 512 {
		VEXTRACTF64X2(U8(1), from.AsY(), to) // takes all 32 registers
	} else {
		VEXTRACTF128(U8(1), from, to)
	}
	return to
}

// fold64 adds 8 float64 lanes up as predictor.dot64 does, ((0+4)+(2+6)) + ((1+5)+(3+7)), and returns the sum in the
// lowest lane. It overwrites s.
func (w width) fold64(s []VecVirtual) VecVirtual {
	half := s[0].AsY()
	if w.bits == 512 {
		VADDPD(w.upperHalf(512, s[0]), half, half)
	} else {
		VADDPD(s[1], s[0], half)
	}
	quarter := s[0].AsX()
	VADDPD(w.upperHalf(256, s[0]), quarter, quarter)
	odd := XMM()
	VPERMILPD(U8(1), quarter, odd)
	sum := XMM()
	VADDSD(odd, quarter, sum)
	return sum
}

// fold32 adds 16 float32 lanes up as predictor.fold16 does, by halves, and returns the sum in the lowest lane. It
// overwrites s.
func (w width) fold32(s []VecVirtual) VecVirtual {
	half := s[0].AsY()
	if w.bits == 512 {
		VADDPS(w.upperHalf(512, s[0]), half, half)
	} else {
		VADDPS(s[1], s[0], half)
	}
	quarter := s[0].AsX()
	VADDPS(w.upperHalf(256, s[0]), quarter, quarter)
	high := XMM()
	VPERMILPD(U8(1), quarter, high)
	VADDPS(high, quarter, quarter)
	VMOVSHDUP(quarter, high)
	sum := XMM()
	VADDSS(high, quarter, sum)
	return sum
}

// foldThree is fold32 for three sums, which takes hardly half as much together as one after the other. It returns them in the lowest
// lanes of three vectors, and overwrites what it is given.
func (w width) foldThree(a, b, c []VecVirtual) (x, y, z Register) {
	lower, upper := w.vector(), w.vector()
	if w.bits == 512 {
		// 8 lanes each: of a and b in one vector, of c in another one.
		VSHUFF64X2(U8(0b01000100), b[0], a[0], lower)
		VSHUFF64X2(U8(0b11101110), b[0], a[0], upper)
		VADDPS(upper, lower, lower)
		half := c[0].AsY()
		VADDPS(w.upperHalf(512, c[0]), half, half)
		// 4 lanes each, of all three.
		both := ZMM()
		VSHUFF64X2(U8(0b00001000), c[0], lower, both)
		VSHUFF64X2(U8(0b00011101), c[0], lower, upper)
		VADDPS(upper, both, both)
		VPERMILPD(U8(0b01010101), both, upper)
		VADDPS(upper, both, both)
		VMOVSHDUP(both, upper)
		VADDPS(upper, both, both)
		return both.AsX(), w.upperHalf(256, both), w.quarter(2, both)
	}
	for _, s := range [][]VecVirtual{a, b, c} {
		VADDPS(s[1], s[0], s[0])
	}
	VPERM2F128(U8(0x20), b[0], a[0], lower)
	VPERM2F128(U8(0x31), b[0], a[0], upper)
	VADDPS(upper, lower, lower)
	quarter := c[0].AsX()
	VADDPS(w.upperHalf(256, c[0]), quarter, quarter)
	// 2 lanes each: of a and c, then of b.
	VUNPCKHPD(c[0], lower, upper)
	VUNPCKLPD(c[0], lower, lower)
	VADDPS(upper, lower, lower)
	VMOVSHDUP(lower, upper)
	VADDPS(upper, lower, lower)
	third := XMM()
	VPERMILPD(U8(1), lower.AsX(), third)
	return lower.AsX(), w.upperHalf(256, lower), third
}

// quarter copies one of the quarters of a vector of 512 bits.
func (w width) quarter(n uint8, from VecVirtual) VecVirtual {
	to := XMM()
	VEXTRACTF64X2(U8(n), from, to)
	return to
}
