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
	filterInputs  = 48
	filterStep    = 72
	filterOutput  = 76
	filterSize    = 80
)

// updateFilters generates the NLMS steps of several filters.
func updateFilters(w width) {
	TEXT("updateFilters"+w.suffix, NOSPLIT, "func(filters *byte, n, at int)")
	Pragma("noescape")
	filter, n, first := Load(Param("filters"), GP64()), Load(Param("n"), GP64()), Load(Param("at"), GP64())
	f := nlms{width: w, weights: GP64(), taper: GP64(), x: GP64(), taps: GP64(), at: GP64(), step: w.vector()}
	f.sums = w.vectors(w.lanes8Of())
	Label("filter")
	MOVQ(Mem{Base: filter, Disp: filterWeights}, f.weights)
	MOVQ(Mem{Base: filter, Disp: filterTaps}, f.taps)
	MOVQ(Mem{Base: filter, Disp: filterTaper}, f.taper)
	MOVQ(Mem{Base: filter, Disp: filterInputs}, f.x)
	LEAQ(Mem{Base: f.x, Index: first, Scale: 4}, f.x)
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
