package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// eachVector generates a loop over n samples, which pointers are moved on by so many bytes each.
func (w width) eachVector(one func(), bytes map[Register]int, pointers ...Register) {
	n := Load(Param("n"), GP64())
	Label("vector")
	one()
	for _, p := range pointers {
		ADDQ(U32(w.lanes32()*bytes[p]), p)
	}
	SUBQ(U8(w.lanes32()), n)
	JNE(LabelRef("vector"))
}

// midSide generates flac.midSide.
func midSide(w width) {
	TEXT("midSide"+w.suffix, NOSPLIT, "func(left, right, mid, side *int32, n int)")
	Pragma("noescape")
	var at [4]Register
	bytes := map[Register]int{}
	for i, name := range []string{"left", "right", "mid", "side"} {
		at[i] = Load(Param(name), GP64())
		bytes[at[i]] = 4
	}
	w.eachVector(func() {
		left, right, mid := w.vector(), w.vector(), w.vector()
		w.move(Mem{Base: at[0]}, left)
		w.move(Mem{Base: at[1]}, right)
		VPADDD(right, left, mid)
		VPSRAD(U8(1), mid, mid)
		VPSUBD(right, left, left)
		w.move(mid, Mem{Base: at[2]})
		w.move(left, Mem{Base: at[3]})
	}, bytes, at[:]...)
	VZEROUPPER()
	RET()
}

// pack generates flac.pack.
func pack(w width) {
	TEXT("pack"+w.suffix, NOSPLIT, "func(words *int32, samples *int64, halves *int16, floats *float64, n int) (used, width uint64)")
	Pragma("noescape")
	words, halves := Load(Param("words"), GP64()), Load(Param("halves"), GP64())
	samples, floats := Load(Param("samples"), GP64()), Load(Param("floats"), GP64())
	used, bits := w.vector(), w.vector()
	w.zero(used)
	w.zero(bits)
	w.eachVector(func() {
		v, sign := w.vector(), w.vector()
		w.move(Mem{Base: words}, v)
		for half := range 2 {
			from, to := Mem{Base: words, Disp: half * w.bytes() / 2}, half*w.bytes()
			wide, float := w.vector(), w.vector()
			VPMOVSXDQ(from, wide)
			w.move(wide, Mem{Base: samples, Disp: to})
			VCVTDQ2PD(from, float)
			VMOVUPD(float, Mem{Base: floats, Disp: to})
		}
		w.either(v, used, used)
		VPSRAD(U8(31), v, sign)
		w.differ(v, sign, sign)
		w.either(sign, bits, bits)
		w.storeLowHalves(v, Mem{Base: halves})
	}, map[Register]int{words: 4, samples: 8, halves: 2, floats: 8}, words, samples, halves, floats)
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
