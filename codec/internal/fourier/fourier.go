// Package fourier has the discrete Fourier transform and, by it, correlations. The order of all operations is fixed, so that encoders choose alike on
// all machines.
package fourier

import (
	"math"
	"math/bits"
)

// Transform is the discrete Fourier transform of a length that is a power of two, at least 2. Spectra are in bit-reversed order:
// what is done to them here, element by element, is the same in any order. (Cooley and Tukey, An algorithm for the machine
// calculation of complex Fourier series, Mathematics of Computation 19, 1965.)
type Transform struct {
	// The cosines and sines of half a turn, in steps of 1/h of it, for h = 1, 2, 4, ..., one after the other.
	cosines, sines []float64
}

// Spectrum holds complex numbers.
type Spectrum struct{ Re, Im []float64 }

// NewSpectrum returns n zeros.
func NewSpectrum(n int) Spectrum { return Spectrum{make([]float64, n), make([]float64, n)} }

// New makes a transform of n numbers.
func New(n int) *Transform {
	t := &Transform{make([]float64, n), make([]float64, n)}
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

// Forward makes the spectrum of x in its place: two steps at a time, so that x passes through the processor half as often.
func (t *Transform) Forward(x Spectrum) {
	h := len(x.Re) / 2
	for ; h >= 4; h /= 4 {
		t.forwardTwice(x, h)
	}
	if h == 2 {
		forwardFours(x)
	} else {
		pairs(x.Re)
		pairs(x.Im)
	}
}

// pairs makes the step of 1: of each two numbers their sum and their difference.
func pairs(x []float64) {
	for i := 0; i < len(x); i += 2 {
		a, b := x[i], x[i+1]
		x[i], x[i+1] = a+b, a-b
	}
}

// forwardFours makes the steps of 2 and of 1, which turn by nothing but a quarter.
func forwardFours(x Spectrum) {
	for i := 0; i < len(x.Re); i += 4 {
		r, j := (*[4]float64)(x.Re[i:]), (*[4]float64)(x.Im[i:])
		ar, ai, br, bi := r[0]+r[2], j[0]+j[2], r[0]-r[2], j[0]-j[2]
		cr, ci, dr, di := r[1]+r[3], j[1]+j[3], r[1]-r[3], j[1]-j[3]
		*r = [4]float64{ar + cr, ar - cr, br + di, br - di}
		*j = [4]float64{ai + ci, ai - ci, bi - dr, bi + dr}
	}
}

// inverseFours makes the steps of 1 and of 2 of the inverse.
func inverseFours(x Spectrum) {
	for i := 0; i < len(x.Re); i += 4 {
		r, j := (*[4]float64)(x.Re[i:]), (*[4]float64)(x.Im[i:])
		ar, ai, br, bi := r[0]+r[1], j[0]+j[1], r[0]-r[1], j[0]-j[1]
		cr, ci, dr, di := r[2]+r[3], j[2]+j[3], r[2]-r[3], j[2]-j[3]
		*r = [4]float64{ar + cr, br - di, ar - cr, br + di}
		*j = [4]float64{ai + ci, bi + dr, ai - ci, bi - dr}
	}
}

// forwardTwice makes the steps of h and of h/2.
func (t *Transform) forwardTwice(x Spectrum, h int) {
	q := h / 2
	if k := kernelFor(q); k != nil {
		k.forwardTwice(&x.Re[0], &x.Im[:len(x.Re)][0], &t.cosines[0], &t.sines[0], q, len(x.Re))
		return
	}
	c1, s1 := t.cosines[h:][:q], t.sines[h:][:q]
	c2, s2 := t.cosines[q:][:q], t.sines[q:][:q]
	c3, s3 := t.cosines[h+q:][:q], t.sines[h+q:][:q]
	for i := 0; i < len(x.Re); i += 2 * h {
		r0, r1, r2, r3 := x.Re[i:][:q], x.Re[i+q:][:q], x.Re[i+h:][:q], x.Re[i+h+q:][:q]
		j0, j1, j2, j3 := x.Im[i:][:q], x.Im[i+q:][:q], x.Im[i+h:][:q], x.Im[i+h+q:][:q]
		for k := range q {
			ar, ai, br, bi := r0[k], j0[k], r2[k], j2[k]
			cr, ci, dr, di := r1[k], j1[k], r3[k], j3[k]
			ar, ai, br, bi = ar+br, ai+bi, ar-br, ai-bi
			cr, ci, dr, di = cr+dr, ci+di, cr-dr, ci-di
			c, s := c1[k], s1[k]
			br, bi = float64(br*c)+float64(bi*s), float64(bi*c)-float64(br*s)
			c, s = c3[k], s3[k]
			dr, di = float64(dr*c)+float64(di*s), float64(di*c)-float64(dr*s)
			c, s = c2[k], s2[k]
			r0[k], j0[k] = ar+cr, ai+ci
			ar, ai = ar-cr, ai-ci
			r1[k], j1[k] = float64(ar*c)+float64(ai*s), float64(ai*c)-float64(ar*s)
			r2[k], j2[k] = br+dr, bi+di
			br, bi = br-dr, bi-di
			r3[k], j3[k] = float64(br*c)+float64(bi*s), float64(bi*c)-float64(br*s)
		}
	}
}

// Inverse is the inverse of Forward, but for a factor of the length.
func (t *Transform) Inverse(x Spectrum) {
	h := 4
	if bits.TrailingZeros(uint(len(x.Re)))%2 == 1 {
		pairs(x.Re)
		pairs(x.Im)
		h = 2
	} else {
		inverseFours(x)
	}
	for ; 2*h < len(x.Re); h *= 4 {
		t.inverseTwice(x, h)
	}
}

// inverseTwice makes the steps of q and of 2q.
func (t *Transform) inverseTwice(x Spectrum, q int) {
	if k := kernelFor(q); k != nil {
		k.inverseTwice(&x.Re[0], &x.Im[:len(x.Re)][0], &t.cosines[0], &t.sines[0], q, len(x.Re))
		return
	}
	h := 2 * q
	c1, s1 := t.cosines[h:][:q], t.sines[h:][:q]
	c2, s2 := t.cosines[q:][:q], t.sines[q:][:q]
	c3, s3 := t.cosines[h+q:][:q], t.sines[h+q:][:q]
	for i := 0; i < len(x.Re); i += 2 * h {
		r0, r1, r2, r3 := x.Re[i:][:q], x.Re[i+q:][:q], x.Re[i+h:][:q], x.Re[i+h+q:][:q]
		j0, j1, j2, j3 := x.Im[i:][:q], x.Im[i+q:][:q], x.Im[i+h:][:q], x.Im[i+h+q:][:q]
		for k := range q {
			c, s := c2[k], s2[k]
			br, bi := float64(r1[k]*c)-float64(j1[k]*s), float64(j1[k]*c)+float64(r1[k]*s)
			dr, di := float64(r3[k]*c)-float64(j3[k]*s), float64(j3[k]*c)+float64(r3[k]*s)
			ar, ai, cr, ci := r0[k], j0[k], r2[k], j2[k]
			ar, ai, br, bi = ar+br, ai+bi, ar-br, ai-bi
			cr, ci, dr, di = cr+dr, ci+di, cr-dr, ci-di
			c, s = c1[k], s1[k]
			cr, ci = float64(cr*c)-float64(ci*s), float64(ci*c)+float64(cr*s)
			c, s = c3[k], s3[k]
			dr, di = float64(dr*c)-float64(di*s), float64(di*c)+float64(dr*s)
			r0[k], j0[k], r2[k], j2[k] = ar+cr, ai+ci, ar-cr, ai-ci
			r1[k], j1[k], r3[k], j3[k] = br+dr, bi+di, br-dr, bi-di
		}
	}
}
