package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mostVectors is how many vectors the longest row has: 64 unknowns and the right-hand side.
const mostVectors = 9

// factorisation generates the Cholesky factorisation of one system or of two of the same size at once, row after row.
// Its time is a chain of square roots and divisions, one after the other for each row: two systems take hardly longer
// than one.
//
// A row is loaded, the multiples of all rows above it are taken off in their order, and it is divided by the root of
// its pivot; so each element receives the same operations as in the right-looking definition. The division is put off
// until the next row, whose pivot is computed ahead of the rest of that row: it is what the chain waits for.
type factorisation struct {
	systems            []system
	row, offset, first GPVirtual // number of the row, its byte offset, that of its diagonal's vector within it
	bit                GPVirtual // of the diagonal in that vector
	n, stride          Register  // unknowns; bytes from row to row
}

// system is one of the systems that are factorised.
type system struct {
	suffix     string // of its parameters
	to         Register
	reciprocal VecVirtual // of the root of the latest pivot, in all lanes
}

// from loads the address of the system's matrix.
func (s system) from() Register { return Load(Param("from"+s.suffix), GP64()) }

func factoriseAVX512() {
	factorise("factoriseAVX512", "func(to, from, inverse *float64, n, stride int, ridge float64) bool", "")
	factorise("factorisePairAVX512",
		"func(toA, fromA, inverseA, toB, fromB, inverseB *float64, n, stride int, ridgeA, ridgeB float64) bool", "A", "B")
}

