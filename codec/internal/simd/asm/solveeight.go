package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// lanesSolver generates the solution of 8 systems of 16 unknowns at once, each in a lane of its own: what takes sums over a system
// elsewhere needs no moving of lanes here, and roots and divisions are done for all systems together. The order of operations is
// that of the definition.
type lanesSolver struct {
	width
	problems, work GPVirtual
}

// lanesUnknowns is the size of the systems.
const lanesUnknowns = 16

// The work space, in vectors: the factor, row after row; then, for each row, what the lower system's solution is and the reciprocal of
// the diagonal; the right-hand side, which is replaced by the solution.
func (l *lanesSolver) factor(row, column int) Mem {
	return Mem{Base: l.work, Disp: 64 * (lanesUnknowns*row + column)}
}
func (l *lanesSolver) side(row int) Mem    { return l.factor(lanesUnknowns, row) }
func (l *lanesSolver) inverse(row int) Mem { return l.factor(lanesUnknowns+1, row) }
func (l *lanesSolver) ridge() Mem          { return l.factor(lanesUnknowns+2, 0) }

func solveEight() {
	TEXT("solveEightAVX512", NOSPLIT, "func(systems *uintptr, work *float64)")
	Pragma("noescape")
	l := &lanesSolver{width: widths["avx512"], problems: GP64(), work: GP64()}
	Load(Param("systems"), l.problems)
	Load(Param("work"), l.work)
	l.load()
	fit := K()
	KXNORB(fit, fit, fit)
	var last VecVirtual
	for row := range lanesUnknowns {
		last = l.eliminate(row, last, fit)
	}
	l.store(l.substitute(), fit)
	VZEROUPPER()
	RET()
}

// pointers loads a field of each system's problem.
func (l *lanesSolver) pointers(field int) []Register {
	var list []Register
	for i := range 8 {
		p := GP64()
		MOVQ(Mem{Base: l.problems, Disp: 8 * i}, p)
		MOVQ(Mem{Base: p, Disp: field}, p)
		list = append(list, p)
	}
	return list
}

// load puts the systems into the work space.
func (l *lanesSolver) load() {
	ridges := XMM()
	for i, p := range l.pointers(problemRidge) {
		VMOVSD(Mem{Base: p}, ridges)
		VMOVSD(ridges, l.ridge().Offset(8*i))
	}
	// Rows of the first half have two vectors, those of the second half one.
	const half = lanesUnknowns / 2
	moments, at, to := l.pointers(problemMoments), GP64(), GP64()
	XORQ(at, at)
	LEAQ(l.factor(0, 0), to)
	l.loadVectors("upper", moments, at, to, 2*half, 64*half)
	LEAQ(l.factor(half, half), to)
	l.loadVectors("lower", moments, at, to, 3*half, 64*lanesUnknowns)
	sides := l.pointers(problemRHS)
	XORQ(at, at)
	LEAQ(l.side(0), to)
	l.loadVectors("side", sides, at, to, 2, 64*half)
}

// loadVectors puts vectors of all systems into the work space from to on, up to the given number, the first lanes of all systems into
// one vector, and so on.
func (l *lanesSolver) loadVectors(label string, from []Register, at, to Register, end, stride int) {
	Label(label)
	rows := l.vectors(8)
	for i, v := range rows {
		VMOVUPD(Mem{Base: from[i], Index: at, Scale: 1}, v)
	}
	for i, v := range l.transpose(rows) {
		VMOVUPD(v, Mem{Base: to, Disp: 64 * i})
	}
	ADDQ(U32(stride), to)
	ADDQ(U8(64), at)
	CMPQ(at, U32(64*end))
	JNE(LabelRef(label))
}

// transpose makes vectors of the first, second, ... lanes of 8 vectors.
func (l *lanesSolver) transpose(rows []VecVirtual) []VecVirtual {
	var pairs [2][]VecVirtual // of the even lanes of two neighbouring rows, and of the odd ones
	for i := 0; i < 8; i += 2 {
		even, odd := ZMM(), ZMM()
		VUNPCKLPD(rows[i+1], rows[i], even)
		VUNPCKHPD(rows[i+1], rows[i], odd)
		pairs[0], pairs[1] = append(pairs[0], even), append(pairs[1], odd)
	}
	const firstAndThird, secondAndFourth = 0b10001000, 0b11011101 // of the quarters of both sources
	columns := make([]VecVirtual, 8)
	for odd, p := range pairs {
		for half, quarters := range []uint8{firstAndThird, secondAndFourth} {
			upper, lower := ZMM(), ZMM()
			VSHUFF64X2(U8(quarters), p[1], p[0], upper)
			VSHUFF64X2(U8(quarters), p[3], p[2], lower)
			for fourth, quarters := range []uint8{firstAndThird, secondAndFourth} {
				column := ZMM()
				VSHUFF64X2(U8(quarters), lower, upper, column)
				columns[odd+2*half+4*fourth] = column
			}
		}
	}
	return columns
}

