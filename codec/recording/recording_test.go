package recording_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"

	"pgregory.net/rapid"
)

func find(b []byte) (*recording.File, error) {
	return recording.Find(bytes.NewReader(b), int64(len(b)))
}

func audioOf(f *recording.File) []recording.Span {
	var audio []recording.Span
	for _, s := range f.Spans {
		if s.Audio() {
			audio = append(audio, s)
		}
	}
	return audio
}

func TestFindCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range recordingtest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if names[c.Name] {
				t.Fatal("another case has this name")
			}
			names[c.Name] = true
			f, err := find(c.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			check(t, c.Bytes, f)
			if f.Container != c.Container {
				t.Errorf("got container %q, want %q", f.Container, c.Container)
			}
			if got := audioOf(f); !slices.Equal(got, c.Audio) {
				t.Errorf("got audio\n%+v, want\n%+v", got, c.Audio)
			}
			var notes []recording.NoteKind
			for _, n := range f.Notes {
				t.Log(n)
				notes = append(notes, n.Kind)
			}
			if !slices.Equal(notes, c.Notes) {
				t.Errorf("got notes %q, want %q", notes, c.Notes)
			}
			reasons := 0
			for _, r := range f.Reasons {
				t.Log(r)
				if r.Kind == c.Reason {
					reasons++
				}
			}
			if reasons != len(f.Reasons) || (c.Reason != "") != (reasons > 0) {
				t.Errorf("got reasons %v, want %q", f.Reasons, c.Reason)
			}
		})
	}
}

func TestNotesInWords(t *testing.T) {
	mono := recording.Format{Channels: 1, SampleRate: 8000, Width: 2, ValidBits: 16}
	noise := make([]byte, 2*52000) // 6.5 s
	for i := range noise {
		noise[i] = byte(i*i>>3) | 0x80
	}
	file := recordingtest.File("wav", mono, noise)
	const dataSize = 40
	tests := []struct {
		size uint32
		want string
	}{
		{32000, "its header says 2 s, there are 6.5 s"},
		{1 << 30, "its header says 18 h 38 min, there are only 6.5 s"},
		{104002, "its header says 52001, there are only 52000 frames"},
		{0xFFFFFFFF, "its header does not say how long it is, there are 6.5 s"},
	}
	for _, test := range tests {
		binary.LittleEndian.PutUint32(file[dataSize:], test.size)
		f, err := find(file)
		if err != nil || len(f.Notes) != 1 || f.Notes[0].String() != test.want {
			t.Errorf("%d: got %v, %v; want %s", test.size, f.Notes, err, test.want)
		}
	}
}

// sparse is a file of zeros, but for the bytes at its begin and at one offset.
type sparse struct {
	begin  []byte
	later  []byte
	offset int64
}

func (s sparse) ReadAt(b []byte, offset int64) (int, error) {
	clear(b)
	for i := range b {
		p := offset + int64(i)
		if p < int64(len(s.begin)) {
			b[i] = s.begin[p]
		} else if p >= s.offset && p < s.offset+int64(len(s.later)) {
			b[i] = s.later[p-s.offset]
		}
	}
	return len(b), nil
}

func TestFindBeyond4GiB(t *testing.T) {
	const (
		head  = 44
		audio = 5<<30 + 8
	)
	stereo := recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}
	declare := func(size uint32) []byte {
		b := recordingtest.File("wav", stereo, nil)
		binary.LittleEndian.PutUint32(b[40:], size)
		return b
	}
	ds64 := make([]byte, 28)
	binary.LittleEndian.PutUint64(ds64[8:], audio)
	rf64 := slices.Concat([]byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"), ds64, declare(0xFFFFFFFF)[12:])
	list := []byte("LIST\x00\x00\x00\x00")
	const wrapped = audio & (1<<32 - 1)
	tests := []struct {
		name             string
		file             sparse
		size, head, data int64
	}{
		{"rf64", sparse{rf64, list, head + 36 + audio}, head + 36 + audio + 8, head + 36, audio},
		{"streamed", sparse{begin: declare(0xFFFFFFFF)}, head + audio, head, audio},
		{"clamped to 4 GiB", sparse{declare(0xFFFFFFFE), []byte("\x80\xff\x80\xff\x80\xff\x80\xff"), head + 1<<32}, head + audio, head, audio},
		{"clamped to 2 GiB", sparse{declare(0x7FFFFFFF), []byte("\x80\xff\x80\xff\x80\xff\x80\xff"), head + 1<<31}, head + audio, head, audio},
		{"size wrapped", sparse{begin: declare(wrapped)}, head + audio, head, audio},
		{"size wrapped, with a chunk", sparse{declare(wrapped), list, head + audio}, head + audio + 8, head, audio},
		{"small, with a large tail", sparse{declare(wrapped), list, head + wrapped}, head + audio, head, wrapped},
	}
	for _, test := range tests {
		f, err := recording.Find(test.file, test.size)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := []recording.Span{{Offset: test.head, Size: test.data, Format: stereo}}
		if got := audioOf(f); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v; %v", test.name, got, want, f.Notes)
		}
	}
}

