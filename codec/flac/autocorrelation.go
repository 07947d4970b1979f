package flac

import (
	"sync"

	"trilobyte/codec/flac/internal/strict"
)

// An autocorrelation has the sums of products of a windowed signal with itself
// at lags 0 to maxOrder.
type autocorrelation [maxOrder + 1]float64

// Parts of a block whose autocorrelations yield predictors besides the whole:
// halves, thirds, and the block without each third.
const (
	maxParts       = 3
	maxCandidates  = 1 + 2 + 2*maxParts
	minPartSamples = 33 // libFLAC's limit: no gain is expected from shorter parts
)

// autocorrelations returns the autocorrelations of a block under libFLAC's
// "subdivide_tukey(3)" windows: the whole block, its halves, its thirds, and
// the block without each third, which is the whole less that third.
func (a *analyzer) autocorrelations(samples []int64) []autocorrelation {
	list := a.correlations[:0] // at most maxCandidates
	window := a.window(len(samples))
	whole := a.correlate(samples, window, 0, len(samples))
	list = append(list, whole)
	for parts := 2; parts <= maxParts; parts++ {
		length := len(samples) / parts
		if length < minPartSamples {
			break
		}
		for part := range parts {
			partial := a.correlate(samples, window, part*len(samples)/parts, length)
			list = append(list, partial)
			if parts == 2 {
				continue // without one half is nearly the other half
			}
			var rest autocorrelation
			for lag := range rest {
				rest[lag] = whole[lag] - partial[lag]
			}
			list = append(list, rest)
		}
	}
	a.correlations = list
	return list
}

// correlate returns the autocorrelation of length samples from start on, under
// the two halves of a window with its flat middle left out.
func (a *analyzer) correlate(samples []int64, window []float64, start, length int) autocorrelation {
	half := length / 2
	part := samples[start : start+length]
	rise, fall := window[:half], window[len(window)-(length-half):]
	a.windowed = resize(a.windowed, length+maxOrder)
	out := a.windowed[:half]
	for i, x := range part[:half] {
		out[i] = float64(x) * rise[i]
	}
	out = a.windowed[half:length]
	for i, x := range part[half:] {
		out[i] = float64(x) * fall[i]
	}
	clear(a.windowed[length:])
	low := correlateLags(a.windowed, 0)
	high := correlateLags(a.windowed, lagsAtOnce-1)
	var r autocorrelation
	copy(r[:], low[:])
	copy(r[lagsAtOnce-1:], high[:])
	return r
}

// lagsAtOnce is how many lags correlateLags does: as many sums as the registers
// of a processor hold. Two calls cover lags 0 to maxOrder, with one in common.
const lagsAtOnce = maxOrder/2 + 1

// correlateLags adds up the products of x, which ends in maxOrder zeros, with
// itself at the lags from first on. Every sum runs from the first sample to the
// last.
func correlateLags(x []float64, first int) [lagsAtOnce]float64 {
	length := len(x) - maxOrder
	lagged := x[first:]
	x = x[:length]
	var r0, r1, r2, r3, r4, r5, r6 float64
	for i, d := range x {
		h := (*[lagsAtOnce]float64)(lagged[i:])
		r0 += float64(d * h[0])
		r1 += float64(d * h[1])
		r2 += float64(d * h[2])
		r3 += float64(d * h[3])
		r4 += float64(d * h[4])
		r5 += float64(d * h[5])
		r6 += float64(d * h[6])
	}
	return [...]float64{r0, r1, r2, r3, r4, r5, r6}
}

// window returns the window for blocks of the given length.
func (a *analyzer) window(length int) []float64 {
	if length == BlockSize {
		return fullWindow()
	}
	if len(a.short) != length {
		a.short = resize(a.short, length)
		tukey(a.short)
	}
	return a.short
}

var fullWindow = sync.OnceValue(func() []float64 {
	window := make([]float64, BlockSize)
	tukey(window)
	return window
})

// tukey fills a Tukey window: flat, with raised-cosine ends. Each takes up one
// twelfth, which is what libFLAC divides the usual quarter into for thirds.
func tukey(window []float64) {
	taper := len(window)/12 - 1
	for i := range window {
		window[i] = 1
	}
	for i := 0; taper > 0 && i <= taper; i++ {
		v := strict.RaisedCosine(float64(i) / float64(taper))
		window[i] = v
		window[len(window)-1-i] = v
	}
}
