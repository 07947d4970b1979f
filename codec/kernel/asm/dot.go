package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of kernel.Product.
const (
	productA    = 0
	productSize = 8 // of A
	productB    = 24
	productAt   = 48
	productTo   = 56
	productAll  = 64
)

// dots64 generates inner products of float64 vectors, in 8 lanes.
func dots64(w width) {
	TEXT("dots64"+w.suffix, NOSPLIT, "func(products *byte, count int)")
	Pragma("noescape")
	product, count := Load(Param("products"), GP64()), Load(Param("count"), GP64())
	Label("product")
	a, x, at, rest, whole, to := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: product, Disp: productA}, a)
	MOVQ(Mem{Base: product, Disp: productB}, x)
	MOVQ(Mem{Base: product, Disp: productAt}, at)
	LEAQ(Mem{Base: x, Index: at, Scale: 8}, x)
	MOVQ(Mem{Base: product, Disp: productSize}, whole)
	MOVQ(whole, rest)
	ANDQ(U32(7), rest)
	ANDQ(I8(-8), whole)
	SHLQ(U8(3), whole)
	XORQ(at, at)
	sums := w.vectors(w.lanes8Of())
	for _, s := range sums {
		w.zero(s)
	}
	JMP(LabelRef("check"))
	Label("loop")
	for i, s := range sums {
		product := w.vector()
		VMOVUPD(Mem{Base: a, Index: at, Scale: 1, Disp: i * w.bytes()}, product)
		VMULPD(Mem{Base: x, Index: at, Scale: 1, Disp: i * w.bytes()}, product, product)
		VADDPD(product, s, s)
	}
	ADDQ(U8(64), at)
	Label("check")
	CMPQ(at, whole)
	JLT(LabelRef("loop"))
	TESTQ(rest, rest)
	JEQ(LabelRef("fold"))
	masks := w.tail(rest)
	for i, s := range sums {
		product, other := w.vector(), w.vector()
		w.maskedLoad(Mem{Base: a, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], product)
		w.maskedLoad(Mem{Base: x, Index: at, Scale: 1, Disp: i * w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, s, s)
	}
	Label("fold")
	MOVQ(Mem{Base: product, Disp: productTo}, to)
	VMOVSD(w.fold64(sums), Mem{Base: to})
	ADDQ(U8(productAll), product)
	DECQ(count)
	JNE(LabelRef("product"))
	VZEROUPPER()
	RET()
}

// tail returns the masks of the first n of 8 float64 lanes, 0 <= n <= 8.
func (w width) tail(n Register) []Register {
	if w.bits == 512 {
		bits, mask := GP64(), K()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVB(bits.As32(), mask)
		return []Register{mask}
	}
	table := GP64()
	LEAQ(tailTable(), table)
	masks := []Register{YMM(), YMM()}
	offset := GP64()
	MOVQ(n, offset)
	NEGQ(offset)
	for i, m := range masks {
		VMOVDQU(Mem{Base: table, Index: offset, Scale: 8, Disp: 64 + 32*i}, m)
	}
	return masks
}

var tails Mem

// tailTable is 8 words of ones, then 8 of zeros: from word 8-n on it is the mask of the first n of 8 lanes.
func tailTable() Mem {
	if tails.Symbol.Name == "" {
		tails = GLOBL("tails", RODATA|NOPTR)
		for i := range 16 {
			v := uint64(0)
			if i < 8 {
				v = 1<<64 - 1
			}
			DATA(8*i, U64(v))
		}
	}
	return tails
}

// maskedLoad loads the lanes of the mask and clears the others.
func (w width) maskedLoad(from Mem, mask Register, to VecVirtual) {
	if w.bits == 512 {
		VMOVUPD_Z(from, mask, to)
		return
	}
	VMASKMOVPD(from, mask, to)
}
