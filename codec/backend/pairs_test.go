package backend_test

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/codec/backend"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/network/onnx"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/internal/simd"
)

func loadModel(t *testing.T) *network.Model {
	m, err := network.Load(networktest.WithMemory(7, 20, []int{2, 8}, feature.Count+20, 70, 50, mixture.Outputs))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// library returns the path of the ONNX Runtime that "make onnxruntime-tests" has put into build/, or "".
func library(t *testing.T) string {
	found, err := filepath.Glob("../../build/onnxruntime*/libonnxruntime.*")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return ""
	}
	path, err := filepath.Abs(found[len(found)-1])
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runners returns all runners of this machine.
func runners(t *testing.T, m *network.Model) []network.Runner {
	var all []network.Runner
	for _, path := range simd.Paths() {
		r, err := m.On(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	path := library(t)
	if path == "" {
		t.Log("SKIPPED: ONNX Runtime, which is not in build/: run make onnxruntime-tests")
		return all
	}
	loaded, err := onnx.Load(path)
	if err == onnx.ErrNotInBuild {
		t.Log("SKIPPED:", err)
		return all
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := loaded.Open(m, onnx.CPUDevice, onnx.Options{Warn: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return append(all, r)
}

// TestAllPairs codes sounds with each backend, compares the bytes, and decodes them with each.
func TestAllPairs(t *testing.T) {
	frames := 3000
	if testing.Short() {
		frames = 600
	}
	sounds := map[string]struct {
		samples [][]int32
		bits    int
	}{
		"stereo, 16 bits":     {sound(2, frames, 9000), 16},
		"mono, 24 bits":       {sound(1, 1000, 3e6), 24},
		"3 channels, 8 bits":  {sound(3, 700, 90), 8},
		"one frame, 32 bits":  {sound(1, 1, 1e9), 32},
		"a batch and a frame": {sound(2, 513, 5000), 16},
	}
	m := loadModel(t)
	all := runners(t, m)
	for name, s := range sounds {
		t.Run(name, func(t *testing.T) {
			var first []byte
			for _, encoding := range all {
				data, err := segment.NewOn(m, encoding, encoding).Encode(context.Background(), s.samples, s.bits, nil)
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = data
				}
				if !bytes.Equal(data, first) {
					t.Errorf("%s codes to other bytes than %s", encoding.Name(), all[0].Name())
				}
				for _, decoding := range all {
					got, err := segment.NewOn(m, decoding, decoding).Decode(context.Background(), data, len(s.samples), len(s.samples[0]), s.bits, nil)
					if err != nil || !slices.EqualFunc(got, s.samples, slices.Equal) {
						t.Errorf("%s does not decode what %s has coded: %v", decoding.Name(), encoding.Name(), err)
					}
				}
			}
		})
	}
}

// sound is tones with some noise, of so many channels and frames.
func sound(channels, frames int, amplitude float64) [][]int32 {
	random := rand.New(rand.NewPCG(1, uint64(frames)))
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
		for i := range samples[c] {
			t := float64(i)
			samples[c][i] = int32(amplitude * (0.8*math.Sin(t*0.03+float64(c)) + 0.01*random.NormFloat64()))
		}
	}
	return samples
}

func TestChoices(t *testing.T) {
	t.Setenv(onnx.Variable, t.TempDir()) // there is no library in it
	m := loadModel(t)
	builtIn := m.BuiltIn().Name()
	cases := map[string]struct {
		choice   backend.Choice
		name     string
		warnings int
	}{
		"nothing chosen":           {backend.Choice{}, builtIn, 1},
		"auto":                     {backend.Choice{Backend: backend.Auto}, builtIn, 1},
		"go":                       {backend.Choice{Backend: backend.Go}, "go", 0},
		"onnx, which is not there": {backend.Choice{Backend: backend.ONNX}, builtIn, 1},
		"a device of it":           {backend.Choice{Backend: backend.ONNX, Device: "cuda:1"}, builtIn, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, purpose := range []backend.Purpose{backend.Encoding, backend.Decoding} {
				var warnings []error
				b := backend.New(c.choice, purpose, func(err error) { warnings = append(warnings, err) })
				encoding, decoding := b.Runners(m)
				if encoding.Name() != c.name || decoding.Name() != c.name {
					t.Errorf("it takes %s to encode and %s to decode", encoding.Name(), decoding.Name())
				}
				// Decoding does not look for what is faster where the built-in runner is fast.
				if purpose == backend.Encoding && len(warnings) != c.warnings || len(warnings) > c.warnings {
					t.Errorf("it warns: %v", warnings)
				}
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestImpossibleChoices(t *testing.T) {
	for _, c := range []backend.Choice{
		{Backend: "fast"}, {Device: "gpu"}, {Backend: backend.Go, Device: "cpu"}, {Backend: backend.SIMD, Device: "cuda:0"},
	} {
		if c.Check() == nil {
			t.Errorf("%+v passes", c)
		}
	}
	for _, c := range []backend.Choice{{}, {Backend: backend.SIMD}, {Backend: backend.Auto, Device: "cpu"}, {Backend: backend.ONNX, Device: "coreml"}} {
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestChosenONNX has ONNX Runtime decode where it was asked for, and only encode where it is slower than what is built
// in.
func TestChosenONNX(t *testing.T) {
	path := library(t)
	if path == "" {
		t.Skip("there is no ONNX Runtime in build/: run make onnxruntime-tests")
	}
	m := loadModel(t)
	choice := backend.Choice{Backend: backend.ONNX, Device: "cpu", Library: path}
	for _, purpose := range []backend.Purpose{backend.Encoding, backend.Decoding} {
		b := backend.New(choice, purpose, func(err error) { t.Log(err) })
		encoding, decoding := b.Runners(m)
		if encoding.Name() == m.BuiltIn().Name() {
			b.Close()
			t.Skip("this build has no ONNX Runtime")
		}
		if encoding.Name() != "onnx (cpu)" || purpose == backend.Decoding && decoding != encoding {
			t.Errorf("it takes %s to encode and %s to decode", encoding.Name(), decoding.Name())
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLook(t *testing.T) {
	m := loadModel(t)
	s, err := backend.Look(context.Background(), m, library(t), backend.MeasuredRows)
	if err != nil {
		t.Fatal(err)
	}
	usable := 0
	for _, d := range s.Devices {
		if d.Err != nil {
			t.Log(d.Backend, d.Device, d.Err)
			continue
		}
		usable++
		for i, rows := range backend.MeasuredRows {
			if !(d.Speed[i] > 0) {
				t.Errorf("%s %s has no speed at %d rows", d.Backend, d.Device, rows)
			}
		}
	}
	if want := len(runners(t, m)); usable != want {
		t.Errorf("%d backends are usable, want %d", usable, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := backend.Look(ctx, m, "", backend.MeasuredRows); err != context.Canceled {
		t.Errorf("cancelled, it says %v", err)
	}
}
