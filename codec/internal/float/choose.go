package float

import (
	"context"
	"math"
	"slices"
)

// usualBits is with how many bits, of the peak of a channel, whole numbers are coded if nothing better is found: all numbers of the
// peak's exponent are multiples of the unit then. Where most of a channel is far quieter, or it is predicted that well, finer units are
// better.
const (
	usualBits  = 24
	finerBits  = 28
	exactBits  = 25      // of whole numbers that cannot have useless bits
	trialSize  = 1 << 13 // samples in each of the trials, at most
	outliers   = 1 << 10 // one sample of so many may be above the peak
	absurd     = 20      // or it is no sound, if it is more than 2 to the power of this above the peak
	leastTrial = 256     // frames
)

// chooseScales returns the scales of the channels.
func (e *encoder) chooseScales(ctx context.Context, samples [][]uint64) ([]scale, error) {
	found, settled := make([]scale, len(samples)), true
	usual, finer := make([]scale, len(samples)), make([]scale, len(samples))
	for i, channel := range samples {
		numbers := e.width.finite(channel)
		s, state := e.width.find(numbers)
		found[i], usual[i], finer[i] = s, s, s
		if state == certain {
			continue
		}
		settled = false
		peak, least := peakExponent(numbers)
		usual[i] = powerOfTwo(e.width, max(peak+2-usualBits, least))
		finer[i] = powerOfTwo(e.width, max(peak+2-finerBits, least))
		if state == nothingFound {
			found[i] = usual[i]
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
	length := min(frames, max(min(trialSize/len(samples), frames/4), leastTrial))
	best, least := options[0], math.MaxInt
	for i, scales := range options {
		if i > 0 && slices.Equal(scales, options[i-1]) {
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

// peakExponent returns the exponent of the greatest number but for outliers, and the least exponent of a unit with which outliers that
// are not absurd have whole numbers, too.
func peakExponent(numbers []float64) (peak, leastUnit int) {
	var counts [2048]int
	count, top := 0, -1023
	for _, v := range numbers {
		if v != 0 {
			counts[exponent(v)+1023]++
			count++
			top = max(top, exponent(v))
		}
	}
	above := 0
	for peak = top; peak > -1023; peak-- {
		if above += counts[peak+1023]; above > count/outliers {
			break
		}
	}
	if top-peak > absurd {
		top = peak
	}
	return peak, top - 29
}

// What is known of a scale.
const (
	nothingFound = iota
	promising
	certain // no other can be better
)

// find looks for a scale that makes most of the numbers of whole ones.
func (w width) find(all []float64) (best scale, state int) {
	numbers := unclipped(all)
	if len(numbers) == 0 {
		return powerOfTwo(w, 0), certain
	}
	most := 0
	consider := func(s scale) {
		exact, saved := s.exact(numbers)
		if saved <= most {
			return
		}
		best, most, state = s, saved, promising
		if exact >= len(numbers)-len(numbers)/64 && s.isShort(numbers) {
			state = certain
		}
	}
	if exponent, ok := w.multiples(numbers); ok {
		consider(powerOfTwo(w, exponent))
	}
	if state != certain {
		for _, s := range w.gains(all) {
			consider(s)
		}
	}
	return best, state
}

// unclipped returns the numbers without zeros, and without those at the peaks if several are there: they may have been clipped.
func unclipped(numbers []float64) []float64 {
	low, high := 0.0, 0.0
	for _, v := range numbers {
		low, high = min(low, v), max(high, v)
	}
	lows, highs := 0, 0
	all := make([]float64, 0, len(numbers))
	for _, v := range numbers {
		switch v {
		case 0:
			continue
		case low:
			lows++
		case high:
			highs++
		}
		all = append(all, v)
	}
	if len(all)-lows-highs < len(all)/16 {
		return all
	}
	between := make([]float64, 0, len(all))
	for _, v := range all {
		if (v != low || lows == 1) && (v != high || highs == 1) {
			between = append(between, v)
		}
	}
	return between
}

// exact returns how many of the numbers, none of which is 0, the scale makes of whole ones, and how many bits of them that saves.
func (s scale) exact(numbers []float64) (count, saved int) {
	unit := exponent(s.unit())
	for _, v := range numbers {
		if _, near, r := s.split(s.width.bits(v), 0); near == v && !r.escaped {
			last, _ := s.width.parts(v)
			count++
			saved += max(unit-last, 0)
		}
	}
	return count, saved
}

// isShort reports whether the whole numbers have few enough bits for none of them to be useless.
func (s scale) isShort(numbers []float64) bool {
	const limit = 1 << (exactBits - 1)
	for _, v := range numbers {
		if math.Abs(v/s.unit()) >= limit {
			return false
		}
	}
	return true
}
