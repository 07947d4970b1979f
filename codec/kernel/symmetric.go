package kernel

import "math"

// Symmetric is the upper triangle of a symmetric n x n matrix, row-major, with a right-hand side. It gathers the
// statistics of a least-squares problem.
type Symmetric struct {
	n, stride int
	at, rhs   []float64
}

// maxUnknowns is the largest system that the vector kernels are made for.
const maxUnknowns = 64

// NewSymmetric makes a zero matrix of n rows and columns, n from 0 to 64, and a zero right-hand side.
func NewSymmetric(n int) Symmetric {
	if n < 0 || n > maxUnknowns {
		panic("kernel: a least-squares problem of more than 64 unknowns")
	}
	stride := roundUp(n, lanes64)
	return Symmetric{n: n, stride: stride, at: make([]float64, n*stride), rhs: make([]float64, stride)}
}

// NewRow makes an x for Update: n+1 elements, and the capacity that vector kernels read.
func NewRow(n int) []float64 { return make([]float64, n+1, roundUp(n+1, lanes64)) }

// lanes64 is how many elements vector kernels take at once.
const lanes64 = 8

// Update makes every element (forget*a[i][j]) + ((weight*x[i])*x[j]) for j >= i, and every element of the right-hand side
// (forget*b[i]) + ((weight*x[i])*x[n]). x comes from NewRow.
func (s *Symmetric) Update(forget, weight float64, x []float64) {
	x = x[:s.n+1]
	if active.updateSymmetric != nil && s.n > 0 {
		x = x[:roundUp(s.n+1, lanes64)]
		active.updateSymmetric(&s.at[0], &s.rhs[0], &x[0], s.n, s.stride, forget, weight)
		return
	}
	for i := range s.n {
		row := s.at[i*s.stride+i : i*s.stride+s.n]
		xi := weight * x[i]
		xs := x[i : i+len(row)]
		for j := range row {
			row[j] = float64(forget*row[j]) + float64(xi*xs[j])
		}
		s.rhs[i] = float64(forget*s.rhs[i]) + float64(xi*x[s.n])
	}
}

// Solver solves symmetric positive definite systems by Cholesky factorisation.
type Solver struct {
	factor  Symmetric
	inverse []float64 // reciprocals of the factor's diagonal
}

// NewSolver makes a solver for n unknowns.
func NewSolver(n int) Solver {
	return Solver{factor: NewSymmetric(n), inverse: make([]float64, n)}
}

// Solve puts the solution of (A + ridge*I) w = b into w, where A and b are a's matrix and right-hand side. It
// leaves w as it is when the matrix is not positive definite to working precision. The factorisation is
// right-looking: each element receives its subtractions in the order of the pivots, one at a time, so that
// any vector width gives the same bits.
func (v *Solver) Solve(a *Symmetric, ridge float64, w []float64) {
	if n := v.factor.n; n != a.n || len(w) != n {
		panic("kernel: a system and its solver are of different sizes")
	}
	if v.factorise(a, ridge) {
		v.substitute(a, w)
	}
}

// System is what Solve needs.
type System struct {
	Solver  *Solver
	Moments *Symmetric
	Ridge   float64
	Weights []float64
}

func (s System) solve() { s.Solver.Solve(s.Moments, s.Ridge, s.Weights) }

// SolvePair solves two systems as Solve does. If they are of the same size, that takes less time than one after the
// other: a solution is a chain of operations that wait for each other, and two chains can wait at the same time.
func SolvePair(a, b System) {
	n, stride := a.Solver.factor.n, a.Solver.factor.stride
	pairs := active.factorisePair != nil && n > 0 && a.fits(n) && b.fits(n)
	if !pairs || !active.factorisePair(
		&a.Solver.factor.at[0], &a.Moments.at[0], &a.Solver.inverse[0],
		&b.Solver.factor.at[0], &b.Moments.at[0], &b.Solver.inverse[0], n, stride, a.Ridge, b.Ridge) {
		a.solve()
		b.solve()
		return
	}
	copy(a.Solver.factor.rhs, a.Moments.rhs)
	copy(b.Solver.factor.rhs, b.Moments.rhs)
	active.substitutePair(
		&a.Weights[0], &a.Solver.factor.at[0], &a.Solver.inverse[0], &a.Solver.factor.rhs[0],
		&b.Weights[0], &b.Solver.factor.at[0], &b.Solver.inverse[0], &b.Solver.factor.rhs[0], n, stride)
}

// fits reports whether all parts are made for n unknowns.
func (s System) fits(n int) bool {
	return s.Solver.factor.n == n && s.Moments.n == n && len(s.Weights) == n
}

// factorise leaves the upper triangle of the factor right of the diagonal in factor, and the reciprocals of the diagonal
// in inverse. It returns false when a pivot is too small.
func (v *Solver) factorise(a *Symmetric, ridge float64) bool {
	f := &v.factor
	n, stride := f.n, f.stride
	if active.factorise != nil && n > 0 {
		return active.factorise(&f.at[0], &a.at[0], &v.inverse[0], n, stride, ridge)
	}
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

// substitute solves the two triangular systems that factorise left, for a's right-hand side.
func (v *Solver) substitute(a *Symmetric, w []float64) {
	f := &v.factor
	n, stride := f.n, f.stride
	copy(f.rhs, a.rhs)
	if active.substitute != nil && n > 0 {
		active.substitute(&w[0], &f.at[0], &v.inverse[0], &f.rhs[0], n, stride)
		return
	}
	for k := range n {
		row := f.at[k*stride : k*stride+n]
		w[k] = f.rhs[k] * v.inverse[k]
		subtractScaled(f.rhs[k+1:n], row[k+1:], w[k])
	}
	for k := n - 1; k >= 0; k-- {
		row := f.at[k*stride : k*stride+n]
		w[k] = (w[k] - Dot64(row[k+1:], w[k+1:n])) * v.inverse[k]
	}
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
