package float

import (
	"iter"
	"math"
	"math/bits"
	"slices"
)

const (
	pieceLength    = 2048 // samples; a segment may hold numbers that are multiples of the same gain only here and there
	searchedPieces = 16   // in which gains are looked for
	fittedPieces   = 64   // that a gain is to make of whole numbers
	smallest       = 256  // magnitudes of a channel that are looked at
	maxQuotient    = 32   // of the distance of neighbours by the gain
	maxGains       = 16   // that are tried with a formula
	minEvidence    = 80   // bits
	minimalCount   = 4    // of different magnitudes

	// One magnitude of so many may be none of the multiples, and two more, at which numbers were clipped.
	strangersShare = 64
)

// divisors are the numbers that programs divide integers by, other than powers of two, to make floats of them.
var divisors = [...]float64{1<<15 - 1, 1<<23 - 1, 1<<31 - 1, 1<<7 - 1}

// slack is the relative error that two roundings make, and a little more.
func (w width) slack() float64 {
	if w == single {
		return 0x1.1p-23
	}
	return 0x1p-50
}

// gains returns scales that may make most of the numbers of whole ones: one for all of them, and the coarsest one for a piece of them,
// if there are such.
func (w width) gains(numbers []float64) []scale {
	magnitudes := magnitudes(numbers)
	var scales []scale
	add := func(unit interval) {
		if multiples := w.multiplesOf(unit, magnitudes); len(multiples) > 0 {
			scales = append(scales, w.fit(unit, multiples))
		}
	}
	whole, ok := w.findUnit(spread(magnitudes))
	if ok {
		add(whole)
	}
	coarsest := whole
	for piece := range eachPiece(magnitudes, searchedPieces) {
		if unit, ok := w.findUnit(piece); ok && unit.low > coarsest.high {
			coarsest = unit
		}
	}
	if coarsest != whole {
		add(coarsest)
	}
	return scales
}

// eachPiece yields the different magnitudes of up to so many pieces, evenly spread.
func eachPiece(magnitudes []float64, count int) iter.Seq[[]float64] {
	return func(yield func([]float64) bool) {
		count = min(count, (len(magnitudes)+pieceLength-1)/pieceLength)
		for i := range count {
			start := max(len(magnitudes)-pieceLength, 0) * i / max(count-1, 1)
			if !yield(distinct(magnitudes[start:min(start+pieceLength, len(magnitudes))])) {
				return
			}
		}
	}
}

func magnitudes(numbers []float64) []float64 {
	m := make([]float64, len(numbers))
	for i, v := range numbers {
		m[i] = math.Abs(v)
	}
	return m
}

// spread returns the smallest of the magnitudes and some others, ascending.
func spread(magnitudes []float64) []float64 {
	var counts [2048]int
	for _, m := range magnitudes {
		counts[exponent(m)+1023]++
	}
	limit, count := 0, 0
	for e := 1; e < len(counts) && count < pieceLength; e++ {
		limit, count = e, count+counts[e]
	}
	var small, others []float64
	for i, m := range magnitudes {
		switch {
		case exponent(m)+1023 <= limit:
			small = append(small, m)
		case i%max(len(magnitudes)/pieceLength, 1) == 0:
			others = append(others, m)
		}
	}
	small = distinct(small)
	return append(small[:min(len(small), smallest)], distinct(others)...)
}

// distinct returns the different magnitudes but 0, ascending.
func distinct(magnitudes []float64) []float64 {
	d := make([]float64, 0, len(magnitudes))
	for _, m := range magnitudes {
		if m > 0 {
			d = append(d, m)
		}
	}
	slices.Sort(d)
	return slices.Compact(d)
}

// interval is where the unit of which numbers are multiples may be.
type interval struct{ low, high float64 }

func (i interval) middle() float64 { return i.low + float64((i.high-i.low)*0.5) }

