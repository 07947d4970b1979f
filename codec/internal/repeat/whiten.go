package repeat

import (
	"math"
	"slices"

	"trilobyte/codec/internal/simd"
)

// order is that of the predictors that take from a signal what its nearest past tells.
const order = 16

// whitener makes signals white, block by block: it leaves what a linear predictor made for the block cannot tell, and scales that so
// that all blocks are about equally loud. So what is quiet counts as much as what is loud, and no tone hides what repeats.
type whitener struct {
	samples  []float64 // of the block, behind those before it, so many as the predictor's order
	windowed []float64
	residual []float64
}

func newWhitener(block int) *whitener {
	return &whitener{make([]float64, order+block), make([]float64, block), make([]float64, block)}
}

// block returns the samples of the next block, to be set: it has so many.
func (w *whitener) block(n int) []float64 {
	copy(w.samples, w.samples[len(w.residual):])
	w.windowed, w.residual = w.windowed[:n], w.residual[:n]
	w.samples = w.samples[:order+n]
	return w.samples[order:]
}

// whiten sets the residual, and returns the mean of its squares before it was scaled.
func (w *whitener) whiten() (power float64) {
	a := w.predictor()
	for i := range w.residual {
		h := (*[order + 1]float64)(w.samples[i:])
		s0 := float64(a[0]*h[15]) + float64(a[4]*h[11]) + float64(a[8]*h[7]) + float64(a[12]*h[3])
		s1 := float64(a[1]*h[14]) + float64(a[5]*h[10]) + float64(a[9]*h[6]) + float64(a[13]*h[2])
		s2 := float64(a[2]*h[13]) + float64(a[6]*h[9]) + float64(a[10]*h[5]) + float64(a[14]*h[1])
		s3 := float64(a[3]*h[12]) + float64(a[7]*h[8]) + float64(a[11]*h[4]) + float64(a[15]*h[0])
		left := h[order] - ((s0 + s1) + (s2 + s3))
		w.residual[i] = left
		power += float64(left * left)
	}
	power /= float64(len(w.residual))
	scale := 1 / math.Sqrt(power+rounding)
	for i := range w.residual {
		w.residual[i] *= scale
	}
	return power
}

// rounding is the mean square of what rounding to whole numbers leaves.
const rounding = 1. / 12

// predictor returns the coefficients of the block's predictor, that of the newest sample first, by the autocorrelation method
// with a parabola as window. (Makhoul, Linear prediction: a tutorial review, Proceedings of the IEEE 63, 1975.)
func (w *whitener) predictor() (a [order]float64) {
	n := len(w.windowed)
	for i, v := range w.samples[order:] {
		at := (float64(i) + 0.5) / float64(n)
		w.windowed[i] = v * (at * (1 - at))
	}
	var r [order + 1]float64
	for lag := range min(order+1, n) {
		r[lag] = dot(w.windowed[lag:], w.windowed[:n-lag])
	}
	left := r[0] + float64(r[0]*1e-9) + 1e-3
	for i := range order {
		sum := r[i+1]
		for j := range i {
			sum -= float64(a[j] * r[i-j])
		}
		k, before := sum/left, a
		a[i] = k
		for j := range i {
			a[j] = before[j] - float64(k*before[i-1-j])
		}
		left -= float64(float64(left*k) * k)
	}
	return a
}

// dot returns the inner product of two slices of the same length.
func dot[T float32 | float64](a, b []T) float64 {
	var s [8]float64
	for len(a) >= 8 && len(b) >= 8 {
		s[0] += float64(float64(a[0]) * float64(b[0]))
		s[1] += float64(float64(a[1]) * float64(b[1]))
		s[2] += float64(float64(a[2]) * float64(b[2]))
		s[3] += float64(float64(a[3]) * float64(b[3]))
		s[4] += float64(float64(a[4]) * float64(b[4]))
		s[5] += float64(float64(a[5]) * float64(b[5]))
		s[6] += float64(float64(a[6]) * float64(b[6]))
		s[7] += float64(float64(a[7]) * float64(b[7]))
		a, b = a[8:], b[8:]
	}
	for i := range a {
		s[i] += float64(float64(a[i]) * float64(b[i]))
	}
	return simd.Fold8(&s)
}

// signal is what searches look at: one white signal of all channels.
type signal struct {
	elements []float64
	thinning int // frames for each element
}

// thin makes the signal of some channels, which has an element for each 2^halvings frames.
func thin(samples [][]int32, halvings int) signal {
	s := signal{thinning: 1 << halvings}
	frames := len(samples[0])
	s.elements = make([]float64, (frames+s.thinning-1)/s.thinning)
	w, size := newWhitener(stretch/s.thinning), stretch/s.thinning
	t := thinner{samples: samples, sums: make([][]float64, halvings+1)}
	for start := 0; start < len(s.elements); start += size {
		part := s.elements[start:min(start+size, len(s.elements))]
		copy(w.block(len(part)), t.thinned(start, start+len(part), halvings))
		w.whiten()
		copy(part, w.residual)
	}
	return s
}

// thinner thins the sum of some channels out.
type thinner struct {
	samples [][]int32
	sums    [][]float64 // what was made last, by how often it was thinned out
}

// thinned returns the elements from start to end of the sum, thinned out so often by half-band filters, which keep the rest from being
// heard as something else. They are valid up to the next call.
func (t *thinner) thinned(start, end, halvings int) []float64 {
	y := slices.Grow(t.sums[halvings][:0], end-start)[:end-start]
	t.sums[halvings] = y
	if halvings == 0 {
		sum(y, t.samples, start)
		return y
	}
	const before, after = 3, 4
	x := t.thinned(2*start-before, 2*end+after, halvings-1)
	for i := range y {
		h := (*[before + after]float64)(x[2*i:])
		y[i] = float64(0.5*h[3]) + float64(9./32*(h[2]+h[4])) - float64(1./32*(h[0]+h[6]))
	}
	return y
}

// sum makes all the sum of all channels from a frame on; it is 0 where there are no samples. The first channel counts twice, so that
// opposite ones do not cancel each other.
func sum(all []float64, samples [][]int32, start int) {
	clear(all)
	from, to := max(start, 0), min(start+len(all), len(samples[0]))
	if from >= to {
		return
	}
	known := all[from-start:]
	for i, v := range samples[0][from:to] {
		known[i] = float64(v)
	}
	for _, channel := range samples[1:] {
		for i, v := range channel[from:to] {
			known[i] += float64(0.5 * float64(v))
		}
	}
}
