package kernel

import "math"

// Symmetric is the upper triangle of a symmetric n x n matrix with one more column (a right-hand side),
// row-major. It gathers the statistics of a least-squares problem.
type Symmetric struct {
	n, stride int
	at        []float64
	x         []float64 // the x of Update, padded to stride
}

// maxUnknowns is the largest system that the vector kernels are made for.
const maxUnknowns = 64

// NewSymmetric makes a zero matrix of n rows and n+1 columns, n from 0 to 64.
func NewSymmetric(n int) Symmetric {
	if n < 0 || n > maxUnknowns {
		panic("kernel: a least-squares problem of more than 64 unknowns")
	}
	stride := (n + 1 + 7) &^ 7
	return Symmetric{n: n, stride: stride, at: make([]float64, n*stride), x: make([]float64, stride)}
}

// Update makes every element (forget*a[i][j]) + ((weight*x[i])*x[j]) for j >= i. x has n+1 elements, the last
// one belonging to the right-hand side.
func (s *Symmetric) Update(forget, weight float64, x []float64) {
	x = x[:s.n+1]
	if active.updateSymmetric != nil && s.n > 0 {
		copy(s.x, x)
		active.updateSymmetric(&s.at[0], &s.x[0], s.n, s.stride, forget, weight)
		return
	}
	for i := range s.n {
		row := s.at[i*s.stride+i : i*s.stride+s.n+1]
		xi := weight * x[i]
		xs := x[i : i+len(row)]
		for j := range row {
			row[j] = float64(forget*row[j]) + float64(xi*xs[j])
		}
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

// Solve puts the solution of (A + ridge*I) w = b into w, where A and b are a's matrix and last column. It
// leaves w as it is when the matrix is not positive definite to working precision. The factorisation is
// right-looking: each element receives its subtractions in the order of the pivots, one at a time, so that
// any vector width gives the same bits.
func (v *Solver) Solve(a *Symmetric, ridge float64, w []float64) {
	if n := v.factor.n; n != a.n || len(w) != n {
		panic("kernel: a system and its solver are of different sizes")
	}
	if v.factorise(a, ridge) {
		v.substitute(w)
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
	active.substitutePair(
		&a.Weights[0], &a.Solver.factor.at[0], &a.Solver.inverse[0],
		&b.Weights[0], &b.Solver.factor.at[0], &b.Solver.inverse[0], n, stride)
}

// fits reports whether all parts are made for n unknowns.
func (s System) fits(n int) bool {
	return s.Solver.factor.n == n && s.Moments.n == n && len(s.Weights) == n
}

// factorise leaves the factor's upper triangle and the right-hand side divided by it in factor. It returns false when
// a pivot is too small.
func (v *Solver) factorise(a *Symmetric, ridge float64) bool {
	f := &v.factor
	n, stride := f.n, f.stride
	if active.factorise != nil && n > 0 {
		return active.factorise(&f.at[0], &a.at[0], &v.inverse[0], n, stride, ridge)
	}
	copy(f.at, a.at)
	for k := range n {
		pivotRow := f.at[k*stride+k : k*stride+n+1]
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
			row := f.at[i*stride+i : i*stride+n+1]
			subtractScaled(row, pivotRow[i-k:], pivotRow[i-k])
		}
	}
	return true
}

// substitute solves the triangular system that factorise left.
func (v *Solver) substitute(w []float64) {
	f := &v.factor
	n, stride := f.n, f.stride
	if active.substitute != nil && n > 0 {
		active.substitute(&w[0], &f.at[0], &v.inverse[0], n, stride)
		return
	}
	for k := n - 1; k >= 0; k-- {
		row := f.at[k*stride : k*stride+n+1]
		sum := row[n] - Dot64(row[k+1:n], w[k+1:n])
		w[k] = sum * v.inverse[k]
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
