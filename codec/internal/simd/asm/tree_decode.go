package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// decodeTree generates the decoder of a rank.
func decodeTree(w width) {
	TEXT("decodeTree"+w.suffix, NOSPLIT, "func(state, decoder *byte) int64")
	Pragma("noescape")
	t := &tree{width: w, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}
	t.begin()
	decoder := Load(Param("decoder"), GP64())
	t.code, t.span = GP32(), GP32()
	MOVL(Mem{Base: decoder, Disp: decoderCode}, t.code)
	MOVL(Mem{Base: decoder, Disp: decoderSpan}, t.span)
	XORQ(t.rank, t.rank)
	if w.bits == 512 { // the other path has not got the registers for it
		used := t.load(treeUsed)
		TESTQ(used, used)
		JNE(LabelRef("next"))
		t.decodeDense()
	}
	t.decodeAny()
	Label("done")
	decoder = Load(Param("decoder"), GP64())
	MOVL(t.code, Mem{Base: decoder, Disp: decoderCode})
	MOVL(t.span, Mem{Base: decoder, Disp: decoderSpan})
	Store(t.rank, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// decodeAny generates the decoder for any set.
func (t *tree) decodeAny() {
	Label("next") // the mass at the middle of the next node is not known yet
	DECQ(t.place)
	JLT(LabelRef("done"))
	middle := t.middle()
	CMPQ(middle, t.field(treeCount))
	JGE(LabelRef("next")) // the upper half is empty
	t.mixture.below(t.boundary(middle, "first"), t.split)

	Label("known")
	p := t.probability()
	jumpIfCertain(p, "certain")

	// The masses at the middles of both halves are worked out before the bit is known.
	lower, upper := XMM(), XMM()
	t.zero(lower)
	t.zero(upper)
	TESTQ(t.place, t.place)
	JEQ(LabelRef("lastBit"))
	quarter := t.halfWidth()
	ADDQ(t.rank, quarter)
	t.mixture.below(t.boundary(quarter, "lower"), lower)
	quarter = t.halfWidth()
	ADDQ(t.middle(), quarter)
	t.mixture.below(t.boundary(quarter, "upper"), upper)
	Label("lastBit")
	zeroBit := t.estimate(p, t.decodeBit)
	mask := t.mask(zeroBit)
	t.choose(mask)
	t.blend(mask, lower, upper, t.split)
	t.advance(zeroBit)
	t.refill("active")
	DECQ(t.place)
	JLT(LabelRef("done"))
	CMPQ(t.middle(), t.field(treeCount))
	JLT(LabelRef("known"))
	JMP(LabelRef("next"))

	Label("certain")
	t.decodeCertain(p, "certain", func() { MOVQ(t.middle(), t.rank) }, "next")
}

// decodeDense generates the decoder for a dense set. It is decodeAny, but what the next bit needs is computed for both
// values of this one before it is known: points, widths and masses, in float64, where all of these numbers are exact.
func (t *tree) decodeDense() {
	origin := XMM() // the point below the node's first rank
	half := XMM()   // ranks in half of the node
	end := XMM()    // the point above the last rank
	wide := XMM()   // floor of the node's mass
	lowerPoint, upperPoint := XMM(), XMM()
	low := t.load(treeLow)
	t.zero(origin)
	t.zero(end)
	VCVTSI2SDQ(low, origin, origin)
	ADDQ(t.field(treeCount), low)
	VCVTSI2SDQ(low, end, end)
	VSUBSD(constant("half", 0.5), origin, origin)
	VSUBSD(constant("half", 0.5), end, end)
	exponent := GP64()
	MOVQ(t.place, exponent)
	ADDQ(U32(1023), exponent)
	SHLQ(U8(52), exponent)
	VMOVQ(exponent, half)

	Label("denseNext")
	DECQ(t.place)
	JLT(LabelRef("done"))
	VMULSD(constant("half", 0.5), half, half)
	CMPQ(t.middle(), t.field(treeCount))
	JGE(LabelRef("denseNext"))
	point, quarter := XMM(), XMM()
	VADDSD(half, origin, point)
	t.mixture.below(point, t.split)
	t.floorOf(half, point, end, wide)
	VMULSD(constant("half", 0.5), half, quarter)
	VADDSD(quarter, origin, lowerPoint)
	VADDSD(quarter, point, upperPoint)

	Label("denseKnown")
	zero, all := XMM(), XMM()
	VMULSD(t.field(treeFloor), half, zero)
	p := t.ratio(zero, wide, all)
	jumpIfCertain(p, "denseCertain")
	lower, upper := XMM(), XMM()
	t.zero(lower)
	t.zero(upper)
	TESTQ(t.place, t.place)
	JEQ(LabelRef("denseLastBit"))
	t.mixture.below(lowerPoint, lower)
	t.mixture.below(upperPoint, upper)
	Label("denseLastBit")
	zeroBit := t.estimate(p, t.decodeBit)

	mask := t.mask(zeroBit)
	t.choose(mask)
	t.blend(mask, lower, upper, t.split)
	upperOrigin, wideLower, wideUpper, eighth := XMM(), XMM(), XMM(), XMM()
	VMULSD(t.field(treeFloor), half, wideLower) // the lower half is full
	VADDSD(half, origin, upperOrigin)
	VMULSD(constant("half", 0.5), half, half)
	t.floorOf(half, upperPoint, end, wideUpper)
	t.blend(mask, wideLower, wideUpper, wide)
	VMULSD(constant("half", 0.5), half, eighth)
	first, second := XMM(), XMM()
	VADDSD(eighth, origin, first)
	VADDSD(eighth, upperOrigin, second)
	t.blend(mask, first, second, lowerPoint)
	VADDSD(half, first, first)
	VADDSD(half, second, second)
	t.blend(mask, first, second, upperPoint)
	t.blend(mask, origin, upperOrigin, origin)
	t.advance(zeroBit)
	t.refill("dense")
	DECQ(t.place)
	JLT(LabelRef("done"))
	CMPQ(t.middle(), t.field(treeCount))
	JLT(LabelRef("denseKnown"))
	JMP(LabelRef("denseSkip"))

	Label("denseCertain")
	t.decodeCertain(p, "denseCertain", func() {
		MOVQ(t.middle(), t.rank)
		VADDSD(half, origin, origin)
	}, "denseNext")

	Label("denseSkip") // half is already that of this node
	VADDSD(half, half, half)
	INCQ(t.place)
	JMP(LabelRef("denseNext"))
}

// floorOf sets floor to the floor of the mass of a node: of the ranks in its lower half, and those in its upper half,
// which begins at point, up to the last one.
func (t *tree) floorOf(half, point, end, floor VecVirtual) {
	VSUBSD(point, end, floor)
	VMINSD(half, floor, floor)
	VADDSD(half, floor, floor)
	VMULSD(t.field(treeFloor), floor, floor)
}

// jumpIfCertain jumps if the secondary symbol estimation leaves the probability alone.
func jumpIfCertain(p GPVirtual, label string) {
	uncertain := GP32()
	LEAL(Mem{Base: p, Disp: -certain}, uncertain)
	CMPL(uncertain, U32(1<<16-2*certain))
	JHI(LabelRef(label))
}

// decodeCertain decodes a bit that the processor can foresee. upper goes to the upper half.
func (t *tree) decodeCertain(p GPVirtual, label string, upper func(), next string) {
	zero := GP32()
	MOVL(t.span, zero)
	SHRL(U8(16), zero)
	IMULL(p.As32(), zero)
	CMPL(t.code, zero)
	JCS(LabelRef(label + "Zero"))
	SUBL(zero, t.code)
	SUBL(zero, t.span)
	upper()
	VMOVAPD(t.split, t.below)
	JMP(LabelRef(label + "Done"))
	Label(label + "Zero")
	MOVL(zero, t.span)
	VMOVAPD(t.split, t.above)
	Label(label + "Done")
	t.normalise(label)
	JMP(LabelRef(next))
}

// advance goes to the half of the bit that zeroBit tells.
func (t *tree) advance(zeroBit Register) {
	width := t.nodeWidth()
	ANDNQ(width, zeroBit, width)
	ADDQ(width, t.rank)
}

// decodeBit takes a bit from the range decoder, but does not normalise it.
func (t *tree) decodeBit(p Register) (zeroBit Register) {
	zero, part, mask := GP32(), GP32(), GP64()
	XORQ(mask, mask)
	MOVL(t.span, zero)
	SHRL(U8(16), zero)
	IMULL(p.(GPVirtual).As32(), zero)
	CMPL(t.code, zero)
	SBBQ(mask, mask)
	// code -= zero for a 1; span = zero or what is left.
	ANDNL(zero, mask.As32(), part)
	SUBL(part, t.code)
	SUBL(zero, t.span)
	SUBL(t.span, zero)
	ANDL(mask.As32(), zero)
	ADDL(zero, t.span)
	return mask
}

// refill normalises the range decoder without branches on what was decoded, unless the input is about to end.
func (t *tree) refill(label string) {
	decoder, next, ahead, shift, word := Load(Param("decoder"), GP64()), GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: decoderNext}, next)
	LEAQ(Mem{Base: next, Disp: 4}, ahead)
	CMPQ(ahead, Mem{Base: decoder, Disp: decoderSize})
	JGT(LabelRef(label + "Normalise"))
	LZCNTL(t.span, shift.As32())
	ANDL(U32(24), shift.As32()) // whole bytes
	MOVQ(Mem{Base: decoder, Disp: decoderIn}, word)
	MOVL(Mem{Base: word, Index: next, Scale: 1}, word.As32())
	BSWAPL(word.As32())
	SHLXL(shift.As32(), t.span, t.span)
	SHLXL(shift.As32(), t.code, t.code)
	MOVQ(U32(32), ahead)
	SUBQ(shift, ahead)
	SHRXQ(ahead, word, word)
	ORL(word.As32(), t.code)
	SHRL(U8(3), shift.As32())
	ADDQ(shift, next)
	MOVQ(next, Mem{Base: decoder, Disp: decoderNext})
	JMP(LabelRef(label + "Normal"))
	t.normalise(label)
}

// normalise refills the range decoder byte by byte.
func (t *tree) normalise(label string) {
	Label(label + "Normalise")
	CMPL(t.span, U32(1<<24))
	JCC(LabelRef(label + "Normal"))
	SHLL(U8(8), t.span)
	SHLL(U8(8), t.code)
	decoder, next, in := Load(Param("decoder"), GP64()), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: decoderNext}, next)
	INCQ(Mem{Base: decoder, Disp: decoderNext})
	CMPQ(next, Mem{Base: decoder, Disp: decoderSize})
	JGE(LabelRef(label + "Normalise")) // zeros beyond the end
	MOVQ(Mem{Base: decoder, Disp: decoderIn}, in)
	MOVBLZX(Mem{Base: in, Index: next, Scale: 1}, next.As32())
	ORL(next.As32(), t.code)
	JMP(LabelRef(label + "Normalise"))
	Label(label + "Normal")
}
