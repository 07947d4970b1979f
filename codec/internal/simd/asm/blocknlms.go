package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.blockFilter.
const (
	blockWeights = 0
	blockTaps    = 8
	blockTaper   = 24
	blockInputs  = 48
	blockSize    = 72
)

// The fields of predictor.blockLanes, each of which is 64 bytes.
const (
	blockOutput = 64 * iota
	blockRest
	blockOverlap
	blockNewest
	blockNeighbour
	blockStep
)

// block generates the two steps of one block filter.
type block struct {
	width
	weights, taper, x, at Register // at is in bytes, into all three
	steps                 [2]VecVirtual
	output, rest, overlap []VecVirtual // sums
}

// updateBlocks generates the steps of several block filters.
func updateBlocks(w width) {
	TEXT("updateBlocks"+w.suffix, NOSPLIT, "func(filters *byte, lanes, steps *float32, n, at int)")
	Pragma("noescape")
	filter, n, first := Load(Param("filters"), GP64()), Load(Param("n"), GP64()), Load(Param("at"), GP64())
	lane, step := Load(Param("lanes"), GP64()), Load(Param("steps"), GP64())
	b := block{width: w, weights: GP64(), taper: GP64(), x: GP64(), at: GP64(), steps: [2]VecVirtual{w.vector(), w.vector()}}
	b.output, b.rest, b.overlap = w.vectors(w.lanes8Of()), w.vectors(w.lanes8Of()), w.vectors(w.lanes8Of())
	end := GP64()
	Label("filter")
	MOVQ(Mem{Base: filter, Disp: blockWeights}, b.weights)
	MOVQ(Mem{Base: filter, Disp: blockTaps}, end)
	MOVQ(Mem{Base: filter, Disp: blockTaper}, b.taper)
	MOVQ(Mem{Base: filter, Disp: blockInputs}, b.x)
	LEAQ(Mem{Base: b.x, Index: first, Scale: 4}, b.x)
	SHLQ(U8(2), end)
	VBROADCASTSS(Mem{Base: lane, Disp: blockStep}, b.steps[0])
	VBROADCASTSS(Mem{Base: step}, b.steps[1])
	for i := range b.output {
		w.zero(b.output[i])
		w.zero(b.rest[i])
		w.zero(b.overlap[i])
	}
	neighbour := XMM()
	VMOVSS(Mem{Base: b.x, Index: end, Scale: 1, Disp: 4}, neighbour)
	XORQ(b.at, b.at)
	TESTQ(b.taper, b.taper)
	JEQ(LabelRef("flat"))
	VMULSS(Mem{Base: b.taper, Index: end, Scale: 1, Disp: -4}, neighbour, neighbour)
	b.loop("taperedTaps", true, end)
	JMP(LabelRef("sum"))
	Label("flat")
	b.loop("flatTaps", false, end)
	Label("sum")
	VMOVSS(neighbour, Mem{Base: lane, Disp: blockNeighbour})
	newest := XMM()
	VMOVSS(Mem{Base: b.weights, Index: end, Scale: 1, Disp: -4}, newest)
	VMOVSS(newest, Mem{Base: lane, Disp: blockNewest})
	output, rest, overlap := w.foldThree(b.output, b.rest, b.overlap)
	VMOVSS(output, Mem{Base: lane, Disp: blockOutput})
	VMOVSS(rest, Mem{Base: lane, Disp: blockRest})
	VMOVSS(overlap, Mem{Base: lane, Disp: blockOverlap})
	ADDQ(U8(blockSize), filter)
	ADDQ(U8(4), lane)
	ADDQ(U8(4), step)
	DECQ(n)
	JNE(LabelRef("filter"))
	VZEROUPPER()
	RET()
}

