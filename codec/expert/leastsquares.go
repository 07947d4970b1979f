package expert

import (
	"math/bits"
	"slices"

	"trilobyte/codec/cacheline"
	"trilobyte/codec/kernel"
)

// family is some predictors of a sample as a weighted sum of the same regressors. The weights minimise the exponentially
// forgotten sum of squared errors, weighted as updates say; they are refreshed by a Cholesky solve every few samples.
// (Haykin, Adaptive Filter Theory, chapter 10.)
type family struct {
	order       int       // regressors
	rows        []float64 // for each of the newest samples: the regressors, then the sample itself
	row         int       // that of the sample being predicted; those before it are not in the statistics yet
	at          int       // where it begins
	regressions []kernel.Regression
	outputs     []float64 // the predictions
	updates     []kernel.Update
	systems     []*kernel.System
	settings    []Setting
	powers      [][kernel.RowsAtOnce + 1]float64 // of the systems' factors of forgetting, with blocks: see Ensemble
	until       []int                            // the number of samples learned at the next solve of each system
	next        int                              // the least of them
	count       int                              // samples learned
}

// newFamily makes a family with so many regressors from each of two sources. Its predictions are to be made by regressions,
// one for each setting, and go to outputs.
func newFamily(own, other int, regressions []kernel.Regression, outputs []float64, settings []Setting, e *Ensemble) *family {
	order := own + other
	f := cacheline.New[family]()
	f.order, f.rows = order, kernel.NewRows(order)
	f.regressions, f.outputs, f.settings = regressions[:len(settings)], outputs[:len(settings)], settings
	f.updates, f.until = cacheline.Make[kernel.Update](len(settings)), cacheline.Make[int](len(settings))
	for i, s := range settings {
		moments, weights := kernel.NewSymmetric(order), make([]float64, order)
		regressions[i] = kernel.Regression{Weights: weights, Own: own, Other: other, Rows: f.rows, To: &outputs[i]}
		f.updates[i] = kernel.Update{Moments: moments, Forget: s.Forget}
		f.systems = append(f.systems, kernel.NewSystem(moments, s.Ridge, weights))
		f.until[i] = s.First
		if e.Blocks {
			f.powers = append(f.powers, powers(s.Forget))
		}
	}
	f.next = slices.Min(f.until)
	f.begin()
	return f
}

// begin has the regressors go into the row of the next sample.
func (f *family) begin() {
	f.at = f.row * kernel.RowLength(f.order)
	for i := range f.regressions {
		f.regressions[i].At = f.at
	}
}

// powers returns x^0, x^1, ....
func powers(x float64) (p [kernel.RowsAtOnce + 1]float64) {
	p[0] = 1
	for i := range kernel.RowsAtOnce {
		p[i+1] = float64(p[i] * x)
	}
	return p
}

// learn takes in the true value of the sample that was predicted, with a weight for each predictor. It appends to due the
// systems that are to be solved before the next prediction.
func (f *family) learn(value float64, weights []float64, due []*kernel.System) []*kernel.System {
	f.rows[f.at+f.order] = value
	for i := range f.updates {
		f.updates[i].Weights[f.row] = weights[i]
	}
	f.row++
	f.count++
	solve := f.count == f.next
	if solve {
		due = f.solve(due)
	}
	if f.powers == nil || f.row == kernel.RowsAtOnce || solve {
		f.gather()
	}
	f.begin()
	return due
}

// solve appends the systems to due that are to be solved now, and notes when to solve them again.
func (f *family) solve(due []*kernel.System) []*kernel.System {
	for i, at := range f.until {
		if at == f.count {
			f.until[i] += f.interval(i)
			due = append(due, f.systems[i])
		}
	}
	f.next = slices.Min(f.until)
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
