package predictor

import (
	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/simd"
)

// Tone is a linear predictor of a high order, for tones that go on: strings, bells, organs, synthesizers. It is found anew every
// few samples from the autocorrelation of what was heard lately, seen through a window that fades in where it is newest, and out
// again. (Backward adaptation: Chen and others, A low-delay CELP coder, IEEE Journal on Selected Areas in Communications 10, 1992;
// the window: Barnwell, Recursive windowing for generating autocorrelation coefficients for LPC analysis, IEEE Transactions on
// Acoustics, Speech and Signal Processing 29, 1981.)
type Tone struct {
	Order int     `json:"order"` // samples that it looks at
	Every int     `json:"every"` // samples between two solutions
	Ridge float64 `json:"ridge"` // what is added to the power of the samples, as a share of it
	// Longer is how many times the window is twice as long as the channel says: see Window.
	Longer int `json:"longer,omitempty"`
}

// Window says how much of the past the tones of a channel are found from: the weight of a sample, that k samples ago, is k*(1-1/n)^k
// with n = 512*2^Window. 0 says that a channel has none.
type Window uint8

// MaxWindow is the longest Window.
const MaxWindow = 6

// length is n for the window of a tone.
func (w Window) length(longer int) float64 { return float64(uint64(512) << (int(w) + longer)) }

const (
	maxTones      = 4
	maxToneOrder  = 4096
	maxLonger     = 4
	minToneRidge  = 1e-12
	toneLanes     = 32  // in which sums over its samples run
	firstSolution = 256 // samples until the first solution; further ones are found whenever there are twice as many, up to Every
)

// toneFilter is a Tone at work. All arrays over lags or samples are a multiple of toneLanes long, with zeros behind.
type toneFilter struct {
	Tone
	history regressors
	toneSolver
	count int // samples heard
	found int // of them, when weights were found; 0 if they were not yet
	taken int // of them in the moments

	shrink  []float64    // (1-1/n)^lag
	ages    [3][]float64 // for a sample heard k samples ago, at k-1: k^j*(1-1/n)^(2k), for j = 0, 1, 2
	moments [3][]float64 // sums over all samples of that times the sample and the one that lies so many samples before it
	scaled  []float64    // room for three factors for each of some new samples
}

func newToneFilter(t Tone, w Window) *toneFilter {
	length := simd.RoundUp(t.Order+1, toneLanes)
	block := min(t.Every, firstSolution)
	f := cacheline.New[toneFilter]()
	*f = toneFilter{
		Tone:       t,
		history:    newRegressors(length + block),
		toneSolver: newToneSolver(t.Order),
		shrink:     make([]float64, length),
		scaled:     make([]float64, 3*block),
	}
	fade := 1 - 1/w.length(t.Longer)
	for i, x := 0, 1.0; i < length; i++ {
		f.shrink[i] = x
		x *= fade
	}
	for j := range f.moments {
		f.moments[j] = make([]float64, length)
		f.ages[j] = make([]float64, block)
	}
	for i, x := 0, 1.0; i < block; i++ {
		x *= float64(fade * fade)
		age := float64(i + 1)
		f.ages[0][i], f.ages[1][i], f.ages[2][i] = x, age*x, float64(age*age)*x
	}
	return f
}

// Predict returns the prediction of the next sample; ok is false before there is one.
func (f *toneFilter) Predict() (prediction float64, ok bool) {
	if f.found == 0 {
		return 0, false
	}
	return dotTone(f.weights, f.history.newest(f.history.length)), true
}

// Learn tells the next sample.
func (f *toneFilter) Learn(sample float64) {
	f.history.push(sample)
	f.count++
	if f.count-f.taken == len(f.ages[0]) {
		f.take()
	}
	if f.count == f.taken && f.count-f.found >= min(f.Every, max(firstSolution, f.found)) {
		f.found = f.count
		f.solve()
	}
}

// take takes the samples since it did so last, at most a block, into the moments: those of what was heard before age, then come the
// new ones.
func (f *toneFilter) take() {
	block := f.count - f.taken
	if block == 0 {
		return
	}
	f.taken = f.count
	aged, fade := float64(block), f.ages[0][block-1]
	twice, square := 2*aged, aged*aged
	r0, r1, r2 := f.moments[0], f.moments[1], f.moments[2]
	for k, old := range r0 {
		before := r1[k]
		r2[k] = float64(fade * (r2[k] + (float64(twice*before) + float64(square*old))))
		r1[k] = float64(fade * (before + float64(aged*old)))
		r0[k] = float64(fade * old)
	}
	newest := f.history.newest(f.history.length)
	for i, x := range newest[:block] {
		for j, age := range f.ages {
			f.scaled[3*i+j] = float64(age[i] * x)
		}
	}
	correlate(&f.moments, f.scaled[:3*block], newest)
}

// solve finds the weights from the moments.
func (f *toneFilter) solve() {
	for k := range f.Order + 1 {
		f.reversed[f.Order-k] = float64(f.shrink[k] * (f.moments[2][k] + float64(float64(k)*f.moments[1][k])))
	}
	if !f.toneSolver.solve(f.Order, f.Ridge) { // what is left of what was heard before it must not grow small without end
		for _, m := range f.moments {
			clear(m)
		}
	}
}

// correlate adds to moments[j][k], for each sample x[i] in turn, scaled[3*i+j]*x[i+k]. moments are equally long, a multiple of
// toneLanes; x is longer by the number of samples.
func correlate(moments *[3][]float64, scaled, x []float64) {
	lags, samples := len(moments[0]), len(scaled)/3
	if len(moments[1]) != lags || len(moments[2]) != lags || lags%toneLanes != 0 || len(x) < lags+samples-1 {
		panic("predictor: the sizes of moments do not fit")
	}
	if active.correlate != nil {
		active.correlate(&moments[0][0], &moments[1][0], &moments[2][0], &scaled[0], &x[0], lags, samples)
		return
	}
	for j, r := range moments {
		correlateOne(r, scaled[j:], x, samples)
	}
}

// correlateOne is correlate for one of the moments, whose factors are three apart. It takes four samples at a time, so that it passes
// through the moments less often.
func correlateOne(r, scaled, x []float64, samples int) {
	i := 0
	for ; i+4 <= samples; i += 4 {
		a, b, c, d := scaled[3*i], scaled[3*i+3], scaled[3*i+6], scaled[3*i+9]
		past := x[i:][:len(r)+3]
		u, v, w := past[0], past[1], past[2]
		for k, y := range past[3:] {
			sum := r[k] + float64(a*u)
			sum += float64(b * v)
			sum += float64(c * w)
			r[k] = sum + float64(d*y)
			u, v, w = v, w, y
		}
	}
	for ; i < samples; i++ {
		for k, y := range x[i:][:len(r)] {
			r[k] += float64(scaled[3*i] * y)
		}
	}
}
