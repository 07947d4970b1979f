package recordingtest

import (
	"encoding/binary"

	"trilobyte/codec/recording"
)

// Case is a file for tests, and what recording.Find must say about it.
type Case struct {
	Name      string // of lower-case letters, digits and hyphens
	Bytes     []byte // the file
	Container string
	Audio     []recording.Span // all of them
	Notes     []recording.NoteKind
	Reason    recording.ReasonKind // "" if there is audio
}

// Cases returns all the odd files, each with a name of its own.
func Cases() []Case {
	var cases []Case
	for _, group := range [][]Case{
		formats(), signals(), sizes(), frames(), chunks(), fronts(), largeForms(), otherKinds(), refused(), foreign(),
	} {
		cases = append(cases, group...)
	}
	return cases
}

// little is the byte order of WAV files.
var little = binary.LittleEndian

// format returns a format of integers in WAV files all bits of which are valid.
func format(channels int, rate uint32, bits int) recording.Format {
	return recording.Format{Channels: channels, SampleRate: rate, Width: bits / 8, ValidBits: bits, Unsigned: bits == 8}
}

// sound is a part of a file that is audio.
type sound []byte

// wave returns a case of a WAV file made of parts, bytes that are kept and sound.
func wave(name string, f recording.Format, parts ...any) Case { return made("wav", name, f, parts...) }

// made returns a case of a file of a container made of parts.
func made(container, name string, f recording.Format, parts ...any) Case {
	c := Case{Name: name, Container: container}
	for _, part := range parts {
		switch part := part.(type) {
		case []byte:
			c.Bytes = append(c.Bytes, part...)
		case string:
			c.Bytes = append(c.Bytes, part...)
		case sound:
			c.Audio = append(c.Audio, recording.Span{Offset: int64(len(c.Bytes)), Size: int64(len(part)), Format: f})
			c.Bytes = append(c.Bytes, part...)
		}
	}
	if len(c.Audio) == 0 {
		c.Reason = recording.NoAudio
	}
	return c
}

// noted adds the kinds of notes that are wanted.
func (c Case) noted(kinds ...recording.NoteKind) Case {
	c.Notes = kinds
	return c
}

// refusedFor has nothing found in the file for a reason.
func (c Case) refusedFor(kind recording.ReasonKind) Case {
	c.Audio, c.Notes, c.Reason = nil, nil, kind
	return c
}

// head returns the head of a WAV file with the given fmt chunk, whose RIFF and
// data chunks declare the sizes as they are with dataSize bytes and nothing after.
func head(format []byte, dataSize int) []byte {
	b := riff("RIFF", little, format, header(little, "data", uint32(dataSize)))
	little.PutUint32(b[4:], uint32(len(b)-8+dataSize))
	return b
}

// formats are WAV files of all kinds of samples, with nothing odd about them.
func formats() []Case {
	const frames = 3000
	whole := func(name string, f recording.Format, fmtChunk []byte, samples [][]int32) Case {
		audio := f.Bytes(samples)
		return wave(name, f, head(fmtChunk, len(audio)), sound(audio), make([]byte, len(audio)%2))
	}
	plain := func(name string, f recording.Format) Case {
		return whole(name, f, formatChunk(little, f), Tone(f.Channels, frames, f.ContainerBits()))
	}
	narrow := func(name string, container, valid int, fmtChunk func(recording.Format) []byte) Case {
		f := format(2, 48000, container)
		f.ValidBits = valid
		return whole(name, f, fmtChunk(f), shifted(2, frames, valid, container-valid))
	}
	short := func(f recording.Format) []byte {
		return chunk("fmt ", formatBody(little, 1, f.Channels, f.SampleRate, f.FrameBytes(), f.ValidBits))
	}
	extended := func(f recording.Format) []byte { return formatChunk(little, f) }
	unset := func(subtype string) func(recording.Format) []byte {
		return func(f recording.Format) []byte { return chunk("fmt ", extensibleBody(little, f, 0, 1, subtype)) }
	}
	stereo := format(2, 44100, 16)
	eighteen := append(formatBody(little, 1, 2, 44100, 4, 16), 0, 0)
	return []Case{
		plain("pcm-8-mono", format(1, 22050, 8)),
		plain("pcm-8-stereo", format(2, 44100, 8)),
		plain("pcm-16-mono", format(1, 44100, 16)),
		plain("pcm-16-stereo", stereo),
		plain("pcm-24-mono", format(1, 48000, 24)),
		plain("pcm-24-stereo", format(2, 96000, 24)),
		plain("pcm-32-stereo", format(2, 44100, 32)),
		plain("rate-1", format(1, 1, 16)),
		plain("rate-384000", format(2, 384000, 24)),
		plain("rate-4294967295", format(1, 1<<32-1, 16)),
		narrow("pcm-12-in-16", 16, 12, short),
		narrow("pcm-20-in-24", 24, 20, short),
		narrow("pcm-24-in-32", 32, 24, short),
		narrow("extensible-12-in-16", 16, 12, extended),
		narrow("extensible-20-in-24", 24, 20, extended),
		narrow("extensible-24-in-32", 32, 24, extended),
		narrow("extensible-valid-bits-0", 16, 16, unset(mediaSubtype)),
		narrow("extensible-ambisonic", 16, 16, unset(ambisonicSubtype)),
		whole("fmt-of-18-bytes", stereo, chunk("fmt ", eighteen), Tone(2, frames, 16)),
		plain("8-channels", format(8, 48000, 16)),
		whole("255-channels", format(255, 8000, 8), formatChunk(little, format(255, 8000, 8)), Tone(255, 100, 8)),
	}
}

