package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"time"

	"trilobyte/codec/recording"
)

// Version is the version of the format.
const Version = 1

// Header describes a stream and the file in it.
type Header struct {
	Spans []Span // tile the file; each has at least one byte
	Model ModelName
}

// Span is a span of the file, and how it stands in the stream.
type Span struct {
	recording.Span
	SegmentFrames int    // of every segment of audio but the last, which has the rest; 0 where the bytes are FLAC frames
	Usual         bool   // it is the usual head of a WAV file, which follows from the header
	Bytes         []byte // what is kept of it in the header, or follows from that; otherwise nil
	flac          []run  // the segments of FLAC frames
}

// FLAC reports whether the bytes of the span are FLAC frames. Its Format is then
// that of the samples in them, as a WAV file would have these.
func (s Span) FLAC() bool { return s.flac != nil }

// Frames is the number of frames of audio, 0 if the bytes are kept.
func (s Span) Frames() int64 {
	if s.FLAC() {
		return s.flac[len(s.flac)-1].end()
	}
	return s.Span.Frames()
}

const (
	checksumSize = 4
	modelSize    = len(ModelName{})

	// maxHeaderSize bounds what has to be read before anything is checked. It is
	// three times what the most spans need that package recording finds.
	maxHeaderSize = 1 << 20

	// shortSize is how many bytes a span may have that the Encoder keeps in the
	// header: a record of its own would be larger.
	shortSize = 128
)

// What a span in the header is. Others than these have audioSpan in them.
const (
	keptSpan  = 0    // in records
	shortSpan = 1    // in the header
	usualSpan = 2    // see usualHead
	flacSpan  = 3    // FLAC frames
	audioSpan = 0x80 // with bits of the format
)

// The bits of the format of audio.
const (
	unsignedBit  = 1 << 6
	bigEndianBit = 1 << 5
	widthShift   = 2 // of the width in bytes, minus 1, in three bits
	kindMask     = 3 // recording.Kind
)

// sampleRates are those that a byte stands for: 1 for the first one.
var sampleRates = []uint32{
	8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000, 352800, 384000,
}

// unusedBit is set in that byte if not all bits of the samples are valid.
const unusedBit = 0x80

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Size is the size in bytes of the file in the stream.
func (h Header) Size() int64 {
	if len(h.Spans) == 0 {
		return 0
	}
	return h.Spans[len(h.Spans)-1].End()
}

// Format is the format of the first span of audio, or the zero Format.
func (h Header) Format() recording.Format {
	for _, s := range h.Spans {
		if s.Audio() {
			return s.Format
		}
	}
	return recording.Format{}
}

// FLAC reports whether the file is a FLAC file.
func (h Header) FLAC() bool { return slices.ContainsFunc(h.Spans, Span.FLAC) }

// Frames is the number of frames of audio in all spans.
func (h Header) Frames() int64 {
	n := int64(0)
	for _, s := range h.Spans {
		n += s.Frames()
	}
	return n
}

// OneFormat reports whether all audio has the same format.
func (h Header) OneFormat() bool {
	f := h.Format()
	return !slices.ContainsFunc(h.Spans, func(s Span) bool { return s.Audio() && s.Format != f })
}

// Layout returns the spans as package recording has them.
func (h Header) Layout() []recording.Span {
	spans := make([]recording.Span, len(h.Spans))
	for i, s := range h.Spans {
		spans[i] = s.Span
	}
	return spans
}

// duration is how long so many frames of audio last.
func duration(frames int64, f recording.Format) time.Duration {
	rate := int64(f.SampleRate)
	whole := frames / rate
	if whole > int64(math.MaxInt64/time.Second)-1 {
		return math.MaxInt64
	}
	return time.Duration(whole)*time.Second + time.Duration(frames%rate)*time.Second/time.Duration(rate)
}

