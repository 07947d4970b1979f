package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// numbers16 are the numbers of 16 lanes.
type numbers16 [2]VecVirtual

// loaded16 loads 16 numbers.
func loaded16(from Register) (v numbers16) {
	for half := range v {
		v[half] = YMM()
		VMOVUPS(Mem{Base: from, Disp: 32 * half}, v[half])
	}
	return v
}

// places loads the places of half the lanes that a field has.
func (c correction) places(disp, half int) VecVirtual {
	v := YMM()
	VMOVDQU(c.field(disp+32*half), v)
	return v
}

// pick takes from the numbers what half the lanes have in the places that a field has.
func (c correction) pick(from numbers16, disp, half int) VecVirtual {
	places, picked, upper := c.places(disp, half), YMM(), YMM()
	VPERMPS(from[0], places, picked)
	VPERMPS(from[1], places, upper)
	VPSLLD(U8(28), places, places) // the place's highest bit becomes the sign
	VBLENDVPS(places, upper, picked, picked)
	return picked
}

// laneMask makes a vector of a mask of 16 lanes, for half of them.
func (c correction) laneMask(disp, half int) VecVirtual {
	if _, ok := constants["laneBits"]; !ok {
		constants["laneBits"] = GLOBL("laneBits", RODATA|NOPTR)
		for lane := range 16 {
			DATA(4*lane, U32(1<<lane))
		}
	}
	bits, v := constants["laneBits"].Offset(32*half), YMM()
	VPBROADCASTD(c.field(disp), v)
	VPAND(bits, v, v)
	VPCMPEQD(bits, v, v)
	return v
}

// skipUnless goes on at a label, with the number of the half behind it, if a mask has no lane of that half.
func (c correction) skipUnless(disp, half int, label string) {
	CMPB(c.field(disp+half), U8(0))
	JEQ(LabelRef(label + strconv.Itoa(half)))
}

// narrowAVX2 makes one vector of float32 of two of float64.
func narrowAVX2(low, high VecVirtual) VecVirtual {
	to, upper := YMM(), XMM()
	VCVTPD2PSY(low, to.AsX())
	VCVTPD2PSY(high, upper)
	VINSERTF128(U8(1), upper, to, to)
	return to
}

// learnCorrectionsAVX2 generates predictor.corrections.Learn. (In vectors of 256 bits, Predict takes as long as in plain Go.)
func learnCorrectionsAVX2(w width) {
	TEXT("learnCorrectionsAVX2", NOSPLIT,
		"func(lanes, normalisers *byte, outputs, others, decay *float32, predictions, to *float64, sample float64)")
	Pragma("noescape")
	c := correction{Load(Param("lanes"), GP64())}
	outputs, to, others := loaded16(Load(Param("outputs"), GP64())), Load(Param("to"), GP64()), Load(Param("others"), GP64())
	n := newNormalising(w, Load(Param("normalisers"), GP64()), Load(Param("decay"), GP64()))
	sample, left := w.parameter("sample"), YMM()
	// What the bases leave of the sample, then what no base does.
	VSUBPD(Mem{Base: Load(Param("predictions"), GP64())}, sample, left)
	left = narrowAVX2(left, sample)
	steps := numbers16{YMM(), YMM()}
	for half := range steps {
		at := 32 * half
		VXORPS(steps[half], steps[half], steps[half])
		c.skipUnless(correctionOwn, half, "noFilter")
		input, old := c.places(correctionLeft, half), YMM()
		VPERMPS(left, input, input)
		for k := range correctionStages - 1 { // nothing is behind the last one
			stage := c.pick(outputs, correctionStage+64*k, half)
			VANDPS(c.laneMask(correctionBehind+2*k, half), stage, stage)
			VSUBPS(stage, input, input)
		}
		VMOVUPS(Mem{Base: n.inputs, Disp: at}, old)
		VBLENDVPS(c.laneMask(correctionOwn, half), input, old, old)
		VMOVUPS(old, Mem{Base: n.inputs, Disp: at})

		low, high, based := YMM(), YMM(), YMM()
		VSUBPD(Mem{Base: to, Disp: 2 * at}, sample, low)
		VSUBPD(Mem{Base: to, Disp: 2*at + 32}, sample, high)
		err := narrowAVX2(low, high)
		VSUBPS(outputs[half], input, based)
		VBLENDVPS(c.laneMask(correctionBased, half), based, err, err)
		c.limitAVX2(err, half)

		power := c.laneMask(correctionPaired, half)
		VANDPS(Mem{Base: others, Disp: at}, power, power)
		VADDPS(Mem{Base: n.powers, Disp: at}, power, power)
		VMOVAPS(n.lanes(at, err, input, power), steps[half])
		Label("noFilter" + strconv.Itoa(half))
	}
	for half := range steps {
		VMOVUPS(c.pick(steps, correctionStep, half), Mem{Base: n.steps, Disp: 32 * half})
	}
	VZEROUPPER()
	RET()
}

// limitAVX2 limits the errors of robust filters to their running mean size, in half the lanes.
func (c correction) limitAVX2(err VecVirtual, half int) {
	c.skipUnless(correctionRobust, half, "noneRobust")
	robust, sizes := c.laneMask(correctionRobust, half), c.field(correctionSizes+32*half)
	size, minus := YMM(), YMM()
	VANDPS(integers64("magnitudes32", 0x7FFFFFFF7FFFFFFF), err, minus)
	VMULPS(repeated32("robustShare", 0.01), minus, minus)
	VMOVUPS(repeated32("robustRest", 0.99), size)
	VMULPS(sizes, size, size)
	VADDPS(minus, size, size)
	VANDPS(robust, size, size) // that of the others stays 0
	VMOVUPS(size, sizes)
	VXORPS(integers64("signs32", 0x8000000080000000), size, minus)
	limited, unknown := YMM(), YMM()
	VMINPS(err, size, limited)
	VMAXPS(limited, minus, limited)
	VCMPPS(U8(unordered), size, size, unknown)
	VBLENDVPS(unknown, size, limited, limited)
	VBLENDVPS(robust, limited, err, err)
	Label("noneRobust" + strconv.Itoa(half))
}
