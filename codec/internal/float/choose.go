package float

import (
	"context"
	"math"
)

// usualBits is with how many bits, of the peak of a channel, whole numbers are coded if nothing better is found: all numbers of the
// peak's exponent are multiples of the unit then. Where most of a channel is far quieter, or it is predicted that well, finer units are
// better.
const (
	usualBits  = 24
	finerBits  = 28
	exactBits  = 25      // of whole numbers that cannot have useless bits
	trialSize  = 1 << 13 // samples in each of the trials
	outliers   = 1 << 10 // one sample of so many may be above the peak
	leastTrial = 256     // frames
)

// chooseScales returns the scales of the channels.
func (e *encoder) chooseScales(ctx context.Context, samples [][]uint64) ([]scale, error) {
	found, settled := make([]scale, len(samples)), true
	usual, finer := make([]scale, len(samples)), make([]scale, len(samples))
	for i, channel := range samples {
		numbers := e.width.finite(channel)
		peak := peakExponent(numbers)
		s, state := e.width.find(numbers)
		if state == nothingFound {
			s = powerOfTwo(e.width, peak+2-usualBits)
		}
		found[i], usual[i], finer[i] = s, s, s
		if state != certain {
			settled = false
			usual[i] = powerOfTwo(e.width, peak+2-usualBits)
			finer[i] = powerOfTwo(e.width, peak+2-finerBits)
		}
	}
	if settled {
		return found, nil
	}
	return e.shortest(ctx, samples, found, usual, finer)
}

// shortest returns those scales with which pieces of the samples become shortest.
func (e *encoder) shortest(ctx context.Context, samples [][]uint64, options ...[]scale) ([]scale, error) {
	frames := len(samples[0])
	length := min(frames, max(trialSize/len(samples), leastTrial))
	best, least := options[0], math.MaxInt
	for i, scales := range options {
		if i > 0 && equal(scales, options[i-1]) {
			continue
		}
		size := 0
		for _, start := range [...]int{(frames - length) / 4, (frames - length) / 4 * 3} {
			piece := make([][]uint64, len(samples))
			for c := range piece {
				piece[c] = samples[c][start : start+length]
			}
			data, err := e.encode(ctx, piece, scales, nil)
			if err != nil {
				return nil, err
			}
			size += len(data)
		}
		if size < least {
			best, least = scales, size
		}
	}
	return best, nil
}

func equal(a, b []scale) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// finite returns the samples that are finite numbers.
func (w width) finite(samples []uint64) []float64 {
	numbers := make([]float64, 0, len(samples))
	for _, s := range samples {
		if v := w.value(s); math.Abs(v) <= math.MaxFloat64 {
			numbers = append(numbers, v)
		}
	}
	return numbers
}

// peakExponent returns the exponent of the greatest number but for outliers, and 0 if all are 0.
func peakExponent(numbers []float64) int {
	var counts [2048]int
	count := 0
	for _, v := range numbers {
		if v != 0 {
			counts[exponent(v)+1023]++
			count++
		}
	}
	above := 0
	for e := len(counts) - 1; e >= 0; e-- {
		if above += counts[e]; above > count/outliers {
			return e - 1023
		}
	}
	return 0
}

// What is known of a scale.
const (
	nothingFound = iota
	promising
	certain // no other can be better
)

// find looks for a scale that makes most of the numbers of whole ones.
func (w width) find(numbers []float64) (s scale, state int) {
	if exponent, ok := w.multiples(numbers); ok {
		s = powerOfTwo(w, exponent)
		if state = s.judge(numbers); state == certain {
			return s, state
		}
	}
	if gained, ok := w.findGain(numbers); ok {
		if other := gained.judge(numbers); other > state {
			return gained, other
		}
	}
	return s, state
}

// judge says what is to be held of the scale.
func (s scale) judge(numbers []float64) int {
	exact, inRange, used := 0, 0, int32(0)
	for _, v := range numbers {
		n, near, r := s.split(s.width.bits(v), 0)
		if r.escaped {
			continue
		}
		inRange++
		if near == v {
			exact++
			used |= n ^ n>>31
		}
	}
	switch {
	case inRange < len(numbers)-len(numbers)/outliers:
		return nothingFound
	case exact >= len(numbers)-len(numbers)/64 && used < 1<<(exactBits-1):
		return certain
	}
	return promising
}
