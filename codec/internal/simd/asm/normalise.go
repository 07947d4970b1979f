package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of predictor.normalisers, those of its state, each of which is 64 bytes, and the number of its levels.
const (
	normalisersError = 24 * iota
	normalisersInput
	normalisersStep
	normalisersPower
	normalisersState

	normaliserRate    = 0
	normaliserKeep    = 64
	normaliserFlat    = 128
	normaliserUsed    = 192
	normaliserDecayed = 576
	normaliserSize    = 960

	decayLevels = 6
)

// normalise generates the steps of NLMS filters.
func normalise(w width) {
	TEXT("normalise"+w.suffix, NOSPLIT, "func(normalisers *byte, decay *float32, n int)")
	Pragma("noescape")
	all, n := newNormalising(w, Load(Param("normalisers"), GP64()), Load(Param("decay"), GP64())), Load(Param("n"), GP64())
	errors := GP64()
	MOVQ(Mem{Base: all.from, Disp: normalisersError}, errors)
	Label("normaliser")
	for at := 0; at < 64; at += w.bytes() {
		err, input, power := w.vector(), w.vector(), w.vector()
		VMOVUPS(Mem{Base: errors, Disp: at}, err)
		VMOVUPS(Mem{Base: all.inputs, Disp: at}, input)
		VMOVUPS(Mem{Base: all.powers, Disp: at}, power)
		VMOVUPS(all.lanes(at, err, input, power), Mem{Base: all.steps, Disp: at})
	}
	for _, p := range []Register{errors, all.inputs, all.powers, all.steps} {
		ADDQ(U8(64), p)
	}
	ADDQ(U32(normaliserSize), all.state)
	DECQ(n)
	JNE(LabelRef("normaliser"))
	VZEROUPPER()
	RET()
}

// takeInput generates what one input changes. Where vectors are short, those without any filter are left out.
func takeInput(w width) {
	TEXT("takeInput"+w.suffix, NOSPLIT, "func(normalisers *byte, decay *float32, n int, input float32)")
	Pragma("noescape")
	all, n := newNormalising(w, Load(Param("normalisers"), GP64()), Load(Param("decay"), GP64())), Load(Param("n"), GP64())
	Label("normaliser")
	for at := 0; at < 64; at += w.bytes() {
		input, without := w.vector(), "without"+strconv.Itoa(at)
		if w.bits == 256 {
			VMOVDQU(Mem{Base: all.state, Disp: normaliserUsed + at}, input)
			VPTEST(input, input)
			JEQ(LabelRef(without))
		}
		VBROADCASTSS(addressOf("input"), input)
		all.take(at, input)
		if w.bits == 256 {
			Label(without)
		}
	}
	ADDQ(U8(64), all.powers)
	ADDQ(U32(normaliserSize), all.state)
	DECQ(n)
	JNE(LabelRef("normaliser"))
	VZEROUPPER()
	RET()
}

// normalising generates the steps of 16 filters.
type normalising struct {
	width
	from, decay                  Register
	inputs, steps, powers, state Register
}

func newNormalising(w width, from, decay Register) normalising {
	n := normalising{w, from, decay, GP64(), GP64(), GP64(), GP64()}
	MOVQ(Mem{Base: from, Disp: normalisersInput}, n.inputs)
	MOVQ(Mem{Base: from, Disp: normalisersStep}, n.steps)
	MOVQ(Mem{Base: from, Disp: normalisersPower}, n.powers)
	MOVQ(Mem{Base: from, Disp: normalisersState}, n.state)
	return n
}

// lanes returns the steps of a vector of lanes and sets their powers. It overwrites what it is given.
func (n normalising) lanes(at int, err, input, power VecVirtual) (step VecVirtual) {
	VMULPS(Mem{Base: n.state, Disp: normaliserRate + at}, err, err)
	VDIVPS(power, err, err)
	n.take(at, input)
	return err
}

// take takes the inputs of a vector of lanes into their powers. It overwrites them.
func (n normalising) take(at int, input VecVirtual) {
	field := func(disp int) Mem { return Mem{Base: n.state, Disp: disp + at} }
	square, power, sum, flat := input, n.vector(), n.vector(), n.vector()
	VMULPS(input, input, square)
	VADDPS(repeated32("notDenormal", 1e-20), square, power)
	n.zero(sum)
	for i := range decayLevels {
		level, gain := n.vector(), n.vector()
		VBROADCASTSS(Mem{Base: n.decay, Disp: 8 * i}, level)
		VBROADCASTSS(Mem{Base: n.decay, Disp: 8*i + 4}, gain)
		VMULPS(field(normaliserDecayed+64*i), level, level)
		VADDPS(power, level, level)
		VMOVUPS(level, field(normaliserDecayed+64*i))
		VMULPS(gain, level, level)
		VANDPS(field(normaliserUsed+64*i), level, level)
		VADDPS(level, sum, sum)
	}
	VMOVUPS(field(normaliserKeep), flat)
	VMULPS(field(normaliserFlat), flat, flat)
	VADDPS(square, flat, flat)
	VMOVUPS(flat, field(normaliserFlat))
	VMULPS(field(normaliserRate), flat, flat)
	VADDPS(flat, sum, sum)
	VADDPS(repeated32("ones32", 1), sum, sum)
	VMOVUPS(sum, Mem{Base: n.powers, Disp: at})
}

// repeated32 is a vector of 16 equal numbers in memory.
func repeated32(name string, v float32) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	constants[name] = GLOBL(name, RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, F32(v))
	}
	return constants[name]
}
