package predictor

import "trilobyte/codec/internal/simd"

// toneSolver finds linear predictors of high orders. (Levinson, The Wiener RMS error criterion in filter design and prediction,
// Journal of Mathematics and Physics 25, 1947.) All arrays are a multiple of toneLanes long, with zeros behind.
type toneSolver struct {
	weights []float64 // of the newest samples, the newest one first
	// The prediction error filter, the same backwards, and the autocorrelation from the greatest lag to the least.
	forward, backward, reversed []float64
}

// newToneSolver makes a solver for orders up to one.
func newToneSolver(order int) toneSolver {
	length := simd.RoundUp(order+1, toneLanes)
	return toneSolver{
		weights:  make([]float64, simd.RoundUp(order, toneLanes)),
		forward:  make([]float64, length+toneLanes),
		backward: make([]float64, 2*length+toneLanes),
		reversed: make([]float64, 2*length+toneLanes),
	}
}

// solve sets the weights to the predictor of order n from the first n + 1 of reversed, as far as these are an autocorrelation to working precision.
// ridge is what is added to the power, as a share of it. It reports whether there is any power: in silence the weights are 0.
func (s *toneSolver) solve(n int, ridge float64) bool {
	clear(s.forward)
	clear(s.backward)
	power := s.reversed[n]
	if !(power >= 1) {
		clear(s.weights)
		return false
	}
	power += float64(ridge * power)
	// The backward filter moves towards the beginning of its room, by one sample with every order.
	at := len(s.backward) - len(s.forward)
	s.forward[0], s.backward[at] = 1, 1
	correlation := s.reversed[n-1]
	for order := 1; order <= n; order++ {
		k := correlation / power
		if !(k > -1 && k < 1) {
			break
		}
		at--
		correlation = levinson(s.forward, s.backward[at:], s.reversed[max(0, n-order-1):], k, order+1)
		power *= 1 - float64(k*k)
	}
	for i := range n {
		s.weights[i] = -s.forward[i+1]
	}
	return true
}

// levinson makes a[i] a[i] - k*b[i] and b[i] b[i] - k*a[i] for so many elements, and returns the sum of the new a[i]*r[i], as dotTone
// computes it. Whole toneLanes are computed with: what lies behind the elements is 0 in a and b.
func levinson(a, b, r []float64, k float64, elements int) float64 {
	n := simd.RoundUp(elements, toneLanes)
	a, b, r = a[:n], b[:n], r[:n]
	if active.levinson != nil {
		return active.levinson(&a[0], &b[0], &r[0], k, n)
	}
	var sums [toneLanes]float64
	for len(a) >= toneLanes && len(b) >= toneLanes && len(r) >= toneLanes {
		x, y, z := (*[toneLanes]float64)(a), (*[toneLanes]float64)(b), (*[toneLanes]float64)(r)
		for i, v := range x {
			u := v - float64(k*y[i])
			y[i] -= float64(k * v)
			x[i] = u
			sums[i] += float64(u * z[i])
		}
		a, b, r = a[toneLanes:], b[toneLanes:], r[toneLanes:]
	}
	return foldTone(&sums)
}

// dotTone returns the inner product of a, whose length is a multiple of toneLanes, with the first elements of b, summed in toneLanes.
func dotTone(a, b []float64) float64 {
	b = b[:len(a)]
	if active.dotTone != nil && len(a) > 0 {
		return active.dotTone(&a[0], &b[0], len(a))
	}
	var sums [toneLanes]float64
	for len(a) >= toneLanes && len(b) >= toneLanes {
		x, y := (*[toneLanes]float64)(a), (*[toneLanes]float64)(b)
		for i, v := range x {
			sums[i] += float64(v * y[i])
		}
		a, b = a[toneLanes:], b[toneLanes:]
	}
	return foldTone(&sums)
}

// foldTone adds up the sums of all lanes.
func foldTone(sums *[toneLanes]float64) float64 {
	var eight [8]float64
	for i := range eight {
		eight[i] = (sums[i] + sums[i+16]) + (sums[i+8] + sums[i+24])
	}
	return simd.Fold8(&eight)
}
