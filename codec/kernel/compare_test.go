package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// testComparison compares predictions with samples and with a base, which are the first values.
func testComparison(t *testing.T, samples, seen, shares []float64, low, high, scale float64) {
	type results struct {
		misses       []float64
		disagreement []float32
		logs         []uint8
	}
	run := func() (r results) {
		c := NewComparison(shares)
		n := len(c.Seen)
		r.disagreement, r.logs = make([]float32, n), make([]uint8, n)
		for i, sample := range samples {
			for k := range c.Seen {
				c.Seen[k] = seen[(i+k)%len(seen)]
			}
			c.Disagreements(samples[0], scale, 64, r.disagreement, r.logs)
			c.Learn(sample, low, high)
			r.misses = append(r.misses, c.Miss...)
		}
		return r
	}
	var want results
	onGo(t, func() { want = run() })
	onVectorPaths(t, func(t *testing.T) {
		got := run()
		compare(t, "Comparison.Learn", got.misses, want.misses)
		compare32(t, "Comparison.Disagreements", got.disagreement, want.disagreement)
		if !slices.Equal(got.logs, want.logs) {
			t.Errorf("on %s: the logarithms of the disagreements are %v, plain Go gives %v", InUse(), got.logs, want.logs)
		}
	})
}

func TestComparison(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 11))
			for _, n := range lengths {
				shares := make([]float64, n)
				for i := range shares {
					shares[i] = r.Float64()
				}
				low := -math.Abs(r.NormFloat64())
				testComparison(t, vector(r, number, 20), vector(r, number, 31), shares, low, low+5, math.Exp2(r.Float64()*20-10))
			}
		})
	}
}

// What is not a number counts as the least value, and beyond the limits a prediction is as good as at them.
func TestComparisonLimits(t *testing.T) {
	defer Use(InUse())
	for _, p := range Paths() {
		if err := Use(p); err != nil {
			t.Fatal(err)
		}
		c := NewComparison(slices.Repeat([]float64{0.5}, 8))
		copy(c.Seen, []float64{3, 100, -100, math.NaN(), math.Inf(1), -2, 2, 2.5})
		var to [8]float32
		var logs [8]uint8
		c.Disagreements(2, 4, 64, to[:], logs[:])
		if want := [8]float32{4, 64, -64, -64, 64, -16, 0, 2}; to != want {
			t.Errorf("on %s: the disagreements are %v, want %v", p, to, want)
		}
		if c.Learn(2, -4, 8); !slices.Equal(c.Miss, []float64{0.5, 3, 3, 3, 3, 2, 0, 0.25}) {
			t.Errorf("on %s: the misses are %v", p, c.Miss)
		}
	}
}

func FuzzComparison(f *testing.F) {
	f.Add(make([]byte, 8*40), -1.0, 1.0, 0.5)
	f.Fuzz(func(t *testing.T, data []byte, low, high, scale float64) {
		v := floats(data)
		if len(v) < 4 || !(low <= high) {
			return
		}
		half := len(v) / 2
		testComparison(t, v[:half], v[half:], slices.Repeat([]float64{0.25}, 1+half%40), low, high, scale)
	})
}