// signals are WAV files whose samples are a challenge.
func signals() []Case {
	file := func(name string, f recording.Format, samples [][]int32) Case {
		audio := f.Bytes(samples)
		return wave(name, f, head(formatChunk(little, f), len(audio)), sound(audio))
	}
	stereo := format(2, 44100, 16)
	return []Case{
		file("all-zero", stereo, generate(2, 20000, func(int, int) int32 { return 0 })),
		file("all-lowest", stereo, generate(2, 20000, func(int, int) int32 { return -32768 })),
		file("square-full-scale", stereo, square(2, 20000, 16)),
		file("square-full-scale-32", format(1, 44100, 32), square(1, 5000, 32)),
		file("white-noise", stereo, whiteNoise(2, 2*44100, 16)),
		file("white-noise-8", format(1, 44100, 8), whiteNoise(1, 4*44100, 8)),
		file("white-noise-24", format(1, 48000, 24), whiteNoise(1, 72000, 24)),
		file("white-noise-32", format(1, 48000, 32), whiteNoise(1, 48000, 32)),
		file("silence-between-sounds", stereo, interrupted(2, 20000, 16)),
		file("lattice", format(2, 48000, 24), lattice(2, 20000)),
		file("low-bit-zero", stereo, shifted(2, 20000, 15, 1)),
	}
}

// refused are recordings that are kept whole for a reason.
func refused() []Case {
	payload := format(2, 44100, 16).Bytes(Tone(2, 2048, 16))
	file := func(name string, kind recording.ReasonKind, fmtBody []byte) Case {
		b := riff("RIFF", little, chunk("fmt ", fmtBody), chunk("data", payload))
		return wave(name, recording.Format{}, b).refusedFor(kind)
	}
	body := func(tag uint16, channels, block, bits int) []byte {
		return formatBody(little, tag, channels, 44100, block, bits)
	}
	stereo32 := format(2, 44100, 32)
	good := chunk("fmt ", body(1, 2, 4, 16))
	whole := riff("RIFF", little, good, chunk("data", payload))
	caf := File("caf", format(2, 44100, 16), payload)
	copy(caf[28:], "alac")
	alien := File("au", format(2, 44100, 16), payload)
	alien[15] = 23
	aifc := File("aifc", format(2, 44100, 16), payload)
	copy(aifc[38:], "ima4")
	return []Case{
		file("unknown-subformat", recording.UnknownCoding, extensibleBody(little, stereo32, 32, 1, "fourteen bytes")),
		file("extensible-32-without-subformat", recording.UnknownCoding, append(body(0xFFFE, 2, 8, 32), 0, 0)),
		file("pcm-64", recording.Unsupported, body(1, 2, 16, 64)),
		file("float-16", recording.Unsupported, body(3, 2, 4, 16)),
		file("adpcm-microsoft", recording.Compressed, append(body(2, 2, 2048, 4), 0, 0)),
		file("adpcm-ima", recording.Compressed, append(body(0x11, 2, 2048, 4), 2, 0, 0xF9, 3)),
		file("mp3-in-wav", recording.Compressed, append(body(0x55, 2, 1, 0), make([]byte, 14)...)),
		file("unknown-tag", recording.UnknownCoding, body(0x1234, 2, 4, 16)),
		file("fmt-too-short", recording.BadFormat, good[8:22]),
		file("0-channels", recording.BadChannels, body(1, 0, 0, 16)),
		file("256-channels", recording.BadChannels, body(1, 256, 512, 16)),
		wave("no-format", recording.Format{}, riff("RIFF", little, chunk("data", payload))).refusedFor(recording.NoFormat),
		wave("cut-within-format", recording.Format{}, whole[:30]).refusedFor(recording.BadFormat).noted(recording.ChunkSize),
		wave("cut-before-data", recording.Format{}, whole[:36]),
		wave("cut-within-data-header", recording.Format{}, whole[:43]),
		made("aiff", "aifc-ima4", recording.Format{}, aifc).refusedFor(recording.Compressed),
		made("caf", "caf-alac", recording.Format{}, caf).refusedFor(recording.Compressed),
		made("au", "au-adpcm", recording.Format{}, alien).refusedFor(recording.Compressed),
	}
}

// foreign are files that are no recordings, or none that is read.
func foreign() []Case {
	file := func(name string, kind recording.ReasonKind, b string) Case {
		return Case{Name: name, Bytes: []byte(b), Reason: kind}
	}
	return []Case{
		file("no-bytes", recording.NotRecording, ""),
		file("text", recording.NotRecording, "This is a text file that somebody named .wav.\n"),
		file("text-of-three-bytes", recording.NotRecording, "RIF"),
		file("cut-within-riff-header", recording.NotRecording, "RIFF\x00\x01\x00\x00WA"),
		file("riff-avi", recording.NotRecording, "RIFF\x00\x01\x00\x00AVI LIST"),
		file("header-lost", recording.NotRecording, string(make([]byte, 5000))),
		{Name: "flac", Container: "flac", Bytes: []byte("fLaC\x80\x00\x00\x22"), Reason: recording.Compressed},
		file("mp3", recording.Compressed, "\xff\xfb\x90\x64\x00\x00"),
		file("id3-then-mp3", recording.Compressed, "ID3\x04\x00\x00\x00\x00\x00\x01\x00\xff\xfb\x90\x64"),
		file("dsf", recording.DSD, "DSD \x1c\x00\x00\x00"),
	}
}
