package kernel

import "unsafe"

// Symmetric is the upper triangle of a symmetric n x n matrix, row-major, with a right-hand side. It gathers the
// statistics of a least-squares problem. Vector kernels know its layout.
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
	length := roundUp(n, lanes64)
	// An odd number of vectors from row to row spreads the rows evenly over the sets of the processor's cache.
	stride := length | lanes64
	return Symmetric{n: n, stride: stride, at: make([]float64, n*stride), rhs: make([]float64, length)}
}

// NewRow makes an x for Update: n+1 elements, and the capacity that vector kernels read.
func NewRow(n int) []float64 { return make([]float64, n+1, roundUp(n+1, lanes64)) }

// lanes64 is how many elements vector kernels take at once.
const lanes64 = 8

// Update is one more row for the statistics of a problem. Vector kernels know its layout.
type Update struct {
	Moments *Symmetric
	Forget  float64 // factor of what was gathered before
	Weight  float64 // of the row
}

// UpdateAll makes every element of the matrices (forget*a[i][j]) + ((weight*x[i])*x[j]) for j >= i, and every element of
// the right-hand sides (forget*b[i]) + ((weight*x[i])*x[n]). x comes from NewRow; all problems are of its size.
func UpdateAll(updates []Update, x []float64) {
	n := len(x) - 1
	for _, u := range updates {
		if u.Moments.n != n {
			panic("kernel: a row of another size than the matrix")
		}
	}
	if active.updateAll != nil && n > 0 && len(updates) > 0 {
		row := x[:roundUp(n+1, lanes64)]
		active.updateAll((*byte)(unsafe.Pointer(&updates[0])), &row[0], n, len(updates))
		return
	}
	for _, u := range updates {
		u.Moments.update(u.Forget, u.Weight, x)
	}
}

func (s *Symmetric) update(forget, weight float64, x []float64) {
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
