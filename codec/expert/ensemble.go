package expert

// Ensemble says which experts a bank has and how they learn. Predictions are numbered in the order of the fields: those
// of the least squares, of the cascades, of the robust filters, of the cross filters, of the mixers.
type Ensemble struct {
	LeastSquares []LeastSquares
	Cascades     []Cascade
	Robust       []Robust
	Cross        []Cross
	// Mixers are least squares over the predictions of all others.
	Mixers []Setting
	// MixedSamples is how many of the newest samples of the channel enter the mixers beside the predictions.
	MixedSamples int
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

// Count is the number of predictions.
func (e *Ensemble) Count() int { return e.FirstMixer() + len(e.Mixers) }

// FirstMixer is the number of the first mixer's prediction.
func (e *Ensemble) FirstMixer() int {
	n := len(e.Robust) + len(e.Cross)
	for _, l := range e.LeastSquares {
		n += len(l.Settings)
	}
	for _, c := range e.Cascades {
		n += len(c.Stages)
	}
	return n
}

func always(interval int, forget, ridge float64) Setting {
	return Setting{forget, ridge, interval, interval}
}

func decaying(taps int, step float32) Stage { return Stage{taps, step, true} }

func flat(taps int, step float32) Stage { return Stage{taps, step, false} }

// First is the ensemble of feature version 1.
var First = Ensemble{
	LeastSquares: []LeastSquares{
		{16, 16, []Setting{always(8, 0.998, 3000), always(8, 0.9995, 10000), always(8, 0.9998, 10000)}},
		{8, 8, []Setting{always(8, 0.98, 1000)}},
	},
	Cascades: []Cascade{
		{0, []Stage{decaying(1024, 0.05), decaying(256, 0.06), decaying(32, 0.03), decaying(16, 0.03)}},
		{1, []Stage{flat(2048, 0.002), flat(256, 0.002), flat(32, 0.002), flat(16, 0.002)}},
	},
	Robust: []Robust{{0, decaying(32, 0.05)}},
	Cross:  []Cross{{decaying(32, 0.02)}},
	Mixers: []Setting{always(2, 0.9995, 5), always(2, 0.998, 5), always(2, 0.95, 5)},
}
