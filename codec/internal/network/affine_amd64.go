package network

// packedVectors is a layer for vector kernels. Its weights are, for the dot product of bytes, for each 16 outputs and each four
// inputs, output after output, four bytes; what belongs to a tile of up to tileAVX512 vectors of outputs stands together. For that
// of 16-bit words they are, for each 8 outputs and each four inputs, output after output, the weights of the first and third input,
// then so those of the second and fourth; tiles of tileAVX2 vectors.
type packedVectors[W int8 | int16] struct {
	weights        []W
	fours, vectors int // of inputs, and of outputs

	bytes    func(to, x *uint8, weights *W, bias, shift *int32, rows, toStride, xStride, fours, vectors int)
	ints     func(to *int32, x *uint8, weights *W, bias, shift *int32, rows, toStride, xStride, fours, vectors int)
	bytesRow func(to, x *uint8, weights *W, bias, shift *int32, fours, vectors int)
	intsRow  func(to *int32, x *uint8, weights *W, bias, shift *int32, fours, vectors int)
}

// How many vectors of outputs the kernels' inner loops compute at once.
const (
	tileAVX512 = 6
	tileAVX2   = 4
)

// eachTile calls pack for each vector of outputs and each four inputs in the order in which a kernel reads them.
func eachTile(l *affine, lanes, tileVectors int, pack func(firstOutput, firstInput int)) {
	vectors := l.PaddedOutputs() / lanes
	for tile := 0; tile < vectors; tile += tileVectors {
		for i := 0; i < l.PaddedInputs(); i += inputGroup {
			for v := tile; v < min(tile+tileVectors, vectors); v++ {
				pack(v*lanes, i)
			}
		}
	}
}

func packBytes(l *affine) packedWeights {
	const lanes = 16
	packed := &packedVectors[int8]{
		fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanes,
		bytes: layerBytesAVX512, ints: layerAVX512, bytesRow: layerBytesRowAVX512, intsRow: layerRowAVX512,
	}
	eachTile(l, lanes, tileAVX512, func(output, input int) {
		for o := range lanes {
			for i := range inputGroup {
				packed.weights = append(packed.weights, l.weight(output+o, input+i))
			}
		}
	})
	return packed
}

func packWords(l *affine) packedWeights {
	const lanes = 8
	packed := &packedVectors[int16]{
		fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanes,
		bytes: layerBytesAVX2, ints: layerAVX2, bytesRow: layerBytesRowAVX2, intsRow: layerRowAVX2,
	}
	eachTile(l, lanes, tileAVX2, func(output, input int) {
		for first := range 2 {
			for o := range lanes {
				packed.weights = append(packed.weights, int16(l.weight(output+o, input+first)), int16(l.weight(output+o, input+first+2)))
			}
		}
	})
	return packed
}

func (p *packedVectors[W]) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows == 1 && !l.Dense {
		p.bytesRow(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	p.bytes(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], rows, toStride, xStride, p.fours, p.vectors)
}

func (p *packedVectors[W]) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows == 1 && !l.Dense {
		p.intsRow(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	p.ints(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], rows, 4*toStride, xStride, p.fours, p.vectors)
}
