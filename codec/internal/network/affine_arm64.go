package network

import "slices"

// packedTiles is a layer for vector kernels, which compute a row at a time. The weights stand in the order in which the kernels read them: tile by tile of up to tileNEON vectors of lanesNEON outputs, in each of them
// some inputs after the others, and for these output after output.
type packedTiles struct {
	weights        []uint8
	bias           []int32
	fours, vectors int // of inputs, and of outputs

	bytes func(to, x, weights *uint8, bias, shift *int32, fours, vectors int)
	ints  func(to *int32, x, weights *uint8, bias, shift *int32, fours, vectors int)
}

// How many vectors of outputs the kernels' inner loops compute at once, and how many outputs one is.
const (
	tileNEON  = 4
	lanesNEON = 16
)

// packTiles packs the weights for kernels that take so many inputs at once, after something is added to each.
func packTiles(l *affine, inputs, more int) *packedTiles {
	p := &packedTiles{bias: l.bias, fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanesNEON}
	for tile := 0; tile < l.PaddedOutputs(); tile += tileNEON * lanesNEON {
		for first := 0; first < l.PaddedInputs(); first += inputs {
			for o := tile; o < min(tile+tileNEON*lanesNEON, l.PaddedOutputs()); o++ {
				for i := range inputs {
					p.weights = append(p.weights, uint8(int(l.weight(o, first+i))+more))
				}
			}
		}
	}
	return p
}

// unsigned is what makes a weight a byte without a sign.
const unsigned = 128

// packFours packs the weights for dot products of four bytes.
func packFours(l *affine) packedWeights {
	p := packTiles(l, 4, unsigned)
	p.bytes, p.ints = layerBytesDot, layerDot
	return p
}

// packedTwos is a layer for products of bytes, of which two are added.
type packedTwos struct {
	*packedTiles
	dense *packedTiles // with signs: for a hidden layer of whose inputs hardly any is 0
}

func packTwos(l *affine) packedWeights {
	p := packedTwos{packTiles(l, 2, unsigned), packTiles(l, 2, 0)}
	p.bytes, p.ints, p.dense.bytes = layerBytesNEON, layerNEON, layerBytesDenseNEON
	// Of four inputs, the kernel takes 128 off the first two and 127 off the others.
	p.dense.bias = slices.Clone(l.bias)
	for o := range p.dense.bias {
		for i := range l.inputs {
			p.dense.bias[o] += int32(l.weight(o, i)) * int32(128-i%4/2)
		}
	}
	return p
}

func (p packedTwos) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if l.Dense {
		p.dense.activate(l, rows, x, xStride, to, toStride)
		return
	}
	p.packedTiles.activate(l, rows, x, xStride, to, toStride)
}

func (p *packedTiles) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	for r := range rows {
		p.bytes(&to[r*toStride], &x[r*xStride], &p.weights[0], &p.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}

func (p *packedTiles) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	for r := range rows {
		p.ints(&to[r*toStride], &x[r*xStride], &p.weights[0], &p.bias[0], &l.shift[0], p.fours, p.vectors)
	}
}
