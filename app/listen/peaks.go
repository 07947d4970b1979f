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

// peakAt is the number of the peak that a frame belongs to.
func (t *Track) peakAt(frame int64) int { return int(float64(frame) / float64(t.frames()) * peakCount) }

// measure enters the peaks of frames that begin with the given one. t.mu is held.
func (t *Track) measure(start int64, channels [][]float32) {
	for _, channel := range channels {
		for i, v := range channel {
			at := t.peakAt(start + int64(i))
			t.peaks[at] = max(t.peaks[at], v, -v)
		}
	}
	// A short track has fewer frames than parts: what is between is as what is before.
	for at := t.peakAt(start) + 1; at < t.peakAt(start+int64(len(channels[0]))); at++ {
		if t.peaks[at] < 0 {
			t.peaks[at] = t.peaks[at-1]
		}
	}
}

// forget forgets the peaks of a segment that is not what it should be. t.mu is held.
func (t *Track) forget(segment int) {
	last := t.peakAt(t.starts[segment+1] - 1)
	for at := t.peakAt(t.starts[segment]); at <= last; at++ {
		t.peaks[at] = -1
	}
}
