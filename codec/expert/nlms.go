package expert

import (
	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// history is a sliding window over a growing sequence of samples, contiguous in memory.
type history struct {
	buf    []float32
	end    int // index one past the newest sample
	length int // samples in the window
}

func newHistory(length int) history {
	return history{buf: make([]float32, length+max(1024, length)), end: length, length: length}
}

func (h *history) push(x float32) {
	if h.end == len(h.buf) {
		copy(h.buf, h.buf[h.end-h.length:])
		h.end = h.length
	}
	h.buf[h.end] = x
	h.end++
}

// window returns the newest samples, oldest first.
func (h *history) window() []float32 { return h.buf[h.end-h.length : h.end] }

// nlms is a normalised least-mean-squares filter (Haykin, Adaptive Filter Theory, chapter 7). The update of one
// sample is done together with the prediction of the next, so that the weights pass through the processor once.
//
// A decaying filter has steps that fall with the lag as lag^-0.8, as does the weight of a sample in the power
// that normalises them: it learns recent lags fast. A flat one learns all lags alike.
type nlms struct {
	filter *kernel.Filter
	past   history // one sample more than there are weights: the window before and after the newest
	mu     float32

	decayed decayedPower
	flat    float32 // power of the whole window, exponentially averaged
	keep    float32
	power   float32 // what the step is divided by, see observe
}

// newNLMS makes a filter of so many taps.
func newNLMS(filter *kernel.Filter, taps int, mu float32, decaying bool) *nlms {
	f := &nlms{
		filter:  filter,
		past:    newHistory(taps + 1),
		mu:      mu,
		decayed: newDecayedPower(taps),
		keep:    1 - 1/float32(taps),
		power:   1,
	}
	filter.Weights, filter.Window = make([]float32, taps), f.past.window()
	if decaying {
		filter.Taper = decay[maxTaps-taps:]
	}
	return f
}

const maxTaps = 2048

// decay is lag^-0.8 for the lags from maxTaps down to 1. All decaying filters share it: what is used more often is more
// often found in the processor's cache.
var decay = func() (d [maxTaps]float32) {
	for i := range d {
		d[i] = float32(fixed.PowMinus08(float64(maxTaps - i)))
	}
	return d
}()

// output is the prediction of the target that goes with the next input sample, once kernel.UpdateFilters has run.
func (f *nlms) output() float32 { return f.filter.Output }

// update learns how far the output was from its target and takes in the next input sample.
func (f *nlms) update(err, input float32) {
	f.filter.Step = f.mu * err / f.power
	f.observe(input)
}

// observe takes in the next input sample. The second term of the power keeps step*power of the window below 1, and so
// the filter stable, when the newest samples are silent and the window is not.
func (f *nlms) observe(input float32) {
	f.past.push(input)
	f.filter.Window = f.past.window()
	f.flat = float32(f.flat*f.keep) + float32(input*input)
	f.power = f.decayed.push(input) + float32(f.mu*f.flat) + 1
}

// decayedPower approximates the sum of x²/lag^0.8 over all lags by a sum of exponential windows.
type decayedPower []decayedLevel

// decayedLevel is one of the windows.
type decayedLevel struct{ power, keep, gain float32 }

func newDecayedPower(taps int) decayedPower {
	var p decayedPower
	const quarterToThe08 = 0.32987698
	gain := float32(1)
	for length := 1; length <= taps; length *= 4 {
		p = append(p, decayedLevel{keep: 1 - 1/float32(length+1), gain: gain})
		gain *= quarterToThe08
	}
	return p
}

// push takes in the next sample and returns the sum.
func (p decayedPower) push(x float32) float32 {
	const notDenormal = 1e-20 // denormal numbers are slow to compute with
	x2 := float32(x*x) + notDenormal
	var sum float32
	for i := range p {
		l := &p[i]
		l.power = float32(l.power*l.keep) + x2
		sum += float32(l.power * l.gain)
	}
	return sum
}
