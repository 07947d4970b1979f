package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// backAVX512 generates the back substitution of some systems of the same size at once, from the last weight to the first:
// its time is a chain of additions and multiplications. The newest 8 weights stay in registers: reading them back in one
// piece would wait for their stores.
func backAVX512(systems int) {
	TEXT(fmt.Sprint("back", systems, "AVX512"), NOSPLIT, "func(systems *uintptr, n, stride int)")
	Pragma("noescape")
	w := widths["avx512"]
	problems, k, stride := Load(Param("systems"), GP64()), Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	load := func(system, field int) Register {
		r := GP64()
		MOVQ(Mem{Base: problems, Disp: 8 * system}, r)
		MOVQ(Mem{Base: r, Disp: field}, r)
		return r
	}
	// row is the offset of what stands behind the diagonal of the factor's row. k counts down.
	row, step := GP64(), GP64()
	DECQ(k)
	MOVQ(stride, step)
	SHLQ(U8(3), step)
	MOVQ(step, row)
	IMULQ(k, row)
	LEAQ(Mem{Base: row, Index: k, Scale: 8, Disp: 8}, row)
	ADDQ(U8(8), step) // a row and a column
	newest, sums := w.vectors(systems), w.vectors(systems)
	for _, v := range newest {
		w.zero(v)
	}
	zero, tail := ZMM(), K()
	w.zero(zero)
	all, length, left, at := GP64(), GP64(), GP64(), GP64() // the lowest bits of all are as many ones as there are weights
	XORQ(all, all)
	XORQ(length, length)
	Label("row")
	KMOVB(all.As32(), tail)
	for i, v := range newest {
		VMOVUPD_Z(Mem{Base: load(i, problemFactor), Index: row, Scale: 1}, tail, sums[i])
		VMULPD(v, sums[i], sums[i])
		VADDPD(zero, sums[i], sums[i])
	}
	MOVQ(length, left)
	XORQ(at, at)
	SUBQ(U8(8), left)
	JLE(LabelRef("fold"))
	Label("older")
	bits, weight, factor := GP64(), GP64(), GP64()
	MOVQ(I32(-1), bits)
	BZHIQ(left, bits, bits) // of the next weights
	KMOVB(bits.As32(), tail)
	LEAQ(Mem{Base: at, Index: k, Scale: 8, Disp: 72}, weight)
	LEAQ(Mem{Base: at, Index: row, Scale: 1, Disp: 64}, factor)
	for i, sum := range sums {
		product, other := ZMM(), ZMM()
		VMOVUPD_Z(Mem{Base: load(i, problemWeights), Index: weight, Scale: 1}, tail, product)
		VMOVUPD_Z(Mem{Base: load(i, problemFactor), Index: factor, Scale: 1}, tail, other)
		VMULPD(other, product, product)
		VADDPD(product, sum, sum)
	}
	ADDQ(U8(64), at)
	SUBQ(U8(8), left)
	JGT(LabelRef("older"))
	Label("fold")
	for i, v := range newest {
		sum, value := w.fold64(sums[i:i+1]), ZMM()
		VMOVSD(Mem{Base: load(i, problemSolved), Index: k, Scale: 8}, value.AsX())
		VSUBSD(sum, value.AsX(), value.AsX())
		VMULSD(Mem{Base: load(i, problemInverse), Index: k, Scale: 8}, value.AsX(), value.AsX())
		VMOVSD(value.AsX(), Mem{Base: load(i, problemWeights), Index: k, Scale: 8})
		VBROADCASTSD(value.AsX(), value)
		VALIGNQ(U8(7), value, v, v)
	}
	SUBQ(step, row)
	LEAQ(Mem{Base: all, Index: all, Scale: 1, Disp: 1}, all)
	INCQ(length)
	DECQ(k)
	JGE(LabelRef("row"))
	VZEROUPPER()
	RET()
}
