package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mostFours is how many times four inputs a layer has at most.
const mostFours = 1024 / 4

func (l *layerKernel) generateAll(suffix string) {
	for _, bytes := range []bool{true, false} {
		name := "layer"
		if bytes {
			name = "layerBytes"
		}
		l.generate(name+suffix, bytes)
		l.generateRow(name+"Row"+suffix, bytes)
	}
}

// generateRow generates a layer over one row. Most of the time goes into fetching the weights, and most outputs of a
// hidden layer are 0: the weights of four inputs that are all 0 are left out.
func (l *layerKernel) generateRow(name string, bytes bool) {
	kind, outputBytes := l.output(bytes)
	TEXT(name, 0, fmt.Sprintf("func(to *%s, x *uint8, %s, bias, shift *int32, fours, vectors int)", kind, l.weights()))
	Pragma("noescape")
	to, x := Load(Param("to"), GP64()), Load(Param("x"), GP64())
	weights, rest := l.loadWeights()
	bias, shift := Load(Param("bias"), GP64()), Load(Param("shift"), GP64())
	vectors := Load(Param("vectors"), GP64())
	l.constants(bytes)
	list := GP64()
	LEAQ(AllocLocal(4*(mostFours+16)), list) // the last store may be of a whole vector
	end := l.listFours(x, list)
	for _, size := range l.tiles(vectors) {
		tile := fmt.Sprint("tile", size)
		Label(tile)
		sums := make([][]VecVirtual, size) // of one row
		for t := range sums {
			sums[t] = l.vectors(1)
			l.move(Mem{Base: bias, Disp: t * l.bytes()}, sums[t][0])
		}
		next := GP64()
		MOVQ(list, next)
		JMP(LabelRef(tile + "check"))
		Label(tile + "four")
		four, place := GP64(), GP64()
		MOVL(Mem{Base: next}, four.As32())
		ADDQ(U8(4), next)
		IMUL3Q(U32(size*l.weightBytes), four, place)
		inputs := l.broadcast([]Mem{{Base: x, Index: four, Scale: 4}})
		for t, s := range sums {
			l.accumulate(Mem{Base: weights, Index: place, Scale: 1, Disp: t * l.weightBytes}, inputs, s)
		}
		Label(tile + "check")
		CMPQ(next, end)
		JNE(LabelRef(tile + "four"))
		if l.rest {
			l.addRest(tile, rest, x, place, four, []Mem{{Base: four}}, sums)
		}
		l.store(sums, 0, to, shift, outputBytes)
		fours := Load(Param("fours"), GP64())
		IMUL3Q(U32(size*l.weightBytes), fours, fours)
		ADDQ(fours, weights)
		ADDQ(U32(size*l.bytes()), bias)
		ADDQ(U32(size*l.bytes()), shift)
		ADDQ(U32(size*l.lanes32()*outputBytes), to)
		SUBQ(U8(size), vectors)
		JNE(LabelRef("tile"))
		VZEROUPPER()
		RET()
	}
}

// listFours lists which fours of the inputs are not all 0, and returns the end of the list.
func (l *layerKernel) listFours(x, list Register) Register {
	fours, four, end := GP64(), GP64(), GP64()
	Load(Param("fours"), fours)
	XORQ(four, four)
	MOVQ(list, end)
	if l.bits == 512 {
		listFours512(x, fours, four, end)
		return end
	}
	more := GP64()
	Label("list")
	MOVL(four.As32(), Mem{Base: end})
	XORQ(more, more)
	CMPL(Mem{Base: x, Index: four, Scale: 4}, U8(0))
	SETNE(more.As8())
	LEAQ(Mem{Base: end, Index: more, Scale: 4}, end)
	INCQ(four)
	CMPQ(four, fours)
	JLT(LabelRef("list"))
	return end
}

// listFours512 looks at 16 fours at a time.
func listFours512(x Register, fours, four, end GPVirtual) {
	numbers, sixteen, most := ZMM(), ZMM(), GP64()
	VMOVDQU32(countUp(), numbers)
	MOVQ(U32(16), most)
	VPBROADCASTD(most.As32(), sixteen)
	Label("list")
	left, bits, mask, inputs, found := GP64(), GP64(), K(), ZMM(), ZMM()
	MOVQ(fours, left)
	SUBQ(four, left)
	CMPQ(left, most)
	CMOVQGT(most, left)
	MOVQ(I32(-1), bits)
	BZHIQ(left, bits, bits)
	KMOVW(bits.As32(), mask)
	VMOVDQU32_Z(Mem{Base: x, Index: four, Scale: 4}, mask, inputs)
	VPTESTMD(inputs, inputs, mask)
	VPCOMPRESSD_Z(numbers, mask, found)
	VMOVDQU32(found, Mem{Base: end})
	KMOVW(mask, bits.As32())
	POPCNTQ(bits, bits)
	LEAQ(Mem{Base: end, Index: bits, Scale: 4}, end)
	VPADDD(sixteen, numbers, numbers)
	ADDQ(most, four)
	CMPQ(four, fours)
	JLT(LabelRef("list"))
}

// countUp is the numbers from 0 to 15.
func countUp() Mem {
	if m, ok := constants["countUp"]; ok {
		return m
	}
	constants["countUp"] = GLOBL("countUp", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(uint32(i)))
	}
	return constants["countUp"]
}
