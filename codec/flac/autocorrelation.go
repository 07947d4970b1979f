package flac

import (
	"sync"

	"trilobyte/codec/flac/internal/strict"
)

// An autocorrelation has the sums of products of a windowed signal with itself
// at lags 0 to maxOrder; what is behind them fills the vectors of kernels.
type autocorrelation [maxOrder + 1 + 3]float64

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
//
// The first half and the first third begin as the whole does, and so do their
// sums: those of the whole go on from theirs. samples are those of a.floats,
// which are under the window afterwards.
func (a *analyzer) autocorrelations(samples []int64) []autocorrelation {
	n := len(samples)
	window := a.window(n)
	x := a.floats
	for i := range taper(n) {
		x[i] *= window[i]
		x[n-1-i] *= window[n-1-i]
	}
	a.correlations = append(a.correlations[:0], autocorrelation{}) // at most maxCandidates
	whole := &a.correlations[0]
	var shared [maxParts + 1]autocorrelation // [parts]: of the first of so many
	done := 0
	for parts := min(maxParts, n/minPartSamples); parts >= 2; parts-- {
		steps := sharedSteps(n, parts)
		whole.add(x[done:], steps-done)
		shared[parts], done = *whole, steps
	}
	whole.add(x[done:], n-done)
	for parts := 2; parts <= maxParts && n/parts >= minPartSamples; parts++ {
		a.correlateParts(samples, window, parts, shared[parts])
	}
	return a.correlations
}

// correlateParts appends the autocorrelations of so many parts of a block to that
// of the whole, given the sums that the first part shares with it.
func (a *analyzer) correlateParts(samples []int64, window []float64, parts int, shared autocorrelation) {
	n := len(window)
	length := n / parts
	done := sharedSteps(n, parts)
	for part := range parts {
		x := a.windowPart(samples, window, part*n/parts, length, done)
		a.correlations = append(a.correlations, shared)
		partial := &a.correlations[len(a.correlations)-1]
		partial.add(x[done:], length-done)
		shared, done = autocorrelation{}, 0 // no other begins as the whole does
		if parts == 2 {
			continue // without one half is nearly the other half
		}
		rest := a.correlations[0]
		for lag := range rest {
			rest[lag] -= partial[lag]
		}
		a.correlations = append(a.correlations, rest)
	}
}

// sharedSteps returns how many products the sums of the first of so many parts
// of a block of n samples have in common with those of the whole: until their
// later factor is in the fall of the part's window.
func sharedSteps(n, parts int) int {
	return max(0, n/parts-max(0, taper(n)+1)-maxOrder)
}

// windowPart returns length samples from start on under the two halves of a
// window with its flat middle left out, then as many zeros as an autocorrelation
// is long; those before from may be anything. It is valid until the next call.
//
// Where the part's window is flat, so is the whole's, and where the block begins
// they are the same.
func (a *analyzer) windowPart(samples []int64, window []float64, start, length, from int) []float64 {
	a.windowed = resize(a.windowed, length+len(autocorrelation{}))
	clear(a.windowed[length:])
	out, part := a.windowed[:length], samples[start:start+length]
	copy(out[from:], a.floats[start+from:])
	for i := range taper(len(samples)) {
		if start > 0 {
			out[i] = float64(part[i]) * window[i]
		}
		out[length-1-i] = float64(part[length-1-i]) * window[len(window)-1-i]
	}
	return a.windowed
}

// add adds the products of the first n of x with themselves and with those that
// follow. Every sum runs from the first sample to the last. Another
// autocorrelation's length of x must follow the n.
func (r *autocorrelation) add(x []float64, n int) {
	if n == 0 {
		return
	}
	if active.addLags != nil {
		x = x[: n+len(r) : n+len(r)]
		active.addLags(&r[0], &x[0], n)
		return
	}
	addSomeLags(r[:lagsAtOnce], x, x[:n])
	addSomeLags(r[lagsAtOnce:][:lagsAtOnce], x[lagsAtOnce:], x[:n])
}

// lagsAtOnce is how many lags addSomeLags does: as many sums as the registers
// of a processor hold. Two calls cover lags 0 to maxOrder, and one more.
const lagsAtOnce = maxOrder/2 + 1

// addSomeLags adds the products of each of x with as many of lagged as there are
// sums, from its place on.
func addSomeLags(r, lagged, x []float64) {
	s := (*[lagsAtOnce]float64)(r)
	r0, r1, r2, r3, r4, r5, r6 := s[0], s[1], s[2], s[3], s[4], s[5], s[6]
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
	*s = [...]float64{r0, r1, r2, r3, r4, r5, r6}
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

// taper returns the place of the first sample of a window of the given length
// that is flat. Its raised-cosine ends take up one twelfth each, which is what
// libFLAC divides the usual quarter into for thirds. If it is not positive, all
// of the window is flat.
func taper(length int) int { return length/12 - 1 }

// tukey fills a Tukey window: flat, with raised-cosine ends.
func tukey(window []float64) {
	taper := taper(len(window))
	for i := range window {
		window[i] = 1
	}
	for i := 0; taper > 0 && i <= taper; i++ {
		v := strict.RaisedCosine(float64(i) / float64(taper))
		window[i] = v
		window[len(window)-1-i] = v
	}
}
