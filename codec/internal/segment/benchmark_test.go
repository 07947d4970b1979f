package segment_test

import (
	"context"
	"fmt"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/recording/recordingtest"
)

// benchmarkSound is a few seconds of stereo music where the public set is present, else noise.
func benchmarkSound(b *testing.B, seconds int) (samples [][]int32, rate int) {
	const name = "../../../../shared/audio/dev/music16/rendered_be_sharp.wav"
	rate = 44100
	if _, samples, err := recordingtest.Read(name); err == nil {
		for c := range samples {
			start := len(samples[c]) / 3
			samples[c] = samples[c][start : start+seconds*rate]
		}
		return samples, rate
	}
	return noisySines(seconds * rate), rate
}

// report adds to a benchmark how many times faster than the sound it ran, and the time a sample took.
func report(b *testing.B, frames, channels, rate int) {
	elapsed := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(frames)/float64(rate)/elapsed, "x_realtime")
	b.ReportMetric(elapsed*1e6/float64(frames*channels), "us/sample")
}

// BenchmarkEncode and BenchmarkDecode time one segment of stereo sound on one core, with each preset.
func BenchmarkEncode(b *testing.B) {
	samples, rate := benchmarkSound(b, 2)
	eachPreset(b, func(b *testing.B, c *segment.Coder) {
		for b.Loop() {
			if _, err := c.Encode(context.Background(), samples, 16, nil); err != nil {
				b.Fatal(err)
			}
		}
		report(b, len(samples[0]), len(samples), rate)
	})
}

func BenchmarkDecode(b *testing.B) {
	samples, rate := benchmarkSound(b, 2)
	eachPreset(b, func(b *testing.B, c *segment.Coder) {
		data, err := c.Encode(context.Background(), samples, 16, nil)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := c.Decode(context.Background(), data, len(samples), len(samples[0]), 16, nil); err != nil {
				b.Fatal(fmt.Errorf("decoding: %w", err))
			}
		}
		report(b, len(samples[0]), len(samples), rate)
	})
}

func eachPreset(b *testing.B, run func(b *testing.B, c *segment.Coder)) {
	for _, p := range []struct {
		name string
		file []byte
	}{{"fast", assets.Fast}, {"default", assets.Default}, {"max", assets.Max}} {
		m, err := network.Load(p.file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(p.name, func(b *testing.B) { run(b, segment.New(m)) })
	}
}
