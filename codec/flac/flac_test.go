package flac_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	mewkiz "github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"

	"trilobyte/codec/flac"
)

// encode writes samples to a file and returns its path.
func encode(tb testing.TB, format flac.Format, samples [][]int32, comments []flac.Comment) string {
	tb.Helper()
	f, err := os.CreateTemp(tb.TempDir(), "*.flac")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	e, err := flac.NewEncoder(f, format, comments)
	if err != nil {
		tb.Fatal(err)
	}
	if err := e.Write(samples); err != nil {
		tb.Fatal(err)
	}
	if err := e.Close(); err != nil {
		tb.Fatal(err)
	}
	return f.Name()
}

// checkStream checks that a file holds the samples, as the oracle and mewkiz
// read them, and that Measure foretells its size.
func checkStream(tb testing.TB, path string, format flac.Format, samples [][]int32) {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	gotFormat, got, err := decode(data)
	if err != nil {
		tb.Fatal(err)
	}
	if gotFormat != format {
		tb.Fatalf("the stream says %+v, not %+v", gotFormat, format)
	}
	checkEqual(tb, got, samples)
	size, err := flac.Measure(samples, format.Bits, format.SampleRate, 0)
	if err != nil {
		tb.Fatal(err)
	}
	if want := int64(len(data) - metadataEnd(tb, data)); size != want {
		tb.Fatalf("Measure says %d bytes, but the frames have %d", size, want)
	}
	if slices.Contains([]int{8, 12, 16, 20, 24}, format.Bits) {
		checkEqual(tb, mewkizDecode(tb, data), samples)
	}
}

func checkEqual(tb testing.TB, got, want [][]int32) {
	tb.Helper()
	for c := range want {
		if !slices.Equal(got[c], want[c]) {
			tb.Fatalf("channel %d decodes to other samples", c)
		}
	}
}

func mewkizDecode(tb testing.TB, data []byte) [][]int32 {
	tb.Helper()
	stream, err := mewkiz.New(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	samples := make([][]int32, stream.Info.NChannels)
	for {
		f, err := stream.ParseNext()
		if err == io.EOF {
			return samples
		}
		if err != nil {
			tb.Fatalf("mewkiz: %v", err)
		}
		for c, s := range f.Subframes {
			samples[c] = append(samples[c], s.Samples...)
		}
	}
}

// checkWithTool has `flac -t` decode the files and compare their MD5, where the
// program is installed.
func checkWithTool(t *testing.T, paths []string) {
	tool, err := exec.LookPath("flac")
	if err != nil {
		t.Log("the flac program is not on PATH: streams checked without it")
		return
	}
	if text, err := exec.Command(tool, append([]string{"-s", "-t", "-w"}, paths...)...).CombinedOutput(); err != nil {
		t.Errorf("flac -t: %v\n%s", err, text)
	}
}

func TestRoundTrip(t *testing.T) {
	type variant struct {
		format flac.Format
		length int
	}
	var variants []variant
	for bits := 4; bits <= 32; bits++ {
		variants = append(variants, variant{flac.Format{Channels: 2, Bits: bits, SampleRate: 44100}, 1000})
	}
	for _, bits := range []int{8, 16, 24, 32} {
		variants = append(variants, variant{flac.Format{Channels: 2, Bits: bits, SampleRate: 96000}, flac.BlockSize + 300})
	}
	for channels := 1; channels <= 8; channels++ {
		variants = append(variants, variant{flac.Format{Channels: channels, Bits: 24, SampleRate: 48000}, 400})
	}
	widths := []int{16, 8, 32}
	if testing.Short() {
		widths = widths[:1]
	}
	for _, length := range []int{1, 2, 3, 4, 5, 11, 12, 13, 16, 17, 64, 66, 67, 99, 128, 192, 255, 256, 257, 576, 1024, 1152, 4095, 4096, 4097} {
		for _, bits := range widths {
			variants = append(variants, variant{flac.Format{Channels: 2, Bits: bits, SampleRate: 8000}, length})
		}
	}
	for i, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			var paths []string
			for _, v := range variants {
				samples := signalOf(i, v.length, v.format.Bits, v.format.Channels)
				path := encode(t, v.format, samples, nil)
				checkStream(t, path, v.format, samples)
				if t.Failed() {
					t.Fatalf("in %+v", v)
				}
				paths = append(paths, path)
			}
			checkWithTool(t, paths)
		})
	}
}

func TestSampleRates(t *testing.T) {
	samples := signalOf(7, 1000, 16, 2)
	var paths []string
	for _, rate := range []uint32{1, 1000, 8000, 11025, 12345, 16000, 22050, 22255, 24000, 32000, 44100, 48000, 65535, 65537, 88200, 96000, 176400, 192000, 255000, 256000, 352800, 384000, 655350} {
		format := flac.Format{Channels: 2, Bits: 16, SampleRate: rate}
		path := encode(t, format, samples, nil)
		checkStream(t, path, format, samples)
		paths = append(paths, path)
	}
	checkWithTool(t, paths)

	// The flac program stops at 655,350 Hz, the format does not.
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 1<<20 - 1}
	checkStream(t, encode(t, format, samples, nil), format, samples)
}

