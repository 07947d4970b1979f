package predictor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// BenchmarkRegress makes 1 or 4 predictions of as many regressors from one source, or from two, whose numbers are those of whole
// vectors, or not.
func BenchmarkRegress(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, sources := range [][2]int{{14, 0}, {16, 16}, {12, 4}} {
		own, other := simdtest.Vector(r, simdtest.Numbers["normal"], 16), simdtest.Vector(r, simdtest.Numbers["normal"], 16)
		n := sources[0] + sources[1]
		var list []regression
		for range 4 {
			list = append(list, regression{simdtest.Vector(r, simdtest.Numbers["normal"], n), sources[0], sources[1], make([]float64, n), 0, new(float64)})
		}
		for _, count := range []int{1, 4} {
			b.Run(fmt.Sprintf("%d+%dx%d", sources[0], sources[1], count), func(b *testing.B) {
				simdtest.Benchmark(b, 1, func() { regress(list[:count], own, other) })
			})
		}
	}
}

func BenchmarkBlockFilters(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	steps := all(1e-9)
	for _, taps := range []int{16, 32, 256, 1024, 2048} {
		flat := []blockFilter{{Weights: simdtest.Vector32(r, simdtest.Numbers["normal"], taps), Inputs: simdtest.Vector32(r, simdtest.Numbers["normal"], taps+3+64)}}
		tapered := slices.Clone(flat)
		tapered[0].Taper = simdtest.Vector32(r, simdtest.Numbers["normal"], taps)
		at := 0
		list, taperedList := newBlockFilters(flat), newBlockFilters(tapered)
		b.Run(fmt.Sprint(taps), func(b *testing.B) {
			simdtest.Benchmark(b, 0.5, func() { at = (at + 2) % 64; list.first(at, steps[:]) })
		})
		b.Run(fmt.Sprint(taps, "tapered"), func(b *testing.B) {
			simdtest.Benchmark(b, 0.5, func() { at = (at + 2) % 64; taperedList.first(at, steps[:]) })
		})
	}
}

// BenchmarkNormalise finds the steps of all filters of a channel.
func BenchmarkNormalise(b *testing.B) {
	n := newNormalisers(filterLanes)
	for lane := range filterLanes {
		n.Set(lane, 16<<(lane/2), 0.01)
		n.Error[lane], n.Input[lane] = float32(lane), float32(lane)
	}
	simdtest.Benchmark(b, 1, n.Normalise)
}

// randomSystem has statistics of full rank.
func randomSystem(r *rand.Rand, n int) *system {
	s := newSymmetric(n)
	for range 2 * n {
		x := newRows(n)
		copy(x, simdtest.Vector(r, simdtest.Numbers["samples"], n+1))
		updateAll([]update{{s, 0.998, [rowsAtOnce]float64{1}}}, x, n, 1)
	}
	return newSystem(s, 1, make([]float64, n))
}

// BenchmarkUpdateAll updates three problems, as many as there are of a size, with one row or with several.
func BenchmarkUpdateAll(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{14, 16, 32} {
		var updates []update
		for range 3 {
			updates = append(updates, update{randomSystem(r, n).moments, 0.998, [rowsAtOnce]float64{1, 1, 1, 1}})
		}
		x := newRows(n)
		copy(x, simdtest.Vector(r, simdtest.Numbers["samples"], len(x)))
		for _, rows := range []int{1, rowsAtOnce} {
			b.Run(fmt.Sprint(n, "x", rows), func(b *testing.B) {
				simdtest.Benchmark(b, 1/float64(rows), func() { updateAll(updates, x, n, rows) })
			})
		}
	}
}

// BenchmarkSolveAll gives the time of one of several systems.
func BenchmarkSolveAll(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{14, 16, 32} {
		for _, together := range []int{1, 2, 4, 6, 8} {
			var systems []*system
			for range together {
				systems = append(systems, randomSystem(r, n))
			}
			b.Run(fmt.Sprintf("%d/%d", n, together), func(b *testing.B) {
				simdtest.Benchmark(b, 1/float64(together), func() { solveAll(systems) })
			})
		}
	}
}
