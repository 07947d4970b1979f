package recipe

import (
	"math"
	"math/bits"
)

// A linearModel holds what was learnt of linear predictors.
type linearModel struct {
	precision    [maxPrecision + 1][16]chance // by the most that narrow samples leave room for
	view         [viewCodes]chance
	largestOrder int // of all so far
	likelyOrder  chance
	order        [32]chance
	likelyShift  chance
	shift        [16]chance
	alike        [len(views)]chance
	coefficients [3]differences // by the size of the difference before

	recent [len(views)]int // views, the one that was used last at the front; for the encoder alone
}

// describeLinear codes order, precision, shift and coefficients of a linear
// predictor of the signal x (RFC 9639, section 9.2.6). The encoder found them
// by an analysis of x that is done again: a recipe names the view of the block
// and has the differences, which mostly are none.
func (d *describer) describeLinear(s *subframe, x []int64, width int) error {
	m := &d.model.linear
	// For narrow samples encoders lower the precision until 32-bit sums suffice to decode.
	limit := maxPrecision
	if width <= 17 {
		limit = min(28-width, maxPrecision)
	}
	s.precision = d.Tree(m.precision[limit][:], s.precision)
	if s.precision == 0 {
		return errRecipe
	}
	v := 0
	if !d.Decodes() {
		v = d.closestView(s)
	}
	v = d.Tree(m.view[:], v)
	if v >= len(views) {
		return errRecipe
	}
	reach := min(m.largestOrder, len(x)-1)
	d.analysis.reach(reach)
	likely := d.analysis.solution(v).bestOrder(len(x), width+s.precision, m.largestOrder)
	if d.Expect(&m.likelyOrder, s.order == likely) {
		s.order = likely
	} else {
		s.order = d.Tree(m.order[:], s.order-1) + 1
	}
	if s.order < 1 || s.order > len(x) {
		return errRecipe
	}
	m.largestOrder = max(m.largestOrder, s.order)
	d.analysis.reach(max(reach, s.order))

	var buffer [maxOrder]float64
	coefficients, shift := d.analysis.predictor(v, s.order, s.precision, &buffer)
	if d.Expect(&m.likelyShift, s.shift == shift) {
		s.shift = shift
	} else {
		s.shift = d.Tree(m.shift[:], s.shift)
	}
	q := newQuantiser(coefficients, s)
	clear(s.coefficients[s.order:])
	if !d.Decodes() && d.Expect(&m.alike[v], differenceBits(q, s) == 0) ||
		d.Decodes() && d.Expect(&m.alike[v], false) {
		for j := range s.order {
			s.coefficients[j] = q.next(j)
			q.done(s.coefficients[j])
		}
		return nil
	}
	context := 0
	for j := range s.order {
		predicted := q.next(j)
		difference := d.difference(&m.coefficients[context], int(s.coefficients[j]-predicted))
		s.coefficients[j] = min(max(predicted+int64(difference), -q.limit), q.limit-1)
		q.done(s.coefficients[j])
		context = min(bits.Len64(absolute(int64(difference))), len(m.coefficients)-1)
	}
	return nil
}

// newQuantiser returns the quantiser that made the coefficients of s.
func newQuantiser(coefficients []float64, s *subframe) quantiser {
	return quantiser{
		coefficients: coefficients,
		scale:        float64(int64(1) << s.shift),
		limit:        int64(1) << (s.precision - 1),
	}
}

// differenceBits returns about how many bits the coefficients of s take when
// they are coded as differences from q.
func differenceBits(q quantiser, s *subframe) int {
	total := 0
	for j, c := range s.coefficients[:s.order] {
		total += 2 * bits.Len64(absolute(c-q.next(j)))
		q.done(c)
	}
	return total
}

// closestView returns the view of the block under which the coefficients of s
// come out with the fewest differences. Those that were used last are tried
// first.
func (d *describer) closestView(s *subframe) int {
	m := &d.model.linear
	if m.recent == [len(views)]int{} {
		for v := range m.recent {
			m.recent[v] = v
		}
	}
	d.analysis.reach(max(min(m.largestOrder, len(d.analysis.samples)-1), s.order))
	best, least := 0, math.MaxInt
	for rank, v := range m.recent {
		var buffer [maxOrder]float64
		coefficients, _ := d.analysis.predictor(v, s.order, s.precision, &buffer)
		if n := differenceBits(newQuantiser(coefficients, s), s); n < least {
			best, least = rank, n
		}
		if least == 0 {
			break
		}
	}
	v := m.recent[best]
	copy(m.recent[1:best+1], m.recent[:best])
	m.recent[0] = v
	return v
}
