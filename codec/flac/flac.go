// Package flac codes PCM as FLAC (RFC 9639) and measures what FLAC would make
// of it, at the strength of `flac -8`: blocks of 4096 samples, linear
// prediction up to order 12 from nine windowed views of each block, all four
// stereo decorrelations, Rice partitions up to order 6, wasted bits, fixed,
// constant and verbatim subframes. It is the yardstick that Trilobyte's ratio
// is stated against, and the writer behind "export as FLAC".
//
// Two calls do everything: [Measure] counts bytes without writing any, and
// [Encoder] writes a stream. They run the same analysis, so for the same
// samples they agree to the byte: a file that Encoder writes has
// [MetadataSize] bytes of metadata and Measure's bytes of frames. [Bare] is for
// frames within another format.
//
// The choice of predictors follows libFLAC's method: a Tukey window over the
// block and over its halves and thirds ("subdivide_tukey(3)"), the
// Levinson-Durbin recursion, the order with the smallest expected number of
// bits, coefficients quantised with the rounding error carried forward. Once
// the predictor of a subframe has been chosen, its Rice parameters are settled
// by exact counts, escape codes included, where libFLAC keeps its estimates.
// The result is therefore a little smaller than libFLAC's rather than larger.
//
// The sizes are recorded in archives, which must be the same on every machine.
// All arithmetic is therefore on integers or follows the rule that keeps
// floats identical everywhere: + - * / only, every product that feeds an
// addition rounded by an explicit conversion, and a fixed order of summation.
// Full blocks of up to 24 bits go through the processor's vector instructions,
// which give the same bits.
package flac

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

// BlockSize is the number of samples of each channel in a FLAC block. Only the
// last block of a stream may be shorter.
const BlockSize = 4096

// HeaderSize is the number of bytes before the first frame of a stream without
// comments: "fLaC" and the STREAMINFO block (RFC 9639, sections 8.1 and 8.2).
const HeaderSize = 4 + 4 + 34

// ErrUnsupported says that FLAC has no way to store such audio.
var ErrUnsupported = errors.New("FLAC cannot hold this audio")

// Limits of the format (RFC 9639, sections 8.2 and 9.1.5). FLAC can declare
// sample rates up to 1,048,575 Hz, and counts frames with 31 bits.
const (
	maxChannels   = 8
	minBits       = 4
	maxBits       = 32
	maxSampleRate = 1<<20 - 1
	maxFrames     = 1 << 31
)

// Format describes PCM audio.
type Format struct {
	Channels   int    // 1 to 8
	Bits       int    // bits per sample, 4 to 32
	SampleRate uint32 // Hz, 1 to 1,048,575
}

// Check returns an error that wraps [ErrUnsupported] and names the reason when
// FLAC cannot hold audio of this format.
func (f Format) Check() error {
	switch {
	case f.Channels < 1 || f.Channels > maxChannels:
		return fmt.Errorf("%w: it takes 1 to %d channels, not %d", ErrUnsupported, maxChannels, f.Channels)
	case f.Bits < minBits || f.Bits > maxBits:
		return fmt.Errorf("%w: it takes %d to %d bits per sample, not %d", ErrUnsupported, minBits, maxBits, f.Bits)
	case f.SampleRate < 1 || f.SampleRate > maxSampleRate:
		return fmt.Errorf("%w: it takes sample rates of 1 to %d Hz, not %d Hz", ErrUnsupported, maxSampleRate, f.SampleRate)
	}
	return nil
}

// analyzers keeps the buffers of finished analyses for the next ones.
var analyzers = sync.Pool{New: func() any { return new(analyzer) }}

// Measure returns the number of bytes of the FLAC frames that hold samples,
// which are indexed [channel][frame] and bits wide (4 to 32), at rate Hz.
// firstFrame is the FLAC frame number of the first block; later blocks number
// on from it. When a recording is measured in pieces whose lengths are
// multiples of [BlockSize] (the last one's may be any), the sum of the pieces
// is the size of the whole. No samples make 0 bytes.
//
// To compare with a file of the flac program, take the metadata of that away:
// even with --no-padding it has a comment block and a seek table.
//
// Errors wrap [ErrUnsupported] for audio that FLAC cannot hold, and name the
// channel and position of a sample that does not fit in bits. Measure may be
// called concurrently.
func Measure(samples [][]int32, bits int, rate uint32, firstFrame int64) (int64, error) {
	total := int64(0)
	err := eachFrame(samples, Format{Channels: len(samples), Bits: bits, SampleRate: rate}, firstFrame, func(f *frame) error {
		total += f.size()
		return nil
	})
	return total, err
}

// BareSaving is the least number of bytes by which [Bare] makes a frame smaller: the
// shortest header has 6 bytes, and the footer has 2.
const BareSaving = 6 + footerSize - 1

// Bare returns what is in the FLAC frames that hold samples, without what follows
// from elsewhere: of each frame a byte, the channel assignment of its header, and
// its subframes, filled up with zeros to a whole byte (RFC 9639, sections 9.1.3 and
// 9.2). [trilobyte/codec/flac/recipe.DecodeBare] reads it. Arguments and errors are
// those of Measure.
func Bare(samples [][]int32, bits int) ([]byte, error) {
	var out bytes.Buffer
	err := eachFrame(samples, Format{Channels: len(samples), Bits: bits, SampleRate: 1}, 0, func(f *frame) error {
		out.WriteByte(byte(f.assignment))
		return f.writeSubframes(&out)
	})
	return out.Bytes(), err
}

// eachFrame analyses the blocks of samples in turn. What it calls do with must not
// keep the frame.
func eachFrame(samples [][]int32, format Format, firstFrame int64, do func(*frame) error) error {
	if err := format.Check(); err != nil {
		return err
	}
	length, err := commonLength(samples)
	if err != nil {
		return err
	}
	a := analyzers.Get().(*analyzer)
	defer analyzers.Put(a)
	number := firstFrame
	for start := 0; start < length; start += BlockSize {
		f, err := a.analyze(format, samples, start, min(start+BlockSize, length), number)
		if err != nil {
			return err
		}
		if err := do(f); err != nil {
			return err
		}
		number++
	}
	return nil
}

// commonLength returns the number of samples that every channel has.
func commonLength(samples [][]int32) (int, error) {
	for c, channel := range samples {
		if len(channel) != len(samples[0]) {
			return 0, fmt.Errorf("channel %d has %d samples but channel 0 has %d: all channels of a recording must be equally long", c, len(channel), len(samples[0]))
		}
	}
	return len(samples[0]), nil
}
