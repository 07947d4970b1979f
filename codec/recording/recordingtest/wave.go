package recordingtest

import (
	"strings"

	"trilobyte/codec/recording"
)

// sizes are WAV files whose data chunk does not say what is there.
func sizes() []Case {
	stereo, mono8 := format(2, 44100, 16), format(1, 11025, 8)
	audio := stereo.Bytes(Tone(2, 2500, 16))
	odd := mono8.Bytes(Tone(1, 2501, 8))
	n := len(audio)
	f := formatChunk(little, stereo)
	stereoHead := func(size int) []byte { return head(f, size) }
	oddHead := head(formatChunk(little, mono8), len(odd))
	file := func(name string, size int, parts ...any) Case {
		return wave(name, stereo, append([]any{stereoHead(size)}, parts...)...)
	}
	withRIFF := func(b []byte, size uint32) []byte {
		little.PutUint32(b[4:], size)
		return b
	}
	junk := chunk("JUNK", make([]byte, 4044))
	unfinished := withRIFF(riff("RIFF", little, f, junk, header(little, "data", 0)), 4088)
	unknown, wrong := recording.LengthUnknown, recording.Length
	const text = "made by a tool of 2001, see its own site for news: x.example "
	return []Case{
		file("empty-data", 0),
		file("empty-data-then-list", 0, metadata()),
		file("empty-data-then-data", 0, header(little, "data", uint32(n)), sound(audio)),
		wave("one-sample", format(1, 8000, 16), head(formatChunk(little, format(1, 8000, 16)), 2), sound{0x34, 0x12}),
		wave("one-sample-8", mono8, head(formatChunk(little, mono8), 1), sound{0x34}, "\x00"),
		wave("one-sample-8-unpadded", mono8, head(formatChunk(little, mono8), 1), sound{0x34}),
		wave("odd-length-padded", mono8, oddHead, sound(odd), "\x00"),
		wave("odd-length-unpadded", mono8, oddHead, sound(odd)),
		wave("odd-length-padded-then-list", mono8, oddHead, sound(odd), "\x00", metadata()),
		wave("odd-length-unpadded-then-list", mono8, oddHead, sound(odd), metadata()),
		wave("size-0-streamed", stereo, withRIFF(stereoHead(0), 0), sound(audio)).noted(unknown),
		wave("size-ffffffff-streamed", stereo, withRIFF(stereoHead(-1), 0xFFFFFFFF), sound(audio)).noted(unknown),
		wave("never-finalised", stereo, unfinished, sound(audio)).noted(unknown),
		file("size-7ffff000-streamed", 0x7FFFF000, sound(audio)).noted(wrong),
		file("size-7fffffff", 0x7FFFFFFF, sound(audio)).noted(wrong),
		file("size-44-too-many", n+44, sound(audio)).noted(wrong),
		file("size-4-too-few", n-4, sound(audio)).noted(wrong),
		file("size-of-half", n/2, sound(audio)).noted(wrong),
		file("size-of-half-then-list", n/2, sound(audio), metadata()).noted(wrong),
		file("size-too-large-then-list", n*2, sound(audio), metadata()).noted(wrong),
		file("size-of-first-block", 4096, sound(audio)).noted(wrong),
		file("size-in-frames", n/4, sound(audio)).noted(wrong),
		file("size-in-frames-then-list", n/4, sound(audio), metadata()).noted(wrong),
		file("size-1", 1, sound(audio)).noted(wrong),
		file("truncated-data", n, sound(audio[:4000])).noted(wrong),
		file("truncated-within-a-frame", n, sound(audio[:4000]), audio[4000:4003]).noted(wrong, recording.PartialFrame),
		file("truncated-to-one-byte", n, audio[:1]).noted(wrong, recording.PartialFrame),
		file("partial-last-frame", n-1, sound(audio[:n-4]), audio[n-4:]).noted(recording.PartialFrame),
		file("data-minus-2", n-2, sound(audio[:n-4]), audio[n-4:n-2]).noted(recording.PartialFrame),
		wave("riff-size-wrong", stereo, withRIFF(stereoHead(n), 7), sound(audio)),
		wave("riff-size-0", stereo, withRIFF(stereoHead(n), 0), sound(audio)),
		file("trailing-text", n, sound(audio), text).noted(recording.Trailing),
		file("trailing-tag", n, sound(audio), "TAG", make([]byte, 125)).noted(recording.Trailing),
		file("trailing-zeros", n, sound(audio), make([]byte, 65536)).noted(recording.Trailing),
		file("trailing-random", n, sound(audio), stereo.Bytes(whiteNoise(2, 5000, 16))).noted(recording.Trailing),
		file("zeros-in-data", n+65536, sound(join(audio, make([]byte, 65536)))),
	}
}

