package segment_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/recording"
)

var update = flag.Bool("update", false, "write the segments of the vectors anew")

// vectors is the folder with coded segments and what they decode to. Other decoders are tested with them, too.
const vectors = "../../../testdata/vectors"

// vectorList is vectors.json.
type vectorList struct {
	Segments []vector  `json:"segments"`
	Invalid  []invalid `json:"invalid"`
}

// vector is a file with a coded segment.
type vector struct {
	File     string `json:"file"`
	Preset   string `json:"preset"`
	Shows    string `json:"shows"`
	Channels int    `json:"channels"`
	Frames   int    `json:"frames"`
	Bits     int    `json:"bits"`
	// SHA256 is that of the samples as a WAV file has them.
	SHA256 string `json:"sha256"`
}

// invalid is a coded segment that must be refused.
type invalid struct {
	Preset   string `json:"preset"`
	Why      string `json:"why"`
	Channels int    `json:"channels"`
	Frames   int    `json:"frames"`
	Bits     int    `json:"bits"`
	Hex      string `json:"hex"`
}

func readVectors(t *testing.T) (list vectorList) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func presetCoder(t *testing.T, preset string) *segment.Coder {
	t.Helper()
	m, err := network.Load(map[string][]byte{"fast": assets.Fast, "default": assets.Default, "max": assets.Max}[preset])
	if err != nil {
		t.Fatal(err)
	}
	return segment.New(m)
}

func samplesSum(samples [][]int32, bits int) string {
	sum := sha256.Sum256(recording.Format{Channels: len(samples), Width: bits / 8, Unsigned: bits == 8}.Bytes(samples))
	return hex.EncodeToString(sum[:])
}

// TestVectors decodes the segments of the vectors. Encoding what they hold gives the same bytes on every machine.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	for _, v := range readVectors(t).Segments {
		t.Run(v.File, func(t *testing.T) { testVector(t, presetCoder(t, v.Preset), v) })
	}
}

