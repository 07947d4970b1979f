package listen

import (
	"context"
	"math"

	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// segment is a segment of a track as far as it is decoded. A nil one is not decoded
// at all.
type segment struct {
	channels [][]float32 // the first two
	whole    bool        // all of it is there, and right
	err      error       // why there is none
}

func newSegment(p stream.Place) *segment {
	s := &segment{channels: make([][]float32, min(p.Format.Channels, 2))}
	for c := range s.channels {
		s.channels[c] = make([]float32, 0, p.Frames)
	}
	return s
}

// frames is how many are decoded.
func (s *segment) frames() int64 {
	if s == nil || s.err != nil {
		return 0
	}
	return int64(len(s.channels[0]))
}

// failed is why there is nothing of the segment, if that is so.
func (s *segment) failed() error {
	if s == nil {
		return nil
	}
	return s.err
}

// ended reports whether nothing more will come of the segment.
func (s *segment) ended() bool { return s != nil && (s.whole || s.err != nil) }

// decodeSegment decodes a segment, unless ctx ends before.
func (t *Track) decodeSegment(ctx context.Context, number int, s *segment) {
	grow := func(p stream.Part) {
		have := s.frames() // which only this goroutine changes
		more := audible(p.Cut(have, p.Frames-have))
		t.mu.Lock()
		defer t.mu.Unlock()
		for c := range more {
			s.channels[c] = append(s.channels[c], more[c]...)
		}
		t.measure(t.starts[number]+have, more)
	}
	part, err := t.decoder.PartGradually(ctx, t.parts[number], func(samples int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.decoded += int64(samples)
	}, grow)
	if err == nil {
		grow(part)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		s.whole = true
	case ctx.Err() != nil:
		delete(t.segments, number)
	default:
		s.channels, s.err = nil, job.Lost(t.entry, t.decoder.Place(t.parts[number]), err)
		t.forget(number)
	}
}

// audible returns the first two channels of a segment, the full scale as 1.
func audible(p stream.Part) [][]float32 {
	channels := make([][]float32, min(p.Format.Channels, 2))
	for c := range channels {
		channels[c] = make([]float32, p.Frames)
		switch {
		case p.Samples != nil:
			scale := float32(1 / math.Ldexp(1, p.Format.PCM().ContainerBits()-1))
			for i, v := range p.Samples[c] {
				channels[c][i] = float32(v) * scale
			}
		case p.Format.Width == 4:
			for i, v := range p.Format.Bits32(p.Raw)[c] {
				channels[c][i] = finite(float64(math.Float32frombits(v)))
			}
		default:
			for i, v := range p.Format.Bits64(p.Raw)[c] {
				channels[c][i] = finite(math.Float64frombits(v))
			}
		}
	}
	return channels
}

// finite returns v within twice the full scale, and 0 for what is not a number.
func finite(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(min(max(v, -2), 2))
}
