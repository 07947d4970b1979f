package stream_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"

	"pgregory.net/rapid"
)

// hopelessCoder makes everything larger.
type hopelessCoder struct{ deltaCoder }

func (hopelessCoder) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	return make([]byte, 5*len(samples)*len(samples[0])), nil
}

func (hopelessCoder) Decode(context.Context, []byte, int, int, int, func(int)) ([][]int32, error) {
	return nil, errors.New("hopeless")
}

// around is how much larger than its FLAC frames a recording may be, in bytes.
const around = 40

// frameBytes is the size of the FLAC frames of a recording.
func frameBytes(t testing.TB, f recording.Format, samples [][]int32) int {
	t.Helper()
	size, err := flac.Measure(samples, f.PCM().ContainerBits(), f.SampleRate, 0)
	if err != nil {
		t.Fatal(err)
	}
	return int(size)
}

// noiseThatStops returns noise of so many bits that stops abruptly, the same each time.
func noiseThatStops(channels, bits, sounding, silent int) [][]int32 {
	random := rand.New(rand.NewPCG(uint64(channels), uint64(bits)))
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, sounding+silent)
		for i := range sounding {
			samples[c][i] = int32(random.Uint32()) >> (32 - bits)
		}
	}
	return samples
}

// TestNoRecordingIsLargerThanFLAC encodes what a model cannot learn with the preset
// that has the simplest one.
func TestNoRecordingIsLargerThanFLAC(t *testing.T) {
	sequential(t)
	file, err := codec.Preset("fast")
	if err != nil {
		t.Fatal(err)
	}
	model, err := codec.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	coder := codec.NewCoder(model)
	tone := tune(1, 6000)[0]
	both := func(a, b []int32) [][]int32 { return [][]int32{a, b[:len(a)]} }
	for _, test := range []struct {
		name    string
		bits    int
		samples [][]int32
	}{
		{"one frame", 16, noiseThatStops(1, 12, 1, 0)},
		{"a few frames", 16, noiseThatStops(2, 14, 20, 5)},
		{"8 bits, then silence", 8, noiseThatStops(1, 7, 1000, 4000)},
		{"16 bits, then silence", 16, noiseThatStops(1, 15, 4500, 4500)},
		{"a click, then silence", 16, noiseThatStops(1, 15, 30, 3000)},
		{"two channels, then silence", 16, noiseThatStops(2, 12, 3000, 3000)},
		{"24 bits, then silence", 24, noiseThatStops(2, 23, 2000, 1000)},
		{"noise beside a tone", 16, both(noiseThatStops(1, 15, 6000, 0)[0], tone)},
		{"noise that stops beside a tone", 16, both(noiseThatStops(1, 15, 3000, 3000)[0], tone)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := integers(len(test.samples), 44100, test.bits)
			file := recordingtest.WAV(f, test.samples)
			encoded := beside(t, file, coder)
			frames := frameBytes(t, f, test.samples)
			if t.Logf("%d bytes, FLAC's frames have %d", len(encoded), frames); len(encoded) > frames+around {
				t.Errorf("%d bytes, but FLAC's frames have %d", len(encoded), frames)
			}
			part, err := decoderOf(t, encoded, coder).Part(context.Background(), 1, nil)
			if err != nil || !bytes.HasSuffix(file, part.Raw) {
				t.Errorf("the audio does not come back: %v", err)
			}
		})
	}
}

// beside returns the stream of a file whose parts have been compared with FLAC.
func beside(t testing.TB, file []byte, c stream.SegmentCoder) []byte {
	t.Helper()
	e := newEncoder(t, file, c)
	encoded := e.Begin()
	for i := range e.Parts() {
		p, err := e.Part(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		made, err := e.BesideFLAC(p)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made.Raw, p.Raw) || len(made.Encoded) > len(p.Encoded) {
			t.Errorf("part %d: %d bytes in %d become %d in %d", i, len(p.Raw), len(p.Encoded), len(made.Raw), len(made.Encoded))
		}
		encoded = append(encoded, made.Encoded...)
	}
	return encoded
}

