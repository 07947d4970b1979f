package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mostBits is more than the bits of a rank.
const mostBits = 64

// encodeTree generates what an encoder does besides range coding: for each bit of the rank it puts twice the probability
// of a zero, plus the bit, into bits. It returns how many bits there are.
func encodeTree(w width) {
	TEXT("encodeTree"+w.suffix, NOSPLIT, "func(state *byte, bits *uint32, rank int64) int")
	Pragma("noescape")
	t := &tree{width: w, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}
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
	t.choose(t.mask(t.estimate(p, store)))
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