// marshal returns the header as it is written.
func (h Header) marshal() []byte {
	body := slices.Clone(h.Model[:])
	for _, s := range h.Spans {
		body = s.append(body)
	}
	b := binary.AppendUvarint([]byte{Version}, uint64(len(body)))
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// append appends what the header says of the span.
func (s Span) append(b []byte) []byte {
	switch {
	case s.FLAC():
		return s.appendFLAC(b)
	case s.Audio():
		return s.appendAudio(b)
	case s.Usual:
		return append(b, usualSpan)
	case s.Bytes != nil:
		b = binary.AppendUvarint(append(b, shortSpan), uint64(s.Size))
		return append(b, s.Bytes...)
	}
	return binary.AppendUvarint(append(b, keptSpan), uint64(s.Size))
}

func (s Span) appendAudio(b []byte) []byte {
	f := s.Format
	tag := byte(audioSpan) | byte(f.Width-1)<<widthShift | byte(f.Kind)
	if f.BigEndian {
		tag |= bigEndianBit
	}
	if f.Unsigned {
		tag |= unsignedBit
	}
	b = appendRate(append(b, tag, byte(f.Channels)), f)
	b = binary.AppendUvarint(b, uint64(s.Frames()))
	if int64(s.SegmentFrames) >= s.Frames() {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(s.SegmentFrames))
}

// appendRate appends the sample rate and how many bits are not valid.
func appendRate(b []byte, f recording.Format) []byte {
	rate := byte(slices.Index(sampleRates, f.SampleRate) + 1)
	unused := byte(f.ContainerBits() - f.ValidBits)
	if unused > 0 {
		rate |= unusedBit
	}
	b = append(b, rate)
	if rate&^unusedBit == 0 {
		b = binary.AppendUvarint(b, uint64(f.SampleRate))
	}
	if unused > 0 {
		b = append(b, unused)
	}
	return b
}

// readHeader reads the header of the stream of size bytes in r. It returns its
// size in the stream, too.
func readHeader(r io.ReaderAt, size int64) (Header, int64, error) {
	damaged := func(reason string) (Header, int64, error) {
		return Header{}, 0, &DamageError{What: "header", Part: -1, Reason: reason}
	}
	const start = 1 + binary.MaxVarintLen32 // of which the size can be read
	b, err := readStream(r, 0, min(size, start))
	if err != nil {
		return Header{}, 0, err
	}
	if len(b) == 0 {
		return damaged("there is no data")
	}
	bodySize, n := binary.Uvarint(b[1:])
	if n <= 0 || bodySize > maxHeaderSize {
		return damaged("it does not begin as the compressed data of a recording does")
	}
	body := int64(1 + n)
	end := body + int64(bodySize)
	if size < end+checksumSize {
		return damaged(fmt.Sprintf("the data ends after %d bytes", size))
	}
	if b, err = readStream(r, 0, end+checksumSize); err != nil {
		return Header{}, 0, err
	}
	if crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return damaged("checksum mismatch")
	}
	if b[0] != Version {
		return Header{}, 0, fmt.Errorf("format version %d: %w", b[0], ErrVersion)
	}
	h, err := parseBody(b[body:end])
	if err != nil {
		return damaged(err.Error())
	}
	return h, end + checksumSize, nil
}

// parseBody reads what stands between the size and the checksum. After it, no sum
// or product of the sizes overflows.
func parseBody(b []byte) (Header, error) {
	if len(b) < modelSize {
		return Header{}, errors.New("it names no model")
	}
	h := Header{Model: ModelName(b)}
	p := parser{rest: b[modelSize:]}
	offset := int64(0)
	for len(p.rest) > 0 {
		s := p.span(offset, len(h.Spans) == 0)
		if p.err != nil {
			return Header{}, p.err
		}
		h.Spans = append(h.Spans, s)
		offset = s.End()
	}
	if len(h.Spans) == 0 {
		return Header{}, errors.New("it has no spans")
	}
	if first := &h.Spans[0]; first.Usual {
		if len(h.Spans) < 2 || !hasUsualHead(h.Spans[1]) {
			return Header{}, errors.New("the usual head of a WAV file does not belong there")
		}
		first.Bytes = h.usualHead()
	}
	return h, nil
}

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
	if p.err != nil {
		return
	}
	frames := p.number(most / int64(f.FrameBytes()))
	length := p.number(math.MaxInt32)
	if length == 0 {
		length = frames
	}
	if length > int64(MaxSegmentSamples/f.Channels) {
		p.fail("segments of %d frames are impossible", length)
	}
	s.Format, s.Size, s.SegmentFrames = f, frames*int64(f.FrameBytes()), int(length)
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

// readStream returns so many bytes of a stream from offset on.
func readStream(r io.ReaderAt, offset, size int64) ([]byte, error) {
	b := make([]byte, size)
	n, err := r.ReadAt(b, offset)
	if n == len(b) {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("reading the compressed data at byte %d: %w", offset+int64(n), err)
}
