package preset_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/preset"
	"trilobyte/codec"
	"trilobyte/codec/backend"
	"trilobyte/codec/stream"
)

// TestPresets has each preset code a piece of noise, and the codec of each other one decode it.
func TestPresets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	samples := [][]int32{make([]int32, 500), make([]int32, 500)}
	for _, channel := range samples {
		for i := range channel {
			channel[i] = int32(r.NormFloat64() * 300)
		}
	}
	var ids [][32]byte
	for _, made := range codec.Presets() {
		c, done, err := preset.Codecs{}.Codec(preset.Choice{Preset: made}, backend.Encoding, func(err error) { t.Error(err) })
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		id := c.Coder.ID()
		if slices.Contains(ids, id) {
			t.Errorf("the preset %s has the model of another one", made)
		}
		ids = append(ids, id)
		if coder, ok := c.Coder.(interface{ Remembers() bool }); !ok || coder.Remembers() == (made == "fast") {
			t.Errorf("whether %s has a memory is not told, or wrong", made)
		}
		data, err := c.Coder.Encode(context.Background(), samples, 16, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range codec.Presets() {
			c, done, err := preset.Codecs{}.Codec(preset.Choice{Preset: other}, backend.Decoding, func(err error) { t.Error(err) })
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			coder, err := c.For(stream.NameOf(id), &archive.Archive{}) // no archive is needed: all models are built in
			if err != nil {
				t.Fatal(err)
			}
			back, err := coder.Decode(context.Background(), data, 2, 500, 16, nil)
			if err != nil || !slices.EqualFunc(back, samples, slices.Equal) {
				t.Errorf("the codec of %s does not decode what %s made: %v", other, made, err)
			}
		}
	}
}

func TestUnknownPreset(t *testing.T) {
	_, _, err := preset.Codecs{}.Codec(preset.Choice{Preset: "best"}, backend.Encoding, func(err error) { t.Error(err) })
	if err == nil || !strings.Contains(err.Error(), "fast, default, max") {
		t.Errorf("got %v", err)
	}
}

// TestImpossiblePath runs the test's program again with a processor path that does not exist: there is no codec then.
func TestImpossiblePath(t *testing.T) {
	if os.Getenv("TRILOBYTE_TEST_PATH") != "" {
		_, _, err := preset.Codecs{}.Codec(preset.Choice{}, backend.Encoding, func(error) {})
		fmt.Print(err)
		os.Exit(0)
	}
	c := exec.Command(os.Args[0], "-test.run=^TestImpossiblePath$")
	c.Env = append(os.Environ(), "TRILOBYTE_TEST_PATH=1", "TRILOBYTE_CPU=sse9")
	out, err := c.Output()
	if err != nil || !strings.Contains(string(out), "TRILOBYTE_CPU=sse9 is unknown") {
		t.Errorf("it says %q, %v", out, err)
	}
}
