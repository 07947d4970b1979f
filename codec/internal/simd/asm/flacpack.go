package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// list is where samples lie, and how many bytes each takes.
type list struct {
	at    Register
	bytes int
}

// loadList loads a parameter.
func loadList(name string, bytes int) list { return list{Load(Param(name), GP64()), bytes} }

// place returns the place of the first sample, or of what lies so many bytes behind it.
func (l list) place(bytes int) Mem { return Mem{Base: l.at, Disp: bytes} }

// eachVector generates a loop over the n samples of lists.
func (w width) eachVector(one func(), lists ...list) {
	n := Load(Param("n"), GP64())
	Label("vector")
	one()
	for _, l := range lists {
		ADDQ(U32(w.lanes32()*l.bytes), l.at)
	}
	SUBQ(U8(w.lanes32()), n)
	JNE(LabelRef("vector"))
}

// midSide generates flac.midSide.
func midSide(w width) {
	TEXT("midSide"+w.suffix, NOSPLIT, "func(left, right, mid, side *int32, n int)")
	Pragma("noescape")
	left, right, mid, side := loadList("left", 4), loadList("right", 4), loadList("mid", 4), loadList("side", 4)
	w.eachVector(func() {
		l, r, m := w.vector(), w.vector(), w.vector()
		w.move(left.place(0), l)
		w.move(right.place(0), r)
		VPADDD(r, l, m)
		VPSRAD(U8(1), m, m)
		VPSUBD(r, l, l)
		w.move(m, mid.place(0))
		w.move(l, side.place(0))
	}, left, right, mid, side)
	VZEROUPPER()
	RET()
}

// pack generates flac.pack.
func pack(w width) {
	TEXT("pack"+w.suffix, NOSPLIT, "func(words *int32, samples *int64, halves *int16, floats *float64, n int) (used, width uint64)")
	Pragma("noescape")
	words, halves := loadList("words", 4), loadList("halves", 2)
	samples, floats := loadList("samples", 8), loadList("floats", 8)
	used, bits := w.vector(), w.vector()
	w.zero(used)
	w.zero(bits)
	w.eachVector(func() {
		v, sign := w.vector(), w.vector()
		w.move(words.place(0), v)
		for half := range 2 {
			from, to := words.place(half*w.bytes()/2), half*w.bytes()
			wide, float := w.vector(), w.vector()
			VPMOVSXDQ(from, wide)
			w.move(wide, samples.place(to))
			VCVTDQ2PD(from, float)
			VMOVUPD(float, floats.place(to))
		}
		w.either(v, used, used)
		VPSRAD(U8(31), v, sign)
		w.differ(v, sign, sign)
		w.either(sign, bits, bits)
		w.storeLowHalves(v, halves.place(0))
	}, words, samples, halves, floats)
	Store(w.fold32s(used, w.either), ReturnIndex(0))
	Store(w.fold32s(bits, w.either), ReturnIndex(1))
	VZEROUPPER()
	RET()
}

// storeLowHalves stores the lower 16 bits of each 32. It overwrites v.
func (w width) storeLowHalves(v VecVirtual, to Mem) {
	if w.bits == 512 {
		VPMOVDW(v, to)
		return
	}
	VPSLLD(U8(16), v, v)
	VPSRAD(U8(16), v, v)
	VPACKSSDW(v, v, v)
	VPERMQ(U8(0x08), v, v)
	VMOVDQU(v.AsX(), to)
}
