package flac

import (
	"math"
	"math/bits"

	"trilobyte/codec/flac/internal/strict"
)

// maxOrder is the largest order of the linear predictors, that of `flac -8`.
const maxOrder = 12

// candidates collects the predictors of a signal, to compare them.
type candidates struct {
	predictors [maxCandidates]predictor
	count      int
	solution   solution                      // buffer of add
	sums       [predictorGroup]partitionSums // buffers of offer
}

// predictLinear offers s the linear predictors of all views of the block.
func (a *analyzer) predictLinear(s *signal, streamBits int) {
	list := &a.candidates
	list.count = 0
	correlations := a.autocorrelations(s.samples)
	for i := range correlations {
		list.add(&correlations[i], s, coefficientPrecision(streamBits))
	}
	if s.inWords {
		list.offerPacked(s, streamBits)
	} else {
		list.offer(s, streamBits)
	}
}

// offerPacked offers s the predictors with the help of kernels.
func (c *candidates) offerPacked(s *signal, streamBits int) {
	for rest := c.predictors[:c.count]; len(rest) > 0; {
		group := rest[:min(predictorGroup, len(rest))]
		rest = rest[len(group):]
		packed := s.sumPacked(group, &c.sums)
		for i := range group {
			if packed || group[i].sumResidual(s.samples, &c.sums[i], maxPartitions)>>31 == 0 {
				s.offer(linearSubframe, &group[i], c.sums[i][:], streamBits)
			}
		}
	}
}

// offer offers s the predictors.
func (c *candidates) offer(s *signal, streamBits int) {
	sumsA, sumsB := &c.sums[0], &c.sums[1]
	count := 1 << finestPartitions(len(s.samples))
	var waiting *predictor // a narrow predictor that lacks a partner
	for i := range c.count {
		p := &c.predictors[i]
		switch {
		case !p.narrow(s.bits):
			if p.sumResidual(s.samples, sumsA, count)>>31 == 0 {
				s.offer(linearSubframe, p, sumsA[:count], streamBits)
			}
		case waiting == nil:
			waiting = p
		default:
			sumNarrowResiduals(waiting, p, s.samples, sumsA, sumsB, count)
			s.offer(linearSubframe, waiting, sumsA[:count], streamBits)
			s.offer(linearSubframe, p, sumsB[:count], streamBits)
			waiting = nil
		}
	}
	if waiting != nil {
		waiting.sumResidual(s.samples, sumsA, count)
		s.offer(linearSubframe, waiting, sumsA[:count], streamBits)
	}
}

// coefficientPrecision returns the bits of each stored coefficient that libFLAC
// chooses for blocks of 4096 samples.
func coefficientPrecision(streamBits int) int {
	switch {
	case streamBits < 16:
		return max(5, 2+streamBits/2)
	case streamBits == 16:
		return 12
	}
	return 15
}

// add appends the predictor that fits an autocorrelation, unless there is none
// or the list has it already.
func (c *candidates) add(r *autocorrelation, s *signal, precision int) {
	if !(r[0] > 0) {
		return
	}
	c.solution.solve(r, min(maxOrder, len(s.samples)-1))
	order := c.solution.bestOrder(len(s.samples), s.bits+precision)
	if order == 0 {
		return
	}
	p, ok := quantise(c.solution.coefficients[order-1][:order], s.bits, precision)
	if !ok {
		return
	}
	for i := range c.count {
		if c.predictors[i] == p {
			return
		}
	}
	c.predictors[c.count] = p
	c.count++
}

// A solution has the linear predictors of all orders for an autocorrelation.
type solution struct {
	coefficients [maxOrder][maxOrder]float64 // [order-1][lag-1]
	errors       [maxOrder]float64           // [order-1]: energy of the residual
	orders       int                         // number of orders that could be solved
}

// solve solves the normal equations for orders 1 to the given one by the
// Levinson-Durbin recursion. (J. Makhoul, "Linear prediction: a tutorial
// review", Proc. IEEE 63(4), 1975.)
func (s *solution) solve(r *autocorrelation, orders int) {
	s.orders = 0
	energy := r[0]
	var last [maxOrder]float64 // the predictor of the order below
	for i := range orders {
		reflection := r[i+1]
		for j, c := range last[:i] {
			reflection -= float64(c * r[i-j])
		}
		reflection /= energy
		current := &s.coefficients[i]
		for j, c := range last[:i] {
			current[j] = c - float64(reflection*last[i-1-j])
		}
		current[i] = reflection
		last = *current
		energy -= float64(energy * float64(reflection*reflection))
		if !(energy >= 0) { // the float's resolution is used up
			return
		}
		s.errors[i] = energy
		s.orders = i + 1
		if energy == 0 {
			return
		}
	}
}

// bestOrder returns the order with the fewest expected bits for length samples
// when each order costs overhead bits; 0 if there is none. A Laplacian residual
// of the given energy is expected to need 1/2 log2(energy/2/length) bits a
// sample, as libFLAC has it.
func (s *solution) bestOrder(length, overhead int) int {
	best, bestBits := 0, math.MaxFloat64
	scale := 0.5 / float64(length)
	for i, energy := range s.errors[:s.orders] {
		order := i + 1
		expected := 0.0
		if energy > 0 {
			expected = max(0, 0.5*strict.Log2(scale*energy))
		}
		bits := float64(expected*float64(length-order)) + float64(order*overhead)
		if bits < bestBits {
			best, bestBits = order, bits
		}
	}
	return best
}

// maxShift is the largest shift that a linear subframe can store. (Negative
// ones can be stored too, but decoders do not take them.)
const maxShift = 15

// quantise rounds coefficients to integers of at most the given precision,
// carrying each rounding error into the next coefficient. For narrow samples it
// lowers the precision until 32-bit sums suffice to decode. It reports false
// when the coefficients are all zero or too large.
func quantise(coefficients []float64, sampleBits, precision int) (predictor, bool) {
	p := predictor{order: len(coefficients)}
	if sampleBits <= maxNarrowBits {
		precision = min(precision, 32-sampleBits-floorLog2(p.order))
	}
	p.precision = precision
	largest := 0.0
	for _, c := range coefficients {
		largest = max(largest, math.Abs(c))
	}
	if !(largest > 0) {
		return p, false
	}
	_, exponent := math.Frexp(largest)
	p.shift = min(precision-1-exponent, maxShift)
	if p.shift < 0 {
		return p, false
	}
	limit := int64(1) << (precision - 1)
	carry := 0.0
	for j, c := range coefficients {
		carry += float64(c * float64(int64(1)<<p.shift))
		q := min(max(int64(math.Round(carry)), -limit), limit-1)
		carry -= float64(q)
		p.coefficients[j] = q
	}
	return p, true
}

// floorLog2 returns the binary logarithm of n, which must be positive, rounded
// down.
func floorLog2(n int) int {
	return bits.Len(uint(n)) - 1
}
