package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of rangecoder.SymbolDecoder.
const (
	symbolCode = 8 * iota // 64 bits
	symbolSpan            // 64 bits
	symbolIn
	symbolSize
	_ // capacity
	symbolNext
)

// Properties of the coder of symbols (codec/rangecoder/symbol.go).
const (
	frequencyBits = 24
	frequencyOne  = 1 << frequencyBits
	symbolBits    = 48
	symbolBottom  = 1 << (symbolBits - 8)
)

// whole generates the decoder of a rank whose bytes are symbols.
type whole struct {
	*tree
	// What is known of the byte that is decoded, on the stack.
	values         Mem // how many there are
	start          Mem // mass below the first
	floor, inverse Mem // see token.node
	step, target   Mem // of the range decoder
	from, to       Mem // frequencies between which the byte lies
	// Of the search: the first value left, half of those left, and the frequency of the one in the middle.
	value, half, middle Register
}

// decodeWhole generates token.Whole's decoder.
func decodeWhole(w width) {
	TEXT("decodeWhole"+w.suffix, NOSPLIT, "func(state, decoder *byte) int64")
	Pragma("noescape")
	t := &whole{tree: &tree{width: w, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}}
	for _, local := range []*Mem{&t.values, &t.start, &t.floor, &t.inverse, &t.step, &t.target, &t.from, &t.to} {
		*local = AllocLocal(8)
	}
	t.begin()
	t.value, t.half, t.middle = GP64(), GP64(), GP64()
	XORQ(t.rank, t.rank)
	Label("byte")
	SUBQ(U8(8), t.place)
	t.prepare()
	t.aim()
	TESTQ(t.place, t.place)
	JEQ(LabelRef("last"))
	t.guess()
	Label("last")
	t.surround()
	Label("search")
	t.searchAll()
	Label("halving")
	t.halve()
	Label("found")
	t.take()
	TESTQ(t.place, t.place)
	JNE(LabelRef("byte"))
	Store(t.rank, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// prepare computes what is known of a byte.
func (t *whole) prepare() {
	width, left, covered, values := t.nodeWidth(), GP64(), GP64(), GP64()
	MOVQ(t.field(treeCount), left)
	SUBQ(t.rank, left)
	MOVQ(width, covered)
	SHLQ(U8(8), covered)
	CMPQ(covered, left)
	CMOVQGT(left, covered)
	LEAQ(Mem{Base: left, Index: width, Scale: 1, Disp: -1}, values)
	SHRXQ(t.place, values, values)
	MOVQ(U32(256), left)
	CMPQ(values, left)
	CMOVQGT(left, values)
	MOVQ(values, t.values)

	floor, all, part, inverse := XMM(), XMM(), XMM(), XMM()
	for _, v := range []VecVirtual{floor, all, inverse} {
		t.zero(v)
	}
	VCVTSI2SDQ(width, floor, floor)
	VMULSD(t.field(treeFloor), floor, floor)
	VMOVSD(floor, t.floor)
	VCVTSI2SDQ(covered, all, all)
	VMULSD(t.field(treeFloor), all, all)
	VSUBSD(t.below, t.above, part)
	VADDSD(all, part, all)
	MOVQ(U32(frequencyOne), left)
	SUBQ(values, left)
	VCVTSI2SDQ(left, inverse, inverse)
	VDIVSD(all, inverse, inverse)
	VMOVSD(inverse, t.inverse)
	VMOVSD(t.below, t.start)
}

// aim computes the target, which lies in the interval of the byte's value.
func (t *whole) aim() {
	decoder, step, most := Load(Param("decoder"), GP64()), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: symbolSpan}, step)
	SHRQ(U8(frequencyBits), step)
	MOVQ(step, t.step)
	MOVQ(Mem{Base: decoder, Disp: symbolCode}, RAX)
	XORL(EDX, EDX)
	DIVQ(step)
	MOVQ(U32(frequencyOne-1), most)
	CMPQ(RAX, most)
	CMOVQHI(most, RAX)
	MOVQ(RAX, t.target)
}

// frequency returns that of a value, or frequencyOne if there is no such value, and the mass below it.
func (t *whole) frequency(value Register, label string) (frequency GPVirtual, mass VecVirtual) {
	rank := GP64()
	SHLXQ(t.place, value, rank)
	ADDQ(t.rank, rank)
	point := t.boundary(rank, label)
	CMPQ(value, t.values)
	JLT(LabelRef(label + "Exists"))
	VMOVSD(constant("beyond", 1e30), point) // all mass is below it
	Label(label + "Exists")
	mass = XMM()
	t.mixture.below(point, mass)
	f, floor := XMM(), XMM()
	t.zero(floor)
	VSUBSD(t.start, mass, f)
	VCVTSI2SDQ(value, floor, floor)
	VMULSD(t.floor, floor, floor)
	VADDSD(floor, f, f)
	VMULSD(t.inverse, f, f)
	frequency = GP64()
	VCVTTSD2SIQ(f, frequency)
	ADDQ(value, frequency)
	none := GP64()
	MOVQ(U32(frequencyOne), none)
	CMPQ(value, t.values)
	CMOVQGE(none, frequency)
	return frequency, mass
}

