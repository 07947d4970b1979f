package fourier

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// reversed returns the lower bits of i in reversed order, as many as n takes.
func reversed(i, n int) int {
	r := 0
	for m := 1; m < n; m *= 2 {
		r = 2*r + i&1
		i >>= 1
	}
	return r
}

func TestTransform(t *testing.T) {
	for _, n := range []int{2, 4, 8, 64, 512} {
		x, y := NewSpectrum(n), make([]complex128, n)
		for i := range y {
			y[i] = complex(float64(i*i%13)-6, float64(i*7%5)-2)
			x.Re[i], x.Im[i] = real(y[i]), imag(y[i])
		}
		f := New(n)
		f.Forward(x)
		for k := range n {
			var want complex128
			for i, v := range y {
				want += v * cmplx.Rect(1, -2*math.Pi*float64(i*k)/float64(n))
			}
			at := reversed(k, n)
			if got := complex(x.Re[at], x.Im[at]); cmplx.Abs(got-want) > 1e-9*float64(n) {
				t.Fatalf("length %d: element %d is %v, not %v", n, k, got, want)
			}
		}
		f.Inverse(x)
		for i, v := range y {
			if got := complex(x.Re[i], x.Im[i]) / complex(float64(n), 0); cmplx.Abs(got-v) > 1e-12*float64(n) {
				t.Fatalf("length %d: %v came back as %v", n, v, got)
			}
		}
	}
}

func TestAutocorrelation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, lags := range []int{1, 2, 33, 100} {
		c := NewCorrelator(lags)
		for _, n := range []int{0, 1, 2, 50, 127, 128, 129, 1000} {
			x, got := make([]float64, n), make([]float64, lags)
			energy := 0.0
			for i := range x {
				x[i] = random.NormFloat64()
				energy += x[i] * x[i]
			}
			c.Auto(x, got)
			for lag, v := range got {
				want := 0.0
				for i := range max(0, n-lag) {
					want += x[i] * x[i+lag]
				}
				if math.Abs(v-want) > 1e-14*energy {
					t.Errorf("%d samples, %d lags: at %d it is %v, not %v", n, lags, lag, v, want)
				}
			}
		}
	}
}
