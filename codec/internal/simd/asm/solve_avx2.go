package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chunkVectors is how many vectors of a row factoriseAVX2 keeps in registers.
const chunkVectors = 10

// problem loads a field of the first system.
func problem(field int) Register {
	r := GP64()
	Load(Param("systems"), r)
	MOVQ(Mem{Base: r}, r)
	MOVQ(Mem{Base: r, Disp: field}, r)
	return r
}

// factoriseAVX2 generates the Cholesky factorisation, row after row: a row is loaded, the multiples of all rows above it
// are taken off in their order, and it is divided by the root of its pivot. So each element receives the same
// operations as in the right-looking definition. It returns 0 when a pivot is too small.
func factoriseAVX2() {
	w := widths["avx2"]
	TEXT("factoriseAVX2", NOSPLIT, "func(systems *uintptr, n, stride int) bool")
	Pragma("noescape")
	to, from := problem(problemFactor), problem(problemMoments)
	inverse := problem(problemInverse)
	stride := Load(Param("stride"), GP64())
	SHLQ(U8(3), stride)
	length := rowLength()
	row, offset := GP64(), GP64() // number of the row, its byte offset
	XORQ(row, row)
	XORQ(offset, offset)
	Label("row")
	first, at, left := GP64(), GP64(), GP64() // byte offset of the diagonal's vector in a row; of the chunk; bytes left
	MOVQ(row, first)
	ANDQ(I8(-8), first) // vectors of 8 elements, as in the matrix
	SHLQ(U8(3), first)
	MOVQ(first, at)
	MOVQ(length, left)
	SUBQ(first, left)
	Label("chunk")
	for size := chunkVectors; size >= 1; size-- {
		CMPQ(left, U32(size*w.bytes()))
		if size > 1 {
			JGE(LabelRef(fmt.Sprint("chunk", size)))
		}
	}
	for size := 1; size <= chunkVectors; size++ {
		Label(fmt.Sprint("chunk", size))
		values := w.vectors(size)
		source := GP64()
		LEAQ(Mem{Base: offset, Index: at, Scale: 1}, source)
		for i, v := range values {
			VMOVUPD(Mem{Base: from, Disp: i * w.bytes()}, v)
		}
		ADDQ(U32(size*w.bytes()), from)
		// above walks down the rows above in the columns of the chunk, multiplier in the column of the diagonal.
		above, multiplier, count := GP64(), GP64(), GP64()
		LEAQ(Mem{Base: to, Index: at, Scale: 1}, above)
		LEAQ(Mem{Base: to, Index: row, Scale: 8}, multiplier)
		MOVQ(row, count)
		TESTQ(count, count)
		JEQ(LabelRef(fmt.Sprint("above", size, "done")))
		Label(fmt.Sprint("above", size))
		factor := w.vector()
		VBROADCASTSD(Mem{Base: multiplier}, factor)
		for i, v := range values {
			product := w.vector()
			VMULPD(Mem{Base: above, Disp: i * w.bytes()}, factor, product)
			VSUBPD(product, v, v)
		}
		ADDQ(stride, above)
		ADDQ(stride, multiplier)
		DECQ(count)
		JNE(LabelRef(fmt.Sprint("above", size)))
		Label(fmt.Sprint("above", size, "done"))
		for i, v := range values {
			VMOVUPD(v, Mem{Base: to, Index: source, Scale: 1, Disp: i * w.bytes()})
		}
		ADDQ(U32(size*w.bytes()), at)
		SUBQ(U32(size*w.bytes()), left)
		JNE(LabelRef("chunk"))
		JMP(LabelRef("scale"))
	}
	Label("scale")
	pivot, root, reciprocal := XMM(), XMM(), w.vector()
	diagonal := GP64()
	LEAQ(Mem{Base: to, Index: offset, Scale: 1}, diagonal)
	VMOVSD(Mem{Base: diagonal, Index: row, Scale: 8}, pivot)
	VADDSD(Mem{Base: problem(problemRidge)}, pivot, pivot)
	limit := XMM()
	VMOVSD(constant("smallestPivot", 1e-30), limit)
	VUCOMISD(limit, pivot)
	JLS(LabelRef("fail")) // not greater, or not a number
	VSQRTSD(pivot, pivot, root)
	VMOVSD(constant("one", 1), reciprocal.AsX())
	VDIVSD(root, reciprocal.AsX(), reciprocal.AsX())
	VMOVSD(reciprocal.AsX(), Mem{Base: inverse, Index: row, Scale: 8})
	VBROADCASTSD(reciprocal.AsX(), reciprocal)
	Label("scaleVector")
	element := Mem{Base: diagonal, Index: first, Scale: 1}
	scaled := w.vector()
	VMULPD(element, reciprocal, scaled)
	VMOVUPD(scaled, element)
	ADDQ(U8(w.bytes()), first)
	CMPQ(first, length)
	JLT(LabelRef("scaleVector"))
	ADDQ(stride, offset)
	INCQ(row)
	n := Load(Param("n"), GP64())
	CMPQ(row, n)
	JLT(LabelRef("row"))
	result(1)
	Label("fail")
	result(0)
}

