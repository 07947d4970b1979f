// Package expert holds the adaptive linear predictors: filters that keep learning the recording at hand. A
// Bank is all the experts of one channel. Decoder and encoder run the same bank over the same samples, so its
// arithmetic must give the same bits everywhere: plain IEEE + - * / and sqrt in a fixed order.
package expert

import "trilobyte/codec/kernel"

// The experts of a bank, in the order of Bank.Predictions.
const (
	mediumLeastSquares  = iota             // 32 regressors, forgetting 0.998
	slowLeastSquares                       // 32 regressors, forgetting 0.9995
	slowestLeastSquares                    // 32 regressors, forgetting 0.9998
	fastLeastSquares                       // 16 regressors, forgetting 0.98
	fastCascade                            // mediumLeastSquares + decaying NLMS filters, one more at each of 4 stages
	slowCascade         = fastCascade + 4  // slowLeastSquares + flat NLMS filters, one more at each of 4 stages
	robustFilter        = slowCascade + 4  // mediumLeastSquares + an NLMS filter that learns from clipped errors
	crossFilter         = robustFilter + 1 // one NLMS filter over both channels
	mixerInputs         = crossFilter + 1
	SlowMixer           = mixerInputs     // least squares over all of the above, forgetting 0.9995
	MediumMixer         = mixerInputs + 1 // the same, forgetting 0.998
	FastMixer           = mixerInputs + 2 // the same, forgetting 0.95
	Count               = mixerInputs + 3
)

var (
	fastCascadeTaps  = [4]int{1024, 256, 32, 16}
	fastCascadeSteps = [4]float32{0.05, 0.06, 0.03, 0.03}
	slowCascadeTaps  = [4]int{2048, 256, 32, 16}
)

const (
	slowCascadeStep  = 0.002
	robustFilterTaps = 32
	robustFilterStep = 0.05
	robustShare      = 0.01 // with which an error enters the mean that errors are clipped to
	crossFilterTaps  = 32   // of each channel
	crossFilterStep  = 0.02
	mediumRidge      = 3000 // of the least squares, in squared sample steps
	slowRidge        = 10000
	fastRidge        = 1000
	mixerRidge       = 5
	longOrder        = 32 // regressors of the least squares
	shortOrder       = 16 // of the fast one
	solveInterval    = 8  // samples between two solves of the least squares of long and short order
	mixerInterval    = 2  // samples between two solves of a mixer
)

// Bank predicts the samples of one channel from its own past and, for one channel of a pair, from the other
// channel. For each frame call Predict, then Learn with the true sample, then Settle; and Observe with the other
// channel's sample as soon as it is known: before Predict for the channel that is coded second, after Learn for the
// first.
type Bank struct {
	// Predictions of the next sample, in units of one sample step, set by Predict.
	Predictions [Count]float64

	own, other           regressors
	long, short          *family // of 32 and of 16 regressors
	filters              []kernel.Filter
	fast, slow           [4]*nlms
	robust               *nlms
	robustError          float32 // running mean absolute error of the robust filter
	crossOwn, crossOther *nlms
	mixers               *family
	due                  []*kernel.System // to be solved by Settle
}

// regressors holds the newest samples of a channel, newest first. They move through a longer buffer, from the end to
// the beginning, so that most of the time a sample can be added without moving the others.
type regressors struct {
	buffer [8 * longOrder]float64
	start  int
}

func (r *regressors) push(x float64) {
	if r.start == 0 {
		r.start = len(r.buffer) - longOrder
		copy(r.buffer[r.start+1:], r.buffer[:longOrder-1])
	} else {
		r.start--
	}
	r.buffer[r.start] = x
}

func (r *regressors) newest() *[longOrder]float64 {
	return (*[longOrder]float64)(r.buffer[r.start:])
}

// NewBank makes the experts for a channel; paired says whether another channel is observed.
func NewBank(paired bool) *Bank {
	b := &Bank{
		filters: make([]kernel.Filter, 0, len(fastCascadeTaps)+len(slowCascadeTaps)+3),
	}
	p := &b.Predictions
	b.long = newFamily(longOrder, solveInterval, p[mediumLeastSquares:],
		setting{0.998, mediumRidge}, setting{0.9995, slowRidge}, setting{0.9998, slowRidge})
	b.short = newFamily(shortOrder, solveInterval, p[fastLeastSquares:], setting{0.98, fastRidge})
	b.mixers = newFamily(mixerInputs, mixerInterval, p[SlowMixer:],
		setting{0.9995, mixerRidge}, setting{0.998, mixerRidge}, setting{0.95, mixerRidge})
	for i := range b.fast {
		b.fast[i] = b.newFilter(fastCascadeTaps[i], fastCascadeSteps[i], true)
	}
	for i := range b.slow {
		b.slow[i] = b.newFilter(slowCascadeTaps[i], slowCascadeStep, false)
	}
	b.robust = b.newFilter(robustFilterTaps, robustFilterStep, true)
	b.crossOwn = b.newFilter(crossFilterTaps, crossFilterStep, true)
	if paired {
		b.crossOther = b.newFilter(crossFilterTaps, crossFilterStep, true)
	}
	return b
}