// finishBlocks generates the outputs of block filters for the second sample.
func finishBlocks(w width) {
	TEXT("finishBlocks"+w.suffix, NOSPLIT, "func(lanes, steps, newest *float32)")
	Pragma("noescape")
	lanes, steps, inputs := Load(Param("lanes"), GP64()), Load(Param("steps"), GP64()), Load(Param("newest"), GP64())
	for i := range w.lanes8Of() {
		at := i * w.bytes()
		field := func(disp int) Mem { return Mem{Base: lanes, Disp: disp + at} }
		step, x, sum, overlap := w.vector(), w.vector(), w.vector(), w.vector()
		VMOVUPS(Mem{Base: steps, Disp: at}, step)
		VMOVUPS(step, field(blockStep))
		VMOVUPS(Mem{Base: inputs, Disp: at}, x)
		VMULPS(field(blockNewest), x, sum)
		VADDPS(field(blockRest), sum, sum)
		VMULPS(field(blockNeighbour), x, overlap)
		VADDPS(field(blockOverlap), overlap, overlap)
		VMULPS(step, overlap, overlap)
		VADDPS(overlap, sum, sum)
		VMOVUPS(sum, field(blockOutput))
	}
	VZEROUPPER()
	RET()
}

// loop takes 16 taps at a time, up to the end in bytes. Loads that lie across two lines of the cache take longest: so the third window
// is put together of the first one and the fourth one. To do so for the second one, too, would be more for the units that add and multiply
// than is saved.
func (b *block) loop(label string, tapered bool, end Register) {
	if b.bits == 512 {
		b.loop512(label, tapered, end)
		return
	}
	Label(label)
	for i := range b.output {
		at := i * b.bytes()
		first, third, fourth := b.loaded(b.input(at)), b.vector(), b.loaded(b.input(at+12))
		VSHUFPS(U8(2|3<<2|1<<4|2<<6), fourth, first, third)
		b.turn(i, tapered, [4]Op{first, b.input(at + 4), third, fourth})
	}
	ADDQ(U8(64), b.at)
	CMPQ(b.at, end)
	JLT(LabelRef(label))
}

// loop512 loads some of the windows and shifts inputs for the others, so that neither loads nor vectors wait for the other; it
// must not read beyond their end.
func (b *block) loop512(label string, tapered bool, end Register) {
	current, last := ZMM(), GP64()
	VMOVUPS(b.input(0), current)
	LEAQ(Mem{Base: end, Disp: -64}, last)
	JMP(LabelRef(label + "Check"))
	Label(label)
	following := ZMM()
	VMOVUPS(b.input(64), following)
	shifted := ZMM()
	VALIGND(U8(2), current, following, shifted)
	b.turn(0, tapered, [4]Op{current, b.input(4), shifted, b.input(12)})
	VMOVAPS(following, current)
	ADDQ(U8(64), b.at)
	Label(label + "Check")
	CMPQ(b.at, last)
	JLT(LabelRef(label))
	b.turn(0, tapered, [4]Op{current, b.input(4), b.input(8), b.input(12)})
}

func (b *block) input(disp int) Mem { return Mem{Base: b.x, Index: b.at, Scale: 1, Disp: disp} }

// turn takes a vector of taps, number i of 16 taps.
func (b *block) turn(i int, tapered bool, windows [4]Op) {
	disp := i * b.bytes()
	weight := Mem{Base: b.weights, Index: b.at, Scale: 1, Disp: disp}
	change, second, tapering := b.vector(), b.vector(), b.vector()
	VMULPS(windows[0], b.steps[0], change)
	VMULPS(windows[1], b.steps[1], second)
	VADDPS(second, change, change)
	if tapered {
		VMOVUPS(Mem{Base: b.taper, Index: b.at, Scale: 1, Disp: disp}, tapering)
		VMULPS(tapering, change, change)
	}
	VADDPS(weight, change, change)
	VMOVUPS(change, weight)
	now, next, product := b.loaded(windows[2]), b.loaded(windows[3]), b.vector()
	VMULPS(now, change, product)
	VADDPS(product, b.output[i], b.output[i])
	VMULPS(next, change, change)
	VADDPS(change, b.rest[i], b.rest[i])
	if tapered {
		VMULPS(now, tapering, tapering)
		now = tapering
	}
	both := b.vector()
	VMULPS(next, now, both)
	VADDPS(both, b.overlap[i], b.overlap[i])
}

// loaded returns a vector that is in memory or in a register.
func (b *block) loaded(v Op) VecVirtual {
	if register, ok := v.(VecVirtual); ok {
		return register
	}
	to := b.vector()
	VMOVUPS(v, to)
	return to
}