func factorise(name, signature string, suffixes ...string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	f := factorisation{row: GP64(), offset: GP64(), first: GP64(), bit: GP64()}
	for _, suffix := range suffixes {
		f.systems = append(f.systems, system{
			suffix:     suffix,
			to:         Load(Param("to"+suffix), GP64()),
			reciprocal: ZMM(),
		})
	}
	f.n, f.stride = Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	SHLQ(U8(3), f.stride)
	f.firstRow()
	for m := mostVectors; m > 1; m-- {
		CMPQ(f.stride, U32(m*64))
		JEQ(LabelRef(fmt.Sprint("row", m)))
	}
	JMP(LabelRef("row1"))
	for m := mostVectors; m >= 1; m-- {
		Label(fmt.Sprint("row", m))
		f.nextRow(m)
		ADDQ(f.stride, f.offset)
		SHLQ(U8(1), f.bit)
		INCQ(f.row)
		CMPQ(f.row, f.n)
		JEQ(LabelRef("last"))
		TESTQ(U32(7), f.row)
		JNE(LabelRef(fmt.Sprint("row", m)))
		MOVQ(U32(1), f.bit)
		ADDQ(U8(64), f.first)
	}
	Label("last") // the right-hand side of the last row
	SUBQ(f.stride, f.offset)
	for _, s := range f.systems {
		at, value := GP64(), XMM()
		LEAQ(Mem{Base: s.to, Index: f.offset, Scale: 1}, at)
		rhs := Mem{Base: at, Index: f.n, Scale: 8}
		VMULSD(rhs, s.reciprocal.AsX(), value)
		VMOVSD(value, rhs)
	}
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

// firstRow copies the first row, takes its root, and makes the second row the next one.
func (f *factorisation) firstRow() {
	XORQ(f.first, f.first)
	Label("copy")
	for _, s := range f.systems {
		v := ZMM()
		VMOVUPD(Mem{Base: s.from(), Index: f.first, Scale: 1}, v)
		VMOVUPD(v, Mem{Base: s.to, Index: f.first, Scale: 1})
	}
	ADDQ(U8(64), f.first)
	CMPQ(f.first, f.stride)
	JLT(LabelRef("copy"))
	XORQ(f.first, f.first)
	XORQ(f.row, f.row)
	for _, s := range f.systems {
		pivot := XMM()
		VMOVSD(Mem{Base: s.from()}, pivot)
		f.root(s, pivot)
	}
	MOVQ(f.stride, f.offset)
	MOVQ(U32(2), f.bit)
	INCQ(f.row)
	CMPQ(f.row, f.n)
	JEQ(LabelRef("last"))
}

// root generates the reciprocal of the root of a row's pivot.
func (f *factorisation) root(s system, pivot Register) {
	VADDSD(addressOf("ridge"+s.suffix), pivot, pivot)
	VUCOMISD(smallestPivot(), pivot)
	JLS(LabelRef("fail")) // not greater, or not a number
	root := XMM()
	VSQRTSD(pivot, pivot, root)
	VMOVSD(one(), s.reciprocal.AsX())
	VDIVSD(root, s.reciprocal.AsX(), s.reciprocal.AsX())
	inverse := Load(Param("inverse"+s.suffix), GP64())
	VMOVSD(s.reciprocal.AsX(), Mem{Base: inverse, Index: f.row, Scale: 8})
	VBROADCASTSD(s.reciprocal.AsX(), s.reciprocal)
}

var constants = map[string]Mem{}

func constant(name string, v float64) Mem {
	if _, ok := constants[name]; !ok {
		constants[name] = ConstData(name, F64(v))
	}
	return constants[name]
}

func smallestPivot() Mem { return constant("smallestPivot", 1e-30) }
func one() Mem           { return constant("one", 1) }

// nextRow generates the work on a row of which the last m vectors matter.
func (f *factorisation) nextRow(m int) {
	rows := make([][]VecVirtual, len(f.systems))
	at := GP64()
	LEAQ(Mem{Base: f.offset, Index: f.first, Scale: 1}, at)
	for i, s := range f.systems {
		rows[i] = widths["avx512"].vectors(m)
		from := s.from()
		for q, v := range rows[i] {
			VMOVUPD(Mem{Base: from, Index: at, Scale: 1, Disp: 64 * q}, v)
		}
	}
	f.subtractAbove(m, rows)

	// The pivot first.
	previous := at
	SUBQ(f.stride, previous)
	diagonal := K()
	KMOVB(f.bit.As32(), diagonal)
	above := GP64() // the row above, from column 0
	MOVQ(f.offset, above)
	SUBQ(f.stride, above)
	factors, scales := make([]VecVirtual, len(f.systems)), make([]VecVirtual, len(f.systems))
	for i, s := range f.systems {
		factors[i], scales[i] = ZMM(), ZMM()
		VMOVAPD(s.reciprocal, scales[i])
		column := GP64()
		LEAQ(Mem{Base: above, Index: f.row, Scale: 8}, column)
		factor, square, pivot := factors[i].AsX(), XMM(), ZMM()
		VMULSD(Mem{Base: s.to, Index: column, Scale: 1}, scales[i].AsX(), factor)
		VMULSD(factor, factor, square)
		VCOMPRESSPD_Z(rows[i][0], diagonal, pivot)
		VSUBSD(square, pivot.AsX(), pivot.AsX())
		f.root(s, pivot.AsX())
		VBROADCASTSD(factor, factors[i])
	}
	for i, s := range f.systems {
		for q, v := range rows[i] {
			scaled, product := ZMM(), ZMM()
			place := Mem{Base: s.to, Index: previous, Scale: 1, Disp: 64 * q}
			VMULPD(place, scales[i], scaled)
			VMOVUPD(scaled, place)
			VMULPD(factors[i], scaled, product)
			VSUBPD(product, v, v)
		}
	}
	ADDQ(f.stride, previous)
	for i, s := range f.systems {
		for q, v := range rows[i] {
			VMOVUPD(v, Mem{Base: s.to, Index: at, Scale: 1, Disp: 64 * q})
		}
	}
}

// subtractAbove takes off the multiples of all rows above but the one right above.
func (f *factorisation) subtractAbove(m int, rows [][]VecVirtual) {
	loop := fmt.Sprint("above", m)
	above, multiplier, count := GP64(), GP64(), GP64()
	MOVQ(f.first, above)
	MOVQ(f.row, multiplier)
	SHLQ(U8(3), multiplier)
	LEAQ(Mem{Base: f.row, Disp: -1}, count)
	TESTQ(count, count)
	JEQ(LabelRef(loop + "done"))
	Label(loop)
	for i, s := range f.systems {
		factor := ZMM()
		VBROADCASTSD(Mem{Base: s.to, Index: multiplier, Scale: 1}, factor)
		for q, v := range rows[i] {
			product := ZMM()
			VMULPD(Mem{Base: s.to, Index: above, Scale: 1, Disp: 64 * q}, factor, product)
			VSUBPD(product, v, v)
		}
	}
	ADDQ(f.stride, above)
	ADDQ(f.stride, multiplier)
	DECQ(count)
	JNE(LabelRef(loop))
	Label(loop + "done")
}