// findUnit looks for a number that most of the magnitudes, which are ascending, are multiples of, but for rounding errors.
func (w width) findUnit(magnitudes []float64) (interval, bool) {
	if len(magnitudes) < minimalCount {
		return interval{}, false
	}
	// The distances of the smallest ones are small multiples of the unit, if it were not for some strangers.
	var distances []float64
	last := 0.0
	for _, m := range magnitudes[:min(len(magnitudes), smallest/4)] {
		distances = append(distances, m-last)
		last = m
	}
	slices.Sort(distances)
	tolerance := float64(last * float64(2*w.slack()))
	for rank := 0; rank < len(distances); rank = 2*rank + 1 {
		distance := distances[rank]
		if distance < 4*tolerance {
			continue
		}
		for q := 1.0; q <= maxQuotient; q++ {
			unit := interval{(distance - tolerance) / q, (distance + tolerance) / q}
			if len(w.narrow(&unit, magnitudes)) > 0 {
				return unit, true
			}
		}
	}
	return interval{}, false
}

// narrow makes the interval smaller by the magnitudes, which are ascending and different. It returns those of them that are multiples
// of what is in the interval, if these are nearly all, and more than chance would have.
func (w width) narrow(unit *interval, magnitudes []float64) []float64 {
	fewer, more := 1-w.slack(), 1+w.slack()
	strangers, evidence := 0, 0
	multiples := make([]float64, 0, len(magnitudes))
	for _, m := range magnitudes {
		from, to := m*fewer, m*more
		first, last := math.Ceil(from/unit.high), math.Floor(to/unit.low)
		if first < last || last >= 1<<31 {
			continue // it may be any multiple
		}
		low, high := max(unit.low, from/first), min(unit.high, to/first)
		if first > last || low > high {
			if strangers++; strangers > len(magnitudes)/strangersShare+2 {
				return nil
			}
			continue
		}
		*unit = interval{low, high}
		multiples = append(multiples, m)
		evidence += max(0, w.fraction()-1-bits.Len64(uint64(first)))
	}
	if evidence < minEvidence {
		return nil
	}
	return multiples
}

// multiplesOf returns the different magnitudes of those pieces of which nearly all are multiples of the unit.
func (w width) multiplesOf(unit interval, magnitudes []float64) []float64 {
	var all []float64
	for piece := range eachPiece(magnitudes, fittedPieces) {
		narrowed := unit
		all = append(all, w.narrow(&narrowed, piece)...)
	}
	return distinct(all)
}

// fit returns the scale that makes most of the magnitudes of whole numbers, which are about their quotients by the unit.
func (w width) fit(unit interval, magnitudes []float64) scale {
	w.narrow(&unit, magnitudes)
	best, fewest := scale{width: w, divisor: 1, gain: unit.middle()}, len(magnitudes)+1
	try := func(s scale) {
		for _, gain := range s.fitting(unit.middle(), magnitudes) {
			s.gain = gain
			if n := s.misses(unit.middle(), magnitudes); n < fewest {
				best, fewest = s, n
			}
		}
	}
	try(best)
	for _, d := range divisors {
		for _, f := range [...]formula{quotient, inverse} {
			if fewest > 0 {
				try(scale{width: w, formula: f, divisor: d})
			}
		}
	}
	return best
}

// fitting returns gains with which the formula may make nearly all the magnitudes.
func (s scale) fitting(unit float64, magnitudes []float64) []float64 {
	gain, strangers := interval{0, math.Inf(1)}, 0
	for _, m := range magnitudes {
		last, _ := s.width.parts(m)
		half := math.Ldexp(0.5, last)
		if s.width == double {
			half = math.Ldexp(1, last) // for what is computed here has rounding errors, too
		}
		n := s.before(int32(math.Round(m / unit)))
		low, high := max(gain.low, (m-half)/n), min(gain.high, (m+half)/n)
		if low <= high {
			gain = interval{low, high}
		} else if strangers++; strangers > len(magnitudes)/strangersShare+2 {
			return nil
		}
	}
	gains := []float64{gain.middle()}
	if short := float64(float32(gain.middle())); short >= gain.low && short <= gain.high {
		gains[0] = short
	}
	if s.width == double {
		for next := gain.low; next <= gain.high && len(gains) < maxGains; next = math.Nextafter(next, math.Inf(1)) {
			gains = append(gains, next)
		}
	}
	return gains
}

// misses returns how many of the magnitudes the scale does not make of whole numbers.
func (s scale) misses(unit float64, magnitudes []float64) int {
	count := 0
	for _, m := range magnitudes {
		if s.at(int32(math.Round(m/unit))) != m {
			count++
		}
	}
	return count
}
