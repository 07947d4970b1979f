package wavfile_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/recording/wavfile"

	"pgregory.net/rapid"
)

// memory is a file in memory.
type memory struct {
	content []byte
	most    int // bytes that it may have, if not 0
}

var errFull = errors.New("the disk is full")

func (m *memory) WriteAt(p []byte, offset int64) (int, error) {
	end := int(offset) + len(p)
	if m.most > 0 && end > m.most {
		return 0, errFull
	}
	if grow := end - len(m.content); grow > 0 {
		m.content = append(m.content, make([]byte, grow)...)
	}
	return copy(m.content[offset:], p), nil
}

// encode writes a file, the samples in as many pieces.
func encode(w io.WriterAt, f recording.Format, speakers uint32, tags []recording.Tag, pieces ...[]byte) error {
	e, err := wavfile.NewEncoder(w, f, speakers, tags)
	if err != nil {
		return err
	}
	for _, raw := range pieces {
		if err := e.Write(raw); err != nil {
			return err
		}
	}
	return e.Close()
}

// stream writes a file from its beginning to its end.
func stream(w io.Writer, f recording.Format, speakers uint32, tags []recording.Tag, pieces ...[]byte) error {
	frames := len(slices.Concat(pieces...)) / f.PCM().FrameBytes()
	s, err := wavfile.NewStream(w, f, int64(frames), speakers, tags)
	if err != nil {
		return err
	}
	for _, raw := range pieces {
		if err := s.Write(raw); err != nil {
			return err
		}
	}
	return s.Close()
}

func TestStreamHasAsMuchAudioAsItSaid(t *testing.T) {
	f := recording.Format{Channels: 1, SampleRate: 8000, Width: 2, ValidBits: 16}
	s, err := wavfile.NewStream(io.Discard, f, 2, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if s.Close() == nil {
		t.Error("it ends too early")
	}
	if s.Write(make([]byte, 4)) == nil {
		t.Error("it takes too much")
	}
	if _, err := wavfile.NewStream(io.Discard, f, 1<<32, 0, nil); !errors.Is(err, wavfile.ErrTooLong) {
		t.Errorf("8 GiB of audio: error %v", err)
	}
}

func TestEncoderWritesEveryByteAsItShould(t *testing.T) {
	tests := []struct {
		name     string
		format   recording.Format
		speakers uint32
		tags     []recording.Tag
		samples  [][]int32
		want     string
	}{
		{"plain", recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}, 3, nil,
			[][]int32{{-32768, 1}, {32767, 0x1234}},
			"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00" +
				"data\x08\x00\x00\x00\x00\x80\xff\x7f\x01\x00\x34\x12"},
		{"padded, with texts", recording.Format{Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8, Unsigned: true}, 0,
			[]recording.Tag{{Name: "INAM", Text: "Café"}, {Name: "bext.Originator", Text: "X"}, {Name: "IART", Text: "A"},
				{Name: "I\x00\x00\x00", Text: "B"}},
			[][]int32{{-128, 0, 127}},
			"RIFF\x4c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00" +
				"data\x03\x00\x00\x00\x00\x80\xff\x00" +
				"LIST\x1c\x00\x00\x00INFOINAM\x06\x00\x00\x00Caf\xc3\xa9\x00IART\x02\x00\x00\x00A\x00"},
		{"extensible", recording.Format{Channels: 3, SampleRate: 48000, Width: 3, ValidBits: 20}, 7, nil,
			[][]int32{{-16}, {16}, {0x123450}},
			"RIFF\x46\x00\x00\x00WAVEfmt \x28\x00\x00\x00\xfe\xff\x03\x00\x80\xbb\x00\x00\x80\x97\x06\x00\x09\x00\x18\x00" +
				"\x16\x00\x14\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71" +
				"data\x09\x00\x00\x00\xf0\xff\xff\x10\x00\x00\x50\x34\x12\x00"},
		{"float", recording.Format{Kind: recording.Float, Channels: 1, SampleRate: 96000, Width: 4, ValidBits: 32}, 0, nil, [][]int32{{0x3F800000}},
			"RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x03\x00\x01\x00\x00\x77\x01\x00\x00\xdc\x05\x00\x04\x00\x20\x00" +
				"data\x04\x00\x00\x00\x00\x00\x80\x3f"},
		{"empty", recording.Format{Channels: 1, SampleRate: 96000, Width: 4, ValidBits: 32}, 0, nil, [][]int32{{}},
			"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x00\x77\x01\x00\x00\xdc\x05\x00\x04\x00\x20\x00" +
				"data\x00\x00\x00\x00"},
	}
	for _, test := range tests {
		var m memory
		if err := encode(&m, test.format, test.speakers, test.tags, test.format.PCM().Bytes(test.samples)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if string(m.content) != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, m.content, test.want)
		}
	}
}

func TestEncoderThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := recording.Format{
			Channels:   rapid.IntRange(1, 12).Draw(t, "channels"),
			SampleRate: rapid.Uint32Min(1).Draw(t, "rate"),
		}
		if rapid.Bool().Draw(t, "float") {
			f.Kind, f.Width = recording.Float, rapid.SampledFrom([]int{4, 8}).Draw(t, "width")
			f.ValidBits = f.ContainerBits()
		} else {
			f.Width = rapid.IntRange(1, 4).Draw(t, "width")
			f.ValidBits = rapid.IntRange(1, f.ContainerBits()).Draw(t, "valid bits")
		}
		speakers := rapid.Uint32().Draw(t, "speakers")
		var tags []recording.Tag
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"INAM", "IART", "ICMT"}), 0, 3).Draw(t, "tags") {
			tags = append(tags, recording.Tag{Name: name, Text: rapid.StringMatching(`[a-zä]{1,9}`).Draw(t, "text")})
		}
		var pieces [][]byte
		for range rapid.IntRange(1, 3).Draw(t, "pieces") {
			size := f.FrameBytes() * rapid.IntRange(1, 20).Draw(t, "frames")
			pieces = append(pieces, rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "raw"))
		}
		var m memory
		if err := encode(&m, f, speakers, tags, pieces...); err != nil {
			t.Fatal(err)
		}
		checkFile(t, m.content, f, speakers, tags, slices.Concat(pieces...))

		var straight bytes.Buffer
		if err := stream(&straight, f, speakers, tags, pieces...); err != nil || !bytes.Equal(straight.Bytes(), m.content) {
			t.Fatalf("written straight on it has %d bytes, and not %d: error %v", straight.Len(), len(m.content), err)
		}
	})
}

