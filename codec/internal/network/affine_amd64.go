package network

import (
	"encoding/binary"
	"slices"
)

// vectorWeights are a layer's weights for vector kernels: for each vector of outputs and each four inputs, output after output, four bytes;
// what belongs to a tile of up to so many vectors of outputs stands together.
type vectorWeights struct {
	weights        []int8
	fours, vectors int // of inputs, and of outputs
}

// packTiles packs weights for tiles of so many vectors of so many outputs.
func packTiles(l *affine, lanes, tileVectors int, weight func(output, input int) int8) vectorWeights {
	w := vectorWeights{fours: l.PaddedInputs() / inputGroup, vectors: l.PaddedOutputs() / lanes}
	for tile := 0; tile < w.vectors; tile += tileVectors {
		for four := range w.fours {
			for v := tile; v < min(tile+tileVectors, w.vectors); v++ {
				w.weights = appendFour(w.weights, v*lanes, lanes, four, weight)
			}
		}
	}
	return w
}

// appendFour appends the weights of a vector of outputs and four inputs.
func appendFour(to []int8, firstOutput, outputs, four int, weight func(output, input int) int8) []int8 {
	for o := range outputs {
		for i := range inputGroup {
			to = append(to, weight(firstOutput+o, four*inputGroup+i))
		}
	}
	return to
}

// layerVNNI is a layer for AVX-512, which has a dot product of bytes that does not saturate.
type layerVNNI struct{ vectorWeights }

func packAVX512(l *affine) packedWeights {
	const tileVectors = 6 // as in the kernel
	return layerVNNI{packTiles(l, 16, tileVectors, l.weight)}
}

func (p layerVNNI) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows == 1 && !l.Dense {
		layerBytesRowAVX512(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	layerBytesAVX512(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], rows, toStride, xStride, p.fours, p.vectors)
}

func (p layerVNNI) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows == 1 && !l.Dense {
		layerRowAVX512(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	layerAVX512(&to[0], &x[0], &p.weights[0], &l.bias[0], &l.shift[0], rows, 4*toStride, xStride, p.fours, p.vectors)
}

// layerPairs is a layer for AVX2, whose sums of two products saturate at 16 bits: see mainWeight. What is left of the weights, in a trained
// network a twentieth, stands in rest: for each vector of outputs how many times four inputs there is something left of, and for each of
// these which four (both 32 bits, little-endian) and the weights.
type layerPairs struct {
	vectorWeights
	rest []int8
}

func packAVX2(l *affine) packedWeights {
	const lanes, tileVectors = 8, outputGroup / 8 // as in the kernel
	p := layerPairs{vectorWeights: packTiles(l, lanes, tileVectors, l.mainWeight)}
	restOf := func(output, input int) int8 { return l.weight(output, input) - l.mainWeight(output, input) }
	for v := range p.vectors {
		count := len(p.rest)
		p.rest = append(p.rest, 0, 0, 0, 0)
		fours := 0
		for four := range p.fours {
			weights := appendFour(nil, v*lanes, lanes, four, restOf)
			if slices.ContainsFunc(weights, func(w int8) bool { return w != 0 }) {
				p.rest = append(appendInt32(p.rest, four), weights...)
				fours++
			}
		}
		copy(p.rest[count:], appendInt32(nil, fours))
	}
	return p
}

// mainWeight returns a weight, or 0 if with its neighbour it could saturate and is the first of both: inputs of up to 255 times weights
// of one sign, of 128 at most together, stay within 16 bits.
func (l *affine) mainWeight(output, input int) int8 {
	w := l.weight(output, input)
	if input%2 == 0 {
		next := l.weight(output, input+1)
		if both := int(w) + int(next); w < 0 == (next < 0) && max(both, -both) > 128 {
			return 0
		}
	}
	return w
}

func appendInt32(to []int8, v int) []int8 {
	for _, b := range binary.LittleEndian.AppendUint32(nil, uint32(v)) {
		to = append(to, int8(b))
	}
	return to
}

func (p layerPairs) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows == 1 && !l.Dense {
		layerBytesRowAVX2(&to[0], &x[0], &p.weights[0], &p.rest[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	layerBytesAVX2(&to[0], &x[0], &p.weights[0], &p.rest[0], &l.bias[0], &l.shift[0], rows, toStride, xStride, p.fours, p.vectors)
}

func (p layerPairs) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows == 1 && !l.Dense {
		layerRowAVX2(&to[0], &x[0], &p.weights[0], &p.rest[0], &l.bias[0], &l.shift[0], p.fours, p.vectors)
		return
	}
	layerAVX2(&to[0], &x[0], &p.weights[0], &p.rest[0], &l.bias[0], &l.shift[0], rows, 4*toStride, xStride, p.fours, p.vectors)
}
