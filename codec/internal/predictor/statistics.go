package predictor

import (
	"unsafe"

	"trilobyte/codec/internal/simd"
)

// symmetric is the upper triangle of a symmetric n x n matrix, row after row, with a right-hand side. It gathers the
// statistics of a least-squares problem. Vector kernels know its layout: a row starts at the vector of 8 elements that
// holds its diagonal and ends with the last whole vector; what lies beyond the matrix is undefined.
type symmetric struct {
	n       int
	at, rhs []float64
}

// maxUnknowns is the largest system that the vector kernels are made for.
const maxUnknowns = 64

// newSymmetric makes a zero matrix of n rows and columns, n from 0 to 64, and a zero right-hand side.
func newSymmetric(n int) *symmetric {
	if n < 0 || n > maxUnknowns {
		panic("predictor: a least-squares problem of more than 64 unknowns")
	}
	length, size := simd.RoundUp(n, simd.Lanes64), 0
	for i := range n {
		size += length - vectorOf(i)
	}
	return &symmetric{n: n, at: make([]float64, size), rhs: make([]float64, length)}
}

// vectorOf returns the column where the vector that holds a column begins.
func vectorOf(column int) int { return column &^ (simd.Lanes64 - 1) }

// rows calls visit with each row, from its diagonal on.
func (s *symmetric) rows(visit func(i int, row []float64)) {
	length, start := simd.RoundUp(s.n, simd.Lanes64), 0
	for i := range s.n {
		first := vectorOf(i)
		visit(i, s.at[start+i-first:start+s.n-first])
		start += length - first
	}
}

// rowsAtOnce is how many rows updateAll takes at most.
const rowsAtOnce = 4

// rowLength is how far the rows of problems with n unknowns stand apart.
func rowLength(n int) int { return simd.RoundUp(n+1, simd.Lanes64) }

// newRows makes room for rowsAtOnce rows for updateAll and, behind them, for what vector kernels make of them.
func newRows(n int) []float64 { return make([]float64, 2*rowsAtOnce*rowLength(n)) }

// update is some more rows for the statistics of a problem. Vector kernels know its layout.
type update struct {
	Moments *symmetric
	Forget  float64             // factor of what was gathered before
	Weights [rowsAtOnce]float64 // of the rows
}

// updateAll takes in some rows x, 1 to rowsAtOnce, of n+1 elements, each rowLength(n) after the one before: it makes every element
// of the matrices forget*a[i][j] + (weight*x[i])*x[j] + ... for j >= i, with one product for each row, in their order, and every
// element of the right-hand sides forget*b[i] + (weight*x[i])*x[n] + .... x comes from newRows; all problems are of n
// unknowns.
func updateAll(updates []update, x []float64, n, rows int) {
	for i := range updates {
		if updates[i].Moments.n != n {
			panic("predictor: a row of another size than the matrix")
		}
	}
	length := rowLength(n)
	x = x[:2*rowsAtOnce*length]
	if active.updateAll != nil && n > 0 && rows > 0 && len(updates) > 0 {
		first := (*byte)(unsafe.Pointer(&updates[0]))
		if rows == rowsAtOnce {
			active.updateAllFour(first, &x[0], n, length, len(updates))
			return
		}
		for k := range rows {
			active.updateAll(first, &x[k*length], n, k, len(updates))
		}
		return
	}
	for i := range updates {
		u := &updates[i]
		if rows == rowsAtOnce {
			u.Moments.updateFour(u.Forget, &u.Weights, x)
			continue
		}
		forget := u.Forget
		for k, weight := range u.Weights[:rows] {
			u.Moments.update(forget, weight, x[k*length:][:n+1])
			forget = 1
		}
	}
}

func (s *symmetric) update(forget, weight float64, x []float64) {
	s.rows(func(i int, row []float64) {
		xi := weight * x[i]
		xs := x[i : i+len(row)]
		for len(row) >= 4 && len(xs) >= 4 {
			a, b := (*[4]float64)(row), (*[4]float64)(xs)
			a[0] = float64(forget*a[0]) + float64(xi*b[0])
			a[1] = float64(forget*a[1]) + float64(xi*b[1])
			a[2] = float64(forget*a[2]) + float64(xi*b[2])
			a[3] = float64(forget*a[3]) + float64(xi*b[3])
			row, xs = row[4:], xs[4:]
		}
		for j := range row {
			row[j] = float64(forget*row[j]) + float64(xi*xs[j])
		}
		s.rhs[i] = float64(forget*s.rhs[i]) + float64(xi*x[s.n])
	})
}

// updateFour is update for four rows, one after the other, but passes through the statistics once.
func (s *symmetric) updateFour(forget float64, weights *[rowsAtOnce]float64, x []float64) {
	length := rowLength(s.n)
	values := [rowsAtOnce]float64{x[s.n], x[length+s.n], x[2*length+s.n], x[3*length+s.n]}
	s.rows(func(i int, row []float64) {
		a, b, c, d := x[i:], x[length+i:], x[2*length+i:], x[3*length+i:]
		ta, tb, tc, td := weights[0]*a[0], weights[1]*b[0], weights[2]*c[0], weights[3]*d[0]
		a, b, c, d = a[:len(row)], b[:len(row)], c[:len(row)], d[:len(row)]
		for j, v := range row {
			v = float64(forget*v) + float64(ta*a[j])
			v += float64(tb * b[j])
			v += float64(tc * c[j])
			row[j] = v + float64(td*d[j])
		}
		v := float64(forget*s.rhs[i]) + float64(ta*values[0])
		v += float64(tb * values[1])
		v += float64(tc * values[2])
		s.rhs[i] = v + float64(td*values[3])
	})
}
