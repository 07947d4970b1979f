package wav_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"

	"pgregory.net/rapid"
)

func parse(b []byte) (*wav.File, error) {
	return wav.Parse(bytes.NewReader(b), int64(len(b)))
}

func TestParseCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range wavtest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if names[c.Name] {
				t.Fatal("another case has this name")
			}
			names[c.Name] = true
			f, err := parse(c.Bytes)
			if !c.PCM {
				if !errors.Is(err, wav.ErrNotPCM) {
					t.Fatalf("got %+v, %v; want ErrNotPCM", f, err)
				}
				t.Log(err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := wav.File{Format: f.Format, DataOffset: int64(c.Head), DataSize: int64(c.Audio), Size: int64(len(c.Bytes))}
			if *f != want {
				t.Errorf("got %+v, want %+v", *f, want)
			}
		})
	}
}

func TestParseFormat(t *testing.T) {
	tests := map[string]wav.Format{
		"pcm-8-mono":              {Channels: 1, SampleRate: 22050, ContainerBits: 8, ValidBits: 8},
		"pcm-16-stereo":           {Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16},
		"pcm-24-stereo":           {Channels: 2, SampleRate: 96000, ContainerBits: 24, ValidBits: 24},
		"pcm-32-stereo":           {Channels: 2, SampleRate: 44100, ContainerBits: 32, ValidBits: 32},
		"pcm-12-in-16":            {Channels: 2, SampleRate: 48000, ContainerBits: 16, ValidBits: 12},
		"pcm-20-in-24":            {Channels: 2, SampleRate: 48000, ContainerBits: 24, ValidBits: 20},
		"pcm-24-in-32":            {Channels: 2, SampleRate: 48000, ContainerBits: 32, ValidBits: 24},
		"extensible-12-in-16":     {Channels: 2, SampleRate: 48000, ContainerBits: 16, ValidBits: 12},
		"extensible-20-in-24":     {Channels: 2, SampleRate: 48000, ContainerBits: 24, ValidBits: 20},
		"extensible-24-in-32":     {Channels: 2, SampleRate: 48000, ContainerBits: 32, ValidBits: 24},
		"extensible-valid-bits-0": {Channels: 2, SampleRate: 48000, ContainerBits: 16, ValidBits: 16},
		"8-channels":              {Channels: 8, SampleRate: 48000, ContainerBits: 16, ValidBits: 16},
		"255-channels":            {Channels: 255, SampleRate: 8000, ContainerBits: 8, ValidBits: 8},
		"two-formats":             {Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16},
		"rate-4294967295":         {Channels: 1, SampleRate: 4294967295, ContainerBits: 16, ValidBits: 16},
	}
	for _, c := range wavtest.Cases() {
		want, ok := tests[c.Name]
		if !ok {
			continue
		}
		delete(tests, c.Name)
		if f, err := parse(c.Bytes); err != nil || f.Format != want {
			t.Errorf("%s: got %+v, %v; want %+v", c.Name, f, err, want)
		}
	}
	for name := range tests {
		t.Errorf("there is no case %s", name)
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

func TestParseBeyond4GiB(t *testing.T) {
	const (
		headSize = 44
		audio    = 5<<30 + 8
		tail     = 1000
	)
	plain := wavtest.File(wav.Format{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}, make([][]int32, 2))
	declare := func(size uint32) []byte {
		b := slices.Clone(plain)
		binary.LittleEndian.PutUint32(b[40:], size)
		return b
	}
	ds64 := make([]byte, 28)
	binary.LittleEndian.PutUint64(ds64[8:], audio)
	rf64 := slices.Concat([]byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"), ds64, declare(0xFFFFFFFF)[12:])
	list := []byte("LIST\x00\x00\x00\x00")
	wrapped := uint32(audio & (1<<32 - 1))
	tests := []struct {
		name             string
		file             sparse
		size, head, data int64
	}{
		{"rf64", sparse{begin: rf64}, headSize + 36 + audio + tail, headSize + 36, audio},
		{"streamed", sparse{begin: declare(0xFFFFFFFF)}, headSize + audio, headSize, audio},
		{"size wrapped", sparse{begin: declare(wrapped)}, headSize + audio + tail, headSize, audio},
		{"small, with a large tail", sparse{declare(wrapped), list, headSize + int64(wrapped)}, headSize + audio + tail, headSize, int64(wrapped)},
	}
	for _, test := range tests {
		f, err := wav.Parse(test.file, test.size)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if f.DataOffset != test.head || f.DataSize != test.data || f.Size != test.size {
			t.Errorf("%s: got %+v, want audio of %d bytes at %d in %d", test.name, *f, test.data, test.head, test.size)
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

func TestParseReadError(t *testing.T) {
	file := wavtest.File(wav.Format{Channels: 8, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}, wavtest.Tone(8, 10, 16))
	broken := errors.New("disk is broken")
	const headSize = 68
	for offset := range int64(headSize) {
		_, err := wav.Parse(failing{bytes.NewReader(file), offset, broken}, int64(len(file)))
		if !errors.Is(err, broken) || errors.Is(err, wav.ErrNotPCM) {
			t.Errorf("unreadable from byte %d: got %v, want the error of the disk", offset, err)
		}
		_, err = wav.Parse(bytes.NewReader(file[:offset]), int64(len(file)))
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, wav.ErrNotPCM) {
			t.Errorf("file shorter than said, %d bytes: got %v, want io.ErrUnexpectedEOF", offset, err)
		}
	}
}

// checkCover fails unless the parts of f cover the size bytes of a file.
func checkCover(t interface {
	Helper()
	Fatalf(string, ...any)
}, f *wav.File, err error, size int) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, wav.ErrNotPCM) {
			t.Fatalf("got %v, want ErrNotPCM", err)
		}
		return
	}
	frame := int64(f.Format.FrameBytes())
	if f.Size != int64(size) || f.DataOffset < 28 || f.DataSize < 0 || f.TailOffset() > f.Size {
		t.Fatalf("%+v does not cover %d bytes", *f, size)
	}
	if frame < 1 || f.DataSize%frame != 0 || f.Frames()*frame != f.DataSize || f.Format.SampleRate == 0 ||
		f.Format.ValidBits < 1 || f.Format.ValidBits > f.Format.ContainerBits {
		t.Fatalf("%+v is impossible", *f)
	}
}

func TestParseAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		f, err := parse(b)
		checkCover(t, f, err, len(b))
	})
}

func TestParseChangedCases(t *testing.T) {
	cases := wavtest.Cases()
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(rapid.SampledFrom(cases).Draw(t, "case").Bytes)
		b = b[:rapid.IntRange(0, len(b)).Draw(t, "length")]
		for range rapid.IntRange(0, 8).Draw(t, "changes") {
			if n := min(len(b), 120); n > 0 {
				b[rapid.IntRange(0, n-1).Draw(t, "offset")] = rapid.Byte().Draw(t, "value")
			}
		}
		f, err := parse(b)
		checkCover(t, f, err, len(b))
	})
}

func FuzzParse(f *testing.F) {
	for _, c := range wavtest.Cases() {
		f.Add(c.Bytes[:min(len(c.Bytes), 4000)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := parse(b)
		checkCover(t, file, err, len(b))
	})
}
