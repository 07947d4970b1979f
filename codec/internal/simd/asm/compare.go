package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learnMisses generates the running means of absolute errors.
func learnMisses(w width) {
	TEXT("learnMisses"+w.suffix, NOSPLIT, "func(seen, miss, share *float64, n, all int, sample, base, low, high float64)")
	Pragma("noescape")
	seen, miss, share := Load(Param("seen"), GP64()), Load(Param("miss"), GP64()), Load(Param("share"), GP64())
	n, rest, at := Load(Param("n"), GP64()), Load(Param("all"), GP64()), GP64()
	sample, low, high := w.parameter("sample"), w.parameter("low"), w.parameter("high")
	magnitude := w.vector()
	VMOVUPD(integers64("magnitude", 1<<63-1), magnitude)
	distance := func(from Mem) VecVirtual {
		v := w.vector()
		w.clamp(from, low, high, v)
		VSUBPD(v, sample, v)
		VANDPD(magnitude, v, v)
		return v
	}
	learn := func(distance VecVirtual) {
		old, v := w.vector(), w.vector()
		VMOVUPD(Mem{Base: miss, Index: at, Scale: 8}, old)
		VSUBPD(old, distance, v)
		VMULPD(Mem{Base: share, Index: at, Scale: 8}, v, v)
		VADDPD(v, old, old)
		VMOVUPD(old, Mem{Base: miss, Index: at, Scale: 8})
		ADDQ(U8(w.lanes64()), at)
	}
	XORQ(at, at)
	Label("predictions")
	learn(distance(Mem{Base: seen, Index: at, Scale: 8}))
	CMPQ(at, n)
	JLT(LabelRef("predictions"))
	base := w.parameter("base")
	w.clamp(base, low, high, base)
	VSUBPD(base, sample, base)
	VANDPD(magnitude, base, base)
	Label("base")
	learn(base)
	CMPQ(at, rest)
	JLT(LabelRef("base"))
	VZEROUPPER()
	RET()
}

// describe generates the differences of predictions from a base, and how they and their mean errors compare.
func describe(w width) {
	l := logarithms{width: w}
	TEXT("describe"+w.suffix, NOSPLIT,
		"func(seen, miss *float64, differences *float32, levels *uint8, logs *int32, n int, base, scale, limit float64)")
	Pragma("noescape")
	seen, miss := Load(Param("seen"), GP64()), Load(Param("miss"), GP64())
	to, levels, n := Load(Param("differences"), GP64()), Load(Param("levels"), GP64()), Load(Param("n"), GP64())
	base, scale, high := w.parameter("base"), w.parameter("scale"), w.parameter("limit")
	low, floor := w.vector(), w.vector()
	w.zero(low)
	VSUBPD(high, low, low)
	VMOVUPD(repeated("logFloor", 1./4096), floor)
	l.loadTable()
	missLog := func(from Op) VecVirtual {
		v := w.vector()
		VMAXPD(from, floor, v) // from where it is not a number
		return l.log(v)
	}
	all := w.vector()
	VBROADCASTSD(Mem{Base: miss, Index: n, Scale: 8}, all)
	all = missLog(all)
	if w.bits != 512 {
		all = lowHalves(all)
	}
	Label("loop")
	v := w.vector()
	VMOVUPD(Mem{Base: seen}, v)
	VSUBPD(base, v, v)
	VMULPD(scale, v, v)
	w.clamp(v, low, high, v)
	difference := l.signedLog(v)
	log, pairs := missLog(Mem{Base: miss}), XMM()
	if w.bits == 512 {
		single := YMM()
		VCVTPD2PS(v, single)
		VMOVUPS(single, Mem{Base: to})
		VPSUBQ(all, log, log)
		VPADDQ(log, log, log)
		VPUNPCKLBW(w.level(log), difference, pairs)
		VMOVDQU64(pairs, Mem{Base: levels})
	} else {
		single := XMM()
		VCVTPD2PSY(v, single)
		VMOVUPS(single, Mem{Base: to})
		small := lowHalves(log)
		VPSUBD(all, small, small)
		VPADDD(small, small, small)
		VPUNPCKLBW(w.level(small), difference, pairs)
		VMOVQ(pairs, Mem{Base: levels})
	}
	ADDQ(U8(w.bytes()), seen)
	ADDQ(U8(w.bytes()), miss)
	ADDQ(U8(w.bytes()/2), to)
	ADDQ(U8(2*w.lanes64()), levels)
	SUBQ(U8(w.lanes64()), n)
	JNE(LabelRef("loop"))
	logs := Load(Param("logs"), GP64())
	for i := range w.lanes8Of() {
		log := missLog(Mem{Base: miss, Disp: 8 + i*w.bytes()})
		if w.bits == 512 {
			VPMOVQD(log, Mem{Base: logs})
		} else {
			VMOVDQU(lowHalves(log), Mem{Base: logs, Disp: 16 * i})
		}
	}
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
