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
	wholeTiles  bool // there are no smaller ones
	rowsAtOnce  int
	weightBytes int  // of the weights of one vector of outputs and four inputs
	rest        bool // weights are left that are added at last: see addRest
	// accumulate adds the products of the inputs and the weights to the sums of each row.
	accumulate func(weights Mem, inputs []VecVirtual, sums []VecVirtual)
	zeros      VecVirtual // to limit outputs from below, with AVX-512
	ones       VecVirtual // to add words up in pairs, with AVX2
	// storeBytes limits the outputs to 0..255 and stores them.
	storeBytes func(v VecVirtual, to Mem)
}

func (l *layerKernel) generate(name string, bytes bool) {
	kind, outputBytes := l.output(bytes)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(to *%s, x *uint8, %s, bias, shift *int32, rows, toStride, xStride, fours, vectors int)", kind, l.weights()))
	Pragma("noescape")
	to, x := Load(Param("to"), GP64()), Load(Param("x"), GP64())
	weights, rest := l.loadWeights()
	bias, shift := Load(Param("bias"), GP64()), Load(Param("shift"), GP64())
	xStride, vectors := Load(Param("xStride"), GP64()), Load(Param("vectors"), GP64())
	l.constants(bytes)
	var xStride3 Register
	if l.rowsAtOnce > 3 {
		xStride3 = GP64()
		LEAQ(Mem{Base: xStride, Index: xStride, Scale: 2}, xStride3)
	}
	tile := GP64()
	for _, size := range l.tiles(vectors) {
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
			l.rows(again, size, together, outputBytes, weights, rest, tile, xRow, toRow, bias, shift, xStride, xStride3)
			JMP(LabelRef(again))
			Label(beyond)
			ADDQ(U8(together), rows)
		}
		fours := Load(Param("fours"), GP64())
		IMUL3Q(U32(size*l.weightBytes), fours, fours)
		ADDQ(fours, weights)
		if l.rest {
			MOVQ(tile, rest)
		}
		ADDQ(U32(size*l.bytes()), bias)
		ADDQ(U32(size*l.bytes()), shift)
		ADDQ(U32(size*l.lanes32()*outputBytes), to)
		SUBQ(U8(size), vectors)
		JNE(LabelRef("tile"))
		VZEROUPPER()
		RET()
	}
}

// tiles generates the choice of the next tile by how many vectors are left, and returns the sizes of tiles.
func (l *layerKernel) tiles(vectors Register) (sizes []int) {
	Label("tile")
	if l.wholeTiles {
		return []int{l.tileVectors}
	}
	for size := l.tileVectors; size > 1; size-- {
		CMPQ(vectors, U32(size))
		JGE(LabelRef(fmt.Sprint("tile", size)))
	}
	for size := range l.tileVectors {
		sizes = append(sizes, size+1)
	}
	return sizes
}

// weights are the parameters that hold the weights.
func (l *layerKernel) weights() string {
	if l.rest {
		return "weights, rest *int8"
	}
	return "weights *int8"
}

func (l *layerKernel) loadWeights() (weights, rest Register) {
	weights = Load(Param("weights"), GP64())
	if l.rest {
		rest = Load(Param("rest"), GP64())
	}
	return weights, rest
}

// constants makes the vectors that stay the same.
func (l *layerKernel) constants(bytes bool) {
	switch {
	case l.bits == 256:
		l.ones = l.vector()
		l.move(integers64("ones", 0x0001000100010001), l.ones)
	case bytes:
		l.zeros = l.vector()
		l.zero(l.zeros)
	}
}

// output returns the type and the size of the outputs.
func (l *layerKernel) output(bytes bool) (kind string, size int) {
	if bytes {
		return "uint8", 1
	}
	return "int32", 4
}

// store shifts the sums of a row of a tile and stores them.
func (l *layerKernel) store(sums [][]VecVirtual, row int, to, shift Register, outputBytes int) {
	for t := range sums {
		v := sums[t][row]
		VPSRAVD(Mem{Base: shift, Disp: t * l.bytes()}, v, v)
		at := Mem{Base: to, Disp: t * l.lanes32() * outputBytes}
		if outputBytes == 1 {
			l.storeBytes(v, at)
		} else {
			l.move(v, at)
		}
	}
}

