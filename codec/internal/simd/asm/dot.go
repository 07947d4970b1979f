package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.regression.
const (
	regressionWeights = 0
	regressionOwn     = 24
	regressionOther   = 32
	regressionRows    = 40
	regressionAt      = 64
	regressionTo      = 72
	regressionSize    = 80
)

// regress generates predictions by regression: inner products of float64 vectors, in 8 lanes.
func regress(w width) {
	TEXT("regress"+w.suffix, NOSPLIT, "func(regressions *byte, own, other *float64, count int)")
	Pragma("noescape")
	regression, count := Load(Param("regressions"), GP64()), Load(Param("count"), GP64())
	r := regressionKernel{width: w, weights: GP64(), row: GP64(), to: GP64()}
	r.sums = w.vectors(w.lanes8Of())
	Label("regression")
	field := func(at int) Mem { return Mem{Base: regression, Disp: at} }
	MOVQ(field(regressionWeights), r.weights)
	MOVQ(field(regressionRows), r.row)
	MOVQ(field(regressionAt), r.to)
	LEAQ(Mem{Base: r.row, Index: r.to, Scale: 8}, r.row)
	for _, s := range r.sums {
		w.zero(s)
	}
	r.source("own", field(regressionOwn))
	r.source("other", field(regressionOther))
	MOVQ(field(regressionTo), r.to)
	VMOVSD(w.fold64(r.sums), Mem{Base: r.to})
	ADDQ(U8(regressionSize), regression)
	DECQ(count)
	JNE(LabelRef("regression"))
	VZEROUPPER()
	RET()
}

// regressionKernel generates one prediction.
type regressionKernel struct {
	width
	weights, row, to Register
	sums             []VecVirtual
}

// source takes so many elements from a parameter, into the row and the sums, and goes beyond them.
func (r *regressionKernel) source(name string, n Mem) {
	x, left := Load(Param(name), GP64()), GP64()
	MOVQ(n, left)
	JMP(LabelRef(name + "Check"))
	Label(name + "Loop")
	for i, s := range r.sums {
		at := i * r.bytes()
		v := r.vector()
		VMOVUPD(Mem{Base: x, Disp: at}, v)
		VMOVUPD(v, Mem{Base: r.row, Disp: at})
		VMULPD(Mem{Base: r.weights, Disp: at}, v, v)
		VADDPD(v, s, s)
	}
	for _, p := range []Register{x, r.row, r.weights} {
		ADDQ(U8(64), p)
	}
	Label(name + "Check")
	SUBQ(U8(8), left)
	JGE(LabelRef(name + "Loop"))
	ADDQ(U8(8), left)
	JEQ(LabelRef(name + "Done"))
	masks := r.tail(left)
	for i, s := range r.sums {
		at := i * r.bytes()
		v, weight := r.vector(), r.vector()
		r.maskedLoad(Mem{Base: x, Disp: at}, masks[i], v)
		if r.bits == 512 {
			VMOVUPD(v, masks[i], Mem{Base: r.row, Disp: at})
		} else {
			VMASKMOVPD(v, masks[i], Mem{Base: r.row, Disp: at})
		}
		r.maskedLoad(Mem{Base: r.weights, Disp: at}, masks[i], weight)
		VMULPD(weight, v, v)
		VADDPD(v, s, s)
	}
	Label(name + "Done")
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
