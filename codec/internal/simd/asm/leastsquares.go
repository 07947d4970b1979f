package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.update and predictor.symmetric.
const (
	updateMoments = 0
	updateForget  = 8
	updateWeights = 16
	updateSize    = 48

	rowsAtOnce = 4

	symmetricAt  = 8
	symmetricRHS = 32
)

// updateAll generates the update of the statistics of least-squares problems with one row of inputs. Whole
// vectors are updated: what lies left of the diagonal and behind the last column is never read. The inputs stay in
// registers, as far as they suffice.
func updateAll(w width) {
	TEXT("updateAll"+w.suffix, NOSPLIT, "func(updates *byte, x *float64, n, row, count int)")
	Pragma("noescape")
	update, x, n := Load(Param("updates"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	length := rowLength()
	end := GP64() // behind x
	LEAQ(Mem{Base: x, Index: length, Scale: 1}, end)
	// kept are the last vectors of x: kept[0] the very last.
	most := mostUnknowns / w.lanes64()
	kept := w.vectors(min(most, 32*w.bits/512-6)) // six more registers are needed
	for d, v := range kept {
		place := GP64()
		LEAQ(Mem{Base: end, Disp: -(d + 1) * w.bytes()}, place)
		CMPQ(place, x)
		if d > 0 {
			JLT(LabelRef("problem"))
		}
		VMOVUPD(Mem{Base: place}, v)
	}
	Label("problem")
	moments, forget, weight := GP64(), w.vector(), XMM()
	rhs := Load(Param("row"), GP64())
	VMOVSD(Mem{Base: update, Index: rhs, Scale: 8, Disp: updateWeights}, weight)
	VBROADCASTSD(Mem{Base: update, Disp: updateForget}, forget)
	TESTQ(rhs, rhs)
	JEQ(LabelRef("first"))
	VMOVUPD(repeated("one64", 1), forget) // a row before has made the statistics forget
	Label("first")
	MOVQ(Mem{Base: update, Disp: updateMoments}, moments)
	MOVQ(Mem{Base: moments, Disp: symmetricRHS}, rhs)
	w.updateRightHandSide(rhs, x, n, length, forget, weight)
	at := moments // points at the row
	MOVQ(Mem{Base: moments, Disp: symmetricAt}, at)
	row := GP64()
	XORQ(row, row)
	each := w.lanes8Of() // vectors of this width in one of 8 elements
	for m := most; m > each; m -= each {
		CMPQ(length, U32(m*w.bytes()))
		JEQ(LabelRef(fmt.Sprint("rows", m)))
	}
	JMP(LabelRef(fmt.Sprint("rows", each)))
	for m := most; m >= each; m -= each {
		Label(fmt.Sprint("rows", m))
		count := GP64()
		MOVQ(U32(8), count)
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
		ADDQ(U32(m*w.bytes()), at)
		INCQ(row)
		DECQ(count)
		JNE(LabelRef(fmt.Sprint("row", m)))
	}
	Label("done")
	ADDQ(U8(updateSize), update)
	left := GP64()
	Load(Param("count"), left)
	DECQ(left)
	Store(left, Param("count"))
	JNE(LabelRef("problem"))
	VZEROUPPER()
	RET()
}

// updateAllFour generates the update with four rows of inputs.
func updateAllFour(w width) {
	TEXT("updateAllFour"+w.suffix, NOSPLIT, "func(updates *byte, x *float64, n, length, count int)")
	Pragma("noescape")
	update, n, step := Load(Param("updates"), GP64()), Load(Param("n"), GP64()), Load(Param("length"), GP64())
	length := rowLength()
	x := []Register{Load(Param("x"), GP64())}
	for k := 1; k < rowsAtOnce; k++ {
		x = append(x, GP64())
		LEAQ(Mem{Base: x[k-1], Index: step, Scale: 8}, x[k])
	}
	Label("problem")
	moments, forget := GP64(), w.vector()
	MOVQ(Mem{Base: update, Disp: updateMoments}, moments)
	VBROADCASTSD(Mem{Base: update, Disp: updateForget}, forget)
	weights := w.vectors(rowsAtOnce)
	for k, v := range weights {
		VBROADCASTSD(Mem{Base: update, Disp: updateWeights + 8*k}, v)
	}
	w.updateRightHandSideFour(moments, n, length, step, x, forget, weights)
	at, row, behind := moments, GP64(), GP64()
	MOVQ(Mem{Base: moments, Disp: symmetricAt}, at)
	XORQ(row, row)
	MOVQ(step, behind)
	SHLQ(U8(2), behind) // four rows
	most, each := mostUnknowns/w.lanes64(), w.lanes8Of()
	for m := most; m > each; m -= each {
		CMPQ(length, U32(m*w.bytes()))
		JEQ(LabelRef(fmt.Sprint("rows", m)))
	}
	JMP(LabelRef(fmt.Sprint("rows", each)))
	scaled := w.vectors(rowsAtOnce)
	count := GP64()
	for m := most; m >= each; m -= each {
		Label(fmt.Sprint("rows", m))
		MOVQ(U32(8), count)
		Label(fmt.Sprint("row", m))
		CMPQ(row, n)
		JGE(LabelRef("done"))
		for k, v := range scaled {
			VBROADCASTSD(Mem{Base: x[k], Index: behind, Scale: 8}, v)
		}
		for q := range m {
			element := Mem{Base: at, Disp: q * w.bytes()}
			inputs := func(k int) Mem { return Mem{Base: x[k], Index: length, Scale: 1, Disp: (q - m) * w.bytes()} }
			w.takeFour(element, forget, scaled, inputs)
		}
		ADDQ(U32(m*w.bytes()), at)
		INCQ(behind)
		INCQ(row)
		DECQ(count)
		JNE(LabelRef(fmt.Sprint("row", m)))
	}
	Label("done")
	ADDQ(U8(updateSize), update)
	left := GP64()
	Load(Param("count"), left)
	DECQ(left)
	Store(left, Param("count"))
	JNE(LabelRef("problem"))
	VZEROUPPER()
	RET()
}

// takeFour makes a vector of statistics forget, and adds scaled inputs of four rows.
func (w width) takeFour(element Mem, forget VecVirtual, scaled []VecVirtual, inputs func(row int) Mem) {
	sum := w.vector()
	VMULPD(element, forget, sum)
	for k, v := range scaled {
		product := w.vector()
		VMULPD(inputs(k), v, product)
		VADDPD(product, sum, sum)
	}
	VMOVUPD(sum, element)
}

// updateRightHandSideFour is updateRightHandSide for four rows, which are so many elements apart. It leaves the inputs, times their
// weights, behind the rows.
func (w width) updateRightHandSideFour(moments, n, length, step Register, x []Register, forget VecVirtual, weights []VecVirtual) {
	rhs, at, behind := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: moments, Disp: symmetricRHS}, rhs)
	values := w.vectors(rowsAtOnce)
	for k, v := range values {
		VBROADCASTSD(Mem{Base: x[k], Index: n, Scale: 8}, v)
	}
	XORQ(at, at)
	MOVQ(step, behind)
	SHLQ(U8(5), behind) // four rows of float64
	Label("rhs")
	sum := w.vector()
	VMULPD(Mem{Base: rhs, Index: at, Scale: 1}, forget, sum)
	for k, value := range values {
		product := w.vector()
		VMULPD(Mem{Base: x[k], Index: at, Scale: 1}, weights[k], product)
		VMOVUPD(product, Mem{Base: x[k], Index: behind, Scale: 1})
		VMULPD(value, product, product)
		VADDPD(product, sum, sum)
	}
	VMOVUPD(sum, Mem{Base: rhs, Index: at, Scale: 1})
	ADDQ(U8(w.bytes()), behind)
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("rhs"))
}

// updateRightHandSide generates the update of the right-hand side with the products of the inputs and the value behind
// them.
func (w width) updateRightHandSide(rhs, x, n, length Register, forget, weight VecVirtual) {
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
