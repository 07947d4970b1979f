package expert

import (
	"math/bits"

	"trilobyte/codec/kernel"
)

// family is some predictors of a sample as a weighted sum of the same regressors. The weights minimise the exponentially
// forgotten sum of squared errors, weighted as updates say; they are refreshed by a Cholesky solve every few samples.
// (Haykin, Adaptive Filter Theory, chapter 10.)
type family struct {
	order    int       // regressors
	rows     []float64 // for each of the newest samples: the regressors, then the sample itself
	row      int       // that of the sample being predicted; those before it are not in the statistics yet
	input    []float64 // the part of it that predict reads
	weights  [][]float64
	outputs  []float64
	updates  []kernel.Update
	systems  []*kernel.System
	settings []Setting
	powers   [][kernel.RowsAtOnce + 1]float64 // of the systems' factors of forgetting, with blocks: see Ensemble
	until    []int                            // samples until the next solve of each system
	count    int                              // samples learned
}

// newFamily makes a family whose predictions go to outputs.
func newFamily(order int, outputs []float64, settings []Setting, e *Ensemble) *family {
	f := &family{
		order:    order,
		rows:     kernel.NewRows(order),
		outputs:  outputs[:len(settings)],
		settings: settings,
	}
	for _, s := range settings {
		moments, weights := kernel.NewSymmetric(order), make([]float64, order)
		f.weights = append(f.weights, weights)
		f.updates = append(f.updates, kernel.Update{Moments: moments, Forget: s.Forget})
		f.systems = append(f.systems, kernel.NewSystem(moments, s.Ridge, weights))
		f.until = append(f.until, s.First)
		if e.Blocks {
			f.powers = append(f.powers, powers(s.Forget))
		}
	}
	f.begin()
	return f
}

// begin puts the input into the row of the next sample.
func (f *family) begin() { f.input = f.rows[f.row*kernel.RowLength(f.order):][:f.order] }

// predict sets the predictions for the regressors.
func (f *family) predict() { kernel.Dots64(f.weights, f.input, f.outputs) }

// powers returns x^0, x^1, ....
func powers(x float64) (p [kernel.RowsAtOnce + 1]float64) {
	p[0] = 1
	for i := range kernel.RowsAtOnce {
		p[i+1] = float64(p[i] * x)
	}
	return p
}

// learn takes in the true value of the sample that predict predicted, with a weight for each predictor. It appends to due the
// systems that are to be solved before the next call of predict.
func (f *family) learn(value float64, weights []float64, due []*kernel.System) []*kernel.System {
	f.input[:f.order+1][f.order] = value
	for i := range f.updates {
		f.updates[i].Weights[f.row] = weights[i]
	}
	f.row++
	f.count++
	before := len(due)
	for i := range f.until {
		if f.until[i]--; f.until[i] == 0 {
			f.until[i] = f.interval(i)
			due = append(due, f.systems[i])
		}
	}
	if f.powers == nil || f.row == kernel.RowsAtOnce || len(due) > before {
		f.gather()
	}
	f.begin()
	return due
}

// gather brings the statistics up to date. With blocks, that is done only when there are enough samples, or a system is to be
// solved: what passes through the processor's cache drives out what else is there.
func (f *family) gather() {
	for i := range f.powers {
		u, p := &f.updates[i], &f.powers[i]
		u.Forget = p[f.row]
		for k := range f.row {
			u.Weights[k] *= p[f.row-1-k]
		}
	}
	kernel.UpdateAll(f.updates, f.rows, f.order, f.row)
	f.row = 0
}

// interval returns how many samples lie between two solves of a system now. What has seen little learns much from a little
// more. With blocks it is a power of two, and the count a multiple of it.
func (f *family) interval(system int) int {
	s := f.settings[system]
	interval := max(s.First, min(s.Last, f.count/solveShare))
	if f.powers != nil {
		interval = 1 << (bits.Len(uint(interval)) - 1)
	}
	return interval
}

// solveShare is the share of the samples so far that may come between two solves, once that is more than First.
const solveShare = 64