// guess goes to found if the byte is that of the rank that the caller guessed, or a neighbour of it; else to search.
func (t *whole) guess() {
	value, from, to := GP64(), GP64(), GP64()
	lower, upper := XMM(), XMM()
	MOVQ(t.field(treeNear), value)
	SUBQ(t.rank, value)
	SARXQ(t.place, value, value)
	CMPQ(value, t.values)
	JCC(LabelRef("search"))
	t.lowerEnd(value, from, lower, "guess")
	t.upperEnd(value, to, upper, "guessNext")
	CMPQ(from, t.target)
	JHI(LabelRef("guessLess"))
	CMPQ(to, t.target)
	JHI(LabelRef("guessed"))

	INCQ(value)
	MOVQ(to, from)
	VMOVAPD(upper, lower)
	t.upperEnd(value, to, upper, "guessMore")
	CMPQ(to, t.target)
	JHI(LabelRef("guessed"))
	JMP(LabelRef("search"))

	Label("guessLess")
	DECQ(value)
	MOVQ(from, to)
	VMOVAPD(lower, upper)
	t.lowerEnd(value, from, lower, "guessBefore")
	CMPQ(from, t.target)
	JHI(LabelRef("search"))

	Label("guessed")
	MOVQ(from, t.from)
	MOVQ(to, t.to)
	VMOVAPD(lower, t.below)
	VMOVAPD(upper, t.above)
	t.goTo(value)
	JMP(LabelRef("found"))
}

// lowerEnd sets f to the frequency of a value, and below to the mass below it.
func (t *whole) lowerEnd(value, f Register, below VecVirtual, label string) {
	XORQ(f, f)
	VMOVAPD(t.below, below)
	TESTQ(value, value)
	JEQ(LabelRef(label + "End"))
	frequency, mass := t.frequency(value, label)
	MOVQ(frequency, f)
	VMOVAPD(mass, below)
	Label(label + "End")
}

// upperEnd sets f to the frequency of the next value, and above to the mass below that.
func (t *whole) upperEnd(value, f Register, above VecVirtual, label string) {
	next := GP64()
	MOVQ(U32(frequencyOne), f)
	VMOVAPD(t.above, above)
	LEAQ(Mem{Base: value, Disp: 1}, next)
	CMPQ(next, t.values)
	JEQ(LabelRef(label + "End"))
	frequency, mass := t.frequency(next, label)
	MOVQ(frequency, f)
	VMOVAPD(mass, above)
	Label(label + "End")
}

// surround goes to halving if the last byte is within reach of the guess; else to search.
func (t *whole) surround() {
	first, last, to := GP64(), GP64(), GP64()
	lower, upper := XMM(), XMM()
	MOVQ(t.field(treeReach), t.half)
	TESTQ(t.half, t.half)
	JEQ(LabelRef("search"))
	MOVQ(t.field(treeNear), first)
	SUBQ(t.rank, first)
	SUBQ(t.half, first)
	JLE(LabelRef("search"))
	LEAQ(Mem{Base: first, Index: t.half, Scale: 2}, last)
	CMPQ(last, t.values)
	JGE(LabelRef("search"))
	f, mass := t.frequency(last, "last")
	MOVQ(f, to)
	VMOVAPD(mass, upper)
	MOVQ(first, t.value)
	f, mass = t.frequency(first, "first")
	VMOVAPD(mass, lower)
	CMPQ(f, t.target)
	JHI(LabelRef("search"))
	CMPQ(to, t.target)
	JLS(LabelRef("search"))
	MOVQ(f, t.from)
	MOVQ(to, t.to)
	VMOVAPD(lower, t.below)
	VMOVAPD(upper, t.above)
	ADDQ(t.half, first)
	f, mass = t.frequency(first, "centre")
	MOVQ(f, t.middle)
	VMOVAPD(mass, t.split)
	JMP(LabelRef("halving"))
}

// goTo goes to the ranks of a value.
func (t *whole) goTo(value Register) {
	SHLXQ(t.place, value, value)
	ADDQ(value, t.rank)
}

