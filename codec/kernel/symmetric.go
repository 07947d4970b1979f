package kernel

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
	length := roundUp(n, lanes64)
	// An odd number of vectors from row to row spreads the rows evenly over the sets of the processor's cache.
	stride := length | lanes64
	return Symmetric{n: n, stride: stride, at: make([]float64, n*stride), rhs: make([]float64, length)}
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
