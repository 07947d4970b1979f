package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// chunkVectors is how many vectors of a row factoriseAVX2 keeps in registers.
const chunkVectors = 10

// factoriseAVX2 generates the Cholesky factorisation, row after row: a row is loaded, the multiples of all rows above it
// are taken off in their order, and it is divided by the root of its pivot. So each element receives the same
// operations as in the right-looking definition. It returns 0 when a pivot is too small.
func factoriseAVX2() {
	w := widths["avx2"]
	TEXT("factoriseAVX2", NOSPLIT, "func(to, from, inverse *float64, n, stride int, ridge float64) bool")
	Pragma("noescape")
	to, from := Load(Param("to"), GP64()), Load(Param("from"), GP64())
	inverse := Load(Param("inverse"), GP64())
	stride := Load(Param("stride"), GP64())
	SHLQ(U8(3), stride)
	row, offset := GP64(), GP64() // number of the row, its byte offset
	XORQ(row, row)
	XORQ(offset, offset)
	Label("row")
	first, at, left := GP64(), GP64(), GP64() // byte offset of the diagonal's vector in a row; of the chunk; bytes left
	MOVQ(row, first)
	ANDQ(I8(int8(-w.lanes64())), first)
	SHLQ(U8(3), first)
	MOVQ(first, at)
	MOVQ(stride, left)
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
			VMOVUPD(Mem{Base: from, Index: source, Scale: 1, Disp: i * w.bytes()}, v)
		}
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
	VADDSD(addressOf("ridge"), pivot, pivot)
	limit := XMM()
	VMOVSD(ConstData("smallestPivot", F64(1e-30)), limit)
	VUCOMISD(limit, pivot)
	JLS(LabelRef("fail")) // not greater, or not a number
	VSQRTSD(pivot, pivot, root)
	VMOVSD(ConstData("one", F64(1)), reciprocal.AsX())
	VDIVSD(root, reciprocal.AsX(), reciprocal.AsX())
	VMOVSD(reciprocal.AsX(), Mem{Base: inverse, Index: row, Scale: 8})
	VBROADCASTSD(reciprocal.AsX(), reciprocal)
	Label("scaleVector")
	element := Mem{Base: diagonal, Index: first, Scale: 1}
	scaled := w.vector()
	VMULPD(element, reciprocal, scaled)
	VMOVUPD(scaled, element)
	ADDQ(U8(w.bytes()), first)
	CMPQ(first, stride)
	JLT(LabelRef("scaleVector"))
	ADDQ(stride, offset)
	INCQ(row)
	n := Load(Param("n"), GP64())
	CMPQ(row, n)
	JLT(LabelRef("row"))
	result := GP8()
	MOVB(U8(1), result)
	Store(result, ReturnIndex(0))
	VZEROUPPER()
	RET()
	Label("fail")
	failed := GP8()
	XORB(failed, failed)
	Store(failed, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
