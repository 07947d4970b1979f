// Package stream is the format of one compressed WAV file: a header, the bytes
// before the audio, the audio in segments that decode on their own, and the
// bytes after the audio. codec/FORMAT.md ("WAV entry stream") specifies it.
//
// An Encoder makes the parts of a stream from a WAV file: its Prologue, then
// its segments in order, then its Epilogue, written one after the other, are
// the stream. A Decoder gives the same parts of the WAV file back. Segments
// may be coded in any order and at the same time by several goroutines.
//
// The same WAV file always makes the same stream, and every stream of a
// published format version will decode for ever, with the model it names. A
// change of any bit of a stream is detected and reported as a DamageError.
package stream

import (
	"context"
	"math/bits"

	"trilobyte/codec/wav"
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

// Segment is a span of the audio that is coded on its own.
type Segment struct {
	Encoded []byte    // its bytes in the stream: a whole record
	Raw     []byte    // its bytes in the WAV file
	Samples [][]int32 // [channel][frame], at the width of the container
	Start   int64     // number of its first frame in the file
}

const (
	// MaxSegmentSamples is the most samples, over all channels, of a segment.
	MaxSegmentSamples = 1 << 22

	segmentSeconds   = 30
	segmentAlignment = 4096 // frames; the block length of FLAC, for comparison by segment
	// minSegmentFrames keeps the segments of very low sample rates (seismic or
	// medical recordings) long enough for the predictors to adapt.
	minSegmentFrames = 1 << 18
	// segmentsTogether is what the number of segments is a multiple of, so that
	// processors that share them finish together.
	segmentsTogether = 8
)

// SegmentFrames is how many frames the Encoder gives to every segment but the
// last of a file of the given format and number of frames: about 30 seconds, or
// MaxSegmentSamples over all channels if that is less. A longer file is divided
// evenly into 2, 4, or a multiple of 8 segments, so that processors that share
// them finish together. All lengths are multiples of 4096.
func SegmentFrames(f wav.Format, frames int64) int {
	longest := max(int64(f.SampleRate)*segmentSeconds, minSegmentFrames)
	longest = min(longest, MaxSegmentSamples/int64(f.Channels)) &^ (segmentAlignment - 1)
	if frames <= longest {
		return int(longest)
	}
	count := (frames + longest - 1) / longest
	together := min(int64(1)<<bits.Len64(uint64(count-1)), segmentsTogether)
	count = (count + together - 1) / together * together
	length := (frames + count - 1) / count
	return int((length + segmentAlignment - 1) &^ (segmentAlignment - 1))
}
