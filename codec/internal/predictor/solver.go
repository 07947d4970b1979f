package predictor

import (
	"math"
	"unsafe"

	"trilobyte/codec/internal/simd"
)

// system is a symmetric positive definite system of linear equations that is solved again and again: (A + ridge*I) w = b,
// where A and b are the matrix and the right-hand side of a symmetric, which may change between two solutions.
type system struct {
	problem problem // first, for the vector kernels

	n, stride int // unknowns; elements from row to row of the factor
	moments   *symmetric
	ridge     float64
	weights   []float64
	factor    []float64 // upper triangle of the Cholesky factor
	inverse   []float64 // reciprocals of its diagonal
	side      []float64 // what is left of the right-hand side
	solved    []float64 // solution of the lower triangular system
	eight     *eight    // made when it is needed
	twins     []*system // see ownTwins; made when they are needed
	sound     bool      // what factorising it has found
}

// problem is a system as the vector kernels take it: factor, matrix, right-hand side, inverse, side, solved, weights, ridge.
type problem [8]*float64

// newSystem makes a system whose solutions are put into weights, which is as long as the matrix.
func newSystem(moments *symmetric, ridge float64, weights []float64) *system {
	n := moments.n
	if len(weights) != n {
		panic("predictor: a system and its weights are of different sizes")
	}
	length := simd.RoundUp(n, simd.Lanes64)
	// An odd number of vectors from row to row spreads the rows evenly over the sets of the processor's cache.
	stride := length | simd.Lanes64
	s := &system{
		n:       n,
		stride:  stride,
		moments: moments,
		ridge:   ridge,
		weights: weights,
		factor:  make([]float64, n*stride),
		inverse: make([]float64, n),
		side:    make([]float64, length),
		solved:  make([]float64, n),
	}
	if n > 0 {
		s.problem = problem{&s.factor[0], &moments.at[0], &moments.rhs[0], &s.inverse[0], &s.side[0], &s.solved[0], &weights[0], &s.ridge}
	}
	return s
}

// Solve puts the solution of the system into its weights. It leaves them as they are when the matrix is not positive
// definite to working precision. In the factorisation each element receives its subtractions in the order of the
// pivots, one at a time, so that any vector width gives the same bits.
func (s *system) Solve() { solveAll([]*system{s}) }

// solveAll solves systems as Solve does. Several of the same size take less time together than one after the other: a
// solution is a chain of operations that wait for each other, and several chains can wait at the same time. The order of
// the systems may be changed.
func solveAll(systems []*system) {
	if active.factorise == nil && active.factoriseAll == nil {
		for _, s := range systems {
			s.solve()
		}
		return
	}
	for len(systems) > 0 {
		alike := 1
		for i := 1; i < len(systems); i++ {
			if systems[i].n == systems[0].n {
				systems[alike], systems[i] = systems[i], systems[alike]
				alike++
			}
		}
		solveAlike(systems[:alike])
		systems = systems[alike:]
	}
}

// Kernels for AVX-512 factorise two systems at once, of up to pairUnknowns, and substitute for 1, 2, 4 or 6.
var substituteGroups = [...]int{1, 2, 4, 6}

// pairUnknowns is the largest size of the systems that two at a time are factorised of: two larger ones do not fit into the
// processor's registers.
const pairUnknowns = 32

// Eight systems of eightUnknowns have a kernel of their own, which takes hardly longer than the other one takes for two pairs.
const eightUnknowns = 16

// eight is what that kernel takes, and room for what it works out.
type eight struct {
	systems [8]*system
	work    [8 * (eightUnknowns*(eightUnknowns+2) + 1)]float64
}

// solveEight solves up to 8 systems of eightUnknowns.
func solveEight(systems []*system) {
	if systems[0].eight == nil {
		systems[0].eight = new(eight)
	}
	e := systems[0].eight
	for i := range e.systems { // the last one more than once, if there are fewer
		e.systems[i] = systems[min(i, len(systems)-1)]
	}
	active.solveEight(first(e.systems[:]), &e.work[0])
}

