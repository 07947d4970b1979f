package mixture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

func testBelow(t *testing.T, l *Distribution, x []float64) {
	want, got := make([]float64, len(x)), make([]float64, len(x))
	simdtest.OnGo(t, func() { l.Below(x, want) })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		l.Below(x, got)
		simdtest.Compare(t, "Distribution.Below", got, want)
	})
}

func TestBelow(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			for range 300 {
				var l Distribution
				for k := range Components {
					l.Weight[k] = math.Exp2(r.Float64()*16 - 8)
					l.Centre[k] = number(r)
					l.InverseScale[k] = math.Exp2(r.Float64()*20 - 16)
				}
				x := append(simdtest.Vector(r, number, 16), math.Inf(-1), math.Inf(1), l.Centre[3])
				for k := range Components { // the ends of the table, and next to them
					for _, end := range []float64{-24, 24} {
						v := l.Centre[k] + end/l.InverseScale[k]
						x = append(x, v, math.Nextafter(v, v-1), math.Nextafter(v, v+1))
					}
				}
				testBelow(t, &l, x)
			}
		})
	}
}

// The mass below rises from 0 to the total.
func TestBelowRises(t *testing.T) {
	var l Distribution
	for k := range Components {
		l.Weight[k], l.Centre[k], l.InverseScale[k] = float64(k+1), float64(10*k), 1/float64(k+2)
	}
	x := []float64{math.Inf(-1), -1e9, -50, 0, 20, 35, 60, 1e4, math.Inf(1)}
	mass := make([]float64, len(x))
	l.Below(x, mass)
	if !slices.IsSorted(mass) || mass[0] != 0 || mass[1] != 0 || mass[8] != simd.Fold8(&l.Weight) || mass[4] == mass[5] {
		t.Errorf("below %v lies %v of %v", x, mass, simd.Fold8(&l.Weight))
	}
}

func FuzzBelow(f *testing.F) {
	f.Add(make([]byte, 8*(3*Components+1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := simdtest.Floats(data)
		if len(v) <= 3*Components {
			return
		}
		l := Distribution{Weight: [Components]float64(v), Centre: [Components]float64(v[Components:]), InverseScale: [Components]float64(v[2*Components:])}
		testBelow(t, &l, v[3*Components:])
	})
}

// BenchmarkBelow asks for one point, and for as many as an encoder of 16 bits.
func BenchmarkBelow(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l Distribution
	for k := range Components {
		l.Weight[k], l.Centre[k], l.InverseScale[k] = 1+r.Float64(), 100*r.NormFloat64(), 0.1
	}
	for _, n := range []int{1, 2, 16} {
		x, mass := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = 100 * r.NormFloat64()
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) { simdtest.Benchmark(b, 1, func() { l.Below(x, mass) }) })
	}
}

func BenchmarkSetMixture(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l Distribution
	var outputs [Outputs]int32
	for i := range outputs {
		outputs[i] = int32(r.IntN(512) - 256)
	}
	disagreement := [Disagreements]float32(simdtest.Vector32(r, simdtest.Numbers["normal"], Disagreements))
	simdtest.Benchmark(b, 1, func() { l.Set(&outputs, &disagreement, 1000, 20) })
}

// TestShape has equal logistic distributions in two places: in one, they are one; far apart, they spread as far as that.
func TestShape(t *testing.T) {
	for _, test := range []struct{ apart, least, most float64 }{{0, 3, 3}, {1, 3, 3.1}, {1000, 250, 400}} {
		var d Distribution
		for k := range d.Weight {
			d.Weight[k], d.Centre[k], d.InverseScale[k] = 0.25, -1e6+test.apart*float64(k%2), 1./3
			d.Total += d.Weight[k]
		}
		mean, spread := d.Shape()
		if want := -1e6 + test.apart/2; mean != want || spread < test.least-1e-9 || spread > test.most+1e-9 {
			t.Errorf("%v apart: the mean is %v, not %v; the spread is %v", test.apart, mean, want, spread)
		}
	}
}
