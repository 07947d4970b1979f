// Package wavtest makes WAV files for tests: plain ones from given samples
// (File), and a list of all the odd ones that programs are known to leave
// behind (Cases). Everything is generated, and the same on every machine.
package wavtest

import (
	"encoding/binary"

	"trilobyte/codec/wav"
)

// Case is a file for tests.
type Case struct {
	Name  string // of lower-case letters, digits and hyphens, without ".wav"
	Bytes []byte // the file
	PCM   bool   // whether wav.Parse must find PCM in it, or fail with wav.ErrNotPCM
	Head  int    // bytes before the audio, if PCM
	Audio int    // bytes of audio, a whole number of frames, if PCM
}

// File returns a WAV file with the given samples[channel][frame] and no
// further chunks. Its header is WAVE_FORMAT_EXTENSIBLE for more than two
// channels and where not all bits of the container are valid.
func File(f wav.Format, samples [][]int32) []byte {
	format := formatChunk(f)
	if f.Channels > 2 || f.ValidBits != f.ContainerBits {
		format = extensibleChunk(f)
	}
	return form("RIFF", format, chunk("data", f.Bytes(samples)))
}

// form joins chunks to a file whose RIFF size is right.
func form(id string, chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), join(chunks...)...)
	return append(chunkHeader(id, uint32(len(body))), body...)
}

// chunk returns a chunk, padded to an even length.
func chunk(id string, body []byte) []byte {
	c := append(chunkHeader(id, uint32(len(body))), body...)
	return append(c, make([]byte, len(body)%2)...)
}

// chunkHeader returns a chunk header that declares size bytes.
func chunkHeader(id string, size uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte(id), size)
}

// join returns the parts one after the other.
func join(parts ...[]byte) []byte {
	var b []byte
	for _, part := range parts {
		b = append(b, part...)
	}
	return b
}

// formatChunk returns a WAVE_FORMAT_PCM fmt chunk.
func formatChunk(f wav.Format) []byte {
	return chunk("fmt ", formatBody(1, f.Channels, f.SampleRate, f.FrameBytes(), f.ValidBits))
}

// formatBody returns the 16 bytes that begin every fmt chunk.
func formatBody(tag uint16, channels int, rate uint32, blockAlign, bits int) []byte {
	b := binary.LittleEndian.AppendUint16(nil, tag)
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*uint32(blockAlign))
	b = binary.LittleEndian.AppendUint16(b, uint16(blockAlign))
	return binary.LittleEndian.AppendUint16(b, uint16(bits))
}

// Tails of the subformat identifiers, after the format tag.
const (
	mediaSubtype     = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	ambisonicSubtype = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

// extensibleChunk returns a WAVE_FORMAT_EXTENSIBLE fmt chunk for PCM.
func extensibleChunk(f wav.Format) []byte {
	return chunk("fmt ", extensibleBody(f, uint16(f.ValidBits), 1, mediaSubtype))
}

// extensibleBody returns the 40 bytes of a WAVE_FORMAT_EXTENSIBLE fmt chunk.
func extensibleBody(f wav.Format, valid, subtag uint16, subtype string) []byte {
	b := formatBody(0xFFFE, f.Channels, f.SampleRate, f.FrameBytes(), f.ContainerBits)
	b = binary.LittleEndian.AppendUint16(b, 22)
	b = binary.LittleEndian.AppendUint16(b, valid)
	b = binary.LittleEndian.AppendUint32(b, 0) // no speaker positions
	b = binary.LittleEndian.AppendUint16(b, subtag)
	return append(b, subtype...)
}
