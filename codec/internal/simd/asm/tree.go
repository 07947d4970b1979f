package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of symbol.tree.
const (
	treeCount     = 8 * iota // ranks
	treeLow                  // step of rank 0 of a dense set
	treeUsed                 // steps of a listed set, or nil
	treeDigits               // bits of a rank
	treeFloor                // mass of each rank besides the distribution's
	treeTotal                // mass of the distribution
	treeLevel                // of nodes that cover one rank
	treeNodes                // tables of the secondary symbol estimation
	treeWidths               //
	treeMixers               //
	treeShares               //
	treeStretch              //
	treeSquash               //
	treeLogistic             // table of the logistic distribution function
	treeMixture              // weights, centres and inverse scales
	treeQuantiles            // of distributions
	treeScale                // of these, in units of the distribution's spread
	treeRanks                // index of a listed set, or nil
	treeShift                //
	treeSpan                 //
)

// The fields of rangecoder.Decoder.
const (
	decoderCode = 0 // 32 bits
	decoderSpan = 4 // 32 bits
	decoderIn   = 8
	decoderSize = 16
	decoderNext = 32
)

// Properties of the secondary symbol estimation (codec/internal/entropy/symbol/sse.go).
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
