package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// solver generates the Cholesky solution of two systems of the same size. Its time is a chain of square roots
// and divisions, one after the other for each row: two systems take hardly longer than one.
//
// A row is loaded, the multiples of all rows above it are taken off in their order, and it is divided by the root of
// its pivot; so each element receives the same operations as in the right-looking definition. The division is put off
// until the next row, whose pivot is computed ahead of the rest of that row: it is what the chain waits for. The forward
// substitution goes along with the rows.
type solver struct {
	width
	problems    GPVirtual // addresses of the systems
	stride      GPVirtual // bytes from row to row
	row         GPVirtual // number of the row
	offset      GPVirtual // of the row in the factor in bytes
	moments     GPVirtual // offset of the row in the matrix
	first       GPVirtual // of the vector that holds the row's diagonal, in bytes from the row's beginning
	diagonal    Register  // mask of the diagonal in that vector
	factors     []Register
	reciprocals []VecVirtual // of the root of the latest pivot of each system, in all lanes
}

// The fields of predictor.problem, with which a predictor.system begins, all of them pointers.
const (
	problemFactor  = 8 * iota // upper triangle of the factor, without its diagonal
	problemMoments            // the matrix
	problemRHS                // its right-hand side
	problemInverse            // reciprocals of the factor's diagonal
	problemSide               // what is left of the right-hand side
	problemSolved             // solution of the lower system
	problemWeights            // solution
	problemRidge
)

// mostVectors is how many vectors a row has at most (predictor.pairUnknowns): with two systems and two rows, more do not fit into the registers.
const mostVectors = 4

// load loads a field of a system's problem.
func (s *solver) load(system, field int) Register {
	r := GP64()
	MOVQ(Mem{Base: s.problems, Disp: 8 * system}, r)
	MOVQ(Mem{Base: r, Disp: field}, r)
	return r
}

// factorisePair generates the factorisation of two systems and the forward substitution.
func factorisePair() {
	const systems = 2
	s := &solver{width: widths["avx512"]}
	TEXT("factorisePairAVX512", NOSPLIT, "func(systems *uintptr, n, stride int) bool")
	Pragma("noescape")
	s.problems, s.stride, s.row, s.offset, s.first, s.moments = GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	s.diagonal = K()
	Load(Param("systems"), s.problems)
	Load(Param("stride"), s.stride)
	SHLQ(U8(3), s.stride)
	s.reciprocals = s.vectors(systems)
	for i := range systems {
		s.factors = append(s.factors, s.load(i, problemFactor))
	}
	length := rowLength()
	s.firstRow(length)
	for m := mostVectors; m > 1; m-- {
		CMPQ(length, U32(m*64))
		JEQ(LabelRef(fmt.Sprint("row", m)))
	}
	JMP(LabelRef("row1"))
	for m := mostVectors; m >= 1; m-- {
		// Rows from an even number on go in pairs.
		Label(fmt.Sprint("pair", m))
		last := GP64()
		LEAQ(Mem{Base: s.row, Disp: 1}, last)
		CMPQ(last, addressOf("n"))
		JEQ(LabelRef(fmt.Sprint("row", m)))
		s.rows(fmt.Sprint("pair", m), m, 2)
		s.goOn(m)
		Label(fmt.Sprint("row", m))
		s.rows(fmt.Sprint("row", m), m, 1)
		s.goOn(m)
		JMP(LabelRef(fmt.Sprint("pair", m)))
	}
	Label("last")
	for i := range systems {
		s.forward(i, s.load(i, problemSide), s.reciprocals[i])
	}
	result(1)
	Label("fail")
	result(0)
}

// nextRow goes to the next row.
func (s *solver) nextRow() {
	ADDQ(s.stride, s.offset)
	KADDB(s.diagonal, s.diagonal, s.diagonal)
	INCQ(s.row)
}

// goOn goes to the next rows, of which the last m vectors matter, or one less.
func (s *solver) goOn(m int) {
	s.nextRow()
	CMPQ(s.row, addressOf("n"))
	JEQ(LabelRef("last"))
	TESTQ(U32(7), s.row)
	JNE(LabelRef(fmt.Sprint("pair", m)))
	s.resetDiagonal(1)
	ADDQ(U8(64), s.first)
	if m > 1 {
		JMP(LabelRef(fmt.Sprint("pair", m-1)))
	}
}