// checkFile reads a file with package recording and, where that can, with
// go-audio/wav.
func checkFile(t *rapid.T, b []byte, f recording.Format, speakers uint32, tags []recording.Tag, raw []byte) {
	file, err := recording.Find(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	audio := file.Spans[1]
	if len(file.Notes) > 0 || audio.Format.PCM() != f || !bytes.Equal(audio.Format.ToPCM(b[audio.Offset:audio.End()]), raw) {
		t.Fatalf("got %+v, want %+v", *file, f)
	}
	if f.Channels < 3 && f.ValidBits == f.ContainerBits() {
		speakers = 0
	}
	m, err := recording.Tags(bytes.NewReader(b), int64(len(b)), file.Spans)
	if err != nil || !slices.Equal(m.Tags, tags) || m.Speakers != speakers {
		t.Fatalf("got %+v, %v, want the tags %q and the speakers %x", m, err, tags, speakers)
	}
	if f.Kind == recording.Float {
		return
	}
	samples, rate, err := recordingtest.Oracle(b)
	if err != nil || rate != f.SampleRate {
		t.Fatalf("go-audio/wav reads %d Hz, %v", rate, err)
	}
	if f.Channels == 1 && len(raw)%2 == 1 { // see Oracle
		samples[0] = samples[0][:len(samples[0])-1]
	}
	if !slices.EqualFunc(samples, f.Samples(raw), slices.Equal[[]int32]) {
		t.Fatalf("go-audio/wav reads %d, want %d", samples, f.Samples(raw))
	}
}

func TestEncoderWritesLongPieces(t *testing.T) {
	f := recording.Format{Channels: 2, SampleRate: 48000, Width: 3, ValidBits: 24}
	samples := recordingtest.Tone(2, 10001, 24)
	var m memory
	if err := encode(&m, f, 0, nil, f.Bytes(samples)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.content, recordingtest.WAV(f, samples)) {
		t.Error("the file is not as it should be")
	}
}

func TestEncoderReportsAFullDisk(t *testing.T) {
	f := recording.Format{Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8, Unsigned: true}
	tags := []recording.Tag{{Name: "INAM", Text: "Title"}}
	raw := f.PCM().Bytes(recordingtest.Tone(1, 101, 8))
	var whole memory
	if err := encode(&whole, f, 0, tags, raw); err != nil {
		t.Fatal(err)
	}
	for most := 1; most < len(whole.content); most++ {
		if err := encode(&memory{most: most}, f, 0, tags, raw); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: got %v", most, err)
		}
	}
}

func TestEncoderRefusesImpossibleFormats(t *testing.T) {
	good := recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}
	for name, change := range map[string]func(*recording.Format){
		"no channels":        func(f *recording.Format) { f.Channels = 0 },
		"256 channels":       func(f *recording.Format) { f.Channels = 256 },
		"2^62 channels":      func(f *recording.Format) { f.Channels = 1 << 62 },
		"no rate":            func(f *recording.Format) { f.SampleRate = 0 },
		"no container":       func(f *recording.Format) { f.Width = 0 },
		"40 bits":            func(f *recording.Format) { f.Width, f.ValidBits = 5, 40 },
		"64 bits":            func(f *recording.Format) { f.Width, f.ValidBits = 8, 64 },
		"no valid bits":      func(f *recording.Format) { f.ValidBits = 0 },
		"too many bits":      func(f *recording.Format) { f.ValidBits = 17 },
		"nothing of the lot": func(f *recording.Format) { *f = recording.Format{} },
	} {
		f := good
		change(&f)
		if err := wavfile.Check(f, 1); err == nil || errors.Is(err, wavfile.ErrTooLong) {
			t.Errorf("%s: Check returns %v", name, err)
		}
		if _, err := wavfile.NewEncoder(&memory{}, f, 0, nil); err == nil {
			t.Errorf("%s: there is an encoder", name)
		}
	}
}

func TestEncoderEndsAt4GiB(t *testing.T) {
	f := recording.Format{Channels: 255, SampleRate: 48000, Width: 4, ValidBits: 32}
	const most = (1<<32 - 1 - 1<<24) / 1020
	if err := wavfile.Check(f, most); err != nil {
		t.Error(err)
	}
	if err := wavfile.Check(f, most+1); !errors.Is(err, wavfile.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
	// That much memory is reserved, but never touched.
	err := encode(discard{}, f, 0, nil, make([]byte, (most+1)*1020))
	if !errors.Is(err, wavfile.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
	if err := encode(&memory{}, f, 0, []recording.Tag{{Name: "ICMT", Text: string(make([]byte, 1<<23))}}); err == nil {
		t.Error("texts of 8 MiB were taken")
	}
}

func BenchmarkEncoder(b *testing.B) {
	const seconds = 10
	f := recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}
	raw := f.Bytes(recordingtest.Tone(f.Channels, seconds*int(f.SampleRate), f.ValidBits))
	for b.Loop() {
		if err := encode(discard{}, f, 0, nil, raw); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seconds*b.N)/b.Elapsed().Seconds(), "x_real_time")
}

// discard is a file that keeps nothing.
type discard struct{}

func (discard) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
