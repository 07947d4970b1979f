package flac_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	mewkiz "github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"

	"trilobyte/codec/flac"
)

// Write takes samples in pieces of any length.
func TestWriteInPieces(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	samples := signalOf(7, 3*flac.BlockSize+5, 16, 2)
	want, err := os.ReadFile(encode(t, format, samples, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1000, flac.BlockSize - 1, flac.BlockSize, 2*flac.BlockSize + 1} {
		path := filepath.Join(t.TempDir(), "pieces.flac")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		e, err := flac.NewEncoder(f, format, nil)
		if err != nil {
			t.Fatal(err)
		}
		for start := 0; start < len(samples[0]); start += piece {
			end := min(start+piece, len(samples[0]))
			if err := e.Write([][]int32{samples[0][start:end], samples[1][start:end]}); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(e.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("pieces of %d samples make another stream", piece)
		}
	}
}

// What cannot go back gets the same stream, but for the sizes of frames in STREAMINFO.
func TestStreamEncoder(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	samples := signalOf(7, 3*flac.BlockSize+5, 16, 2)
	comments := []flac.Comment{{Name: "TITLE", Value: "x"}}
	want, err := os.ReadFile(encode(t, format, samples, comments))
	if err != nil {
		t.Fatal(err)
	}
	const sizes, sum = 12, 26 // where they are in STREAMINFO
	var got bytes.Buffer
	e, err := flac.NewStreamEncoder(&got, format, comments, int64(len(samples[0])), [16]byte(want[sum:]))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Write(samples), e.Close()); err != nil {
		t.Fatal(err)
	}
	clear(want[sizes:][:6])
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("it has %d bytes, and not %d, or others", got.Len(), len(want))
	}
}

// A stream may begin anywhere in a file, and Close leaves the file at its end.
func TestStreamWithinFile(t *testing.T) {
	format := flac.Format{Channels: 1, Bits: 16, SampleRate: 44100}
	samples := signalOf(7, 5000, 16, 1)
	path := filepath.Join(t.TempDir(), "embedded")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("before")
	e, err := flac.NewEncoder(f, format, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Write(samples), e.Close()); err != nil {
		t.Fatal(err)
	}
	write("after")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(encode(t, format, samples, nil))
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != "before"+string(want)+"after" {
		t.Error("the stream is not where it was begun")
	}
}

func TestComments(t *testing.T) {
	format := flac.Format{Channels: 1, Bits: 16, SampleRate: 44100}
	samples := signalOf(7, 100, 16, 1)
	tests := [][]flac.Comment{
		nil,
		{{Name: "TITLE", Value: "Клавир = Klavier"}},
		{{Name: "ARTIST", Value: "A"}, {Name: "ARTIST", Value: "B"}, {Name: "COMMENT", Value: ""}},
	}
	for _, comments := range tests {
		path := encode(t, format, samples, comments)
		checkStream(t, path, format, samples)
		checkWithTool(t, []string{path})
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if end := int64(metadataEnd(t, data)); end != flac.MetadataSize(comments) {
			t.Errorf("the metadata has %d bytes, MetadataSize says %d", end, flac.MetadataSize(comments))
		}
		stream, err := mewkiz.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		var got []flac.Comment
		for _, block := range stream.Blocks {
			for _, tag := range block.Body.(*meta.VorbisComment).Tags {
				got = append(got, flac.Comment{Name: tag[0], Value: tag[1]})
			}
		}
		if !slices.Equal(got, comments) {
			t.Errorf("the stream has the comments %q, not %q", got, comments)
		}
	}
	if flac.MetadataSize(nil) != flac.HeaderSize {
		t.Errorf("without comments the metadata has %d bytes, not %d", flac.MetadataSize(nil), flac.HeaderSize)
	}
}

func TestEmptyStream(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	samples := make([][]int32, 2)
	path := encode(t, format, samples, nil)
	checkStream(t, path, format, samples)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != flac.HeaderSize {
		t.Errorf("an empty stream has %d bytes, not %d", info.Size(), flac.HeaderSize)
	}
}

func TestUnsupportedFormats(t *testing.T) {
	for _, format := range []flac.Format{
		{Channels: 0, Bits: 16, SampleRate: 44100},
		{Channels: 9, Bits: 16, SampleRate: 44100},
		{Channels: 2, Bits: 3, SampleRate: 44100},
		{Channels: 2, Bits: 33, SampleRate: 44100},
		{Channels: 2, Bits: 16, SampleRate: 0},
		{Channels: 2, Bits: 16, SampleRate: 1 << 20},
	} {
		if _, err := flac.NewEncoder(nil, format, nil); !errors.Is(err, flac.ErrUnsupported) {
			t.Errorf("NewEncoder with %+v: %v", format, err)
		}
		if _, err := flac.Measure(make([][]int32, format.Channels), format.Bits, format.SampleRate, 0); !errors.Is(err, flac.ErrUnsupported) {
			t.Errorf("Measure with %+v: %v", format, err)
		}
	}
}

func TestEncoderErrors(t *testing.T) {
	format := flac.Format{Channels: 1, Bits: 16, SampleRate: 44100}
	for _, name := range []string{"", "A=B", "TÍTULO", "A~", "A\n"} {
		if _, err := flac.NewEncoder(nil, format, []flac.Comment{{Name: name, Value: "x"}}); err == nil {
			t.Errorf("the comment name %q passes", name)
		}
	}
	long := strings.Repeat("x", 1<<24)
	if _, err := flac.NewEncoder(nil, format, []flac.Comment{{Name: "A", Value: long}}); err == nil {
		t.Error("16 MiB of comments pass")
	}

	newEncoder := func(room int) *flac.Encoder {
		e, err := flac.NewEncoder(&fullDisk{room: room}, format, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if _, err := flac.NewEncoder(&fullDisk{room: 10}, format, nil); !errors.Is(err, errFull) {
		t.Errorf("no room for the header: %v", err)
	}
	noise := signalOf(6, 3*flac.BlockSize, 16, 1)
	e := newEncoder(20_000)
	if err := e.Write(noise); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "sample 8192") {
		t.Errorf("no room for the third frame: %v", err)
	}
	if err := e.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close after an error: %v", err)
	}
	e = newEncoder(100)
	if err := e.Write([][]int32{noise[0][:100]}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); !errors.Is(err, errFull) {
		t.Errorf("no room for the last frame: %v", err)
	}
	if err := newEncoder(1000).Write([][]int32{{1}, {2}}); err == nil {
		t.Error("samples of two channels go into a stream of one")
	}
	e = newEncoder(1000)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Write([][]int32{{1}}); err == nil {
		t.Error("a closed stream takes samples")
	}
	if err := e.Close(); err == nil {
		t.Error("a stream can be closed twice")
	}
}

var errFull = errors.New("disk full")

// fullDisk is a file on a disk with little room.
type fullDisk struct {
	room, at int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.at+len(p) > d.room {
		return 0, errFull
	}
	d.at += len(p)
	return len(p), nil
}

func (d *fullDisk) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		d.at = int(offset)
	case io.SeekCurrent:
		d.at += int(offset)
	default:
		return 0, fmt.Errorf("seek %d", whence)
	}
	return int64(d.at), nil
}
