package repeat

import "math"

// transform is the discrete Fourier transform of a length that is a power of two, at least 2. Spectra are in bit-reversed order:
// what is done to them here, element by element, is the same in any order. (Cooley and Tukey, An algorithm for the machine
// calculation of complex Fourier series, Mathematics of Computation 19, 1965.)
type transform struct {
	// The cosines and sines of half a turn, in steps of 1/h of it, for h = 1, 2, 4, ..., one after the other.
	cosines, sines []float64
}

// spectrum holds complex numbers.
type spectrum struct{ re, im []float64 }

func newSpectrum(n int) spectrum { return spectrum{make([]float64, n), make([]float64, n)} }

func newTransform(n int) *transform {
	t := &transform{make([]float64, n), make([]float64, n)}
	// The table for h steps is at h. Each follows from the one of half as many steps: what is there stays, and what lies between
	// is that, turned by half a step.
	t.cosines[1] = 1
	cosine, sine := -1.0, 0.0 // of the step of the table before
	for h := 2; h < n; h *= 2 {
		cosine, sine = halfAngle(cosine, sine)
		for k := range h / 2 {
			c, s := t.cosines[h/2+k], t.sines[h/2+k]
			t.cosines[h+2*k], t.sines[h+2*k] = c, s
			t.cosines[h+2*k+1] = float64(c*cosine) - float64(s*sine)
			t.sines[h+2*k+1] = float64(c*sine) + float64(s*cosine)
		}
	}
	return t
}

// halfAngle returns the cosine and the sine of half of an angle between 0 and half a turn.
func halfAngle(cosine, sine float64) (c, s float64) {
	if cosine < 0 {
		s = math.Sqrt((1 - cosine) / 2)
		return sine / (2 * s), s
	}
	c = math.Sqrt((1 + cosine) / 2)
	return c, sine / (2 * c)
}

// forward makes the spectrum of x in its place.
func (t *transform) forward(x spectrum) {
	n := len(x.re)
	for h := n / 2; h >= 1; h /= 2 {
		cosines, sines := t.cosines[h:2*h], t.sines[h:2*h]
		for i := 0; i < n; i += 2 * h {
			ar, ai := x.re[i:][:h], x.im[i:][:h]
			br, bi := x.re[i+h:][:h], x.im[i+h:][:h]
			for k, c := range cosines {
				s := sines[k]
				r, j := ar[k]-br[k], ai[k]-bi[k]
				ar[k] += br[k]
				ai[k] += bi[k]
				br[k] = float64(r*c) + float64(j*s)
				bi[k] = float64(j*c) - float64(r*s)
			}
		}
	}
}

// inverse is the inverse of forward, but for a factor of the length.
func (t *transform) inverse(x spectrum) {
	n := len(x.re)
	for h := 1; h < n; h *= 2 {
		cosines, sines := t.cosines[h:2*h], t.sines[h:2*h]
		for i := 0; i < n; i += 2 * h {
			ar, ai := x.re[i:][:h], x.im[i:][:h]
			br, bi := x.re[i+h:][:h], x.im[i+h:][:h]
			for k, c := range cosines {
				s := sines[k]
				r := float64(br[k]*c) - float64(bi[k]*s)
				j := float64(bi[k]*c) + float64(br[k]*s)
				br[k], bi[k] = ar[k]-r, ai[k]-j
				ar[k] += r
				ai[k] += j
			}
		}
	}
}
