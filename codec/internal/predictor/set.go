// Package predictor holds the adaptive linear predictors: filters that keep learning the recording at hand. A Set is all the
// predictors of one channel, as a Description says. Decoder and encoder run the same set over the same samples, so its
// arithmetic must give the same bits everywhere: plain IEEE + - * / and sqrt in a fixed order. Each inner loop stands beside the
// mathematics that it speeds up, in Go; in assembly it is generated (codec/internal/simd/asm).
package predictor

import (
	"math"

	"trilobyte/codec/internal/cacheline"
)

// maxOrder is the largest number of samples of one channel that predictors by least squares look at.
const maxOrder = 64

// Set predicts the samples of one channel from its own past and, for one channel of a pair, from the other
// channel. For each frame call Predict, then Learn with the true sample, then Settle; and Observe with the other
// channel's sample as soon as it is known: before Predict for the channel that is coded second, after Learn for the
// first.
type Set struct {
	// Predictions of the next sample, in units of one sample step, set by Predict.
	Predictions []float64

	description *Description
	paired      bool
	own, other  regressors
	groups      []*group
	tones       []*toneFilter
	regressions []regression // of the groups
	filters     *filters     // of the cascades, robust and cross filters, in the order of their predictions; then others
	others      int          // the other channel's parts of the cross filters, for a channel of a pair: how many there are
	powers      normalisers  // of the other channel, in the lanes of the cross filters
	corrections corrections  // what the filters predict
	mixers      *group       // nil if there are none
	mixing      mixing       // the regressors of the mixers
	stacking    *stacking    // of what the mixers differ from the first one; nil if there is none
	updates     updates      // those of the mixers, of the stacking, of the groups
	judged      []int        // the predictions of all these
	due         []*system    // to be solved by Settle
	sources     *sources     // nil if only the newest samples tell
	warm        *warmUp      // nil if nothing is known of the beginning
}

// updates are updates of least squares: errors, their running means, and the weights that follow from them. Each weight is about
// |error|^-0.8, so that loud passages do not drown what quiet ones taught, and in some sets the newest error counts for more
// in it, so that what surprises moves the weights less. (The weighting is that of Sac's OLS stage; Holland and Welsch, Robust
// regression using iteratively reweighted least-squares, 1977.)
type updates struct{ errs, means, weights []float64 }

// newUpdates makes n of them, and, unless they are so few that doing without vectors is quicker, what vectors need besides.
func newUpdates(n int) updates {
	if n > 2 {
		n = (n + 7) &^ 7
	}
	return updates{make([]float64, n), make([]float64, n), make([]float64, n)}
}

// regressors holds the newest samples of a channel, newest first. They move through a longer buffer, from the end to
// the beginning, so that most of the time a sample can be added without moving the others.
type regressors struct {
	buffer []float64
	length int // samples held
	start  int
}

func newRegressors(length int) regressors {
	return regressors{make([]float64, 4*length), length, 3 * length}
}

func (r *regressors) push(x float64) {
	if r.start == 0 {
		r.start = len(r.buffer) - r.length
		copy(r.buffer[r.start+1:], r.buffer[:r.length-1])
	} else {
		r.start--
	}
	r.buffer[r.start] = x
}

func (r *regressors) newest(n int) []float64 { return r.buffer[r.start:][:n] }

// NewSets makes the predictors of a description, which passes its Check, for a channel alone or for a pair, in the order of coding.
// Where relations say so, samples[channel] are read, too, as far as they have been learned.
func NewSets(d *Description, samples [][]int32, r Relations) []*Set {
	sets := make([]*Set, len(samples))
	for i := range sets {
		paired := len(samples) > 1 || len(r.References) > 0
		var window Window
		if r.Windows != nil {
			window = r.Windows[i]
		}
		sets[i] = newSet(d, paired, newSources(samples, i, r), window)
		if r.Starts != nil {
			sets[i].warm = newWarmUp(sets[i], r.Starts[i])
		}
	}
	return sets
}

