package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// complexVector has as many complex numbers as a vector has lanes.
type complexVector struct{ re, im VecVirtual }

// turner computes with complex numbers.
type turner struct {
	width
	re, im, cosines, sines Register // of the numbers in work
	quarter, three         Register // bytes of q, and of three of them
}

// at is where the numbers are that stand so many q behind those in work.
func (t turner) at(base Register, quarters int) Mem {
	switch quarters {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: t.three, Scale: 1}
	}
	return Mem{Base: base, Index: t.quarter, Scale: uint8(quarters)}
}

func (t turner) load(quarters int) complexVector {
	z := complexVector{t.vector(), t.vector()}
	VMOVUPD(t.at(t.re, quarters), z.re)
	VMOVUPD(t.at(t.im, quarters), z.im)
	return z
}

func (t turner) store(z complexVector, quarters int) {
	VMOVUPD(z.re, t.at(t.re, quarters))
	VMOVUPD(z.im, t.at(t.im, quarters))
}

// sums makes a and b their sum and their difference.
func (t turner) sums(a, b complexVector) (sum, difference complexVector) {
	difference = complexVector{t.vector(), t.vector()}
	VSUBPD(b.re, a.re, difference.re)
	VSUBPD(b.im, a.im, difference.im)
	VADDPD(b.re, a.re, a.re)
	VADDPD(b.im, a.im, a.im)
	return a, difference
}

// turn multiplies by the numbers of the table that stands so many q behind, or, backwards, by these conjugated.
func (t turner) turn(z complexVector, quarters int, backwards bool) complexVector {
	c, s := t.vector(), t.vector()
	VMOVUPD(t.at(t.cosines, quarters), c)
	VMOVUPD(t.at(t.sines, quarters), s)
	a, b := t.vector(), t.vector()
	VMULPD(z.im, s, a)
	VMULPD(z.re, s, b)
	VMULPD(z.re, c, z.re)
	VMULPD(z.im, c, z.im)
	if backwards {
		VSUBPD(a, z.re, z.re)
		VADDPD(b, z.im, z.im)
	} else {
		VADDPD(a, z.re, z.re)
		VSUBPD(b, z.im, z.im)
	}
	return z
}

// twice generates two steps of a Fourier transform, all numbers once: step is what is done to four numbers that are q apart.
func twice(name string, w width, step func(t turner)) {
	TEXT(name+w.suffix, NOSPLIT, "func(re, im, cosines, sines *float64, q, n int)")
	Pragma("noescape")
	t := turner{
		width: w, re: Load(Param("re"), GP64()), im: Load(Param("im"), GP64()), cosines: Load(Param("cosines"), GP64()),
		sines: Load(Param("sines"), GP64()), quarter: Load(Param("q"), GP64()), three: GP64(),
	}
	all, left := Load(Param("n"), GP64()), GP64()
	SHLQ(U8(3), t.quarter)
	SHLQ(U8(3), all)
	LEAQ(Mem{Base: t.quarter, Index: t.quarter, Scale: 2}, t.three)
	Label("block")
	MOVQ(t.quarter, left)
	Label("four")
	step(t)
	for _, r := range [...]Register{t.re, t.im, t.cosines, t.sines} {
		ADDQ(U8(w.bytes()), r)
	}
	SUBQ(U8(w.bytes()), left)
	JNE(LabelRef("four"))
	ADDQ(t.three, t.re)
	ADDQ(t.three, t.im)
	SUBQ(t.quarter, t.cosines)
	SUBQ(t.quarter, t.sines)
	SUBQ(t.quarter, all)
	SUBQ(t.three, all)
	JNE(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// forwardTwice generates two steps of a transform.
func forwardTwice(w width) {
	twice("forwardTwice", w, func(t turner) {
		a, b := t.sums(t.load(0), t.load(2))
		c, d := t.sums(t.load(1), t.load(3))
		b, d = t.turn(b, 2, false), t.turn(d, 3, false)
		a, c = t.sums(a, c)
		t.store(a, 0)
		t.store(t.turn(c, 1, false), 1)
		b, d = t.sums(b, d)
		t.store(b, 2)
		t.store(t.turn(d, 1, false), 3)
	})
}

// inverseTwice generates two steps of its inverse.
func inverseTwice(w width) {
	twice("inverseTwice", w, func(t turner) {
		a, b := t.sums(t.load(0), t.turn(t.load(1), 1, true))
		c, d := t.sums(t.load(2), t.turn(t.load(3), 1, true))
		a, c = t.sums(a, t.turn(c, 2, true))
		t.store(a, 0)
		t.store(c, 2)
		b, d = t.sums(b, t.turn(d, 3, true))
		t.store(b, 1)
		t.store(d, 3)
	})
}
