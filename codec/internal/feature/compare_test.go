package feature

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// testComparison compares predictions with samples and with a base, which are the first values.
func testComparison(t *testing.T, samples, seen []float64, predictions int, share, low, high, scale float64) {
	type results struct {
		misses      []float64
		differences []float32
		levels      []uint8
		logs        [BaseShares]int32
	}
	run := func() (r results) {
		c := NewComparison(predictions, share, &[BaseShares]float64{share, 0.5, share / 2, 0.25, share / 3, 0.1, 0.01, share / 4})
		n := len(c.Seen)
		r.differences, r.levels = make([]float32, n), make([]uint8, 2*n)
		for i, sample := range samples {
			for k := range predictions {
				c.Seen[k] = seen[(i+k)%len(seen)]
			}
			c.Describe(samples[0], scale, 64, r.differences, r.levels, &r.logs)
			c.Learn(sample, low, high)
			r.misses = append(r.misses, c.miss...)
		}
		return r
	}
	var want results
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		got := run()
		simdtest.Compare(t, "Comparison.Learn", got.misses, want.misses)
		simdtest.Compare32(t, "Comparison.Describe", got.differences, want.differences)
		if !slices.Equal(got.levels, want.levels) || got.logs != want.logs {
			t.Errorf("on %s: the levels are %v and %v, plain Go gives %v and %v", simd.InUse(), got.levels, got.logs, want.levels, want.logs)
		}
	})
}

func TestComparison(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 11))
			for _, n := range simdtest.Lengths {
				low := -math.Abs(r.NormFloat64())
				testComparison(t, simdtest.Vector(r, number, 20), simdtest.Vector(r, number, 31), n, r.Float64(), low, low+5, math.Exp2(r.Float64()*20-10))
			}
		})
	}
}

// What is not a number counts as the least value, and beyond the limits a prediction is as good as at them. What is not used says
// nothing.
func TestComparisonLimits(t *testing.T) {
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		c := NewComparison(7, 0.5, &[BaseShares]float64{1, 0.25})
		copy(c.Seen, []float64{3, 100, -100, math.NaN(), math.Inf(1), -2, 2})
		var to [8]float32
		var levels [16]uint8
		var logs [BaseShares]int32
		c.Describe(3, 4, 64, to[:], levels[:], &logs)
		if want := [8]float32{0, 64, -64, -64, 64, -20, -4}; to != want {
			t.Errorf("on %s: the differences are %v, want %v", p, to, want)
		}
		if c.Learn(2, -4, 8); !slices.Equal(c.miss, append([]float64{0.5, 3, 3, 3, 3, 2, 0, 0.5, 0.5, 1, 0.25}, make([]float64, 13)...)) {
			t.Errorf("on %s: the misses are %v", p, c.miss)
		}
		if want := [BaseShares]float64{1, 0.25}; *c.Means() != want {
			t.Errorf("on %s: the base's means are %v, want %v", p, *c.Means(), want)
		}
		c.Describe(3, 4, 64, to[:], levels[:], &logs)
		// 8 steps an octave for differences, 64 for mean errors: a miss of 0 counts as 1/4096.
		if want := [16]uint8{128, 128, 192, 255, 64, 255, 64, 255, 192, 255, 78, 255, 96, 0, 128, 128}; levels != want {
			t.Errorf("on %s: the levels are %v, want %v", p, levels, want)
		}
		if want := [BaseShares]int32{0, -64, -384, -384, -384, -384, -384, -384}; logs != want {
			t.Errorf("on %s: the logarithms are %v, want %v", p, logs, want)
		}
	}
}

func FuzzComparison(f *testing.F) {
	f.Add(make([]byte, 8*40), -1.0, 1.0, 0.5)
	f.Fuzz(func(t *testing.T, data []byte, low, high, scale float64) {
		v := simdtest.Floats(data)
		if len(v) < 4 || !(low <= high) {
			return
		}
		half := len(v) / 2
		testComparison(t, v[:half], v[half:], 1+half%40, 0.25, low, high, scale)
	})
}
