package job

import (
	"math"

	"trilobyte/codec/stream"
)

// Stretch is a piece of the audio of a recording, of some seconds, as it was
// compressed. Sizes are bytes.
type Stretch struct {
	Original   int64
	FLAC       int64 // 0 if FLAC cannot hold it
	Compressed int64
	// Peaks are the largest samples, of any channel, in parts of the same length; the
	// full scale is 1.
	Peaks [stretchPeaks]float32
}

// stretchPeaks is how many parts of a stretch are told apart.
const stretchPeaks = 128

// peaksOf returns the peaks of a part of a recording: 0 if it is no audio.
func peaksOf(p stream.Part) (peaks [stretchPeaks]float32) {
	if !p.Audio() {
		return peaks
	}
	enter := func(frame int, v float64) {
		at := &peaks[frame*stretchPeaks/int(p.Frames)]
		if v = min(math.Abs(v), 1); float32(v) > *at { // not of what is no number
			*at = float32(v)
		}
	}
	switch {
	case p.Samples != nil:
		scale := 1 / math.Ldexp(1, p.Format.PCM().ContainerBits()-1)
		for _, channel := range p.Samples {
			for i, v := range channel {
				enter(i, float64(v)*scale)
			}
		}
	case p.Format.Width == 4:
		for _, channel := range p.Format.Bits32(p.Raw) {
			for i, v := range channel {
				enter(i, float64(math.Float32frombits(v)))
			}
		}
	default:
		for _, channel := range p.Format.Bits64(p.Raw) {
			for i, v := range channel {
				enter(i, math.Float64frombits(v))
			}
		}
	}
	return peaks
}
