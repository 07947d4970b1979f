// Package expert holds the adaptive linear predictors: filters that keep learning the recording at hand. A
// Bank is all the experts of one channel. Decoder and encoder run the same bank over the same samples, so its
// arithmetic must give the same bits everywhere: plain IEEE + - * / and sqrt in a fixed order.
package expert

// The experts of a bank, in the order of Bank.Predictions.
const (
	MediumLeastSquares = iota            // 32 regressors, forgetting 0.998
	SlowLeastSquares                     // 32 regressors, forgetting 0.9995
	FastLeastSquares                     // 16 regressors, forgetting 0.98
	fastCascade                          // MediumLeastSquares + decaying NLMS filters, one more at each of 4 stages
	slowCascade        = fastCascade + 4 // SlowLeastSquares + flat NLMS filters, one more at each of 3 stages
	crossFilter        = slowCascade + 3 // one NLMS filter over both channels
	mixerInputs        = crossFilter + 1
	SlowMixer          = mixerInputs     // least squares over all of the above, forgetting 0.998
	FastMixer          = mixerInputs + 1 // the same, forgetting 0.98
	Count              = mixerInputs + 2
)

var (
	fastCascadeTaps  = [4]int{1024, 256, 32, 16}
	fastCascadeSteps = [4]float32{0.05, 0.06, 0.03, 0.03}
	slowCascadeTaps  = [3]int{2048, 256, 16}
)

const (
	slowCascadeStep   = 0.002
	crossFilterTaps   = 32 // of each channel
	crossFilterStep   = 0.02
	leastSquaresRidge = 300
	mixerRidge        = 5
	solveInterval     = 8 // samples between two solves of the least squares of 16 and 32 regressors
)

// Bank predicts the samples of one channel from its own past and, for one channel of a pair, from the other
// channel. For each frame call Predict, then Learn with the true sample; and Observe with the other channel's
// sample as soon as it is known: before Predict for the channel that is coded second, after Learn for the first.
type Bank struct {
	// Predictions of the next sample, in units of one sample step, set by Predict.
	Predictions [Count]float64

	own, other           regressors
	ordinary             [3]*leastSquares
	fast                 [4]*nlms
	slow                 [3]*nlms
	crossOwn, crossOther *nlms
	mixers               [2]*leastSquares
}

// regressors holds the newest samples of a channel, newest first.
type regressors struct {
	newest [32]float64
}

func (r *regressors) push(x float64) {
	copy(r.newest[1:], r.newest[:31])
	r.newest[0] = x
}

// NewBank makes the experts for a channel; paired says whether another channel is observed.
func NewBank(paired bool) *Bank {
	b := &Bank{}
	b.ordinary = [3]*leastSquares{
		newLeastSquares(32, 0.998, leastSquaresRidge, solveInterval),
		newLeastSquares(32, 0.9995, leastSquaresRidge, solveInterval),
		newLeastSquares(16, 0.98, leastSquaresRidge, solveInterval),
	}
	for i := range b.fast {
		b.fast[i] = newNLMS(fastCascadeTaps[i], fastCascadeSteps[i], true)
	}
	for i := range b.slow {
		b.slow[i] = newNLMS(slowCascadeTaps[i], slowCascadeStep, false)
	}
	b.crossOwn = newNLMS(crossFilterTaps, crossFilterStep, true)
	if paired {
		b.crossOther = newNLMS(crossFilterTaps, crossFilterStep, true)
	}
	b.mixers = [2]*leastSquares{
		newLeastSquares(mixerInputs, 0.998, mixerRidge, 1),
		newLeastSquares(mixerInputs, 0.98, mixerRidge, 1),
	}
	return b
}

// Predict sets Predictions for the next sample.
func (b *Bank) Predict() {
	p := &b.Predictions
	for i, l := range b.ordinary {
		b.fillRegressors(l)
		p[i] = l.predict()
	}
	sum := p[MediumLeastSquares]
	for i, f := range b.fast {
		sum += float64(f.predict())
		p[fastCascade+i] = sum
	}
	sum = p[SlowLeastSquares]
	for i, f := range b.slow {
		sum += float64(f.predict())
		p[slowCascade+i] = sum
	}
	p[crossFilter] = float64(b.crossOwn.predict())
	if b.crossOther != nil {
		p[crossFilter] += float64(b.crossOther.predict())
	}
	// The mixers weigh differences from the first expert, which enters whole: their weights then start
	// from a sensible opinion and the problem is well conditioned.
	for i, m := range b.mixers {
		m.input[0] = p[0]
		for j := 1; j < mixerInputs; j++ {
			m.input[j] = p[j] - p[0]
		}
		p[SlowMixer+i] = m.predict()
	}
}

func (b *Bank) fillRegressors(l *leastSquares) {
	own := l.order
	if b.crossOther != nil {
		own /= 2
		copy(l.input[own:l.order], b.other.newest[:])
	}
	copy(l.input[:own], b.own.newest[:own])
}

// Learn tells the true value of the sample that Predict predicted.
func (b *Bank) Learn(sample float64) {
	updateAll(b.mixers[:], sample)
	learnCascade(b.fast[:], float32(sample-b.Predictions[MediumLeastSquares]))
	learnCascade(b.slow[:], float32(sample-b.Predictions[SlowLeastSquares]))
	updateAll(b.ordinary[:], sample)
	b.learnCross(sample)
	b.own.push(sample)
}

// learnCascade gives each stage the residual that the stages before it left, as its target and next input.
func learnCascade(stages []*nlms, residual float32) {
	for _, f := range stages {
		left := residual - f.output
		f.update(left, residual)
		residual = left
	}
}

func (b *Bank) learnCross(sample float64) {
	err := float32(sample - b.Predictions[crossFilter])
	power := b.crossOwn.power()
	if b.crossOther != nil {
		power += b.crossOther.power()
		b.crossOther.step = crossFilterStep * err / power
	}
	b.crossOwn.step = crossFilterStep * err / power
	b.crossOwn.observe(float32(sample))
}

// Observe tells the other channel's newest sample.
func (b *Bank) Observe(sample float64) {
	b.other.push(sample)
	b.crossOther.observe(float32(sample))
}
