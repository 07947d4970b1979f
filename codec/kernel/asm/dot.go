package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of kernel.Filter.
const (
	filterWeights = 0
	filterTaps    = 8
	filterTaper   = 24
	filterWindow  = 48
	filterStep    = 72
	filterOutput  = 76
	filterSize    = 80
)

// updateFilters generates the NLMS steps of several filters.
func updateFilters(w width) {
	TEXT("updateFilters"+w.suffix, NOSPLIT, "func(filters *byte, n int)")
	Pragma("noescape")
	filter, n := Load(Param("filters"), GP64()), Load(Param("n"), GP64())
	f := nlms{width: w, weights: GP64(), taper: GP64(), x: GP64(), taps: GP64(), at: GP64(), step: w.vector()}
	f.sums = w.vectors(w.lanes8Of())
	Label("filter")
	MOVQ(Mem{Base: filter, Disp: filterWeights}, f.weights)
	MOVQ(Mem{Base: filter, Disp: filterTaps}, f.taps)
	MOVQ(Mem{Base: filter, Disp: filterTaper}, f.taper)
	MOVQ(Mem{Base: filter, Disp: filterWindow}, f.x)
	VBROADCASTSS(Mem{Base: filter, Disp: filterStep}, f.step)
	XORQ(f.at, f.at)
	for _, s := range f.sums {
		w.zero(s)
	}
	TESTQ(f.taper, f.taper)
	JEQ(LabelRef("flat"))
	f.steps("tapered", true)
	JMP(LabelRef("sum"))
	Label("flat")
	f.steps("flat", false)
	Label("sum")
	VMOVSS(w.fold32(f.sums), Mem{Base: filter, Disp: filterOutput})
	ADDQ(U8(filterSize), filter)
	DECQ(n)
	JNE(LabelRef("filter"))
	VZEROUPPER()
	RET()
}

// nlms generates the steps of one filter.
type nlms struct {
	width
	weights, taper, x, taps Register
	at                      Register // bytes into all three
	step                    VecVirtual
	sums                    []VecVirtual
}

func (f *nlms) input(disp int) Mem { return Mem{Base: f.x, Index: f.at, Scale: 1, Disp: disp} }

// turn takes 16 taps, disp bytes behind at. now and next are the inputs before and after the newest sample.
func (f *nlms) turn(tapered bool, disp int, now, next func(i int) Op) {
	for i, sum := range f.sums {
		offset := disp + i*f.bytes()
		scaled := f.step
		if tapered {
			scaled = f.vector()
			VMULPS(Mem{Base: f.taper, Index: f.at, Scale: 1, Disp: offset}, f.step, scaled)
		}
		change, product := f.vector(), f.vector()
		VMULPS(now(i), scaled, change)
		weight := Mem{Base: f.weights, Index: f.at, Scale: 1, Disp: offset}
		VADDPS(weight, change, change)
		VMOVUPS(change, weight)
		VMULPS(next(i), change, product)
		VADDPS(product, sum, sum)
	}
}

// unrolled is how many turns the loop over the taps takes at once.
const unrolled = 4

func (f *nlms) steps(label string, tapered bool) {
	if f.bits == 512 {
		f.steps512(label, tapered)
		return
	}
	direct := func(disp int) func(int) Op {
		return func(i int) Op { return f.input(disp + i*f.bytes()) }
	}
	JMP(LabelRef(label + "CheckFour"))
	Label(label + "Four")
	for i := range unrolled {
		f.turn(tapered, 64*i, direct(64*i), direct(64*i+4))
	}
	ADDQ(U32(unrolled*64), f.at)
	Label(label + "CheckFour")
	SUBQ(U8(unrolled*16), f.taps)
	JGE(LabelRef(label + "Four"))
	ADDQ(U8(unrolled*16), f.taps)
	JEQ(LabelRef(label + "Done"))
	Label(label + "One")
	f.turn(tapered, 0, direct(0), direct(4))
	ADDQ(U8(64), f.at)
	SUBQ(U8(16), f.taps)
	JNE(LabelRef(label + "One"))
	Label(label + "Done")
}