// solveAlike solves systems of one size with the kernels of the path in use: it factorises all of them, then substitutes
// for those that could be factorised.
func solveAlike(systems []*system) {
	n, stride := systems[0].n, systems[0].stride
	if n == 0 {
		return
	}
	for n == eightUnknowns && len(systems) > 2 && active.solveEight != nil {
		group := systems[:min(8, len(systems))]
		solveEight(group)
		systems = systems[len(group):]
	}
	switch {
	case active.factorise != nil:
		for i := range systems {
			if active.factorise(first(systems[i:]), n, stride) {
				active.substitute(first(systems[i:]), n, stride)
			}
		}
		return
	case n > pairUnknowns || active.factorisePair == nil:
		solveInTurns(systems)
		return
	}
	factorised := systems[:0]
	for _, s := range systems {
		s.sound = false
	}
	for i := 0; i < len(systems); i += 2 {
		factorisePairOf(systems[i:min(i+2, len(systems))])
	}
	for _, s := range systems {
		if s.sound {
			factorised = append(factorised, s)
		}
	}
	for len(factorised) > 0 {
		g := len(substituteGroups) - 1
		for substituteGroups[g] > len(factorised) {
			g--
		}
		active.back[g](first(factorised), n, stride)
		factorised = factorised[substituteGroups[g]:]
	}
}

// backAtOnce is how many systems back4 takes at most.
const backAtOnce = 4

// solveInTurns solves systems of one size: those that cannot be factorised with all others, by themselves.
func solveInTurns(systems []*system) {
	n, stride := systems[0].n, systems[0].stride
	if !active.factoriseAll(first(systems), len(systems), n, stride) {
		if len(systems) > 1 {
			for i := range systems {
				solveInTurns(systems[i : i+1])
			}
		}
		return
	}
	for len(systems) > 0 {
		group := systems[:min(backAtOnce, len(systems))]
		active.back4(first(group), len(group), n, stride)
		systems = systems[len(group):]
	}
}

// factorisePairOf factorises one or two systems and notes which of them are sound. One takes as long as two: a twin of it is the
// other.
func factorisePairOf(systems []*system) {
	pair := systems
	if len(systems) == 1 {
		pair = systems[0].ownTwins()
	}
	n, stride := pair[0].n, pair[0].stride
	if active.factorisePair(first(pair), n, stride) {
		pair[0].sound, pair[1].sound = true, true
		return
	}
	if len(systems) == 1 {
		return
	}
	for i := range systems { // at least one is not positive definite
		factorisePairOf(systems[i : i+1])
	}
}

// ownTwins returns the system and one with the same statistics and room of its own.
func (s *system) ownTwins() []*system {
	if s.twins == nil {
		s.twins = []*system{s, newSystem(s.moments, s.ridge, make([]float64, s.n))}
	}
	s.twins[1].ridge = s.ridge
	return s.twins
}

// first is how vector kernels take systems.
func first(systems []*system) *uintptr { return (*uintptr)(unsafe.Pointer(&systems[0])) }

// solve is the definition in plain Go.
func (s *system) solve() {
	if !s.factorise() {
		return
	}
	n, stride, w := s.n, s.stride, s.weights
	copy(s.side, s.moments.rhs)
	for k := range n {
		s.solved[k] = s.side[k] * s.inverse[k]
		subtractScaled(s.side[k+1:n], s.factor[k*stride+k+1:k*stride+n], s.solved[k])
	}
	for k := n - 1; k >= 0; k-- {
		w[k] = (s.solved[k] - dot64(s.factor[k*stride+k+1:k*stride+n], w[k+1:])) * s.inverse[k]
	}
}

// factorise leaves the upper triangle of the factor right of the diagonal in factor, and the reciprocals of the diagonal
// in inverse. It returns false when a pivot is too small. A row receives the multiples of the rows above it, in their
// order, then it is divided by the root of its pivot.
func (s *system) factorise() bool {
	n, stride := s.n, s.stride
	s.moments.rows(func(i int, row []float64) { copy(s.factor[i*stride+i:], row) })
	for i := range n {
		row := s.factor[i*stride+i : i*stride+n]
		above := func(k int) []float64 { return s.factor[k*stride+i:][:len(row)] }
		k := 0
		for ; k+4 <= i; k += 4 {
			subtractFour(row, above(k), above(k+1), above(k+2), above(k+3))
		}
		for ; k < i; k++ {
			subtractScaled(row, above(k), above(k)[0])
		}
		pivot := row[0] + s.ridge
		if !(pivot > 1e-30) {
			return false
		}
		inverse := 1 / math.Sqrt(pivot)
		s.inverse[i] = inverse
		for j := range row {
			row[j] *= inverse
		}
	}
	return true
}

// subtractFour subtracts the multiples of four rows, one after the other.
func subtractFour(row, a, b, c, d []float64) {
	a, b, c, d = a[:len(row)], b[:len(row)], c[:len(row)], d[:len(row)]
	a0, b0, c0, d0 := a[0], b[0], c[0], d[0]
	for j, v := range row {
		v -= float64(a0 * a[j])
		v -= float64(b0 * b[j])
		v -= float64(c0 * c[j])
		v -= float64(d0 * d[j])
		row[j] = v
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
