package predictor

import "slices"

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
	first := min(firstTried, longest)
	best, most := first, tonality(d.Tones[0], first, samples)
	if most < mayBeTonal {
		return 0
	}
	for _, w := range [...]Window{shortestTried, longestTried} {
		if w == first || w > longest {
			continue
		}
		if gain := tonality(d.Tones[0], w, samples); gain > most {
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

// tonality returns how many bits a sample less are left by a tone than by the newest samples, on an average of some places.
func tonality(t Tone, w Window, samples []int32) float64 {
	saved := 0.0
	for i := range tonalPlaces {
		place := (2*i + 1) * len(samples) / (2 * tonalPlaces)
		to := samples[place:][:min(tonalSamples, len(samples)-place)]
		from := samples[max(0, place-tonalWindow*int(w.length(t.Longer))):place]
		n := float64(len(to))
		newest, tone := missed(t, w, from, to)
		gain := Bits(newest/n, 1) - Bits(tone/n, 1)
		saved += float64(max(-tonalMost, min(tonalMost, gain)) / tonalPlaces)
	}
	return saved
}

// missed returns the energies of what the newest samples and a tone, both found from some samples, leave of those that follow.
func missed(t Tone, w Window, from, to []int32) (newest, tone float64) {
	order := t.Order
	t.Order = max(order, toneLanes)
	f := newToneFilter(t, w)
	f.found = len(from) // it is not solved before
	for _, v := range from {
		f.Learn(float64(v))
	}
	f.take()
	weights := func(order int) []float64 {
		clear(f.weights)
		f.Order = order
		f.solve()
		return slices.Clone(f.weights)
	}
	near, far := weights(toneLanes)[:toneLanes], weights(order)
	for _, v := range to {
		history := f.history.newest(f.history.length)
		few, all := float64(v)-dotTone(near, history), float64(v)-dotTone(far, history)
		f.history.push(float64(v))
		newest += float64(few * few)
		tone += float64(all * all)
	}
	return newest, tone
}
