package segment

import (
	"math"
	"slices"

	"trilobyte/codec/internal/entropy/alphabet"
)

// multiple says how one channel follows from another: a sample is that of the other one times Gain, rounded, plus Offset, limited to
// Low..High. Negated, softer, louder and clipped copies are such multiples.
type multiple struct {
	Gain      float64 // not 0, at most maxMultiple or at least -maxMultiple
	Rounding  alphabet.Rounding
	Offset    int64
	Low, High int64
}

// maxMultiple bounds gains, so that no product overflows.
const maxMultiple = 1 << 24

// same is the multiple of a channel that equals its source.
var same = multiple{Gain: 1, Low: math.MinInt32, High: math.MaxInt32}

func (m *multiple) sample(source int32) int32 {
	v := m.Rounding.Round(float64(source)*m.Gain) + m.Offset
	return int32(max(m.Low, min(m.High, v)))
}

func (m *multiple) explains(source, target []int32) bool {
	for i, v := range source {
		if m.sample(v) != target[i] {
			return false
		}
	}
	return true
}

// findMultiple returns which of some channels, whose plans are given, the target is a multiple of. values are those that occur in the
// target, ascending.
func findMultiple(samples [][]int32, plans []channelPlan, target, values []int32) (source int, m multiple, ok bool) {
	low, high := int64(values[0]), int64(values[len(values)-1])
	for c, s := range samples {
		if !plans[c].coded() {
			continue
		}
		if m, ok := multipleOf(s, target, low, high); ok {
			return c, m, true
		}
	}
	return 0, multiple{}, false
}

// multipleOf returns by which multiple the target follows from the source. It is quick where there is none. low and high are the least
// and the greatest sample of the target: where it has them, it may be limited.
func multipleOf(source, target []int32, low, high int64) (multiple, bool) {
	inside := slices.IndexFunc(target, func(v int32) bool { return int64(v) != low && int64(v) != high })
	if inside < 0 {
		return multiple{}, false
	}
	for _, gain := range [...]float64{1, -1} {
		m := multiple{Gain: gain, Low: low, High: high}
		m.Offset = int64(target[inside]) - int64(gain)*int64(source[inside])
		if m.explains(source, target) {
			return m, true
		}
	}
	for _, rounding := range [...]alphabet.Rounding{alphabet.Floor, alphabet.Nearest, alphabet.TowardZero} {
		for _, gain := range gains(source, target, low, high, rounding) {
			m := multiple{Gain: gain, Rounding: rounding, Low: low, High: high}
			if m.explains(source, target) {
				return m, true
			}
		}
	}
	return multiple{}, false
}

// gains returns gains that may explain the target, the likeliest first: none if no one gain explains all of it.
func gains(source, target []int32, low, high int64, rounding alphabet.Rounding) []float64 {
	least, most := math.Inf(-1), math.Inf(1)
	for i, v := range target {
		x, y := float64(source[i]), float64(v)
		if int64(v) == low || int64(v) == high {
			continue
		}
		from, to := y, y+1 // the product lies between
		switch {
		case rounding == alphabet.Nearest:
			from, to = y-0.5, y+0.5
		case rounding == alphabet.TowardZero && v < 0:
			from, to = y-1, y
		case rounding == alphabet.TowardZero && v == 0:
			from = -1
		}
		switch {
		case x > 0:
			least, most = max(least, from/x), min(most, to/x)
		case x < 0:
			least, most = max(least, to/x), min(most, from/x)
		case from > 0 || to < 0:
			return nil
		}
		if least > most {
			return nil
		}
	}
	return between(least, most)
}

// between returns numbers from least to most: round ones, as people and programs choose them, and the middle.
func between(least, most float64) []float64 {
	if math.IsInf(least, 0) || math.IsInf(most, 0) {
		return nil
	}
	var list []float64
	middle := float64(least*0.5) + float64(most*0.5)
	for _, unit := range [...]float64{1, 1. / 256, 1. / 1000, 1. / 32767, 1. / 32768, 1. / 65536} {
		list = append(list, math.Round(middle/unit)*unit)
	}
	list = append(list, middle)
	return slices.DeleteFunc(list, func(g float64) bool { return !(g >= least && g <= most) || g == 0 || math.Abs(g) > maxMultiple })
}
