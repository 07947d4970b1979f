package flac

import (
	"math"
	"testing"
)

func TestLog2(t *testing.T) {
	for x := 1e-300; x < 1e300; x *= 1.37 {
		if got, want := log2(x), math.Log2(x); math.Abs(got-want) > 1e-13*max(1, math.Abs(want)) {
			t.Errorf("log2(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	for _, x := range []float64{0.25, 1, 8} {
		if got, want := log2(x), math.Log2(x); got != want {
			t.Errorf("log2(%g) = %.17g, want exactly %g", x, got, want)
		}
	}
}

func TestRaisedCosine(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := raisedCosine(x), 0.5-0.5*math.Cos(math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("raisedCosine(%g) = %.17g, want %.17g", x, got, want)
		}
	}
}

// The parameter is the smallest that reaches the mean, found without a loop.
func TestRiceParameter(t *testing.T) {
	for count := uint64(1); count < 70; count++ {
		for sum := uint64(0); sum < 10_000; sum = sum*5/4 + 1 {
			want := 0
			for count<<want < sum {
				want++
			}
			if got := riceParameter(sum, count, 30); got != want {
				t.Fatalf("riceParameter(%d, %d) = %d, want %d", sum, count, got, want)
			}
		}
	}
	if got := riceParameter(1<<40, 16, 14); got != 14 {
		t.Errorf("the parameter is %d, above its limit of 14", got)
	}
}
