package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chunkVectors is how many vectors of a row factoriseAllAVX2 keeps in registers.
const chunkVectors = 10

// factoriseAllAVX2 generates the Cholesky factorisation of systems of one size, and the forward substitution, row after row: a row is loaded,
// the multiples of all rows above it are taken off in their order, and it is divided by the root of its pivot. So each element receives
// the same operations as in the right-looking definition. The systems take turns, so that the root and the division of one are under way
// while another one's row is computed. It returns 0 when a pivot is too small.
func factoriseAllAVX2() {
	w := widths["avx2"]
	TEXT("factoriseAllAVX2", 0, "func(systems *uintptr, count, n, stride int) bool")
	Pragma("noescape")
	length := AllocLocal(8) // of a row in bytes
	MOVQ(rowLength(), length)
	w.takeSides(length)
	row, offset, moments := GP64(), GP64(), GP64() // number of the row, its byte offset in the factor, and in the matrix
	for _, r := range []Register{row, offset, moments} {
		XORQ(r, r)
	}
	stride := Load(Param("stride"), GP64())
	SHLQ(U8(3), stride)
	Label("row")
	systems, last := eachSystem("system")
	system, factor, at := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: systems}, system)
	MOVQ(Mem{Base: system, Disp: problemFactor}, factor)
	w.eliminate(system, factor, row, moments, at, stride, length)
	w.scale(system, factor, row, offset, at, length)
	nextSystem("system", systems, last)
	ADDQ(length, moments)
	MOVQ(row, at)
	ANDQ(I8(-8), at)
	SHLQ(U8(3), at)
	SUBQ(at, moments) // rows of the matrix begin with the diagonal's vector of 8 elements
	ADDQ(stride, offset)
	INCQ(row)
	CMPQ(row, addressOf("n"))
	JLT(LabelRef("row"))
	result(1)
	Label("fail")
	result(0)
}

// eachSystem begins a loop over the systems.
func eachSystem(label string) (systems, last GPVirtual) {
	systems, last = GP64(), GP64()
	Load(Param("systems"), systems)
	Load(Param("count"), last)
	LEAQ(Mem{Base: systems, Index: last, Scale: 8}, last)
	Label(label)
	return systems, last
}

func nextSystem(label string, systems, last GPVirtual) {
	ADDQ(U8(8), systems)
	CMPQ(systems, last)
	JNE(LabelRef(label))
}

// takeSides copies the right-hand sides of the systems, of which scale takes off.
func (w width) takeSides(length Mem) {
	systems, last := eachSystem("sides")
	system, rhs, side, at := GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: systems}, system)
	MOVQ(Mem{Base: system, Disp: problemRHS}, rhs)
	MOVQ(Mem{Base: system, Disp: problemSide}, side)
	XORQ(at, at)
	Label("side")
	v := w.vector()
	VMOVUPD(Mem{Base: rhs, Index: at, Scale: 1}, v)
	VMOVUPD(v, Mem{Base: side, Index: at, Scale: 1})
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("side"))
	nextSystem("sides", systems, last)
}

// eliminate takes the multiples of the rows above off a row of the matrix.
func (w width) eliminate(system, factor, row, moments, at, stride Register, length Mem) {
	from, left := GP64(), GP64() // where the row goes on in the matrix; bytes left
	MOVQ(Mem{Base: system, Disp: problemMoments}, from)
	ADDQ(moments, from)
	MOVQ(row, at)
	ANDQ(I8(-8), at)
	SHLQ(U8(3), at)
	MOVQ(length, left)
	SUBQ(at, left)
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
		for i, v := range values {
			VMOVUPD(Mem{Base: from, Disp: i * w.bytes()}, v)
		}
		ADDQ(U32(size*w.bytes()), from)
		// above walks down the rows above in the columns of the chunk, multiplier in the column of the diagonal.
		above, multiplier, count := GP64(), GP64(), GP64()
		LEAQ(Mem{Base: factor, Index: at, Scale: 1}, above)
		LEAQ(Mem{Base: factor, Index: row, Scale: 8}, multiplier)
		MOVQ(row, count)
		TESTQ(count, count)
		JEQ(LabelRef(fmt.Sprint("above", size, "done")))
		Label(fmt.Sprint("above", size))
		times := w.vector()
		VBROADCASTSD(Mem{Base: multiplier}, times)
		for i, v := range values {
			product := w.vector()
			VMULPD(Mem{Base: above, Disp: i * w.bytes()}, times, product)
			VSUBPD(product, v, v)
		}
		ADDQ(stride, above)
		ADDQ(stride, multiplier)
		DECQ(count)
		JNE(LabelRef(fmt.Sprint("above", size)))
		Label(fmt.Sprint("above", size, "done"))
		for i, v := range values { // above has come to the row
			VMOVUPD(v, Mem{Base: above, Disp: i * w.bytes()})
		}
		ADDQ(U32(size*w.bytes()), at)
		SUBQ(U32(size*w.bytes()), left)
		JNE(LabelRef("chunk"))
		JMP(LabelRef("scale"))
	}
}

