package kernel

// packedBytes is a layer for the dot product of bytes: its weights are, for each 16 outputs and each four inputs,
// output after output, four bytes; what belongs to a tile of up to tileAVX512 vectors of outputs stands together.
type packedBytes []int8

// packedWords is a layer for the dot product of 16-bit words: for each 8 outputs and each four inputs, output after
// output, the weights of the first and third input, then so those of the second and fourth; tiles of tileAVX2 vectors.
type packedWords []int16

// How many vectors of outputs the kernels' inner loops compute at once.
const (
	tileAVX512 = 6
	tileAVX2   = 4
)

// eachTile calls pack for each vector of outputs and each four inputs in the order in which a kernel reads them.
func eachTile(l *Layer, lanes, tileVectors int, pack func(firstOutput, firstInput int)) {
	vectors := l.PaddedOutputs() / lanes
	for tile := 0; tile < vectors; tile += tileVectors {
		for i := 0; i < l.PaddedInputs(); i += inputGroup {
			for v := tile; v < min(tile+tileVectors, vectors); v++ {
				pack(v*lanes, i)
			}
		}
	}
}

func packBytes(l *Layer) packedLayer {
	var packed packedBytes
	const lanes = 16
	eachTile(l, lanes, tileAVX512, func(output, input int) {
		for o := range lanes {
			for i := range inputGroup {
				packed = append(packed, l.weight(output+o, input+i))
			}
		}
	})
	return packed
}

func packWords(l *Layer) packedLayer {
	var packed packedWords
	const lanes = 8
	eachTile(l, lanes, tileAVX2, func(output, input int) {
		for first := range 2 {
			for o := range lanes {
				packed = append(packed, int16(l.weight(output+o, input+first)), int16(l.weight(output+o, input+first+2)))
			}
		}
	})
	return packed
}

func (p packedBytes) activate(l *Layer, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows == 1 && !l.Dense {
		layerBytesRowAVX512(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], l.PaddedInputs()/inputGroup, l.PaddedOutputs()/16)
		return
	}
	layerBytesAVX512(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], rows, toStride, xStride,
		l.PaddedInputs()/inputGroup, l.PaddedOutputs()/16)
}

func (p packedBytes) finish(l *Layer, rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows == 1 && !l.Dense {
		layerRowAVX512(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], l.PaddedInputs()/inputGroup, l.PaddedOutputs()/16)
		return
	}
	layerAVX512(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], rows, 4*toStride, xStride,
		l.PaddedInputs()/inputGroup, l.PaddedOutputs()/16)
}

func (p packedWords) activate(l *Layer, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows == 1 && !l.Dense {
		layerBytesRowAVX2(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], l.PaddedInputs()/inputGroup, l.PaddedOutputs()/8)
		return
	}
	layerBytesAVX2(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], rows, toStride, xStride,
		l.PaddedInputs()/inputGroup, l.PaddedOutputs()/8)
}

func (p packedWords) finish(l *Layer, rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows == 1 && !l.Dense {
		layerRowAVX2(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], l.PaddedInputs()/inputGroup, l.PaddedOutputs()/8)
		return
	}
	layerAVX2(&to[0], &x[0], &p[0], &l.bias[0], &l.shift[0], rows, 4*toStride, xStride,
		l.PaddedInputs()/inputGroup, l.PaddedOutputs()/8)
}
