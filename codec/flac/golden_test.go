package flac_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/codec/flac"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The bytes of a stream are part of what archives record (its size), so they
// must never change by accident nor differ between machines.
func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format flac.Format
		length int
	}{
		{"stereo16.flac", flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}, 5000},
		{"mono24.flac", flac.Format{Channels: 1, Bits: 24, SampleRate: 96000}, 4200},
		{"stereo8.flac", flac.Format{Channels: 2, Bits: 8, SampleRate: 11025}, 4096},
	} {
		t.Run(tt.name, func(t *testing.T) {
			samples := make([][]int32, tt.format.Channels)
			for c := range samples {
				samples[c] = resonance(tt.length, tt.format.Bits, c)
			}
			path := encode(t, tt.format, samples, []flac.Comment{{Name: "TITLE", Value: "Resonance"}})
			checkStream(t, path, tt.format, samples)
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", tt.name)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the stream differs from %s", golden)
			}
		})
	}
}

// resonance makes decaying, re-excited oscillations in noise, with integers
// alone, so that it is the same on every machine.
func resonance(length, bits, channel int) []int32 {
	samples := make([]int32, length)
	seed := uint32(channel + 1)
	var last, before int64
	for i := range samples {
		seed = seed*1664525 + 1013904223
		noise := int64(int32(seed)) >> 24
		if i%1500 == 100*channel {
			last += 1 << 21
		}
		x := (last*int64(32000+200*channel)-before*16300)>>14 + noise
		last, before = x, last
		samples[i] = int32(min(max(x>>(24-bits), -1<<(bits-1)), 1<<(bits-1)-1))
	}
	return samples
}
