package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// testFilters runs a filter over a few samples, beside another one of 16 taps without a taper.
func testFilters(t *testing.T, w, taper, x, steps []float32) {
	run := func() (weights, outputs []float32) {
		filters := []Filter{{Weights: slices.Clone(w), Taper: taper}, {Weights: slices.Clone(w[:16])}}
		for i, step := range steps {
			for k := range filters {
				f := &filters[k]
				f.Inputs, f.Step = x, step
			}
			list := NewFilters(filters[:1+i%2])
			list.Update(i)
			outputs = append(outputs, filters[0].Output, filters[1].Output)
		}
		return slices.Concat(filters[0].Weights, filters[1].Weights), outputs
	}
	var weights, outputs []float32
	onGo(t, func() { weights, outputs = run() })
	onVectorPaths(t, func(t *testing.T) {
		what := fmt.Sprintf("Filters.Update of %d taps, tapered %t", len(w), taper != nil)
		gotWeights, gotOutputs := run()
		compare32(t, what+", outputs", gotOutputs, outputs)
		compare32(t, what+", weights", gotWeights, weights)
	})
}

func TestFilters(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 2))
			for _, taps := range []int{16, 32, 48, 64, 80, 128, 256, 1024, 2048} {
				const steps = 5
				w, x := vector32(r, number, taps), vector32(r, number, taps+steps)
				testFilters(t, w, vector32(r, number, taps), x, vector32(r, number, steps))
				testFilters(t, w, nil, x, vector32(r, number, steps))
			}
		})
	}
}

// A filter without a taper is one with a taper of ones.
func TestFlatTaper(t *testing.T) {
	defer Use(InUse())
	ones := slices.Repeat([]float32{1}, 64)
	r := rand.New(rand.NewPCG(3, 3))
	for _, p := range Paths() {
		if err := Use(p); err != nil {
			t.Fatal(err)
		}
		w, x := vector32(r, numbers["normal"], 64), vector32(r, numbers["normal"], 65)
		filters := []Filter{{Weights: w, Inputs: x, Step: 0.3}, {Weights: slices.Clone(w), Taper: ones, Inputs: x, Step: 0.3}}
		list := NewFilters(filters)
		list.Update(0)
		if a, b := filters[0], filters[1]; a.Output != b.Output || !slices.Equal(a.Weights, b.Weights) {
			t.Errorf("on %s: without a taper %v, with ones %v", p, a.Output, b.Output)
		}
	}
}

// numbers32 makes any numbers of bytes.
func numbers32(data []byte) (v []float32) {
	for ; len(data) >= 4; data = data[4:] {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return v
}

func FuzzFilters(f *testing.F) {
	f.Add(make([]byte, 4*(3*32+6)), float32(0.5))
	f.Fuzz(func(t *testing.T, data []byte, step float32) {
		v := numbers32(data)
		taps := min(len(v)/3, (len(v)-2)/3) &^ 15
		if taps <= 0 {
			return
		}
		steps := []float32{step, -step}
		testFilters(t, v[:taps], v[taps:2*taps], v[2*taps:3*taps+2], steps)
		testFilters(t, v[:taps], nil, v[2*taps:3*taps+2], steps)
	})
}
