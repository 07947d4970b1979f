// Package stream is the format of one compressed recording: a header that says
// how the file is divided, and records of its parts that decode on their own.
// codec/FORMAT.md ("Recording stream") specifies it.
//
// A file is a sequence of spans (see codec/recording): audio, whose samples are
// coded, and bytes that are kept. The audio of FLAC files is coded likewise, with
// recipes that make the same frames of the samples (see codec/flac/recipe). Each span is divided into parts: segments of
// audio, a few seconds long, and pieces of what is kept. An Encoder makes the
// stream of a file: its Header, then its parts in order, written one after the
// other. A Decoder gives the same parts of the file back. Parts may be coded in
// any order and at the same time by several goroutines.
//
// The same file always makes the same stream, and every stream of a published
// format version will decode for ever, with the model it names. A change of any
// bit of a stream is detected and reported as a DamageError.
package stream

import (
	"context"
	"math/bits"

	"trilobyte/codec/recording"
)

// SegmentCoder compresses the samples of one segment. Encode and Decode are
// called by several goroutines at the same time. While they work, which may
// take a minute, they call progress, unless it is nil, with how many more
// samples, over all channels, are coded: every few dozen frames, on the
// goroutine that called them.
type SegmentCoder interface {
	// ID is the identity (SHA-256) of the model that the coder codes with.
	ID() [32]byte

	// Encode compresses samples[channel][frame], each within a signed integer
	// of the given bits (8, 16, 24 or 32). It must not change samples.
	Encode(ctx context.Context, samples [][]int32, bits int, progress func(samples int)) ([]byte, error)

	// Decode is the inverse of Encode. It returns an error, and does not panic,
	// if data is not what Encode makes of so many channels, frames and bits.
	Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int)) ([][]int32, error)
}

// Doubted is a SegmentCoder that has others decode for it, who may be wrong.
type Doubted interface {
	SegmentCoder
	// Alone is the coder that does it all by itself, nil if this one has, too.
	Alone() SegmentCoder
	// Distrust says that it was wrong where Alone is right.
	Distrust()
}

// ModelName names the model that a stream is coded with: the first bytes of its
// identity. That is enough to choose one among the few at hand; that it was the
// right one is what the checksums of the samples prove.
type ModelName [2]byte

// NameOf returns the name of the model of that identity.
func NameOf(id [32]byte) ModelName { return ModelName(id[:len(ModelName{})]) }

// Part is a part of the file: a segment of audio, or a piece of what is kept.
type Part struct {
	Place
	Encoded []byte // its bytes in the stream: a whole record, or none if they follow from the header
	Raw     []byte // its bytes in the file
	// Samples[channel][frame] are what Raw is as plain integers, of the bits that
	// Format.PCM has, or nil if it is not audio or holds floats.
	Samples [][]int32
	// FLACSize is how many bytes its frames take in a FLAC file of the whole recording
	// (see flac.Measure), if BesideFLAC has compared it and FLAC has its samples;
	// otherwise it is 0.
	FLACSize int64
}

// PCM is the audio of the part as recording.Format.PCM has it, nil if it is not
// audio. It may be Raw itself.
func (p Part) PCM() []byte {
	switch {
	case !p.Audio():
		return nil
	case p.FLAC():
		return p.Format.PCM().Bytes(p.Samples)
	}
	return p.Format.ToPCM(p.Raw)
}

const (
	// MaxSegmentSamples is the most samples, over all channels, of a segment.
	MaxSegmentSamples = 1 << 23

	// Segments have at most so many seconds, and so many samples over all
	// channels: those take a second or two to decode, so that a sound is heard and
	// a stretch is read soon. They cost next to nothing beside longer ones, since
	// predictors have adapted after one or two seconds. A recording that is a
	// little longer is not divided.
	segmentSeconds      = 30
	usualSegmentSamples = 3 << 18
	undividedSamples    = 3 << 19
	// leastSegmentFrames keeps segments of low sample rates (seismic or medical
	// recordings) and of many channels long enough for that, mostUsualSamples
	// those of very many channels short enough.
	leastSegmentFrames = 1 << 18
	mostUsualSamples   = 1 << 22
	segmentAlignment   = 4096 // frames; the block length of FLAC, for comparison by segment
	// segmentsTogether is what the number of segments is a multiple of, so that
	// processors that share them finish together.
	segmentsTogether = 8
)

// SegmentFrames is how many frames the Encoder gives to every segment but the
// last of a span of the given format and number of frames, unless it repeats
// itself: at most 30 seconds and 1572864 samples over all channels, or 262144
// frames if that is more. A longer span is divided evenly into 2, 4, or a multiple
// of 8 segments, so that processors that share them finish together, of at most
// 786432 samples likewise, which are 9 seconds of CD audio. All lengths are
// multiples of 4096.
func SegmentFrames(f recording.Format, frames int64) int {
	if alone := boundedFrames(f, undividedSamples); frames <= alone {
		return int(alone)
	}
	longest := boundedFrames(f, usualSegmentSamples)
	count := (frames + longest - 1) / longest
	together := min(int64(1)<<bits.Len64(uint64(count-1)), segmentsTogether)
	count = (count + together - 1) / together * together
	length := (frames + count - 1) / count
	return int((length + segmentAlignment - 1) &^ (segmentAlignment - 1))
}

// boundedFrames is how many frames the longest segment has that is to have so many
// samples.
func boundedFrames(f recording.Format, samples int) int64 {
	longest := min(int64(f.SampleRate)*segmentSeconds, int64(samples/f.Channels))
	return min(max(longest, leastSegmentFrames), int64(mostUsualSamples/f.Channels)) &^ (segmentAlignment - 1)
}
