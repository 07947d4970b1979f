package flac

import (
	"math"

	"trilobyte/codec/internal/simd"
)

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0x8a80528c8eb277e4

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of
// the results.
func knownAnswer() error {
	d := new(simd.Digest)
	a := new(analyzer)
	a.addKernels(d, 16, midSignal)  // fits in halves
	a.addKernels(d, 24, sideSignal) // does not
	return d.Check(knownAnswerSum)
}

// addKernels collects what the kernels make of one of the signals of noise in
// stereo and some predictors.
func (a *analyzer) addKernels(d *simd.Digest, bits, signal int) {
	channel := make([]int32, BlockSize)
	for c := range 2 {
		for i := range channel {
			channel[i] = int32(d.Next() * float64(int64(1)<<(bits-1)))
		}
		a.signals[c].load(channel, bits)
	}
	a.loadMidSide(bits)
	s := &a.signals[signal]
	a.prepare(s)
	predictors := make([]predictor, predictorGroup)
	for n := range predictors {
		p := &predictors[n]
		p.order, p.shift = maxOrder-n, bits/3-n
		for i := range p.order {
			p.coefficients[i] = int64(d.Next() * 2000)
		}
	}
	sums := &a.candidates.sums
	if !s.inWords || !s.sumPacked(predictors, sums) {
		for n := range predictors {
			predictors[n].sumResidual(s.samples, &sums[n], maxPartitions)
		}
	}
	a.fixed.sum(s)
	for _, list := range append(a.fixed.sums[:], sums[:]...) {
		for _, sum := range list {
			d.Add(float64(sum))
		}
		order, bits := s.estimateRice(list[:], maxOrder, maxRiceParameter(bits), math.MaxInt64)
		d.Add(float64(order), float64(bits))
	}
	s.storeResidual(&predictors[0])
	residual, total := uint32(0), uint64(0)
	for _, v := range s.residual {
		residual = residual*16777619 ^ uint32(v)
		total += absolute(int64(v))
	}
	r := &s.best.rice
	d.Add(float64(residual), float64(r.sum(s.residual, total, bits-6)))
	d.Add(float64(r.high[0]), float64(r.high[1]), float64(r.high[2]))
	for _, r := range a.autocorrelations(s.samples) {
		d.Add(r[:maxOrder+1]...)
	}
}
