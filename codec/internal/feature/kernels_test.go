package feature

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

func testLogs(t *testing.T, x []float64, scale float64) {
	run := func() []uint8 {
		signed := make([]uint8, len(x))
		SignedLogs(x, scale, signed)
		return signed
	}
	var want []uint8
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		if got := run(); !slices.Equal(got, want) {
			t.Fatalf("on %s: the logarithms of %v, times %v, are %v, plain Go gives %v", simd.InUse(), x, scale, got, want)
		}
	})
}

func TestLogs(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(8, 8))
			for range 100 {
				for _, n := range simdtest.Lengths {
					testLogs(t, simdtest.Vector(r, number, n), 1)
					testLogs(t, simdtest.Vector(r, number, n), math.Exp2(r.Float64()*30-15))
				}
			}
		})
	}
}

func TestSignedLogs(t *testing.T) {
	x := []float64{0, 0.25, -0.25, 0.75, -0.75, 1e9, -1e9, 1e300, -1e300}
	want := []uint8{128, 136, 120, 144, 112, 255, 0, 255, 0}
	got := make([]uint8, len(x))
	if SignedLogs(x, 1, got); !slices.Equal(got, want) {
		t.Errorf("the signed logarithms of %v are %v, want %v", x, got, want)
	}
}

func FuzzLogs(f *testing.F) {
	f.Add(make([]byte, 8*9), 1.0)
	f.Fuzz(func(t *testing.T, data []byte, scale float64) { testLogs(t, simdtest.Floats(data), scale) })
}

func BenchmarkSignedLogs(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{8, 32} {
		x, to := simdtest.Vector(r, simdtest.Numbers["normal"], n), make([]uint8, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { simdtest.Benchmark(b, 1, func() { SignedLogs(x, 1, to) }) })
	}
}

// BenchmarkComparison compares as many predictions as a row of features tells of.
func BenchmarkComparison(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	c := NewComparison(16, 0.03, new([BaseShares]float64))
	copy(c.Seen, simdtest.Vector(r, simdtest.Numbers["normal"], 16))
	differences, levels, logs := make([]float32, 16), make([]uint8, 32), new([BaseShares]int32)
	b.Run("learn", func(b *testing.B) { simdtest.Benchmark(b, 1, func() { c.Learn(0.5, -1, 1) }) })
	b.Run("describe", func(b *testing.B) {
		simdtest.Benchmark(b, 1, func() { c.Describe(0.5, 2, 64, differences, levels, logs) })
	})
}
