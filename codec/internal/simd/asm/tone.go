package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// toneLanes is predictor.toneLanes.
const toneLanes = 32

// correlate generates the moments of tones: two vectors of lags at a time stay in registers for all samples.
func correlate(w width) {
	TEXT("correlate"+w.suffix, NOSPLIT, "func(r0, r1, r2, scaled, x *float64, lags, samples int)")
	Pragma("noescape")
	moments := []Register{Load(Param("r0"), GP64()), Load(Param("r1"), GP64()), Load(Param("r2"), GP64())}
	x, lags := Load(Param("x"), GP64()), Load(Param("lags"), GP64())
	const together = 2
	var sums [3][]VecVirtual
	for j := range sums {
		sums[j] = w.vectors(together)
	}
	Label("lags")
	for j, m := range moments {
		for i, s := range sums[j] {
			VMOVUPD(Mem{Base: m, Disp: i * w.bytes()}, s)
		}
	}
	scaled, past, left := Load(Param("scaled"), GP64()), GP64(), Load(Param("samples"), GP64())
	MOVQ(x, past)
	Label("sample")
	factors := w.vectors(len(moments))
	for j, f := range factors {
		VBROADCASTSD(Mem{Base: scaled, Disp: 8 * j}, f)
	}
	for i := range together {
		v := w.vector()
		VMOVUPD(Mem{Base: past, Disp: i * w.bytes()}, v)
		for j, f := range factors {
			product := w.vector()
			VMULPD(f, v, product)
			VADDPD(product, sums[j][i], sums[j][i])
		}
	}
	ADDQ(U8(24), scaled)
	ADDQ(U8(8), past)
	DECQ(left)
	JNE(LabelRef("sample"))
	for j, m := range moments {
		for i, s := range sums[j] {
			VMOVUPD(s, Mem{Base: m, Disp: i * w.bytes()})
		}
		ADDQ(U8(together*w.bytes()), m)
	}
	ADDQ(U8(together*w.bytes()), x)
	SUBQ(U8(together*w.lanes64()), lags)
	JNE(LabelRef("lags"))
	VZEROUPPER()
	RET()
}

// levinson generates a step of Levinson's recursion.
func levinson(w width) {
	TEXT("levinson"+w.suffix, NOSPLIT, "func(a, b, r *float64, k float64, n int) float64")
	Pragma("noescape")
	a, b, r, n := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("r"), GP64()), Load(Param("n"), GP64())
	k := w.vector()
	VBROADCASTSD(addressOf("k"), k)
	sums := w.toneSums()
	at := GP64()
	XORQ(at, at)
	Label("lanes")
	for i, s := range sums {
		element := func(base Register) Mem { return Mem{Base: base, Index: at, Scale: 8, Disp: i * w.bytes()} }
		forward, backward, product := w.vector(), w.vector(), w.vector()
		VMOVUPD(element(a), forward)
		VMOVUPD(element(b), backward)
		VMULPD(backward, k, product)
		scaled := w.vector()
		VMULPD(forward, k, scaled)
		VSUBPD(product, forward, forward)
		VSUBPD(scaled, backward, backward)
		VMOVUPD(forward, element(a))
		VMOVUPD(backward, element(b))
		VMULPD(element(r), forward, forward)
		VADDPD(forward, s, s)
	}
	ADDQ(U8(toneLanes), at)
	CMPQ(at, n)
	JLT(LabelRef("lanes"))
	w.returnToneSum(sums)
}

// dotTone generates the inner product for tones.
func dotTone(w width) {
	TEXT("dotTone"+w.suffix, NOSPLIT, "func(a, b *float64, n int) float64")
	Pragma("noescape")
	a, b, n := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64())
	sums := w.toneSums()
	at := GP64()
	XORQ(at, at)
	Label("lanes")
	for i, s := range sums {
		v := w.vector()
		VMOVUPD(Mem{Base: a, Index: at, Scale: 8, Disp: i * w.bytes()}, v)
		VMULPD(Mem{Base: b, Index: at, Scale: 8, Disp: i * w.bytes()}, v, v)
		VADDPD(v, s, s)
	}
	ADDQ(U8(toneLanes), at)
	CMPQ(at, n)
	JLT(LabelRef("lanes"))
	w.returnToneSum(sums)
}

// toneSums are zeros in toneLanes.
func (w width) toneSums() []VecVirtual {
	sums := w.vectors(toneLanes / w.lanes64())
	for _, s := range sums {
		w.zero(s)
	}
	return sums
}

// returnToneSum adds sums up as predictor.foldTone does, and returns.
func (w width) returnToneSum(sums []VecVirtual) {
	eight := w.lanes8Of() // vectors
	for i := range eight {
		s := func(part int) VecVirtual { return sums[part*eight+i] }
		VADDPD(s(2), s(0), s(0))
		VADDPD(s(3), s(1), s(1))
		VADDPD(s(1), s(0), s(0))
	}
	Store(w.fold64(sums[:eight]), ReturnIndex(0))
	VZEROUPPER()
	RET()
}
