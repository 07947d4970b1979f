package stream

import (
	"encoding/binary"

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
