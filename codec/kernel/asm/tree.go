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
	corrected           bool     // by the last stage
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

// name is that of a kernel which corrects the probabilities by the last stage, or leaves it out.
func name(kernel string, w width, corrected bool) string {
	if !corrected {
		kernel += "Uncorrected"
	}
	return kernel + w.suffix
}

// decodeTree generates the decoder of a rank.
func decodeTree(w width, corrected bool) {
	TEXT(name("decodeTree", w, corrected), NOSPLIT, "func(state, decoder *byte) int64")
	Pragma("noescape")
	t := &tree{width: w, corrected: corrected, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}
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
	zeroBit := t.lastStage(p, t.decodeBit)
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
	zeroBit := t.lastStage(p, t.decodeBit)

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

// jumpIfCertain jumps if the last stage leaves the probability alone.
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

// mostBits is more than the bits of a rank.
const mostBits = 64

// encodeTree generates what an encoder does besides range coding: for each bit of the rank it puts twice the probability
// of a zero, plus the bit, into bits. It returns how many bits there are.
func encodeTree(w width, corrected bool) {
	TEXT(name("encodeTree", w, corrected), NOSPLIT, "func(state *byte, bits *uint32, rank int64) int")
	Pragma("noescape")
	t := &tree{width: w, corrected: corrected, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}
	t.begin()
	Load(Param("rank"), t.rank)

	// All nodes on the way are known, so that the masses at their middles can be worked out together.
	points := AllocLocal(8 * mostBits)
	at, n, base := GP64(), GP64(), GP64()
	LEAQ(points, base)
	XORQ(n, n)
	Label("node")
	DECQ(t.place)
	JLT(LabelRef("nodesDone"))
	middle := t.middle()
	CMPQ(middle, t.field(treeCount))
	JGE(LabelRef("node")) // the upper half is empty
	VMOVSD(t.boundary(middle, "node"), Mem{Base: base, Index: n, Scale: 8})
	INCQ(n)
	JMP(LabelRef("node"))
	Label("nodesDone")
	VMOVSD(constant("half", 0.5), t.split) // for lanes beyond n, any number
	for i := range w.lanes64() {
		VMOVSD(t.split, Mem{Base: base, Index: n, Scale: 8, Disp: 8 * i})
	}
	XORQ(at, at)
	mixture := t.load(treeMixture)
	Label("masses")
	place := Mem{Base: base, Index: at, Scale: 8}
	t.mixture.belowEach(mixture, place, place)
	ADDQ(U8(w.lanes64()), at)
	CMPQ(at, n)
	JLT(LabelRef("masses"))

	MOVQ(t.field(treeDigits), t.place)
	bits := GP64()
	XORQ(bits, bits)
	Label("next")
	DECQ(t.place)
	JLT(LabelRef("done"))
	CMPQ(t.middle(), t.field(treeCount))
	JGE(LabelRef("next"))
	masses := GP64()
	LEAQ(points, masses)
	VMOVSD(Mem{Base: masses, Index: bits, Scale: 8}, t.split)
	p := t.probability()
	jumpIfCertain(p, "certain")
	store := func(probability Register) (zeroBit Register) {
		value, bit, to := GP32(), GP64(), GP64()
		SHRXQ(t.place, t.rank, bit)
		ANDL(U32(1), bit.As32())
		LEAL(Mem{Base: bit, Index: probability, Scale: 2}, value)
		Load(Param("bits"), to)
		MOVL(value, Mem{Base: to, Index: bits, Scale: 4})
		DECQ(bit)
		return bit
	}
	t.choose(t.mask(t.lastStage(p, store)))
	INCQ(bits)
	JMP(LabelRef("next"))
	Label("certain")
	t.choose(t.mask(store(p)))
	INCQ(bits)
	JMP(LabelRef("next"))
	Label("done")
	Store(bits, ReturnIndex(0))
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
	return t.ratio(zero, all, all)
}

// ratio returns the probability of a zero, given the floors of the lower half and of the node. It overwrites zero and
// work.
func (t *tree) ratio(zero, wide, work VecVirtual) GPVirtual {
	part := XMM()
	VSUBSD(t.below, t.split, part)
	VADDSD(zero, part, zero)
	VSUBSD(t.below, t.above, part)
	VADDSD(wide, part, work)
	VDIVSD(work, zero, zero)
	VMULSD(constant("probabilityOne", 1<<16), zero, zero)
	VMAXSD(constant("least", 1), zero, zero) // the second source, 1, if it is not a number
	VMINSD(constant("most", 1<<16-1), zero, zero)
	p := GP64()
	VCVTTSD2SIQ(zero, p)
	return p
}

// choose goes to the half of the bit that the mask tells.
func (t *tree) choose(zeroBit Register) {
	t.blend(zeroBit, t.below, t.split, t.below)
	t.blend(zeroBit, t.split, t.above, t.above)
}

// mask makes a mask for blend of all ones for a 0, and of 0 for a 1.
func (t *tree) mask(zeroBit Register) Register {
	if t.bits == 512 {
		mask := K()
		KMOVB(zeroBit.(GPVirtual).As32(), mask)
		return mask
	}
	mask := XMM()
	VMOVQ(zeroBit, mask)
	return mask
}

// blend sets to to a if the mask tells 0, to b if it tells 1.
func (t *tree) blend(zeroBit Register, a, b, to VecVirtual) {
	if t.bits == 512 {
		VBLENDMPD(a, b, zeroBit, to)
		return
	}
	VBLENDVPD(zeroBit, a, b, to)
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
