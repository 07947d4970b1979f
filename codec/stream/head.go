package stream

import "encoding/binary"

// usualHeadSize is the size in bytes of the head that most WAV files have.
const usualHeadSize = 44

// usualHead returns the bytes before the audio that a WAV file has which holds
// nothing but integer PCM: a RIFF header, a fmt chunk of 16 bytes, and the header
// of the data chunk, with the sizes that follow from the rest of h.
func (h Header) usualHead() []byte {
	f := h.Format
	block := f.FrameBytes()
	audio := uint32(h.Frames * int64(block))
	b := make([]byte, 0, usualHeadSize)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, usualHeadSize-8+audio+uint32(h.TailSize))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, uint16(f.Channels))
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate*uint32(block))
	b = binary.LittleEndian.AppendUint16(b, uint16(block))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.ValidBits))
	b = append(b, "data"...)
	return binary.LittleEndian.AppendUint32(b, audio)
}

// storedHead is how many bytes of the head stand in records.
func (h Header) storedHead() int64 {
	if h.UsualHead {
		return 0
	}
	return h.HeadSize
}
