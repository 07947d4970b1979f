package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of kernel.Normalisers, those of its state, each of which is 64 bytes, and the number of its levels.
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
	all, decay, n := Load(Param("normalisers"), GP64()), Load(Param("decay"), GP64()), Load(Param("n"), GP64())
	pointer := func(at int) Register {
		p := GP64()
		MOVQ(Mem{Base: all, Disp: at}, p)
		return p
	}
	errors, inputs, steps := pointer(normalisersError), pointer(normalisersInput), pointer(normalisersStep)
	powers, state, at := pointer(normalisersPower), pointer(normalisersState), GP64()
	XORQ(at, at)
	Label("normaliser")
	for part := range w.lanes8Of() {
		lanes := func(base Register) Mem { return Mem{Base: base, Index: at, Scale: 1, Disp: part * w.bytes()} }
		field := func(disp int) Mem { return Mem{Base: state, Disp: disp + part*w.bytes()} }
		rate, step := w.vector(), w.vector()
		VMOVUPS(field(normaliserRate), rate)
		VMULPS(lanes(errors), rate, step)
		VDIVPS(lanes(powers), step, step)
		VMOVUPS(step, lanes(steps))
		square, square2, sum := w.vector(), w.vector(), w.vector()
		VMOVUPS(lanes(inputs), square)
		VMULPS(square, square, square)
		VADDPS(repeated32("notDenormal", 1e-20), square, square2)
		w.zero(sum)
		for i := range decayLevels {
			power, gain := w.vector(), w.vector()
			VBROADCASTSS(Mem{Base: decay, Disp: 8 * i}, power)
			VBROADCASTSS(Mem{Base: decay, Disp: 8*i + 4}, gain)
			VMULPS(field(normaliserDecayed+64*i), power, power)
			VADDPS(square2, power, power)
			VMOVUPS(power, field(normaliserDecayed+64*i))
			VMULPS(gain, power, power)
			VANDPS(field(normaliserUsed+64*i), power, power)
			VADDPS(power, sum, sum)
		}
		flat := w.vector()
		VMOVUPS(field(normaliserKeep), flat)
		VMULPS(field(normaliserFlat), flat, flat)
		VADDPS(square, flat, flat)
		VMOVUPS(flat, field(normaliserFlat))
		VMULPS(flat, rate, flat)
		VADDPS(flat, sum, sum)
		VADDPS(repeated32("ones32", 1), sum, sum)
		VMOVUPS(sum, lanes(powers))
	}
	ADDQ(U8(64), at)
	ADDQ(U32(normaliserSize), state)
	DECQ(n)
	JNE(LabelRef("normaliser"))
	VZEROUPPER()
	RET()
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
