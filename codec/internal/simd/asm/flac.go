package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// flacKernels generates the sums of FLAC's analysis.
func flacKernels(w width) {
	midSide(w)
	pack(w)
	sumHalves(w)
	sumWords(w)
	storeResidual(w)
	sumFixed(w)
	sumRice(w)
	estimateFine(w)
	addLags(w)
}

// The sizes that package flac works with.
const (
	flacOrder     = 12 // of predictors
	flacPartition = 64 // samples of the finest partitions
	flacLags      = 16 // sums of an autocorrelation, with those that only fill up the lanes
)

// eachPartition generates a loop over the partitions that the parameter partitions counts. one generates the work on one of them.
func eachPartition(one func()) {
	left := Load(Param("partitions"), GP64())
	Label("partition")
	one()
	DECQ(left)
	JNE(LabelRef("partition"))
}

// fold32s adds 32-bit integers up, with wrapping, or combines them as merge does, and returns the result. It overwrites v.
func (w width) fold32s(v VecVirtual, merge func(a, b, to Op)) Register {
	if w.bits == 512 {
		merge(w.upperHalf(512, v), v.AsY(), v.AsY())
	}
	low := v.AsX()
	merge(w.upperHalf(256, v), low, low)
	other := XMM()
	VPSHUFD(U8(0x4E), low, other)
	merge(other, low, low)
	VPSHUFD(U8(0xB1), low, other)
	merge(other, low, low)
	return lowest(low)
}

// fold64s is fold32s for 64-bit integers.
func (w width) fold64s(v VecVirtual, merge func(a, b, to Op)) Register {
	if w.bits == 512 {
		merge(w.upperHalf(512, v), v.AsY(), v.AsY())
	}
	low := v.AsX()
	merge(w.upperHalf(256, v), low, low)
	other := XMM()
	VPSHUFD(U8(0x4E), low, other)
	merge(other, low, low)
	to := GP64()
	VMOVQ(low, to)
	return to
}

// pairs64 adds neighbours of 32 bits without sign up to 64 bits. It overwrites v.
func (w width) pairs64(v VecVirtual) VecVirtual {
	high := w.vector()
	VPSRLQ(U8(32), v, high)
	VPSLLQ(U8(32), v, v)
	VPSRLQ(U8(32), v, v)
	VPADDQ(high, v, v)
	return v
}

// lowest returns the lowest 32 bits of a vector.
func lowest(v Op) Register {
	to := GP64()
	VMOVD(v, to.As32())
	return to
}

func add32(a, b, to Op) { VPADDD(a, b, to) }
func add64(a, b, to Op) { VPADDQ(a, b, to) }

// either combines the bits of vectors.
func (w width) either(a, b, to Op) {
	if w.bits == 512 {
		VPORD(a, b, to)
	} else {
		VPOR(a, b, to)
	}
}

// differ is exclusive or.
func (w width) differ(a, b, to Op) {
	if w.bits == 512 {
		VPXORD(a, b, to)
	} else {
		VPXOR(a, b, to)
	}
}

// addLags generates flac.addLags, whose every sum is a lane.
func addLags(w width) {
	TEXT("addLags"+w.suffix, NOSPLIT, "func(r, x *float64, n int)")
	Pragma("noescape")
	r, x, n := Load(Param("r"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	sums := w.vectors(flacLags / w.lanes64())
	lanes := func(base Register, i, more int) Mem { return Mem{Base: base, Disp: i*w.bytes() + 8*more} }
	for i, s := range sums {
		VMOVUPD(lanes(r, i, 0), s)
	}
	step := func(at int) {
		first := w.vector()
		VBROADCASTSD(Mem{Base: x, Disp: 8 * at}, first)
		for i, s := range sums {
			product := w.vector()
			VMULPD(lanes(x, i, at), first, product)
			VADDPD(product, s, s)
		}
	}
	const unrolled = 4
	JMP(LabelRef("check"))
	Label("several")
	for at := range unrolled {
		step(at)
	}
	ADDQ(U8(8*unrolled), x)
	Label("check")
	SUBQ(U8(unrolled), n)
	JGE(LabelRef("several"))
	ADDQ(U8(unrolled), n)
	JEQ(LabelRef("done"))
	Label("one")
	step(0)
	ADDQ(U8(8), x)
	DECQ(n)
	JNE(LabelRef("one"))
	Label("done")
	for i, s := range sums {
		VMOVUPD(s, lanes(r, i, 0))
	}
	VZEROUPPER()
	RET()
}

// sumFixed generates flac.sumFixed.
func sumFixed(w width) {
	const orders = 5
	TEXT("sumFixed"+w.suffix, NOSPLIT, "func(samples *int32, sums *uint64, partitions int)")
	Pragma("noescape")
	samples, to := Load(Param("samples"), GP64()), Load(Param("sums"), GP64())
	eachPartition(func() {
		totals := w.vectors(orders)
		for _, t := range totals {
			w.zero(t)
		}
		for at := 0; at < flacPartition; at += w.lanes32() {
			d := w.vectors(orders) // differences, at first of order 0, each a sample earlier than the one before
			for i, v := range d {
				w.move(Mem{Base: samples, Disp: 4 * (at - i)}, v)
			}
			for order, t := range totals {
				size := w.vector()
				VPABSD(d[0], size)
				VPADDD(size, t, t)
				for i := range orders - 1 - order {
					VPSUBD(d[i+1], d[i], d[i])
				}
			}
		}
		for order, t := range totals {
			MOVQ(w.fold64s(w.pairs64(t), add64), Mem{Base: to, Disp: 8 * 64 * order})
		}
		ADDQ(U32(4*flacPartition), samples)
		ADDQ(U8(8), to)
	})
	VZEROUPPER()
	RET()
}

// sumRice generates flac.sumRice.
func sumRice(w width) {
	TEXT("sumRice"+w.suffix, NOSPLIT, "func(residual *int32, shift int, high *uint64, partitions int) uint64")
	Pragma("noescape")
	residual, to, shift := Load(Param("residual"), GP64()), Load(Param("high"), GP64()), w.shift()
	sums, used := w.vectors(3), w.vector()
	for _, v := range append(sums, used) {
		w.zero(v)
	}
	eachPartition(func() {
		for at := 0; at < flacPartition; at += w.lanes32() {
			v, folded := w.vector(), w.vector()
			w.move(Mem{Base: residual, Disp: 4 * at}, v)
			VPSLLD(U8(1), v, folded)
			VPSRAD(U8(31), v, v)
			w.differ(v, folded, folded)
			w.either(folded, used, used)
			VPSRLD(shift, folded, folded)
			for i, s := range sums {
				if i > 0 {
					VPSRLD(U8(1), folded, folded)
				}
				VPADDD(folded, s, s)
			}
		}
		ADDQ(U32(4*flacPartition), residual)
	})
	for i, s := range sums {
		MOVQ(w.fold32s(s, add32), Mem{Base: to, Disp: 8 * i})
	}
	Store(w.fold32s(used, w.either), ReturnIndex(0))
	VZEROUPPER()
	RET()
}