// failing is a file that cannot be read from an offset on.
type failing struct {
	io.ReaderAt
	offset int64
	err    error
}

func (f failing) ReadAt(b []byte, offset int64) (int, error) {
	if offset+int64(len(b)) > f.offset {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(b, offset)
}

func TestFindReadError(t *testing.T) {
	broken := errors.New("disk is broken")
	for _, c := range recordingtest.Cases() {
		for _, at := range []int{0, 20, 40, 100, len(c.Bytes) / 2, len(c.Bytes) - 1} {
			if at < 0 || at >= len(c.Bytes) {
				continue
			}
			f, err := recording.Find(failing{bytes.NewReader(c.Bytes), int64(at), broken}, int64(len(c.Bytes)))
			if err == nil {
				check(t, c.Bytes, f) // had no need of these bytes
			} else if !errors.Is(err, broken) {
				t.Errorf("%s, unreadable from byte %d: got %v", c.Name, at, err)
			}
			f, err = recording.Find(bytes.NewReader(c.Bytes[:at]), int64(len(c.Bytes)))
			if err == nil {
				check(t, c.Bytes, f)
			} else if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, shorter than said, %d bytes: got %v", c.Name, at, err)
			}
		}
	}
}

// counting counts what is read.
type counting struct {
	io.ReaderAt
	calls, bytes int
}

func (c *counting) ReadAt(b []byte, offset int64) (int, error) {
	c.calls++
	c.bytes += len(b)
	return c.ReaderAt.ReadAt(b, offset)
}

// TestFindReadsLittle has files of many MiB that are made to keep Find busy.
func TestFindReadsLittle(t *testing.T) {
	const most = 64 << 20 // bytes read
	stereo := recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}
	head := recordingtest.File("wav", stereo, nil)
	many := func(s string, size int) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	const size = 16 << 20
	aiff := []byte("FORM\x00\x00\x00\x04AIFF")
	tests := map[string][]byte{
		"tiny chunks":             slices.Concat(head[:36], many("note\x00\x00\x00\x00", size)),
		"tiny data chunks":        slices.Concat(head[:36], many("data\x04\x00\x00\x00abcd", size)),
		"chunks that claim a lot": slices.Concat(head[:36], many("LIST\xff\xff\xff\x7f", size)),
		"chunks that nearly fit":  slices.Concat(head[:36], many("LIST\x01\x00\x10\x00", size)),
		"data that claims a lot":  slices.Concat(head[:36], many("data\xff\xff\xff\x7f", size)),
		"nested wave lists":       slices.Concat(head[:36], many("LIST\x04\x00\x00\x00wavl", size)),
		"joined files":            many(string(head), size),
		"joined files that lie":   many("RIFF\xff\xff\xff\x7fWAVEdata\xff\xff\xff\x7f", size),
		"joined AIFF files":       many(string(aiff), size),
		"ID3 tags":                many("ID3\x04\x00\x00\x00\x00\x00\x00", size),
		"chunks at the end":       slices.Concat(head[:40], many("\xff", size), many("LIST\x00\x00\x00\x00", 1<<16), []byte("x")),
		"AU files":                many(string(recordingtest.File("au", bigEndian(stereo), nil)), size),
	}
	for name, b := range tests {
		r := &counting{ReaderAt: bytes.NewReader(b)}
		f, err := recording.Find(r, int64(len(b)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %d reads of %d bytes, %d spans", name, r.calls, r.bytes, len(f.Spans))
		if r.bytes > most {
			t.Errorf("%s: %d bytes were read", name, r.bytes)
		}
		if _, err := recording.Tags(r, int64(len(b)), f.Spans); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, b, f)
	}
}

