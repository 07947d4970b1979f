package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.mixingLanes.
const (
	mixingFiltered = 128 * iota
	mixingBase
	mixingSample
	mixingBases       = 384
	mixingSampled     = 386
	mixingDifferences = 388
)

// mix generates predictor.mixing.Mix, for 16 regressors in vectors of 512 bits.
func mix(w width) {
	TEXT("mixAVX512", NOSPLIT, "func(lanes, mixers *byte, predictions, filtered, newest *float64, count int)")
	Pragma("noescape")
	lanes, mixer := Load(Param("lanes"), GP64()), Load(Param("mixers"), GP64())
	predictions, filtered, newest := Load(Param("predictions"), GP64()), Load(Param("filtered"), GP64()), Load(Param("newest"), GP64())
	count := Load(Param("count"), GP64())
	field := func(disp int) Mem { return Mem{Base: lanes, Disp: disp} }
	mask := func(disp int) Register {
		k := K()
		KMOVB(field(disp), k)
		return k
	}
	bases, samples, first := firstFour(predictions), ZMM(), ZMM()
	VMOVUPD(Mem{Base: newest}, samples)
	VBROADCASTSD(Mem{Base: predictions}, first)
	filters := [2]VecVirtual{ZMM(), ZMM()}
	for i, v := range filters {
		VMOVUPD(Mem{Base: filtered, Disp: 64 * i}, v)
	}
	regressors := [2]VecVirtual{ZMM(), ZMM()}
	for i, v := range regressors {
		places := ZMM()
		VMOVDQU64(field(mixingFiltered+64*i), v)
		VPERMI2PD(filters[1], filters[0], v)
		VMOVDQU64(field(mixingBase+64*i), places)
		VPERMPD(bases, places, mask(mixingBases+i), v)
		VMOVDQU64(field(mixingSample+64*i), places)
		VPERMPD(samples, places, mask(mixingSampled+i), v)
		VSUBPD(first, v, mask(mixingDifferences+i), v)
	}
	row, at := GP64(), GP64()
	MOVQ(Mem{Base: mixer, Disp: regressionRows}, row)
	MOVQ(Mem{Base: mixer, Disp: regressionAt}, at)
	VMOVUPD(regressors[0], Mem{Base: row, Index: at, Scale: 8})
	VMOVUPD(regressors[1], Mem{Base: row, Index: at, Scale: 8, Disp: 64})
	Label("mixer")
	weights, sum, product := GP64(), ZMM(), ZMM()
	MOVQ(Mem{Base: mixer, Disp: regressionWeights}, weights)
	VXORPD(sum, sum, sum)
	for i, v := range regressors {
		VMULPD(Mem{Base: weights, Disp: 64 * i}, v, product)
		VADDPD(product, sum, sum)
	}
	MOVQ(Mem{Base: mixer, Disp: regressionTo}, weights)
	VMOVSD(w.fold64([]VecVirtual{sum}), Mem{Base: weights})
	ADDQ(U8(regressionSize), mixer)
	DECQ(count)
	JNE(LabelRef("mixer"))
	VZEROUPPER()
	RET()
}

// firstFour loads four numbers that have been written one by one: loading them in one piece would wait for that.
func firstFour(from Register) Register {
	pairs := [2]VecVirtual{XMM(), XMM()}
	for i, v := range pairs {
		VMOVSD(Mem{Base: from, Disp: 16 * i}, v)
		VMOVHPD(Mem{Base: from, Disp: 16*i + 8}, v, v)
	}
	all := YMM()
	VINSERTF128(U8(1), pairs[1], pairs[0].AsY(), all)
	return all.AsZ()
}
