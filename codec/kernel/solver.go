package kernel

import "math"

// Solver solves symmetric positive definite systems by Cholesky factorisation.
type Solver struct {
	factor  Symmetric // its right-hand side is what is left of that of the system
	inverse []float64 // reciprocals of the factor's diagonal
	solved  []float64 // solution of the lower triangular system
	ridge   float64

	problems [4]problem // of the systems that are solved with this one, itself the first
}

// NewSolver makes a solver for n unknowns.
func NewSolver(n int) Solver {
	return Solver{factor: NewSymmetric(n), inverse: make([]float64, n), solved: make([]float64, n)}
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
		if n := s.Moments.n; s.Solver.factor.n != n || len(s.Weights) != n {
			panic("kernel: a system, its solver and its weights are of different sizes")
		}
	}
	if active.solve[0] == nil {
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

// groups are the numbers of systems that vector kernels may solve at once.
var groups = [...]int{1, 2, 4}

// solveAlike solves systems of one size with the kernels of the path in use.
func solveAlike(systems []System) {
	n, stride := systems[0].Moments.n, systems[0].Moments.stride
	if n == 0 {
		return
	}
	for len(systems) > 0 {
		g := len(groups) - 1
		for g > 0 && (groups[g] > len(systems) || active.solve[g] == nil || n > mostTogether[g]) {
			g--
		}
		count := groups[g]
		problems := &systems[0].Solver.problems
		for i, s := range systems[:count] {
			problems[i] = s.problem()
		}
		if !active.solve[g](&problems[0], n, stride) && count > 1 {
			for i := range count { // at least one is not positive definite
				active.solve[0](&problems[i], n, stride)
			}
		}
		systems = systems[count:]
	}
}

// mostTogether is the largest size for which each group is made: four larger systems do not fit into the processor's
// first cache.
var mostTogether = [len(groups)]int{maxUnknowns, maxUnknowns, maxUnknowns / 4}

// problem is a system as the vector kernels take it: factor, moments, right-hand side, reciprocals of the factor's
// diagonal, what is left of the right-hand side, solution of the lower system, weights, ridge.
type problem = [8]*float64

func (s System) problem() problem {
	v, m := s.Solver, s.Moments
	v.ridge = s.Ridge
	return problem{&v.factor.at[0], &m.at[0], &m.rhs[0], &v.inverse[0], &v.factor.rhs[0], &v.solved[0], &s.Weights[0], &v.ridge}
}

// solve is the definition in plain Go.
func (s System) solve() {
	v, n, stride, w := s.Solver, s.Moments.n, s.Moments.stride, s.Weights
	if !v.factorise(s.Moments, s.Ridge) {
		return
	}
	at, rhs := v.factor.at, v.factor.rhs
	copy(rhs, s.Moments.rhs)
	for k := range n {
		v.solved[k] = float64(rhs[k] * v.inverse[k])
		subtractScaled(rhs[k+1:n], at[k*stride+k+1:k*stride+n], v.solved[k])
	}
	for k := n - 1; k >= 0; k-- {
		w[k] = (v.solved[k] - Dot64(at[k*stride+k+1:k*stride+n], w[k+1:])) * v.inverse[k]
	}
}

// factorise leaves the upper triangle of the factor right of the diagonal in factor, and the reciprocals of the diagonal
// in inverse. It returns false when a pivot is too small.
func (v *Solver) factorise(a *Symmetric, ridge float64) bool {
	f := &v.factor
	n, stride := f.n, f.stride
	copy(f.at, a.at)
	for k := range n {
		pivotRow := f.at[k*stride+k : k*stride+n]
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
			row := f.at[i*stride+i : i*stride+n]
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
