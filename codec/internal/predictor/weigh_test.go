package predictor

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// testWeigh takes in 8 errors at a time.
func testWeigh(t *testing.T, errs []float64, innovation float64) {
	run := func() (results []float64) {
		means, weights := make([]float64, 16), make([]float64, 16)
		for at := 0; at+16 <= len(errs); at += 8 {
			n := 8 + at%16
			weighErrors(errs[at:at+n], means[:n], weights[:n], innovation)
			results = append(append(results, means...), weights...)
		}
		return results
	}
	var want []float64
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare(t, "Weigh", run(), want) })
}

func TestWeigh(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, innovation := range []float64{0, 0.3} {
		errs := make([]float64, 4000)
		for i := range errs {
			errs[i] = math.Exp2(40 * (r.Float64() - 0.5) * float64(i%4))
		}
		testWeigh(t, errs, innovation)
	}
}

func FuzzWeigh(f *testing.F) {
	f.Add(make([]byte, 8*40), 0.5)
	f.Fuzz(func(t *testing.T, data []byte, innovation float64) {
		if !(innovation >= 0 && innovation < 1) {
			return
		}
		var errs []float64
		for ; len(data) >= 8; data = data[8:] {
			if v := math.Abs(math.Float64frombits(binary.LittleEndian.Uint64(data))); v < math.MaxFloat64 {
				errs = append(errs, v)
			}
		}
		testWeigh(t, errs, innovation)
	})
}