// result generates the return of a truth value.
func result(v uint8) {
	r := GP8()
	MOVB(U8(v), r)
	Store(r, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

func (s *solver) resetDiagonal(mask uint32) {
	bit := GP32()
	MOVL(U32(mask), bit)
	KMOVB(bit, s.diagonal)
}

// firstRow copies the first row and the right-hand side, takes the row's root, and makes the second row the next one.
func (s *solver) firstRow(length Register) {
	XORQ(s.first, s.first)
	Label("copy")
	for i, factor := range s.factors {
		for _, fields := range [][2]int{{problemMoments, -1}, {problemRHS, problemSide}} {
			v, to := ZMM(), factor
			if fields[1] >= 0 {
				to = s.load(i, fields[1])
			}
			VMOVUPD(Mem{Base: s.load(i, fields[0]), Index: s.first, Scale: 1}, v)
			VMOVUPD(v, Mem{Base: to, Index: s.first, Scale: 1})
		}
	}
	ADDQ(U8(64), s.first)
	CMPQ(s.first, length)
	JLT(LabelRef("copy"))
	XORQ(s.first, s.first)
	XORQ(s.row, s.row)
	for i := range s.factors {
		pivot := XMM()
		VMOVSD(Mem{Base: s.load(i, problemMoments)}, pivot)
		s.root(i, pivot)
	}
	MOVQ(s.stride, s.offset)
	MOVQ(length, s.moments)
	s.resetDiagonal(2)
	INCQ(s.row)
	CMPQ(s.row, addressOf("n"))
	JEQ(LabelRef("last"))
}

// root generates the reciprocal of the root of a row's pivot.
func (s *solver) root(system int, pivot Register) {
	VADDSD(Mem{Base: s.load(system, problemRidge)}, pivot, pivot)
	VUCOMISD(constant("smallestPivot", 1e-30), pivot)
	JLS(LabelRef("fail")) // not greater, or not a number
	root, reciprocal := XMM(), s.reciprocals[system]
	VSQRTSD(pivot, pivot, root)
	VMOVSD(constant("one", 1), reciprocal.AsX())
	VDIVSD(root, reciprocal.AsX(), reciprocal.AsX())
	VMOVSD(reciprocal.AsX(), Mem{Base: s.load(system, problemInverse), Index: s.row, Scale: 8})
	VBROADCASTSD(reciprocal.AsX(), reciprocal)
}

// constants are those that kernels share.
var constants = map[string]Mem{}

func constant(name string, v float64) Mem {
	if _, ok := constants[name]; !ok {
		constants[name] = ConstData(name, F64(v))
	}
	return constants[name]
}

// rows generates the work on one or two rows of which the last m vectors matter.
func (s *solver) rows(label string, m, count int) {
	at := GP64()
	LEAQ(Mem{Base: s.offset, Index: s.first, Scale: 1}, at)
	rows := make([][][]VecVirtual, count) // by row and system
	for r := range rows {
		for i := range s.factors {
			v := s.vectors(m)
			matrix := s.load(i, problemMoments)
			for q := range v {
				VMOVUPD(Mem{Base: matrix, Index: s.moments, Scale: 1, Disp: 64 * (r*m + q)}, v[q])
			}
			rows[r] = append(rows[r], v)
		}
	}
	ADDQ(U32(64*m*count), s.moments)
	s.subtractAbove(label, rows)
	for r := range rows {
		if r > 0 {
			s.nextRow()
			ADDQ(s.stride, at)
		}
		above := GP64() // the vector above in the row above
		MOVQ(at, above)
		SUBQ(s.stride, above)
		for i := range s.factors {
			var below []VecVirtual
			if r+1 < count {
				below = rows[r+1][i]
			}
			s.finish(i, rows[r][i], below, at, above)
		}
	}
}

// finish divides the row above a system's row, takes its multiple off the row, and computes the pivot of the row. It
// also takes its multiple off the row below, if that is given.
func (s *solver) finish(system int, row, below []VecVirtual, at, above Register) {
	// The pivot first: multiplier is the element above it, divided.
	factor := s.factors[system]
	scale, multiplier, square, pivot := ZMM(), ZMM(), XMM(), ZMM()
	VMOVAPD(s.reciprocals[system], scale)
	column := GP64()
	MOVQ(s.offset, column)
	SUBQ(s.stride, column)
	ADDQ(factor, column)
	VMULSD(Mem{Base: column, Index: s.row, Scale: 8}, scale.AsX(), multiplier.AsX())
	VMULSD(multiplier.AsX(), multiplier.AsX(), square)
	VCOMPRESSPD_Z(row[0], s.diagonal, pivot)
	VSUBSD(square, pivot.AsX(), pivot.AsX())
	s.root(system, pivot.AsX())
	VBROADCASTSD(multiplier.AsX(), multiplier)
	var next VecVirtual
	if below != nil {
		next = ZMM()
		VMULSD(Mem{Base: column, Index: s.row, Scale: 8, Disp: 8}, scale.AsX(), next.AsX())
		VBROADCASTSD(next.AsX(), next)
	}
	side := s.load(system, problemSide)
	solved := s.forward(system, side, scale)
	for q, v := range row {
		scaled, product := ZMM(), ZMM()
		place := Mem{Base: factor, Index: above, Scale: 1, Disp: 64 * q}
		VMULPD(place, scale, scaled)
		VMOVUPD(scaled, place)
		VMULPD(multiplier, scaled, product)
		VSUBPD(product, v, v)
		VMOVUPD(v, Mem{Base: factor, Index: at, Scale: 1, Disp: 64 * q})
		if below != nil {
			VMULPD(next, scaled, product)
			VSUBPD(product, below[q], below[q])
		}
		left := ZMM()
		VMOVUPD(Mem{Base: side, Index: s.first, Scale: 1, Disp: 64 * q}, left)
		VMULPD(solved, scaled, product)
		VSUBPD(product, left, left)
		VMOVUPD(left, Mem{Base: side, Index: s.first, Scale: 1, Disp: 64 * q})
	}
}

// subtractAbove takes off the multiples of all rows above but the one right above the first row.
func (s *solver) subtractAbove(label string, rows [][][]VecVirtual) {
	above, multiplier, count := GP64(), GP64(), GP64()
	MOVQ(s.first, above)
	MOVQ(s.row, multiplier)
	SHLQ(U8(3), multiplier)
	LEAQ(Mem{Base: s.row, Disp: -1}, count)
	TESTQ(count, count)
	JEQ(LabelRef(label + "aboveDone"))
	Label(label + "above")
	for i, factor := range s.factors {
		broadcasts := s.vectors(len(rows))
		for r, b := range broadcasts {
			VBROADCASTSD(Mem{Base: factor, Index: multiplier, Scale: 1, Disp: 8 * r}, b)
		}
		for q := range rows[0][i] {
			element := Mem{Base: factor, Index: above, Scale: 1, Disp: 64 * q}
			if len(rows) == 1 {
				product := ZMM()
				VMULPD(element, broadcasts[0], product)
				VSUBPD(product, rows[0][i][q], rows[0][i][q])
				continue
			}
			loaded := ZMM()
			VMOVUPD(element, loaded)
			for r, b := range broadcasts {
				product := ZMM()
				VMULPD(loaded, b, product)
				VSUBPD(product, rows[r][i][q], rows[r][i][q])
			}
		}
	}
	ADDQ(s.stride, above)
	ADDQ(s.stride, multiplier)
	DECQ(count)
	JNE(LabelRef(label + "above"))
	Label(label + "aboveDone")
}

// forward solves the lower system's equation of the row above, whose diagonal has the reciprocal in scale, and returns
// its solution in all lanes.
func (s *solver) forward(system int, side Register, scale VecVirtual) VecVirtual {
	solved := ZMM()
	VMULSD(Mem{Base: side, Index: s.row, Scale: 8, Disp: -8}, scale.AsX(), solved.AsX())
	VMOVSD(solved.AsX(), Mem{Base: s.load(system, problemSolved), Index: s.row, Scale: 8, Disp: -8})
	VBROADCASTSD(solved.AsX(), solved)
	return solved
}
