package recordingtest

import (
	"encoding/binary"
	"slices"
	"strings"

	"trilobyte/codec/recording"
)

// otherKinds are files of all other containers and kinds of samples.
func otherKinds() []Case {
	var cases []Case
	for _, container := range Containers {
		for _, f := range []recording.Format{
			{Width: 1, ValidBits: 8}, {Width: 2, ValidBits: 16}, {Width: 3, ValidBits: 24}, {Width: 4, ValidBits: 32},
			{Width: 2, ValidBits: 16, BigEndian: true}, {Kind: recording.Float, Width: 4, ValidBits: 32, BigEndian: true},
			{Kind: recording.Float, Width: 8, ValidBits: 64, BigEndian: true},
			{Kind: recording.MuLaw, Width: 1, ValidBits: 8}, {Kind: recording.ALaw, Width: 1, ValidBits: 8},
		} {
			f.Channels, f.SampleRate = 2, 44100
			stored, ok := Stored(container, f)
			if !ok || stored.BigEndian != f.BigEndian && f.Width == 2 {
				continue
			}
			audio := make([]byte, 3001*stored.FrameBytes())
			if f.Width <= 4 {
				audio = stored.Bytes(Tone(2, 3001, f.ContainerBits()))
			}
			file := File(container, stored, audio)
			order := map[bool]string{true: "-big-endian"}[stored.BigEndian]
			name := container + "-" + stored.Kind.String() + "-" + string('0'+byte(f.Width)) + order
			c := made(found(container), name, stored, file[:len(file)-len(audio)], sound(audio))
			cases = append(cases, c)
		}
	}
	return append(cases, oddOthers()...)
}

// found is what Find calls a container.
func found(container string) string {
	switch container {
	case "rifx", "rf64":
		return "wav"
	case "aifc":
		return "aiff"
	}
	return container
}

// oddOthers are files of other containers with something odd.
func oddOthers() []Case {
	big := format(2, 44100, 16)
	big.BigEndian = true
	audio := big.Bytes(Tone(2, 2500, 16))
	n := len(audio)
	headOf := func(container string) []byte {
		f, _ := Stored(container, big)
		file := File(container, f, audio)
		return file[:len(file)-n]
	}
	put := func(b []byte, at int, value ...byte) []byte {
		b = slices.Clone(b)
		copy(b[len(b)+min(at, 0):], value)
		return b
	}
	littleEndian, _ := Stored("w64", big)
	name := aiffChunk("NAME", []byte("A title"))
	a, w, u := headOf("aiff"), headOf("w64"), headOf("au")
	form, sound1 := a[:12], sound(audio)
	comm, ssnd := a[12:38], a[38:]
	none := []byte{0, 0, 0, 0}
	all := []byte{255, 255, 255, 255}
	unknown, wrong := recording.LengthUnknown, recording.Length
	c := headOf("caf")
	return []Case{
		made("aiff", "aiff-chunk-after", big, a, sound1, name),
		made("aiff", "aiff-format-behind", big, form, ssnd, sound1, comm),
		made("aiff", "aiff-size-0", big, put(a, -12, none...), sound1).noted(unknown),
		made("aiff", "aiff-size-too-small", big, put(a, -12, 0, 0, 1, 8), sound1, name).noted(wrong),
		made("aiff", "aiff-size-too-large", big, put(a, -12, 0, 1, 0, 0), sound1).noted(wrong),
		made("aiff", "aiff-audio-offset", big, form, comm, header(binary.BigEndian, "SSND", uint32(n+12)),
			"\x00\x00\x00\x04\x00\x00\x00\x00", none, sound1),
		made("aiff", "aiff-two-joined", big, a, sound1, a, sound1).noted(recording.Joined),
		made("aiff", "aiff-in-macbinary", big, make([]byte, 128), a, sound1).noted(recording.Front),
		made("caf", "caf-streamed", big, put(c, -12, slices.Concat(all, all)...), sound1),
		made("caf", "caf-chunk-after", big, c, sound1, cafChunk("info", []byte("\x00\x00\x00\x01title\x00A title\x00"))),
		made("caf", "caf-size-too-small", big, put(c, -12, 0, 0, 0, 0, 0, 0, 1, 4), sound1).noted(wrong),
		made("w64", "w64-size-0", littleEndian, put(w, -8, slices.Concat(none, none)...), sound1).noted(unknown),
		made("w64", "w64-size-largest", littleEndian, put(w, -8, 255, 255, 255, 255, 255, 255, 255, 127), sound1).noted(unknown),
		made("au", "au-streamed", big, put(u, -24, all...), sound1),
		made("au", "au-size-too-small", big, put(u, -24, 0, 0, 1, 0), sound1).noted(wrong),
		made("au", "au-trailing-text", big, u, sound1, strings.Repeat("the end ", 8)).noted(recording.Trailing),
	}
}
