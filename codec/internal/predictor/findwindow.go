package predictor

import (
	"slices"

	"trilobyte/codec/internal/fourier"
	"trilobyte/codec/internal/simd"
)

// FindWindow returns through which window the tones of a channel with these samples are best found; 0 if it has none that pay, or
// there are no predictors of tones. It looks at a few places only: there it compares what the tones predict with what the newest
// samples do.
func FindWindow(d *Description, samples []int32) Window {
	longest := longestTried
	for longest > 0 && tonalShare*int(longest.length(0)) > len(samples) {
		longest--
	}
	if len(d.Tones) == 0 || longest == 0 {
		return 0
	}
	first, l := min(firstTried, longest), newListener(d.Tones[0])
	best, most := first, l.tonality(first, samples)
	if most < mayBeTonal {
		return 0
	}
	for _, w := range [...]Window{shortestTried, longestTried} {
		if w == first || w > longest {
			continue
		}
		if gain := l.tonality(w, samples); gain > most {
			best, most = w, gain
		}
	}
	if most < worthTones {
		return 0
	}
	return best
}

const (
	shortestTried = Window(2) // but for short recordings
	firstTried    = Window(3)
	longestTried  = Window(4)
	tonalShare    = 16 // a window is at most so small a share of the samples
	// Tones pay from so many bits a sample on that they predict better than the newest samples do. Through windows other than the
	// first one that is tried, they are looked for from so many on.
	worthTones, mayBeTonal = 0.07, 0

	tonalPlaces  = 8
	tonalSamples = 1024 // that are predicted at each place
	tonalWindow  = 4    // so many times its length is seen through a window
	tonalMost    = 0.5  // bits a sample that a place counts with at most, either way: no loud note may speak for a whole recording
)

// listener looks for the tones of a channel.
type listener struct {
	Tone
	toneSolver
	correlator *fourier.Correlator
	seen       []float64 // samples through a window
	both       []float64 // room for an autocorrelation
}

func newListener(t Tone) *listener {
	t.Order = max(t.Order, toneLanes)
	return &listener{Tone: t, toneSolver: newToneSolver(t.Order), correlator: fourier.NewCorrelator(t.Order + 1), both: make([]float64, t.Order+1)}
}

// tonality returns how many bits a sample less are left by a tone than by the newest samples, on an average of some places.
func (l *listener) tonality(w Window, samples []int32) float64 {
	saved := 0.0
	for i := range tonalPlaces {
		place := (2*i + 1) * len(samples) / (2 * tonalPlaces)
		to := samples[place:][:min(tonalSamples, len(samples)-place)]
		from := samples[max(0, place-tonalWindow*int(w.length(l.Longer))):place]
		n := float64(len(to))
		newest, tone := l.missed(w, from, to)
		gain := Bits(newest/n, 1) - Bits(tone/n, 1)
		saved += float64(max(-tonalMost, min(tonalMost, gain)) / tonalPlaces)
	}
	return saved
}

// missed returns the energies of what the newest samples and a tone, both found from some samples, leave of those that follow.
func (l *listener) missed(w Window, from, to []int32) (newest, tone float64) {
	l.hear(w, from)
	near, far := slices.Clone(l.predictor(toneLanes)), l.predictor(l.Order)
	history := newRegressors(len(far))
	for _, v := range from[max(0, len(from)-len(far)):] {
		history.push(float64(v))
	}
	for _, v := range to {
		past := history.newest(len(far))
		few, all := float64(v)-dotTone(near, past), float64(v)-dotTone(far, past)
		history.push(float64(v))
		newest += float64(few * few)
		tone += float64(all * all)
	}
	return newest, tone
}

// hear computes the autocorrelation of samples through a window. The window of toneFilter, of products of two samples, is that of both: a sample heard
// k samples ago weighs k*(1-1/n)^k.
func (l *listener) hear(w Window, samples []int32) {
	fade := 1 - 1/w.length(l.Longer)
	l.seen = slices.Grow(l.seen[:0], len(samples))[:len(samples)]
	x := 1.0
	for i, v := range slices.Backward(samples) {
		x *= fade
		l.seen[i] = float64(float64(len(samples)-i)*x) * float64(v)
	}
	l.correlator.Auto(l.seen, l.both)
}

// predictor returns the predictor of an order, a multiple of toneLanes or the greatest one. It is valid until the next one.
func (l *listener) predictor(order int) []float64 {
	for k, r := range l.both[:order+1] {
		l.reversed[order-k] = r
	}
	clear(l.weights)
	l.solve(order, l.Ridge)
	return l.weights[:simd.RoundUp(order, toneLanes)]
}
