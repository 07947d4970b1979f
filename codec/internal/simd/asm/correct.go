package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.correctionLanes, and what it has room for.
const (
	correctionStages = 4

	correctionStage  = 0
	correctionStep   = 64 * correctionStages
	correctionBase   = correctionStep + 64
	correctionSizes  = correctionBase + 128
	correctionOwn    = correctionSizes + 64
	correctionBased  = correctionOwn + 2
	correctionPaired = correctionOwn + 4
	correctionRobust = correctionOwn + 6
	correctionBehind = correctionOwn + 8
	correctionWith   = correctionBehind + 2*correctionStages
	correctionLeft   = correctionWith + 2*correctionStages
)

// correction generates what filters predict, in 16 lanes. It is for vectors of 512 bits.
type correction struct {
	lanes Register
}

func (c correction) field(disp int) Mem { return Mem{Base: c.lanes, Disp: disp} }

// mask loads a mask of 16 lanes.
func (c correction) mask(disp int) Register {
	k := K()
	KMOVW(c.field(disp), k)
	return k
}

// upper returns the mask of the upper 8 lanes.
func upper(mask Register) Register {
	k := K()
	KSHIFTRW(U8(8), mask, k)
	return k
}

// bases returns the bases of all lanes, or absent where there is none.
func (c correction) bases(predictions Register, based Register, absent func(VecVirtual)) (low, high VecVirtual) {
	four := firstFour(predictions).AsZ()
	low, high = ZMM(), ZMM()
	for i, v := range []VecVirtual{low, high} {
		absent(v)
		places, mask := ZMM(), based
		VMOVDQU64(c.field(correctionBase+64*i), places)
		if i > 0 {
			mask = upper(based)
		}
		VPERMPD(four, places, mask, v)
	}
	return low, high
}

// correct generates predictor.corrections.Predict.
func correct() {
	TEXT("correctAVX512", NOSPLIT, "func(lanes *byte, outputs *float32, predictions, to *float64)")
	Pragma("noescape")
	c := correction{Load(Param("lanes"), GP64())}
	predictions, from, to := Load(Param("predictions"), GP64()), Load(Param("outputs"), GP64()), Load(Param("to"), GP64())
	// A sum that begins with -0 is what is added to it.
	low, high := c.bases(predictions, c.mask(correctionBased), func(v VecVirtual) {
		VMOVUPD(integers64("minusZero", 1<<63), v)
	})
	outputs := ZMM()
	VMOVUPS(Mem{Base: from}, outputs)
	for i := range correctionStages {
		stage, half, wide := ZMM(), YMM(), ZMM()
		VMOVDQU32(c.field(correctionStage+64*i), stage)
		VPERMPS(outputs, stage, stage)
		mask := c.mask(correctionWith + 2*i)
		VEXTRACTF32X8(U8(1), stage, half)
		VCVTPS2PD(stage.AsY(), wide)
		VADDPD(wide, low, mask, low)
		VCVTPS2PD(half, wide)
		VADDPD(wide, high, upper(mask), high)
	}
	VMOVUPD(low, Mem{Base: to})
	VMOVUPD(high, Mem{Base: to, Disp: 64})
	VZEROUPPER()
	RET()
}

// learnCorrections generates predictor.corrections.Learn.
func learnCorrections(w width) {
	TEXT("learnCorrectionsAVX512", NOSPLIT,
		"func(lanes, normalisers *byte, outputs, others, decay *float32, predictions, to *float64, sample float64)")
	Pragma("noescape")
	c := correction{Load(Param("lanes"), GP64())}
	from, to := Load(Param("outputs"), GP64()), Load(Param("to"), GP64())
	n := newNormalising(w, Load(Param("normalisers"), GP64()), Load(Param("decay"), GP64()))
	sample := w.parameter("sample")
	based := c.mask(correctionBased)

	// What is left of the sample without the bases, then without the stages before.
	input := c.left(sample, Load(Param("predictions"), GP64()), based)
	outputs := ZMM()
	VMOVUPS(Mem{Base: from}, outputs)
	for i := range correctionStages - 1 { // nothing is behind the last one
		stage := ZMM()
		VMOVDQU32(c.field(correctionStage+64*i), stage)
		VPERMPS(outputs, stage, stage)
		VSUBPS(stage, input, c.mask(correctionBehind+2*i), input)
	}
	VMOVUPS(input, c.mask(correctionOwn), Mem{Base: n.inputs})

	// The errors.
	err := ZMM()
	low, high := ZMM(), ZMM()
	VSUBPD(Mem{Base: to}, sample, low)
	VSUBPD(Mem{Base: to, Disp: 64}, sample, high)
	narrow(low, high, err)
	VSUBPS(outputs, input, based, err)
	c.limit(err, c.mask(correctionRobust))

	power := ZMM()
	VMOVUPS(Mem{Base: n.powers}, power)
	VADDPS(Mem{Base: Load(Param("others"), GP64())}, power, c.mask(correctionPaired), power)
	step := n.lanes(0, err, input, power)
	places := ZMM()
	VMOVDQU32(c.field(correctionStep), places)
	VPERMPS(step, places, step)
	VMOVUPS(step, Mem{Base: n.steps})
	VZEROUPPER()
	RET()
}

// left returns the sample less the bases.
func (c correction) left(sample VecVirtual, predictions, based Register) VecVirtual {
	low, high := c.bases(predictions, based, func(v VecVirtual) { VXORPD(v, v, v) })
	VSUBPD(low, sample, low)
	VSUBPD(high, sample, high)
	to := ZMM()
	narrow(low, high, to)
	return to
}

// narrow makes one vector of float32 of two of float64.
func narrow(low, high, to VecVirtual) {
	part := YMM()
	VCVTPD2PS(low, to.AsY())
	VCVTPD2PS(high, part)
	VINSERTF32X8(U8(1), part, to, to)
}

// limit limits the errors of robust filters to their running mean size.
func (c correction) limit(err VecVirtual, robust Register) {
	size, minus := ZMM(), ZMM()
	VPANDD(integers64("magnitudes32", 0x7FFFFFFF7FFFFFFF), err, minus)
	VMULPS(repeated32("robustShare", 0.01), minus, minus)
	VMOVUPS(repeated32("robustRest", 0.99), size)
	VMULPS(c.field(correctionSizes), size, size)
	VADDPS(minus, size, size)
	VMOVUPS(size, robust, c.field(correctionSizes))
	VPXORD(integers64("signs32", 0x8000000080000000), size, minus)
	limited, unknown := ZMM(), K()
	VMINPS(err, size, limited)
	VMAXPS(limited, minus, limited)
	VCMPPS(U8(unordered), size, size, unknown)
	VMOVAPS(size, unknown, limited)
	VMOVAPS(limited, robust, err)
}
