package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of token.tree.
const (
	treeCount    = 8 * iota // ranks
	treeLow                 // step of rank 0 of a dense set
	treeUsed                // steps of a listed set, or nil
	treeDigits              // bits of a rank
	treeFloor               // mass of each rank besides the distribution's
	treeTotal               // mass of the distribution
	treeLevel               // of nodes that cover one rank
	treeNodes               // tables of the last stage
	treeWidths              //
	treeMixers              //
	treeShares              //
	treeStretch             //
	treeSquash              //
	treeLogistic            // table of the logistic distribution function
	treeMixture             // weights, centres and inverse scales
)

// The fields of rangecoder.Decoder.
const (
	decoderCode = 0 // 32 bits
	decoderSpan = 4 // 32 bits
	decoderIn   = 8
	decoderSize = 16
	decoderNext = 32
)

// Properties of the last stage (codec/token/laststage.go).
const (
	certain      = 64
	bucketBytes  = 4 // probability and count, 16 bits each
	entryBuckets = 33
	countLimit   = 250
	levels       = 24
	mixerRate    = 18
	stretchLimit = 2047
)

// tree generates the walk down the tree of ranks.
type tree struct {
	width
	state, rank, place  Register // place of the bit that is coded
	below, above, split VecVirtual
	// Of the range decoder; nil in the encoder.
	code, span Register

	mixture mixture
}

func (t *tree) field(offset int) Mem { return Mem{Base: t.state, Disp: offset} }

