//go:build cgo

package onnx

import (
	"fmt"
	"path/filepath"
	"testing"

	"trilobyte/codec/feature"
	"trilobyte/codec/mixture"
	"trilobyte/codec/model"
	"trilobyte/codec/model/modeltest"
)

// BenchmarkRunner has one goroutine run batches on the processor, with the newest library in build/.
func BenchmarkRunner(b *testing.B) {
	found, err := filepath.Glob("../../../build/onnxruntime*/libonnxruntime.*")
	if err != nil {
		b.Fatal(err)
	}
	if len(found) == 0 {
		b.Skip("there is no ONNX Runtime in build/: run make onnxruntime-tests")
	}
	path, err := filepath.Abs(found[len(found)-1])
	if err != nil {
		b.Fatal(err)
	}
	library, err := Load(path)
	if err != nil {
		b.Fatal(err)
	}
	m, err := model.Load(modeltest.Random(1, feature.Count, 128, 128, mixture.Outputs))
	if err != nil {
		b.Fatal(err)
	}
	r, err := library.Open(m, CPUDevice, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for _, rows := range []int{1, 64, 4096} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			features, outputs := make([]uint8, rows*feature.Count), make([]model.Outputs, rows)
			b.ReportAllocs()
			for b.Loop() {
				r.Run(features, outputs)
			}
			rate := float64(rows*b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "rows/s")
			b.ReportMetric(rate/(2*44100), "x_realtime")
		})
	}
}
