package recording_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// plain is audio that no byte of which is 0.
var (
	stereo = recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}
	plain  = bytes.Repeat([]byte{1, 2, 3, 4}, 2000)
)

// tags returns what a file says, read from its kept bytes alone.
func tags(t *testing.T, file []byte) recording.Metadata {
	t.Helper()
	f, err := find(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(audioOf(f)) == 0 {
		t.Fatalf("no audio: %v", f.Reasons)
	}
	var kept []byte
	for _, s := range f.Spans {
		if !s.Audio() {
			kept = append(kept, file[s.Offset:s.End()]...)
		}
	}
	m, err := recording.Tags(recording.KeptReader(f.Spans, kept), int64(len(file)), f.Spans)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := recording.Tags(bytes.NewReader(file), int64(len(file)), f.Spans)
	if err != nil || !slices.Equal(whole.Tags, m.Tags) || whole.Speakers != m.Speakers {
		t.Errorf("the whole file says %v, %v, its kept bytes %v", whole, err, m)
	}
	return m
}

func littleChunk(id, body string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	return append(append(b, body...), make([]byte, len(body)%2)...)
}

func bigChunk(id, body string) []byte {
	b := binary.BigEndian.AppendUint32([]byte(id), uint32(len(body)))
	return append(append(b, body...), make([]byte, len(body)%2)...)
}

func field(text string, size int) string { return text + string(make([]byte, size-len(text))) }

// behind returns a file with more behind it.
func behind(file []byte, more ...[]byte) []byte { return slices.Concat(file, slices.Concat(more...)) }

// id3 returns an ID3v2 tag of frames.
func id3(version byte, frames ...string) string {
	body := ""
	for _, f := range frames {
		body += f
	}
	n := len(body)
	return "ID3" + string([]byte{version, 0, 0, 0, 0, byte(n >> 7), byte(n & 127)}) + body
}

func frame(id, body string) string {
	return id + "\x00\x00\x00" + string(rune(len(body))) + "\x00\x00" + body
}

func TestTags(t *testing.T) {
	bext := field("A birds\xe4ng", 256) + field("Recorder", 32) + field("REF", 32) + "2026-01-0212:00:00" +
		"\x15\xcd\x5b\x07\x00\x00\x00\x00" + field("", 256) + "A=PCM\r\n"
	title := frame("TIT2", "\x03Ein Titel")
	wavFile := recordingtest.File("wav", stereo, plain)
	aiff := recordingtest.File("aiff", bigEndian(stereo), plain)
	info := "INFO" + string(littleChunk("IART", "A. Singer\x00")) + string(littleChunk("ISFT", "x\x80")) + string(littleChunk("ICMT", " "))
	texts := []string{
		frame("TPE1", "\x00\xc4rger"), frame("TALB", "\x01\xff\xfeA\x00\xe4\x00"), frame("APIC", "\x00image"),
		frame("COMM", "\x00eng\x00Nice"), frame("TXXX", "\x00key\x00value"), frame("TPE2", "\x02\x00A\x00\x00\x00B"),
	}
	aiffTexts := [][]byte{
		bigChunk("NAME", "A title"), bigChunk("AUTH", "\x80rger"), bigChunk("(c) ", "2026"), bigChunk("ANNO", "a note"),
		bigChunk("ID3 ", id3(4, title)),
	}
	pairs := "\x00\x00\x00\x02title\x00A title\x00artist\x00\xc3\x84rger\x00"
	caf := behind(recordingtest.File("caf", stereo, plain), []byte("info\x00\x00\x00\x00"), bigChunk("", pairs))
	tests := []struct {
		name string
		file []byte
		want []recording.Tag
	}{
		{"nothing", wavFile, nil},
		{"info", behind(wavFile, littleChunk("LIST", info)), []recording.Tag{{Name: "IART", Text: "A. Singer"}, {Name: "ISFT", Text: "x€"}}},
		{"bext", behind(wavFile, littleChunk("bext", bext)), []recording.Tag{
			{Name: "bext.Description", Text: "A birdsäng"}, {Name: "bext.Originator", Text: "Recorder"},
			{Name: "bext.OriginatorReference", Text: "REF"}, {Name: "bext.OriginationDate", Text: "2026-01-02"},
			{Name: "bext.OriginationTime", Text: "12:00:00"}, {Name: "bext.TimeReference", Text: "123456789"},
			{Name: "bext.CodingHistory", Text: "A=PCM"},
		}},
		{"short bext", behind(wavFile, littleChunk("bext", "Short")), []recording.Tag{{Name: "bext.Description", Text: "Short"}}},
		{"id3 behind", behind(wavFile, littleChunk("id3 ", id3(4, title))), []recording.Tag{{Name: "id3.TIT2", Text: "Ein Titel"}}},
		{"id3 in front", behind([]byte(id3(4, title)), wavFile), []recording.Tag{{Name: "id3.TIT2", Text: "Ein Titel"}}},
		{"id3 texts", behind(wavFile, littleChunk("id3 ", id3(3, texts...))), []recording.Tag{
			{Name: "id3.TPE1", Text: "Ärger"}, {Name: "id3.TALB", Text: "Aä"}, {Name: "id3.COMM", Text: "Nice"},
			{Name: "id3.TXXX.key", Text: "value"}, {Name: "id3.TPE2", Text: "A"}, {Name: "id3.TPE2", Text: "B"},
		}},
		{"id3 2.2", behind(wavFile, littleChunk("ID3 ", id3(2, "TT2\x00\x00\x06\x00Title"))), []recording.Tag{{Name: "id3.TT2", Text: "Title"}}},
		{"aiff", behind(aiff, aiffTexts...), []recording.Tag{
			{Name: "aiff.NAME", Text: "A title"}, {Name: "aiff.AUTH", Text: "Ärger"}, {Name: "aiff.(c)", Text: "2026"},
			{Name: "aiff.ANNO", Text: "a note"}, {Name: "id3.TIT2", Text: "Ein Titel"},
		}},
		{"caf", caf, []recording.Tag{{Name: "caf.title", Text: "A title"}, {Name: "caf.artist", Text: "Ärger"}}},
		{"au", recordingtest.File("au", bigEndian(stereo), plain), []recording.Tag{{Name: "au.annotation", Text: "a note"}}},
		{"joined", behind(aiff, aiffTexts[0], wavFile, littleChunk("LIST", info)), []recording.Tag{
			{Name: "aiff.NAME", Text: "A title"}, {Name: "IART", Text: "A. Singer"}, {Name: "ISFT", Text: "x€"},
		}},
	}
	for _, test := range tests {
		if got := tags(t, test.file).Tags; !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func bigEndian(f recording.Format) recording.Format {
	f.BigEndian = true
	return f
}

// Tags are found where Find looked for them, however wrong the sizes are.
func TestTagsOfOddFiles(t *testing.T) {
	for _, c := range recordingtest.Cases() {
		if len(c.Audio) == 0 {
			continue
		}
		found := slices.ContainsFunc(tags(t, c.Bytes).Tags, func(tag recording.Tag) bool {
			return tag == recording.Tag{Name: "IART", Text: "A. Singer"}
		})
		if want := bytes.Contains(c.Bytes, []byte("INFOIART\x09\x00\x00\x00A. Singer")); found != want {
			t.Errorf("%s: artist found: %v, want %v", c.Name, found, want)
		}
	}
}

func TestSpeakers(t *testing.T) {
	six := recording.Format{Channels: 6, SampleRate: 48000, Width: 2, ValidBits: 16}
	audio := bytes.Repeat([]byte{1}, 1200)
	masked := recordingtest.File("wav", six, audio)
	masked[40] = 0x3F
	chanChunk := func(words ...uint32) string {
		var b []byte
		for _, w := range words {
			b = binary.BigEndian.AppendUint32(b, w)
		}
		return string(b)
	}
	aiff := recordingtest.File("aiff", bigEndian(six), audio)
	tests := []struct {
		name string
		file []byte
		want uint32
	}{
		{"wav", masked, 0x3F},
		{"wav without", recordingtest.File("wav", six, audio), 0},
		{"plain wav", recordingtest.File("wav", stereo, plain), 0},
		{"bitmap", slices.Concat(aiff, bigChunk("CHAN", chanChunk(1<<16, 0x60F, 0))), 0x60F},
		{"layout", slices.Concat(aiff, bigChunk("CHAN", chanChunk(121<<16|6, 0, 0))), 0x3F},
		{"unknown layout", slices.Concat(aiff, bigChunk("CHAN", chanChunk(999<<16|6, 0, 0))), 0},
	}
	for _, test := range tests {
		if got := tags(t, test.file).Speakers; got != test.want {
			t.Errorf("%s: got %#x, want %#x", test.name, got, test.want)
		}
	}
}

func TestKeptReader(t *testing.T) {
	mono := recording.Format{Channels: 1, SampleRate: 1, Width: 1, ValidBits: 8}
	spans := []recording.Span{
		{Offset: 0, Size: 3}, {Offset: 3, Size: 4, Format: mono}, {Offset: 7, Size: 2}, {Offset: 9, Size: 1, Format: mono}, {Offset: 10, Size: 5},
	}
	for kept, want := range map[string]string{
		"abcdefghij": "abc\x00\x00\x00\x00de\x00fghij",
		"abcdefg":    "abc\x00\x00\x00\x00de\x00fg\x00\x00\x00",
		"ab":         "ab\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		r := recording.KeptReader(spans, []byte(kept))
		if err := iotest.TestReader(io.NewSectionReader(r, 0, 15), []byte(want)); err != nil {
			t.Errorf("%q: %v", kept, err)
		}
	}
}