// scale divides a row by the root of its pivot, and takes the multiples of the row's solution off the rest of the right-hand side.
func (w width) scale(system, factor, row, offset, at Register, length Mem) {
	Label("scale")
	pivot, root, reciprocal := XMM(), XMM(), w.vector()
	diagonal, field := GP64(), GP64()
	LEAQ(Mem{Base: factor, Index: offset, Scale: 1}, diagonal)
	VMOVSD(Mem{Base: diagonal, Index: row, Scale: 8}, pivot)
	MOVQ(Mem{Base: system, Disp: problemRidge}, field)
	VADDSD(Mem{Base: field}, pivot, pivot)
	limit := XMM()
	VMOVSD(constant("smallestPivot", 1e-30), limit)
	VUCOMISD(limit, pivot)
	JLS(LabelRef("fail")) // not greater, or not a number
	VSQRTSD(pivot, pivot, root)
	VMOVSD(constant("one", 1), reciprocal.AsX())
	VDIVSD(root, reciprocal.AsX(), reciprocal.AsX())
	MOVQ(Mem{Base: system, Disp: problemInverse}, field)
	VMOVSD(reciprocal.AsX(), Mem{Base: field, Index: row, Scale: 8})
	side, solved := GP64(), w.vector()
	MOVQ(Mem{Base: system, Disp: problemSide}, side)
	VMULSD(Mem{Base: side, Index: row, Scale: 8}, reciprocal.AsX(), solved.AsX())
	MOVQ(Mem{Base: system, Disp: problemSolved}, field)
	VMOVSD(solved.AsX(), Mem{Base: field, Index: row, Scale: 8})
	VBROADCASTSD(reciprocal.AsX(), reciprocal)
	VBROADCASTSD(solved.AsX(), solved)
	MOVQ(row, at)
	ANDQ(I8(-8), at)
	SHLQ(U8(3), at)
	Label("scaleVector")
	element, rest := Mem{Base: diagonal, Index: at, Scale: 1}, Mem{Base: side, Index: at, Scale: 1}
	scaled, left, product := w.vector(), w.vector(), w.vector()
	VMULPD(element, reciprocal, scaled)
	VMOVUPD(scaled, element)
	VMOVUPD(rest, left)
	VMULPD(scaled, solved, product)
	VSUBPD(product, left, left)
	VMOVUPD(left, rest)
	ADDQ(U8(w.bytes()), at)
	CMPQ(at, length)
	JLT(LabelRef("scaleVector"))
}

// backAtOnce is how many systems are substituted for at once. What each of them does waits for its own last weight.
const backAtOnce = 4

