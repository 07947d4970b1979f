package fixed_test

import (
	"math"
	"testing"

	"trilobyte/codec/internal/fixed"
)

func TestPowMinus08(t *testing.T) {
	worst := 0.0
	for x := 1e-9; x < 1e12; x *= 1.013 {
		worst = max(worst, math.Abs(fixed.PowMinus08(x)/math.Pow(x, -0.8)-1))
	}
	if worst > 0.09 {
		t.Errorf("x^-0.8 is off by up to %v", worst)
	}
	for x, want := range map[float64]float64{1: 1, 2: 0.5743491774985175, 1. / 1024: 256, 3: 0.43527528164806206} {
		if got := fixed.PowMinus08(x); got != want {
			t.Errorf("%v^-0.8 is %v, archives depend on %v", x, got, want)
		}
	}
}