// rows generates the work on one tile for some rows at once. If there is a rest of weights, tile points behind that of the tile at the
// end.
func (l *layerKernel) rows(label string, size, together, outputBytes int, weights, rest, tile, xRow, toRow, bias, shift, xStride, xStride3 Register) {
	sums := make([][]VecVirtual, size) // of each vector of outputs, for each row
	for t := range sums {
		sums[t] = l.vectors(together)
		l.move(Mem{Base: bias, Disp: t * l.bytes()}, sums[t][0])
		for r := 1; r < together; r++ {
			l.move(sums[t][0], sums[t][r])
		}
	}
	inputs, fours := GP64(), GP64()
	MOVQ(xRow, inputs)
	MOVQ(weights, tile)
	Load(Param("fours"), fours)
	places := []Mem{
		{Base: inputs}, {Base: inputs, Index: xStride, Scale: 1},
		{Base: inputs, Index: xStride, Scale: 2}, {Base: inputs, Index: xStride3, Scale: 1},
	}[:together]
	Label(label + "fours")
	fourInputs := l.broadcast(places)
	for t := range size {
		l.accumulate(Mem{Base: tile, Disp: t * l.weightBytes}, fourInputs, sums[t])
	}
	ADDQ(U8(4), inputs)
	ADDQ(U32(size*l.weightBytes), tile)
	DECQ(fours)
	JNE(LabelRef(label + "fours"))
	if l.rest {
		MOVQ(rest, tile)
		l.addRest(label, tile, xRow, fours, inputs, places, sums)
	}
	toStride := Load(Param("toStride"), GP64())
	for r := range together {
		l.store(sums, r, toRow, shift, outputBytes)
		ADDQ(toStride, toRow)
		ADDQ(xStride, xRow)
	}
}

// broadcast fills vectors with the next four inputs of each row.
func (l *layerKernel) broadcast(places []Mem) []VecVirtual {
	v := l.vectors(len(places))
	for r, place := range places {
		VPBROADCASTD(place, v[r])
	}
	return v
}

// addRest generates the sums with what is left of the weights: for each vector of outputs how many times four inputs there is something
// left of, and for each of these which four, and the weights. It moves rest; places are those of the rows that inputs points at.
func (l *layerKernel) addRest(label string, rest, x, count, inputs Register, places []Mem, sums [][]VecVirtual) {
	for t := range sums {
		left, done := fmt.Sprint(label, "rest", t), fmt.Sprint(label, "rest", t, "done")
		MOVLQZX(Mem{Base: rest}, count)
		ADDQ(U8(4), rest)
		TESTQ(count, count)
		JE(LabelRef(done))
		Label(left)
		MOVLQZX(Mem{Base: rest}, inputs)
		LEAQ(Mem{Base: x, Index: inputs, Scale: 4}, inputs)
		l.accumulate(Mem{Base: rest, Disp: 4}, l.broadcast(places), sums[t])
		ADDQ(U32(4+l.weightBytes), rest)
		DECQ(count)
		JNE(LabelRef(left))
		Label(done)
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
		weightBytes: 64,
		accumulate: func(weights Mem, inputs []VecVirtual, sums []VecVirtual) {
			if len(sums) == 1 {
				VPDPBUSD(weights, inputs[0], sums[0])
				return
			}
			w := ZMM()
			VMOVDQU32(weights, w)
			for r, s := range sums {
				VPDPBUSD(w, inputs[r], s)
			}
		},
		storeBytes: func(v VecVirtual, to Mem) {
			VPMAXSD(l.zeros, v, v)
			VPMOVUSDB(v, to)
		},
	}
	l.generateAll("AVX512")
}

// layerAVX2 generates the layer with the sums of two products of bytes, which saturate at 16 bits. So two weights of the same sign are
// 128 at most together; where they are more, one of them is left for the rest. Weights are, for each vector of 8 outputs and each four
// inputs, 32 bytes, output after output.
func layerAVX2() {
	var l *layerKernel
	l = &layerKernel{
		width:       widths["avx2"],
		tileVectors: 4,
		wholeTiles:  true,
		rowsAtOnce:  2,
		weightBytes: 32,
		rest:        true,
		accumulate: func(weights Mem, inputs []VecVirtual, sums []VecVirtual) {
			var w Op = weights
			if len(sums) > 1 {
				w = YMM()
				VMOVDQU(weights, w)
			}
			for r, s := range sums {
				products := YMM()
				VPMADDUBSW(w, inputs[r], products)
				VPMADDWD(l.ones, products, products)
				VPADDD(products, s, s)
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
