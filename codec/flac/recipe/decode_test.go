package recipe_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
)

// Frames are not decoded beyond what there may be of them.
func TestDecodeIsBounded(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "flac-1.4.2-8.flac"))
	if err != nil {
		t.Fatal(err)
	}
	file := analyse(t, data, 10_000)
	part := file.Parts[0]
	raw := data[part.Offset:][:part.Size]
	if _, err := recipe.Decode(file.Format, raw, part.Samples); err != nil {
		t.Error(err)
	}
	if _, err := recipe.Decode(file.Format, raw, part.Samples-1); err == nil {
		t.Error("more samples are decoded than there may be")
	}
}

// Bare frames come back in all formats, and whatever is changed in them makes an
// error or as many other samples.
func TestBareFramesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		format := flac.Format{
			Channels:   rapid.IntRange(1, 8).Draw(t, "channels"),
			Bits:       rapid.IntRange(4, 32).Draw(t, "bits"),
			SampleRate: 44100,
		}
		length := rapid.SampledFrom([]int{1, 2, 30, 300, flac.BlockSize, flac.BlockSize + 1}).Draw(t, "length")
		pattern := rapid.SliceOfN(rapid.Int32(), 1, 20).Draw(t, "pattern")
		samples := make([][]int32, format.Channels)
		for c := range samples {
			for i := range length {
				samples[c] = append(samples[c], pattern[(c+i)%len(pattern)]>>(32-format.Bits))
			}
		}
		raw, err := flac.Bare(samples, format.Bits)
		if err != nil {
			t.Fatal(err)
		}
		size, err := flac.Measure(samples, format.Bits, format.SampleRate, 0)
		if blocks := (length + flac.BlockSize - 1) / flac.BlockSize; err != nil || int64(len(raw)+blocks*flac.BareSaving) > size {
			t.Fatalf("%d bytes, the frames have %d (%v)", len(raw), size, err)
		}
		back, err := recipe.DecodeBare(format, raw, length)
		if err != nil || !slices.EqualFunc(back, samples, slices.Equal) {
			t.Fatalf("they do not come back (%v)", err)
		}
		raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		raw = raw[:rapid.IntRange(0, len(raw)).Draw(t, "bytes")]
		back, err = recipe.DecodeBare(format, raw, length)
		if err == nil && (len(back) != format.Channels || len(back[0]) != length) {
			t.Fatal("other samples come back")
		}
	})
}
