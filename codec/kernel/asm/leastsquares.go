package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// updateSymmetric generates the update of the statistics of a least-squares problem, row after row. Whole vectors are
// updated: what lies left of the diagonal and behind the last column is never read. The row of inputs stays in
// registers, as far as they suffice.
func updateSymmetric(w width) {
	TEXT("updateSymmetric"+w.suffix, NOSPLIT, "func(at, rhs, x *float64, n, stride int, forget, weight float64)")
	Pragma("noescape")
	at, x := Load(Param("at"), GP64()), Load(Param("x"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	forget := w.vector()
	VBROADCASTSD(addressOf("forget"), forget)
	weight := XMM()
	VMOVSD(addressOf("weight"), weight)
	SHLQ(U8(3), stride)
	length := rowLength()
	w.updateRightHandSide(x, n, length, forget, weight)
	// at points at the vector that holds the diagonal of the row, end behind x.
	end := GP64()
	LEAQ(Mem{Base: x, Index: length, Scale: 1}, end)
	row := GP64()
	XORQ(row, row)
	// kept are the last vectors of x: kept[0] the very last.
	most := mostUnknowns / w.lanes64()
	kept := w.vectors(min(most, 32*w.bits/512-5))
	for d, v := range kept {
		place := GP64()
		LEAQ(Mem{Base: end, Disp: -(d + 1) * w.bytes()}, place)
		CMPQ(place, x)
		if d > 0 {
			JLT(LabelRef("start"))
		}
		VMOVUPD(Mem{Base: place}, v)
	}
	Label("start")
	for m := most; m > 1; m-- {
		CMPQ(length, U32(m*w.bytes()))
		JEQ(LabelRef(fmt.Sprint("rows", m)))
	}
	JMP(LabelRef("rows1"))
	for m := most; m >= 1; m-- {
		Label(fmt.Sprint("rows", m))
		count := GP64()
		MOVQ(U32(w.lanes64()), count)
		Label(fmt.Sprint("row", m))
		CMPQ(row, n)
		JGE(LabelRef("done"))
		scaled := w.vector()
		VMULSD(Mem{Base: x, Index: row, Scale: 8}, weight, scaled.AsX())
		VBROADCASTSD(scaled.AsX(), scaled)
		for q := range m {
			d := m - 1 - q
			element := Mem{Base: at, Disp: q * w.bytes()}
			old, product := w.vector(), w.vector()
			VMULPD(element, forget, old)
			if d < len(kept) {
				VMULPD(kept[d], scaled, product)
			} else {
				VMULPD(Mem{Base: end, Disp: -(d + 1) * w.bytes()}, scaled, product)
			}
			VADDPD(product, old, old)
			VMOVUPD(old, element)
		}
		ADDQ(stride, at)
		INCQ(row)
		DECQ(count)
		JNE(LabelRef(fmt.Sprint("row", m)))
		ADDQ(U8(w.bytes()), at)
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// updateRightHandSide generates the update of the right-hand side with the products of the inputs and the value behind
// them.
func (w width) updateRightHandSide(x, n, length Register, forget, weight VecVirtual) {
	rhs := Load(Param("rhs"), GP64())
	value, weights := w.vector(), w.vector()
	VBROADCASTSD(Mem{Base: x, Index: n, Scale: 8}, value)
	VBROADCASTSD(weight, weights)
	at := GP64()
	XORQ(at, at)
	Label("rhs")
	product, old := w.vector(), w.vector()
	VMULPD(Mem{Base: x, Index: at, Scale: 1}, weights, product)
	VMULPD(value, product, product)
	VMULPD(Mem{Base: rhs, Index: at, Scale: 1}, forget, old)
	VADDPD(product, old, old)
	VMOVUPD(old, Mem{Base: rhs, Index: at, Scale: 1})
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("rhs"))
}

// rowLength loads the length of a row of n float64 in bytes, with its padding to whole vectors of 64 bytes.
func rowLength() GPVirtual {
	length := GP64()
	Load(Param("n"), length)
	LEAQ(Mem{Base: length, Disp: 7}, length)
	ANDQ(I8(-8), length)
	SHLQ(U8(3), length)
	return length
}

// mostUnknowns is the size of the largest system.
const mostUnknowns = 64

func addressOf(parameter string) Mem {
	p, err := Param(parameter).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}
