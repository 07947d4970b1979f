package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The outputs of the language model (codec/internal/entropy/mixture/outputs.go), by the place of their first one in bytes.
const (
	offsetsAt   = 32
	scalesAt    = 64
	firstGates  = 96
	secondGates = 160

	logLimit    = 127
	offsetLimit = 2047
	gateLimit   = 1023
)

// sixteenths is 2^(i/16), as in package fixed.
var sixteenths = [16]float64{
	1.0, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
	1.189207115002721, 1.241857812073484, 1.2968395546510096, 1.3542555469368927,
	1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
	1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474,
}

// shape generates the parameters of a mixture.
type shape struct {
	width
	outputs, disagreement, powers Register
}

// setMixture generates mixture.Distribution.Set.
func setMixture(w width) {
	TEXT("setMixture"+w.suffix, NOSPLIT, "func(mixture *float64, outputs *int32, disagreement *float32, base, scale float64)")
	Pragma("noescape")
	to := Load(Param("mixture"), GP64())
	s := shape{width: w, outputs: Load(Param("outputs"), GP64()), disagreement: Load(Param("disagreement"), GP64()), powers: GP64()}
	table := GLOBL("sixteenths", RODATA|NOPTR)
	for i, v := range sixteenths {
		DATA(8*i, F64(v))
	}
	LEAQ(table, s.powers)
	shift := s.shift()
	base, scale := w.parameter("base"), w.parameter("scale")
	inverse := w.vector()
	one := XMM()
	VMOVSD(repeated("ones", 1), one)
	VDIVSD(scale.AsX(), one, one)
	VBROADCASTSD(one, inverse)
	for i := range w.lanes8Of() {
		at := i * w.bytes()
		field := func(number int) Mem { return Mem{Base: to, Disp: 64*number + at} }
		VMOVUPD(s.power(at/2, false), field(0))

		centre := s.limited(offsetsAt+at/2, offsetLimit)
		VMULPD(repeated("offsetUnit", 1./64), centre, centre)
		VADDPD(shift, centre, centre)
		VMULPD(scale, centre, centre)
		VADDPD(base, centre, centre)
		VMOVUPD(centre, field(1))

		narrow := s.power(scalesAt+at/2, true)
		VMULPD(inverse, narrow, narrow)
		VMOVUPD(narrow, field(2))
	}
	VZEROUPPER()
	RET()
}

// half allocates a vector of half the width.
func (w width) half() VecVirtual {
	if w.bits == 512 {
		return YMM()
	}
	return XMM()
}

// integers loads outputs, as many as a vector has float64, and limits them.
func (s *shape) integers(at, most int) VecVirtual {
	v := s.half()
	VMOVDQU(Mem{Base: s.outputs, Disp: at}, v)
	VPMINSD(integers32("limit", most), v, v)
	VPMAXSD(integers32("least", -most), v, v)
	return v
}

// integers32 is a vector of 8 equal integers in memory.
func integers32(name string, v int) Mem {
	name = fmt.Sprintf("%s%d", name, max(v, -v))
	if m, ok := constants[name]; ok {
		return m
	}
	constants[name] = GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(int32(v))))
	}
	return constants[name]
}

// limited loads outputs as numbers, and limits them.
func (s *shape) limited(at, most int) VecVirtual {
	v := s.vector()
	VCVTDQ2PD(s.integers(at, most), v)
	return v
}

// power returns 2^(output/16), or its inverse.
func (s *shape) power(at int, inverse bool) VecVirtual {
	n := s.integers(at, logLimit)
	if inverse {
		negative := s.half()
		VPXOR(negative, negative, negative)
		VPSUBD(n, negative, n)
	}
	index := s.half()
	VPAND(integers32("index", 15), n, index)
	fraction := s.vector()
	if s.bits == 512 {
		every := K()
		KXNORB(every, every, every)
		VGATHERDPD(Mem{Base: s.powers, Index: index, Scale: 8}, every, fraction)
	} else {
		every := YMM()
		VPCMPEQD(every, every, every)
		VGATHERDPD(every, Mem{Base: s.powers, Index: index, Scale: 8}, fraction)
	}
	VPSRAD(U8(4), n, n)
	VPADDD(integers32("exponentBias", 1023), n, n)
	whole := s.vector()
	VPMOVSXDQ(n, whole)
	VPSLLQ(U8(52), whole, whole)
	VMULPD(fraction, whole, whole)
	return whole
}

// shift returns the sums over the disagreements, each times its gate: of the first gates in the even lanes, of the second in
// the odd ones. The sums run in the order of the disagreements.
func (s *shape) shift() VecVirtual {
	sums := XMM()
	VXORPD(sums, sums, sums)
	for part := range 2 * s.lanes8Of() {
		at := part * s.bytes() / 2
		disagreement, first, second := s.vector(), s.limited(firstGates+at, gateLimit), s.limited(secondGates+at, gateLimit)
		VCVTPS2PD(Mem{Base: s.disagreement, Disp: at}, disagreement)
		VMULPD(disagreement, first, first)
		VMULPD(disagreement, second, second)
		even, odd := s.vector(), s.vector()
		VUNPCKLPD(second, first, even)
		VUNPCKHPD(second, first, odd)
		for pair := range s.lanes64() / 2 {
			VADDPD(s.pair(even, pair), sums, sums)
			VADDPD(s.pair(odd, pair), sums, sums)
		}
	}
	VMULPD(repeated("gateUnit", 1./256), sums, sums)
	all := s.vector()
	if s.bits == 512 {
		VSHUFF64X2(U8(0), sums.AsZ(), sums.AsZ(), all)
	} else {
		VINSERTF128(U8(1), sums, sums.AsY(), all)
	}
	return all
}

// pair returns two neighbouring lanes.
func (s *shape) pair(v VecVirtual, number int) Op {
	if number == 0 {
		return v.AsX()
	}
	pair := XMM()
	if s.bits == 512 {
		VEXTRACTF64X2(U8(number), v, pair)
	} else {
		VEXTRACTF128(U8(number), v, pair)
	}
	return pair
}
