package expert

import (
	"math"

	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// family is some predictors of a sample as a weighted sum of the same regressors. The weights minimise the exponentially
// forgotten, weighted sum of squared errors; they are refreshed by a Cholesky solve every few samples. Each
// update is weighted by (running |error|)^-0.8, so that loud passages do not drown what quiet ones taught, and in some
// ensembles the newest error counts for more in it, so that what surprises moves the weights less.
// (Haykin, Adaptive Filter Theory, chapter 10; the weighting is that of Sac's OLS stage; Holland and Welsch, Robust
// regression using iteratively reweighted least-squares, 1977.)
type family struct {
	input    []float64 // the regressors of the sample being predicted, then room for the sample itself
	weights  [][]float64
	outputs  []float64
	errors   []float64 // running mean absolute errors
	updates  []kernel.Update
	systems  []*kernel.System
	settings []Setting
	surprise float64 // share of the newest error in what weighs an update: see Ensemble
	until    []int   // samples until the next solve of each system
	count    int     // samples learned
}

// newFamily makes a family whose predictions go to outputs.
func newFamily(order int, outputs []float64, settings []Setting, surprise float64) *family {
	f := &family{
		input:    kernel.NewRow(order),
		outputs:  outputs[:len(settings)],
		errors:   make([]float64, len(settings)),
		settings: settings,
		surprise: surprise,
	}
	for _, s := range settings {
		moments, weights := kernel.NewSymmetric(order), make([]float64, order)
		f.weights = append(f.weights, weights)
		f.updates = append(f.updates, kernel.Update{Moments: moments, Forget: s.Forget})
		f.systems = append(f.systems, kernel.NewSystem(moments, s.Ridge, weights))
		f.until = append(f.until, s.First)
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
	errors, updates := f.errors[:len(f.outputs)], f.updates[:len(f.outputs)]
	for i, output := range f.outputs {
		updates[i].Weight = weigh(&errors[i], math.Abs(value-output), f.surprise)
	}
	kernel.UpdateAll(f.updates, f.input)
	f.count++
	for i := range f.until {
		if f.until[i]--; f.until[i] == 0 {
			f.until[i] = f.settings[i].interval(f.count)
			due = append(due, f.systems[i])
		}
	}
	return due
}

// weigh takes an error into a running mean, and returns the weight of the update that it belongs to.
func weigh(mean *float64, err, surprise float64) float64 {
	*mean = float64(*mean*0.998) + float64(err*0.002)
	size := *mean
	if surprise > 0 {
		size = float64(size*(1-surprise)) + float64(err*surprise)
	}
	return fixed.PowMinus08(size + 0.001)
}

// interval returns how many samples lie between two solves after so many samples. What has seen little learns much from
// a little more.
func (s Setting) interval(count int) int { return max(s.First, min(s.Last, count/solveShare)) }

// solveShare is the share of the samples so far that may come between two solves, once that is more than First.
const solveShare = 64
