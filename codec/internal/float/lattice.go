package float

import "math/bits"

// exponentOffset makes exponents of floats indices.
const exponentOffset = 1100

// parts returns the exponents of the lowest bit of a number's significand and of the lowest one that is set. v is finite and not 0.
func (w width) parts(v float64) (last, lowest int) {
	e, fraction := exponent(v), mantissa(v)
	last = max(e-w.fraction(), leastExponent(w))
	if e < -1022 {
		return last, leastExponent(w) + bits.TrailingZeros64(fraction)
	}
	return last, e - double.fraction() + bits.TrailingZeros64(fraction|1<<52)
}

// multiples looks for the power of two that most numbers are multiples of. It returns the one with which most bits are saved, and whether
// that is much more than chance.
func (w width) multiples(numbers []float64) (exponent int, ok bool) {
	var saved [2 * exponentOffset]int
	count := 0
	for _, v := range numbers {
		if v == 0 {
			continue
		}
		count++
		last, lowest := w.parts(v)
		for e := last + 1; e <= lowest; e++ {
			saved[e+exponentOffset] += e - last
		}
	}
	best := 0
	for e, s := range saved {
		if s >= saved[best] {
			best = e
		}
	}
	// Of random bits it would be one half a number.
	return best - exponentOffset, saved[best] > count
}