// fatal is what tests and rapid's checks have in common.
type fatal interface {
	Helper()
	Fatalf(string, ...any)
}

// check fails unless the spans of f are the bytes of the file, and audio goes to
// samples and back.
func check(t fatal, file []byte, f *recording.File) {
	t.Helper()
	pos := int64(0)
	keptBefore := false
	for _, s := range f.Spans {
		if s.Offset != pos || s.Size <= 0 {
			t.Fatalf("%+v: a span is not where it must be: %+v", f, s)
		}
		if pos = s.End(); pos > int64(len(file)) {
			t.Fatalf("%+v ends beyond byte %d", f, len(file))
		}
		if !s.Audio() {
			if keptBefore {
				t.Fatalf("%+v has two kept spans one behind the other", f)
			}
			keptBefore = true
			continue
		}
		keptBefore = false
		if err := s.Format.Check(); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		raw := file[s.Offset:s.End()]
		if s.Size%int64(s.Format.FrameBytes()) != 0 || s.Frames()*int64(s.Format.FrameBytes()) != s.Size {
			t.Fatalf("%+v has no whole frames", s)
		}
		if !bytes.Equal(thereAndBack(s.Format, raw), raw) {
			t.Fatalf("%+v: its bytes do not come back", s)
		}
	}
	if pos != int64(len(file)) {
		t.Fatalf("%+v ends at byte %d of %d", f, pos, len(file))
	}
	if len(audioOf(f)) == 0 && len(f.Reasons) == 0 {
		t.Fatalf("%+v has no audio, and no reason", f)
	}
	for _, n := range f.Notes {
		if s := n.String(); s == string(n.Kind) {
			t.Fatalf("%+v has no words", n)
		}
	}
}

// thereAndBack takes raw audio apart and puts it together.
func thereAndBack(f recording.Format, raw []byte) []byte {
	switch {
	case f.Kind == recording.Float && f.Width == 8:
		return f.FromBits64(f.Bits64(raw))
	case f.Kind == recording.Float:
		return f.FromBits32(f.Bits32(raw))
	}
	return f.Bytes(f.Samples(raw))
}

func TestFindChangedCases(t *testing.T) {
	cases := recordingtest.Cases()
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(cases[rapid.IntRange(0, len(cases)-1).Draw(t, "case")].Bytes)
		b = b[:rapid.IntRange(0, len(b)).Draw(t, "length")]
		for range rapid.IntRange(0, 8).Draw(t, "changes") {
			if n := min(len(b), 120); n > 0 {
				b[rapid.IntRange(0, n-1).Draw(t, "offset")] = rapid.Byte().Draw(t, "value")
			}
		}
		f, err := find(b)
		if err != nil {
			t.Fatalf("%v", err)
		}
		check(t, b, f)
	})
}

// fuzz seeds a fuzz test with the cases of one container.
func fuzz(f *testing.F, container string) {
	for _, c := range recordingtest.Cases() {
		if c.Container == container && len(c.Bytes) < 1<<20 {
			// The beginning and the end of the file: no more audio than it takes.
			b := c.Bytes
			if len(b) > 1200 {
				b = slices.Concat(b[:800], b[len(b)-400:])
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &counting{ReaderAt: bytes.NewReader(b)}
		file, err := recording.Find(r, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		check(t, b, file)
		var kept []byte
		for _, s := range file.Spans {
			if !s.Audio() {
				kept = append(kept, b[s.Offset:s.End()]...)
			}
		}
		if _, err := recording.Tags(recording.KeptReader(file.Spans, kept), int64(len(b)), file.Spans); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzWAV(f *testing.F)  { fuzz(f, "wav") }
func FuzzW64(f *testing.F)  { fuzz(f, "w64") }
func FuzzAIFF(f *testing.F) { fuzz(f, "aiff") }
func FuzzCAF(f *testing.F)  { fuzz(f, "caf") }
func FuzzAU(f *testing.F)   { fuzz(f, "au") }
