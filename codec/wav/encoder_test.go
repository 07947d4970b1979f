package wav_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"

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
func encode(w io.WriterAt, f wav.Format, speakers uint32, tags []wav.Tag, pieces ...[][]int32) error {
	e, err := wav.NewEncoder(w, f, speakers, tags)
	if err != nil {
		return err
	}
	for _, samples := range pieces {
		if err := e.Write(samples); err != nil {
			return err
		}
	}
	return e.Close()
}

func TestEncoderWritesEveryByteAsItShould(t *testing.T) {
	tests := []struct {
		name     string
		format   wav.Format
		speakers uint32
		tags     []wav.Tag
		samples  [][]int32
		want     string
	}{
		{"plain", wav.Format{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}, 3, nil,
			[][]int32{{-32768, 1}, {32767, 0x1234}},
			"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00" +
				"data\x08\x00\x00\x00\x00\x80\xff\x7f\x01\x00\x34\x12"},
		{"padded, with texts", wav.Format{Channels: 1, SampleRate: 8000, ContainerBits: 8, ValidBits: 8}, 0,
			[]wav.Tag{{Name: "INAM", Text: "Café"}, {Name: "bext.Originator", Text: "X"}, {Name: "IART", Text: "A"},
				{Name: "I\x00\x00\x00", Text: "B"}},
			[][]int32{{-128, 0, 127}},
			"RIFF\x4c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00" +
				"data\x03\x00\x00\x00\x00\x80\xff\x00" +
				"LIST\x1c\x00\x00\x00INFOINAM\x06\x00\x00\x00Caf\xc3\xa9\x00IART\x02\x00\x00\x00A\x00"},
		{"extensible", wav.Format{Channels: 3, SampleRate: 48000, ContainerBits: 24, ValidBits: 20}, 7, nil,
			[][]int32{{-16}, {16}, {0x123450}},
			"RIFF\x46\x00\x00\x00WAVEfmt \x28\x00\x00\x00\xfe\xff\x03\x00\x80\xbb\x00\x00\x80\x97\x06\x00\x09\x00\x18\x00" +
				"\x16\x00\x14\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71" +
				"data\x09\x00\x00\x00\xf0\xff\xff\x10\x00\x00\x50\x34\x12\x00"},
		{"empty", wav.Format{Channels: 1, SampleRate: 96000, ContainerBits: 32, ValidBits: 32}, 0, nil, [][]int32{{}},
			"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x00\x77\x01\x00\x00\xdc\x05\x00\x04\x00\x20\x00" +
				"data\x00\x00\x00\x00"},
	}
	for _, test := range tests {
		var m memory
		if err := encode(&m, test.format, test.speakers, test.tags, test.samples); err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if string(m.content) != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, m.content, test.want)
		}
	}
}

func TestEncoderThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		container := 8 * rapid.IntRange(1, 4).Draw(t, "bytes a sample")
		f := wav.Format{
			Channels:      rapid.IntRange(1, 12).Draw(t, "channels"),
			SampleRate:    rapid.Uint32Min(1).Draw(t, "rate"),
			ContainerBits: container,
			ValidBits:     rapid.IntRange(1, container).Draw(t, "valid bits"),
		}
		speakers := rapid.Uint32().Draw(t, "speakers")
		var tags []wav.Tag
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"INAM", "IART", "ICMT"}), 0, 3).Draw(t, "tags") {
			tags = append(tags, wav.Tag{Name: name, Text: rapid.StringMatching(`[a-zä]{1,9}`).Draw(t, "text")})
		}
		want := make([][]int32, f.Channels)
		var pieces [][][]int32
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			size := f.FrameBytes() * rapid.IntRange(0, 20).Draw(t, "frames")
			piece := f.Samples(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "raw"))
			pieces = append(pieces, piece)
			for c := range want {
				want[c] = append(want[c], piece[c]...)
			}
		}
		var m memory
		if err := encode(&m, f, speakers, tags, pieces...); err != nil {
			t.Fatal(err)
		}
		checkFile(t, m.content, f, speakers, tags, want)
	})
}

