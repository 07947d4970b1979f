package predictor

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Description says which predictors a channel has and how they learn. It is part of the description of a preset, in the names of its
// JSON text. Predictions are numbered in the order of the fields: those of the least squares, of the tones, of the cascades, of the
// robust filters, of the cross filters, of the mixers, of the stacking.
type Description struct {
	LeastSquares []LeastSquares `json:"least_squares"`
	// Tones are for channels that say so. In others, and before there are weights, their predictions are the first least squares'.
	Tones    []Tone    `json:"tones,omitempty"`
	Cascades []Cascade `json:"cascades,omitempty"`
	Robust   []Robust  `json:"robust,omitempty"`
	// Cross filters run over so many samples of the channel and, for a channel of a pair, as many of the other.
	Cross []Stage `json:"cross,omitempty"`
	// Mixers are least squares over the predictions of all others but those in Unmixed, which ascend.
	Mixers  []Solution `json:"mixers,omitempty"`
	Unmixed []int      `json:"unmixed,omitempty"`
	// MixedSamples is how many of the newest samples of the channel enter the mixers beside the predictions.
	MixedSamples int `json:"mixed_samples,omitempty"`
	// Stacking, if there is one, is a least squares over the predictions of the mixers, which are three: how far to go from the
	// first one's towards the others'. It stays between them, and is solved at every sample. (Wolpert, Stacked
	// generalization, Neural Networks 5, 1992.)
	Stacking *Memory `json:"stacking,omitempty"`
	// Innovation is the share, 0 to below 1, of the newest error in the error size that weighs an update of a least squares;
	// the rest is the running mean.
	Innovation float64 `json:"innovation"`
}

// LeastSquares is a group of predictors by least squares over the same regressors: the newest samples of the channel and, for
// a channel of a pair, of the other.
type LeastSquares struct {
	Own       int        `json:"own"` // regressors from each channel; a channel alone takes all from itself
	Other     int        `json:"other,omitempty"`
	Solutions []Solution `json:"solutions"`
	// Repeating is what there is in the place of Own and Other where the recording repeats itself; nil if that makes no difference.
	Repeating *Repeating `json:"repeating,omitempty"`
}

// Memory says how long a least squares remembers, and how careful it is.
type Memory struct {
	Forget float64 `json:"forget"` // factor of the statistics from sample to sample
	Ridge  float64 `json:"ridge"`  // what is added to the diagonal, in squared sample steps
}

// Solution is what distinguishes predictors by least squares over the same regressors. The weights are refreshed every First samples
// at the beginning, later less often, at last every Last samples. Both are powers of two.
type Solution struct {
	Memory
	First int `json:"first"`
	Last  int `json:"last"`
}

// Cascade is a predictor and NLMS filters after it, each of which predicts what the one before left over. After each filter there
// is a prediction.
type Cascade struct {
	Chain
	// Tonal, of as many stages, is what there is in its place where there are tones; nil if that makes no difference.
	Tonal *Chain `json:"tonal,omitempty"`
}

// Chain is what a cascade consists of.
type Chain struct {
	Base   int     `json:"base"` // the prediction that it starts from: one of a least squares, or, where there are tones, of a Tone
	Stages []Stage `json:"stages"`
}

// in returns the chain of a cascade where there are tones, or where there are none.
func (c *Cascade) in(tones bool) Chain {
	if tones && c.Tonal != nil {
		return *c.Tonal
	}
	return c.Chain
}

// Stage is one NLMS filter.
type Stage struct {
	Taps     int     `json:"taps"`
	Mu       float32 `json:"mu"`                 // step size
	Decaying bool    `json:"decaying,omitempty"` // whether recent lags learn faster: see filters
}

// Robust is an NLMS filter after a predictor by least squares that learns from clipped errors.
type Robust struct {
	Base int `json:"base"`
	Stage
}

// stacked is the number of mixers that a stacking takes.
const stacked = 3

// Count is the number of predictions.
func (d *Description) Count() int {
	n := d.FirstMixer() + len(d.Mixers)
	if d.Stacking != nil {
		n++
	}
	return n
}

// mixed returns the numbers of the predictions that enter the mixers.
func (d *Description) mixed() []int {
	var list []int
	for i := range d.FirstMixer() {
		if !slices.Contains(d.Unmixed, i) {
			list = append(list, i)
		}
	}
	return list
}

