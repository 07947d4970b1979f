package network

// packedTiles is a layer for vector kernels, which compute a row at a time. Its weights stand in the order in which the kernels read them:
// for each tile of up to tileNEON vectors of 16 outputs, within it input after input, or four inputs after four.
type packedTiles[W uint8 | int16] struct {
	weights        []W
	fours, vectors int // of inputs, and of outputs

	bytes func(to, x *uint8, weights *W, bias, shift *int32, fours, vectors int)
	ints  func(to *int32, x *uint8, weights *W, bias, shift *int32, fours, vectors int)
}

// How many vectors of outputs the kernels' inner loops compute at once, and how many outputs one is.
const (
	tileNEON  = 4
	lanesNEON = 16
)

// packTiles calls pack for the outputs of each tile and each group of inputs.
func packTiles(l *affine, inputs int, pack func(firstOutput, outputs, firstInput int)) {
	for tile := 0; tile < l.PaddedOutputs(); tile += tileNEON * lanesNEON {
		for i := 0; i < l.PaddedInputs(); i += inputs {
			pack(tile, min(tileNEON*lanesNEON, l.PaddedOutputs()-tile), i)
		}
	}
}

// packDots packs the weights for dot products of four bytes without a sign: 128 is added to each.
func packDots(l *affine) packedWeights {
	packed := &packedTiles[uint8]{
		fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanesNEON, bytes: layerBytesDot, ints: layerDot,
	}
	packTiles(l, inputGroup, func(output, outputs, input int) {
		for o := range outputs {
			for i := range inputGroup {
				packed.weights = append(packed.weights, uint8(int(l.weight(output+o, input+i))+128))
			}
		}
	})
	return packed
}

// packInputs packs the weights for products of words, input after input.
func packInputs(l *affine) packedWeights {
	packed := &packedTiles[int16]{
		fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanesNEON, bytes: layerBytesNEON, ints: layerNEON,
	}
	packTiles(l, 1, func(output, outputs, input int) {
		for o := range outputs {
			packed.weights = append(packed.weights, int16(l.weight(output+o, input)))
		}
	})
	return packed
}

func (p *packedTiles[W]) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	for r := range rows {
		p.bytes(&to[r*toStride], &x[r*xStride], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}

func (p *packedTiles[W]) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	for r := range rows {
		p.ints(&to[r*toStride], &x[r*xStride], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}
