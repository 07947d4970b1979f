package fourier

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// testPaths compares what transforms of x give on all paths, there and back.
func testPaths(t *testing.T, re, im []float64) {
	n := len(re)
	run := func() (all []float64) {
		x := Spectrum{append([]float64{}, re...), append([]float64{}, im...)}
		f := New(n)
		f.Forward(x)
		all = append(append(all, x.Re...), x.Im...)
		f.Inverse(x)
		return append(append(all, x.Re...), x.Im...)
	}
	var want []float64
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		for i, v := range run() {
			if math.Float64bits(v) != math.Float64bits(want[i]) && (v == v || want[i] == want[i]) {
				t.Fatalf("on %s: number %d of %d is %v, plain Go gives %v", simd.InUse(), i, n, v, want[i])
			}
		}
	})
}

func TestKernels(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			for n := 2; n <= 2048; n *= 2 {
				testPaths(t, simdtest.Vector(r, number, n), simdtest.Vector(r, number, n))
			}
		})
	}
}

func FuzzKernels(f *testing.F) {
	f.Add(make([]byte, 8*64))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := simdtest.Floats(data)
		n := 2
		for 4*n <= len(x) {
			n *= 2
		}
		if 2*n <= len(x) {
			testPaths(t, x[:n], x[n:][:n])
		}
	})
}

func BenchmarkTransform(b *testing.B) {
	for _, n := range []int{4096, 65536} {
		x := NewSpectrum(n)
		f := New(n)
		for _, p := range simd.Paths() {
			b.Run(fmt.Sprint(n, " ", p), func(b *testing.B) {
				before := simd.InUse()
				defer simd.Use(before)
				if err := simd.Use(p); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					f.Forward(x)
					f.Inverse(x)
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/44100, "x_realtime")
			})
		}
	}
}
