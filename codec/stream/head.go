package stream

import (
	"encoding/binary"
	"slices"

	"trilobyte/codec/recording"
)

// usualHeadSize is the size in bytes of the head that most WAV files have.
const usualHeadSize = 44

// hasUsualHead reports whether the usual head can stand before a span.
func hasUsualHead(s Span) bool {
	f := s.Format
	return !s.FLAC() && f.Channels > 0 && f.Kind == recording.Integer && !f.BigEndian && f.Unsigned == (f.Width == 1)
}

// usualHead returns the bytes before the audio, the second span, that a WAV file
// has which holds nothing but integer PCM: a RIFF header, a fmt chunk of 16
// bytes, and the header of the data chunk, with the sizes that follow from the
// spans.
func (h Header) usualHead() []byte {
	f := h.Spans[1].Format
	block := f.FrameBytes()
	b := make([]byte, 0, usualHeadSize)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.Size()-8))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, uint16(f.Channels))
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate*uint32(block))
	b = binary.LittleEndian.AppendUint16(b, uint16(block))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.ValidBits))
	b = append(b, "data"...)
	return binary.LittleEndian.AppendUint32(b, uint32(h.Spans[1].Size))
}

// The bits of the usual formats.
const (
	usualFormatMask = 0x3F
	stereoBit       = 1 << 5
	threeBytesBit   = 1 << 4
	rateMask        = 0x0F // number of the sample rate, minus 1
)

// usualFormat returns the byte that stands for the usual head and for audio of
// that format, if there is one: of integers of 2 or 3 bytes, little-endian, all of
// their bits valid, of one or two channels, at a listed sample rate.
func usualFormat(f recording.Format) (tag byte, ok bool) {
	rate := slices.Index(sampleRates, f.SampleRate)
	if rate < 0 || f.Channels < 1 || f.Channels > 2 || f.Width < 2 || f.Width > 3 {
		return 0, false
	}
	tag = bothSpan | byte(f.Channels-1)*stereoBit | byte(f.Width-2)*threeBytesBit | byte(rate)
	return tag, f == formatOfUsual(tag)
}

// formatOfUsual is the inverse of usualFormat.
func formatOfUsual(tag byte) recording.Format {
	f := recording.Format{Kind: recording.Integer, Channels: 1, Width: 2, SampleRate: sampleRates[tag&rateMask]}
	if tag&stereoBit != 0 {
		f.Channels = 2
	}
	if tag&threeBytesBit != 0 {
		f.Width = 3
	}
	f.ValidBits = f.ContainerBits()
	return f
}
