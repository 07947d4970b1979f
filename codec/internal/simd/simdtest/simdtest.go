// Package simdtest helps to test vector kernels: it runs them on all paths of the machine and compares what they give with plain Go.
package simdtest

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"trilobyte/codec/internal/simd"
)

// OnVectorPaths runs f on every path of this machine but plain Go. A kernel that changes its inputs must be given
// copies.
func OnVectorPaths(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	before := simd.InUse()
	defer simd.Use(before)
	for _, p := range simd.Paths() {
		if p == simd.Go {
			continue
		}
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		f(t)
	}
}

// OnGo runs f in plain Go.
func OnGo(t *testing.T, f func()) {
	t.Helper()
	before := simd.InUse()
	defer simd.Use(before)
	if err := simd.Use(simd.Go); err != nil {
		t.Fatal(err)
	}
	f()
}

// Numbers are kinds of float64 to test with: ordinary ones, and those at which Vector code could differ.
var Numbers = map[string]func(r *rand.Rand) float64{
	"normal":    func(r *rand.Rand) float64 { return r.NormFloat64() },
	"samples":   func(r *rand.Rand) float64 { return math.Round(r.NormFloat64() * 8000) },
	"mixed":     func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), r.IntN(80)-40) },
	"huge":      func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), 1020) },
	"huge32":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), 125) },
	"subnormal": func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -1060) },
	"tiny32":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -140) },
	"tiny64":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -530) },
	"zeros":     func(r *rand.Rand) float64 { return []float64{0, math.Copysign(0, -1), 1, -1}[r.IntN(4)] },
	"specials": func(r *rand.Rand) float64 {
		if r.IntN(8) > 0 {
			return r.NormFloat64()
		}
		return []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, math.MaxFloat32}[r.IntN(5)]
	},
}

// Lengths that the predictors use, and odd ones.
var Lengths = []int{1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 31, 32, 33, 40, 47, 63, 64}

// Vector makes n numbers.
func Vector(r *rand.Rand, number func(*rand.Rand) float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = number(r)
	}
	return v
}

// Vector32 makes n numbers in single precision.
func Vector32(r *rand.Rand, number func(*rand.Rand) float64, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(number(r))
	}
	return v
}

// Same reports whether the Numbers have the same bits; all that are not Numbers are alike.
func Same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// Compare fails unless the numbers have the same bits.
func Compare(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !Same(got[i], want[i]) {
			t.Fatalf("%s on %s: element %d is %x, plain Go gives %x", what, simd.InUse(), i, got[i], want[i])
		}
	}
}

// Compare32 is Compare in single precision.
func Compare32(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s on %s: element %d is %x, plain Go gives %x", what, simd.InUse(), i, got[i], want[i])
		}
	}
}

// Floats reads Numbers of any bits from fuzzing data.
func Floats(data []byte) []float64 {
	var v []float64
	for ; len(data) >= 8; data = data[8:] {
		v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(data)))
	}
	return v
}

// Benchmark times f on every path of this machine. For scale it reports how many times faster than real time it would
// be to run f that often for each sample of 44.1 kHz stereo sound, on one core.
func Benchmark(b *testing.B, perSample float64, f func()) {
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		b.Run(string(p), func(b *testing.B) {
			if err := simd.Use(p); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.N)/(b.Elapsed().Seconds()*2*44100*perSample), "x_realtime")
		})
	}
}

// Floats32 reads numbers in single precision of any bits from fuzzing data.
func Floats32(data []byte) []float32 {
	var v []float32
	for ; len(data) >= 4; data = data[4:] {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return v
}
