package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPD: ordered, quiet comparisons, false for a not-a-number; and one that is true where there is one.
const (
	greater        = 30
	greaterOrEqual = 29
	unordered      = 3
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

// mixture is the evaluation of 8 logistic distributions.
type mixture struct {
	width
	weights, centres, scales []Op // vectors, in registers where they suffice; the scales are then times the resolution
	table                    func() Register
	indices                  Mem
	// Constants, in registers where they suffice.
	zero, points, middle, resolution Op
}

// newMixture loads the mixture that starts at from: weights, centres and inverse scales.
func newMixture(w width, from Register, table func() Register) mixture {
	m := mixture{width: w, table: table, indices: AllocLocal(32)}
	keep := func(at Mem) Op {
		if w.bits != 512 {
			return at
		}
		v := w.vector()
		VMOVUPD(at, v)
		return v
	}
	for i := range w.lanes8Of() {
		m.weights = append(m.weights, keep(Mem{Base: from, Disp: i * w.bytes()}))
		m.centres = append(m.centres, keep(Mem{Base: from, Disp: 64 + i*w.bytes()}))
		m.scales = append(m.scales, keep(Mem{Base: from, Disp: 128 + i*w.bytes()}))
	}
	m.zero, m.points = keep(repeated("zero", 0)), keep(repeated("tableLength", 768))
	m.middle, m.resolution = keep(repeated("tableMiddle", 384)), keep(repeated("tableResolution", 16))
	if w.bits == 512 {
		VMULPD(m.resolution, m.scales[0], m.scales[0])
	}
	return m
}

// below generates the mass below the point in the lowest lane of x. The table is read in pairs of neighbours, 16 bytes
// at a time, which is quicker than gathering.
func (m *mixture) below(x, mass VecVirtual) {
	masses := make([]VecVirtual, m.lanes8Of())
	for i := range masses {
		t := m.vector()
		VBROADCASTSD(x, t)
		VSUBPD(m.centres[i], t, t)
		scale := m.scales[i]
		if m.bits != 512 {
			scaled := m.vector()
			VMOVUPD(m.resolution, scaled)
			VMULPD(scale, scaled, scaled)
			scale = scaled
		}
		VMULPD(scale, t, t)
		masses[i] = m.mass(t, m.weights[i])
	}
	VMOVAPD(m.fold64(masses), mass)
}

// mass generates the masses of logistic distributions below points that are t entries of the table away from their centres. It
// overwrites t.
func (m *mixture) mass(t VecVirtual, weight Op) VecVirtual {
	VADDPD(m.middle, t, t)
	// Lanes outside the table, or without an integer, read one of its ends; they are replaced below.
	place := m.vector()
	index := m.half()
	if m.bits == 512 {
		VCVTTPD2DQ(t, index)
	} else {
		VCVTTPD2DQY(t, index)
	}
	VPMAXSD(integers32("tableFirst", 0), index, index)
	VPMINSD(integers32("tableLast", 767), index, index)
	if m.bits == 512 {
		VMOVDQU32(index, m.indices)
	} else {
		VMOVDQU(index, m.indices)
	}
	VCVTDQ2PD(index, place)
	fraction := m.vector()
	VSUBPD(place, t, fraction)
	values, next := m.pairs()
	VSUBPD(values, next, next)
	VMULPD(next, fraction, fraction)
	VADDPD(fraction, values, values)
	VMULPD(weight, values, values)
	mass := m.vector()
	if m.bits == 512 {
		inside, above := K(), K()
		VCMPPD(U8(greater), m.zero, t, inside)
		VCMPPD(U8(greaterOrEqual), m.points, t, above)
		VBLENDMPD(weight, values, above, values)
		VMOVAPD_Z(values, inside, mass)
	} else {
		inside, above := m.vector(), m.vector()
		VCMPPD(U8(greater), m.zero, t, inside)
		VCMPPD(U8(greaterOrEqual), m.points, t, above)
		VBLENDVPD(above, weight, values, values)
		VANDPD(inside, values, mass)
	}
	return mass
}

// belowEach generates the masses below as many points as a vector has lanes, component by component: so the components
// are added without moving lanes. mixture is the address of the weights, centres and inverse scales.
func (m *mixture) belowEach(mixture Register, x, mass Mem) {
	points := m.vector()
	VMOVUPD(x, points)
	component := func(k int) VecVirtual {
		t := m.vector()
		place := func(of int) Mem { return Mem{Base: mixture, Disp: 64*of + 8*k} }
		weight := m.vector()
		if m.bits == 512 {
			VSUBPD_BCST(place(1), points, t)
			VMULPD_BCST(place(2), m.resolution, weight)
		} else {
			VBROADCASTSD(place(1), weight)
			VSUBPD(weight, points, t)
			VBROADCASTSD(place(2), weight)
			VMULPD(m.resolution, weight, weight)
		}
		VMULPD(weight, t, t)
		VBROADCASTSD(place(0), weight)
		return m.mass(t, weight)
	}
	sum := func(a, b VecVirtual) VecVirtual {
		VADDPD(b, a, a)
		return a
	}
	even := sum(sum(component(0), component(4)), sum(component(2), component(6)))
	odd := sum(sum(component(1), component(5)), sum(component(3), component(7)))
	VMOVUPD(sum(even, odd), mass)
}

// below generates the masses of a mixture below n points.
func below(w width) {
	TEXT("below"+w.suffix, NOSPLIT, "func(mixture, table, x, mass *float64, n int)")
	Pragma("noescape")
	table, n := Load(Param("table"), GP64()), Load(Param("n"), GP64())
	x, mass := Load(Param("x"), GP64()), Load(Param("mass"), GP64())
	mixture := Load(Param("mixture"), GP64())
	m := newMixture(w, mixture, func() Register { return table })
	JMP(LabelRef("check"))
	Label("points")
	m.belowEach(mixture, Mem{Base: x}, Mem{Base: mass})
	ADDQ(U8(w.bytes()), x)
	ADDQ(U8(w.bytes()), mass)
	Label("check")
	SUBQ(U8(w.lanes64()), n)
	JGE(LabelRef("points"))
	ADDQ(U8(w.lanes64()), n)
	JEQ(LabelRef("done"))
	Label("point")
	point, result := XMM(), XMM()
	VMOVSD(Mem{Base: x}, point)
	m.below(point, result)
	VMOVSD(result, Mem{Base: mass})
	ADDQ(U8(8), x)
	ADDQ(U8(8), mass)
	DECQ(n)
	JNE(LabelRef("point"))
	Label("done")
	VZEROUPPER()
	RET()
}

// pairs loads table[i] and table[i+1] for the index of each lane.
func (m *mixture) pairs() (values, next VecVirtual) {
	table := m.table()
	place := func(lane int) Mem {
		i := GP64()
		MOVL(m.indices.Offset(4*lane), i.As32())
		return Mem{Base: table, Index: i, Scale: 8}
	}
	// Pairs of the even and of the odd lanes. The first pair is loaded several times, to write the whole vector.
	pairs := m.vectors(2)
	for first, v := range pairs {
		if m.bits == 512 {
			VBROADCASTF64X2(place(first), v)
		} else {
			VBROADCASTF128(place(first), v)
		}
		for k := 1; k < m.lanes64()/2; k++ {
			if m.bits == 512 {
				VINSERTF64X2(U8(k), place(first+2*k), v, v)
			} else {
				VINSERTF128(U8(k), place(first+2*k), v, v)
			}
		}
	}
	values, next = m.vector(), m.vector()
	VUNPCKLPD(pairs[1], pairs[0], values)
	VUNPCKHPD(pairs[1], pairs[0], next)
	return values, next
}
