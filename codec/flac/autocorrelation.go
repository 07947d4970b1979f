package flac

import "sync"

// An autocorrelation has the sums of products of a windowed signal with itself
// at lags 0 to maxOrder.
type autocorrelation [maxOrder + 1]float64

// autocorrelations returns the autocorrelations of a block under libFLAC's
// "subdivide_tukey(3)" windows: the whole block, its halves, its thirds, and
// the block without each third, which is the whole less that third.
func (a *analyzer) autocorrelations(samples []int64) []autocorrelation {
	list := make([]autocorrelation, 0, maxCandidates)
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
	return correlateLags(a.windowed)
}

// correlateLags returns the autocorrelation of a signal that ends in maxOrder
// zeros. Every lag's sum runs from the first sample to the last.
func correlateLags(x []float64) autocorrelation {
	var r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12 float64
	for ; len(x) > maxOrder; x = x[1:] {
		h := (*[maxOrder + 1]float64)(x)
		d := h[0]
		r0 += float64(d * d)
		r1 += float64(d * h[1])
		r2 += float64(d * h[2])
		r3 += float64(d * h[3])
		r4 += float64(d * h[4])
		r5 += float64(d * h[5])
		r6 += float64(d * h[6])
		r7 += float64(d * h[7])
		r8 += float64(d * h[8])
		r9 += float64(d * h[9])
		r10 += float64(d * h[10])
		r11 += float64(d * h[11])
		r12 += float64(d * h[12])
	}
	return autocorrelation{r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}
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
		v := raisedCosine(float64(i) / float64(taper))
		window[i] = v
		window[len(window)-1-i] = v
	}
}