// encodeSpan returns the stream of audio of one segment, for a hopelessCoder.
func encodeSpan(f recording.Format, raw []byte) ([]byte, error) {
	spans := []recording.Span{{Size: int64(len(raw)), Format: f}}
	e, err := stream.NewEncoder(context.Background(), bytes.NewReader(raw), spans, hopelessCoder{})
	if err != nil {
		return nil, err
	}
	p, err := e.Part(context.Background(), 0, nil)
	if err == nil {
		p, err = e.BesideFLAC(p)
	}
	return append(e.Begin(), p.Encoded...), err
}

// TestFramesComeBack encodes all kinds of files with a coder that makes nothing
// smaller, and makes sure that what FLAC makes smaller is.
func TestFramesComeBack(t *testing.T) {
	sequential(t)
	smaller, all := 0, 0
	for _, c := range recordingtest.Cases() {
		if len(c.Audio) == 0 {
			continue
		}
		all++
		encoded := beside(t, c.Bytes, hopelessCoder{})
		if back, err := decode(encoded); err != nil || !bytes.Equal(back, c.Bytes) {
			t.Errorf("%s does not come back: %v", c.Name, err)
		}
		if len(encoded) < len(c.Bytes)/2 {
			smaller++
		}
	}
	if smaller < all/5 {
		t.Errorf("only %d of %d files became smaller", smaller, all)
	}
}

