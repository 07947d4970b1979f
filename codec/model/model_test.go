package model_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/feature"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/model"
)

// TestOutputsAreThoseOfTraining compares the built-in model with what the network that was trained, PyTorch's, gives
// for the same features (training/knownrows.py). Outputs beyond their limits were clipped there.
func TestOutputsAreThoseOfTraining(t *testing.T) {
	m, err := model.Load(assets.First)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("testdata/known.bin")
	if err != nil {
		t.Fatal(err)
	}
	const rowSize = feature.Count + 4*mixture.Outputs
	if len(file) == 0 || len(file)%rowSize != 0 {
		t.Fatalf("known.bin has %d bytes", len(file))
	}
	var limits [mixture.Outputs]int32
	for i := range limits {
		switch {
		case i < kernel.Components, i >= 2*kernel.Components && i < 3*kernel.Components:
			limits[i] = kernel.LogLimit
		case i < 2*kernel.Components:
			limits[i] = kernel.OffsetLimit
		default:
			limits[i] = kernel.GateLimit
		}
	}
	for row := 0; len(file) > 0; row++ {
		outputs := make([]model.Outputs, 1)
		m.BuiltIn().Run(file[:feature.Count], outputs)
		for i, got := range outputs[0] {
			want := int32(binary.LittleEndian.Uint32(file[feature.Count+4*i:]))
			if got = max(-limits[i], min(limits[i], got)); got != want {
				t.Fatalf("row %d, output %d: %d, in training %d", row, i, got, want)
			}
		}
		file = file[rowSize:]
	}
}

// TestLoadRefusesDamage cuts the model off and flips its bytes: Load must not panic, and a cut model must be refused.
func TestLoadRefusesDamage(t *testing.T) {
	for size := 0; size < len(assets.First); size += 997 {
		if _, err := model.Load(assets.First[:size]); err == nil {
			t.Errorf("a model cut to %d bytes is accepted", size)
		}
	}
	for at := 0; at < len(assets.First); at += 101 {
		damaged := bytes.Clone(assets.First)
		damaged[at] ^= 0x55
		_, _ = model.Load(damaged)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(assets.First)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = model.Load(file)
	})
}