func testVector(t *testing.T, c *segment.Coder, v vector) {
	data, err := os.ReadFile(filepath.Join(vectors, v.File))
	if err != nil {
		t.Fatal(err)
	}
	samples, err := c.Decode(context.Background(), data, v.Channels, v.Frames, v.Bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum := samplesSum(samples, v.Bits); sum != v.SHA256 {
		t.Fatalf("it decodes to other samples: their SHA-256 is %s, want %s", sum, v.SHA256)
	}
	again, err := c.Encode(context.Background(), samples, v.Bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, data) {
		t.Error("its samples are coded to other bytes now")
	}
}

// TestFormatExamples makes sure that the worked examples of the specification are true.
func TestFormatExamples(t *testing.T) {
	text, err := os.ReadFile("../../FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for title, file := range map[string]string{
		"### Silence\n":    "silence.segment",
		"### Two frames\n": "two-frames.segment",
	} {
		_, example, _ := strings.Cut(string(text), title)
		_, example, _ = strings.Cut(example, " bytes:\n\n")
		dump, _, _ := strings.Cut(example, "\n\n")
		var digits string
		for row := range strings.Lines(dump) {
			data, _, _ := strings.Cut(strings.TrimSpace(row), "  ")
			digits += strings.ReplaceAll(data, " ", "")
		}
		want, err := os.ReadFile(filepath.Join(vectors, file))
		if err != nil {
			t.Fatal(err)
		}
		if digits != hex.EncodeToString(want) {
			t.Errorf("the example under %q is %s, but %s is %x", title, digits, file, want)
		}
	}
}

// TestInvalidVectors makes sure that what the format calls invalid is refused.
func TestInvalidVectors(t *testing.T) {
	for _, v := range readVectors(t).Invalid {
		t.Run(v.Preset+"/"+v.Why, func(t *testing.T) {
			data, err := hex.DecodeString(strings.ReplaceAll(v.Hex, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			_, err = presetCoder(t, v.Preset).Decode(context.Background(), data, v.Channels, v.Frames, v.Bits, nil)
			if !errors.Is(err, segment.ErrDamaged) {
				t.Errorf("the error is %v, want one that wraps ErrDamaged", err)
			}
		})
	}
}

// writeVectors codes the vectors anew and puts their checksums into vectors.json.
func writeVectors(t *testing.T) {
	list := readVectors(t)
	list.Segments = nil
	for _, v := range vectorSounds() {
		data, err := presetCoder(t, v.preset).Encode(context.Background(), v.samples, v.bits, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(vectors, v.file), data, 0o644); err != nil {
			t.Fatal(err)
		}
		list.Segments = append(list.Segments, vector{
			File: v.file, Preset: v.preset, Shows: v.shows, Channels: len(v.samples), Frames: len(v.samples[0]), Bits: v.bits,
			SHA256: samplesSum(v.samples, v.bits),
		})
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(list); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(vectors, "vectors.json"), text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

type vectorSound struct {
	file, preset, shows string
	bits                int
	samples             [][]int32
}

// vectorSounds makes the samples of the vectors, one for each thing that a decoder must do.
func vectorSounds() []vectorSound {
	short := func(frames int, amplitude, phase float64) []int32 { return melody(frames, amplitude, phase) }
	gained := func(frames int, gain float64, round func(float64) float64) []int32 {
		return scaled(short(frames, 2000, 0), func(v int32) int32 { return int32(round(float64(v) * gain)) })
	}
	single := func(frames int, gain float32) []int32 {
		return scaled(short(frames, 400, 0), func(v int32) int32 { return int32(math.Floor(float64(float32(v) * gain))) })
	}
	constant := slices.Repeat([]int32{-77}, 600)
	copied := short(600, 9000, 1)
	few := func(values []int32, frames int) []int32 {
		return scaled(short(frames, float64(2*len(values)), 0), func(v int32) int32 {
			return values[min(max(int(v)+len(values)/2, 0), len(values)-1)]
		})
	}
	mixed := func(frames int) []int32 { // not one of every three neighbouring values, but now and then
		return scaled(melody(frames, 3000, 0), func(v int32) int32 {
			if v%3 == 0 && v%97 != 0 {
				v++
			}
			return v
		})
	}
	wave := short(1100, 9000, 0.7)
	hiss := noise(2, 2100, 3000)
	return []vectorSound{
		{"silence.segment", "default", "constant and copied channels alone", 16, [][]int32{make([]int32, 1000), make([]int32, 1000), slices.Repeat([]int32{-32768}, 1000)}},
		{"two-frames.segment", "default", "the smallest coded channel", 8, [][]int32{{-128, 127}}},
		{"mono16.segment", "default", "one channel", 16, [][]int32{short(1500, 12000, 0)}},
		{"stereo24.segment", "default", "a pair", 24, [][]int32{short(1000, 2_000_000, 0), short(1000, 1_500_000, 0.3)}},
		{"listed8.segment", "default", "a list of used indices", 8, [][]int32{few([]int32{-128, -100, -99, -51, -50, -49, -33, -20, -7, 0, 1, 2, 18, 31, 32, 60, 77, 78, 101, 127}, 3000)}},
		{"lattice24.segment", "default", "gains of all three roundings, in double and in single precision", 24, [][]int32{
			gained(1200, 179.2, math.Trunc), gained(1200, 256*0.5012, math.Round), gained(1200, 42.75, math.Floor), single(1200, 1.1),
		}},
		{"channels16.segment", "default", "a constant and a copied channel among coded ones, a gap, a pair, and one left over", 16, [][]int32{
			copied, constant, scaled(short(600, 90, 2), func(v int32) int32 { return 96*v + 5 }), copied, short(600, 300, 0.5),
		}},
		{"extremes32.segment", "default", "the widest span of indices, two symbols", 32, [][]int32{
			scaled(short(400, 12000, 0), func(v int32) int32 { return int32(math.Copysign(math.MaxInt32, float64(v))) - v&1 }),
			scaled(short(400, 12000, 0), func(v int32) int32 { return v * 100003 }),
		}},
		{"uneven16.segment", "default", "a channel that gains by secondary symbol estimation", 16, [][]int32{mixed(6000)}},
		{"gaps16.segment", "default", "symbols over a list of used indices", 16, [][]int32{
			scaled(melody(4000, 12000, 0), func(v int32) int32 { return v>>6*71 + v>>6*v>>6%11 }),
			scaled(melody(4000, 12000, 0.2), func(v int32) int32 { return v>>6*71 + v>>6*v>>6%11 }),
		}},
		{"stereo16-fast.segment", "fast", "a pair", 16, [][]int32{short(1200, 12000, 0), short(1200, 9000, 0.3)}},
		{"mono16-fast.segment", "fast", "one channel", 16, [][]int32{short(1200, 12000, 0)}},
		{"stereo16-max.segment", "max", "a pair", 16, [][]int32{short(900, 12000, 0), short(900, 9000, 0.3)}},
		{"mono16-max.segment", "max", "one channel", 16, [][]int32{short(900, 12000, 0)}},
		{"repeats16.segment", "default", "a channel that repeats itself", 16, [][]int32{slices.Repeat(short(6000, 12000, 0), 3)[:16500]}},
		{"repeats16-fast.segment", "fast", "a pair that repeats itself, over a lattice, and a channel that does and has references", 16, repeatingThree(16500)},
		{"multiples16.segment", "default", "channels that are multiples of another one", 16, [][]int32{
			wave, scaled(wave, func(v int32) int32 { return -v - 1 }), scaled(wave, func(v int32) int32 { return v >> 1 }),
			scaled(wave, func(v int32) int32 { return max(-12000, min(12000, int32(math.Round(float64(v)*1.7)))) }),
			scaled(wave, func(v int32) int32 { return int32(math.Trunc(float64(v) * -0.3)) }),
		}},
		{"offset16.segment", "default", "a pair in the other order, with an offset, padded", 16, [][]int32{smoothed(hiss)[:2000], hiss[:2000]}},
		{"references16.segment", "default", "channels that are told of by references", 16, mixes(5, 1200)},
		{"tones16.segment", "default", "a channel with tones", 16, [][]int32{struck(16500)}},
		{"tones16-max.segment", "max", "a channel with tones, which two predictors of other windows find", 16, [][]int32{struck(16500)}},
		{"noise8.segment", "default", "one byte with all values, a pair", 8, [][]int32{
			scaled(melody(1500, 4e8, 0), func(v int32) int32 { return v * 7919 >> 24 }),
			scaled(melody(1500, 4e8, 1), func(v int32) int32 { return v * 7919 >> 24 }),
		}},
	}
}

// struck is a string with many partials, which decays.
func struck(frames int) []int32 {
	out := make([]int32, frames)
	for i := range out {
		sum := 0.0
		for partial := 1; partial <= 25; partial++ {
			f := float64(partial)
			sum += 3000 / f * math.Exp(-float64(i)*f/30000) * math.Sin(float64(i)*0.0313*f*math.Sqrt(1+0.0004*f*f))
		}
		out[i] = int32(math.Round(sum))
	}
	return out
}

// smoothed is what comes after each sample of a sound, smoothed.
func smoothed(sound []int32) []int32 {
	out := make([]int32, len(sound)-16)
	for i := range out {
		sum := 0.0
		for k := range 15 {
			sum += float64(sound[i+1+k]) * (1 - math.Cos(math.Pi*float64(k+1)/8)) / 4
		}
		out[i] = int32(math.Round(sum))
	}
	return out
}

// mixes are so many channels of the same three sounds, heard at different levels and times.
func mixes(channels, frames int) [][]int32 {
	sounds := [][]int32{noise(5, frames+100, 2500), melody(frames+100, 9000, 0), noise(6, frames+100, 1500)}
	out := make([][]int32, channels)
	for c := range out {
		own := noise(uint32(7+c), frames, 3)
		for i := range frames {
			sum := float64(own[i])
			for k, s := range sounds {
				sum += float64(s[i+(c*(7+k))%50]) * math.Cos(float64(c*(k+1)))
			}
			out[c] = append(out[c], int32(math.Round(sum)))
		}
	}
	return out
}

// repeatingThree are two channels and one that hears both of them, 20 and 33 frames later; all repeat themselves.
func repeatingThree(frames int) [][]int32 {
	const period = 6000
	first := scaled(melody(period, 5000, 0), func(v int32) int32 { return 3*v + 1 })
	second, hiss := melody(period, 9000, 0.3), noise(3, period, 4)
	third := make([]int32, period)
	for i := range third {
		third[i] = first[(i+period-20)%period]/2 + second[(i+period-33)%period]/3 + hiss[i]
	}
	out := [][]int32{first, second, third}
	for c, s := range out {
		out[c] = slices.Repeat(s, frames/period+1)[:frames]
	}
	return out
}
