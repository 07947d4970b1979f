package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// estimate generates the correction of the probability p by what was coded before, if there is to be one. code codes a
// bit with the corrected probability and returns all ones for a 0, else 0, which estimate returns too.
func (t *tree) estimate(p Register, code func(p Register) (zeroBit Register)) Register {
	logit := t.stretch(p)
	// The tables are read between two buckets and learn in the nearer one.
	first, near, fraction := GP64(), GP64(), GP32()
	LEAL(Mem{Base: logit, Disp: 2048}, first.As32())
	LEAL(Mem{Base: logit, Disp: 2048 + 64}, near.As32())
	MOVL(first.As32(), fraction)
	SHRL(U8(7), first.As32())
	SHRL(U8(7), near.As32())
	ANDL(U32(127), fraction)

	entry := t.nodeEntry()
	nodeLogit := t.stretch(t.interpolate(entry, first, fraction))
	LEAQ(Mem{Base: entry, Index: near, Scale: bucketBytes}, entry)
	nodeNear := entry
	entry = t.widthEntry()
	widthLogit := t.stretch(t.interpolate(entry, first, fraction))
	LEAQ(Mem{Base: entry, Index: near, Scale: bucketBytes}, entry)
	widthNear := entry

	logits := []GPVirtual{logit, nodeLogit, widthLogit}
	mixed := t.squash(t.mix(logits))
	zeroBit := code(mixed)

	err, target := mixed, GP32()
	MOVL(zeroBit.(GPVirtual).As32(), target)
	ANDL(U32(1<<16-1), target)
	NEGL(err.As32())
	ADDL(target, err.As32())
	mixer := t.mixer()
	for i, l := range logits {
		IMULL(err.As32(), l.As32())
		ADDL(U32(1<<(mixerRate-1)), l.As32())
		SARL(U8(mixerRate), l.As32())
		ADDL(l.As32(), Mem{Base: mixer, Disp: 4 * i})
	}
	t.learn(nodeNear, target)
	t.learn(widthNear, target)
	return zeroBit
}

// stretch returns the logit of a probability below 65536.
func (t *tree) stretch(p Register) GPVirtual {
	at, upper, logit, table := GP64(), GP32(), GP64(), t.load(treeStretch)
	MOVL(p.(GPVirtual).As32(), at.As32())
	SHRL(U8(4), at.As32())
	MOVL(at.As32(), upper)
	SHRL(U8(11), upper)
	NEGL(upper) // all ones in the upper half, where the table is read backwards and negated
	XORL(upper, at.As32())
	ANDL(U32(2047), at.As32())
	MOVWLSX(Mem{Base: table, Index: at, Scale: 2}, logit.As32())
	XORL(upper, logit.As32())
	SUBL(upper, logit.As32())
	return logit
}

// squash returns the probability of a logit from -2047 to 2047, whose lower 32 bits are given.
func (t *tree) squash(logit GPVirtual) GPVirtual {
	at, fraction, low, high, table := GP64(), GP32(), GP64(), GP32(), t.load(treeSquash)
	LEAL(Mem{Base: logit, Disp: 2048}, at.As32())
	MOVL(at.As32(), fraction)
	ANDL(U32(31), fraction)
	SHRL(U8(5), at.As32())
	MOVL(Mem{Base: table, Index: at, Scale: 4}, low.As32())
	MOVL(Mem{Base: table, Index: at, Scale: 4, Disp: 4}, high)
	SUBL(low.As32(), high)
	IMULL(fraction, high)
	SARL(U8(5), high)
	ADDL(high, low.As32())
	return low
}

