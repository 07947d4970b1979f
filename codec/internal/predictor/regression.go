package predictor

import (
	"unsafe"

	"trilobyte/codec/internal/simd"
)

// dot64 returns the inner product of a and b (of equal length), summed in 8 lanes.
func dot64(a, b []float64) float64 {
	b = b[:len(a)]
	var s [8]float64
	n := len(a) &^ 7
	for i := 0; i < n; i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		s[0] += float64(x[0] * y[0])
		s[1] += float64(x[1] * y[1])
		s[2] += float64(x[2] * y[2])
		s[3] += float64(x[3] * y[3])
		s[4] += float64(x[4] * y[4])
		s[5] += float64(x[5] * y[5])
		s[6] += float64(x[6] * y[6])
		s[7] += float64(x[7] * y[7])
	}
	for i := n; i < len(a); i++ {
		s[i-n] += float64(a[i] * b[i])
	}
	return simd.Fold8(&s)
}

// regression is the prediction of a sample as a weighted sum of regressors, which are kept. Vector kernels know its layout.
type regression struct {
	Weights    []float64
	Own, Other int       // how many regressors come from each source: as many as there are weights in all
	Rows       []float64 // where they are kept
	At         int       // begin of the row in Rows
	To         *float64
}

// regress puts the first elements of own and other into the row of each regression, one behind the other, and where To points the
// inner product of the weights and the row, as dot64 computes it.
func regress(list []regression, own, other []float64) {
	whole := true // vectors come from one source each
	for i := range list {
		r := &list[i]
		if r.Own < 0 || r.Other < 0 || r.Own > len(own) || r.Other > len(other) || r.Own+r.Other != len(r.Weights) ||
			r.At < 0 || r.At > len(r.Rows)-len(r.Weights) {
			panic("predictor: the sizes of a regression do not fit")
		}
		whole = whole && (r.Own%simd.Lanes64 == 0 || r.Other == 0)
	}
	if active.regress != nil && whole && len(list) > 0 {
		active.regress((*byte)(unsafe.Pointer(&list[0])), unsafe.SliceData(own), unsafe.SliceData(other), len(list))
		return
	}
	for i := range list {
		r := &list[i]
		row := r.Rows[r.At:][:len(r.Weights)]
		copy(row[copy(row, own[:r.Own]):], other[:r.Other])
		if active.regress == nil {
			*r.To = dot64(r.Weights, row)
			continue
		}
		// The row is there: it is the only source. (A regression of its own for that would be allocated for every sample.)
		sources := [...]int{r.Own, r.Other}
		r.Own, r.Other = len(row), 0
		active.regress((*byte)(unsafe.Pointer(r)), unsafe.SliceData(row), nil, 1)
		r.Own, r.Other = sources[0], sources[1]
	}
}
