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
	mixingPlaces      = 392
	mixingNewest      = mixingPlaces + 128
	mixingLess        = mixingNewest + 64
)

// mixing generates 16 regressors.
type mixing struct {
	width
	lanes, predictions, filtered, newest Register
}

func (m mixing) field(disp int) Mem { return Mem{Base: m.lanes, Disp: disp} }

// mix generates predictor.mixing.Mix, for 16 regressors.
func mix(w width) {
	TEXT("mix"+w.suffix, NOSPLIT, "func(lanes, mixers *byte, predictions, filtered, newest *float64, count int)")
	Pragma("noescape")
	lanes, mixer := Load(Param("lanes"), GP64()), Load(Param("mixers"), GP64())
	m := mixing{w, lanes, Load(Param("predictions"), GP64()), Load(Param("filtered"), GP64()), Load(Param("newest"), GP64())}
	count := Load(Param("count"), GP64())
	var regressors []VecVirtual
	if w.bits == 512 {
		regressors = m.permuted()
	} else {
		regressors = m.gathered()
	}
	row, at := GP64(), GP64()
	MOVQ(Mem{Base: mixer, Disp: regressionRows}, row)
	MOVQ(Mem{Base: mixer, Disp: regressionAt}, at)
	for i, v := range regressors {
		VMOVUPD(v, Mem{Base: row, Index: at, Scale: 8, Disp: i * w.bytes()})
	}
	Label("mixer")
	weights, sums, product := GP64(), w.vectors(w.lanes8Of()), w.vector()
	MOVQ(Mem{Base: mixer, Disp: regressionWeights}, weights)
	for _, sum := range sums {
		w.zero(sum)
	}
	for i, v := range regressors {
		sum := sums[i%len(sums)]
		VMULPD(Mem{Base: weights, Disp: i * w.bytes()}, v, product)
		VADDPD(product, sum, sum)
	}
	MOVQ(Mem{Base: mixer, Disp: regressionTo}, weights)
	VMOVSD(w.fold64(sums), Mem{Base: weights})
	ADDQ(U8(regressionSize), mixer)
	DECQ(count)
	JNE(LabelRef("mixer"))
	VZEROUPPER()
	RET()
}

// permuted makes the regressors in two vectors of 512 bits.
func (m mixing) permuted() []VecVirtual {
	mask := func(disp int) Register {
		k := K()
		KMOVB(m.field(disp), k)
		return k
	}
	bases, samples, first := firstFour(m.predictions), ZMM(), ZMM()
	VMOVUPD(Mem{Base: m.newest}, samples)
	VBROADCASTSD(Mem{Base: m.predictions}, first)
	filters := [2]VecVirtual{ZMM(), ZMM()}
	for i, v := range filters {
		VMOVUPD(Mem{Base: m.filtered, Disp: 64 * i}, v)
	}
	regressors := []VecVirtual{ZMM(), ZMM()}
	for i, v := range regressors {
		places := ZMM()
		VMOVDQU64(m.field(mixingFiltered+64*i), v)
		VPERMI2PD(filters[1], filters[0], v)
		VMOVDQU64(m.field(mixingBase+64*i), places)
		VPERMPD(bases.AsZ(), places, mask(mixingBases+i), v)
		VMOVDQU64(m.field(mixingSample+64*i), places)
		VPERMPD(samples, places, mask(mixingSampled+i), v)
		VSUBPD(first, v, mask(mixingDifferences+i), v)
	}
	return regressors
}

// gathered makes the regressors in four vectors of 256 bits.
func (m mixing) gathered() []VecVirtual {
	samples, first := GP64(), YMM()
	MOVQ(m.newest, samples)
	SUBQ(m.predictions, samples) // how far behind the predictions they lie
	number := func(i int) Mem {
		place := GP64()
		MOVQ(m.field(mixingPlaces+8*i), place)
		if i >= 8 { // the first ones are never samples
			beyond := GP64()
			MOVQ(m.field(mixingNewest+8*(i-8)), beyond)
			ANDQ(samples, beyond)
			ADDQ(beyond, place)
		}
		return Mem{Base: m.predictions, Index: place, Scale: 1}
	}
	VBROADCASTSD(Mem{Base: m.predictions}, first)
	regressors := []VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for i, v := range regressors {
		less, upper := YMM(), XMM()
		VMOVSD(number(4*i), v.AsX())
		VMOVHPD(number(4*i+1), v.AsX(), v.AsX())
		VMOVSD(number(4*i+2), upper)
		VMOVHPD(number(4*i+3), upper, upper)
		VINSERTF128(U8(1), upper, v, v)
		VANDPD(m.field(mixingLess+32*i), first, less)
		VSUBPD(less, v, v)
	}
	return regressors
}

// firstFour loads four numbers that have been written one by one: loading them in one piece would wait for that.
func firstFour(from Register) VecVirtual {
	pairs := [2]VecVirtual{XMM(), XMM()}
	for i, v := range pairs {
		VMOVSD(Mem{Base: from, Disp: 16 * i}, v)
		VMOVHPD(Mem{Base: from, Disp: 16*i + 8}, v, v)
	}
	all := YMM()
	VINSERTF128(U8(1), pairs[1], pairs[0].AsY(), all)
	return all
}
