package recipe

import (
	"math"
	"slices"

	"trilobyte/codec/flac/internal/strict"
)

// An analysis finds the linear predictors that an encoder would find for a
// block, under each of the views. All of its sums are in a fixed order, and
// every product is rounded by itself, so that it is the same on every machine.
type analysis struct {
	samples      []int64
	lags         int // of the autocorrelations, 0 to maxOrder
	correlations [len(views)]autocorrelation
	correlated   [len(views)]bool // correlations has that of the view
	solutions    [len(views)]solution
	solved       [len(views)]bool // solutions has that of the view
	windows      [windowCount][]float64
	singles      []float32 // the block under a window
	doubles      []float64 // or this
}

// An autocorrelation has the sums of products of a windowed signal with itself
// at lags 0 to maxOrder.
type autocorrelation [maxOrder + lagsAtOnce]float64 // with room for the last lags

// load begins the analysis of a signal.
func (a *analysis) load(x []int64) {
	a.samples, a.lags = x, 0
	clear(a.correlated[:])
	clear(a.solved[:])
}

// reach has the analysis go to the given lag, which is the order of the largest
// predictor that the encoder is known to try.
func (a *analysis) reach(lags int) {
	if lags != a.lags {
		a.lags = lags
		clear(a.correlated[:])
		clear(a.solved[:])
	}
}

// solution returns the predictors under view v, of orders up to the last lag.
func (a *analysis) solution(v int) *solution {
	s := &a.solutions[v]
	if !a.solved[v] {
		s.solve(a.correlation(v), a.lags)
		a.solved[v] = true
	}
	return s
}

// correlation returns the autocorrelation under view v.
func (a *analysis) correlation(v int) *autocorrelation {
	r := &a.correlations[v]
	if a.correlated[v] {
		return r
	}
	a.correlated[v] = true
	n := len(a.samples)
	w := views[v]
	if w.parts > 0 && n/w.parts <= maxOrder {
		*r = autocorrelation{}
		return r
	}
	if w.rest {
		part := a.correlation(slices.Index(views[:], view{window: w.window, parts: w.parts, part: w.part}))
		whole := a.correlation(slices.Index(views[:], view{window: w.window}))
		for lag := range a.lags + 1 {
			r[lag] = whole[lag] - part[lag]
		}
		if !w.last {
			r[a.lags] = part[a.lags]
		}
		return r
	}
	length, start := n, 0
	if w.parts > 0 {
		length, start = n/w.parts, w.part*n/w.parts
	}
	samples, window := a.samples[start:start+length], a.window(w.window, n)
	switch {
	case w.single:
		a.singles = resize(a.singles, length+padding)
		weigh(a.singles, samples, window, w, func(x int64, w float64) float32 { return float32(x) * float32(w) })
		correlate(a.singles, a.lags, tailLength(a.lags), r)
	case w.window.exact():
		a.doubles = resize(a.doubles, length+padding)
		weigh(a.doubles, samples, window, w, func(x int64, w float64) float64 { return float64(x) * w })
		correlate(a.doubles, a.lags, 0, r)
		for lag := range r {
			r[lag] += 1
		}
	default:
		a.doubles = resize(a.doubles, length+padding)
		weigh(a.doubles, samples, window, w, func(x int64, w float64) float64 { return float64(float32(x) * float32(w)) })
		correlate(a.doubles, a.lags, 0, r)
	}
	return r
}

// window returns a window for n samples.
func (a *analysis) window(w window, n int) []float64 {
	if len(a.windows[w]) != n {
		a.windows[w] = resize(a.windows[w], n)
		w.fill(a.windows[w])
	}
	return a.windows[w]
}

// weigh sets out to samples times a window, and to zeros behind them. For a
// part of a block the window is the two ends of the block's.
func weigh[T float32 | float64](out []T, samples []int64, window []float64, v view, product func(x int64, w float64) T) {
	clear(out)
	rise := len(samples)
	if v.parts > 0 {
		rise = len(samples) / 2
		fall := window[len(window)-rise:]
		for i, x := range samples[rise : 2*rise] {
			out[rise+i] = product(x, fall[i])
		}
	}
	for i, x := range samples[:rise] {
		out[i] = product(x, window[i])
	}
}

const (
	lagsAtOnce = 7 // as many sums as the registers of a processor hold
	padding    = maxOrder + lagsAtOnce
)

// correlate sets r to the autocorrelation of x, which ends in padding zeros, up
// to the given lag. Every sum runs from the first sample to the last, but for
// the last tail-1 samples, which come in the opposite order.
func correlate[T float32 | float64](x []T, lags, tail int, r *autocorrelation) {
	length := len(x) - padding
	body := length
	if tail > 0 {
		body = max(length-tail+1, 0)
	}
	for first := 0; first <= lags; first += lagsAtOnce {
		sums := correlateLags(x[first:], x[:body])
		for i := length - 1; i >= body; i-- {
			for lag := range sums {
				sums[lag] += T(x[i] * x[i+first+lag])
			}
		}
		for lag, sum := range sums {
			r[first+lag] = float64(sum)
		}
	}
}

