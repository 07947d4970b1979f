package predictor

import (
	"unsafe"

	"trilobyte/codec/internal/simd"
)

// filterLanes is how many filters a vector of their numbers serves.
const filterLanes = simd.Lanes32

// normalisers find the steps of NLMS filters, each in a lane of its own, from their errors and inputs (Haykin, Adaptive
// Filter Theory, chapter 7). The slices are a multiple of filterLanes long. Vector kernels know the layout.
type normalisers struct {
	Error, Input []float32 // of the newest sample
	Step         []float32
	// Power is what the next step is divided by. It stands for the power of the filter's inputs.
	Power []float32

	state []normaliser
}

// normaliser is what the normalisers of filterLanes filters know. Vector kernels know its layout.
type normaliser struct {
	rate, keep, flat [filterLanes]float32              // flat is the power of all inputs, exponentially averaged with keep
	used             [decayLevels][filterLanes]uint32  // all ones for the levels that a filter has
	decayed          [decayLevels][filterLanes]float32 // powers of the inputs, in windows each four times as long as the one before
}

// decayLevels is enough for filters of 4095 taps.
const decayLevels = 6

// decay is how a level fades from sample to sample, and its weight.
var decay = func() (d [decayLevels]struct{ keep, gain float32 }) {
	const quarterToThe08 = 0.32987698
	gain, length := float32(1), 1
	for i := range d {
		d[i].keep, d[i].gain = 1-1/float32(length+1), gain
		gain *= quarterToThe08
		length *= 4
	}
	return d
}()

// newNormalisers makes the normalisers of n filters.
func newNormalisers(n int) normalisers {
	state := make([]normaliser, (n+filterLanes-1)/filterLanes)
	lanes := func() []float32 { return make([]float32, len(state)*filterLanes) }
	return normalisers{lanes(), lanes(), lanes(), lanes(), state}
}

// Set gives a lane to a filter of so many taps, at most 4095, that learns at a rate.
func (n *normalisers) Set(filter, taps int, rate float32) {
	s, lane := &n.state[filter/filterLanes], filter%filterLanes
	s.rate[lane], s.keep[lane], n.Power[filter] = rate, 1-1/float32(taps), 1
	for i, length := 0, 1; i < decayLevels && length <= taps; i, length = i+1, 4*length {
		s.used[i][lane] = ^uint32(0)
	}
}

// Normalise sets each Step to rate*Error/Power, then takes Input into Power, which becomes a sum of three terms. The
// first approximates the sum of x²/lag^0.8 over the inputs x of all lags by a sum of exponential windows. The second,
// rate times the power of the whole window, keeps the step times that power below 1, and so the filter stable, when the
// newest inputs are silent and the window is not. The third is 1.
func (n *normalisers) Normalise() {
	if active.normalise != nil && len(n.state) > 0 {
		active.normalise((*byte)(unsafe.Pointer(n)), &decay[0].keep, len(n.state))
		return
	}
	for i := range n.state {
		for lane, used := range n.state[i].used[0] {
			if used != 0 {
				n.normalise(i*filterLanes+lane, &n.state[i], lane)
			}
		}
	}
}

// Take takes an input, which all filters have, into each Power as Normalise does.
func (n *normalisers) Take(input float32) {
	if active.takeInput != nil && len(n.state) > 0 {
		active.takeInput((*byte)(unsafe.Pointer(n)), &decay[0].keep, len(n.state), input)
		return
	}
	for i := range n.state {
		for lane, used := range n.state[i].used[0] {
			if used != 0 {
				n.Power[i*filterLanes+lane] = n.state[i].take(lane, input)
			}
		}
	}
}

func (n *normalisers) normalise(filter int, s *normaliser, lane int) {
	n.Step[filter] = s.rate[lane] * n.Error[filter] / n.Power[filter]
	n.Power[filter] = s.take(lane, n.Input[filter])
}

// take returns the power.
func (s *normaliser) take(lane int, x float32) float32 {
	const notDenormal = 1e-20 // denormal numbers are slow to compute with
	x2 := float32(x*x) + notDenormal
	var sum float32
	for i := range decay {
		if s.used[i][lane] == 0 {
			break
		}
		power := float32(s.decayed[i][lane]*decay[i].keep) + x2
		s.decayed[i][lane] = power
		sum += float32(power * decay[i].gain)
	}
	s.flat[lane] = float32(s.flat[lane]*s.keep[lane]) + float32(x*x)
	return sum + float32(s.rate[lane]*s.flat[lane]) + 1
}
