package stream

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"trilobyte/codec/recording"
)

// parser takes the spans of a header apart. Its first error stays.
type parser struct {
	rest []byte
	err  error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
		p.rest = nil
	}
}

func (p *parser) byte() byte {
	b := p.bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (p *parser) bytes(n int) []byte {
	if n > len(p.rest) {
		p.fail("it ends within a span")
		return nil
	}
	b := slices.Clone(p.rest[:n])
	p.rest = p.rest[n:]
	return b
}

// number reads a number of at most the given size.
func (p *parser) number(most int64) int64 {
	v, n := binary.Uvarint(p.rest)
	if n <= 0 {
		p.fail("it ends within a span")
		return 0
	}
	p.rest = p.rest[n:]
	if v > uint64(most) {
		p.fail("a size of %d is impossible", v)
		return 0
	}
	return int64(v)
}

// span reads a span that begins at offset.
func (p *parser) span(offset int64, first bool) Span {
	s := Span{Span: recording.Span{Offset: offset}}
	most := math.MaxInt64 - offset
	switch tag := p.byte(); {
	case tag&audioSpan != 0:
		p.audio(&s, tag, most)
	case tag == keptSpan:
		s.Size = p.number(most)
	case tag == shortSpan:
		s.Size = p.number(min(most, int64(len(p.rest))))
		s.Bytes = p.bytes(int(s.Size))
	case tag == flacSpan:
		p.flac(&s, most)
	case tag == referenceSpan:
		p.reference(&s, most)
	case tag == usualSpan && first:
		s.Size, s.Usual = usualHeadSize, true
	default:
		p.fail("a span of kind %d is impossible", tag)
	}
	if s.Size == 0 {
		p.fail("a span of no bytes is impossible")
	}
	return s
}

// audio reads a span of audio of at most so many bytes.
func (p *parser) audio(s *Span, tag byte, most int64) {
	f := recording.Format{
		Kind:      recording.Kind(tag & kindMask),
		Width:     int(tag>>widthShift&7) + 1,
		BigEndian: tag&bigEndianBit != 0,
		Unsigned:  tag&unsignedBit != 0,
		Channels:  int(p.byte()),
	}
	p.rate(&f)
	p.frames(s, f, most)
}

// frames reads how many frames of a format there are, and how many in a segment.
func (p *parser) frames(s *Span, f recording.Format, most int64) {
	if p.err != nil {
		return
	}
	frames := p.number(most / int64(f.FrameBytes()))
	length := int64(0)
	if len(p.rest) > 0 {
		length = p.number(math.MaxInt32)
	}
	if length == 0 {
		length = frames
	}
	if length > int64(MaxSegmentSamples/f.Channels) {
		p.fail("segments of %d frames are impossible", length)
	}
	s.Format, s.Size, s.SegmentFrames = f, frames*int64(f.FrameBytes()), int(length)
}

// both reads the usual head and the audio behind it.
func (p *parser) both() []Span {
	head := Span{Span: recording.Span{Size: usualHeadSize}, Usual: true}
	audio := Span{Span: recording.Span{Offset: usualHeadSize}}
	p.frames(&audio, formatOfUsual(p.byte()), math.MaxInt64-usualHeadSize)
	if audio.Size == 0 {
		p.fail("a span of no bytes is impossible")
	}
	return []Span{head, audio}
}

// rate reads the sample rate and how many bits are not valid, and checks f.
func (p *parser) rate(f *recording.Format) {
	f.ValidBits = f.ContainerBits()
	rate := p.byte()
	switch i := int(rate &^ unusedBit); {
	case i == 0:
		f.SampleRate = uint32(p.number(math.MaxUint32))
	case i <= len(sampleRates):
		f.SampleRate = sampleRates[i-1]
	}
	if rate&unusedBit != 0 {
		f.ValidBits -= int(p.byte())
	}
	if p.err != nil {
		return
	}
	if err := f.Check(); err != nil {
		p.fail("%w", err)
	}
}
