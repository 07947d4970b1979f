package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// substitution generates the back substitution of one system, or of two of the same size at once: its time is a chain
// of additions and multiplications through all rows. The newest 8 weights stay in registers: reading them back in one
// piece would wait for their stores.
type substitution struct {
	width
	systems []triangular
	at      GPVirtual // bytes into a row's vectors
}

// triangular is one of the systems.
type triangular struct {
	row     Register // right behind the diagonal of the factor's row
	older   Register // at the ninth weight after the diagonal's
	inverse Register // of the diagonal
	newest  []VecVirtual
	sums    []VecVirtual
}

func substitute(w width) {
	substitution{width: w}.generate("substitute", "func(weights, factor, inverse *float64, n, stride int)", "")
	substitution{width: w}.generate("substitutePair",
		"func(weightsA, factorA, inverseA, weightsB, factorB, inverseB *float64, n, stride int)", "A", "B")
}

func (s substitution) generate(name, signature string, suffixes ...string) {
	TEXT(name+s.suffix, NOSPLIT, signature)
	Pragma("noescape")
	last, step := GP64(), GP64()
	Load(Param("n"), last)
	DECQ(last)
	Load(Param("stride"), step)
	SHLQ(U8(3), step)
	diagonal := GP64() // bytes from the factor to behind the last diagonal
	MOVQ(step, diagonal)
	IMULQ(last, diagonal)
	LEAQ(Mem{Base: diagonal, Index: last, Scale: 8, Disp: 8}, diagonal)
	for _, suffix := range suffixes {
		t := triangular{newest: s.vectors(s.lanes8Of()), sums: s.vectors(s.lanes8Of())}
		for _, v := range t.newest {
			s.zero(v)
		}
		t.row = Load(Param("factor"+suffix), GP64())
		ADDQ(diagonal, t.row)
		t.older = Load(Param("weights"+suffix), GP64())
		LEAQ(Mem{Base: t.older, Index: last, Scale: 8, Disp: 72}, t.older)
		t.inverse = Load(Param("inverse"+suffix), GP64())
		LEAQ(Mem{Base: t.inverse, Index: last, Scale: 8}, t.inverse)
		s.systems = append(s.systems, t)
	}
	ADDQ(U8(8), step) // a row and a column
	length, left := GP64(), GP64()
	XORQ(length, length)
	s.at = GP64()
	Label("row")
	for _, t := range s.systems {
		for _, v := range t.sums {
			s.zero(v)
		}
	}
	s.newestWeights(length, left)
	MOVQ(length, left)
	XORQ(s.at, s.at)
	SUBQ(U8(8), left)
	JLE(LabelRef("fold"))
	JMP(LabelRef("check"))
	Label("loop")
	s.olderWeights(nil)
	ADDQ(U8(64), s.at)
	Label("check")
	SUBQ(U8(8), left)
	JGE(LabelRef("loop"))
	ADDQ(U8(8), left)
	JEQ(LabelRef("fold"))
	s.olderWeights(s.tail(left))
	Label("fold")
	for _, t := range s.systems {
		sum, value := s.fold64(t.sums), s.vector()
		VMOVSD(Mem{Base: t.row, Index: length, Scale: 8}, value.AsX())
		VSUBSD(sum, value.AsX(), value.AsX())
		VMULSD(Mem{Base: t.inverse}, value.AsX(), value.AsX())
		VMOVSD(value.AsX(), Mem{Base: t.older, Disp: -72})
		s.pushFront(value, t.newest)
		SUBQ(step, t.row)
		SUBQ(U8(8), t.older)
		SUBQ(U8(8), t.inverse)
	}
	INCQ(length)
	DECQ(last)
	JGE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// newestWeights adds the products of the up to 8 newest weights.
func (s substitution) newestWeights(length, left Register) {
	MOVQ(length, left)
	eight := GP64()
	MOVQ(U32(8), eight)
	CMPQ(left, eight)
	CMOVQGT(eight, left)
	masks := s.tail(left)
	for _, t := range s.systems {
		for i, sum := range t.sums {
			product := s.vector()
			s.maskedLoad(Mem{Base: t.row, Disp: i * s.bytes()}, masks[i], product)
			VMULPD(t.newest[i], product, product)
			VADDPD(product, sum, sum)
		}
	}
}

// olderWeights adds the products of the next 8 weights, or of the first of them if there are masks.
func (s substitution) olderWeights(masks []Register) {
	for _, t := range s.systems {
		for i, sum := range t.sums {
			product, other := s.vector(), s.vector()
			weights := Mem{Base: t.older, Index: s.at, Scale: 1, Disp: i * s.bytes()}
			factors := Mem{Base: t.row, Index: s.at, Scale: 1, Disp: 64 + i*s.bytes()}
			if masks == nil {
				VMOVUPD(weights, product)
				VMULPD(factors, product, product)
			} else {
				s.maskedLoad(weights, masks[i], product)
				s.maskedLoad(factors, masks[i], other)
				VMULPD(other, product, product)
			}
			VADDPD(product, sum, sum)
		}
	}
}

// pushFront moves the lanes of 8 float64 up by one and puts the lowest lane of value in front. It overwrites value.
func (w width) pushFront(value VecVirtual, lanes []VecVirtual) {
	VBROADCASTSD(value.AsX(), value)
	if w.bits == 512 {
		VALIGNQ(U8(7), value, lanes[0], lanes[0])
		return
	}
	low, high := lanes[0], lanes[1]
	VPERMPD(U8(0b10010011), low, low) // lane 3 to lane 0, the others up
	VPERMPD(U8(0b10010011), high, high)
	VBLENDPD(U8(1), low, high, high)
	VBLENDPD(U8(1), value, low, low)
}
