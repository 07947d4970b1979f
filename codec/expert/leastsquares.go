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
	order    int
	forget   float64
	ridge    float64
	interval int // samples between two solves

	input   []float64 // regressors of the sample being predicted, then room for the sample itself; may be shared
	weights []float64
	moments kernel.Symmetric
	solver  kernel.Solver

	output     float64
	meanError  float64
	untilSolve int
}

// newLeastSquares makes a predictor of the regressors in input, which comes from kernel.NewRow.
func newLeastSquares(input []float64, forget, ridge float64, interval int) *leastSquares {
	order := len(input) - 1
	return &leastSquares{
		order: order, forget: forget, ridge: ridge, interval: interval,
		input:      input,
		weights:    make([]float64, order),
		moments:    kernel.NewSymmetric(order),
		solver:     kernel.NewSolver(order),
		untilSolve: interval,
	}
}

// predict returns the prediction for the regressors that the caller has put into input.
func (l *leastSquares) predict() float64 {
	l.output = kernel.Dot64(l.weights, l.input[:l.order])
	return l.output
}

// learn takes in the true value of the sample that predict predicted, and reports whether the weights are to be solved
// for again, before the next call of predict.
func (l *leastSquares) learn(value float64) bool {
	err := math.Abs(value - l.output)
	l.meanError = float64(l.meanError*0.998) + float64(err*0.002)
	l.input[l.order] = value
	l.moments.Update(l.forget, fixed.PowMinus08(l.meanError+0.001), l.input)
	l.untilSolve--
	if l.untilSolve > 0 {
		return false
	}
	l.untilSolve = l.interval
	return true
}

func (l *leastSquares) system() kernel.System {
	return kernel.System{Solver: &l.solver, Moments: &l.moments, Ridge: l.ridge, Weights: l.weights}
}
