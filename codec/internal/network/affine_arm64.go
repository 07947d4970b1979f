package network

// packedTiles is a layer for vector kernels, which compute a row at a time. 128 is added to each weight, so that it is a byte without a
// sign. They stand in the order in which the kernels read them: tile by tile of up to tileNEON vectors of lanesNEON outputs, in each of them
// some inputs after the others, and for these output after output.
type packedTiles struct {
	weights        []uint8
	fours, vectors int // of inputs, and of outputs

	bytes func(to, x, weights *uint8, bias, shift *int32, fours, vectors int)
	ints  func(to *int32, x, weights *uint8, bias, shift *int32, fours, vectors int)
}

// How many vectors of outputs the kernels' inner loops compute at once, and how many outputs one is.
const (
	tileNEON  = 4
	lanesNEON = 16
)

// packTiles packs the weights for kernels that take so many inputs at once.
func packTiles(l *affine, inputs int) *packedTiles {
	p := &packedTiles{fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanesNEON}
	for tile := 0; tile < l.PaddedOutputs(); tile += tileNEON * lanesNEON {
		for first := 0; first < l.PaddedInputs(); first += inputs {
			for o := tile; o < min(tile+tileNEON*lanesNEON, l.PaddedOutputs()); o++ {
				for i := range inputs {
					p.weights = append(p.weights, uint8(int(l.weight(o, first+i))+128))
				}
			}
		}
	}
	return p
}

// packFours packs the weights for dot products of four bytes.
func packFours(l *affine) packedWeights {
	p := packTiles(l, 4)
	p.bytes, p.ints = layerBytesDot, layerDot
	return p
}

// packTwos packs them for products of bytes, of which two are added.
func packTwos(l *affine) packedWeights {
	p := packTiles(l, 2)
	p.bytes, p.ints = layerBytesNEON, layerNEON
	return p
}

func (p *packedTiles) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	for r := range rows {
		p.bytes(&to[r*toStride], &x[r*xStride], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}

func (p *packedTiles) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	for r := range rows {
		p.ints(&to[r*toStride], &x[r*xStride], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}
