package predictor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// testBlockFilters runs a filter over some blocks, beside another one of 16 taps without a taper.
func testBlockFilters(t *testing.T, w, taper, x, steps []float32) {
	run := func() (weights, outputs []float32) {
		filters := []blockFilter{{Weights: slices.Clone(w), Taper: taper}, {Weights: slices.Clone(w[:16])}}
		for k := range filters {
			filters[k].Inputs = x
		}
		list := newBlockFilters(filters)
		for i := 0; i+2 <= len(steps); i += 2 {
			list.first(i/2, all(steps[i])[:])
			outputs = append(outputs, list.outputs[:len(filters)]...)
			list.second(all(steps[i+1])[:], all(x[i])[:])
			outputs = append(outputs, list.outputs[:len(filters)]...)
		}
		return slices.Concat(filters[0].Weights, filters[1].Weights), outputs
	}
	var weights, outputs []float32
	simdtest.OnGo(t, func() { weights, outputs = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		what := fmt.Sprintf("blockFilters of %d taps, tapered %t", len(w), taper != nil)
		gotWeights, gotOutputs := run()
		simdtest.Compare32(t, what+", outputs", gotOutputs, outputs)
		simdtest.Compare32(t, what+", weights", gotWeights, weights)
	})
}

// all is a simdtest.Vector of equal numbers.
func all(v float32) *[filterLanes]float32 {
	return (*[filterLanes]float32)(slices.Repeat([]float32{v}, filterLanes))
}

func TestBlockFilters(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 2))
			for _, taps := range []int{16, 32, 48, 64, 80, 128, 256, 1024, 2048} {
				const blocks = 5
				w, x := simdtest.Vector32(r, number, taps), simdtest.Vector32(r, number, taps+blocks+2)
				testBlockFilters(t, w, simdtest.Vector32(r, number, taps), x, simdtest.Vector32(r, number, 2*blocks))
				testBlockFilters(t, w, nil, x, simdtest.Vector32(r, number, 2*blocks))
			}
		})
	}
}

// TestBlocksAreExact compares block filters with filters that take one sample at a time: their outputs differ by no more than
// rounding.
func TestBlocksAreExact(t *testing.T) {
	const taps, samples = 32, 200
	r := rand.New(rand.NewPCG(5, 5))
	for _, taper := range [][]float32{nil, simdtest.Vector32(r, simdtest.Numbers["normal"], taps)} {
		x := simdtest.Vector32(r, simdtest.Numbers["normal"], taps+samples+2)
		single := nlms{weights: make([]float32, taps), taper: taper}
		block := []blockFilter{{Weights: make([]float32, taps), Taper: taper, Inputs: slices.Clone(x)}}
		blocks := newBlockFilters(block)
		var step float32
		for at := 1; at+2 < samples; at += 2 {
			unknown := at + taps + 2
			block[0].Inputs[unknown] = 0
			blocks.first(at, all(step)[:])
			block[0].Inputs[unknown] = x[unknown]
			for i := range 2 {
				// The window of a sample is x[at+2+i:]; the step before goes with the one before it.
				single.update(x[at+1+i:], step)
				if want, got := float64(single.output), float64(blocks.outputs[0]); math.Abs(want-got) > 1e-4*(1+math.Abs(want)) {
					t.Fatalf("sample %d: %v, one at a time %v", at+i, got, want)
				}
				step = float32(r.Float64()-0.5) / 20
				if i == 0 {
					blocks.second(all(step)[:], all(x[unknown])[:])
				}
			}
		}
	}
}

// nlms is a filter that takes one sample at a time.
type nlms struct {
	weights, taper []float32
	output         float32
}

// update learns from the window at the beginning of x with the given step, and predicts from that one sample later.
func (f *nlms) update(x []float32, step float32) {
	f.output = 0
	for i := range f.weights {
		change := step * x[i]
		if f.taper != nil {
			change *= f.taper[i]
		}
		f.weights[i] += change
		f.output += float32(f.weights[i] * x[i+1])
	}
}

func FuzzBlockFilters(f *testing.F) {
	f.Add(make([]byte, 4*(3*32+6)), float32(0.5))
	f.Fuzz(func(t *testing.T, data []byte, step float32) {
		v := simdtest.Floats32(data)
		taps := (len(v) - 5) / 3 &^ 15
		if taps <= 0 {
			return
		}
		steps := []float32{step, -step, 1, step, 0, -1}
		testBlockFilters(t, v[:taps], v[taps:2*taps], v[2*taps:3*taps+5], steps)
		testBlockFilters(t, v[:taps], nil, v[2*taps:3*taps+5], steps)
	})
}
