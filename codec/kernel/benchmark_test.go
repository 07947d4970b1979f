package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// benchmark times f on every path of this machine. For scale it reports how many times faster than real time it would
// be to run f that often for each sample of 44.1 kHz stereo sound, on one core.
func benchmark(b *testing.B, perSample float64, f func()) {
	defer Use(InUse())
	for _, p := range Paths() {
		b.Run(string(p), func(b *testing.B) {
			if err := Use(p); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.N)/(b.Elapsed().Seconds()*2*44100*perSample), "x_realtime")
		})
	}
}

// BenchmarkRegress makes 1 or 4 predictions of as many regressors from one source, or from two.
func BenchmarkRegress(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, sources := range [][2]int{{14, 0}, {16, 16}} {
		own, other := vector(r, numbers["normal"], 16), vector(r, numbers["normal"], 16)
		n := sources[0] + sources[1]
		var list []Regression
		for range 4 {
			list = append(list, Regression{vector(r, numbers["normal"], n), sources[0], sources[1], make([]float64, n), 0, new(float64)})
		}
		for _, count := range []int{1, 4} {
			b.Run(fmt.Sprintf("%dx%d", n, count), func(b *testing.B) {
				benchmark(b, 1, func() { Regress(list[:count], own, other) })
			})
		}
	}
}

func BenchmarkUpdateFilters(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, taps := range []int{16, 32, 256, 1024, 2048} {
		flat := []Filter{{Weights: vector32(r, numbers["normal"], taps), Inputs: vector32(r, numbers["normal"], taps+1), Step: 1e-9}}
		tapered := slices.Clone(flat)
		tapered[0].Taper = vector32(r, numbers["normal"], taps)
		list, taperedList := NewFilters(flat), NewFilters(tapered)
		b.Run(fmt.Sprint(taps), func(b *testing.B) { benchmark(b, 1, func() { list.Update(0) }) })
		b.Run(fmt.Sprint(taps, "tapered"), func(b *testing.B) { benchmark(b, 1, func() { taperedList.Update(0) }) })
	}
	var bank []Filter // all filters of a channel
	for _, taps := range []int{1024, 256, 32, 16, 2048, 256, 32, 16, 32, 32, 32} {
		bank = append(bank, Filter{Weights: vector32(r, numbers["normal"], taps), Inputs: vector32(r, numbers["normal"], taps+1), Step: 1e-9})
	}
	list := NewFilters(bank)
	b.Run("bank", func(b *testing.B) { benchmark(b, 1, func() { list.Update(0) }) })
}

func BenchmarkBlockFilters(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	steps := all(1e-9)
	for _, taps := range []int{16, 32, 256, 1024, 2048} {
		flat := []BlockFilter{{Weights: vector32(r, numbers["normal"], taps), Inputs: vector32(r, numbers["normal"], taps+3)}}
		tapered := slices.Clone(flat)
		tapered[0].Taper = vector32(r, numbers["normal"], taps)
		list, taperedList := NewBlockFilters(flat), NewBlockFilters(tapered)
		b.Run(fmt.Sprint(taps), func(b *testing.B) { benchmark(b, 0.5, func() { list.First(0, steps) }) })
		b.Run(fmt.Sprint(taps, "tapered"), func(b *testing.B) { benchmark(b, 0.5, func() { taperedList.First(0, steps) }) })
	}
}

// BenchmarkNormalise finds the steps of all filters of a channel.
func BenchmarkNormalise(b *testing.B) {
	n := NewNormalisers(Lanes)
	for lane := range Lanes {
		n.Set(lane, 16<<(lane/2), 0.01)
		n.Error[lane], n.Input[lane] = float32(lane), float32(lane)
	}
	benchmark(b, 1, n.Normalise)
}

// randomSystem has statistics of full rank.
func randomSystem(r *rand.Rand, n int) *System {
	s := NewSymmetric(n)
	for range 2 * n {
		x := NewRows(n)
		copy(x, vector(r, numbers["samples"], n+1))
		UpdateAll([]Update{{s, 0.998, [RowsAtOnce]float64{1}}}, x, n, 1)
	}
	return NewSystem(s, 1, make([]float64, n))
}

