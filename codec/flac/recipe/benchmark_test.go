package recipe_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	peer "github.com/mewkiz/flac"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
)

// BenchmarkRecipe times, on one core, what a file of the product's encoder
// costs, and beside it how fast mewkiz/flac decodes it.
func BenchmarkRecipe(b *testing.B) {
	for _, r := range recordings(b) {
		b.Run(filepath.Base(r.path), func(b *testing.B) { benchmark(b, encode(b, r.format, r.samples)) })
	}
	for _, path := range []string{"testdata/flac-1.4.2-8.flac", "testdata/ffmpeg-5.1.flac"} {
		b.Run(filepath.Base(path), func(b *testing.B) {
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			benchmark(b, data)
		})
	}
}

func benchmark(b *testing.B, data []byte) {
	file := analyse(b, data, 1<<30)
	part := file.Parts[0]
	raw := data[part.Offset:][:part.Size]
	samples, err := recipe.Decode(file.Format, raw, part.Samples)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, work func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := work(); err != nil {
					b.Fatal(err)
				}
			}
			report(b, file.Format, len(samples[0]))
		})
	}
	run("Analyse", func() error {
		_, err := recipe.Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), 1<<30, 2, nil)
		return err
	})
	run("Decode", func() error {
		_, err := recipe.Decode(file.Format, raw, part.Samples)
		return err
	})
	run("Rebuild", func() error {
		_, err := recipe.Rebuild(nil, file.Format, 0, samples, part.Recipe)
		return err
	})
	run("mewkiz", func() error {
		stream, err := peer.New(bytes.NewReader(data))
		for err == nil {
			_, err = stream.ParseNext()
		}
		if err == io.EOF {
			return nil
		}
		return err
	})
}

// report gives the speed as a multiple of real time.
func report(b *testing.B, format flac.Format, length int) {
	seconds := float64(length) / float64(format.SampleRate) * float64(b.N)
	b.ReportMetric(seconds/b.Elapsed().Seconds(), "x_realtime")
}