// TestAnyRecordingIsSmallerThanFLAC draws recordings of noise, tones and silence in
// pieces, in all formats that FLAC has.
func TestAnyRecordingIsSmallerThanFLAC(t *testing.T) {
	sequential(t)
	rapid.Check(t, func(t *rapid.T) {
		bits := 8 * rapid.IntRange(1, 4).Draw(t, "width")
		f := integers(rapid.IntRange(1, 8).Draw(t, "channels"), rapid.Uint32Range(1, 1<<20-1).Draw(t, "rate"), bits)
		samples := make([][]int32, f.Channels)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for range rapid.IntRange(1, 4).Draw(t, "pieces") {
			frames := rapid.IntRange(1, 3000).Draw(t, "frames")
			for c := range samples {
				loud := rapid.IntRange(1, bits).Draw(t, "loud")
				kind := rapid.SampledFrom([]string{"silence", "noise", "tone", "full scale"}).Draw(t, "kind")
				for i := range frames {
					v := int32(0)
					switch kind {
					case "noise":
						v = int32(random.Uint32()) >> (32 - loud)
					case "tone":
						v = int32(math.Round(math.Sin(float64(i)*0.05) * float64(int64(1)<<(loud-1)-1)))
					case "full scale":
						v = int32(-1<<(bits-1)) ^ -(random.Int32() & 1)
					}
					samples[c] = append(samples[c], v)
				}
			}
		}
		raw := f.Bytes(samples)
		encoded, err := encodeSpan(f, raw)
		if err != nil {
			t.Fatal(err)
		}
		size, err := flac.Measure(samples, bits, f.SampleRate, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(encoded) > int(size)+around {
			t.Errorf("%d bytes, but FLAC's frames have %d", len(encoded), size)
		}
		if back, err := decode(encoded); err != nil || !bytes.Equal(back, raw) {
			t.Errorf("it does not come back: %v", err)
		}
	})
}

// TestSegmentsOfFrames encodes noise at a low sample rate, whose segments have few of
// FLAC's blocks, and damages one of them.
func TestSegmentsOfFrames(t *testing.T) {
	sequential(t)
	f := integers(1, 8000, 8)
	samples := noiseThatStops(1, 7, 530_000, 0)
	file := recordingtest.WAV(f, samples)
	encoded := beside(t, file, hopelessCoder{})
	if frames := frameBytes(t, f, samples); len(encoded) > frames+around {
		t.Errorf("%d bytes, but FLAC's frames have %d", len(encoded), frames)
	}
	list := records(encoded)
	if len(list) != 4 {
		t.Fatalf("%d segments, want 4", len(list))
	}
	for _, at := range []int{1, list[1].header + 1000} { // in the record's header, and behind it
		damaged := slices.Clone(encoded)
		damaged[list[1].start+at] ^= 0x40
		if lost := salvaged(t, damaged, len(list)+1); !slices.Equal(lost, []int{2}) {
			t.Errorf("byte %d of the second record is damaged, and %v are lost", at, lost)
		}
	}
}

// TestEveryFlippedBitOfFrames damages the only record of a stream.
func TestEveryFlippedBitOfFrames(t *testing.T) {
	flipEveryBit(t, beside(t, recordingtest.WAV(integers(2, 8000, 16), noiseThatStops(2, 9, 20, 100)), hopelessCoder{}))
}

// TestForgedFrames has records say that they hold frames that cannot be in them.
func TestForgedFrames(t *testing.T) {
	const frames = 200
	noise := noiseThatStops(1, 7, frames, 0)
	payloadOf := func(samples [][]int32, bits int) []byte {
		b, err := flac.Bare(samples, bits)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	right := payloadOf(noise, 16)
	wide := recording.Format{Kind: recording.Float, Width: 4, ValidBits: 32, Channels: 1, SampleRate: 8000}
	for _, test := range []struct {
		name    string
		format  recording.Format
		payload []byte
		want    string
	}{
		{"as it should be", integers(1, 8000, 16), right, ""},
		{"nothing", integers(1, 8000, 16), nil, "not complete"},
		{"a byte is missing", integers(1, 8000, 16), right[:len(right)-1], "not complete"},
		{"a byte too many", integers(1, 8000, 16), append(slices.Clone(right), 0), "something follows"},
		{"fewer samples", integers(1, 8000, 16), payloadOf([][]int32{noise[0][:100]}, 16), "not complete"},
		{"another channel", integers(1, 8000, 16), payloadOf(noiseThatStops(2, 7, 20, frames-20), 16), "other channels"},
		{"a channel too few", integers(2, 8000, 16), right, "other channels"},
		{"an impossible assignment", integers(2, 8000, 16), append([]byte{11}, right[1:]...), "other channels"},
		{"floats", wide, right, "method 5"},
		{"more channels than FLAC has", integers(9, 8000, 16), right, "method 5"},
		{"a value that no byte has", recording.Format{Kind: recording.MuLaw, Width: 1, ValidBits: 8, Channels: 1, SampleRate: 8000},
			payloadOf([][]int32{slices.Repeat([]int32{3}, frames)}, 16), "a value that its kind does not have"},
	} {
		raw := make([]byte, frames*test.format.FrameBytes())
		if test.want == "" {
			raw = test.format.Bytes(noise)
		}
		encoded, err := encodeSpan(test.format, raw)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded[:headerSize(encoded)], 0xD5)
		encoded = binary.LittleEndian.AppendUint32(encoded, checksum(slices.Concat(test.payload, raw)))
		back, err := decode(append(encoded, test.payload...))
		if test.want == "" && (err != nil || !bytes.Equal(back, raw)) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// TestGoldenFrames holds streams of such frames against files, which another decoder
// reads, too.
func TestGoldenFrames(t *testing.T) {
	var sums strings.Builder
	golden := map[string][]byte{}
	for _, test := range []struct {
		name    string
		format  recording.Format
		samples [][]int32
	}{
		{"8-bit", integers(1, 8000, 8), noiseThatStops(1, 3, 4500, 600)},
		{"16-bit-stereo", integers(2, 44100, 16), noiseThatStops(2, 9, 500, 500)},
		{"24-bit-3-channels", integers(3, 48000, 24), noiseThatStops(3, 17, 200, 100)},
		{"32-bit-stereo", integers(2, 96000, 32), noiseThatStops(2, 32, 100, 300)},
		{"mu-law", recording.Format{Kind: recording.MuLaw, Width: 1, ValidBits: 8, Channels: 1, SampleRate: 8000}, noiseThatStops(1, 5, 300, 500)},
	} {
		raw := test.format.Bytes(test.samples)
		made, err := encodeSpan(test.format, raw)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decode(made); err != nil || !bytes.Equal(back, raw) {
			t.Errorf("%s does not come back: %v", test.name, err)
		}
		golden[test.name+".stream"] = made
		fmt.Fprintf(&sums, "%x  %s.stream\n", sha256.Sum256(raw), test.name)
	}
	golden["SHA256SUMS"] = []byte(sums.String())
	for name, made := range golden {
		path := filepath.Join("testdata", "frames", name)
		if *update {
			if err := os.WriteFile(path, made, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made, want) {
			t.Errorf("%s as it is made now (%d bytes) differs from the file (%d bytes)", path, len(made), len(want))
		}
	}
}