// What the flac program decodes must be the samples, not only have their MD5,
// which this package computes itself.
func TestReferenceDecodesSamples(t *testing.T) {
	tool := referenceTool(t)
	for _, bits := range []int{8, 16, 24, 32} {
		for i := range generators {
			format := flac.Format{Channels: 2, Bits: bits, SampleRate: 44100}
			samples := signalOf(i, 5000, bits, 2)
			path := encode(t, format, samples, nil)
			raw, err := exec.Command(tool, "-s", "-d", "-c", "--force-raw-format", "--endian=little", "--sign=signed", path).Output()
			if err != nil {
				t.Fatal(err)
			}
			want := new(bytes.Buffer)
			for f := range samples[0] {
				for _, channel := range samples {
					for b := range bits / 8 {
						want.WriteByte(byte(channel[f] >> (8 * b)))
					}
				}
			}
			if !bytes.Equal(raw, want.Bytes()) {
				t.Errorf("%s at %d bits: flac -d makes other samples", generators[i].name, bits)
			}
		}
	}
}

// Segments of whole blocks, measured apart, add up to the whole stream, across
// the lengths of coded frame numbers.
func TestMeasureAddsUp(t *testing.T) {
	blocks := 2100 // frame numbers of 1, 2 and 3 bytes
	if testing.Short() {
		blocks = 200
	}
	samples := signalOf(7, blocks*flac.BlockSize+123, 16, 1)
	for i := range samples[0] {
		if i/flac.BlockSize%50 != 0 {
			samples[0][i] = 0 // for speed
		}
	}
	whole, err := flac.Measure(samples, 16, 44100, 0)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for first := 0; first <= blocks; first += 97 {
		start := first * flac.BlockSize
		end := min(start+97*flac.BlockSize, len(samples[0]))
		part, err := flac.Measure([][]int32{samples[0][start:end]}, 16, 44100, int64(first))
		if err != nil {
			t.Fatal(err)
		}
		sum += part
	}
	if sum != whole {
		t.Errorf("the segments have %d bytes, the whole has %d", sum, whole)
	}
	format := flac.Format{Channels: 1, Bits: 16, SampleRate: 44100}
	checkStream(t, encode(t, format, samples, nil), format, samples)
}

// A later frame number takes more bytes, up to six.
func TestFrameNumbers(t *testing.T) {
	samples := signalOf(0, 10, 16, 1)
	smallest, err := flac.Measure(samples, 16, 44100, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ number, extra int64 }{
		{127, 0}, {128, 1}, {2047, 1}, {2048, 2}, {65535, 2}, {65536, 3}, {1<<21 - 1, 3}, {1 << 21, 4}, {1<<26 - 1, 4}, {1 << 26, 5}, {1<<31 - 1, 5},
	} {
		size, err := flac.Measure(samples, 16, 44100, tt.number)
		if err != nil {
			t.Fatal(err)
		}
		if size != smallest+tt.extra {
			t.Errorf("frame %d has %d bytes, not %d", tt.number, size, smallest+tt.extra)
		}
	}
}

func TestMeasureConcurrently(t *testing.T) {
	var group sync.WaitGroup
	for i := range generators {
		samples := signalOf(i, 2*flac.BlockSize+77, 16, 2)
		want, err := flac.Measure(samples, 16, 44100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			group.Go(func() {
				if got, err := flac.Measure(samples, 16, 44100, 0); err != nil || got != want {
					t.Errorf("%s: %d bytes (%v) beside other calls, %d alone", generators[i].name, got, err, want)
				}
			})
		}
	}
	group.Wait()
}

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

func TestMeasureErrors(t *testing.T) {
	tests := []struct {
		name    string
		samples [][]int32
		bits    int
		first   int64
		want    string
	}{
		{"too high", [][]int32{{0, 0}, {0, 32768}}, 16, 0, "sample 1 of channel 1 is 32768, which does not fit in 16 bits"},
		{"too low", [][]int32{{-9}}, 4, 0, "sample 0 of channel 0 is -9, which does not fit in 4 bits"},
		{"too high in a later block", [][]int32{append(make([]int32, 5000), 128)}, 8, 0, "sample 5000 of channel 0 is 128"},
		{"unequal lengths", [][]int32{{1, 2}, {1}}, 16, 0, "channel 1 has 1 samples but channel 0 has 2"},
		{"negative frame number", [][]int32{{1}}, 16, -1, "frame number -1"},
		{"large frame number", [][]int32{make([]int32, 5000)}, 16, 1<<31 - 1, "frame number 2147483648"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flac.Measure(tt.samples, tt.bits, 44100, tt.first)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, without %q", err, tt.want)
			}
		})
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
