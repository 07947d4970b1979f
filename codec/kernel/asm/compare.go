package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learnMisses generates the running means of absolute errors.
func learnMisses(w width) {
	TEXT("learnMisses"+w.suffix, NOSPLIT, "func(seen, miss, share *float64, n int, sample, low, high float64)")
	Pragma("noescape")
	seen, miss, share := Load(Param("seen"), GP64()), Load(Param("miss"), GP64()), Load(Param("share"), GP64())
	n := Load(Param("n"), GP64())
	sample, low, high := w.parameter("sample"), w.parameter("low"), w.parameter("high")
	magnitude := w.vector()
	VMOVUPD(integers64("magnitude", 1<<63-1), magnitude)
	Label("loop")
	v, old := w.vector(), w.vector()
	w.clamp(Mem{Base: seen}, low, high, v)
	VSUBPD(v, sample, v)
	VANDPD(magnitude, v, v)
	VMOVUPD(Mem{Base: miss}, old)
	VSUBPD(old, v, v)
	VMULPD(Mem{Base: share}, v, v)
	VADDPD(v, old, old)
	VMOVUPD(old, Mem{Base: miss})
	for _, p := range []Register{seen, miss, share} {
		ADDQ(U8(w.bytes()), p)
	}
	SUBQ(U8(w.lanes64()), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// disagreements generates the scaled differences of predictions from one of them, and their logarithms.
func disagreements(w width) {
	l := logarithms{width: w}
	TEXT("disagreements"+w.suffix, NOSPLIT, "func(seen *float64, to *float32, logs *uint8, n int, base, scale, limit float64)")
	Pragma("noescape")
	seen, to, logs := Load(Param("seen"), GP64()), Load(Param("to"), GP64()), Load(Param("logs"), GP64())
	n := Load(Param("n"), GP64())
	base, scale, high := w.parameter("base"), w.parameter("scale"), w.parameter("limit")
	low := w.vector()
	w.zero(low)
	VSUBPD(high, low, low)
	l.loadTable()
	Label("loop")
	v := w.vector()
	VMOVUPD(Mem{Base: seen}, v)
	VSUBPD(base, v, v)
	VMULPD(scale, v, v)
	w.clamp(v, low, high, v)
	if w.bits == 512 {
		single := YMM()
		VCVTPD2PS(v, single)
		VMOVUPS(single, Mem{Base: to})
	} else {
		single := XMM()
		VCVTPD2PSY(v, single)
		VMOVUPS(single, Mem{Base: to})
	}
	l.storeSignedLog(v, Mem{Base: logs})
	ADDQ(U8(w.bytes()), seen)
	ADDQ(U8(w.bytes()/2), to)
	ADDQ(U8(w.lanes64()), logs)
	SUBQ(U8(w.lanes64()), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// parameter loads a parameter into all lanes.
func (w width) parameter(name string) VecVirtual {
	v := w.vector()
	VBROADCASTSD(addressOf(name), v)
	return v
}

// clamp limits v to low..high; what is not a number becomes low.
func (w width) clamp(v Op, low, high, to VecVirtual) {
	x := w.vector()
	VMOVUPD(v, x)
	VMAXPD(low, x, x)
	VMINPD(x, high, to)
}
