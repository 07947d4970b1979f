package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// twentieths[i] is 2^(i/20) as in package fixed, and zeros behind it.
var twentieths = [24]float64{
	1.0, 1.0352649238413776, 1.0717734625362931, 1.109569472067845,
	1.148698354997035, 1.189207115002721, 1.2311444133449163, 1.2745606273192622,
	1.3195079107728942, 1.3660402567543954, 1.4142135623730951, 1.4640856959456254,
	1.515716566510398, 1.5691681957935015, 1.624504792712471, 1.681792830507429,
	1.7411011265922482, 1.8025009252216604, 1.8660659830736148, 1.931872657849691,
}

// weigh generates the weights of updates.
func weigh(w width) {
	TEXT("weigh"+w.suffix, NOSPLIT, "func(errs, means, weights *float64, n int, surprise float64)")
	Pragma("noescape")
	errs, means, weights := Load(Param("errs"), GP64()), Load(Param("means"), GP64()), Load(Param("weights"), GP64())
	n := Load(Param("n"), GP64())
	surprise, calm, none := w.parameter("surprise"), w.vector(), GP64()
	MOVQ(addressOf("surprise"), none)
	VMOVUPD(repeated("one64", 1), calm)
	VSUBPD(surprise, calm, calm)
	Label("loop")
	err, mean, size := w.vector(), w.vector(), w.vector()
	VMOVUPD(Mem{Base: errs}, err)
	VMULPD(repeated("newShare", 0.002), err, size)
	VMOVUPD(repeated("oldShare", 0.998), mean)
	VMULPD(Mem{Base: means}, mean, mean)
	VADDPD(size, mean, size)
	VMOVUPD(size, Mem{Base: means})
	TESTQ(none, none)
	JEQ(LabelRef("usual"))
	VMULPD(calm, size, size)
	VMULPD(surprise, err, err)
	VADDPD(err, size, size)
	Label("usual")
	VADDPD(repeated("leastSize", 0.001), size, size)
	VMOVUPD(w.powMinus08(size), Mem{Base: weights})
	for _, p := range []Register{errs, means, weights} {
		ADDQ(U8(w.bytes()), p)
	}
	SUBQ(U8(w.lanes64()), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// powMinus08 generates fixed.PowMinus08: see there.
func (w width) powMinus08(x VecVirtual) VecVirtual {
	const octaves = 4000
	steps, octave, whole := w.vector(), w.vector(), w.vector()
	VPSRLQ(U8(48), x, octave)
	w.move(integers64("manySteps", octaves*20+1023*16), steps)
	VPSUBQ(octave, steps, steps)
	// By 20: right for all numbers up to 2^18.
	VPMULUDQ(integers64("twentieth", 52429), steps, octave)
	VPSRLQ(U8(20), octave, octave)
	VPMULUDQ(integers64("twenty", 20), octave, whole)
	VPSUBQ(whole, steps, steps)
	var minusOctaves int64 = 1023 - octaves
	VPADDQ(integers64("minusOctaves", uint64(minusOctaves)), octave, octave)
	VPSLLQ(U8(52), octave, octave)
	part := w.twentieth(steps)
	VMULPD(octave, part, part)
	return part
}

// twentieth looks up the elements of twentieths.
func (w width) twentieth(index VecVirtual) VecVirtual {
	table, ok := constants["twentieths"]
	if !ok {
		table = GLOBL("twentieths", RODATA|NOPTR)
		for i, v := range twentieths {
			DATA(8*i, F64(v))
		}
		constants["twentieths"] = table
	}
	part := w.vector()
	if w.bits == 256 {
		base, mask := GP64(), w.vector()
		LEAQ(table, base)
		VPCMPEQQ(mask, mask, mask)
		VGATHERQPD(mask, Mem{Base: base, Index: index, Scale: 8}, part)
		return part
	}
	// The index of a permutation is taken modulo 16, or 8.
	first, high, beyond := ZMM(), ZMM(), K()
	VMOVUPD(table, first)
	VMOVDQA64(index, part)
	VPERMI2PD(table.Offset(64), first, part)
	VPCMPUQ(U8(5), integers64("sixteen", 16), index, beyond) // not less
	VMOVUPD(table.Offset(128), high)
	VPERMPD(high, index, beyond, part)
	return part
}