// newFilter makes a filter whose step kernel.UpdateFilters does together with the others.
func (b *Bank) newFilter(taps int, mu float32, decaying bool) *nlms {
	b.filters = b.filters[:len(b.filters)+1] // never moves: the filters point into it
	return newNLMS(&b.filters[len(b.filters)-1], taps, mu, decaying)
}

// Predict sets Predictions for the next sample.
func (b *Bank) Predict() {
	p := &b.Predictions
	b.fillRegressors()
	b.long.predict()
	b.short.predict()
	kernel.UpdateFilters(b.filters)
	sum := p[mediumLeastSquares]
	for i, f := range b.fast {
		sum += float64(f.output())
		p[fastCascade+i] = sum
	}
	sum = p[slowLeastSquares]
	for i, f := range b.slow {
		sum += float64(f.output())
		p[slowCascade+i] = sum
	}
	p[robustFilter] = p[mediumLeastSquares] + float64(b.robust.output())
	p[crossFilter] = float64(b.crossOwn.output())
	if b.crossOther != nil {
		p[crossFilter] += float64(b.crossOther.output())
	}
	// The mixers weigh differences from the first expert, which enters whole: their weights then start
	// from a sensible opinion and the problem is well conditioned.
	input := b.mixers.regressors()
	input[0] = p[0]
	for j := 1; j < mixerInputs; j++ {
		input[j] = p[j] - p[0]
	}
	b.mixers.predict()
}

// fillRegressors puts the newest samples into the inputs, half of them the other channel's where there is one.
func (b *Bank) fillRegressors() {
	long, short := (*[longOrder]float64)(b.long.input), (*[shortOrder]float64)(b.short.input)
	own := b.own.newest()
	if b.crossOther == nil {
		*long = *own
		*short = [shortOrder]float64(own[:])
		return
	}
	other := b.other.newest()
	*(*[longOrder / 2]float64)(long[:]) = [longOrder / 2]float64(own[:])
	*(*[longOrder / 2]float64)(long[longOrder/2:]) = [longOrder / 2]float64(other[:])
	*(*[shortOrder / 2]float64)(short[:]) = [shortOrder / 2]float64(own[:])
	*(*[shortOrder / 2]float64)(short[shortOrder/2:]) = [shortOrder / 2]float64(other[:])
}

// Learn tells the true value of the sample that Predict predicted. Settle must follow.
func (b *Bank) Learn(sample float64) {
	b.due = b.mixers.learn(sample, b.due)
	learnCascade(b.fast[:], float32(sample-b.Predictions[mediumLeastSquares]))
	learnCascade(b.slow[:], float32(sample-b.Predictions[slowLeastSquares]))
	b.learnRobust(float32(sample - b.Predictions[mediumLeastSquares]))
	b.due = b.short.learn(sample, b.long.learn(sample, b.due))
	b.learnCross(sample)
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

// learnRobust clips the error at its running mean size, so that a burst does not throw the filter off.
func (b *Bank) learnRobust(residual float32) {
	err := residual - b.robust.output()
	size := max(err, -err)
	b.robustError = float32(b.robustError*(1-robustShare)) + float32(size*robustShare)
	b.robust.update(max(-b.robustError, min(b.robustError, err)), residual)
}

func (b *Bank) learnCross(sample float64) {
	err := float32(sample - b.Predictions[crossFilter])
	power := b.crossOwn.power
	if b.crossOther != nil {
		power += b.crossOther.power
		b.crossOther.filter.Step = crossFilterStep * err / power
	}
	b.crossOwn.filter.Step = crossFilterStep * err / power
	b.crossOwn.observe(float32(sample))
}

// Observe tells the other channel's newest sample.
func (b *Bank) Observe(sample float64) {
	b.other.push(sample)
	b.crossOther.observe(float32(sample))
}
