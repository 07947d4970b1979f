package expert

import (
	"math"

	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// leastSquares predicts a sample as a weighted sum of regressors. The weights minimise the exponentially
// forgotten, weighted sum of squared errors; they are refreshed by a Cholesky solve every few samples. Each
// update is weighted by (running |error|)^-0.8, so that loud passages do not drown what quiet ones taught.
// (Haykin, Adaptive Filter Theory, chapter 10; the weighting is that of Sac's OLS stage.)
type leastSquares struct {
	forget   float64
	ridge    float64
	moments  kernel.Symmetric
	solver   kernel.Solver
	weights  []float64
	errLevel float64 // running mean absolute error
}

// family is some leastSquares of the same regressors.
type family struct {
	input    []float64 // the regressors of the sample being predicted, then room for the sample itself
	members  []*leastSquares
	weights  [][]float64 // of the members
	outputs  []float64   // of the members
	updates  []kernel.Update
	interval int // samples between two solves
	until    int // samples until the next
}

// setting is what distinguishes the members of a family.
type setting struct{ forget, ridge float64 }

// newFamily makes a family whose predictions go to outputs.
func newFamily(order, interval int, outputs []float64, settings ...setting) *family {
	f := &family{
		input:    kernel.NewRow(order),
		outputs:  outputs[:len(settings)],
		interval: interval,
		until:    interval,
	}
	for _, s := range settings {
		l := &leastSquares{
			forget:  s.forget,
			ridge:   s.ridge,
			moments: kernel.NewSymmetric(order),
			solver:  kernel.NewSolver(order),
			weights: make([]float64, order),
		}
		f.members = append(f.members, l)
		f.weights = append(f.weights, l.weights)
		f.updates = append(f.updates, kernel.Update{Moments: &l.moments, Forget: l.forget})
	}
	return f
}

// regressors is the part of the input that predict reads.
func (f *family) regressors() []float64 { return f.input[:len(f.input)-1] }

// predict sets the members' predictions for the regressors.
func (f *family) predict() { kernel.Dots64(f.weights, f.regressors(), f.outputs) }

// learn takes in the true value of the sample that predict predicted. It appends to due the systems that are to be
// solved before the next call of predict.
func (f *family) learn(value float64, due []kernel.System) []kernel.System {
	f.input[len(f.input)-1] = value
	for i, l := range f.members {
		err := math.Abs(value - f.outputs[i])
		l.errLevel = float64(l.errLevel*0.998) + float64(err*0.002)
		f.updates[i].Weight = fixed.PowMinus08(l.errLevel + 0.001)
	}
	kernel.UpdateAll(f.updates, f.input)
	if f.until--; f.until > 0 {
		return due
	}
	f.until = f.interval
	for _, l := range f.members {
		due = append(due, kernel.System{Solver: &l.solver, Moments: &l.moments, Ridge: l.ridge, Weights: l.weights})
	}
	return due
}