// frames are WAV files whose frame size contradicts the rest.
func frames() []Case {
	stereo, mono, mono24, wide := format(2, 48000, 16), format(1, 22050, 16), format(1, 44100, 24), format(1, 44100, 32)
	wide.ValidBits = 24
	file := func(name string, f recording.Format, body []byte, notes ...recording.NoteKind) Case {
		audio := f.Bytes(Tone(f.Channels, 2000, f.ValidBits))
		return wave(name, f, head(chunk("fmt ", body), len(audio)), sound(audio)).noted(notes...)
	}
	body := func(f recording.Format, block int) []byte {
		b := formatBody(little, 1, f.Channels, f.SampleRate, f.FrameBytes(), f.ValidBits)
		little.PutUint16(b[12:], uint16(block))
		return b
	}
	rate := func(b []byte, rate uint32) []byte {
		little.PutUint32(b[8:], rate)
		return b
	}
	field := func(b []byte, at int, value uint32) []byte {
		little.PutUint32(b[at:], value)
		return b
	}
	assumed := format(1, 44100, 16)
	size := recording.FrameSize
	return []Case{
		file("block-0-stereo", stereo, body(stereo, 0), size),
		file("block-1-stereo", stereo, body(stereo, 1), size),
		file("block-2-stereo", stereo, body(stereo, 2), size),
		file("block-3-stereo", stereo, body(stereo, 3), size),
		file("block-8-stereo", stereo, body(stereo, 8), size),
		file("block-8-stereo-byte-rate-0", stereo, rate(body(stereo, 8), 0), size),
		file("block-0-mono", mono, body(mono, 0), size),
		file("block-1-mono", mono, body(mono, 1), size),
		file("block-4-mono", mono, body(mono, 4), size),
		file("block-2-mono-24", mono24, body(mono24, 2), size),
		file("block-4-mono-24", mono24, body(mono24, 4), size),
		file("block-4-mono-24-byte-rate-0", wide, rate(body(wide, 4), 0)),
		file("block-0-24-in-32", wide, body(wide, 0), size),
		file("byte-rate-0", stereo, rate(body(stereo, 4), 0)),
		file("byte-rate-7", stereo, rate(body(stereo, 4), 7)),
		file("bits-0", stereo, formatBody(little, 1, 2, 48000, 4, 0), recording.ValidBits),
		file("bits-above-container", stereo, formatBody(little, 1, 2, 48000, 4, 24), recording.ValidBits),
		file("rate-0", mono, field(body(mono, 2), 4, 0), recording.SampleRate),
		file("rates-0", assumed, rate(field(body(assumed, 2), 4, 0), 0), recording.SampleRate),
		file("extensible-without-subformat", stereo, append(formatBody(little, 0xFFFE, 2, 48000, 4, 16), 0, 0)),
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

// chunks are WAV files with more than a format and audio, in odd places.
func chunks() []Case {
	stereo := format(2, 44100, 16)
	f := formatChunk(little, stereo)
	audio := stereo.Bytes(Tone(2, 2500, 16))
	data := func(audio []byte) []byte { return header(little, "data", uint32(len(audio))) }
	file := func(name string, parts ...any) Case { return wave(name, stereo, parts...) }
	start := func(before ...[]byte) []byte { return join(riff("RIFF", little, before...), data(audio)) }
	bare := func(id, body string, size uint32) []byte { return append(header(little, id, size), body...) }
	guano := "GUANO|Version: 1.0\nMake: Maker\nModel: M1\n"
	half := len(audio) / 2
	halfFile := File("wav", stereo, audio[:half])
	halfHead := halfFile[:len(halfFile)-half]
	chunkSize, padByte := recording.ChunkSize, recording.PadByte
	return []Case{
		file("metadata-before", start(f, metadata()), sound(audio)),
		file("metadata-before-format", start(metadata(), f), sound(audio)),
		file("metadata-after", start(f), sound(audio), metadata()),
		file("metadata-before-and-after", start(metadata(), f, metadata()), sound(audio), metadata()),
		file("large-metadata-before", start(chunk("JUNK", []byte(strings.Repeat("cover art ", 150000))), f), sound(audio)),
		file("large-metadata-after", start(f), sound(audio), chunk("id3 ", stereo.Bytes(whiteNoise(2, 300000, 16)))),
		file("unknown-chunks-before-and-after", start(f, chunk("xyz1", make([]byte, 99))), sound(audio), chunk("xyz2", []byte("?"))),
		file("odd-list-padded-before", start(f, chunk("LIST", []byte("INFO!"))), sound(audio)),
		file("odd-list-unpadded-before", start(f, bare("LIST", "INFO!", 5)), sound(audio)).noted(padByte),
		file("odd-list-pad-byte-not-0", start(f, bare("LIST", "INFO!Q", 5)), sound(audio)),
		file("odd-unknown-unpadded", start(f, bare("xyz1", "12345", 5), chunk("xyz2", make([]byte, 16))), sound(audio)).
			noted(padByte),
		file("odd-unpadded-then-odd", start(f, bare("iXML", "<a>odd</a>x", 11), chunk("guan", []byte(guano))), sound(audio)).
			noted(padByte),
		file("chunk-declares-more", start(f, bare("smpl", string(make([]byte, 36)), 60)), sound(audio)).noted(chunkSize),
		file("chunk-declares-less", start(f, bare("smpl", string(make([]byte, 60)), 36)), sound(audio)).noted(chunkSize),
		file("chunk-beyond-the-end", start(f, bare("LIST", "INFO"+string(make([]byte, 60)), 0x70000000)), sound(audio)).
			noted(chunkSize),
		file("cue-declares-less", start(f, bare("cue ", "\x01\x00\x00\x00"+string(make([]byte, 8))+"data"+string(make([]byte, 12)), 20)),
			sound(audio)).noted(chunkSize),
		file("zeros-between-chunks", start(f, make([]byte, 100)), sound(audio)).noted(chunkSize),
		file("zeros-before-chunks", start(make([]byte, 100), f), sound(audio)),
		file("data-before-format", start(), sound(audio), f).noted(recording.FormatBehind),
		file("two-formats", start(f, formatChunk(little, format(1, 8000, 8))), sound(audio)),
		file("bad-format-then-good", start(chunk("fmt ", make([]byte, 4)), f), sound(audio)),
		file("two-data-chunks", start(f), sound(audio), data(audio[:1000]), sound(audio[:1000])),
		file("list-between-two-data-chunks", start(f), sound(audio), chunk("LIST", make([]byte, 12)), data(audio), sound(audio)),
		file("wave-list", riff("RIFF", little, f), header(little, "LIST", uint32(32+len(audio))), "wavl",
			data(audio[:half]), sound(audio[:half]), chunk("slnt", make([]byte, 4)), data(audio[half:]), sound(audio[half:])),
		file("two-files-joined", halfHead, sound(audio[:half]), halfHead, sound(audio[half:])).noted(recording.Joined),
		file("upper-case-data", riff("RIFF", little, f), header(little, "DATA", uint32(len(audio))), sound(audio)),
		file("5000-chunks", start(f, []byte(strings.Repeat("note\x0a\x00\x00\x000123456789", 5000))), sound(audio)),
	}
}

// fronts are WAV files that something stands before.
func fronts() []Case {
	stereo := format(2, 44100, 16)
	audio := stereo.Bytes(Tone(2, 2500, 16))
	h := head(formatChunk(little, stereo), len(audio))
	file := func(name string, front string) Case {
		return wave(name, stereo, front, h, sound(audio)).noted(recording.Front)
	}
	tag := "ID3\x04\x00\x00\x00\x00\x07\x76" + string(make([]byte, 1014))
	two := file("two-id3-tags-in-front", tag+tag)
	return []Case{
		file("id3-in-front", tag),
		two.noted(recording.Front, recording.Front),
		file("bom-in-front", "\xef\xbb\xbf"),
		file("macbinary-in-front", "\x00\x05T.wav"+string(make([]byte, 121))),
	}
}

// largeForms are WAV files in the layouts made for 4 GiB and more.
func largeForms() []Case {
	stereo := format(2, 96000, 24)
	audio := stereo.Bytes(Tone(2, 2500, 24))
	file := func(id, name string, size uint64, more ...[]byte) Case {
		b := largeFile(id, stereo, size, audio)
		parts := []any{b[:len(b)-len(audio)], sound(audio)}
		for _, m := range more {
			parts = append(parts, m)
		}
		return wave(name, stereo, parts...)
	}
	n := uint64(len(audio))
	f := formatChunk(little, stereo)
	noTable := riff("RF64", little, f, header(little, "data", 0xFFFFFFFF))
	small := riff("RF64", little, chunk("ds64", make([]byte, 28)), f, header(little, "data", uint32(n)))
	short := riff("RF64", little, chunk("ds64", make([]byte, 8)), f, header(little, "data", uint32(n)))
	unknown, wrong := recording.LengthUnknown, recording.Length
	return []Case{
		file("RF64", "rf64", n),
		file("RF64", "rf64-metadata-after", n, metadata()),
		file("BW64", "bw64", n, chunk("axml", []byte("<ebuCoreMain/>"))),
		file("RF64", "rf64-streamed", 0).noted(unknown),
		file("RF64", "rf64-truncated", n*1000).noted(wrong),
		file("RF64", "rf64-size-beyond-int64", 1<<64-1).noted(unknown),
		wave("rf64-without-ds64", stereo, noTable, sound(audio)).noted(unknown),
		wave("rf64-with-32-bit-size", stereo, small, sound(audio), metadata()),
		wave("rf64-with-short-ds64", stereo, short, sound(audio)),
	}
}