// newSet makes the predictors of a channel; paired says whether another channel is observed.
func newSet(d *Description, paired bool, r *sources, w Window) *Set {
	s := &Set{
		Predictions: make([]float64, d.Count(), d.Count()+filterLanes), description: d, paired: paired, sources: r,
		own: newRegressors(maxOrder), other: newRegressors(maxOrder),
	}
	at := 0
	s.regressions = cacheline.Make[regression](d.squares())
	for i := range d.LeastSquares {
		l := &d.LeastSquares[i]
		own, other := l.Own, l.Other
		switch {
		case r != nil:
			own, other = r.add(l)
		case !paired:
			own, other = own+other, 0
		}
		s.groups = append(s.groups, newGroup(own, other, s.regressions[at:], s.Predictions[at:], l.Solutions))
		at += len(l.Solutions)
	}
	s.updates = newUpdates(d.updateCount())
	for i := d.FirstMixer(); i < d.Count(); i++ {
		s.judged = append(s.judged, i)
	}
	for i := range d.squares() {
		s.judged = append(s.judged, i)
	}
	if w > 0 {
		for _, t := range d.Tones {
			s.tones = append(s.tones, newToneFilter(t, w))
		}
	}
	s.makeFilters()
	if len(d.Mixers) > 0 {
		mixed := d.mixed()
		s.mixing = newMixing(mixed, d.MixedSamples, d.firstFilter())
		s.mixers = newGroup(len(mixed)+d.MixedSamples, 0, cacheline.Make[regression](len(d.Mixers)), s.Predictions[d.FirstMixer():], d.Mixers)
		s.mixers.expect([]float64{1})
	}
	if d.Stacking != nil {
		s.stacking = cacheline.New[stacking]()
		s.stacking.Memory = *d.Stacking
	}
	return s
}

func (s *Set) makeFilters() {
	d := s.description
	var stages []Stage
	var corrections []correction
	var inputs []int // the prediction whose residual it is, or one number for each that only one filter takes
	alone := d.Count()
	add := func(s Stage, input int, c correction) {
		stages, inputs, corrections = append(stages, s), append(inputs, input), append(corrections, c)
	}
	for _, c := range d.Cascades {
		chain := c.in(len(s.tones) > 0)
		for i, stage := range chain.Stages {
			if i == 0 {
				add(stage, chain.Base, correction{Base: chain.Base, After: none, Other: none})
				continue
			}
			add(stage, alone+len(stages), correction{Base: chain.Base, After: len(stages) - 1, Other: none})
		}
	}
	for _, r := range d.Robust {
		add(r.Stage, r.Base, correction{Base: r.Base, After: none, Other: none, Robust: true})
	}
	first := len(stages)
	for _, c := range d.Cross {
		add(c, alone, correction{Base: none, After: none, Other: none})
	}
	s.powers = newNormalisers(len(stages))
	if s.paired {
		s.others = len(d.Cross)
		for i, c := range d.Cross {
			corrections[first+i].Other = len(stages)
			stages, inputs = append(stages, c), append(inputs, observed)
			s.powers.Set(first+i, c.Taps, c.Mu)
		}
	}
	s.filters = newFilters(stages, inputs)
	s.corrections = newCorrections(corrections, len(stages), d.firstFilter())
}

// room is Predictions with the room behind them that vectors need.
func (s *Set) room() []float64 { return s.Predictions[:cap(s.Predictions)] }

// Predict sets Predictions for the next sample.
func (s *Set) Predict() {
	if s.sources != nil && len(s.sources.references) > 0 {
		s.Observe(s.sources.next())
	}
	s.filters.predict()
	s.regress()
	s.predictTones()
	predictions := s.room()
	s.corrections.Predict(s.filters.outputs, predictions)
	if s.mixers != nil {
		s.mixing.Mix(s.mixers.regressions, predictions, s.own.newest(maxOrder))
	}
	if s.stacking != nil {
		s.stack()
	}
}