// mix returns the mixed logit, limited to -2047..2047.
func (t *tree) mix(logits []GPVirtual) GPVirtual {
	mixer, sum := t.mixer(), GP64()
	XORQ(sum, sum)
	for i, l := range logits {
		weight, value := GP64(), GP64()
		MOVLQSX(Mem{Base: mixer, Disp: 4 * i}, weight)
		MOVLQSX(l.As32(), value)
		IMULQ(value, weight)
		ADDQ(weight, sum)
	}
	SARQ(U8(16), sum)
	limit := GP64()
	MOVQ(U32(stretchLimit), limit)
	CMPQ(sum, limit)
	CMOVQGT(limit, sum)
	NEGQ(limit)
	CMPQ(sum, limit)
	CMOVQLT(limit, sum)
	return sum
}

// mixer returns the address of the weights for the byte that the bit belongs to.
func (t *tree) mixer() Register {
	mixer := GP64()
	MOVQ(t.place, mixer)
	SHRQ(U8(3), mixer)
	LEAQ(Mem{Base: mixer, Index: mixer, Scale: 2}, mixer)
	SHLQ(U8(2), mixer)
	ADDQ(t.field(treeMixers), mixer)
	return mixer
}

// nodeEntry returns the address of the buckets for the node in the tree of the byte.
func (t *tree) nodeEntry() Register {
	depth, bits, entry := GP64(), GP64(), GP64()
	MOVQ(t.place, depth)
	ANDQ(U32(7), depth)
	XORQ(U32(7), depth) // bits of the byte that are known
	MOVQ(t.rank, entry)
	SHRXQ(t.place, entry, entry)
	SHRQ(U8(1), entry)
	BZHIQ(depth, entry, entry)
	MOVQ(U32(1), bits)
	SHLXQ(depth, bits, bits)
	ORQ(bits, entry)
	MOVQ(t.place, bits)
	ANDQ(I8(-8), bits)
	SHLQ(U8(5), bits) // 256 for each byte
	ORQ(bits, entry)
	return t.entry(entry, treeNodes)
}

// widthEntry returns the address of the buckets for the ratio of the node's width to the mixture's scale.
func (t *tree) widthEntry() Register {
	level, limit := GP64(), GP64()
	MOVQ(t.field(treeLevel), level)
	ADDQ(t.place, level)
	XORQ(limit, limit)
	CMPQ(level, limit)
	CMOVQLT(limit, level)
	MOVQ(U32(levels-1), limit)
	CMPQ(level, limit)
	CMOVQGT(limit, level)
	SHLQ(U8(3), level)
	MOVQ(t.place, limit)
	ANDQ(U32(7), limit)
	ORQ(limit, level)
	return t.entry(level, treeWidths)
}

// entry turns a context into the address of its buckets in a table.
func (t *tree) entry(context Register, table int) Register {
	IMUL3Q(U32(entryBuckets*bucketBytes), context, context)
	ADDQ(t.field(table), context)
	return context
}

// interpolate returns the probability between two buckets.
func (t *tree) interpolate(entry, first, fraction Register) Register {
	a, b := GP64(), GP32()
	MOVWLZX(Mem{Base: entry, Index: first, Scale: bucketBytes}, a.As32())
	MOVWLZX(Mem{Base: entry, Index: first, Scale: bucketBytes, Disp: bucketBytes}, b)
	SUBL(a.As32(), b)
	IMULL(fraction, b)
	SARL(U8(7), b)
	ADDL(b, a.As32())
	return a
}

// learn moves a bucket towards the target, the less the more often it was moved.
func (t *tree) learn(bucket, target Register) {
	p, step, count, shares := GP32(), GP32(), GP64(), t.load(treeShares)
	MOVWLZX(Mem{Base: bucket}, p)
	MOVWLZX(Mem{Base: bucket, Disp: 2}, count.As32())
	MOVL(target, step)
	SUBL(p, step)
	IMULL(Mem{Base: shares, Index: count, Scale: 4}, step)
	SARL(U8(16), step)
	ADDL(step, p)
	MOVW(p.As16(), Mem{Base: bucket})
	CMPL(count.As32(), U32(countLimit))
	ADCL(U32(0), count.As32())
	MOVW(count.As16(), Mem{Base: bucket, Disp: 2})
}
