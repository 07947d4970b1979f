package expert

import (
	"math"

	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// family is some predictors of a sample as a weighted sum of the same regressors. The weights minimise the exponentially
// forgotten, weighted sum of squared errors; they are refreshed by a Cholesky solve every few samples. Each
// update is weighted by (running |error|)^-0.8, so that loud passages do not drown what quiet ones taught.
// (Haykin, Adaptive Filter Theory, chapter 10; the weighting is that of Sac's OLS stage.)
type family struct {
	input    []float64 // the regressors of the sample being predicted, then room for the sample itself
	weights  [][]float64
	outputs  []float64
	errors   []float64 // running mean absolute errors
	updates  []kernel.Update
	systems  []*kernel.System
	interval int // samples between two solves
	until    int // samples until the next
}

// setting is what distinguishes the predictors of a family.
type setting struct{ forget, ridge float64 }

// newFamily makes a family whose predictions go to outputs.
func newFamily(order, interval int, outputs []float64, settings ...setting) *family {
	f := &family{
		input:    kernel.NewRow(order),
		outputs:  outputs[:len(settings)],
		errors:   make([]float64, len(settings)),
		interval: interval,
		until:    interval,
	}
	for _, s := range settings {
		moments, weights := kernel.NewSymmetric(order), make([]float64, order)
		f.weights = append(f.weights, weights)
		f.updates = append(f.updates, kernel.Update{Moments: moments, Forget: s.forget})
		f.systems = append(f.systems, kernel.NewSystem(moments, s.ridge, weights))
	}
	return f
}

// regressors is the part of the input that predict reads.
func (f *family) regressors() []float64 { return f.input[:len(f.input)-1] }

// predict sets the predictions for the regressors.
func (f *family) predict() { kernel.Dots64(f.weights, f.regressors(), f.outputs) }

// learn takes in the true value of the sample that predict predicted. It appends to due the systems that are to be
// solved before the next call of predict.
func (f *family) learn(value float64, due []*kernel.System) []*kernel.System {
	f.input[len(f.input)-1] = value
	for i, output := range f.outputs {
		err := math.Abs(value - output)
		f.errors[i] = float64(f.errors[i]*0.998) + float64(err*0.002)
		f.updates[i].Weight = fixed.PowMinus08(f.errors[i] + 0.001)
	}
	kernel.UpdateAll(f.updates, f.input)
	if f.until--; f.until > 0 {
		return due
	}
	f.until = f.interval
	return append(due, f.systems...)
}
