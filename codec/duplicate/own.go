package duplicate

import (
	"context"
	"math"
	"slices"

	"trilobyte/codec/stream"
)

// own is what a search knows of the recording itself, so that it finds what comes
// again: its fingerprints, and the frames before the newest stretch that no stretch has.
type own struct {
	number int               // of the recording
	prints map[uint64]uint64 // places by fingerprints
	ranges ranges
	tries  int64
}

// What a recording has had before is coded next to nothing by predictors that look
// back within a segment, and what comes behind a stretch, or is but like it, begins anew.
// So stretches are looked for only in recordings that are so long that their segments
// are short (stream.Long). Within the reach of predictors a stretch must have so many
// seconds there, unless such stretches are half of the recording.
const ownSeconds = 20

// has adds frames that are coded themselves.
func (o *own) has(from, to int64) {
	if from < to {
		o.ranges = append(o.ranges, [2]int64{from, to})
	}
}

// around returns which frames around a place a stretch may refer to.
func (s *search) around(there place) (from, to int64, ok bool) {
	switch {
	case there.recording != s.own.number:
		return s.index.known[there.recording].around(there.frame)
	case there.frame >= s.until:
		return s.until, math.MaxInt64 / 2, true // to where the stretch begins: see grow
	}
	return s.own.ranges.around(there.frame)
}

// lookBack compares the recording with what it had before itself.
func (s *search) lookBack(ctx context.Context, p print) error {
	if s.whole || !stream.Long(s.r.Format(), s.r.Frames()) {
		return nil
	}
	if packed, ok := s.own.prints[p.print]; ok {
		there := unpack(packed)
		if _, _, ok := s.around(there); ok {
			if s.own.tries == 0 || there.frame == p.frame {
				return nil
			}
			_, err := s.try(ctx, p, there, &s.own.tries)
			return err
		}
	}
	if packed, ok := (place{s.own.number, p.channel, p.frame}).pack(); ok {
		s.own.prints[p.print] = packed
	}
	return nil
}

// isOwn reports whether a stretch is one of the recording itself. Others may refer to
// it all the same.
func (s *search) isOwn(t Stretch) bool { return t.Recording == s.own.number }

// leaveOut leaves out the stretches that are not worth it: see ownSeconds.
func (s *search) leaveOut() {
	again := int64(0)
	for _, t := range s.stretches {
		if s.isOwn(t) {
			again += t.Frames
		}
	}
	frames, format := s.r.Frames(), s.r.Format()
	if again >= frames/2 {
		return
	}
	reach, least := stream.Reach(format, frames), ownSeconds*int64(format.SampleRate)
	s.stretches = slices.DeleteFunc(s.stretches, func(t Stretch) bool {
		return s.isOwn(t) && t.Start-t.First <= reach && t.Frames < least
	})
	if len(s.stretches) == 0 {
		s.stretches = nil
	}
}
