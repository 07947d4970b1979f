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
