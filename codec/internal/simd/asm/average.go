package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

const averageBits = 16

// updateAverages generates the leaky averages of units.
func updateAverages(w width) {
	TEXT("updateAverages"+w.suffix, NOSPLIT, "func(state, rates *int32, units, to *uint8, n int)")
	Pragma("noescape")
	state, rates := Load(Param("state"), GP64()), Load(Param("rates"), GP64())
	units, to := Load(Param("units"), GP64()), Load(Param("to"), GP64())
	n := Load(Param("n"), GP64())
	half, bit := w.vector(), GP32()
	MOVL(U32(1<<(averageBits-1)), bit)
	if w.bits == 512 {
		VPBROADCASTD(bit, half)
	} else {
		VMOVD(bit, half.AsX())
		VPBROADCASTD(half.AsX(), half)
	}
	Label("loop")
	old, v := w.vector(), w.vector()
	w.move(Mem{Base: state}, old)
	VPMOVZXBD(Mem{Base: units}, v)
	VPSLLD(U8(averageBits), v, v)
	VPSUBD(old, v, v)
	VPSRAVD(Mem{Base: rates}, v, v)
	VPADDD(old, v, v)
	w.move(v, Mem{Base: state})
	VPADDD(half, v, v)
	VPSRLD(U8(averageBits), v, v)
	if w.bits == 512 {
		VPMOVDB(v, Mem{Base: to})
	} else {
		storeBytesAVX2(v, Mem{Base: to})
	}
	ADDQ(U8(w.bytes()), state)
	ADDQ(U8(w.bytes()), rates)
	ADDQ(U8(w.lanes32()), units)
	ADDQ(U8(w.lanes32()), to)
	SUBQ(U8(w.lanes32()), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
