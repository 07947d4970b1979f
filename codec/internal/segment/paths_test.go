package segment_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/internal/simd"
)

// A segment is coded to the same bytes whatever the processor path, and each path decodes what another one coded.
func TestPathsGiveTheSameBytes(t *testing.T) {
	defer simd.Use(simd.InUse())
	plain := networktest.Random(2, feature.Count, 96, 80, mixture.Outputs)
	remembering := networktest.WithMemory(2, 20, []int{2, 8}, feature.Count+20, 40, mixture.Outputs)
	frames := 3000
	if testing.Short() {
		frames = 600
	}
	sounds := map[string]struct {
		samples [][]int32
		bits    int
		file    []byte
	}{
		"stereo":              {noisySines(frames), 16, plain},
		"mono":                {noisySines(frames)[:1], 16, plain},
		"24 bit":              {louder(noisySines(frames*2/3), 251), 24, plain},
		"8 bit":               {louder(noisySines(frames*2/3), 1./200), 8, plain},
		"stereo, with memory": {noisySines(frames), 16, remembering},
		"8 bit, with memory":  {louder(noisySines(frames*2/3), 1./200), 8, remembering},
		"stereo, default":     {noisySines(frames), 16, assets.Default},
		"24 bit, default":     {louder(noisySines(frames*2/3), 251), 24, assets.Default},
		"stereo, fast":        {noisySines(frames), 16, assets.Fast},
		"stereo, max":         {noisySines(frames / 3), 16, assets.Max},
		"stereo, repeating":   {repeatedNoise(6000, 16500), 16, assets.Fast},
		"mono, repeating":     {repeatedNoise(6000, 16500)[:1], 16, assets.Default},
	}
	quick := []string{"stereo", "8 bit, with memory", "stereo, fast"}
	for name, sound := range sounds {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && !slices.Contains(quick, name) {
				t.Skip("it takes long")
			}
			var first []byte
			for _, p := range append(simd.Paths(), simd.Go) {
				if err := simd.Use(p); err != nil {
					t.Fatal(err)
				}
				m, err := network.Load(sound.file)
				if err != nil {
					t.Fatal(err)
				}
				c := segment.New(m)
				data, err := c.Encode(context.Background(), sound.samples, sound.bits, nil)
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = data
				}
				if !bytes.Equal(data, first) {
					t.Errorf("%s codes to other bytes than %s", p, simd.Paths()[0])
				}
				decoded, err := c.Decode(context.Background(), first, len(sound.samples), len(sound.samples[0]), sound.bits, nil)
				if err != nil || !slices.EqualFunc(decoded, sound.samples, slices.Equal) {
					t.Errorf("%s does not decode what %s coded: %v", p, simd.Paths()[0], err)
				}
			}
		})
	}
}

// repeatedNoise is noisySines again and again, after so many frames.
func repeatedNoise(period, frames int) [][]int32 {
	samples := noisySines(period)
	for c, s := range samples {
		samples[c] = slices.Repeat(s, frames/period+1)[:frames]
	}
	return samples
}

// louder multiplies the samples by a gain.
func louder(samples [][]int32, gain float64) [][]int32 {
	for _, channel := range samples {
		for i, v := range channel {
			channel[i] = int32(float64(v) * gain)
		}
	}
	return samples
}