// searchAll begins the search among all values.
func (t *whole) searchAll() {
	one := GP64()
	XORQ(t.value, t.value)
	MOVQ(t.value, t.from)
	MOVQ(U32(frequencyOne), one)
	MOVQ(one, t.to)
	MOVQ(U32(128), t.half)
	f, mass := t.frequency(t.half, "middle")
	MOVQ(f, t.middle)
	VMOVAPD(mass, t.split)
}

// halve finds the byte by halving the values that are left. What the next halving needs is computed for both halves before it
// is known which of them it will be.
func (t *whole) halve() {
	value, half, middle := t.value, t.half, t.middle
	lower, upper, lowerMass, upperMass := GP64(), GP64(), XMM(), XMM()
	XORQ(lower, lower)
	XORQ(upper, upper)
	t.zero(lowerMass)
	t.zero(upperMass)
	CMPQ(half, U8(1))
	JEQ(LabelRef("lastHalving"))
	at := GP64()
	MOVQ(half, at)
	SHRQ(U8(1), at)
	ADDQ(value, at)
	f, mass := t.frequency(at, "lower")
	MOVQ(f, lower)
	VMOVAPD(mass, lowerMass)
	MOVQ(half, at)
	SHRQ(U8(1), at)
	ADDQ(value, at)
	ADDQ(half, at)
	f, mass = t.frequency(at, "upper")
	MOVQ(f, upper)
	VMOVAPD(mass, upperMass)
	Label("lastHalving")

	target, below, bound := GP64(), GP64(), GP64()
	MOVQ(t.target, target)
	MOVQ(t.from, bound)
	CMPQ(target, middle)
	CMOVQCC(middle, bound)
	MOVQ(bound, t.from)
	MOVQ(t.to, bound)
	CMOVQCS(middle, bound)
	MOVQ(bound, t.to)
	CMOVQCS(lower, upper)
	SBBQ(below, below) // all ones if the target is below the middle
	MOVQ(upper, middle)
	mask := t.mask(below)
	t.choose(mask)
	t.blend(mask, lowerMass, upperMass, t.split)
	ANDNQ(half, below, below)
	ADDQ(below, value)
	SHRQ(U8(1), half)
	JNE(LabelRef("halving"))
	t.goTo(value)
}

// take goes beyond the symbol in the range decoder.
func (t *whole) take() {
	decoder := Load(Param("decoder"), GP64())
	code, span, from, step := GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: symbolCode}, code)
	MOVQ(t.from, from)
	MOVQ(t.step, step)
	MOVQ(t.to, span)
	SUBQ(from, span)
	IMULQ(step, span)
	IMULQ(step, from)
	SUBQ(from, code)

	// All missing bytes at once, unless the input is about to end.
	next, in, shift, word := GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: symbolNext}, next)
	LEAQ(Mem{Base: next, Disp: 8}, word)
	CMPQ(word, Mem{Base: decoder, Disp: symbolSize})
	JGT(LabelRef("slowly"))
	LZCNTQ(span, shift)
	SUBQ(U8(64-symbolBits), shift)
	ANDQ(I8(-8), shift)
	MOVQ(Mem{Base: decoder, Disp: symbolIn}, in)
	MOVQ(Mem{Base: in, Index: next, Scale: 1}, word)
	BSWAPQ(word)
	SHLXQ(shift, span, span)
	SHLXQ(shift, code, code)
	MOVQ(shift, in)
	SHRQ(U8(3), in)
	ADDQ(in, next)
	SHRQ(U8(1), word) // by 64 bits in all, less shift, which may be 0
	XORQ(U8(63), shift)
	SHRXQ(shift, word, word)
	ORQ(word, code)
	JMP(LabelRef("taken"))

	Label("slowly")
	MOVQ(U64(symbolBottom), word)
	CMPQ(span, word)
	JCC(LabelRef("taken"))
	SHLQ(U8(8), span)
	SHLQ(U8(8), code)
	MOVQ(next, shift)
	INCQ(next)
	CMPQ(shift, Mem{Base: decoder, Disp: symbolSize})
	JGE(LabelRef("slowly")) // zeros beyond the end
	MOVQ(Mem{Base: decoder, Disp: symbolIn}, in)
	MOVBQZX(Mem{Base: in, Index: shift, Scale: 1}, word)
	ORQ(word, code)
	JMP(LabelRef("slowly"))
	Label("taken")
	MOVQ(code, Mem{Base: decoder, Disp: symbolCode})
	MOVQ(span, Mem{Base: decoder, Disp: symbolSpan})
	MOVQ(next, Mem{Base: decoder, Disp: symbolNext})
}
