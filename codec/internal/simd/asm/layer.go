package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// layerKernel generates one layer of the network over several rows. Inputs are taken in fours, outputs in tiles of up
// to tileVectors vectors, rows several at a time while there are enough.
type layerKernel struct {
	width
	tileVectors int
	rowsAtOnce  int
	weightType  string
	weightBytes int // of the weights of one vector of outputs and four inputs
	// prepare makes vectors of one row's next four inputs.
	prepare func(from Mem) []VecVirtual
	// accumulate adds the products of the inputs and the weights to the sums of each row.
	accumulate func(weights Mem, inputs [][]VecVirtual, sums []VecVirtual)
	zeros      VecVirtual // to limit outputs from below
	// storeBytes limits the outputs to 0..255 and stores them.
	storeBytes func(v VecVirtual, to Mem)
}

func (l *layerKernel) generate(name string, bytes bool) {
	kind, outputBytes := l.output(bytes)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(to *%s, x *uint8, weights *%s, bias, shift *int32, rows, toStride, xStride, fours, vectors int)", kind, l.weightType))
	Pragma("noescape")
	to, x := Load(Param("to"), GP64()), Load(Param("x"), GP64())
	weights := Load(Param("weights"), GP64())
	bias, shift := Load(Param("bias"), GP64()), Load(Param("shift"), GP64())
	xStride, vectors := Load(Param("xStride"), GP64()), Load(Param("vectors"), GP64())
	if bytes && l.bits == 512 {
		l.zeros = l.vector()
		l.zero(l.zeros)
	}
	xStride3 := GP64()
	LEAQ(Mem{Base: xStride, Index: xStride, Scale: 2}, xStride3)
	Label("tile")
	for size := l.tileVectors; size > 1; size-- {
		CMPQ(vectors, U32(size))
		JGE(LabelRef(fmt.Sprint("tile", size)))
	}
	for size := 1; size <= l.tileVectors; size++ {
		Label(fmt.Sprint("tile", size))
		rows, xRow, toRow := GP64(), GP64(), GP64()
		Load(Param("rows"), rows)
		MOVQ(x, xRow)
		MOVQ(to, toRow)
		for _, together := range []int{l.rowsAtOnce, 1} {
			again := fmt.Sprint("tile", size, "rows", together)
			beyond := again + "done"
			Label(again)
			SUBQ(U8(together), rows)
			JLT(LabelRef(beyond))
			l.rows(again+"fours", size, together, outputBytes, weights, xRow, toRow, bias, shift, xStride, xStride3)
			JMP(LabelRef(again))
			Label(beyond)
			ADDQ(U8(together), rows)
		}
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

// output returns the type and the size of the outputs.
func (l *layerKernel) output(bytes bool) (kind string, size int) {
	if bytes {
		return "uint8", 1
	}
	return "int32", 4
}

// store shifts the sums of a tile and stores them.
func (l *layerKernel) store(sums []VecVirtual, to, shift Register, outputBytes int) {
	for t, v := range sums {
		VPSRAVD(Mem{Base: shift, Disp: t * l.bytes()}, v, v)
		at := Mem{Base: to, Disp: t * l.lanes32() * outputBytes}
		if outputBytes == 1 {
			l.storeBytes(v, at)
		} else {
			l.move(v, at)
		}
	}
}

// rows generates the work on one tile for some rows at once.
func (l *layerKernel) rows(loop string, size, together, outputBytes int, weights, xRow, toRow, bias, shift, xStride, xStride3 Register) {
	sums := make([][]VecVirtual, together)
	for r := range sums {
		sums[r] = l.vectors(size)
	}
	for t := range size {
		l.move(Mem{Base: bias, Disp: t * l.bytes()}, sums[0][t])
		for r := 1; r < together; r++ {
			l.move(sums[0][t], sums[r][t])
		}
	}
	inputs, tile, fours := GP64(), GP64(), GP64()
	MOVQ(xRow, inputs)
	MOVQ(weights, tile)
	Load(Param("fours"), fours)
	places := []Mem{
		{Base: inputs}, {Base: inputs, Index: xStride, Scale: 1},
		{Base: inputs, Index: xStride, Scale: 2}, {Base: inputs, Index: xStride3, Scale: 1},
	}
	Label(loop)
	prepared := make([][]VecVirtual, together)
	for r := range prepared {
		prepared[r] = l.prepare(places[r])
	}
	for t := range size {
		column := make([]VecVirtual, together)
		for r := range column {
			column[r] = sums[r][t]
		}
		l.accumulate(Mem{Base: tile, Disp: t * l.weightBytes}, prepared, column)
	}
	ADDQ(U8(4), inputs)
	ADDQ(U32(size*l.weightBytes), tile)
	DECQ(fours)
	JNE(LabelRef(loop))
	toStride := Load(Param("toStride"), GP64())
	for r := range sums {
		l.store(sums[r], toRow, shift, outputBytes)
		ADDQ(toStride, toRow)
		ADDQ(xStride, xRow)
	}
}

// layerVNNI generates the layer with the dot product instruction for bytes: its weights are, for each vector of 16
// outputs and each four inputs, 64 bytes, output after output.
func layerVNNI() {
	var l *layerKernel
	l = &layerKernel{
		width:       widths["avx512"],
		tileVectors: 6,
		rowsAtOnce:  4,
		weightType:  "int8",
		weightBytes: 64,
		prepare: func(from Mem) []VecVirtual {
			v := ZMM()
			VPBROADCASTD(from, v)
			return []VecVirtual{v}
		},
		accumulate: func(weights Mem, inputs [][]VecVirtual, sums []VecVirtual) {
			if len(sums) == 1 {
				VPDPBUSD(weights, inputs[0][0], sums[0])
				return
			}
			w := ZMM()
			VMOVDQU32(weights, w)
			for r, s := range sums {
				VPDPBUSD(w, inputs[r][0], s)
			}
		},
		storeBytes: func(v VecVirtual, to Mem) {
			VPMAXSD(l.zeros, v, v)
			VPMOVUSDB(v, to)
		},
	}
	l.generateAll("AVX512")
}

// layerAVX2 generates the layer with the dot product of 16-bit words, since the one of bytes saturates. Its weights
// are, for each vector of 8 outputs and each four inputs, 32 words: for each output those of the first and third input,
// then for each output those of the second and fourth.
func layerAVX2() {
	l := &layerKernel{
		width:       widths["avx2"],
		tileVectors: 4,
		rowsAtOnce:  2,
		weightType:  "int16",
		weightBytes: 64,
		prepare: func(from Mem) []VecVirtual {
			even, odd := YMM(), YMM()
			VPBROADCASTD(from, odd)
			VPAND(lowBytes(), odd, even)
			VPSRLW(U8(8), odd, odd)
			return []VecVirtual{even, odd}
		},
		accumulate: func(weights Mem, inputs [][]VecVirtual, sums []VecVirtual) {
			for half := range 2 {
				var w Op = weights.Offset(32 * half)
				if len(sums) > 1 {
					loaded := YMM()
					VMOVDQU(w, loaded)
					w = loaded
				}
				for r, s := range sums {
					product := YMM()
					VPMADDWD(w, inputs[r][half], product)
					VPADDD(product, s, s)
				}
			}
		},
		storeBytes: storeBytesAVX2,
	}
	l.generateAll("AVX2")
}

// storeBytesAVX2 limits 8 integers to 0..255 and stores them as bytes.
func storeBytesAVX2(v VecVirtual, to Mem) {
	VPACKSSDW(v, v, v)
	VPACKUSWB(v, v, v)
	high := XMM()
	VEXTRACTI128(U8(1), v, high)
	VPUNPCKLDQ(high, v.AsX(), high)
	VMOVQ(high, to)
}

var lowByteMask Mem

// lowBytes selects the lower byte of each word.
func lowBytes() Mem {
	if lowByteMask.Symbol.Name == "" {
		lowByteMask = GLOBL("lowBytes", RODATA|NOPTR)
		for i := range 4 {
			DATA(8*i, U64(0x00FF00FF00FF00FF))
		}
	}
	return lowByteMask
}
