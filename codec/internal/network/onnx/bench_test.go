//go:build cgo

package onnx

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/recording/recordingtest"
)

// benchmarked opens what benchmarks run on: the device that the environment variable TRILOBYTE_BENCH_DEVICE names (the
// processor if none), with the library that TRILOBYTE_ORT names, or else the newest in build/.
func benchmarked(b *testing.B, m *network.Model) *Runner {
	device, err := ParseDevice(cmp.Or(os.Getenv("TRILOBYTE_BENCH_DEVICE"), CPU))
	if err != nil {
		b.Fatal(err)
	}
	path := os.Getenv(Variable)
	if path == "" {
		found, err := filepath.Glob("../../../build/onnxruntime*/libonnxruntime.*")
		if err != nil {
			b.Fatal(err)
		}
		if len(found) == 0 {
			b.Skip("there is no ONNX Runtime in build/: run make onnxruntime-tests")
		}
		path = found[len(found)-1]
	}
	path, err = FindIn(path)
	if err != nil {
		b.Fatal(err)
	}
	library, err := Load(path)
	if err != nil {
		b.Fatal(err)
	}
	r, err := library.Open(m, device, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(r.Err(), r.Close()); err != nil {
			b.Error(err)
		}
	})
	return r
}

// BenchmarkRunner has one goroutine run batches on the device.
func BenchmarkRunner(b *testing.B) {
	m, err := network.Load(networktest.Random(1, feature.Count, 128, 128, mixture.Outputs))
	if err != nil {
		b.Fatal(err)
	}
	r := benchmarked(b, m)
	for _, rows := range []int{1, 64, 4096} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			inputs, outputs := make([]uint8, rows*m.Inputs()), make([]network.Outputs, rows)
			b.ReportAllocs()
			for b.Loop() {
				r.Run(inputs, outputs)
			}
			rate := float64(rows*b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "rows/s")
			b.ReportMetric(rate/(2*44100), "x_realtime")
		})
	}
}

// BenchmarkSegments codes 5 seconds of speech (mono, 16 kHz), one or 16 copies at a time, with the built-in runner and on
// the device.
func BenchmarkSegments(b *testing.B) {
	const rate, frames = 16000, 5 * 16000
	file, err := os.ReadFile("../../../assets/models/default.onnx")
	if err != nil {
		b.Fatal(err)
	}
	m, err := network.Load(file)
	if err != nil {
		b.Fatal(err)
	}
	samples := [][]int32{speech(b)[:frames]}
	device := benchmarked(b, m)
	for _, r := range []network.Runner{m.BuiltIn(), device} {
		coder := segment.NewOn(m, r, r)
		coded, err := coder.Encode(b.Context(), samples, 16, nil)
		if err != nil {
			b.Fatal(err)
		}
		encode := func(ctx context.Context) error {
			again, err := coder.Encode(ctx, samples, 16, nil)
			if err == nil && !bytes.Equal(again, coded) {
				err = errors.New("the bytes differ")
			}
			return err
		}
		decode := func(ctx context.Context) error {
			back, err := coder.Decode(ctx, coded, 1, frames, 16, nil)
			if err == nil && !slices.Equal(back[0], samples[0]) {
				err = errors.New("the samples differ")
			}
			return err
		}
		for _, way := range []struct {
			name string
			code func(context.Context) error
		}{{"encode", encode}, {"decode", decode}} {
			for _, copies := range []int{1, 16} {
				b.Run(fmt.Sprintf("%s/%s/%d", r.Name(), way.name, copies), func(b *testing.B) {
					for b.Loop() {
						group, ctx := errgroup.WithContext(b.Context())
						for range copies {
							group.Go(func() error { return way.code(ctx) })
						}
						if err := group.Wait(); err != nil {
							b.Fatal(err)
						}
					}
					each := b.Elapsed().Seconds() / float64(b.N)
					b.ReportMetric(float64(copies*frames)/rate/each, "x_realtime")
					b.ReportMetric(1e6*each/frames, "us/row")
				})
			}
		}
	}
}

// speech is a recording of one voice.
func speech(b *testing.B) []int32 {
	_, samples, err := recordingtest.Read("../../../../testdata/demo/speech/reading.wav")
	if err != nil {
		b.Fatal(err)
	}
	return samples[0]
}
