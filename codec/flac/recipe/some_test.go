package recipe_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
)

// aFile is a FLAC file of the demo's conga.
func aFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".flac"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Some samples of a part are those that all of it has, wherever they are, and hardly more
// frames are decoded for them.
func TestDecodeSome(t *testing.T) {
	for _, name := range []string{"flac-1.4.2-8", "flac-1.3.3-8", "ffmpeg-5.1"} {
		data := aFile(t, name)
		file := analyse(t, data, 1<<30)
		part := file.Parts[0]
		raw := data[part.Offset:][:part.Size]
		all, err := recipe.Decode(file.Format, raw, part.Samples)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			first := rapid.IntRange(0, part.Samples).Draw(t, "first")
			length := rapid.IntRange(0, part.Samples-first).Draw(t, "length")
			some, size, err := recipe.DecodeSome(file.Format, raw, first, length)
			if err != nil || len(some) != len(all) || size < 0 || size > len(raw) || length == part.Samples && size != len(raw) {
				t.Fatalf("%d channels, %d bytes of %d, %v", len(some), size, len(raw), err)
			}
			for c := range all {
				if !slices.Equal(some[c], all[c][first:][:length]) {
					t.Fatalf("%s: samples %d to %d of channel %d are others", name, first, first+length, c)
				}
			}
		})
		if _, _, err := recipe.DecodeSome(file.Format, raw, part.Samples-1, 2); err == nil {
			t.Error("more samples are decoded than there are")
		}
		// Only what lies before the frames that are needed may be damaged.
		damaged := bytes.Clone(raw)
		damaged[200] ^= 1
		if _, _, err := recipe.DecodeSome(file.Format, damaged, part.Samples-1, 1); err != nil {
			t.Errorf("%s: the first frame is decoded for the last sample: %v", name, err)
		}
		if _, _, err := recipe.DecodeSome(file.Format, damaged, 0, 1); err == nil {
			t.Errorf("%s: damage is not noticed", name)
		}
	}
}

// Look tells the same as Analyse, but no recipes, and notices what is wrong in any frame,
// and what does not come back near the beginning of a part.
func TestLook(t *testing.T) {
	look := func(data []byte, length int) (*recipe.File, error) {
		return recipe.Look(context.Background(), bytes.NewReader(data), int64(len(data)), length, 2)
	}
	for _, name := range []string{"flac-1.4.2-8", "flac-1.3.3-8", "ffmpeg-5.1"} {
		data := aFile(t, name)
		want := analyse(t, data, 20_000)
		for i := range want.Parts {
			want.Parts[i].Recipe = nil
		}
		file, err := look(data, 20_000)
		if err != nil || !reflect.DeepEqual(file, want) {
			t.Errorf("%s: %+v, want %+v (%v)", name, file, want, err)
		}
		for _, part := range want.Parts {
			damaged := bytes.Clone(data)
			damaged[part.Offset+int64(part.Size)-20] ^= 4
			if _, err := look(damaged, 20_000); err == nil {
				t.Errorf("%s: damage at the end of a part is not noticed", name)
			}
		}
	}
}

// All samples are heard, though not all are tried.
func TestLookHearsAllSamples(t *testing.T) {
	for _, r := range recordings(t) {
		data := encode(t, r.format, r.samples)
		heard := make([][]int32, r.format.Channels)
		hear := func(samples [][]int32) {
			for c := range samples {
				heard[c] = append(heard[c], samples[c]...)
			}
		}
		if _, err := recipe.Look(context.Background(), bytes.NewReader(data), int64(len(data)), partLength, 2, hear); err != nil {
			t.Fatal(err)
		}
		if !equal(heard, r.samples) {
			t.Errorf("%s: other samples are heard", r.path)
		}
	}
}

// Where numbers do not go on, samples are found by decoding what comes before.
func TestDecodeSomeOfOddNumbers(t *testing.T) {
	r := recordings(t)[0]
	short := make([][]int32, r.format.Channels)
	for c := range short {
		short[c] = r.samples[c][:flac.BlockSize*3+100]
	}
	data := encode(t, r.format, short)
	part := analyse(t, data, 1<<30).Parts[0]
	raw := data[part.Offset:][:part.Size]
	twice := append(bytes.Clone(raw), raw...) // the numbers begin anew
	some, _, err := recipe.DecodeSome(r.format, twice, len(short[0])+1000, 50)
	if err != nil || !equal(some, [][]int32{short[0][1000:1050], short[len(short)-1][1000:1050]}[:len(short)]) {
		t.Errorf("other samples of a part whose numbers begin anew (%v)", err)
	}
}

// A frame whose samples are the header of the next one is no reason to take it for that.
func TestDecodeSomeOfEmbeddedHeaders(t *testing.T) {
	format := flac.Format{Channels: 1, Bits: 8, SampleRate: 8000}
	noise := rand.New(rand.NewPCG(1, 1))
	samples := [][]int32{make([]int32, 3*flac.BlockSize)}
	for i := range samples[0] {
		samples[0][i] = int32(int8(noise.Uint32()))
	}
	part := func(data []byte) []byte {
		p := analyse(t, data, 1<<30).Parts[0]
		return data[p.Offset:][:p.Size]
	}
	const at = 1000 // of the first frame, in bytes; noise is stored as it is
	raw := part(encode(t, format, samples))
	header := bytes.Index(raw[100:], []byte{0xFF, raw[1], raw[2], raw[3], 1}) + 100
	for i, b := range raw[header:][:20] {
		samples[0][at+i] = int32(int8(b))
	}
	raw = part(encode(t, format, samples))
	if i := bytes.Index(raw, raw[header:][:5]); i > at+100 {
		t.Fatal("the header is not among the samples")
	}
	some, _, err := recipe.DecodeSome(format, raw, flac.BlockSize+10, 20)
	if err != nil || !slices.Equal(some[0], samples[0][flac.BlockSize+10:][:20]) {
		t.Errorf("other samples: %v", err)
	}
}
