package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// solver generates the Cholesky solution of one or several systems of the same size. Its time is a chain of square roots
// and divisions, one after the other for each row: several systems take hardly longer than one.
//
// A row is loaded, the multiples of all rows above it are taken off in their order, and it is divided by the root of
// its pivot; so each element receives the same operations as in the right-looking definition. The division is put off
// until the next row, whose pivot is computed ahead of the rest of that row: it is what the chain waits for. The forward
// substitution goes along with the rows.
type solver struct {
	width
	problems    GPVirtual // the array of kernel.problem
	stride      GPVirtual // bytes from row to row
	row         GPVirtual // number of the row
	offset      GPVirtual // of the row in bytes
	first       GPVirtual // of the vector that holds the row's diagonal, in bytes from the row's beginning
	diagonal    Register  // mask of the diagonal in that vector
	factors     []Register
	reciprocals []VecVirtual // of the root of the latest pivot of each system, in all lanes
}

// The fields of kernel.problem, all of them pointers.
const (
	problemFactor  = 8 * iota // upper triangle of the factor, without its diagonal
	problemMoments            // the matrix
	problemRHS                // its right-hand side
	problemInverse            // reciprocals of the factor's diagonal
	problemSide               // what is left of the right-hand side
	problemSolved             // solution of the lower system
	problemWeights            // solution
	problemRidge
	problemSize
)

// mostVectors is how many vectors a row has at most, by the number of systems.
var mostVectors = map[int]int{1: mostUnknowns / 8, 2: mostUnknowns / 8, 4: mostUnknowns / 32}

func solveAVX512() {
	for _, systems := range []int{1, 2, 4} {
		s := &solver{width: widths["avx512"]}
		s.generate(systems)
	}
}

// load loads a field of a system's problem.
func (s *solver) load(system, field int) Register {
	r := GP64()
	MOVQ(Mem{Base: s.problems, Disp: system*problemSize + field}, r)
	return r
}

