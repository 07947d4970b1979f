package listen

import "slices"

// peakCount is how many parts of a track Peaks tells apart.
const peakCount = 1000

func noPeaks() []float32 {
	peaks := make([]float32, peakCount)
	for i := range peaks {
		peaks[i] = -1
	}
	return peaks
}

// Peaks tells how loud the track is, in a thousand parts of the same length: the largest
// sample of each, the full scale as 1, or -1 where nothing was decoded yet.
func (t *Track) Peaks() []float32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.peaks)
}

// measure enters the peaks of a segment. t.mu is held.
func (t *Track) measure(segment int) {
	start, all := t.starts[segment], float64(t.frames())
	for _, channel := range t.segments[segment] {
		for i, v := range channel {
			at := int(float64(start+int64(i)) / all * peakCount)
			t.peaks[at] = max(t.peaks[at], v, -v)
		}
	}
	// A short track has fewer frames than parts: what is between is as what is before.
	for at := int(float64(start)/all*peakCount) + 1; at < int(float64(t.starts[segment+1])/all*peakCount); at++ {
		if t.peaks[at] < 0 {
			t.peaks[at] = t.peaks[at-1]
		}
	}
}
