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
	refers        *Reference
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
	keptSpan  = 0 // in records
	shortSpan = 1 // in the header
	usualSpan = 2 // see usualHead
	flacSpan  = 3 // FLAC frames
	// referenceSpan precedes one of the other kinds of audio.
	referenceSpan = 4
	bothSpan      = 0x40 // usualSpan and audio of a usual format, in bits: see usualFormat
	audioSpan     = 0x80 // with bits of the format
)

// The version and the size of the body are one number, so that small streams begin
// with one byte.
const (
	versionBits = 3
	versionMask = 1<<versionBits - 1
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
	spans := h.Spans
	if len(spans) > 1 && spans[0].Usual && spans[1].refers == nil {
		if tag, ok := usualFormat(spans[1].Format); ok {
			body = spans[1].appendFrames(append(body, tag), len(spans) == 2)
			spans = spans[2:]
		}
	}
	for i, s := range spans {
		body = s.append(body, i == len(spans)-1)
	}
	b := binary.AppendUvarint(nil, uint64(len(body))<<versionBits|Version)
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// append appends what the header says of the span, which may be the last one.
func (s Span) append(b []byte, last bool) []byte {
	switch r := s.refers; {
	case r != nil:
		s.refers = nil
		return r.appendChannels(s.append(r.append(b), false))
	case s.FLAC():
		return s.appendFLAC(b)
	case s.Audio():
		return s.appendAudio(b, last)
	case s.Usual:
		return append(b, usualSpan)
	case s.Bytes != nil:
		b = binary.AppendUvarint(append(b, shortSpan), uint64(s.Size))
		return append(b, s.Bytes...)
	}
	return binary.AppendUvarint(append(b, keptSpan), uint64(s.Size))
}

func (s Span) appendAudio(b []byte, last bool) []byte {
	f := s.Format
	tag := byte(audioSpan) | byte(f.Width-1)<<widthShift | byte(f.Kind)
	if f.BigEndian {
		tag |= bigEndianBit
	}
	if f.Unsigned {
		tag |= unsignedBit
	}
	return s.appendFrames(appendRate(append(b, tag, byte(f.Channels)), f), last)
}

// appendFrames appends how many frames there are, and how many in a segment. That
// is all of them where nothing is said at the end.
func (s Span) appendFrames(b []byte, last bool) []byte {
	b = binary.AppendUvarint(b, uint64(s.Frames()))
	switch {
	case int64(s.SegmentFrames) < s.Frames():
		return binary.AppendUvarint(b, uint64(s.SegmentFrames))
	case last:
		return b
	}
	return append(b, 0)
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
	const start = binary.MaxVarintLen32 // of which the size can be read
	b, err := readStream(r, 0, min(size, start))
	if err != nil {
		return Header{}, 0, err
	}
	if len(b) == 0 {
		return damaged("there is no data")
	}
	first, n := binary.Uvarint(b)
	version, bodySize := first&versionMask, first>>versionBits
	if n <= 0 || bodySize > maxHeaderSize {
		return damaged("it does not begin as the compressed data of a recording does")
	}
	body := int64(n)
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
	if version != Version {
		return Header{}, 0, fmt.Errorf("format version %d: %w", version, ErrVersion)
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
		if len(h.Spans) == 0 && p.rest[0]&^usualFormatMask == bothSpan {
			h.Spans = p.both()
		} else {
			h.Spans = append(h.Spans, p.span(offset, len(h.Spans) == 0))
		}
		if p.err != nil {
			return Header{}, p.err
		}
		offset = h.Size()
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