func (s *solver) generate(systems int) {
	TEXT(fmt.Sprint("solve", systems, "AVX512"), NOSPLIT, "func(problems *[8]*float64, n, stride int) bool")
	Pragma("noescape")
	s.problems, s.stride, s.row, s.offset, s.first = GP64(), GP64(), GP64(), GP64(), GP64()
	s.diagonal = K()
	Load(Param("problems"), s.problems)
	Load(Param("stride"), s.stride)
	SHLQ(U8(3), s.stride)
	s.reciprocals = s.vectors(systems)
	for i := range systems {
		s.factors = append(s.factors, s.load(i, problemFactor))
	}
	length := rowLength()
	s.firstRow(length)
	most := mostVectors[systems]
	for m := most; m > 1; m-- {
		CMPQ(length, U32(m*64))
		JEQ(LabelRef(fmt.Sprint("row", m)))
	}
	JMP(LabelRef("row1"))
	for m := most; m >= 1; m-- {
		Label(fmt.Sprint("row", m))
		s.nextRow(m)
		ADDQ(s.stride, s.offset)
		KADDB(s.diagonal, s.diagonal, s.diagonal)
		INCQ(s.row)
		CMPQ(s.row, addressOf("n"))
		JEQ(LabelRef("last"))
		TESTQ(U32(7), s.row)
		JNE(LabelRef(fmt.Sprint("row", m)))
		s.resetDiagonal(1)
		ADDQ(U8(64), s.first)
	}
	Label("last")
	for i := range systems {
		s.forward(i, s.load(i, problemSide), s.reciprocals[i])
	}
	s.back()
	result(1)
	Label("fail")
	result(0)
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

// nextRow generates the work on a row of which the last m vectors matter.
func (s *solver) nextRow(m int) {
	rows := make([][]VecVirtual, len(s.factors))
	at := GP64()
	LEAQ(Mem{Base: s.offset, Index: s.first, Scale: 1}, at)
	for i := range s.factors {
		rows[i] = s.vectors(m)
		moments := s.load(i, problemMoments)
		for q, v := range rows[i] {
			VMOVUPD(Mem{Base: moments, Index: at, Scale: 1, Disp: 64 * q}, v)
		}
	}
	s.subtractAbove(m, rows)
	above := GP64() // the vector above in the row above
	MOVQ(at, above)
	SUBQ(s.stride, above)
	for i, factor := range s.factors {
		// The pivot first: multiplier is the element above it, divided.
		scale, multiplier, square, pivot := ZMM(), ZMM(), XMM(), ZMM()
		VMOVAPD(s.reciprocals[i], scale)
		column := GP64()
		MOVQ(s.offset, column)
		SUBQ(s.stride, column)
		ADDQ(factor, column)
		VMULSD(Mem{Base: column, Index: s.row, Scale: 8}, scale.AsX(), multiplier.AsX())
		VMULSD(multiplier.AsX(), multiplier.AsX(), square)
		VCOMPRESSPD_Z(rows[i][0], s.diagonal, pivot)
		VSUBSD(square, pivot.AsX(), pivot.AsX())
		s.root(i, pivot.AsX())
		VBROADCASTSD(multiplier.AsX(), multiplier)
		side := s.load(i, problemSide)
		solved := s.forward(i, side, scale)
		for q, v := range rows[i] {
			scaled, product := ZMM(), ZMM()
			place := Mem{Base: factor, Index: above, Scale: 1, Disp: 64 * q}
			VMULPD(place, scale, scaled)
			VMOVUPD(scaled, place)
			VMULPD(multiplier, scaled, product)
			VSUBPD(product, v, v)
			VMOVUPD(v, Mem{Base: factor, Index: at, Scale: 1, Disp: 64 * q})
			left := ZMM()
			VMOVUPD(Mem{Base: side, Index: s.first, Scale: 1, Disp: 64 * q}, left)
			VMULPD(solved, scaled, product)
			VSUBPD(product, left, left)
			VMOVUPD(left, Mem{Base: side, Index: s.first, Scale: 1, Disp: 64 * q})
		}
	}
}

// subtractAbove takes off the multiples of all rows above but the one right above.
func (s *solver) subtractAbove(m int, rows [][]VecVirtual) {
	loop := fmt.Sprint("above", m)
	above, multiplier, count := GP64(), GP64(), GP64()
	MOVQ(s.first, above)
	MOVQ(s.row, multiplier)
	SHLQ(U8(3), multiplier)
	LEAQ(Mem{Base: s.row, Disp: -1}, count)
	TESTQ(count, count)
	JEQ(LabelRef(loop + "done"))
	Label(loop)
	for i, factor := range s.factors {
		broadcast := ZMM()
		VBROADCASTSD(Mem{Base: factor, Index: multiplier, Scale: 1}, broadcast)
		for q, v := range rows[i] {
			product := ZMM()
			VMULPD(Mem{Base: factor, Index: above, Scale: 1, Disp: 64 * q}, broadcast, product)
			VSUBPD(product, v, v)
		}
	}
	ADDQ(s.stride, above)
	ADDQ(s.stride, multiplier)
	DECQ(count)
	JNE(LabelRef(loop))
	Label(loop + "done")
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

// back generates the back substitution, from the last weight to the first. The newest 8 weights stay in registers:
// reading them back in one piece would wait for their stores.
func (s *solver) back() {
	// rows point right behind the diagonals of the factors' rows.
	rows, newest, sums := s.factors, s.vectors(len(s.factors)), s.vectors(len(s.factors))
	k, length, left, at := s.row, s.first, GP64(), GP64() // k counts down
	DECQ(k)
	MOVQ(s.stride, at)
	IMULQ(k, at)
	LEAQ(Mem{Base: at, Index: k, Scale: 8, Disp: 8}, at)
	for i, row := range rows {
		ADDQ(at, row)
		s.zero(newest[i])
	}
	ADDQ(U8(8), s.stride) // a row and a column
	XORQ(length, length)
	all, tail := s.offset, K() // the lowest bits are as many ones as there are weights
	XORQ(all, all)
	Label("backRow")
	KMOVB(all.As32(), tail)
	for i, row := range rows {
		VMOVUPD_Z(Mem{Base: row}, tail, sums[i])
		VMULPD(newest[i], sums[i], sums[i])
		VADDPD(repeated("zero", 0), sums[i], sums[i])
	}
	MOVQ(length, left)
	XORQ(at, at)
	SUBQ(U8(8), left)
	JLE(LabelRef("fold"))
	Label("older")
	bits := GP64()
	MOVQ(I32(-1), bits)
	BZHIQ(left, bits, bits) // of the next weights; all bits if there are more than 63
	KMOVB(bits.As32(), tail)
	for i, row := range rows {
		weights, product := s.load(i, problemWeights), ZMM()
		LEAQ(Mem{Base: weights, Index: k, Scale: 8}, weights)
		VMOVUPD_Z(Mem{Base: weights, Index: at, Scale: 1, Disp: 72}, tail, product)
		other := ZMM()
		VMOVUPD_Z(Mem{Base: row, Index: at, Scale: 1, Disp: 64}, tail, other)
		VMULPD(other, product, product)
		VADDPD(product, sums[i], sums[i])
	}
	ADDQ(U8(64), at)
	SUBQ(U8(8), left)
	JGT(LabelRef("older"))
	Label("fold")
	for i, row := range rows {
		sum, value := s.fold64(sums[i:i+1]), ZMM()
		VMOVSD(Mem{Base: s.load(i, problemSolved), Index: k, Scale: 8}, value.AsX())
		VSUBSD(sum, value.AsX(), value.AsX())
		VMULSD(Mem{Base: s.load(i, problemInverse), Index: k, Scale: 8}, value.AsX(), value.AsX())
		VMOVSD(value.AsX(), Mem{Base: s.load(i, problemWeights), Index: k, Scale: 8})
		VBROADCASTSD(value.AsX(), value)
		VALIGNQ(U8(7), value, newest[i], newest[i])
		SUBQ(s.stride, row)
	}
	LEAQ(Mem{Base: all, Index: all, Scale: 1, Disp: 1}, all)
	INCQ(length)
	DECQ(k)
	JGE(LabelRef("backRow"))
}
