// Package expert holds the adaptive linear predictors: filters that keep learning the recording at hand. A
// Bank is all the experts of one channel. Decoder and encoder run the same bank over the same samples, so its
// arithmetic must give the same bits everywhere: plain IEEE + - * / and sqrt in a fixed order.
package expert

import (
	"math"

	"trilobyte/codec/cacheline"
	"trilobyte/codec/kernel"
)

// maxOrder is the largest number of samples of one channel that predictors by least squares look at.
const maxOrder = 64

// Bank predicts the samples of one channel from its own past and, for one channel of a pair, from the other
// channel. For each frame call Predict, then Learn with the true sample, then Settle; and Observe with the other
// channel's sample as soon as it is known: before Predict for the channel that is coded second, after Learn for the
// first.
type Bank struct {
	// Predictions of the next sample, in units of one sample step, set by Predict.
	Predictions []float64

	ensemble    *Ensemble
	paired      bool
	own, other  regressors
	families    []*family
	regressions []kernel.Regression // of the families
	filters     *filters            // of the cascades, robust and cross filters, in the order of their predictions; then others
	others      int                 // the other channel's parts of the cross filters, for a channel of a pair: how many there are
	powers      kernel.Normalisers  // of the other channel, in the lanes of the cross filters
	corrections kernel.Corrections  // what the filters predict
	mixers      *family             // nil if there are none
	mixing      kernel.Mixing       // the regressors of the mixers
	blender     *blend              // of what the mixers differ from the first one; nil if there is no blend
	updates     updates             // those of the mixers, of the blend, of the families
	judged      []int               // the predictions of all these
	due         []*kernel.System    // to be solved by Settle
}

// updates are updates of least squares: errors, their running means, and the weights that follow from them. Each weight is about
// |error|^-0.8, so that loud passages do not drown what quiet ones taught, and in some ensembles the newest error counts for more
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
	buffer [4 * maxOrder]float64
	start  int
}

func (r *regressors) push(x float64) {
	if r.start == 0 {
		r.start = len(r.buffer) - maxOrder
		copy(r.buffer[r.start+1:], r.buffer[:maxOrder-1])
	} else {
		r.start--
	}
	r.buffer[r.start] = x
}

func (r *regressors) newest(n int) []float64 { return r.buffer[r.start:][:n] }

// NewBank makes the experts of an ensemble for a channel; paired says whether another channel is observed.
func NewBank(e *Ensemble, paired bool) *Bank {
	b := &Bank{Predictions: make([]float64, e.Count(), e.Count()+kernel.Lanes), ensemble: e, paired: paired}
	at := 0
	b.regressions = cacheline.Make[kernel.Regression](e.firstFilter())
	for _, l := range e.LeastSquares {
		own, other := l.Own, l.Other
		if !paired {
			own, other = own+other, 0
		}
		b.families = append(b.families, newFamily(own, other, b.regressions[at:], b.Predictions[at:], l.Settings, e))
		at += len(l.Settings)
	}
	b.updates = newUpdates(e.updateCount())
	for i := e.FirstMixer(); i < e.Count(); i++ {
		b.judged = append(b.judged, i)
	}
	for i := range e.firstFilter() {
		b.judged = append(b.judged, i)
	}
	b.makeFilters()
	if len(e.Mixers) > 0 {
		mixed := e.mixed()
		b.mixing = kernel.NewMixing(mixed, e.MixedSamples, e.firstFilter())
		b.mixers = newFamily(len(mixed)+e.MixedSamples, 0, cacheline.Make[kernel.Regression](len(e.Mixers)), b.Predictions[e.FirstMixer():], e.Mixers, e)
	}
	if e.Blend != nil {
		b.blender = cacheline.New[blend]()
		b.blender.Setting = *e.Blend
	}
	return b
}

