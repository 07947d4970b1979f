package rangecoder_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/rangecoder"
)

func TestBitsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOf(rapid.IntRange(0, 1)).Draw(t, "bits")
		probability := rapid.OneOf(
			rapid.Uint32Range(1, rangecoder.ProbabilityOne-1),
			rapid.SampledFrom([]uint32{1, 2, rangecoder.ProbabilityOne - 2, rangecoder.ProbabilityOne - 1}),
		)
		p0 := make([]uint32, len(bits))
		e := rangecoder.NewEncoder([]byte("before"))
		for i, bit := range bits {
			p0[i] = probability.Draw(t, "p0")
			e.Encode(bit, p0[i])
		}
		out := e.Finish()
		if string(out[:6]) != "before" {
			t.Fatal("what stood before was changed")
		}
		d := rangecoder.NewDecoder(out[6:])
		for i, bit := range bits {
			if got := d.Decode(p0[i]); got != bit {
				t.Fatalf("bit %d is %d, want %d", i, got, bit)
			}
		}
	})
}

// TestSizeIsTheEntropy codes bits of a fixed probability and compares the size with Shannon's.
func TestSizeIsTheEntropy(t *testing.T) {
	for _, ones := range []int{1, 10, 100, 500} { // of 1000
		e := rangecoder.NewEncoder(nil)
		const n = 100_000
		p := float64(ones) / 1000
		p0 := uint32((1 - p) * rangecoder.ProbabilityOne)
		for i := range n {
			bit := 0
			if i*ones/1000 != (i+1)*ones/1000 {
				bit = 1
			}
			e.Encode(bit, p0)
		}
		entropy := n / 8 * -(p*math.Log2(p) + (1-p)*math.Log2(1-p))
		if size := float64(len(e.Finish())); size > entropy*1.005+6 {
			t.Errorf("%v of 1000 bits: %v bytes, the entropy is %.0f", ones, size, entropy)
		}
	}
}