// tailLength returns how many samples at the end libFLAC 1.3 takes together, in
// the routines that it has for up to 16 lags.
func tailLength(lags int) int {
	const atOnce, most = 4, 16
	if n := (lags/atOnce + 1) * atOnce; n <= most {
		return n
	}
	return 0
}

// correlateLags adds up the products of x with lagged, which goes on for at
// least lagsAtOnce-1 values more, at lags 0 to lagsAtOnce-1.
func correlateLags[T float32 | float64](lagged, x []T) [lagsAtOnce]T {
	var r0, r1, r2, r3, r4, r5, r6 T
	for i, d := range x {
		h := (*[lagsAtOnce]T)(lagged[i:])
		r0 += T(d * h[0])
		r1 += T(d * h[1])
		r2 += T(d * h[2])
		r3 += T(d * h[3])
		r4 += T(d * h[4])
		r5 += T(d * h[5])
		r6 += T(d * h[6])
	}
	return [...]T{r0, r1, r2, r3, r4, r5, r6}
}

// A solution has the linear predictors of all orders for an autocorrelation.
type solution struct {
	coefficients [maxOrder][maxOrder]float64 // [order-1][lag-1]
	errors       [maxOrder]float64           // [order-1]: energy of the residual
	orders       int                         // number of orders that could be solved
}

// solve solves the normal equations for orders 1 to the given one by the
// Levinson-Durbin recursion. (J. Makhoul, "Linear prediction: a tutorial
// review", Proc. IEEE 63(4), 1975.)
func (s *solution) solve(r *autocorrelation, orders int) {
	s.orders = 0
	energy := r[0]
	if energy == 0 {
		return
	}
	var c [maxOrder]float64
	for i := range orders {
		reflection := -r[i+1]
		for j := range i {
			reflection -= float64(c[j] * r[i-j])
		}
		reflection /= energy
		c[i] = reflection
		for j := range i / 2 {
			low, high := c[j], c[i-1-j]
			c[j] = low + float64(reflection*high)
			c[i-1-j] = high + float64(reflection*low)
		}
		if i%2 == 1 {
			c[i/2] += float64(c[i/2] * reflection)
		}
		energy *= 1 - float64(reflection*reflection)
		for j := range i + 1 {
			s.coefficients[i][j] = -c[j]
		}
		s.errors[i] = energy
		s.orders = i + 1
		if energy == 0 {
			return
		}
	}
}

// bestOrder returns the order with the fewest expected bits for length samples
// when each order costs overhead bits; 0 if there is none. A Laplacian residual
// of the given energy is expected to need 1/2 log2(energy/2/length) bits a
// sample, as libFLAC has it.
func (s *solution) bestOrder(length, overhead, largest int) int {
	best, least := 0, math.MaxFloat64
	scale := 0.5 / float64(length)
	for i, energy := range s.errors[:min(s.orders, largest)] {
		order := i + 1
		expected := 0.0
		switch {
		case energy > 0 && energy <= math.MaxFloat64:
			expected = max(0, 0.5*strict.Log2(scale*energy))
		case energy != 0:
			continue
		}
		total := float64(expected*float64(length-order)) + float64(order*overhead)
		if total < least {
			best, least = order, total
		}
	}
	return best
}

// quantiser rounds the coefficients of a predictor one after the other to
// integers, carrying each rounding error into the next.
type quantiser struct {
	coefficients []float64 // none if nothing is known of them
	scale        float64
	limit        int64
	carry        float64
}

// next returns the integer for coefficient j. done must follow with the one
// that the encoder took.
func (q *quantiser) next(j int) int64 {
	if j >= len(q.coefficients) {
		return 0
	}
	q.carry += float64(q.coefficients[j] * q.scale)
	rounded := math.Round(q.carry)
	if !(rounded >= float64(-q.limit)) { // not a number, too
		return -q.limit
	}
	return int64(min(rounded, float64(q.limit-1)))
}

func (q *quantiser) done(taken int64) { q.carry -= float64(taken) }

// predictor returns the coefficients of the given order under view v as their
// encoder would round them to a precision: with the shift that it would choose.
func (a *analysis) predictor(v, order, precision int, out *[maxOrder]float64) (coefficients []float64, shift int) {
	s := a.solution(v)
	if s.orders < order {
		return nil, 0
	}
	largest := 0.0
	for j, c := range s.coefficients[order-1][:order] {
		if !views[v].window.exact() {
			c = float64(float32(c))
		}
		out[j] = c
		largest = max(largest, math.Abs(c))
	}
	if !(largest > 0 && largest <= math.MaxFloat64) {
		return nil, 0
	}
	_, exponent := math.Frexp(largest)
	return out[:order], min(max(precision-1-exponent, 0), maxShift)
}