// updateCount is the number of least squares, each of which takes an update for each sample.
func (d *Description) updateCount() int {
	n := d.squares() + len(d.Mixers)
	if d.Stacking != nil {
		n++
	}
	return n
}

// FirstMixer is the number of the first mixer's prediction.
func (d *Description) FirstMixer() int {
	n := d.firstFilter() + len(d.Robust) + len(d.Cross)
	for _, c := range d.Cascades {
		n += len(c.Stages)
	}
	return n
}

// firstFilter is the number of the first filter's prediction: those before are the least squares' and the tones'.
func (d *Description) firstFilter() int { return d.squares() + len(d.Tones) }

// squares is the number of least squares. Theirs are the first predictions.
func (d *Description) squares() int {
	n := 0
	for _, l := range d.LeastSquares {
		n += len(l.Solutions)
	}
	return n
}

// The limits of a description.
const (
	maxSolutions = 16   // least squares
	maxFilters   = 64   // the other channel's parts of cross filters counted too
	maxMixers    = 8    //
	maxInterval  = 4096 // samples between two solves
	maxRidge     = 1e12
)

// Check returns what is impossible about a description, whatever it is: predictors that it lets pass work, in bounded memory.
func (d *Description) Check() error {
	if n := d.squares(); n < 1 || n > maxSolutions {
		return fmt.Errorf("%d least squares, not 1 to %d", n, maxSolutions)
	}
	for _, l := range d.LeastSquares {
		if l.Own < 1 || l.Other < 0 || l.Own > maxUnknowns || l.Other > maxUnknowns || l.Own+l.Other > maxUnknowns {
			return fmt.Errorf("a least squares of %d and %d regressors, not 1 to %d", l.Own, l.Other, maxUnknowns)
		}
		if len(l.Solutions) == 0 {
			return errors.New("a group of least squares without solutions")
		}
		if l.Repeating != nil {
			if err := l.Repeating.check(); err != nil {
				return err
			}
		}
		if err := checkSolutions(l.Solutions); err != nil {
			return err
		}
	}
	if err := d.checkTones(); err != nil {
		return err
	}
	if err := d.checkFilters(); err != nil {
		return err
	}
	if !(d.Innovation >= 0 && d.Innovation < 1) || math.Signbit(d.Innovation) {
		return fmt.Errorf("a share of innovation of %g, not 0 to below 1", d.Innovation)
	}
	return d.checkMixers()
}

func checkSolutions(list []Solution) error {
	for _, s := range list {
		if err := s.Memory.check(); err != nil {
			return err
		}
		if s.First < 1 || s.First > s.Last || s.Last > maxInterval || s.First&(s.First-1) != 0 || s.Last&(s.Last-1) != 0 {
			return fmt.Errorf("solutions every %d to %d samples, not powers of two up to %d", s.First, s.Last, maxInterval)
		}
	}
	return nil
}

func (m Memory) check() error {
	if !(m.Forget > 0 && m.Forget < 1) || !(m.Ridge > 0 && m.Ridge <= maxRidge) {
		return fmt.Errorf("a least squares that forgets by %g, with a ridge of %g", m.Forget, m.Ridge)
	}
	return nil
}

func (d *Description) checkTones() error {
	if len(d.Tones) > maxTones {
		return fmt.Errorf("%d predictors of tones, not at most %d", len(d.Tones), maxTones)
	}
	for _, t := range d.Tones {
		if t.Order < 1 || t.Order > maxToneOrder || t.Every < 1 || t.Every > maxInterval || t.Every&(t.Every-1) != 0 ||
			!(t.Ridge >= minToneRidge && t.Ridge <= 1) || t.Longer < 0 || t.Longer > maxLonger {
			return fmt.Errorf("a predictor of tones from %d samples, found every %d samples with a ridge of %g", t.Order, t.Every, t.Ridge)
		}
	}
	return nil
}