// eliminate takes the multiples of the rows above off a row and its right-hand side, and divides them by the root of the pivot.
// Systems whose pivot is too small do not fit. It returns the next row's multiplier of this row, and takes this row's of the last
// one, so that the next pivot need not wait for its way through memory.
func (l *lanesSolver) eliminate(row int, last VecVirtual, fit Register) (next VecVirtual) {
	elements, side := l.vectors(lanesUnknowns-row), ZMM()
	for i, v := range elements {
		VMOVUPD(l.factor(row, row+i), v)
	}
	VMOVUPD(l.side(row), side)
	takeOff := func(multiplier VecVirtual, of Op, from VecVirtual) {
		product := ZMM()
		VMULPD(of, multiplier, product)
		VSUBPD(product, from, from)
	}
	if row > 1 {
		above, solved, end := GP64(), GP64(), GP64()
		LEAQ(l.factor(0, row), above)
		LEAQ(l.side(0), solved)
		LEAQ(l.side(row-1), end)
		loop := fmt.Sprint("above", row)
		Label(loop)
		multiplier := ZMM()
		VMOVUPD(Mem{Base: above}, multiplier)
		for i, v := range elements {
			takeOff(multiplier, Mem{Base: above, Disp: 64 * i}, v)
		}
		takeOff(multiplier, Mem{Base: solved}, side)
		ADDQ(U32(64*lanesUnknowns), above)
		ADDQ(U8(64), solved)
		CMPQ(solved, end)
		JNE(LabelRef(loop))
	}
	if row > 0 {
		takeOff(last, last, elements[0])
		for i, v := range elements[1:] {
			takeOff(last, l.factor(row-1, row+1+i), v)
		}
		takeOff(last, l.side(row-1), side)
	}
	pivot := elements[0]
	VADDPD(l.ridge(), pivot, pivot)
	VCMPPD(U8(greater), repeated("smallestPivots", 1e-30), pivot, fit, fit)
	VSQRTPD(pivot, pivot)
	inverse := ZMM()
	VMOVUPD(repeated("ones", 1), inverse)
	VDIVPD(pivot, inverse, inverse)
	VMOVUPD(inverse, l.inverse(row))
	for i, v := range elements[1:] {
		VMULPD(inverse, v, v)
		VMOVUPD(v, l.factor(row, row+1+i))
	}
	VMULPD(inverse, side, side)
	VMOVUPD(side, l.side(row))
	if row+1 < lanesUnknowns {
		next = elements[1]
	}
	return next
}

// substitute returns the solutions: each is what the row's others leave, divided by the root of the pivot.
func (l *lanesSolver) substitute() []VecVirtual {
	solutions, zero := make([]VecVirtual, lanesUnknowns), ZMM()
	l.zero(zero)
	for row := lanesUnknowns - 1; row >= 0; row-- {
		v := ZMM()
		VMOVUPD(l.side(row), v)
		// predictor.dot64's sums.
		sums := l.vectors(min(8, lanesUnknowns-1-row))
		for i, solution := range solutions[row+1:] {
			product, sum := ZMM(), zero
			VMULPD(l.factor(row, row+1+i), solution, product)
			if i >= 8 {
				sum = sums[i%8]
			}
			VADDPD(product, sum, sums[i%8])
		}
		if len(sums) > 0 {
			VSUBPD(l.fold(sums), v, v)
		} else {
			VSUBPD(zero, v, v)
		}
		VMULPD(l.inverse(row), v, v)
		solutions[row] = v
	}
	return solutions
}

// fold adds up to 8 sums in the order of width.fold64. Those that are missing are 0, and adding 0 changes no sum that began with 0.
func (l *lanesSolver) fold(sums []VecVirtual) VecVirtual {
	for distance := 4; distance >= 1; distance /= 2 {
		for i := range min(distance, max(0, len(sums)-distance)) {
			VADDPD(sums[i+distance], sums[i], sums[i])
		}
		sums = sums[:min(distance, len(sums))]
	}
	return sums[0]
}

// store gives the systems that fit their solutions.
func (l *lanesSolver) store(solutions []VecVirtual, fit Register) {
	bits := GP64()
	KMOVB(fit, bits.As32())
	weights := l.pointers(problemWeights)
	for first := 0; first < lanesUnknowns; first += 8 {
		for i, v := range l.transpose(solutions[first:][:8]) {
			skip := fmt.Sprint("store", first+i)
			BTQ(U8(i), bits)
			JCC(LabelRef(skip))
			VMOVUPD(v, Mem{Base: weights[i], Disp: 8 * first})
			Label(skip)
		}
	}
}
