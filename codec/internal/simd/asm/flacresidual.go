package main

import (
	"fmt"

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

// flacGroup is how many predictors flac.sumHalves takes.
const flacGroup = 3

// sumHalves generates flac.sumHalves. Vectors of 512 bits hold the coefficients of all predictors, so that samples are fetched
// once; those of 256 bits take the predictors in turn.
func sumHalves(w width) {
	TEXT("sumHalves"+w.suffix, NOSPLIT, "func(samples *int16, pairs *uint32, shifts, sums *uint64, partitions int)")
	Pragma("noescape")
	h := halves{width: w, samples: GP64(), from: Load(Param("pairs"), GP64()), to: Load(Param("sums"), GP64())}
	shifts := Load(Param("shifts"), GP64())
	if w.bits == 512 {
		for i := range flacGroup {
			h.begin(i, Mem{Base: shifts, Disp: 8 * i})
		}
		h.sum("")
	} else {
		for i := range flacGroup {
			h.predictors = nil
			h.begin(i, Mem{Base: shifts, Disp: 8 * i})
			h.sum(fmt.Sprint(i))
			Load(Param("sums"), h.to)
			ADDQ(U32(8*64*(i+1)), h.to)
		}
	}
	VZEROUPPER()
	RET()
}

// halves generates residuals in 32 bits, from samples of 16: two products go into every lane. A vector of pairs of samples
// predicts every other sample, so even and odd ones take turns.
type halves struct {
	width
	samples, from, to Register
	predictors        []halvesPredictor
}

// halvesPredictor is one of the predictors that work on the same samples.
type halvesPredictor struct {
	pairs        []VecVirtual // of coefficients
	shift, total VecVirtual
}

// begin adds the predictor of that number.
func (h *halves) begin(number int, shift Mem) {
	p := halvesPredictor{h.vectors(flacOrder / 2), XMM(), h.vector()}
	VMOVQ(shift, p.shift)
	for i, pair := range p.pairs {
		VPBROADCASTD(Mem{Base: h.from, Disp: 4 * (number*flacOrder/2 + i)}, pair)
	}
	h.predictors = append(h.predictors, p)
}

// sum generates the loop over all partitions.
func (h *halves) sum(label string) {
	Load(Param("samples"), h.samples)
	left := Load(Param("partitions"), GP64())
	Label("partition" + label)
	for _, p := range h.predictors {
		h.zero(p.total)
	}
	for at := 0; at < flacPartition; at += 2 * h.lanes32() {
		for odd := range 2 {
			h.add(at, odd)
		}
	}
	for i, p := range h.predictors {
		MOVQ(h.fold32s(p.total, add32), Mem{Base: h.to, Disp: 8 * 64 * i})
	}
	ADDQ(U32(2*flacPartition), h.samples)
	ADDQ(U8(8), h.to)
	DECQ(left)
	JNE(LabelRef("partition" + label))
}

// add adds the residuals of every other sample.
func (h *halves) add(at, odd int) {
	here := func(more int) Mem { return Mem{Base: h.samples, Disp: 2 * (at + more)} }
	predictions := h.vectors(len(h.predictors))
	for i := range flacOrder / 2 {
		samples := h.vector()
		h.move(here(odd-2-2*i), samples)
		for n, p := range h.predictors {
			h.addPairs(samples, p.pairs[i], predictions[n], i == 0)
		}
	}
	sample := h.vector()
	h.move(here(0), sample)
	if odd == 0 {
		VPSLLD(U8(16), sample, sample)
	}
	VPSRAD(U8(16), sample, sample)
	for n, p := range h.predictors {
		residual := predictions[n]
		VPSRAD(p.shift, residual, residual)
		VPSUBD(residual, sample, residual)
		VPABSD(residual, residual)
		VPADDD(residual, p.total, p.total)
	}
}

// addPairs adds both products of every lane to a sum, or begins it.
func (w width) addPairs(samples, pair, sum VecVirtual, begin bool) {
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