// substituteAVX2 generates the forward and the back substitution.
func substituteAVX2() {
	w := widths["avx2"]
	TEXT("substituteAVX2", NOSPLIT, "func(systems *uintptr, n, stride int)")
	Pragma("noescape")
	w.forward()
	w.back()
	VZEROUPPER()
	RET()
}

// forward solves the lower system. The multiples of a row's solution are taken off the rest of the right-hand side.
func (w width) forward() {
	stride, row, side := GP64(), problem(problemFactor), problem(problemSide)
	Load(Param("stride"), stride)
	SHLQ(U8(3), stride)
	length := rowLength()
	rhs, at := problem(problemRHS), GP64()
	XORQ(at, at)
	Label("copy")
	v := w.vector()
	VMOVUPD(Mem{Base: rhs, Index: at, Scale: 1}, v)
	VMOVUPD(v, Mem{Base: side, Index: at, Scale: 1})
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("copy"))
	inverse, solutions, k := problem(problemInverse), problem(problemSolved), GP64()
	XORQ(k, k)
	Label("forwardRow")
	solved := w.vector()
	VMOVSD(Mem{Base: side, Index: k, Scale: 8}, solved.AsX())
	VMULSD(Mem{Base: inverse, Index: k, Scale: 8}, solved.AsX(), solved.AsX())
	VMOVSD(solved.AsX(), Mem{Base: solutions, Index: k, Scale: 8})
	VBROADCASTSD(solved.AsX(), solved)
	INCQ(k)
	CMPQ(k, addressOf("n"))
	JGE(LabelRef("forwardDone"))
	MOVQ(k, at)
	ANDQ(I8(-8), at)
	SHLQ(U8(3), at)
	Label("forwardVector")
	left, product := w.vector(), w.vector()
	place := Mem{Base: side, Index: at, Scale: 1}
	VMOVUPD(place, left)
	VMULPD(Mem{Base: row, Index: at, Scale: 1}, solved, product)
	VSUBPD(product, left, left)
	VMOVUPD(left, place)
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("forwardVector"))
	ADDQ(stride, row)
	JMP(LabelRef("forwardRow"))
	Label("forwardDone")
}

// back solves the upper system, from the last weight to the first. The newest 8 weights stay in registers: reading them
// back in one piece would wait for their stores.
func (w width) back() {
	// row points right behind the diagonal of the factor's row, older at the ninth weight after the diagonal's.
	row, older, inverse, solved := problem(problemFactor), problem(problemWeights), problem(problemInverse), problem(problemSolved)
	k, step, length, left, at := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("n"), k)
	DECQ(k)
	Load(Param("stride"), step)
	SHLQ(U8(3), step)
	MOVQ(step, at)
	IMULQ(k, at)
	ADDQ(at, row)
	LEAQ(Mem{Base: row, Index: k, Scale: 8, Disp: 8}, row)
	LEAQ(Mem{Base: older, Index: k, Scale: 8, Disp: 72}, older)
	ADDQ(U8(8), step) // a row and a column
	newest, sums := w.vectors(w.lanes8Of()), w.vectors(w.lanes8Of())
	for _, v := range newest {
		w.zero(v)
	}
	XORQ(length, length)
	Label("row")
	for _, v := range sums {
		w.zero(v)
	}
	eight := GP64()
	MOVQ(U32(8), eight)
	MOVQ(length, left)
	CMPQ(left, eight)
	CMOVQGT(eight, left)
	masks := w.tail(left)
	for i, sum := range sums {
		product := w.vector()
		w.maskedLoad(Mem{Base: row, Disp: i * w.bytes()}, masks[i], product)
		VMULPD(newest[i], product, product)
		VADDPD(product, sum, sum)
	}
	MOVQ(length, left)
	XORQ(at, at)
	SUBQ(U8(8), left)
	JLE(LabelRef("fold"))
	Label("older")
	MOVQ(left, eight)
	CMPQ(eight, U32(8))
	JLE(LabelRef("few"))
	MOVQ(U32(8), eight)
	Label("few")
	masks = w.tail(eight)
	for i, sum := range sums {
		product, other := w.vector(), w.vector()
		w.maskedLoad(Mem{Base: older, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], product)
		w.maskedLoad(Mem{Base: row, Index: at, Scale: 1, Disp: 64 + i*w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, sum, sum)
	}
	ADDQ(U8(64), at)
	SUBQ(U8(8), left)
	JGT(LabelRef("older"))
	Label("fold")
	sum, value := w.fold64(sums), w.vector()
	VMOVSD(Mem{Base: solved, Index: k, Scale: 8}, value.AsX())
	VSUBSD(sum, value.AsX(), value.AsX())
	VMULSD(Mem{Base: inverse, Index: k, Scale: 8}, value.AsX(), value.AsX())
	VMOVSD(value.AsX(), Mem{Base: older, Disp: -72})
	VBROADCASTSD(value.AsX(), value)
	low, high := newest[0], newest[1]
	VPERMPD(U8(0b10010011), low, low) // lane 3 to lane 0, the others up
	VPERMPD(U8(0b10010011), high, high)
	VBLENDPD(U8(1), low, high, high)
	VBLENDPD(U8(1), value, low, low)
	SUBQ(step, row)
	SUBQ(U8(8), older)
	INCQ(length)
	DECQ(k)
	JGE(LabelRef("row"))
}
