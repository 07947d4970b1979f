package main

import (
	"fmt"

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

// Properties of the coder of symbols (codec/internal/entropy/rangecoder/symbol.go), and how many bits of a rank one is.
const (
	frequencyBits = 32
	spanBits      = 56
	symbolBits    = 16
)

// Properties of the search for a symbol (codec/internal/entropy/symbol/coder.go).
const (
	quantiles   = 64
	newtonSteps = 6
)

// symbols generates the decoder of a rank that is made of symbols.
type symbols struct {
	*tree
	// Mean of the distribution, scale of its quantiles, and how many of these a unit of its mass is; on the stack, like what follows.
	mean, scale, shares Mem
	// What is known of the symbol that is decoded.
	values              Mem // how many there are
	start               Mem // mass below the first
	floor, all, inverse Mem // see symbol.node; all is the mass of the node
	step, target        Mem // of the range decoder
	// Of the search: the values between which the byte lies, their frequencies, and how many of Newton's steps are left.
	first, last, from, to, tries Mem
	lower, upper                 Register // where to look next
}

// decodeSymbols generates symbol.Coder's decoder.
func decodeSymbols(w width) {
	TEXT("decodeSymbols"+w.suffix, NOSPLIT, "func(state, decoder *byte) int64")
	Pragma("noescape")
	t := &symbols{tree: &tree{width: w, state: Load(Param("state"), GP64()), rank: GP64(), place: GP64()}}
	for _, local := range []*Mem{
		&t.mean, &t.scale, &t.shares, &t.values, &t.start, &t.floor, &t.all, &t.inverse, &t.step, &t.target,
		&t.first, &t.last, &t.from, &t.to, &t.tries,
	} {
		*local = AllocLocal(8)
	}
	t.begin()
	t.lower, t.upper = GP64(), GP64()
	t.measure()
	XORQ(t.rank, t.rank)
	Label("symbol")
	SUBQ(U8(symbolBits), t.place)
	t.prepare()
	t.aim()
	t.guess()
	Label("search")
	left, first := GP64(), GP64()
	MOVQ(t.last, left)
	MOVQ(t.first, first)
	SUBQ(first, left)
	CMPQ(left, U8(1))
	JEQ(LabelRef("found"))
	t.look()
	t.next()
	JMP(LabelRef("search"))
	Label("found")
	SHLXQ(t.place, first, first)
	ADDQ(first, t.rank)
	t.take()
	TESTQ(t.place, t.place)
	JNE(LabelRef("symbol"))
	Store(t.rank, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// measure computes what mixture.Distribution.Shape returns, and how many quantiles a unit of the distribution's mass is.
func (t *symbols) measure() {
	centre, unit := t.vector(), XMM()
	VBROADCASTSD(Mem{Base: t.load(treeMixture), Disp: 64}, centre)
	VMOVSD(constant("one", 1), unit)
	VDIVSD(t.above, unit, unit)
	n := t.lanes8Of()
	scales, distances, squares := t.vectors(n), t.vectors(n), t.vectors(n)
	for i := range n {
		distance := t.vector()
		VMOVUPD(t.mixture.weights[i], distances[i])
		if t.bits == 512 { // about right is enough, and takes a third of the time
			VRCP14PD(t.mixture.scales[i], scales[i])
			VMULPD(distances[i], scales[i], scales[i])
		} else {
			VDIVPD(t.mixture.scales[i], distances[i], scales[i])
		}
		VMOVUPD(t.mixture.centres[i], distance)
		VSUBPD(centre, distance, distance)
		VMULPD(distance, distances[i], distances[i])
		VMULPD(distance, distances[i], squares[i])
	}
	mean, scale, square := t.fold64(distances), t.fold64(scales), t.fold64(squares)
	for _, v := range []VecVirtual{mean, scale, square} {
		VMULSD(unit, v, v)
	}
	if t.bits == 512 {
		VMULSD(repeated("tableResolution", 16), scale, scale) // the mixture's are times that
	}
	VMULSD(scale, scale, scale)
	part := XMM()
	VMULSD(mean, mean, part)
	VSUBSD(part, square, square)
	VMULSD(constant("apart", 0.4), square, square)
	VADDSD(square, scale, scale)
	t.zero(part)
	VMAXSD(part, scale, scale)
	VSQRTSD(scale, scale, scale)
	VMULSD(t.field(treeScale), scale, scale)
	VMOVSD(scale, t.scale)
	VADDSD(centre.AsX(), mean, mean)
	VMOVSD(mean, t.mean)
	VMULSD(constant("quantiles", quantiles), unit, unit)
	VMOVSD(unit, t.shares)
}

// prepare computes what is known of a symbol.
func (t *symbols) prepare() {
	width, left, covered, values := t.nodeWidth(), GP64(), GP64(), GP64()
	MOVQ(t.field(treeCount), left)
	SUBQ(t.rank, left)
	MOVQ(width, covered)
	SHLQ(U8(symbolBits), covered)
	CMPQ(covered, left)
	CMOVQGT(left, covered)
	LEAQ(Mem{Base: left, Index: width, Scale: 1, Disp: -1}, values)
	SHRXQ(t.place, values, values)
	MOVQ(U32(1<<symbolBits), left)
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
	VMOVSD(all, t.all)
	MOVQ(U64(uint64(1<<frequencyBits)), left)
	SUBQ(values, left)
	VCVTSI2SDQ(left, inverse, inverse)
	VDIVSD(all, inverse, inverse)
	VMOVSD(inverse, t.inverse)
	VMOVSD(t.below, t.start)
}

// aim computes the target, which lies in the interval of the symbol's value.
func (t *symbols) aim() {
	decoder, step, most := Load(Param("decoder"), GP64()), GP64(), GP64()
	MOVQ(Mem{Base: decoder, Disp: symbolSpan}, step)
	SHRQ(U8(frequencyBits), step)
	MOVQ(step, t.step)
	MOVQ(Mem{Base: decoder, Disp: symbolCode}, RAX)
	XORL(EDX, EDX)
	DIVQ(step)
	MOVQ(U64(uint64(1<<frequencyBits)-1), most)
	CMPQ(RAX, most)
	CMOVQHI(most, RAX)
	MOVQ(RAX, t.target)
}

// guess begins the search near the quantile of the distribution that has the target's mass below it.
func (t *symbols) guess() {
	zero, most := GP64(), GP64()
	XORQ(zero, zero)
	MOVQ(zero, t.first)
	MOVQ(zero, t.from)
	MOVQ(t.values, most)
	MOVQ(most, t.last)
	MOVQ(U64(uint64(1<<frequencyBits)), most)
	MOVQ(most, t.to)
	MOVQ(U32(newtonSteps), most)
	MOVQ(most, t.tries)

	// Any number may come out of this: what is looked at is limited.
	mass := XMM()
	t.zero(mass)
	VCVTSI2SDQ(t.target, mass, mass)
	VMULSD(t.all, mass, mass)
	VMULSD(constant(fmt.Sprintf("frequencyUnit%d", frequencyBits), 1/float64(uint64(1<<frequencyBits))), mass, mass)
	VADDSD(t.start, mass, mass)
	VMULSD(t.shares, mass, mass)
	index := GP64()
	VCVTTSD2SIQ(mass, index)
	MOVQ(U32(quantiles-1), most)
	CMPQ(index, most)
	CMOVQHI(most, index)
	VMOVSD(t.scale, mass)
	VMULSD(Mem{Base: t.load(treeQuantiles), Index: index, Scale: 8}, mass, mass)
	VADDSD(t.mean, mass, mass)
	VCVTSD2SIQ(mass, t.lower)
	SUBQ(t.field(treeLow), t.lower)
	t.near()
	SUBQ(t.rank, t.lower)
	SARXQ(t.place, t.lower, t.lower)
	LEAQ(Mem{Base: t.lower, Disp: 1}, t.upper)
}

// near makes a rank of the step in lower, as alphabet.Index.Near does.
func (t *symbols) near() {
	ranks, first, next, part, shift := t.load(treeRanks), GP64(), GP64(), GP64(), GP64()
	TESTQ(ranks, ranks)
	JEQ(LabelRef("near"))
	XORQ(first, first)
	CMPQ(t.lower, first)
	CMOVQLT(first, t.lower)
	MOVQ(t.field(treeSpan), next)
	CMPQ(t.lower, next)
	CMOVQGT(next, t.lower)
	MOVQ(t.field(treeShift), shift)
	SHRXQ(shift, t.lower, part)
	MOVLQSX(Mem{Base: ranks, Index: part, Scale: 4}, first)
	MOVLQSX(Mem{Base: ranks, Index: part, Scale: 4, Disp: 4}, next)
	SUBQ(first, next)
	SHLXQ(shift, part, part)
	SUBQ(part, t.lower)
	IMULQ(next, t.lower)
	SHRXQ(shift, t.lower, t.lower)
	ADDQ(first, t.lower)
	Label("near")
}

// look compares the target with the frequencies of two values, or of others where these are not between first and last.
func (t *symbols) look() {
	lower, upper, least, most := t.lower, t.upper, GP64(), GP64()
	MOVQ(t.first, least)
	INCQ(least)
	MOVQ(t.last, most)
	DECQ(most)
	limit := func(v, least Register) {
		CMPQ(v, least)
		CMOVQLT(least, v)
		CMPQ(v, most)
		CMOVQGT(most, v)
	}
	limit(lower, least)
	limit(upper, lower)
	from, fromMass := t.frequency(lower, "lower")
	to, toMass := t.frequency(upper, "upper")
	CMPQ(from, t.target)
	JHI(LabelRef("less"))
	CMPQ(to, t.target)
	JLS(LabelRef("more"))
	t.endAt(upper, to, toMass)
	t.beginAt(lower, from, fromMass)
	JMP(LabelRef("looked"))
	Label("less")
	t.endAt(lower, from, fromMass)
	distance := GP64()
	MOVQ(from, distance)
	SUBQ(t.target, distance)
	t.newton(distance, from, to)
	NOTQ(distance)
	ADDQ(distance, lower) // less 1 and the distance
	JMP(LabelRef("looked"))
	Label("more")
	t.beginAt(upper, to, toMass)
	MOVQ(t.target, distance)
	SUBQ(to, distance)
	t.newton(distance, from, to)
	MOVQ(upper, lower)
	ADDQ(distance, lower)
	Label("looked")
}

// newton divides a distance in frequencies by what lies between two values. Any number may come out of it: what is looked at is
// limited.
func (t *symbols) newton(distance, from, to Register) {
	far, each := XMM(), XMM()
	t.zero(far)
	t.zero(each)
	VCVTSI2SDQ(distance, far, far)
	SUBQ(from, to)
	VCVTSI2SDQ(to, each, each)
	VDIVSD(each, far, far)
	VCVTTSD2SIQ(far, distance)
}

func (t *symbols) beginAt(value, frequency Register, mass VecVirtual) {
	MOVQ(value, t.first)
	MOVQ(frequency, t.from)
	VMOVAPD(mass, t.below)
}

func (t *symbols) endAt(value, frequency Register, mass VecVirtual) {
	MOVQ(value, t.last)
	MOVQ(frequency, t.to)
	VMOVAPD(mass, t.above)
}

// frequency returns that of a value that is neither the first nor beyond the last, and the mass below it.
func (t *symbols) frequency(value Register, label string) (frequency GPVirtual, mass VecVirtual) {
	rank := GP64()
	SHLXQ(t.place, value, rank)
	ADDQ(t.rank, rank)
	mass = XMM()
	t.mixture.below(t.boundary(rank, label), mass)
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
	return frequency, mass
}

// next decides whether to look there, or at the thirds of what is left.
func (t *symbols) next() {
	LEAQ(Mem{Base: t.lower, Disp: 1}, t.upper)
	DECQ(t.tries)
	JGE(LabelRef("search"))
	left := GP64()
	MOVQ(t.last, left)
	SUBQ(t.first, left)
	IMUL3Q(I8(85), left, left)
	SHRQ(U8(8), left)
	MOVQ(t.first, t.lower)
	ADDQ(left, t.lower)
	MOVQ(t.last, t.upper)
	SUBQ(left, t.upper)
}

// take goes beyond the symbol in the range decoder.
func (t *symbols) take() {
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
	SUBQ(U8(64-spanBits), shift)
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
	MOVQ(U64(1<<(spanBits-8)), word)
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
