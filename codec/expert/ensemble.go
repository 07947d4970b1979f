package expert

import "slices"

// Ensemble says which experts a bank has and how they learn. Predictions are numbered in the order of the fields: those
// of the least squares, of the cascades, of the robust filters, of the cross filters, of the mixers, of the blend.
type Ensemble struct {
	LeastSquares []LeastSquares
	Cascades     []Cascade
	Robust       []Robust
	Cross        []Cross
	// Mixers are least squares over the predictions of all others but those in Unmixed.
	Mixers  []Setting
	Unmixed []int
	// MixedSamples is how many of the newest samples of the channel enter the mixers beside the predictions.
	MixedSamples int
	// Blend, if there is one, is a least squares over the predictions of the mixers, which are three: how far to go from the
	// first one's towards the others'. It stays between them, and is solved at every sample. (Wolpert, Stacked
	// generalization, Neural Networks 5, 1992.)
	Blend *Setting
	// Surprise is the share, 0 to below 1, of the newest error in the error size that weighs an update of a least squares;
	// the rest is the running mean.
	Surprise float64
	// Blocks says that filters look at their weights at every second sample only, that the statistics of least squares, but for
	// the blend's, take in four samples at once, and that the least squares are solved after a number of samples that is a multiple
	// of the interval, a power of two. So most samples are spared what is slow.
	Blocks bool
}

// LeastSquares is some predictors by least squares over the same regressors: the newest samples of the channel and, for
// a channel of a pair, of the other.
type LeastSquares struct {
	Own, Other int // regressors from each channel; a channel alone takes all from itself
	Settings   []Setting
}

// Setting is what distinguishes predictors by least squares over the same regressors.
type Setting struct {
	Forget float64 // factor of the statistics from sample to sample
	Ridge  float64 // what is added to the diagonal, in squared sample steps
	// The weights are refreshed every First samples at the beginning, later less often, at last every Last samples.
	First, Last int
}

// Cascade is a predictor by least squares and NLMS filters after it, each of which predicts what the one before left
// over. After each filter there is a prediction.
type Cascade struct {
	Base   int // the prediction that it starts from
	Stages []Stage
}

// Stage is one filter of a cascade.
type Stage struct {
	Taps     int
	Step     float32
	Decaying bool // whether recent lags learn faster: see nlms
}

// Robust is an NLMS filter after a predictor by least squares that learns from clipped errors.
type Robust struct {
	Base int
	Stage
}

// Cross is an NLMS filter over so many samples of the channel and, for a channel of a pair, as many of the other.
type Cross struct{ Stage }

// blended is the number of mixers that a blend takes.
const blended = 3

// Count is the number of predictions.
func (e *Ensemble) Count() int {
	n := e.FirstMixer() + len(e.Mixers)
	if e.Blend != nil {
		n++
	}
	return n
}

// mixed returns the numbers of the predictions that enter the mixers.
func (e *Ensemble) mixed() []int {
	var list []int
	for i := range e.FirstMixer() {
		if !slices.Contains(e.Unmixed, i) {
			list = append(list, i)
		}
	}
	return list
}

// updateCount is the number of least squares, each of which takes an update for each sample.
func (e *Ensemble) updateCount() int {
	n := e.firstFilter() + len(e.Mixers)
	if e.Blend != nil {
		n++
	}
	return n
}

// FirstMixer is the number of the first mixer's prediction.
func (e *Ensemble) FirstMixer() int {
	n := e.firstFilter() + len(e.Robust) + len(e.Cross)
	for _, c := range e.Cascades {
		n += len(c.Stages)
	}
	return n
}

// firstFilter is the number of the first filter's prediction: those before are the least squares'.
func (e *Ensemble) firstFilter() int {
	n := 0
	for _, l := range e.LeastSquares {
		n += len(l.Settings)
	}
	return n
}
