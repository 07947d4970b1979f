package strict_test

import (
	"math"
	"testing"

	"trilobyte/codec/flac/internal/strict"
)

func TestLog2(t *testing.T) {
	for x := 1e-300; x < 1e300; x *= 1.37 {
		if got, want := strict.Log2(x), math.Log2(x); math.Abs(got-want) > 1e-13*max(1, math.Abs(want)) {
			t.Errorf("log2(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	for _, x := range []float64{0.25, 1, 8} {
		if got, want := strict.Log2(x), math.Log2(x); got != want {
			t.Errorf("log2(%g) = %.17g, want exactly %g", x, got, want)
		}
	}
}

func TestRaisedCosine(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := strict.RaisedCosine(x), 0.5-0.5*math.Cos(math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("raisedCosine(%g) = %.17g, want %.17g", x, got, want)
		}
	}
}