// checkFile reads a file with this package and with go-audio/wav.
func checkFile(t *rapid.T, b []byte, f wav.Format, speakers uint32, tags []wav.Tag, samples [][]int32) {
	file, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	head, tail := b[:file.DataOffset], b[file.TailOffset():]
	if file.Format != f || file.DataSize != int64(len(samples[0])*f.FrameBytes()) {
		t.Fatalf("got %+v, want %+v", *file, f)
	}
	if got := f.Tags(head, tail); !slices.Equal(got, tags) {
		t.Fatalf("got the tags %q, want %q", got, tags)
	}
	if f.Channels < 3 && f.ValidBits == f.ContainerBits {
		speakers = 0
	}
	if got := f.SpeakerMask(head); got != speakers {
		t.Fatalf("got the speakers %x, want %x", got, speakers)
	}
	want := sound{f.Channels, f.SampleRate, samples}
	if got, err := heard(b); err != nil || !got.equal(want) {
		t.Fatalf("got %d, %v, want %d", got.samples, err, samples)
	}
	got, err := oracle(b)
	if err != nil {
		t.Fatalf("go-audio/wav: %v", err)
	}
	if f.Channels == 1 && file.DataSize%2 == 1 { // see oracleSurplus
		got = got.cut()
	}
	if !got.equal(want) {
		t.Fatalf("go-audio/wav reads %d, want %d", got.samples, samples)
	}
}

func TestEncoderWritesLongPieces(t *testing.T) {
	f := wav.Format{Channels: 2, SampleRate: 48000, ContainerBits: 24, ValidBits: 24}
	samples := wavtest.Tone(2, 10001, 24)
	var m memory
	if err := encode(&m, f, 0, nil, samples); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.content, wavtest.File(f, samples)) {
		t.Error("the file is not as it should be")
	}
}

func TestEncoderReportsAFullDisk(t *testing.T) {
	f := wav.Format{Channels: 1, SampleRate: 8000, ContainerBits: 8, ValidBits: 8}
	tags := []wav.Tag{{Name: "INAM", Text: "Title"}}
	samples := wavtest.Tone(1, 101, 8)
	var whole memory
	if err := encode(&whole, f, 0, tags, samples); err != nil {
		t.Fatal(err)
	}
	for most := 1; most < len(whole.content); most++ {
		if err := encode(&memory{most: most}, f, 0, tags, samples); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: got %v", most, err)
		}
	}
}

func TestEncoderRefusesImpossibleFormats(t *testing.T) {
	good := wav.Format{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}
	for name, change := range map[string]func(*wav.Format){
		"no channels":        func(f *wav.Format) { f.Channels = 0 },
		"256 channels":       func(f *wav.Format) { f.Channels = 256 },
		"2^62 channels":      func(f *wav.Format) { f.Channels = 1 << 62 },
		"no rate":            func(f *wav.Format) { f.SampleRate = 0 },
		"no container":       func(f *wav.Format) { f.ContainerBits = 0 },
		"12 bits":            func(f *wav.Format) { f.ContainerBits, f.ValidBits = 12, 12 },
		"64 bits":            func(f *wav.Format) { f.ContainerBits, f.ValidBits = 64, 64 },
		"no valid bits":      func(f *wav.Format) { f.ValidBits = 0 },
		"too many bits":      func(f *wav.Format) { f.ValidBits = 17 },
		"nothing of the lot": func(f *wav.Format) { *f = wav.Format{} },
	} {
		f := good
		change(&f)
		if err := f.Check(1); err == nil || errors.Is(err, wav.ErrTooLong) {
			t.Errorf("%s: Check returns %v", name, err)
		}
		if _, err := wav.NewEncoder(&memory{}, f, 0, nil); err == nil {
			t.Errorf("%s: there is an encoder", name)
		}
	}
}

func TestEncoderEndsAt4GiB(t *testing.T) {
	f := wav.Format{Channels: 255, SampleRate: 48000, ContainerBits: 32, ValidBits: 32}
	const most = (1<<32 - 1 - 1<<24) / 1020
	if err := f.Check(most); err != nil {
		t.Error(err)
	}
	if err := f.Check(most + 1); !errors.Is(err, wav.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
	channel := make([]int32, most+1)
	samples := slices.Repeat([][]int32{channel}, f.Channels)
	if err := encode(&memory{}, f, 0, nil, samples); !errors.Is(err, wav.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
	if err := encode(&memory{}, f, 0, []wav.Tag{{Name: "ICMT", Text: string(make([]byte, 1<<23))}}); err == nil {
		t.Error("texts of 8 MiB were taken")
	}
}

func BenchmarkEncoder(b *testing.B) {
	const seconds = 10
	f := wav.Format{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}
	samples := wavtest.Tone(f.Channels, seconds*int(f.SampleRate), f.ContainerBits)
	for b.Loop() {
		if err := encode(discard{}, f, 0, nil, samples); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seconds*b.N)/b.Elapsed().Seconds(), "x_real_time")
}

// discard is a file that keeps nothing.
type discard struct{}

func (discard) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
