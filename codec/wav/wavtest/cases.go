package wavtest

import (
	"encoding/binary"
	"strings"

	"trilobyte/codec/wav"
)

// Cases returns all the odd files, each with a name of its own.
func Cases() []Case {
	var cases []Case
	for _, group := range [][]Case{formats(), signals(), sizes(), chunks(), largeForms(), otherCodings(), broken()} {
		cases = append(cases, group...)
	}
	return cases
}

// pcm returns a case made of what stands before the first byte of the audio,
// the whole frames of audio, and what stands after them.
func pcm(name string, head, audio, tail []byte) Case {
	return Case{Name: name, Bytes: join(head, audio, tail), PCM: true, Head: len(head), Audio: len(audio)}
}

// head returns the head of a file with the given fmt chunk, whose RIFF and data
// chunks declare the sizes as they are with dataSize bytes and nothing after.
func head(format []byte, dataSize int) []byte {
	b := form("RIFF", format, chunkHeader("data", uint32(dataSize)))
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8+dataSize))
	return b
}

// whole returns the case of a sound file of samples without anything odd but
// their format.
func whole(name string, f wav.Format, fmtChunk []byte, samples [][]int32) Case {
	audio := f.Bytes(samples)
	return pcm(name, head(fmtChunk, len(audio)), audio, nil)
}

// formats are sound files of all kinds of samples.
func formats() []Case {
	const frames = 3000
	plain := func(name string, f wav.Format) Case {
		return whole(name, f, formatChunk(f), Tone(f.Channels, frames, f.ContainerBits))
	}
	narrow := func(name string, container, valid int, fmtChunk func(wav.Format) []byte) Case {
		f := wav.Format{Channels: 2, SampleRate: 48000, ContainerBits: container, ValidBits: valid}
		return whole(name, f, fmtChunk(f), shifted(2, frames, valid, container-valid))
	}
	extended := func(subtag uint16, subtype string) func(wav.Format) []byte {
		return func(f wav.Format) []byte { return chunk("fmt ", extensibleBody(f, 0, subtag, subtype)) }
	}
	eight, many := format(8, 48000, 16), format(wav.MaxChannels, 8000, 8)
	stereo := format(2, 44100, 16)
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
		narrow("pcm-12-in-16", 16, 12, formatChunk),
		narrow("pcm-20-in-24", 24, 20, formatChunk),
		narrow("pcm-24-in-32", 32, 24, formatChunk),
		narrow("extensible-12-in-16", 16, 12, extensibleChunk),
		narrow("extensible-20-in-24", 24, 20, extensibleChunk),
		narrow("extensible-24-in-32", 32, 24, extensibleChunk),
		narrow("extensible-valid-bits-0", 16, 16, extended(1, mediaSubtype)),
		narrow("extensible-ambisonic", 16, 16, extended(1, ambisonicSubtype)),
		whole("fmt-of-18-bytes", stereo, chunk("fmt ", append(formatBody(1, 2, 44100, 4, 16), 0, 0)), Tone(2, frames, 16)),
		whole("8-channels", eight, extensibleChunk(eight), Tone(8, frames, 16)),
		whole("255-channels", many, extensibleChunk(many), Tone(wav.MaxChannels, 100, 8)),
	}
}

