package predictor

import (
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// mixings are the simdtest.Numbers of predictions that enter mixers, and of samples behind them: for vectors, then not for vectors.
var mixings = []struct {
	mixed   []int
	samples int
}{
	{[]int{0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 14, 15, 16}, 2},
	{[]int{0, 2, 3, 5, 7, 11, 13, 17}, 8},
	{[]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18}, 0},
	{[]int{0, 1, 2, 3, 4, 5}, 2},
	{[]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, 1},
	{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, 2},
}

func testMix(t *testing.T, number func() float64) {
	const first, mixers, before = 3, 3, 5
	for i, m := range mixings {
		n := len(m.mixed) + m.samples
		predictions, newest, weights := make([]float64, first+filterLanes), make([]float64, 8), make([]float64, n*mixers)
		for _, v := range [][]float64{predictions, newest, weights} {
			for k := range v {
				v[k] = number()
			}
		}
		run := func() []float64 {
			rows, to := slices.Repeat([]float64{7}, before+n+1), make([]float64, mixers)
			var list []regression
			for k := range mixers {
				list = append(list, regression{Weights: weights[k*n:][:n], Own: n, Rows: rows, At: before, To: &to[k]})
			}
			mixing := newMixing(m.mixed, m.samples, first)
			mixing.Mix(list, predictions, newest)
			return append(to, rows...)
		}
		var want []float64
		simdtest.OnGo(t, func() { want = run() })
		if row := want[mixers+before:]; !simdtest.Same(row[0], predictions[m.mixed[0]]) || !simdtest.Same(row[1], predictions[m.mixed[1]]-predictions[m.mixed[0]]) ||
			m.samples > 0 && !simdtest.Same(row[n-1], newest[m.samples-1]) {
			t.Fatalf("mixing %d: the row is %v", i, row)
		}
		simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare(t, "mixing.Mix", run(), want) })
	}
}

func TestMix(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(13, 13))
			for range 100 {
				testMix(t, func() float64 { return number(r) })
			}
		})
	}
}

func FuzzMix(f *testing.F) {
	f.Add(make([]byte, 8*100))
	f.Fuzz(func(t *testing.T, data []byte) {
		if v := simdtest.Floats(data); len(v) > 0 {
			at := 0
			testMix(t, func() float64 { at++; return v[at%len(v)] })
		}
	})
}

func BenchmarkMix(b *testing.B) {
	m := mixings[0]
	n := len(m.mixed) + m.samples
	rows, to := make([]float64, n), make([]float64, 3)
	var list []regression
	for k := range to {
		list = append(list, regression{Weights: make([]float64, n), Own: n, Rows: rows, To: &to[k]})
	}
	mixing, predictions, newest := newMixing(m.mixed, m.samples, 3), make([]float64, 3+filterLanes), make([]float64, 8)
	simdtest.Benchmark(b, 1, func() { mixing.Mix(list, predictions, newest) })
}
