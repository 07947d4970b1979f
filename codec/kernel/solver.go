package kernel

import "math"

// Solver solves symmetric positive definite systems by Cholesky factorisation.
type Solver struct {
	n, stride int       // unknowns; elements from row to row of the factor
	factor    []float64 // its upper triangle
	inverse   []float64 // reciprocals of its diagonal
	side      []float64 // what is left of the right-hand side
	solved    []float64 // solution of the lower triangular system
	ridge     float64

	problems [mostAtOnce]problem // of the systems that are solved with this one, itself the first
}

// NewSolver makes a solver for n unknowns.
func NewSolver(n int) Solver {
	length := roundUp(n, lanes64)
	// An odd number of vectors from row to row spreads the rows evenly over the sets of the processor's cache.
	stride := length | lanes64
	return Solver{
		n:       n,
		stride:  stride,
		factor:  make([]float64, n*stride),
		inverse: make([]float64, n),
		side:    make([]float64, length),
		solved:  make([]float64, n),
	}
}

// System is (A + ridge*I) w = b, where A and b are the matrix and the right-hand side of Moments.
type System struct {
	Solver  *Solver // of the same size, and of no other system that is solved with this one
	Moments *Symmetric
	Ridge   float64
	Weights []float64 // w
}

// Solve puts the solution of the system into its weights. It leaves them as they are when the matrix is not positive
// definite to working precision. The factorisation is right-looking: each element receives its subtractions in the order
// of the pivots, one at a time, so that any vector width gives the same bits.
func (s System) Solve() {
	SolveAll([]System{s})
}

// SolveAll solves systems as Solve does. Several of the same size take less time together than one after the other: a
// solution is a chain of operations that wait for each other, and several chains can wait at the same time. The order of
// the systems may be changed.
func SolveAll(systems []System) {
	for _, s := range systems {
		if n := s.Moments.n; s.Solver.n != n || len(s.Weights) != n {
			panic("kernel: a system, its solver and its weights are of different sizes")
		}
	}
	if active.factorise[0] == nil {
		for _, s := range systems {
			s.solve()
		}
		return
	}
	for len(systems) > 0 {
		alike := 1
		for i := 1; i < len(systems); i++ {
			if systems[i].Moments.n == systems[0].Moments.n {
				systems[alike], systems[i] = systems[i], systems[alike]
				alike++
			}
		}
		solveAlike(systems[:alike])
		systems = systems[alike:]
	}
}

// Vector kernels factorise 1, 2 or 4 systems at once, and substitute for 1, 2, 4 or 6.
var (
	factoriseGroups  = [...]int{1, 2, 4}
	substituteGroups = [...]int{1, 2, 4, mostAtOnce}
)

const mostAtOnce = 6

// mostTogether is the largest size for which each group of factoriseGroups is made: four larger systems do not fit into
// the processor's first cache.
var mostTogether = [len(factoriseGroups)]int{maxUnknowns, maxUnknowns, maxUnknowns / 4}

// solveAlike solves systems of one size with the kernels of the path in use.
func solveAlike(systems []System) {
	for len(systems) > 0 {
		count := min(mostAtOnce, len(systems))
		problems := systems[0].Solver.problems[:count]
		for i, s := range systems[:count] {
			problems[i] = s.problem()
		}
		solveProblems(problems, systems[0].Solver.n, systems[0].Solver.stride)
		systems = systems[count:]
	}
}

// solveProblems factorises all problems, then substitutes for those that could be factorised.
func solveProblems(problems []problem, n, stride int) {
	if n == 0 {
		return
	}
	factorised := problems[:0]
	for len(problems) > 0 {
		g := len(factoriseGroups) - 1
		for g > 0 && (factoriseGroups[g] > len(problems) || active.factorise[g] == nil || n > mostTogether[g]) {
			g--
		}
		group := problems[:factoriseGroups[g]]
		problems = problems[len(group):]
		if active.factorise[g](&group[0], n, stride) {
			factorised = append(factorised, group...)
			continue
		}
		for i := range group { // at least one is not positive definite
			if len(group) > 1 && active.factorise[0](&group[i], n, stride) {
				factorised = append(factorised, group[i])
			}
		}
	}
	for len(factorised) > 0 {
		g := len(substituteGroups) - 1
		for g > 0 && (substituteGroups[g] > len(factorised) || active.substitute[g] == nil) {
			g--
		}
		active.substitute[g](&factorised[0], n, stride)
		factorised = factorised[substituteGroups[g]:]
	}
}

// problem is a system as the vector kernels take it: factor, moments, right-hand side, reciprocals of the factor's
// diagonal, what is left of the right-hand side, solution of the lower system, weights, ridge.
type problem = [8]*float64

func (s System) problem() problem {
	v, m := s.Solver, s.Moments
	v.ridge = s.Ridge
	return problem{&v.factor[0], &m.at[0], &m.rhs[0], &v.inverse[0], &v.side[0], &v.solved[0], &s.Weights[0], &v.ridge}
}

// solve is the definition in plain Go.
func (s System) solve() {
	v, n, stride, w := s.Solver, s.Solver.n, s.Solver.stride, s.Weights
	if !v.factorise(s.Moments, s.Ridge) {
		return
	}
	copy(v.side, s.Moments.rhs)
	for k := range n {
		v.solved[k] = v.side[k] * v.inverse[k]
		subtractScaled(v.side[k+1:n], v.factor[k*stride+k+1:k*stride+n], v.solved[k])
	}
	for k := n - 1; k >= 0; k-- {
		w[k] = (v.solved[k] - Dot64(v.factor[k*stride+k+1:k*stride+n], w[k+1:])) * v.inverse[k]
	}
}

// factorise leaves the upper triangle of the factor right of the diagonal in factor, and the reciprocals of the diagonal
// in inverse. It returns false when a pivot is too small.
func (v *Solver) factorise(a *Symmetric, ridge float64) bool {
	n, stride := v.n, v.stride
	a.rows(func(i int, row []float64) { copy(v.factor[i*stride+i:], row) })
	for k := range n {
		pivotRow := v.factor[k*stride+k : k*stride+n]
		pivot := pivotRow[0] + ridge
		if !(pivot > 1e-30) {
			return false
		}
		inverse := 1 / math.Sqrt(pivot)
		v.inverse[k] = inverse
		for j := range pivotRow {
			pivotRow[j] *= inverse
		}
		for i := k + 1; i < n; i++ {
			row := v.factor[i*stride+i : i*stride+n]
			subtractScaled(row, pivotRow[i-k:], pivotRow[i-k])
		}
	}
	return true
}

// subtractScaled subtracts c*b[j] from each a[j].
func subtractScaled(a, b []float64, c float64) {
	b = b[:len(a)]
	for len(a) >= 4 {
		x, y := (*[4]float64)(a), (*[4]float64)(b)
		x[0] -= float64(c * y[0])
		x[1] -= float64(c * y[1])
		x[2] -= float64(c * y[2])
		x[3] -= float64(c * y[3])
		a, b = a[4:], b[4:]
	}
	for j := range a {
		a[j] -= float64(c * b[j])
	}
}
