package stream

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
)

// run is a segment of FLAC frames.
type run struct {
	start, frames int64 // of audio
	offset, size  int64 // bytes, from the start of the span
	recipe        []byte
}

// end is the number of frames of audio up to its end.
func (s run) end() int64 { return s.start + s.frames }

const (
	// maxBlock is the most samples of a channel that a FLAC frame holds, plus 1.
	maxBlock = 1 << 16

	// maxFLACBytes bounds the size of FLAC frames, in bytes a sample: package
	// recipe rebuilds nothing larger.
	maxFLACBytes = 128
)

// NewFLACEncoder prepares the stream of the FLAC file of size bytes in r, whose
// samples c is to compress. It reads the whole file, and makes sure that it can be
// rebuilt from its samples, on the given number of goroutines; progress is called
// as that of recipe.Analyse, and so is heard. The error is a *recipe.Problem if it
// cannot, or wraps recipe.ErrNotFLAC; any other comes from r or ctx.
func NewFLACEncoder(
	ctx context.Context, r io.ReaderAt, size int64, c SegmentCoder, workers int, progress func(bytes int),
	heard ...func(samples [][]int32),
) (*Encoder, error) {
	return newFLACEncoder(r, size, c, func(length int) (*recipe.File, error) {
		return recipe.Analyse(ctx, r, size, length, workers, progress, heard...)
	})
}

// LookIntoFLAC is NewFLACEncoder in less time, for those who want to know what is in the
// file, as far as [recipe.Look] tells that: the encoder cannot make its parts.
func LookIntoFLAC(ctx context.Context, r io.ReaderAt, size int64, c SegmentCoder, workers int, heard ...func(samples [][]int32)) (*Encoder, error) {
	return newFLACEncoder(r, size, c, func(length int) (*recipe.File, error) {
		return recipe.Look(ctx, r, size, length, workers, heard...)
	})
}

// newFLACEncoder makes the encoder of a FLAC file that analyse takes apart, into parts of
// at least so many frames.
func newFLACEncoder(r io.ReaderAt, size int64, c SegmentCoder, analyse func(length int) (*recipe.File, error)) (*Encoder, error) {
	declared, frames, err := recipe.ReadFormat(r, size)
	if err != nil {
		return nil, err
	}
	format := formatOfFLAC(declared)
	// The frame in which a segment reaches its length belongs to it.
	longest := (MaxSegmentSamples/format.Channels - maxBlock) &^ (segmentAlignment - 1)
	file, err := analyse(min(SegmentFrames(format, frames), longest))
	if err != nil {
		return nil, err
	}
	if len(file.Parts) == 0 {
		return nil, &recipe.Problem{Offset: file.HeadSize, Reason: "there is no audio in it"}
	}
	audio := Span{Span: recording.Span{Offset: file.HeadSize, Size: file.TailOffset - file.HeadSize, Format: format}}
	for _, p := range file.Parts {
		audio.flac = append(audio.flac, run{p.FirstSample, int64(p.Samples), p.Offset - file.HeadSize, int64(p.Size), p.Recipe})
	}
	head := Span{Span: recording.Span{Size: file.HeadSize}}
	tail := Span{Span: recording.Span{Offset: file.TailOffset, Size: size - file.TailOffset}}
	h := Header{Model: NameOf(c.ID()), Spans: []Span{head, audio}}
	if tail.Size > 0 {
		h.Spans = append(h.Spans, tail)
	}
	for i := range h.Spans {
		if s := &h.Spans[i]; !s.Audio() {
			if err := s.keep(r); err != nil {
				return nil, err
			}
		}
	}
	if len(h.marshal()) > maxHeaderSize {
		return nil, &recipe.Problem{Offset: file.HeadSize, Reason: "it is too long"}
	}
	return &Encoder{r: r, layout: newLayout(h), coder: c, block: file.BlockSize, wrongMD5: file.WrongMD5}, nil
}

// WrongMD5 reports whether the FLAC file that the encoder was made for has an MD5
// that is not that of its audio.
func (e *Encoder) WrongMD5() bool { return e.wrongMD5 }

// formatOfFLAC is how a WAV file has such samples, but for those of up to 8 bits,
// which are signed.
func formatOfFLAC(f flac.Format) recording.Format {
	return recording.Format{Channels: f.Channels, SampleRate: f.SampleRate, Width: (f.Bits + 7) / 8, ValidBits: f.Bits}
}

// flacOf is the inverse of formatOfFLAC.
func flacOf(f recording.Format) flac.Format {
	return flac.Format{Channels: f.Channels, Bits: f.ValidBits, SampleRate: f.SampleRate}
}

// FLAC reports whether the bytes of the part are FLAC frames.
func (p Place) FLAC() bool { return p.flac != nil }

// appendFLAC appends what the header says of the span.
func (s Span) appendFLAC(b []byte) []byte {
	b = append(b, flacSpan, byte(s.Format.Width), byte(s.Format.Channels))
	b = appendRate(b, s.Format)
	b = binary.AppendUvarint(b, uint64(len(s.flac)))
	for _, r := range s.flac {
		b = binary.AppendUvarint(b, uint64(r.frames))
		b = binary.AppendUvarint(b, uint64(r.size))
	}
	return b
}

