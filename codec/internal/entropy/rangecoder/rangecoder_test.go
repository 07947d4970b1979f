package rangecoder_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/entropy/rangecoder"
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

func TestSymbolsComeBack(t *testing.T) { rapid.Check(t, testSymbols) }

func testSymbols(t *rapid.T) {
	const one = uint64(rangecoder.One)
	type symbol struct{ from, to uint64 }
	border := rapid.OneOf(rapid.Uint64Range(0, one), rapid.SampledFrom([]uint64{0, 1, 2, one - 2, one - 1, one}))
	symbols := rapid.SliceOf(rapid.Custom(func(t *rapid.T) symbol {
		a, b := border.Draw(t, "a"), border.Draw(t, "b")
		from, to := min(a, b), max(a, b)
		if from == to {
			from, to = min(from, one-1), min(from, one-1)+1
		}
		return symbol{from, to}
	})).Draw(t, "symbols")
	e := rangecoder.NewSymbolEncoder([]byte("before"))
	for _, s := range symbols {
		e.Encode(s.from, s.to)
	}
	length := e.Len()
	out := e.Finish()
	if string(out[:6]) != "before" {
		t.Fatal("what stood before was changed")
	}
	if got := len(out) - 6; got > length+8 || len(symbols) == 0 && got > 1 {
		t.Fatalf("%d bytes, after Len was %d", got, length)
	}
	d := rangecoder.NewSymbolDecoder(out[6:])
	for i, s := range symbols {
		if got := d.Next(); got < s.from || got >= s.to {
			t.Fatalf("symbol %d is at %d, want %d..%d", i, got, s.from, s.to)
		}
		d.Take(s.from, s.to)
	}
}

// TestSymbolSizeIsTheEntropy codes symbols of one even and one odd distribution, of 256 and of 65536 values.
func TestSymbolSizeIsTheEntropy(t *testing.T) {
	const n, one = 100_000, uint64(rangecoder.One)
	for _, values := range []uint64{256, 1 << 16} {
		for _, share := range []float64{1, 0.25, 2.5e-4} {
			rare := share / float64(values)
			low := uint64((1 - float64(values-1)*rare) * float64(one)) // of symbol 0; the others share what is left
			each := (one - low) / (values - 1)
			entropy := 0.0
			e := rangecoder.NewSymbolEncoder(nil)
			for i := range uint64(n) {
				from, to := uint64(0), low
				if at := uint32(i) * 2654435761; float64(at)/(1<<32) < float64(values-1)*rare {
					from = low + each*(uint64(at>>8)%(values-1))
					to = from + each
				}
				e.Encode(from, to)
				entropy -= math.Log2(float64(to-from)/float64(one)) / 8
			}
			if size := float64(len(e.Finish())); size > entropy*1.00001+2 {
				t.Errorf("%v of %d values: %v bytes, their probabilities make %.1f", rare, values, size, entropy)
			}
		}
	}
}