// back4AVX2 generates the back substitution of up to backAtOnce systems of the same size, from the last weight to the first.
// The newest 8 weights stay in registers: reading them back in one piece would wait for their stores. Fewer systems take as long: the last
// one is solved more than once.
func back4AVX2() {
	w := widths["avx2"]
	TEXT("back4AVX2", 0, "func(systems *uintptr, count, n, stride int)")
	Pragma("noescape")
	list := AllocLocal(8 * backAtOnce)
	fillList(list)
	k, step, length, at := GP64(), GP64(), GP64(), GP64()
	row := GP64() // byte offset of what is right behind the diagonal, in the factor
	Load(Param("n"), k)
	DECQ(k)
	Load(Param("stride"), step)
	SHLQ(U8(3), step)
	MOVQ(step, row)
	IMULQ(k, row)
	LEAQ(Mem{Base: row, Index: k, Scale: 8, Disp: 8}, row)
	ADDQ(U8(8), step) // a row and a column
	field := GP64()
	load := func(i, offset int) Register { // a field of a system
		MOVQ(list.Offset(8*i), field)
		MOVQ(Mem{Base: field, Disp: offset}, field)
		return field
	}
	var newest [backAtOnce][]VecVirtual
	for i := range newest {
		newest[i] = w.vectors(w.lanes8Of())
		for _, v := range newest[i] {
			w.zero(v)
		}
	}
	XORQ(length, length)
	Label("row")
	for i := range newest {
		sums := w.sumOfWeights(fmt.Sprint("older", i), newest[i], load, i, row, k, length, at)
		sum, value := w.fold64(sums), w.vector()
		VMOVSD(Mem{Base: load(i, problemSolved), Index: k, Scale: 8}, value.AsX())
		VSUBSD(sum, value.AsX(), value.AsX())
		VMULSD(Mem{Base: load(i, problemInverse), Index: k, Scale: 8}, value.AsX(), value.AsX())
		VMOVSD(value.AsX(), Mem{Base: load(i, problemWeights), Index: k, Scale: 8})
		VBROADCASTSD(value.AsX(), value)
		low, high := newest[i][0], newest[i][1]
		VPERMPD(U8(0b10010011), low, low) // lane 3 to lane 0, the others up
		VPERMPD(U8(0b10010011), high, high)
		VBLENDPD(U8(1), low, high, high)
		VBLENDPD(U8(1), value, low, low)
	}
	SUBQ(step, row)
	INCQ(length)
	DECQ(k)
	JGE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// fillList lists the systems, the last one again and again.
func fillList(list Mem) {
	systems, count, system := Load(Param("systems"), GP64()), Load(Param("count"), GP64()), GP64()
	DECQ(count)
	for i := range backAtOnce {
		MOVQ(Mem{Base: systems}, system)
		MOVQ(system, list.Offset(8*i))
		LEAQ(Mem{Base: systems, Disp: 8}, system)
		DECQ(count)
		CMOVQGE(system, systems)
	}
}

// sumOfWeights generates the sums of the weights behind the diagonal times a row of the factor.
func (w width) sumOfWeights(label string, newest []VecVirtual, load func(i, offset int) Register, system int, row, k, length, at Register) []VecVirtual {
	sums, left, eight := w.vectors(w.lanes8Of()), GP64(), GP64()
	MOVQ(U32(8), eight)
	MOVQ(length, left)
	CMPQ(left, eight)
	CMOVQGT(eight, left)
	masks := w.tail(left)
	factor := load(system, problemFactor)
	zero := w.vector()
	w.zero(zero)
	for i, sum := range sums {
		w.maskedLoad(Mem{Base: factor, Index: row, Scale: 1, Disp: i * w.bytes()}, masks[i], sum)
		VMULPD(newest[i], sum, sum)
		VADDPD(zero, sum, sum) // a sum that begins with -0 would stay it
	}
	MOVQ(length, left)
	XORQ(at, at)
	SUBQ(U8(8), left)
	JLE(LabelRef(label + "done"))
	Label(label)
	MOVQ(left, eight)
	CMPQ(eight, U32(8))
	JLE(LabelRef(label + "few"))
	MOVQ(U32(8), eight)
	Label(label + "few")
	masks = w.tail(eight)
	place, products := GP64(), w.vectors(w.lanes8Of())
	LEAQ(Mem{Base: at, Index: k, Scale: 8, Disp: 72}, place) // the ninth weight after the diagonal's
	weights := load(system, problemWeights)
	for i, product := range products {
		w.maskedLoad(Mem{Base: weights, Index: place, Scale: 1, Disp: i * w.bytes()}, masks[i], product)
	}
	LEAQ(Mem{Base: at, Index: row, Scale: 1, Disp: 64}, place)
	factor = load(system, problemFactor)
	for i, product := range products {
		other := w.vector()
		w.maskedLoad(Mem{Base: factor, Index: place, Scale: 1, Disp: i * w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, sums[i], sums[i])
	}
	ADDQ(U8(64), at)
	SUBQ(U8(8), left)
	JGT(LabelRef(label))
	Label(label + "done")
	return sums
}
