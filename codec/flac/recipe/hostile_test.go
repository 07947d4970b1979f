package recipe_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
)

// sizeLimit is what Rebuild promises never to exceed.
func sizeLimit(format flac.Format, samples [][]int32) int {
	return format.Channels * len(samples[0]) * 40 * 8
}

// A recipe with any changes, or of other samples, makes an error or other
// bytes, but no panic and no flood.
func TestChangedRecipes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "flac-1.4.2-8.flac"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := recipe.Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), 10_000, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	part := file.Parts[1]
	samples, err := recipe.Decode(file.Format, data[part.Offset:][:part.Size], part.Samples)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		changed := bytes.Clone(part.Recipe)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			changed[rapid.IntRange(0, len(changed)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		changed = changed[:rapid.IntRange(0, len(changed)).Draw(t, "length")]
		for range rapid.IntRange(0, 3).Draw(t, "other samples") {
			samples[0][rapid.IntRange(0, len(samples[0])-1).Draw(t, "at")] = rapid.Int32().Draw(t, "sample")
		}
		raw, err := recipe.Rebuild(nil, file.Format, part.FirstSample, samples, changed)
		if err == nil && len(raw) > sizeLimit(file.Format, samples) {
			t.Fatalf("%d bytes", len(raw))
		}
	})
}

// Any bytes are a recipe of any samples, or an error.
func FuzzRebuild(f *testing.F) {
	f.Add([]byte{0, 0xE5, 0xBB, 0x29}, []byte("some samples"), uint8(1), uint8(16), int64(0))
	f.Add(bytes.Repeat([]byte{0xFF}, 100), bytes.Repeat([]byte{0x7F, 0x80}, 300), uint8(2), uint8(32), int64(1)<<40)
	f.Add(bytes.Repeat([]byte{0xA5, 0x17, 3}, 100), make([]byte, 5000), uint8(8), uint8(4), int64(-1))
	f.Fuzz(func(t *testing.T, recipeBytes, sampleBytes []byte, channels, bits uint8, firstSample int64) {
		format := flac.Format{Channels: int(channels), Bits: int(bits), SampleRate: 44100}
		if format.Check() != nil {
			t.Skip()
		}
		samples := make([][]int32, format.Channels)
		for i := range len(sampleBytes) / format.Channels * format.Channels {
			samples[i%format.Channels] = append(samples[i%format.Channels], int32(int8(sampleBytes[i]))<<(bits-4))
		}
		raw, err := recipe.Rebuild(nil, format, firstSample, samples, recipeBytes)
		if err == nil && len(raw) > sizeLimit(format, samples) {
			t.Fatalf("%d bytes of %d samples", len(raw), len(samples[0]))
		}
	})
}

// Samples that no file has are refused.
func TestRebuildChecksItsArguments(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	for _, tt := range []struct {
		format  flac.Format
		samples [][]int32
	}{
		{flac.Format{Channels: 2, Bits: 33, SampleRate: 44100}, [][]int32{{1}, {1}}},
		{format, [][]int32{{1}}},
		{format, [][]int32{{1}, {1, 2}}},
	} {
		if _, err := recipe.Rebuild(nil, tt.format, 0, tt.samples, nil); err == nil {
			t.Errorf("%v with samples %v is taken", tt.format, tt.samples)
		}
	}
}
