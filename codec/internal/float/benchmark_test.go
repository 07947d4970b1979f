package float_test

import (
	"context"
	"math"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/float"
)

// BenchmarkEncode and BenchmarkDecode time a segment of stereo sound on one core.
func BenchmarkEncode(b *testing.B) {
	eachKind(b, func(b *testing.B, c float.Coder, samples [][]uint32) {
		for b.Loop() {
			if _, err := float.Encode(context.Background(), c, samples, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	eachKind(b, func(b *testing.B, c float.Coder, samples [][]uint32) {
		data, err := float.Encode(context.Background(), c, samples, nil)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := float.Decode[uint32](context.Background(), c, data, len(samples), len(samples[0]), nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// eachKind runs a benchmark with the default preset, and with whole numbers that are only stored: the time that floats add.
func eachKind(b *testing.B, run func(b *testing.B, c float.Coder, samples [][]uint32)) {
	s := load(b, "music/piano.wav", 1<<17)
	kinds := []struct {
		name    string
		samples [][]uint32
	}{
		{"gain", s.singles(func(_ int, n int32) float32 { return float32(n) / float32(s.full()) * 0.683772 })},
		{"processed", s.singles(func(_ int, n int32) float32 { return float32(math.Sin(float64(n) / s.full())) })},
	}
	for _, c := range []struct {
		name  string
		coder float.Coder
	}{{"default", newCoder(b, assets.Default)}, {"alone", plainCoder{}}} {
		for _, kind := range kinds {
			b.Run(c.name+"/"+kind.name, func(b *testing.B) {
				run(b, c.coder, kind.samples)
				seconds := float64(len(kind.samples[0])) / float64(s.rate)
				b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
			})
		}
	}
}
