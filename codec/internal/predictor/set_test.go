package predictor_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// chirps is a sound like that of birds over noise: it changes fast now and then.
func chirps(frames int) []float64 {
	r := rand.New(rand.NewPCG(1, 1))
	samples := make([]float64, frames)
	phase := 0.0
	for i := range samples {
		phase += 0.3 + 0.25*math.Sin(float64(i)/700)
		loudness := 8000 * max(0, math.Sin(float64(i)/1500))
		samples[i] = math.Round(loudness*math.Sin(phase) + 30*r.NormFloat64())
	}
	return samples
}

// description is that of the default preset.
func description(t *testing.T) *predictor.Description { return descriptionOf(t, "default") }

func descriptionOf(t *testing.T, name string) *predictor.Description {
	t.Helper()
	text, err := os.ReadFile("../../../training/presets/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var preset struct{ Predictors predictor.Description }
	if err := json.Unmarshal(text, &preset); err != nil {
		t.Fatal(err)
	}
	return &preset.Predictors
}

// TestStacking makes sure that the stacking stays between the mixers, and errs less than each of them.
func TestStacking(t *testing.T) {
	e := description(t)
	first, blend := e.FirstMixer(), e.Count()-1
	errs := make([]float64, e.Count())
	b := predictor.NewSets(e, make([][]int32, 1), predictor.Relations{})[0]
	for i, sample := range chirps(20000) {
		b.Predict()
		mixers := b.Predictions[first:blend]
		if p := b.Predictions[blend]; !(slices.Min(mixers) <= p && p <= slices.Max(mixers)) {
			t.Fatalf("sample %d: the stacking says %g, the mixers %g", i, p, mixers)
		}
		for k, p := range b.Predictions {
			errs[k] += math.Abs(sample - p)
		}
		b.Learn(sample)
		predictor.Settle(b)
	}
	for k := first; k < blend; k++ {
		if errs[blend] >= errs[k] {
			t.Errorf("the stacking errs by %g in all, mixer %d by %g", errs[blend], k, errs[k])
		}
	}
}

// TestNothingIsAllocated makes sure that no preset, path and number of channels leaves garbage behind for each sample.
func TestNothingIsAllocated(t *testing.T) {
	const block = 64 // frames, among which all systems are solved
	for _, preset := range []string{"fast", "default", "max"} {
		for _, channels := range []int{1, 2} {
			simdtest.OnVectorPaths(t, func(t *testing.T) {
				sets := predictor.NewSets(descriptionOf(t, preset), make([][]int32, channels), predictor.Relations{})
				samples, i := chirps(3*block), 0
				learn := func() {
					for range block {
						for k, s := range sets {
							s.Predict()
							s.Learn(samples[i])
							if channels == 2 {
								sets[1-k].Observe(samples[i])
							}
						}
						predictor.Settle(sets...)
						i = (i + 1) % len(samples)
					}
				}
				for range 20 { // what is made when it is needed
					learn()
				}
				if n := testing.AllocsPerRun(10, learn); n > 0 {
					t.Errorf("%s, %s, %d channels: %v allocations in %d frames", preset, simd.InUse(), channels, n, block)
				}
			})
		}
	}
}
