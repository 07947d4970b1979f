package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// updateSymmetric generates the update of the statistics of a least-squares problem. Whole vectors are updated: what
// lies left of the diagonal and right of the last column is never read.
func updateSymmetric(w width) {
	TEXT("updateSymmetric"+w.suffix, NOSPLIT, "func(at, x *float64, n, stride int, forget, weight float64)")
	Pragma("noescape")
	at, x := Load(Param("at"), GP64()), Load(Param("x"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	forget := w.vector()
	VBROADCASTSD(addressOf("forget"), forget)
	weight := XMM()
	VMOVSD(addressOf("weight"), weight)
	SHLQ(U8(3), stride)
	row, first := GP64(), GP64() // number of the row, byte offset of the vector that holds its diagonal
	XORQ(row, row)
	Label("row")
	CMPQ(row, n)
	JGE(LabelRef("done"))
	scaled := w.vector()
	VMULSD(Mem{Base: x, Index: row, Scale: 8}, weight, scaled.AsX())
	VBROADCASTSD(scaled.AsX(), scaled)
	MOVQ(row, first)
	ANDQ(I8(int8(-w.lanes64())), first)
	SHLQ(U8(3), first)
	Label("block")
	element := Mem{Base: at, Index: first, Scale: 1}
	old, product := w.vector(), w.vector()
	VMULPD(element, forget, old)
	VMULPD(Mem{Base: x, Index: first, Scale: 1}, scaled, product)
	VADDPD(product, old, old)
	VMOVUPD(old, element)
	ADDQ(U8(w.bytes()), first)
	CMPQ(first, stride)
	JLT(LabelRef("block"))
	ADDQ(stride, at)
	INCQ(row)
	JMP(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

func addressOf(parameter string) Mem {
	p, err := Param(parameter).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// chunkVectors is how many vectors of a row factorise keeps in registers.
const chunkVectors = 10

// factorise generates the Cholesky factorisation, row after row: a row is loaded, the multiples of all rows above it
// are taken off in their order, and it is divided by the root of its pivot. So each element receives the same
// operations as in the right-looking definition. It returns 0 when a pivot is too small.
func factorise(w width) {
	TEXT("factorise"+w.suffix, NOSPLIT, "func(to, from, inverse *float64, n, stride int, ridge float64) bool")
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

// substitute generates the back substitution. The newest 8 weights stay in registers: reading them back in one piece
// would wait for their stores.
func substitute(w width) {
	TEXT("substitute"+w.suffix, NOSPLIT, "func(weights, factor, inverse *float64, n, stride int)")
	Pragma("noescape")
	weights, factor := Load(Param("weights"), GP64()), Load(Param("factor"), GP64())
	inverse := Load(Param("inverse"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	newest := w.vectors(w.lanes8Of())
	for _, v := range newest {
		w.zero(v)
	}
	// row points at the factor's row, right behind its diagonal; older at the ninth weight after the diagonal's.
	row, older, length, left := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: n, Disp: -1}, row)
	rhs := GP64() // the right-hand side of the row
	LEAQ(Mem{Base: weights, Index: row, Scale: 8, Disp: 72}, older)
	step := GP64()
	MOVQ(stride, step)
	SHLQ(U8(3), step)
	IMULQ(step, row)
	ADDQ(factor, row)
	LEAQ(Mem{Base: row, Index: n, Scale: 8}, rhs)
	MOVQ(rhs, row)
	k := GP64()
	LEAQ(Mem{Base: n, Disp: -1}, k)
	XORQ(length, length)
	ADDQ(U8(8), step)
	Label("row")
	sums := w.vectors(w.lanes8Of())
	for _, s := range sums {
		w.zero(s)
	}
	at := GP64()
	XORQ(at, at)
	// The first 8 lanes.
	MOVQ(length, left)
	eight := GP64()
	MOVQ(U32(8), eight)
	CMPQ(left, eight)
	CMOVQGT(eight, left)
	masks := w.tail(left)
	for i, s := range sums {
		product := w.vector()
		w.maskedLoad(Mem{Base: row, Disp: i * w.bytes()}, masks[i], product)
		VMULPD(newest[i], product, product)
		VADDPD(product, s, s)
	}
	MOVQ(length, left)
	SUBQ(U8(8), left)
	JLE(LabelRef("fold"))
	JMP(LabelRef("check"))
	Label("loop")
	for i, s := range sums {
		product := w.vector()
		VMOVUPD(Mem{Base: older, Index: at, Scale: 1, Disp: i * w.bytes()}, product)
		VMULPD(Mem{Base: row, Index: at, Scale: 1, Disp: 64 + i*w.bytes()}, product, product)
		VADDPD(product, s, s)
	}
	ADDQ(U8(64), at)
	Label("check")
	SUBQ(U8(8), left)
	JGE(LabelRef("loop"))
	ADDQ(U8(8), left)
	JEQ(LabelRef("fold"))
	masks = w.tail(left)
	for i, s := range sums {
		product, other := w.vector(), w.vector()
		w.maskedLoad(Mem{Base: older, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], product)
		w.maskedLoad(Mem{Base: row, Index: at, Scale: 1, Disp: 64 + i*w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, s, s)
	}
	Label("fold")
	sum, value := w.fold64(sums), w.vector()
	VMOVSD(Mem{Base: rhs}, value.AsX())
	VSUBSD(sum, value.AsX(), value.AsX())
	VMULSD(Mem{Base: inverse, Index: k, Scale: 8}, value.AsX(), value.AsX())
	VMOVSD(value.AsX(), Mem{Base: weights, Index: k, Scale: 8})
	w.pushFront(value, newest)
	SUBQ(step, row)
	SUBQ(U8(8), older)
	SUBQ(U8(8), step)
	SUBQ(step, rhs)
	ADDQ(U8(8), step)
	INCQ(length)
	DECQ(k)
	JGE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// pushFront moves the lanes of 8 float64 up by one and puts the lowest lane of value in front. It overwrites value.
func (w width) pushFront(value VecVirtual, lanes []VecVirtual) {
	VBROADCASTSD(value.AsX(), value)
	if w.bits == 512 {
		VALIGNQ(U8(7), value, lanes[0], lanes[0])
		return
	}
	low, high := lanes[0], lanes[1]
	VPERMPD(U8(0b10010011), low, low) // lane 3 to lane 0, the others up
	VPERMPD(U8(0b10010011), high, high)
	VBLENDPD(U8(1), low, high, high)
	VBLENDPD(U8(1), value, low, low)
}