// steps512 loads the inputs once for both windows; the last turn must not read beyond their end.
func (f *nlms) steps512(label string, tapered bool) {
	current := ZMM()
	VMOVUPS(f.input(0), current)
	forward := func(disp int, current, following VecVirtual) {
		window := ZMM()
		VMOVUPS(f.input(disp+64), following)
		VALIGND(U8(1), current, following, window)
		f.turn(tapered, disp, func(int) Op { return current }, func(int) Op { return window })
	}
	JMP(LabelRef(label + "CheckFour"))
	Label(label + "Four")
	inputs := []VecVirtual{current, ZMM(), ZMM(), ZMM(), current}
	for i := range unrolled {
		forward(64*i, inputs[i], inputs[i+1])
	}
	ADDQ(U32(unrolled*64), f.at)
	Label(label + "CheckFour")
	SUBQ(U8(unrolled*16), f.taps)
	JGT(LabelRef(label + "Four")) // leaves at least 16 taps
	ADDQ(U8(unrolled*16-16), f.taps)
	JEQ(LabelRef(label + "Last"))
	Label(label + "One")
	following := ZMM()
	forward(0, current, following)
	VMOVAPS(following, current)
	ADDQ(U8(64), f.at)
	SUBQ(U8(16), f.taps)
	JNE(LabelRef(label + "One"))
	Label(label + "Last")
	f.turn(tapered, 0, func(int) Op { return current }, func(int) Op { return f.input(4) })
}

// dots64 generates the inner products of several float64 vectors with one, in 8 lanes.
func dots64(w width) {
	TEXT("dots64"+w.suffix, NOSPLIT, "func(weights *[]float64, x, to *float64, n, count int)")
	Pragma("noescape")
	weights, x, to := Load(Param("weights"), GP64()), Load(Param("x"), GP64()), Load(Param("to"), GP64())
	whole, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	rest := GP64()
	MOVQ(whole, rest)
	ANDQ(U32(7), rest)
	masks := w.tail(rest)
	ANDQ(I8(-8), whole)
	SHLQ(U8(3), whole)
	Label("vector")
	a, at := GP64(), GP64()
	MOVQ(Mem{Base: weights}, a)
	XORQ(at, at)
	sums := w.vectors(w.lanes8Of())
	for _, s := range sums {
		w.zero(s)
	}
	JMP(LabelRef("check"))
	Label("loop")
	for i, s := range sums {
		product := w.vector()
		VMOVUPD(Mem{Base: a, Index: at, Scale: 1, Disp: i * w.bytes()}, product)
		VMULPD(Mem{Base: x, Index: at, Scale: 1, Disp: i * w.bytes()}, product, product)
		VADDPD(product, s, s)
	}
	ADDQ(U8(64), at)
	Label("check")
	CMPQ(at, whole)
	JLT(LabelRef("loop"))
	TESTQ(rest, rest)
	JEQ(LabelRef("fold"))
	for i, s := range sums {
		product, other := w.vector(), w.vector()
		w.maskedLoad(Mem{Base: a, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], product)
		w.maskedLoad(Mem{Base: x, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, s, s)
	}
	Label("fold")
	VMOVSD(w.fold64(sums), Mem{Base: to})
	ADDQ(U8(8), to)
	ADDQ(U8(24), weights)
	DECQ(count)
	JNE(LabelRef("vector"))
	VZEROUPPER()
	RET()
}

// tail returns the masks of the first n of 8 float64 lanes, 0 <= n <= 8.
func (w width) tail(n Register) []Register {
	if w.bits == 512 {
		bits, mask := GP64(), K()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVB(bits.As32(), mask)
		return []Register{mask}
	}
	table := GP64()
	LEAQ(tailTable(), table)
	masks := []Register{YMM(), YMM()}
	offset := GP64()
	MOVQ(n, offset)
	NEGQ(offset)
	for i, m := range masks {
		VMOVDQU(Mem{Base: table, Index: offset, Scale: 8, Disp: 64 + 32*i}, m)
	}
	return masks
}

var tails Mem

// tailTable is 8 words of ones, then 8 of zeros: from word 8-n on it is the mask of the first n of 8 lanes.
func tailTable() Mem {
	if tails.Symbol.Name == "" {
		tails = GLOBL("tails", RODATA|NOPTR)
		for i := range 16 {
			v := uint64(0)
			if i < 8 {
				v = 1<<64 - 1
			}
			DATA(8*i, U64(v))
		}
	}
	return tails
}

// maskedLoad loads the lanes of the mask and clears the others.
func (w width) maskedLoad(from Mem, mask Register, to VecVirtual) {
	if w.bits == 512 {
		VMOVUPD_Z(from, mask, to)
		return
	}
	VMASKMOVPD(from, mask, to)
}
