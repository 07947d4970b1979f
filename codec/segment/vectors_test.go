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

	"trilobyte/codec/model"
	"trilobyte/codec/segment"
	"trilobyte/codec/wav"
)

var update = flag.Bool("update", false, "write the segments of the newest vectors anew")

// The folders with vectors: coded segments with what they decode to. Other decoders are tested with them, too. Each has the
// model that they were made with: of the first version, of one with whole tokens, one with a memory, one of a version with a
// blend, one whose experts work in blocks, and one whose whole tokens are coded in pairs.
const (
	vectors       = "../../testdata/vectors"
	wholeVectors  = "../../testdata/vectors-3"
	memoryVectors = "../../testdata/vectors-4"
	blendVectors  = "../../testdata/vectors-5"
	blockVectors  = "../../testdata/vectors-6"
	pairVectors   = "../../testdata/vectors-7"
)

// vectorList is vectors.json.
type vectorList struct {
	Segments []vector  `json:"segments"`
	Invalid  []invalid `json:"invalid"`
	// Archives are for the tests of package job.
	Archives json.RawMessage `json:"archives,omitempty"`
}

// vector is a file with a coded segment.
type vector struct {
	File     string `json:"file"`
	Shows    string `json:"shows"`
	Channels int    `json:"channels"`
	Frames   int    `json:"frames"`
	Bits     int    `json:"bits"`
	// SHA256 is that of the samples as a WAV file has them.
	SHA256 string `json:"sha256"`
}

// invalid is a coded segment that must be refused.
type invalid struct {
	Why      string `json:"why"`
	Channels int    `json:"channels"`
	Frames   int    `json:"frames"`
	Bits     int    `json:"bits"`
	Hex      string `json:"hex"`
}

func readVectors(t *testing.T, folder string) (list vectorList) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func vectorCoder(t *testing.T, folder string) *segment.Coder {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(folder, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return segment.New(m)
}

func samplesSum(samples [][]int32, bits int) string {
	sum := sha256.Sum256(wav.Format{Channels: len(samples), ContainerBits: bits}.Bytes(samples))
	return hex.EncodeToString(sum[:])
}

// TestVectors decodes the segments of the vectors, which were written when the format was published: they decode for
// ever. Encoding what they hold gives the same bytes on every machine.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t, pairVectors)
	}
	for _, folder := range []string{vectors, wholeVectors, memoryVectors, blendVectors, blockVectors, pairVectors} {
		c := vectorCoder(t, folder)
		for _, v := range readVectors(t, folder).Segments {
			t.Run(filepath.Base(folder)+"/"+v.File, func(t *testing.T) { testVector(t, c, folder, v) })
		}
	}
}

func testVector(t *testing.T, c *segment.Coder, folder string, v vector) {
	data, err := os.ReadFile(filepath.Join(folder, v.File))
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
	text, err := os.ReadFile("../FORMAT.md")
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
	for _, folder := range []string{vectors, wholeVectors, memoryVectors, blendVectors, blockVectors, pairVectors} {
		c := vectorCoder(t, folder)
		for _, v := range readVectors(t, folder).Invalid {
			t.Run(filepath.Base(folder)+"/"+v.Why, func(t *testing.T) {
				data, err := hex.DecodeString(strings.ReplaceAll(v.Hex, " ", ""))
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Decode(context.Background(), data, v.Channels, v.Frames, v.Bits, nil)
				if !errors.Is(err, segment.ErrDamaged) {
					t.Errorf("the error is %v, want one that wraps ErrDamaged", err)
				}
			})
		}
	}
}

// writeVectors codes the vectors anew and puts their checksums into vectors.json.
func writeVectors(t *testing.T, folder string) {
	c := vectorCoder(t, folder)
	list := readVectors(t, folder)
	list.Segments = nil
	for _, v := range append(vectorSounds(), wholeSounds()...) {
		data, err := c.Encode(context.Background(), v.samples, v.bits, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, v.file), data, 0o644); err != nil {
			t.Fatal(err)
		}
		list.Segments = append(list.Segments, vector{
			File: v.file, Shows: v.shows, Channels: len(v.samples), Frames: len(v.samples[0]), Bits: v.bits,
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
	if err := os.WriteFile(filepath.Join(folder, "vectors.json"), text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

type vectorSound struct {
	file, shows string
	bits        int
	samples     [][]int32
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
	return []vectorSound{
		{"silence.segment", "constant and copied channels alone", 16, [][]int32{make([]int32, 1000), make([]int32, 1000), slices.Repeat([]int32{-32768}, 1000)}},
		{"two-frames.segment", "the smallest coded channel", 8, [][]int32{{-128, 127}}},
		{"mono16.segment", "one channel", 16, [][]int32{short(1500, 12000, 0)}},
		{"stereo24.segment", "a pair", 24, [][]int32{short(1000, 2_000_000, 0), short(1000, 1_500_000, 0.3)}},
		{"listed8.segment", "a list of used steps", 8, [][]int32{few([]int32{-128, -100, -99, -51, -50, -49, -33, -20, -7, 0, 1, 2, 18, 31, 32, 60, 77, 78, 101, 127}, 3000)}},
		{"lattice24.segment", "gains of all three roundings, in double and in single precision", 24, [][]int32{
			gained(1200, 179.2, math.Trunc), gained(1200, 256*0.5012, math.Round), gained(1200, 42.75, math.Floor), single(1200, 1.1),
		}},
		{"channels16.segment", "a constant and a copied channel among coded ones, a gap, a pair, and one left over", 16, [][]int32{
			copied, constant, scaled(short(600, 90, 2), func(v int32) int32 { return 96*v + 5 }), copied, short(600, 300, 0.5),
		}},
		{"extremes32.segment", "the widest span of steps, four tokens", 32, [][]int32{
			scaled(short(400, 12000, 0), func(v int32) int32 { return int32(math.Copysign(math.MaxInt32, float64(v))) - v&1 }),
			scaled(short(400, 12000, 0), func(v int32) int32 { return v * 100003 }),
		}},
	}
}

// wholeSounds makes more samples, for what came with whole tokens.
func wholeSounds() []vectorSound {
	mixed := func(frames int) []int32 { // not one of every three neighbouring values, but now and then
		return scaled(melody(frames, 3000, 0), func(v int32) int32 {
			if v%3 == 0 && v%97 != 0 {
				v++
			}
			return v
		})
	}
	return []vectorSound{
		{"uneven16.segment", "a channel that gains by the last stage", 16, [][]int32{mixed(6000)}},
		{"gaps16.segment", "whole tokens over a list of used steps", 16, [][]int32{
			scaled(melody(4000, 12000, 0), func(v int32) int32 { return v>>6*71 + v>>6*v>>6%11 }),
			scaled(melody(4000, 12000, 0.2), func(v int32) int32 { return v>>6*71 + v>>6*v>>6%11 }),
		}},
		{"noise8.segment", "one byte with all values, a pair", 8, [][]int32{
			scaled(melody(1500, 4e8, 0), func(v int32) int32 { return v * 7919 >> 24 }),
			scaled(melody(1500, 4e8, 1), func(v int32) int32 { return v * 7919 >> 24 }),
		}},
	}
}
