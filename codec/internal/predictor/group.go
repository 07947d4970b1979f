package predictor

import (
	"math/bits"
	"slices"

	"trilobyte/codec/internal/cacheline"
)

// group is some predictors of a sample as a weighted sum of the same regressors. The weights minimise the exponentially
// forgotten sum of squared errors, weighted as updates say; they are refreshed by a Cholesky solve every few samples.
// (Haykin, Adaptive Filter Theory, chapter 10.)
type group struct {
	order       int       // regressors
	rows        []float64 // for each of the newest samples: the regressors, then the sample itself
	row         int       // that of the sample being predicted; those before it are not in the statistics yet
	at          int       // where it begins
	regressions []regression
	outputs     []float64 // the predictions
	updates     []update
	systems     []*system
	solutions   []Solution
	powers      [][rowsAtOnce + 1]float64 // of the systems' factors of forgetting
	until       []int                     // the number of samples learned at the next solve of each system
	next        int                       // the least of them
	count       int                       // samples learned
}

// newGroup makes a group with so many regressors from each of two sources. Its predictions are to be made by regressions,
// one for each solution, and go to outputs.
func newGroup(own, other int, regressions []regression, outputs []float64, solutions []Solution) *group {
	order := own + other
	f := cacheline.New[group]()
	f.order, f.rows = order, newRows(order)
	f.regressions, f.outputs, f.solutions = regressions[:len(solutions)], outputs[:len(solutions)], solutions
	f.updates, f.until = cacheline.Make[update](len(solutions)), cacheline.Make[int](len(solutions))
	for i, s := range solutions {
		moments, weights := newSymmetric(order), make([]float64, order)
		regressions[i] = regression{Weights: weights, Own: own, Other: other, Rows: f.rows, To: &outputs[i]}
		f.updates[i] = update{Moments: moments, Forget: s.Forget}
		f.systems = append(f.systems, newSystem(moments, s.Ridge, weights))
		f.until[i] = s.First
		f.powers = append(f.powers, powers(s.Forget))
	}
	f.next = slices.Min(f.until)
	f.begin()
	return f
}

// expect has all solutions begin with the weights of the first regressors, instead of with zeros, and return to them the more, the less they
// have learned.
func (f *group) expect(weights []float64) {
	for _, s := range f.systems {
		for i, w := range weights {
			s.weights[i], s.moments.rhs[i] = w, s.ridge*w
		}
	}
}

// set sets the weights of the first regressors in all solutions.
func (f *group) set(weights []float64) {
	for _, s := range f.systems {
		copy(s.weights, weights)
	}
}

// begin has the regressors go into the row of the next sample.
func (f *group) begin() {
	f.at = f.row * rowLength(f.order)
	for i := range f.regressions {
		f.regressions[i].At = f.at
	}
}

// powers returns x^0, x^1, ....
func powers(x float64) (p [rowsAtOnce + 1]float64) {
	p[0] = 1
	for i := range rowsAtOnce {
		p[i+1] = float64(p[i] * x)
	}
	return p
}

// learn takes in the true value of the sample that was predicted, with a weight for each predictor. It appends to due the
// systems that are to be solved before the next prediction.
func (f *group) learn(value float64, weights []float64, due []*system) []*system {
	f.rows[f.at+f.order] = value
	updates, row := f.updates, uint(f.row)%rowsAtOnce // it is less anyway
	for i, w := range weights[:len(updates)] {
		updates[i].Weights[row] = w
	}
	f.row++
	f.count++
	solve := f.count == f.next
	if solve {
		due = f.solve(due)
	}
	if f.row == rowsAtOnce || solve {
		f.gather()
	}
	f.begin()
	return due
}

// solve appends the systems to due that are to be solved now, and notes when to solve them again.
func (f *group) solve(due []*system) []*system {
	for i, at := range f.until {
		if at == f.count {
			f.until[i] += f.interval(i)
			due = append(due, f.systems[i])
		}
	}
	f.next = slices.Min(f.until)
	return due
}

// gather brings the statistics up to date. That is done only when there are enough samples, or a system is to be
// solved: what passes through the processor's cache drives out what else is there.
func (f *group) gather() {
	for i := range f.powers {
		u, p := &f.updates[i], &f.powers[i]
		u.Forget = p[f.row]
		for k := range f.row {
			u.Weights[k] *= p[f.row-1-k]
		}
	}
	updateAll(f.updates, f.rows, f.order, f.row)
	f.row = 0
}

// interval returns how many samples lie between two solves of a system now: a power of two, of which the count is a multiple. What
// has seen little learns much from a little more.
func (f *group) interval(system int) int {
	s := f.solutions[system]
	return 1 << (bits.Len(uint(max(s.First, min(s.Last, f.count/solveShare)))) - 1)
}

// solveShare is the share of the samples so far that may come between two solves, once that is more than First.
const solveShare = 64