func (b *Bank) makeFilters() {
	e := b.ensemble
	var stages []Stage
	var corrections []kernel.Correction
	var inputs []int // the prediction whose residual it is, or one number for each that only one filter takes
	alone := e.Count()
	add := func(s Stage, input int, c kernel.Correction) {
		stages, inputs, corrections = append(stages, s), append(inputs, input), append(corrections, c)
	}
	for _, c := range e.Cascades {
		for i, s := range c.Stages {
			if i == 0 {
				add(s, c.Base, kernel.Correction{Base: c.Base, After: kernel.None, Other: kernel.None})
				continue
			}
			add(s, alone+len(stages), kernel.Correction{Base: c.Base, After: len(stages) - 1, Other: kernel.None})
		}
	}
	for _, r := range e.Robust {
		add(r.Stage, r.Base, kernel.Correction{Base: r.Base, After: kernel.None, Other: kernel.None, Robust: true})
	}
	first := len(stages)
	for _, c := range e.Cross {
		add(c.Stage, alone, kernel.Correction{Base: kernel.None, After: kernel.None, Other: kernel.None})
	}
	b.powers = kernel.NewNormalisers(len(stages))
	if b.paired {
		b.others = len(e.Cross)
		for i, c := range e.Cross {
			corrections[first+i].Other = len(stages)
			stages, inputs = append(stages, c.Stage), append(inputs, observed)
			b.powers.Set(first+i, c.Taps, c.Step)
		}
	}
	b.filters = newFilters(stages, inputs, e.Blocks)
	b.corrections = kernel.NewCorrections(corrections, len(stages), e.firstFilter())
}

// room is Predictions with the room behind them that vectors need.
func (b *Bank) room() []float64 { return b.Predictions[:cap(b.Predictions)] }

// Predict sets Predictions for the next sample.
func (b *Bank) Predict() {
	b.filters.predict()
	kernel.Regress(b.regressions, b.own.newest(maxOrder), b.other.newest(maxOrder))
	predictions := b.room()
	b.corrections.Predict(b.filters.outputs, predictions)
	if b.mixers != nil {
		b.mixing.Mix(b.mixers.regressions, predictions, b.own.newest(maxOrder))
	}
	if b.blender != nil {
		b.blend()
	}
}

// blend sets the prediction of the blend. Where mixers disagree as they never did, weights that fitted so far may lead far
// away: it is limited to what they say.
func (b *Bank) blend() {
	mixed := (*[blended]float64)(b.mixers.outputs)
	b.blender.input = [blended - 1]float64{mixed[1] - mixed[0], mixed[2] - mixed[0]}
	b.blender.predict()
	least, greatest := min(mixed[0], mixed[1], mixed[2]), max(mixed[0], mixed[1], mixed[2])
	b.Predictions[len(b.Predictions)-1] = max(least, min(greatest, mixed[0]+b.blender.output))
}

// Learn tells the true value of the sample that Predict predicted. Settle must follow.
func (b *Bank) Learn(sample float64) {
	weights := b.weigh(sample)
	if b.mixers != nil {
		b.due = b.mixers.learn(sample, weights, b.due)
		weights = weights[len(b.mixers.outputs):]
	}
	if b.blender != nil {
		b.blender.learn(sample-b.mixers.outputs[0], weights[0])
		weights = weights[1:]
	}
	b.corrections.Learn(sample, b.filters.outputs, b.room(), &b.filters.normalisers, &b.powers)
	b.filters.move()
	for _, f := range b.families {
		b.due = f.learn(sample, weights, b.due)
		weights = weights[len(f.outputs):]
	}
	b.own.push(sample)
}

// weigh returns the weights with which the least squares learn a sample.
func (b *Bank) weigh(sample float64) []float64 {
	errs := b.updates.errs[:len(b.judged)]
	for i, prediction := range b.judged {
		errs[i] = math.Abs(sample - b.Predictions[prediction])
	}
	if b.blender != nil { // its prediction is what it was limited to
		errs[len(b.mixers.outputs)] = math.Abs(sample - b.mixers.outputs[0] - b.blender.output)
	}
	kernel.Weigh(b.updates.errs, b.updates.means, b.updates.weights, b.ensemble.Surprise)
	return b.updates.weights
}

// Settle finishes what Learn began: it solves for the weights of the least squares. It must be called between Learn and
// the next Predict of a bank, and takes less time for two banks together than for one after the other.
func Settle(banks ...*Bank) {
	all := &banks[0].due
	for _, b := range banks[1:] {
		*all = append(*all, b.due...)
		b.due = b.due[:0]
	}
	kernel.SolveAll(*all)
	*all = (*all)[:0]
}

// Observe tells the other channel's newest sample.
func (b *Bank) Observe(sample float64) {
	b.other.push(sample)
	if b.others == 0 {
		return
	}
	b.powers.Take(float32(sample))
	b.filters.observe(float32(sample))
}
