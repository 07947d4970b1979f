// Package expert holds the adaptive linear predictors: filters that keep learning the recording at hand. A
// Bank is all the experts of one channel. Decoder and encoder run the same bank over the same samples, so its
// arithmetic must give the same bits everywhere: plain IEEE + - * / and sqrt in a fixed order.
package expert

import "trilobyte/codec/kernel"

// robustShare is the share with which an error enters the mean that errors of a robust filter are clipped to.
const robustShare = 0.01

// maxOrder is the largest number of samples of one channel that predictors by least squares look at.
const maxOrder = 64

// Bank predicts the samples of one channel from its own past and, for one channel of a pair, from the other
// channel. For each frame call Predict, then Learn with the true sample, then Settle; and Observe with the other
// channel's sample as soon as it is known: before Predict for the channel that is coded second, after Learn for the
// first.
type Bank struct {
	// Predictions of the next sample, in units of one sample step, set by Predict.
	Predictions []float64

	ensemble   *Ensemble
	paired     bool
	own, other regressors
	families   []*family
	filters    []kernel.Filter
	cascades   [][]*nlms
	robust     []robust
	cross      []cross
	mixers     *family
	due        []*kernel.System // to be solved by Settle
}

// robust is a filter that learns from clipped errors.
type robust struct {
	*nlms
	size float32 // running mean absolute error
}

// cross is one filter over two channels; other is nil for a channel alone.
type cross struct{ own, other *nlms }

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
	b := &Bank{Predictions: make([]float64, e.Count()), ensemble: e, paired: paired}
	at := 0
	for _, l := range e.LeastSquares {
		b.families = append(b.families, newFamily(l.Own+l.Other, b.Predictions[at:], l.Settings))
		at += len(l.Settings)
	}
	b.makeFilters()
	first := e.FirstMixer()
	b.mixers = newFamily(first+e.MixedSamples, b.Predictions[first:], e.Mixers)
	return b
}

func (b *Bank) makeFilters() {
	count := len(b.ensemble.Robust) + 2*len(b.ensemble.Cross)
	for _, c := range b.ensemble.Cascades {
		count += len(c.Stages)
	}
	b.filters = make([]kernel.Filter, 0, count)
	for _, c := range b.ensemble.Cascades {
		var filters []*nlms
		for _, s := range c.Stages {
			filters = append(filters, b.newFilter(s))
		}
		b.cascades = append(b.cascades, filters)
	}
	for _, r := range b.ensemble.Robust {
		b.robust = append(b.robust, robust{nlms: b.newFilter(r.Stage)})
	}
	for _, c := range b.ensemble.Cross {
		filters := cross{own: b.newFilter(c.Stage)}
		if b.paired {
			filters.other = b.newFilter(c.Stage)
		}
		b.cross = append(b.cross, filters)
	}
}

// newFilter makes a filter whose step kernel.UpdateFilters does together with the others.
func (b *Bank) newFilter(s Stage) *nlms {
	b.filters = b.filters[:len(b.filters)+1] // never moves: the filters point into it
	return newNLMS(&b.filters[len(b.filters)-1], s.Taps, s.Step, s.Decaying)
}

// Predict sets Predictions for the next sample.
func (b *Bank) Predict() {
	p, at := b.Predictions, 0
	for i, f := range b.families {
		b.fillRegressors(f.regressors(), &b.ensemble.LeastSquares[i])
		f.predict()
		at += len(f.outputs)
	}
	kernel.UpdateFilters(b.filters)
	for i, c := range b.cascades {
		sum := p[b.ensemble.Cascades[i].Base]
		for _, f := range c {
			sum += float64(f.output())
			p[at] = sum
			at++
		}
	}
	for i, r := range b.robust {
		p[at] = p[b.ensemble.Robust[i].Base] + float64(r.output())
		at++
	}
	for _, c := range b.cross {
		p[at] = float64(c.own.output())
		if c.other != nil {
			p[at] += float64(c.other.output())
		}
		at++
	}
	b.mix(p[:at])
}

// mix sets the predictions of the mixers. They weigh differences from the first expert, which enters whole: their
// weights then start from a sensible opinion and the problem is well conditioned.
func (b *Bank) mix(p []float64) {
	input := b.mixers.regressors()
	input[0] = p[0]
	for j := 1; j < len(p); j++ {
		input[j] = p[j] - p[0]
	}
	copy(input[len(p):], b.own.newest(b.ensemble.MixedSamples))
	b.mixers.predict()
}

// fillRegressors puts the newest samples into the inputs of a family.
func (b *Bank) fillRegressors(to []float64, l *LeastSquares) {
	if !b.paired {
		copy(to, b.own.newest(len(to)))
		return
	}
	copy(to[:l.Own], b.own.newest(l.Own))
	copy(to[l.Own:], b.other.newest(l.Other))
}

// Learn tells the true value of the sample that Predict predicted. Settle must follow.
func (b *Bank) Learn(sample float64) {
	b.due = b.mixers.learn(sample, b.due)
	for i, c := range b.cascades {
		learnCascade(c, float32(sample-b.Predictions[b.ensemble.Cascades[i].Base]))
	}
	for i := range b.robust {
		b.robust[i].learn(float32(sample - b.Predictions[b.ensemble.Robust[i].Base]))
	}
	for _, f := range b.families {
		b.due = f.learn(sample, b.due)
	}
	at := b.ensemble.FirstMixer() - len(b.cross)
	for i, c := range b.cross {
		c.learn(sample, float32(sample-b.Predictions[at+i]))
	}
	b.own.push(sample)
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

// learnCascade gives each stage the residual that the stages before it left, as its target and next input.
func learnCascade(stages []*nlms, residual float32) {
	for _, f := range stages {
		left := residual - f.output()
		f.update(left, residual)
		residual = left
	}
}

// learn clips the error at its running mean size, so that a burst does not throw the filter off.
func (r *robust) learn(residual float32) {
	err := residual - r.output()
	size := max(err, -err)
	r.size = float32(r.size*(1-robustShare)) + float32(size*robustShare)
	r.update(max(-r.size, min(r.size, err)), residual)
}

func (c *cross) learn(sample float64, err float32) {
	power := c.own.power
	if c.other != nil {
		power += c.other.power
		c.other.filter.Step = c.own.mu * err / power
	}
	c.own.filter.Step = c.own.mu * err / power
	c.own.observe(float32(sample))
}

// Observe tells the other channel's newest sample.
func (b *Bank) Observe(sample float64) {
	b.other.push(sample)
	for _, c := range b.cross {
		c.other.observe(float32(sample))
	}
}