// BenchmarkUpdateAll updates three problems, as many as there are of a size, with one row or with several.
func BenchmarkUpdateAll(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{14, 16, 32} {
		var updates []Update
		for range 3 {
			updates = append(updates, Update{randomSystem(r, n).moments, 0.998, [RowsAtOnce]float64{1, 1, 1, 1}})
		}
		x := NewRows(n)
		copy(x, vector(r, numbers["samples"], len(x)))
		for _, rows := range []int{1, RowsAtOnce} {
			b.Run(fmt.Sprint(n, "x", rows), func(b *testing.B) {
				benchmark(b, 1/float64(rows), func() { UpdateAll(updates, x, n, rows) })
			})
		}
	}
}

// BenchmarkSolveAll gives the time of one of several systems.
func BenchmarkSolveAll(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{14, 16, 32} {
		for _, together := range []int{1, 2, 4, 6, 8} {
			var systems []*System
			for range together {
				systems = append(systems, randomSystem(r, n))
			}
			b.Run(fmt.Sprintf("%d/%d", n, together), func(b *testing.B) {
				benchmark(b, 1/float64(together), func() { SolveAll(systems) })
			})
		}
	}
}

// BenchmarkBelow asks for one point, and for as many as an encoder of 16 bits.
func BenchmarkBelow(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l Logistics
	for k := range Components {
		l.Weight[k], l.Centre[k], l.InverseScale[k] = 1+r.Float64(), 100*r.NormFloat64(), 0.1
	}
	for _, n := range []int{1, 2, 16} {
		x, mass := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = 100 * r.NormFloat64()
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmark(b, 1, func() { l.Below(x, mass) }) })
	}
}

func BenchmarkSetMixture(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l Logistics
	var outputs [MixtureOutputs]int32
	for i := range outputs {
		outputs[i] = int32(r.IntN(512) - 256)
	}
	disagreement := [Disagreements]float32(vector32(r, numbers["normal"], Disagreements))
	benchmark(b, 1, func() { l.Set(&outputs, &disagreement, 1000, 20) })
}

func BenchmarkSignedLogs(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{8, 32} {
		x, to := vector(r, numbers["normal"], n), make([]uint8, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmark(b, 1, func() { SignedLogs(x, 1, to) }) })
	}
}

// BenchmarkComparison compares as many predictions as a row of features tells of.
func BenchmarkComparison(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	c := NewComparison(16, 0.03, new([BaseShares]float64))
	copy(c.Seen, vector(r, numbers["normal"], 16))
	differences, levels, logs := make([]float32, 16), make([]uint8, 32), new([BaseShares]int32)
	b.Run("learn", func(b *testing.B) { benchmark(b, 1, func() { c.Learn(0.5, -1, 1) }) })
	b.Run("describe", func(b *testing.B) { benchmark(b, 1, func() { c.Describe(0.5, 2, 64, differences, levels, logs) }) })
}

// BenchmarkLayer computes one row at a time, as decoders do, and 32 at a time, as encoders do.
func BenchmarkLayer(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][2]int{{144, 96}, {80, 64}, {96, 64}, {128, 128}, {256, 256}} {
		for _, rows := range []int{1, 32} {
			c := randomLayer(r, size[0], size[1], rows)
			b.Run(fmt.Sprintf("%dx%d/%d", size[0], size[1], rows), func(b *testing.B) {
				defer Use(InUse())
				for _, p := range Paths() {
					b.Run(string(p), func(b *testing.B) {
						if err := Use(p); err != nil {
							b.Fatal(err)
						}
						l := NewLayer(c.inputs, c.outputs, c.weights, c.bias, c.shift)
						to := make([]uint8, rows*l.PaddedOutputs())
						for b.Loop() {
							l.Activate(rows, c.x, c.inputs, to, l.PaddedOutputs())
						}
						b.ReportMetric(float64(b.N*rows)/(b.Elapsed().Seconds()*2*44100), "x_realtime")
					})
				}
			})
		}
	}
}
