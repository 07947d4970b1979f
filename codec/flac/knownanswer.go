package flac

import "trilobyte/codec/internal/simd"

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0xf7fac76274bf20d2

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of
// the results.
func knownAnswer() error {
	d := new(simd.Digest)
	var a analyzer
	s := &a.signals[0]
	for _, bits := range []int{16, 24} {
		s.begin(BlockSize, bits, false)
		for i := range s.samples {
			s.samples[i] = int64(d.Next() * float64(int64(1)<<(bits-1)))
		}
		a.prepare(s)
		p := predictor{order: maxOrder - bits/16, shift: bits / 3}
		for i := range p.order {
			p.coefficients[i] = int64(d.Next() * 2000)
		}
		a.addKernels(d, s, &p)
	}
	return d.Check(knownAnswerSum)
}

// addKernels collects what the kernels make of a signal and a predictor.
func (a *analyzer) addKernels(d *simd.Digest, s *signal, p *predictor) {
	a.fixed.sum(s)
	addSums(d, a.fixed.sums[:]...)
	var sums partitionSums
	if !s.sumPacked(p, &sums) {
		p.sumResidual(s.samples, &sums, maxPartitions)
	}
	addSums(d, sums)
	s.storeResidual(p)
	for _, v := range s.residual {
		d.Add(float64(v))
	}
	var r rice
	d.Add(float64(r.sum(s.residual, 1<<s.bits, s.bits-6)))
	for _, high := range r.high {
		d.Add(float64(high))
	}
	for _, r := range a.autocorrelations(s.samples) {
		d.Add(r[:maxOrder+1]...)
	}
}

// addSums collects sums.
func addSums(d *simd.Digest, list ...partitionSums) {
	for _, sums := range list {
		for _, sum := range sums {
			d.Add(float64(sum))
		}
	}
}
