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

	input   []float64 // regressors of the sample being predicted, then room for the sample itself
	weights []float64
	moments kernel.Symmetric
	solver  kernel.Solver

	output     float64
	meanError  float64
	untilSolve int
}

func newLeastSquares(order int, forget, ridge float64, interval int) *leastSquares {
	return &leastSquares{
		order: order, forget: forget, ridge: ridge, interval: interval,
		input:      make([]float64, order+1),
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

// updateAll tells predictors the true value of the sample that they predicted.
func updateAll(predictors []*leastSquares, value float64) {
	var waiting *leastSquares // to be solved together with the next one of its order
	for _, l := range predictors {
		if !l.learn(value) {
			continue
		}
		if waiting != nil && waiting.order == l.order {
			kernel.SolvePair(waiting.system(), l.system())
			waiting = nil
			continue
		}
		if waiting != nil {
			waiting.solve()
		}
		waiting = l
	}
	if waiting != nil {
		waiting.solve()
	}
}

// learn takes in the true value and reports whether the weights are to be solved for again.
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

func (l *leastSquares) solve() { l.solver.Solve(&l.moments, l.ridge, l.weights) }

func (l *leastSquares) system() kernel.System {
	return kernel.System{Solver: &l.solver, Moments: &l.moments, Ridge: l.ridge, Weights: l.weights}
}
