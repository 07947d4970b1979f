// Package recordingtest makes recordings for tests: plain ones of all kinds of
// files from given samples (File), and a list of all the odd ones that programs
// are known to leave behind (Cases). Everything is generated, and the same on
// every machine.
package recordingtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"trilobyte/codec/recording"
)

// Containers are the kinds of files that File makes. RIFX, RF64 and AIFC files
// are found as "wav" and "aiff".
var Containers = []string{"wav", "rifx", "rf64", "w64", "aiff", "aifc", "caf", "au"}

// Stored returns f as the samples of f would be stored in a container: with the
// byte order, and the sign of integers of one byte, that it has. ok is false if
// the container cannot hold such samples.
func Stored(container string, f recording.Format) (stored recording.Format, ok bool) {
	bigEndian := map[string]bool{"rifx": true, "aiff": true, "au": true}
	littleEndian := map[string]bool{"wav": true, "rf64": true, "w64": true}
	switch {
	case bigEndian[container]:
		f.BigEndian = true
	case littleEndian[container]:
		f.BigEndian = false
	}
	riff := littleEndian[container] || container == "rifx"
	f.BigEndian = f.BigEndian && f.Width > 1
	f.Unsigned = riff && f.Kind == recording.Integer && f.Width == 1
	return f, container != "aiff" || f.Kind == recording.Integer
}

// File returns a file of samples that are stored as f says (see Stored), with the
// given bytes as its audio and no chunks that it does not need.
func File(container string, f recording.Format, audio []byte) []byte {
	frames := len(audio) / f.FrameBytes()
	switch container {
	case "wav":
		return riff("RIFF", binary.LittleEndian, formatChunk(binary.LittleEndian, f), chunk("data", audio))
	case "rifx":
		data := append(header(binary.BigEndian, "data", uint32(len(audio))), audio...)
		return riff("RIFX", binary.BigEndian, formatChunk(binary.BigEndian, f), append(data, make([]byte, len(audio)%2)...))
	case "rf64":
		return largeFile("RF64", f, uint64(len(audio)), audio)
	case "w64":
		return wave64(f, audio)
	case "aiff", "aifc":
		return aiff(container, f, frames, audio)
	case "caf":
		return slices.Concat([]byte("caff\x00\x01\x00\x00"), cafDesc(f), cafChunk("data", join(make([]byte, 4), audio)))
	case "au":
		return join(auHeader(f, uint32(len(audio))), audio)
	}
	panic("no container " + container)
}

// WAV returns a WAV file with the given samples[channel][frame], at the full
// width of the container.
func WAV(f recording.Format, samples [][]int32) []byte { return File("wav", f, f.Bytes(samples)) }

// join returns the parts one after the other.
func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// riff joins chunks to a file whose RIFF size is right.
func riff(id string, order binary.ByteOrder, chunks ...[]byte) []byte {
	body := join(append([][]byte{[]byte("WAVE")}, chunks...)...)
	return append(header(order, id, uint32(len(body))), body...)
}

// header returns a chunk header that declares size bytes.
func header(order binary.ByteOrder, id string, size uint32) []byte {
	b := append([]byte(id), 0, 0, 0, 0)
	order.PutUint32(b[4:], size)
	return b
}

// chunk returns a chunk, padded to an even length.
func chunk(id string, body []byte) []byte {
	c := append(header(binary.LittleEndian, id, uint32(len(body))), body...)
	return append(c, make([]byte, len(body)%2)...)
}

// formatChunk returns a fmt chunk: WAVE_FORMAT_EXTENSIBLE for more than two
// channels and where not all bits of the container are valid.
func formatChunk(order binary.ByteOrder, f recording.Format) []byte {
	tag := map[recording.Kind]uint16{recording.Integer: 1, recording.Float: 3, recording.ALaw: 6, recording.MuLaw: 7}[f.Kind]
	body := formatBody(order, tag, f.Channels, f.SampleRate, f.FrameBytes(), f.ContainerBits())
	if f.Channels > 2 || f.ValidBits != f.ContainerBits() {
		body = extensibleBody(order, f, uint16(f.ValidBits), tag, mediaSubtype)
	}
	return append(header(order, "fmt ", uint32(len(body))), body...)
}

// formatBody returns the 16 bytes that begin every fmt chunk.
func formatBody(order binary.ByteOrder, tag uint16, channels int, rate uint32, blockAlign, bits int) []byte {
	b := make([]byte, 16)
	order.PutUint16(b, tag)
	order.PutUint16(b[2:], uint16(channels))
	order.PutUint32(b[4:], rate)
	order.PutUint32(b[8:], rate*uint32(blockAlign))
	order.PutUint16(b[12:], uint16(blockAlign))
	order.PutUint16(b[14:], uint16(bits))
	return b
}