// checkFilters checks the filters where there are tones, and where there are none.
func (d *Description) checkFilters() error {
	for _, c := range d.Cascades {
		if c.Tonal != nil && (len(d.Tones) == 0 || len(c.Tonal.Stages) != len(c.Stages)) {
			return fmt.Errorf("a cascade of %d filters in the place of one of %d where there are tones", len(c.Tonal.Stages), len(c.Stages))
		}
	}
	return errors.Join(d.checkFiltersIn(false), d.checkFiltersIn(true))
}

func (d *Description) checkFiltersIn(tones bool) error {
	bases := d.squares()
	if tones {
		bases = d.firstFilter()
	}
	var stages []Stage
	for i := range d.Cascades {
		c := d.Cascades[i].in(tones)
		if len(c.Stages) == 0 {
			return errors.New("a cascade without filters")
		}
		if c.Base < 0 || c.Base >= bases {
			return fmt.Errorf("a cascade after prediction %d, which is not one of a least squares or of tones", c.Base)
		}
		stages = append(stages, c.Stages...)
	}
	for _, r := range d.Robust {
		if r.Base < 0 || r.Base >= d.squares() {
			return fmt.Errorf("a filter after prediction %d, which is not one of a least squares", r.Base)
		}
		stages = append(stages, r.Stage)
	}
	stages = append(stages, d.Cross...)
	if n := len(stages) + len(d.Cross); n > maxFilters {
		return fmt.Errorf("%d filters, not at most %d", n, maxFilters)
	}
	for _, s := range stages {
		if s.Taps < 16 || s.Taps%16 != 0 || s.Taps > maxTaps || !(s.Mu > 0 && s.Mu <= 1) {
			return fmt.Errorf("a filter of %d taps that learns with a step size of %g", s.Taps, s.Mu)
		}
	}
	return nil
}

func (d *Description) checkMixers() error {
	if len(d.Mixers) > maxMixers {
		return fmt.Errorf("%d mixers, not at most %d", len(d.Mixers), maxMixers)
	}
	if len(d.Mixers) == 0 && (len(d.Unmixed) > 0 || d.MixedSamples != 0) {
		return errors.New("something to mix without mixers")
	}
	last := -1
	for _, p := range d.Unmixed {
		if p <= last || p >= d.FirstMixer() {
			return fmt.Errorf("a prediction %d that is not mixed", p)
		}
		last = p
	}
	if d.MixedSamples < 0 || d.MixedSamples > maxUnknowns || len(d.Mixers) > 0 && len(d.mixed()) == 0 || len(d.mixed())+d.MixedSamples > maxUnknowns {
		return fmt.Errorf("%d predictions and %d samples to mix, not 1 to %d in all", len(d.mixed()), d.MixedSamples, maxUnknowns)
	}
	if err := checkSolutions(d.Mixers); err != nil {
		return err
	}
	if d.Stacking == nil {
		return nil
	}
	if len(d.Mixers) != stacked {
		return fmt.Errorf("a stacking of %d mixers, not of %d", len(d.Mixers), stacked)
	}
	return d.Stacking.check()
}

func taps(stages []Stage) (n int) {
	for _, s := range stages {
		n += s.Taps
	}
	return n
}

// MultiplyAdds is about how many multiplications with an addition the predictors of a channel of a pair take for a sample, in the
// long run.
func (d *Description) MultiplyAdds() int {
	n := 0
	squares := func(order int, solutions []Solution) {
		for _, s := range solutions {
			n += order + order*order/2 + order*order*order/6/s.Last
		}
	}
	filter := func(s Stage) { n += 3 * s.Taps } // two updates for two predictions and the sums between them
	for _, l := range d.LeastSquares {
		order := l.Own + l.Other
		if l.Repeating != nil {
			order = max(order, l.Repeating.all())
		}
		squares(order, l.Solutions)
	}
	plain, tonal := 0, 0
	for i := range d.Cascades {
		plain += taps(d.Cascades[i].in(false).Stages)
		tonal += taps(d.Cascades[i].in(true).Stages)
	}
	n += 3 * max(plain, tonal)
	for _, r := range d.Robust {
		filter(r.Stage)
	}
	for _, s := range d.Cross {
		filter(s)
		filter(s)
	}
	for _, t := range d.Tones {
		n += 4*t.Order + 3*t.Order*t.Order/2/t.Every
	}
	squares(len(d.mixed())+d.MixedSamples, d.Mixers)
	return n
}