func (t *tree) load(offset int) Register {
	r := GP64()
	MOVQ(t.field(offset), r)
	return r
}

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

	Label("next") // the mass at the middle of the next node is not known yet
	DECQ(t.place)
	JLT(LabelRef("done"))
	middle := t.middle()
	CMPQ(middle, t.field(treeCount))
	JGE(LabelRef("next")) // the upper half is empty
	t.mixture.below(t.boundary(middle, "first"), t.split)

	Label("known")
	p := t.probability()
	uncertain := GP32()
	LEAL(Mem{Base: p, Disp: -certain}, uncertain)
	CMPL(uncertain, U32(1<<16-2*certain))
	JHI(LabelRef("certain"))

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
	zeroBit := t.lastStage(p, t.decodeBit)
	t.choose(zeroBit)
	chosen := XMM()
	t.blend(zeroBit, lower, upper, chosen)
	VMOVAPD(chosen, t.split)
	width := t.nodeWidth()
	ANDNQ(width, zeroBit, width)
	ADDQ(width, t.rank)
	t.normalise("active")
	DECQ(t.place)
	JLT(LabelRef("done"))
	CMPQ(t.middle(), t.field(treeCount))
	JLT(LabelRef("known"))
	JMP(LabelRef("next"))

	// The processor can foresee these bits.
	Label("certain")
	zero := GP32()
	MOVL(t.span, zero)
	SHRL(U8(16), zero)
	IMULL(p.As32(), zero)
	CMPL(t.code, zero)
	JCS(LabelRef("certainZero"))
	SUBL(zero, t.code)
	SUBL(zero, t.span)
	MOVQ(t.middle(), t.rank)
	VMOVAPD(t.split, t.below)
	JMP(LabelRef("certainDone"))
	Label("certainZero")
	MOVL(zero, t.span)
	VMOVAPD(t.split, t.above)
	Label("certainDone")
	t.normalise("certain")
	JMP(LabelRef("next"))

	Label("done")
	decoder = Load(Param("decoder"), GP64())
	MOVL(t.code, Mem{Base: decoder, Disp: decoderCode})
	MOVL(t.span, Mem{Base: decoder, Disp: decoderSpan})
	Store(t.rank, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// encodeTree generates what an encoder does besides range coding: for each bit of the rank it puts twice the probability
// of a zero, plus the bit, into bits. masses are those below the middles of the nodes on the way.
func encodeTree(w width) {
	TEXT("encodeTree"+w.suffix, NOSPLIT, "func(state *byte, masses *float64, bits *uint32, rank int64)")
	Pragma("noescape")
	t := &tree{width: w, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}
	t.begin()
	Load(Param("rank"), t.rank)
	masses, bits := Load(Param("masses"), GP64()), Load(Param("bits"), GP64())
	Label("next")
	DECQ(t.place)
	JLT(LabelRef("done"))
	CMPQ(t.middle(), t.field(treeCount))
	JGE(LabelRef("next")) // the upper half is empty
	VMOVSD(Mem{Base: masses}, t.split)
	ADDQ(U8(8), masses)
	p := t.probability()
	uncertain := GP32()
	LEAL(Mem{Base: p, Disp: -certain}, uncertain)
	CMPL(uncertain, U32(1<<16-2*certain))
	JHI(LabelRef("certain"))
	store := func(probability Register) (zeroBit Register) {
		value, bit := GP32(), GP64()
		SHRXQ(t.place, t.rank, bit)
		ANDL(U32(1), bit.As32())
		LEAL(Mem{Base: bit, Index: probability, Scale: 2}, value)
		MOVL(value, Mem{Base: bits})
		DECQ(bit)
		return bit
	}
	t.choose(t.lastStage(p, store))
	ADDQ(U8(4), bits)
	JMP(LabelRef("next"))
	Label("certain")
	t.choose(store(p))
	ADDQ(U8(4), bits)
	JMP(LabelRef("next"))
	Label("done")
	VZEROUPPER()
	RET()
}

// begin goes to the root of the tree.
func (t *tree) begin() {
	t.below, t.above, t.split = XMM(), XMM(), XMM()
	t.mixture = newMixture(t.width, t.load(treeMixture), func() Register { return t.load(treeLogistic) })
	MOVQ(t.field(treeDigits), t.place)
	t.zero(t.below)
	VMOVSD(t.field(treeTotal), t.above)
}

// nodeWidth returns the number of ranks in half of the node.
func (t *tree) nodeWidth() Register {
	width := GP64()
	MOVQ(U32(1), width)
	SHLXQ(t.place, width, width)
	return width
}

func (t *tree) halfWidth() Register {
	width := t.nodeWidth()
	SHRQ(U8(1), width)
	return width
}

// middle returns the first rank of the upper half of the node, which the bits of rank above place belong to.
func (t *tree) middle() Register {
	middle, one := GP64(), GP64()
	SHRXQ(t.place, t.rank, middle)
	MOVQ(U32(1), one)
	ORQ(one, middle)
	SHLXQ(t.place, middle, middle)
	return middle
}

// boundary returns the point halfway between the steps of rank-1 and rank; label tells uses apart. Beyond the last rank
// of a listed set any point will do, as nothing depends on it.
func (t *tree) boundary(rank Register, label string) VecVirtual {
	x := XMM()
	t.zero(x)
	used, sum, last := t.load(treeUsed), GP64(), GP64()
	TESTQ(used, used)
	JNE(LabelRef(label + "Listed"))
	MOVQ(rank, sum)
	ADDQ(t.field(treeLow), sum)
	VCVTSI2SDQ(sum, x, x)
	VSUBSD(constant("half", 0.5), x, x)
	JMP(LabelRef(label + "Boundary"))
	Label(label + "Listed")
	MOVQ(t.field(treeCount), last)
	DECQ(last)
	CMPQ(rank, last)
	CMOVQGT(last, rank)
	MOVQ(Mem{Base: used, Index: rank, Scale: 8}, sum)
	ADDQ(Mem{Base: used, Index: rank, Scale: 8, Disp: -8}, sum)
	VCVTSI2SDQ(sum, x, x)
	VMULSD(constant("half", 0.5), x, x)
	Label(label + "Boundary")
	return x
}

// probability returns the probability of a zero, 1..65535.
func (t *tree) probability() GPVirtual {
	width := t.nodeWidth()
	left := GP64() // ranks in the upper half
	MOVQ(t.field(treeCount), left)
	SUBQ(t.middle(), left)
	CMPQ(left, width)
	CMOVQGT(width, left)
	ADDQ(width, left)
	zero, all, floor := XMM(), XMM(), XMM()
	t.zero(zero)
	t.zero(all)
	VCVTSI2SDQ(width, zero, zero)
	VCVTSI2SDQ(left, all, all)
	VMOVSD(t.field(treeFloor), floor)
	VMULSD(zero, floor, zero)
	VMULSD(all, floor, all)
	part := XMM()
	VSUBSD(t.below, t.split, part)
	VADDSD(zero, part, zero)
	VSUBSD(t.below, t.above, part)
	VADDSD(all, part, all)
	VDIVSD(all, zero, zero)
	VMULSD(constant("probabilityOne", 1<<16), zero, zero)
	VMAXSD(constant("least", 1), zero, zero) // the second source, 1, if it is not a number
	VMINSD(constant("most", 1<<16-1), zero, zero)
	p := GP64()
	VCVTTSD2SIQ(zero, p)
	return p
}

// choose goes to the half of the bit that zeroBit tells: all ones for 0.
func (t *tree) choose(zeroBit Register) {
	below, above := XMM(), XMM()
	t.blend(zeroBit, t.below, t.split, below)
	t.blend(zeroBit, t.split, t.above, above)
	VMOVAPD(below, t.below)
	VMOVAPD(above, t.above)
}

// blend sets to to a if zeroBit is all ones, to b if it is 0.
func (t *tree) blend(zeroBit Register, a, b, to VecVirtual) {
	if t.bits == 512 {
		mask := K()
		KMOVB(zeroBit.(GPVirtual).As32(), mask)
		VBLENDMPD(a, b, mask, to)
		return
	}
	mask := XMM()
	VMOVQ(zeroBit, mask)
	VBLENDVPD(mask, a, b, to)
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

// normalise refills the range decoder.
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
