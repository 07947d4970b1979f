package repeat

import (
	"math"
	"math/cmplx"
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
		x, y := newSpectrum(n), make([]complex128, n)
		for i := range y {
			y[i] = complex(float64(i*i%13)-6, float64(i*7%5)-2)
			x.re[i], x.im[i] = real(y[i]), imag(y[i])
		}
		f := newTransform(n)
		f.forward(x)
		for k := range n {
			var want complex128
			for i, v := range y {
				want += v * cmplx.Rect(1, -2*math.Pi*float64(i*k)/float64(n))
			}
			at := reversed(k, n)
			if got := complex(x.re[at], x.im[at]); cmplx.Abs(got-want) > 1e-9*float64(n) {
				t.Fatalf("length %d: element %d is %v, not %v", n, k, got, want)
			}
		}
		f.inverse(x)
		for i, v := range y {
			if got := complex(x.re[i], x.im[i]) / complex(float64(n), 0); cmplx.Abs(got-v) > 1e-12*float64(n) {
				t.Fatalf("length %d: %v came back as %v", n, v, got)
			}
		}
	}
}
