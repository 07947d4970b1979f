package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// shift loads the parameter shift for the instructions that take it from a vector.
func (w width) shift() VecVirtual {
	bits, v := Load(Param("shift"), GP64()), XMM()
	VMOVQ(bits, v)
	return v
}

// sumHalves generates flac.sumHalves: two products of 16 bits each go into every 32-bit lane. A vector of pairs of samples
// predicts every other sample, so even and odd ones take turns.
func sumHalves(w width) {
	TEXT("sumHalves"+w.suffix, NOSPLIT, "func(samples *int16, pairs *uint32, shift int, sums *uint64, partitions int)")
	Pragma("noescape")
	samples, from, to := Load(Param("samples"), GP64()), Load(Param("pairs"), GP64()), Load(Param("sums"), GP64())
	shift := w.shift()
	pairs := w.vectors(flacOrder / 2)
	for i, p := range pairs {
		VPBROADCASTD(Mem{Base: from, Disp: 4 * i}, p)
	}
	eachPartition(func() {
		total := w.vector()
		w.zero(total)
		for at := 0; at < flacPartition; at += 2 * w.lanes32() {
			here := func(more int) Mem { return Mem{Base: samples, Disp: 2 * (at + more)} }
			for odd := range 2 {
				prediction, residual := w.vector(), w.vector()
				for i, p := range pairs {
					w.addPairs(here(odd-2-2*i), p, prediction, i == 0)
				}
				VPSRAD(shift, prediction, prediction)
				w.move(here(0), residual)
				if odd == 0 {
					VPSLLD(U8(16), residual, residual)
				}
				VPSRAD(U8(16), residual, residual)
				VPSUBD(prediction, residual, residual)
				VPABSD(residual, residual)
				VPADDD(residual, total, total)
			}
		}
		MOVQ(w.fold32s(total, add32), Mem{Base: to})
		ADDQ(U32(2*flacPartition), samples)
		ADDQ(U8(8), to)
	})
	VZEROUPPER()
	RET()
}

// addPairs adds both products of every lane to a sum, or begins it.
func (w width) addPairs(samples Mem, pair, sum VecVirtual, begin bool) {
	switch {
	case begin:
		VPMADDWD(samples, pair, sum)
	case w.bits == 512:
		VPDPWSSD(samples, pair, sum)
	default:
		products := w.vector()
		VPMADDWD(samples, pair, products)
		VPADDD(products, sum, sum)
	}
}

// wideResidual generates residuals in 64 bits, from samples of 32.
type wideResidual struct {
	width
	samples, coefficients Register
	held                  []VecVirtual // the coefficients, where there are registers for them
	shift, one, sign, low VecVirtual   // sign and low: 1 in the highest bit, and that shifted
}

func newWideResidual(w width) wideResidual {
	r := wideResidual{width: w, shift: w.shift(), one: w.vector()}
	r.samples, r.coefficients = Load(Param("samples"), GP64()), Load(Param("coefficients"), GP64())
	w.move(integers64("one", 1), r.one)
	if w.bits == 512 {
		r.held = w.vectors(flacOrder)
		for i, c := range r.held {
			VPBROADCASTQ(Mem{Base: r.coefficients, Disp: 8 * i}, c)
		}
		return r
	}
	r.sign, r.low = w.vector(), w.vector()
	VPSLLQ(U8(63), r.one, r.sign)
	VPSRLQ(r.shift, r.sign, r.low)
	return r
}

// coefficient returns a vector of a coefficient.
func (r wideResidual) coefficient(i int) VecVirtual {
	if r.held != nil {
		return r.held[i]
	}
	v := r.vector()
	VPBROADCASTQ(Mem{Base: r.coefficients, Disp: 8 * i}, v)
	return v
}

// at returns the residuals of as many samples as a vector has 32-bit lanes, those at even places and those at odd ones.
func (r wideResidual) at(place int) (even, odd VecVirtual) {
	predictions := r.vectors(2)
	for _, p := range predictions {
		r.zero(p)
	}
	// Products are of the lower halves of lanes, which hold every other sample. Samples that lie at the distance i+1 from even
	// ones have the distance i+2 from the odd ones.
	for i := -1; i < flacOrder; i++ {
		x := r.vector()
		r.move(Mem{Base: r.samples, Disp: 4 * (place - 1 - i)}, x)
		for odd, p := range predictions {
			if i+odd >= 0 && i+odd < flacOrder {
				product := r.vector()
				VPMULDQ(r.coefficient(i+odd), x, product)
				VPADDQ(product, p, p)
			}
		}
	}
	even, odd = r.vector(), r.vector()
	r.move(Mem{Base: r.samples, Disp: 4 * place}, even)
	VPSRLQ(U8(32), even, odd)
	for i, x := range []VecVirtual{even, odd} {
		VPMULDQ(r.one, x, x) // 64 bits of the lower half
		r.shiftRight(predictions[i])
		VPSUBQ(predictions[i], x, x)
	}
	return even, odd
}

// shiftRight shifts signed numbers.
func (r wideResidual) shiftRight(v VecVirtual) {
	if r.bits == 512 {
		VPSRAQ(r.shift, v, v)
		return
	}
	VPADDQ(r.sign, v, v)
	VPSRLQ(r.shift, v, v)
	VPSUBQ(r.low, v, v)
}

// absolute takes absolute values.
func (r wideResidual) absolute(v VecVirtual) {
	if r.bits == 512 {
		VPABSQ(v, v)
		return
	}
	sign := r.vector()
	VPXOR(sign, sign, sign)
	VPCMPGTQ(v, sign, sign)
	VPXOR(sign, v, v)
	VPSUBQ(sign, v, v)
}

// sumWords generates flac.sumWords.
func sumWords(w width) {
	TEXT("sumWords"+w.suffix, NOSPLIT, "func(samples *int32, coefficients *int64, shift int, sums *uint64, partitions int) uint64")
	Pragma("noescape")
	r, to := newWideResidual(w), Load(Param("sums"), GP64())
	largest := w.vector()
	w.zero(largest)
	eachPartition(func() {
		total := w.vector()
		w.zero(total)
		at := GP64()
		MOVQ(I32(flacPartition/w.lanes32()), at)
		Label("vector")
		even, odd := r.at(0)
		for _, v := range []VecVirtual{even, odd} {
			r.absolute(v)
			w.either(v, largest, largest)
			VPADDQ(v, total, total)
		}
		ADDQ(U8(w.bytes()), r.samples)
		DECQ(at)
		JNE(LabelRef("vector"))
		MOVQ(w.fold64s(total, add64), Mem{Base: to})
		ADDQ(U8(8), to)
	})
	Store(w.fold64s(largest, w.either), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// storeResidual generates flac.storeResidual.
func storeResidual(w width) {
	TEXT("storeResidual"+w.suffix, NOSPLIT, "func(samples *int32, coefficients *int64, shift int, residual *int32, n int)")
	Pragma("noescape")
	r, to, n := newWideResidual(w), Load(Param("residual"), GP64()), Load(Param("n"), GP64())
	Label("vector")
	even, odd := r.at(0)
	VPSLLQ(U8(32), odd, odd)
	VPSLLQ(U8(32), even, even)
	VPSRLQ(U8(32), even, even)
	w.either(even, odd, even)
	w.move(even, Mem{Base: to})
	ADDQ(U8(w.bytes()), r.samples)
	ADDQ(U8(w.bytes()), to)
	SUBQ(U8(w.lanes32()), n)
	JNE(LabelRef("vector"))
	VZEROUPPER()
	RET()
}
