package network

import "trilobyte/codec/internal/simd"

// averages is leaky averages of units, values of 0..255, from row to row: what the language model remembers. An average
// has averageBits bits behind the point. Update works on whole vectors: see paddedUnits.
type averages struct {
	state []int32
	rates []int32
}

const averageBits = 16

// newAverages makes averages that are all 0, one for each rate (0..31): it takes 2^-rate of what is new.
func newAverages(rates []uint8) *averages {
	n := paddedUnits(len(rates))
	a := &averages{make([]int32, n), make([]int32, n)}
	for i, r := range rates {
		a.rates[i] = int32(r)
	}
	return a
}

// paddedUnits is how long the slices of Update are for so many units.
func paddedUnits(units int) int { return simd.RoundUp(units, outputGroup) }

// Update makes each average floor(average + (unit - average)/2^rate), in units of 2^-16, and sets to[i] to what it is then,
// rounded to the nearest integer, half up. units and to are at least paddedUnits long.
func (a *averages) Update(units, to []uint8) {
	state := a.state
	units, to, rates := units[:len(state)], to[:len(state)], a.rates[:len(state)]
	if active.updateAverages != nil && len(state) > 0 {
		active.updateAverages(&state[0], &rates[0], &units[0], &to[0], len(state))
		return
	}
	for i, s := range state {
		s += (int32(units[i])<<averageBits - s) >> (rates[i] & 31)
		state[i] = s
		to[i] = uint8((s + 1<<(averageBits-1)) >> averageBits)
	}
}
