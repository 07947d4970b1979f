package stream

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"

	"trilobyte/codec/recording"
)

// RepeatMeter is a SegmentCoder that gains by longer segments where a recording
// repeats itself: a segment knows nothing of those before it.
type RepeatMeter interface {
	// MeasureRepeats returns, for each of some lengths in frames, about how many
	// bits a sample it saves by repeats where samples[channel][frame] are cut into
	// segments of that length. It fails only if the context ends.
	MeasureRepeats(ctx context.Context, samples [][]int32, lengths []int) ([]float64, error)
}

// The longest segment that might be chosen is taken unless a shorter one saves as
// much, but for so many bits a sample, and such a share of what it saves.
const (
	leastLoss = 0.004
	lossShare = 1. / 16
)

// mostLooks is at how many places of a recording repeats are measured.
const mostLooks = 3

// longSeconds is the length of recordings in which places are looked up: see Long.
const longSeconds = 15 * 60

// segmentFrames is how many frames an encoder with the coder c gives to the
// segments of a span of audio in r, but for the last, in a recording of so many
// frames: SegmentFrames, or more where it repeats itself. It looks at several places
// at the same time.
func segmentFrames(ctx context.Context, r io.ReaderAt, s recording.Span, whole int64, c SegmentCoder) (int, error) {
	usual := min(int64(SegmentFrames(s.Format, whole)), s.Frames())
	meter, ok := c.(RepeatMeter)
	lengths := longerLengths(s.Format, s.Frames(), usual, whole)
	if !ok || len(lengths) == 1 || s.Format.Kind != recording.Integer {
		return int(usual), nil
	}
	longest := int64(lengths[len(lengths)-1])
	count := s.Frames() / longest
	looks := min(count, mostLooks)
	gains := make([][]float64, looks)
	group, ctx := errgroup.WithContext(ctx)
	for i := range looks {
		group.Go(func() error {
			first := i * (count - 1) / max(looks-1, 1) * longest
			size := int64(s.Format.FrameBytes())
			raw, err := readFile(r, s.Offset+first*size, longest*size)
			if err == nil {
				gains[i], err = meter.MeasureRepeats(ctx, s.Format.Samples(raw), lengths)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	saved := make([]float64, len(lengths))
	for _, look := range gains {
		for k, g := range look {
			saved[k] += g / float64(looks)
		}
	}
	most := saved[len(saved)-1]
	for k, g := range saved {
		if g >= most-max(leastLoss, most*lossShare) {
			return lengths[k], nil
		}
	}
	return int(longest), nil
}

// Long reports whether a recording of so many frames is longer than a quarter of an
// hour. In such a one places are looked up, so that its segments, which decode from their
// beginnings only, are no longer than usual, even where it repeats itself.
func Long(f recording.Format, frames int64) bool { return frames > longSeconds*int64(f.SampleRate) }

// Reach is how many frames the longest segments have of a recording of so many frames
// that repeats itself: predictors do not see what comes again after more than that.
func Reach(f recording.Format, frames int64) int64 {
	lengths := longerLengths(f, frames, int64(SegmentFrames(f, frames)), frames)
	return int64(lengths[len(lengths)-1])
}

// longerLengths returns the usual length of a span's segments and those that
// follow from half as many segments, again and again, in a recording of so many frames.
func longerLengths(f recording.Format, frames, usual, whole int64) []int {
	lengths := []int{int(usual)}
	if Long(f, whole) {
		return lengths
	}
	for count := (frames + usual - 1) / usual / 2; count >= 1; count /= 2 {
		length := (frames + count - 1) / count
		length = min((length+segmentAlignment-1)&^(segmentAlignment-1), frames)
		if length > int64(MaxSegmentSamples/f.Channels) {
			break
		}
		lengths = append(lengths, int(length))
	}
	return lengths
}