// signals are sound files whose samples are a challenge.
func signals() []Case {
	file := func(name string, f wav.Format, samples [][]int32) Case {
		return whole(name, f, formatChunk(f), samples)
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

// sizes are files whose data chunk does not say what is there.
func sizes() []Case {
	stereo, mono8 := format(2, 44100, 16), format(1, 11025, 8)
	audio := stereo.Bytes(Tone(2, 2500, 16))
	odd := mono8.Bytes(Tone(1, 2501, 8))
	one := []byte{0x34, 0x12}
	stereoHead := func(size int) []byte { return head(formatChunk(stereo), size) }
	oddHead := head(formatChunk(mono8), len(odd))
	streamed := stereoHead(-1) // as uint32: 0xFFFFFFFF
	binary.LittleEndian.PutUint32(streamed[4:], 0xFFFFFFFF)
	zeroed := stereoHead(0)
	binary.LittleEndian.PutUint32(zeroed[4:], 0)
	misdeclared := stereoHead(len(audio))
	binary.LittleEndian.PutUint32(misdeclared[4:], 7)
	return []Case{
		pcm("empty-data", stereoHead(0), nil, nil),
		pcm("empty-data-then-list", stereoHead(0), nil, metadata()),
		pcm("one-sample", head(formatChunk(format(1, 8000, 16)), 2), one, nil),
		pcm("one-sample-8", head(formatChunk(mono8), 1), one[:1], []byte{0}),
		pcm("one-sample-8-unpadded", head(formatChunk(mono8), 1), one[:1], nil),
		pcm("odd-length-padded", oddHead, odd, []byte{0}),
		pcm("odd-length-unpadded", oddHead, odd, nil),
		pcm("odd-length-padded-then-list", oddHead, odd, join([]byte{0}, metadata())),
		pcm("odd-length-unpadded-then-list", oddHead, odd, metadata()),
		pcm("size-0-streamed", zeroed, audio, nil),
		pcm("size-ffffffff-streamed", streamed, audio, nil),
		pcm("size-7ffff000-streamed", stereoHead(0x7FFFF000), audio, nil),
		pcm("truncated-data", stereoHead(len(audio)), audio[:4000], nil),
		pcm("truncated-within-a-frame", stereoHead(len(audio)), audio[:4000], audio[4000:4003]),
		pcm("truncated-to-one-byte", stereoHead(len(audio)), nil, audio[:1]),
		pcm("partial-last-frame", stereoHead(len(audio)-1), audio[:len(audio)-4], audio[len(audio)-4:]),
		pcm("riff-size-wrong", misdeclared, audio, nil),
	}
}

// metadata returns the chunks that audio programs write beside the audio.
func metadata() []byte {
	cue := make([]byte, 28)
	cue[0], cue[4], cue[24] = 1, 1, 200
	copy(cue[12:], "data")
	return join(
		chunk("LIST", []byte("INFOIART\x09\x00\x00\x00A. Singer\x00ISFT\x08\x00\x00\x00Recorder")),
		chunk("bext", join([]byte("Field recording, take 3"), make([]byte, 602-23))),
		chunk("cue ", cue),
		chunk("smpl", make([]byte, 36)),
		chunk("iXML", []byte("<?xml version=\"1.0\"?><BWFXML><SCENE>7</SCENE></BWFXML>")),
		chunk("id3 ", []byte("ID3\x03\x00\x00\x00\x00\x00\x0bTIT2\x00\x00\x00\x01\x00\x00\x00")),
	)
}

// chunks are files with more than a format and audio.
func chunks() []Case {
	stereo := format(2, 44100, 16)
	audio := stereo.Bytes(Tone(2, 2500, 16))
	data := chunkHeader("data", uint32(len(audio)))
	start := func(before ...[]byte) []byte { return join(form("RIFF", before...), data) }
	unpadded := append(chunkHeader("LIST", 5), "INFO!"...)
	return []Case{
		pcm("metadata-before", start(formatChunk(stereo), metadata()), audio, nil),
		pcm("metadata-before-format", start(metadata(), formatChunk(stereo)), audio, nil),
		pcm("metadata-after", start(formatChunk(stereo)), audio, metadata()),
		pcm("metadata-before-and-after", start(metadata(), formatChunk(stereo), metadata()), audio, metadata()),
		pcm("large-metadata-before", start(chunk("JUNK", []byte(strings.Repeat("cover art ", 150000))), formatChunk(stereo)), audio, nil),
		pcm("large-metadata-after", start(formatChunk(stereo)), audio, chunk("id3 ", stereo.Bytes(whiteNoise(2, 300000, 16)))),
		pcm("odd-list-padded-before", start(formatChunk(stereo), chunk("LIST", []byte("INFO!"))), audio, nil),
		pcm("odd-list-unpadded-before", start(formatChunk(stereo), unpadded), audio, nil),
		pcm("two-data-chunks", start(formatChunk(stereo)), audio, chunk("data", audio[:1000])),
		pcm("two-formats", start(formatChunk(stereo), formatChunk(format(1, 8000, 8))), audio, nil),
		pcm("trailing-junk", start(formatChunk(stereo)), audio, []byte("left over from an earlier, longer take")),
	}
}

// largeForms are files in the layouts made for 4 GiB and more.
func largeForms() []Case {
	stereo := format(2, 96000, 24)
	audio := stereo.Bytes(Tone(2, 2500, 24))
	start := func(id string, dataSize uint64) []byte {
		ds64 := make([]byte, 28)
		binary.LittleEndian.PutUint64(ds64, uint64(len(audio)+100))
		binary.LittleEndian.PutUint64(ds64[8:], dataSize)
		binary.LittleEndian.PutUint64(ds64[16:], uint64(len(audio)/stereo.FrameBytes()))
		b := form(id, chunk("ds64", ds64), formatChunk(stereo), chunkHeader("data", 0xFFFFFFFF))
		binary.LittleEndian.PutUint32(b[4:], 0xFFFFFFFF)
		return b
	}
	size := uint64(len(audio))
	noTable := join(form("RF64", formatChunk(stereo), chunkHeader("data", 0xFFFFFFFF)))
	small := join(form("RF64", chunk("ds64", make([]byte, 28)), formatChunk(stereo), chunkHeader("data", uint32(size))))
	return []Case{
		pcm("rf64", start("RF64", size), audio, nil),
		pcm("rf64-metadata-after", start("RF64", size), audio, metadata()),
		pcm("bw64", start("BW64", size), audio, chunk("axml", []byte("<ebuCoreMain/>"))),
		pcm("rf64-streamed", start("RF64", 0), audio, nil),
		pcm("rf64-truncated", start("RF64", size*1000), audio, nil),
		pcm("rf64-size-beyond-int64", start("RF64", 1<<64-1), audio, nil),
		pcm("rf64-without-ds64", noTable, audio, nil),
		pcm("rf64-with-32-bit-size", small, audio, metadata()),
	}
}

// otherCodings are sound files of something else than integer PCM.
func otherCodings() []Case {
	payload := stereoPayload()
	file := func(name string, fmtBody []byte) Case {
		return Case{Name: name, Bytes: form("RIFF", chunk("fmt ", fmtBody), chunk("data", payload))}
	}
	stereo32 := format(2, 44100, 32)
	return []Case{
		file("float-32", formatBody(3, 2, 44100, 8, 32)),
		file("float-64", formatBody(3, 2, 44100, 16, 64)),
		file("float-32-extensible", extensibleBody(stereo32, 32, 3, mediaSubtype)),
		file("float-32-ambisonic", extensibleBody(stereo32, 32, 3, ambisonicSubtype)),
		file("unknown-subformat", extensibleBody(stereo32, 32, 1, "fourteen bytes")),
		file("pcm-64", formatBody(1, 2, 44100, 16, 64)),
		file("adpcm-microsoft", append(formatBody(2, 2, 44100, 2048, 4), 0, 0)),
		file("adpcm-ima", append(formatBody(0x11, 2, 44100, 2048, 4), 2, 0, 0xF9, 3)),
		file("a-law", append(formatBody(6, 1, 8000, 1, 8), 0, 0)),
		file("mu-law", append(formatBody(7, 1, 8000, 1, 8), 0, 0)),
		file("mp3-in-wav", append(formatBody(0x55, 2, 44100, 1, 0), make([]byte, 14)...)),
		file("unknown-tag", formatBody(0x1234, 2, 44100, 4, 16)),
	}
}

// stereoPayload returns some bytes for data chunks.
func stereoPayload() []byte { return format(2, 44100, 16).Bytes(Tone(2, 2048, 16)) }

// broken are files that are no WAV, or not a sound one.
func broken() []Case {
	payload := stereoPayload()
	good := formatBody(1, 2, 44100, 4, 16)
	fmtChunk, data := chunk("fmt ", good), chunk("data", payload)
	file := func(name string, fmtBody []byte) Case {
		return Case{Name: name, Bytes: form("RIFF", chunk("fmt ", fmtBody), data)}
	}
	return []Case{
		{Name: "no-bytes"},
		{Name: "text", Bytes: []byte("This is a text file that somebody named .wav.\n")},
		{Name: "text-of-three-bytes", Bytes: []byte("RIF")},
		{Name: "cut-within-riff-header", Bytes: []byte("RIFF\x00\x01\x00\x00WA")},
		{Name: "cut-within-format", Bytes: form("RIFF", fmtChunk, data)[:30]},
		{Name: "cut-before-data", Bytes: form("RIFF", fmtChunk)},
		{Name: "cut-within-data-header", Bytes: form("RIFF", fmtChunk, data[:7])},
		{Name: "no-format", Bytes: form("RIFF", data)},
		{Name: "data-before-format", Bytes: form("RIFF", data, fmtChunk)},
		{Name: "ds64-too-short", Bytes: form("RF64", chunk("ds64", make([]byte, 8)), fmtChunk, data)},
		{Name: "chunk-beyond-the-end", Bytes: form("RIFF", fmtChunk, chunkHeader("LIST", 1<<31), data)},
		{Name: "too-many-chunks", Bytes: form("RIFF", []byte(strings.Repeat("JUNK\x00\x00\x00\x00", 5000)), fmtChunk, data)},
		{Name: "riff-avi", Bytes: append([]byte("RIFF\x00\x01\x00\x00AVI "), data...)},
		{Name: "rifx", Bytes: form("RIFX", fmtChunk, data)},
		{Name: "aiff", Bytes: []byte("FORM\x00\x00\x00\x04AIFF")},
		{Name: "flac", Bytes: []byte("fLaC\x80\x00\x00\x22")},
		{Name: "mp3", Bytes: []byte("ID3\x04\x00\x00\x00\x00\x00\x00")},
		file("fmt-too-short", good[:14]),
		file("extensible-too-short", append(formatBody(0xFFFE, 2, 44100, 4, 16), 0, 0)),
		file("0-channels", formatBody(1, 0, 44100, 0, 16)),
		file("256-channels", formatBody(1, 256, 44100, 512, 16)),
		file("rate-0", formatBody(1, 2, 0, 4, 16)),
		file("block-align-0", formatBody(1, 2, 44100, 0, 16)),
		file("block-align-odd", formatBody(1, 2, 44100, 3, 16)),
		file("bits-0", formatBody(1, 2, 44100, 4, 0)),
		file("bits-above-container", formatBody(1, 2, 44100, 4, 24)),
	}
}
