package flac_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"

	mewkiz "github.com/mewkiz/flac"

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
	if testing.Short() {
		t.Skip("does one thing after the other")
	}
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
	for _, length := range []int{1, 2, 3, 4, 5, 11, 12, 13, 16, 17, 64, 66, 67, 99, 128, 192, 255, 256, 257, 576, 1024, 1152, 4095, 4096, 4097} {
		for _, bits := range []int{16, 8, 32} {
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