// regress sets the predictions of the least squares.
func (s *Set) regress() {
	if s.sources == nil {
		regress(s.regressions, s.own.newest(maxOrder), s.other.newest(maxOrder))
		return
	}
	s.sources.gather(&s.other)
	for i, g := range s.groups {
		regress(g.regressions, s.own.newest(maxOrder), s.sources.list[i].values)
	}
}

// predictTones sets the predictions of the tones.
func (s *Set) predictTones() {
	first := len(s.regressions)
	for i := range s.description.Tones {
		s.Predictions[first+i] = s.Predictions[0]
	}
	for i, t := range s.tones {
		if prediction, ok := t.Predict(); ok {
			s.Predictions[first+i] = prediction
		}
	}
}

// stack sets the prediction of the stacking. Where mixers disagree as they never did, weights that fitted so far may lead far
// away: it is limited to what they say.
func (s *Set) stack() {
	mixed := (*[stacked]float64)(s.mixers.outputs)
	s.stacking.input = [stacked - 1]float64{mixed[1] - mixed[0], mixed[2] - mixed[0]}
	s.stacking.predict()
	least, greatest := min(mixed[0], mixed[1], mixed[2]), max(mixed[0], mixed[1], mixed[2])
	s.Predictions[len(s.Predictions)-1] = max(least, min(greatest, mixed[0]+s.stacking.output))
}

// Learn tells the true value of the sample that Predict predicted. Settle must follow.
func (s *Set) Learn(sample float64) {
	for _, t := range s.tones {
		t.Learn(sample)
	}
	if s.WarmingUp() {
		s.corrections.Learn(sample, s.filters.outputs, s.room(), &s.filters.normalisers, &s.powers)
		clear(s.filters.normalisers.Step)
		s.filters.move()
		s.own.push(sample)
		s.warm.next(s)
		return
	}
	weights := s.weigh(sample)
	if s.mixers != nil {
		s.due = s.mixers.learn(sample, weights, s.due)
		weights = weights[len(s.mixers.outputs):]
	}
	if s.stacking != nil {
		s.stacking.learn(sample-s.mixers.outputs[0], weights[0])
		weights = weights[1:]
	}
	s.corrections.Learn(sample, s.filters.outputs, s.room(), &s.filters.normalisers, &s.powers)
	s.filters.move()
	for _, f := range s.groups {
		s.due = f.learn(sample, weights, s.due)
		weights = weights[len(f.outputs):]
	}
	s.own.push(sample)
}

// weigh returns the weights with which the least squares learn a sample.
func (s *Set) weigh(sample float64) []float64 {
	errs, predictions := s.updates.errs[:len(s.judged)], s.Predictions
	for i, prediction := range s.judged {
		errs[i] = math.Abs(sample - predictions[prediction])
	}
	if s.stacking != nil { // its prediction is what it was limited to
		errs[len(s.mixers.outputs)] = math.Abs(sample - s.mixers.outputs[0] - s.stacking.output)
	}
	weighErrors(s.updates.errs, s.updates.means, s.updates.weights, s.description.Innovation)
	return s.updates.weights
}

// Settle finishes what Learn began: it solves for the weights of the least squares. It must be called between Learn and
// the next Predict of a set, and takes less time for two sets together than for one after the other.
func Settle(sets ...*Set) {
	for _, s := range sets {
		if s.stacking != nil {
			s.stacking.solve()
		}
	}
	all := &sets[0].due
	for _, s := range sets[1:] {
		*all = append(*all, s.due...)
		s.due = s.due[:0]
	}
	solveAll(*all)
	*all = (*all)[:0]
}

// Observe tells the other channel's newest sample.
func (s *Set) Observe(sample float64) {
	s.other.push(sample)
	if s.others == 0 {
		return
	}
	s.powers.Take(float32(sample))
	s.filters.observe(float32(sample))
}
