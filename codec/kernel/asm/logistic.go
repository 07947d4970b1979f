package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPD: ordered, quiet comparisons, false for a not-a-number.
const (
	greater        = 30
	greaterOrEqual = 29
)

// repeated is a constant in all 8 lanes of a vector of float64.
func repeated(name string, v float64) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	constants[name] = GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(8*i, F64(v))
	}
	return constants[name]
}

// below generates the mass of a mixture of 8 logistic distributions below each of n points. The table is read in
// pairs of neighbours, 16 bytes at a time, which is quicker than gathering.
func below(w width) {
	TEXT("below"+w.suffix, NOSPLIT, "func(weight, centre, inverseScale, table, x, mass *float64, n int)")
	Pragma("noescape")
	indices := AllocLocal(32)
	count := w.lanes8Of()
	lanes := w.lanes64()
	zero, points := repeated("zero", 0), repeated("tableLength", 768)
	middle, resolution, last := repeated("tableMiddle", 384), repeated("tableResolution", 16), repeated("tableLast", 767)
	weights, centres, scales := Load(Param("weight"), GP64()), Load(Param("centre"), GP64()), Load(Param("inverseScale"), GP64())
	table, n := Load(Param("table"), GP64()), Load(Param("n"), GP64())
	x, mass := Load(Param("x"), GP64()), Load(Param("mass"), GP64())
	Label("point")
	masses := w.vectors(count)
	for i, m := range masses {
		at := i * w.bytes()
		t := w.vector()
		VBROADCASTSD(Mem{Base: x}, t)
		VSUBPD(Mem{Base: centres, Disp: at}, t, t)
		VMULPD(Mem{Base: scales, Disp: at}, t, t)
		VMULPD(resolution, t, t)
		VADDPD(middle, t, t)
		// Lanes outside the table read its ends; they are replaced below.
		place := w.vector()
		VMAXPD(zero, t, place) // the second source, zero, if t is not a number
		VMINPD(last, place, place)
		var index VecVirtual
		if lanes == 8 {
			index = YMM()
			VCVTTPD2DQ(place, index)
			VMOVDQU(index, indices)
		} else {
			index = XMM()
			VCVTTPD2DQY(place, index)
			VMOVDQU(index, indices)
		}
		VCVTDQ2PD(index, place)
		fraction := w.vector()
		VSUBPD(place, t, fraction)
		values, next := w.pairs(table, indices)
		VSUBPD(values, next, next)
		VMULPD(next, fraction, fraction)
		VADDPD(fraction, values, values)
		weight := w.vector()
		VMOVUPD(Mem{Base: weights, Disp: at}, weight)
		VMULPD(weight, values, values)
		if lanes == 8 {
			inside, above := K(), K()
			VCMPPD(U8(greater), zero, t, inside)
			VCMPPD(U8(greaterOrEqual), points, t, above)
			VBLENDMPD(weight, values, above, values)
			VMOVAPD_Z(values, inside, m)
		} else {
			inside, above := w.vector(), w.vector()
			VCMPPD(U8(greater), zero, t, inside)
			VCMPPD(U8(greaterOrEqual), points, t, above)
			VBLENDVPD(above, weight, values, values)
			VANDPD(inside, values, m)
		}
	}
	Store64(w.fold64(masses), Mem{Base: mass})
	ADDQ(U8(8), x)
	ADDQ(U8(8), mass)
	DECQ(n)
	JNE(LabelRef("point"))
	VZEROUPPER()
	RET()
}

// Store64 stores the lowest lane.
func Store64(v VecVirtual, to Mem) { VMOVSD(v, to) }

// pairs loads table[i] and table[i+1] for the index of each lane.
func (w width) pairs(table Register, indices Mem) (values, next VecVirtual) {
	quarters := make([]VecVirtual, w.lanes64()/4) // vectors of 4 lanes
	nexts := make([]VecVirtual, len(quarters))
	for q := range quarters {
		even, odd := YMM(), YMM()
		place := func(lane int) Mem {
			i := GP64()
			MOVL(indices.Offset(4*(4*q+lane)), i.As32())
			return Mem{Base: table, Index: i, Scale: 8}
		}
		VMOVUPD(place(0), even.AsX())
		VMOVUPD(place(1), odd.AsX())
		VINSERTF128(U8(1), place(2), even, even)
		VINSERTF128(U8(1), place(3), odd, odd)
		quarters[q], nexts[q] = YMM(), YMM()
		VUNPCKLPD(odd, even, quarters[q])
		VUNPCKHPD(odd, even, nexts[q])
	}
	if len(quarters) == 1 {
		return quarters[0], nexts[0]
	}
	values, next = ZMM(), ZMM()
	VINSERTF64X4(U8(1), quarters[1], quarters[0].AsZ(), values)
	VINSERTF64X4(U8(1), nexts[1], nexts[0].AsZ(), next)
	return values, next
}