// Tails of the subformat identifiers, after the format tag.
const (
	mediaSubtype     = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	ambisonicSubtype = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

// extensibleBody returns the 40 bytes of a WAVE_FORMAT_EXTENSIBLE fmt chunk.
func extensibleBody(order binary.ByteOrder, f recording.Format, valid, subtag uint16, subtype string) []byte {
	b := append(formatBody(order, 0xFFFE, f.Channels, f.SampleRate, f.FrameBytes(), f.ContainerBits()), make([]byte, 10)...)
	order.PutUint16(b[16:], 22)
	order.PutUint16(b[18:], valid) // and no speaker positions
	order.PutUint16(b[24:], subtag)
	return append(b, subtype...)
}

// largeFile returns an RF64 or BW64 file whose ds64 chunk declares audioSize
// bytes, with more chunks behind the audio.
func largeFile(id string, f recording.Format, audioSize uint64, audio []byte, more ...[]byte) []byte {
	ds64 := make([]byte, 28)
	binary.LittleEndian.PutUint64(ds64, uint64(len(audio)+100))
	binary.LittleEndian.PutUint64(ds64[8:], audioSize)
	binary.LittleEndian.PutUint64(ds64[16:], uint64(len(audio)/f.FrameBytes()))
	data := append(header(binary.LittleEndian, "data", 0xFFFFFFFF), audio...)
	chunks := append([][]byte{chunk("ds64", ds64), formatChunk(binary.LittleEndian, f), data}, more...)
	b := riff(id, binary.LittleEndian, chunks...)
	binary.LittleEndian.PutUint32(b[4:], 0xFFFFFFFF)
	return b
}

const (
	wave64RIFF = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
	wave64Tail = "\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
)

// wave64 returns a Sony Wave64 file.
func wave64(f recording.Format, audio []byte) []byte {
	part := func(id string, size int) []byte {
		return binary.LittleEndian.AppendUint64([]byte(id+wave64Tail), uint64(size))
	}
	format := formatChunk(binary.LittleEndian, f)[8:]
	b := join([]byte("wave"+wave64Tail), part("fmt ", 24+len(format)), format, part("data", 24+len(audio)), audio)
	return join([]byte(wave64RIFF), binary.LittleEndian.AppendUint64(nil, uint64(24+len(b))), b)
}

// aiff returns an AIFF or AIFC file.
func aiff(container string, f recording.Format, frames int, audio []byte) []byte {
	comm := binary.BigEndian.AppendUint16(nil, uint16(f.Channels))
	comm = binary.BigEndian.AppendUint32(comm, uint32(frames))
	comm = binary.BigEndian.AppendUint16(comm, uint16(f.ValidBits))
	comm = append(comm, extended(f.SampleRate)...)
	kind := "AIFF"
	if container == "aifc" {
		kind = "AIFC"
		comm = append(comm, compression(f)...)
		comm = append(comm, "\x05plain"...)
	}
	body := join([]byte(kind), aiffChunk("COMM", comm), aiffChunk("SSND", join(make([]byte, 8), audio)))
	return append(header(binary.BigEndian, "FORM", uint32(len(body))), body...)
}

func aiffChunk(id string, body []byte) []byte {
	c := append(header(binary.BigEndian, id, uint32(len(body))), body...)
	return append(c, make([]byte, len(body)%2)...)
}

// compression returns the compression type of AIFC for f.
func compression(f recording.Format) string {
	switch f.Kind {
	case recording.Float:
		return fmt.Sprintf("fl%d", f.ContainerBits())
	case recording.MuLaw:
		return "ulaw"
	case recording.ALaw:
		return "alaw"
	}
	if f.Width > 1 && !f.BigEndian {
		return "sowt"
	}
	return "NONE"
}

// extended returns a whole number as an IEEE 754 extended float.
func extended(n uint32) []byte {
	exponent := math.Ilogb(float64(n))
	b := binary.BigEndian.AppendUint16(nil, uint16(16383+exponent))
	return binary.BigEndian.AppendUint64(b, uint64(n)<<(63-exponent))
}

func cafChunk(id string, body []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte(id), uint64(len(body))), body...)
}

// cafDesc returns the audio description chunk of a CAF file.
func cafDesc(f recording.Format) []byte {
	id := "lpcm"
	var flags uint32
	switch f.Kind {
	case recording.Float:
		flags |= 1
	case recording.MuLaw:
		id = "ulaw"
	case recording.ALaw:
		id = "alaw"
	}
	if !f.BigEndian {
		flags |= 2
	}
	b := binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(f.SampleRate)))
	b = append(b, id...)
	for _, v := range []uint32{flags, uint32(f.FrameBytes()), 1, uint32(f.Channels), uint32(f.ValidBits)} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return cafChunk("desc", b)
}

// auHeader returns the header of an AU file with an annotation of 8 bytes.
func auHeader(f recording.Format, size uint32) []byte {
	coding := uint32(1 + f.Width) // of integers
	switch f.Kind {
	case recording.Float:
		coding = 5 + uint32(f.Width)/4
	case recording.MuLaw:
		coding = 1
	case recording.ALaw:
		coding = 27
	}
	b := []byte(".snd")
	for _, v := range []uint32{32, size, coding, f.SampleRate, uint32(f.Channels)} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return append(b, "a note\x00\x00"...)
}