// flac reads a span of FLAC frames of at most so many bytes.
func (p *parser) flac(s *Span, most int64) {
	f := recording.Format{Width: int(p.byte()), Channels: int(p.byte())}
	p.rate(&f)
	if p.err != nil {
		return
	}
	if err := flacOf(f).Check(); err != nil || f.ContainerBits()-f.ValidBits >= 8 {
		p.fail("FLAC does not have %d bits of %d, %d channels, %d Hz", f.ValidBits, f.ContainerBits(), f.Channels, f.SampleRate)
		return
	}
	s.Format = f
	next := run{}
	for range p.number(int64(len(p.rest)) / 2) {
		next.frames = p.number(int64(MaxSegmentSamples / f.Channels))
		next.size = p.number(min(most-s.Size, next.frames*int64(f.Channels)*maxFLACBytes))
		if next.frames == 0 || next.size == 0 {
			p.fail("a segment without samples is impossible")
			return
		}
		s.flac = append(s.flac, next)
		next.start, next.offset = next.end(), next.offset+next.size
		s.Size = next.offset
	}
}

// encodeFLAC compresses FLAC frames: the size of their coded samples, those, and
// the recipe.
func encodeFLAC(ctx context.Context, c SegmentCoder, p Place, original []byte, progress func(samples int)) (payload []byte, samples [][]int32, err error) {
	if samples, err = checkedFLAC(p, original); err != nil {
		return nil, nil, err
	}
	coded, err := c.Encode(ctx, samples, p.Format.ContainerBits(), progress)
	if err != nil {
		return nil, nil, err
	}
	payload = binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen32+len(coded)+len(p.flac.recipe)), uint64(len(coded)))
	return append(append(payload, coded...), p.flac.recipe...), samples, nil
}

// checkedFLAC returns the samples of FLAC frames, after making sure that these are
// what the recipe was made of.
func checkedFLAC(p Place, original []byte) (samples [][]int32, err error) {
	var back []byte
	if samples, err = flacSamples(p, original); err == nil {
		back, err = rebuildFLAC(p, samples, p.flac.recipe)
	}
	if err != nil || !bytes.Equal(back, original) {
		return nil, errors.New("the file changed while it was read")
	}
	return samples, nil
}

// decodeFLAC is the inverse of encodeFLAC.
func decodeFLAC(ctx context.Context, c SegmentCoder, p Place, payload []byte, progress func(samples int)) (original []byte, samples [][]int32, err error) {
	size, n := binary.Uvarint(payload)
	if n <= 0 || size > uint64(len(payload)-n) {
		return nil, nil, errors.New("its samples are larger than all of it")
	}
	coded, recipe := payload[n:n+int(size)], payload[n+int(size):]
	samples, err = c.Decode(ctx, coded, p.Format.Channels, int(p.Frames), p.Format.ContainerBits(), progress)
	if err != nil {
		return nil, nil, err
	}
	if err := checkShape(samples, p.Format.Channels, int(p.Frames)); err != nil {
		return nil, nil, err
	}
	original, err = rebuildFLAC(p, samples, recipe)
	return original, samples, err
}

// flacSamples decodes FLAC frames. The samples fill their container from the
// highest bit on, as those of a WAV file do.
func flacSamples(p Place, raw []byte) ([][]int32, error) {
	samples, err := recipe.Decode(flacOf(p.Format), raw, int(p.Frames))
	if err != nil {
		return nil, fmt.Errorf("its FLAC frames do not decode: %w", err)
	}
	if err := checkShape(samples, p.Format.Channels, int(p.Frames)); err != nil {
		return nil, err
	}
	raise(p.Format, samples)
	return samples, nil
}

// someFLACSamples is flacSamples for some samples of a part, and tells how many bytes raw
// has for them.
func someFLACSamples(p Place, raw []byte, first, frames int) (samples [][]int32, size int, err error) {
	samples, size, err = recipe.DecodeSome(flacOf(p.Format), raw, first, frames)
	if err != nil {
		return nil, 0, fmt.Errorf("its FLAC frames do not decode: %w", err)
	}
	raise(p.Format, samples)
	return samples, size, nil
}

// raise moves samples as FLAC has them to the top of their containers.
func raise(f recording.Format, samples [][]int32) {
	shift := unusedBits(f)
	if shift == 0 {
		return
	}
	for _, channel := range samples {
		for i := range channel {
			channel[i] <<= shift
		}
	}
}

// rebuildFLAC makes the FLAC frames of samples as flacSamples returns them.
func rebuildFLAC(p Place, samples [][]int32, how []byte) ([]byte, error) {
	low := withoutUnused(p.Format, samples)
	return recipe.Rebuild(make([]byte, 0, p.Size), flacOf(p.Format), p.flac.start, low, how)
}

// withoutUnused returns samples without their bits that are not valid.
func withoutUnused(f recording.Format, samples [][]int32) [][]int32 {
	shift := unusedBits(f)
	if shift == 0 {
		return samples
	}
	low := make([][]int32, len(samples))
	for c, channel := range samples {
		low[c] = make([]int32, len(channel))
		for i, v := range channel {
			low[c][i] = v >> shift
		}
	}
	return low
}

func unusedBits(f recording.Format) int { return f.ContainerBits() - f.ValidBits }
