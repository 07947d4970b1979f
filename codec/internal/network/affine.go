package network

import (
	"sync"

	"trilobyte/codec/internal/simd"
)

// affine is one layer of the network as it is computed: for each row, out = floor((bias + sum weight*x) / 2^shift), with inputs x
// of 0..255, computed over int32. It is safe for concurrent use.
//
// Rows stand stride elements apart. Vector kernels read and write a few elements more than a row has: rows of inputs
// are at least PaddedInputs long, whatever stands behind the inputs, and rows of outputs at least PaddedOutputs.
type affine struct {
	// Dense says that hardly any input is 0. Else inputs that are 0 save time, but the weights of a row alone are fetched only when
	// it is known which.
	Dense bool

	inputs, outputs             int
	paddedInputs, paddedOutputs int
	weights                     []int8 // [output][input]
	bias                        []int32
	shift                       []int32 // bias and shift are padded
	packed                      packedWeights
}

// packedWeights computes a layer with its weights in the order that a path needs.
type packedWeights interface {
	// activate limits the outputs to 0..255.
	activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int)
	finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int)
}

// Granularity of rows in memory: what kernels take at once.
const (
	inputGroup  = 4
	outputGroup = 32
)

// newAffine makes a layer of its weights [output][input], and a bias and a shift (0..31) for each output. It stays on
// the path that is in use now.
func newAffine(inputs, outputs int, weights []int8, bias []int32, shift []uint8) *affine {
	return packAffine(active.pack, inputs, outputs, weights, bias, shift)
}

// newAffineOn makes a layer on another path than the one in use. The error says why the path cannot be used.
func newAffineOn(p simd.Path, inputs, outputs int, weights []int8, bias []int32, shift []uint8) (*affine, error) {
	for _, s := range simd.Survey() {
		if s.Path == p && s.Err != nil {
			return nil, s.Err
		}
	}
	return packAffine(kernelsOf(p).pack, inputs, outputs, weights, bias, shift), nil
}

func packAffine(pack func(*affine) packedWeights, inputs, outputs int, weights []int8, bias []int32, shift []uint8) *affine {
	if inputs > maxInputs {
		panic("kernel: a layer of more than 1024 inputs")
	}
	l := &affine{
		inputs: inputs, outputs: outputs, weights: weights,
		paddedInputs: simd.RoundUp(inputs, inputGroup), paddedOutputs: simd.RoundUp(outputs, outputGroup),
	}
	l.bias, l.shift = make([]int32, l.PaddedOutputs()), make([]int32, l.PaddedOutputs())
	copy(l.bias, bias[:outputs])
	for o, s := range shift[:outputs] {
		l.shift[o] = int32(s)
	}
	if pack == nil {
		pack = packPairs
	}
	l.packed = pack(l)
	return l
}

// Inputs and Outputs are the layer's widths.
func (l *affine) Inputs() int { return l.inputs }

// Outputs is the number of values that the layer computes for a row.
func (l *affine) Outputs() int { return l.outputs }

// PaddedInputs is the least length of a row of inputs in memory.
func (l *affine) PaddedInputs() int { return l.paddedInputs }

// PaddedOutputs is the least length of a row of outputs in memory.
func (l *affine) PaddedOutputs() int { return l.paddedOutputs }

// Activate computes a hidden layer: its outputs are limited to 0..255.
func (l *affine) Activate(rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows > 0 {
		l.checkRows(rows, len(x), xStride, len(to), toStride)
		l.packed.activate(l, rows, x, xStride, to, toStride)
	}
}

// Finish computes the last layer: its outputs are not limited.
func (l *affine) Finish(rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows > 0 {
		l.checkRows(rows, len(x), xStride, len(to), toStride)
		l.packed.finish(l, rows, x, xStride, to, toStride)
	}
}

// checkRows panics if the rows do not fit: vector kernels do not check.
func (l *affine) checkRows(rows, x, xStride, to, toStride int) {
	if xStride < 0 || toStride < 0 || x < (rows-1)*xStride+l.PaddedInputs() || to < (rows-1)*toStride+l.PaddedOutputs() {
		panic("kernel: a layer's rows are too short")
	}
}

// weight returns a weight, or 0 in the padding.
func (l *affine) weight(output, input int) int8 {
	if output >= l.outputs || input >= l.inputs {
		return 0
	}
	return l.weights[output*l.inputs+input]
}

// pairsAtOnce is how many pairs of outputs the inner loop of plain Go works with: with more, the compiler runs out of
// registers.
const pairsAtOnce = 6

// packedPairs is the layer in plain Go. A float64 holds two weights, the second one times 2^26, so that one
// multiplication makes two products: sums of at most maxInputs products stay below 2^25 each, so that both together are
// exact and can be told apart. The weights are, for every pairsAtOnce pairs of outputs, input after input.
type packedPairs struct {
	weights [][pairsAtOnce]float64
	work    sync.Pool // of *pairsWork, one for each row that is being computed
}

// pairsWork is what is known of a row: the inputs that are not zero, and the sums of all groups of outputs.
type pairsWork struct {
	terms []term
	sums  []int32
}

const (
	pairBits  = 26
	maxInputs = 1024
)

func packPairs(l *affine) packedWeights {
	p := &packedPairs{}
	for o := 0; o < l.outputs; o += 2 * pairsAtOnce {
		for i := range l.inputs {
			var words [pairsAtOnce]float64
			for k := range words {
				words[k] = float64(int(l.weight(o+2*k, i)) + int(l.weight(o+2*k+1, i))<<pairBits)
			}
			p.weights = append(p.weights, words)
		}
	}
	p.work.New = func() any {
		return &pairsWork{
			terms: make([]term, l.inputs+1),
			sums:  make([]int32, simd.RoundUp(l.outputs, 2*pairsAtOnce)),
		}
	}
	return p
}

// term is an input that is not zero.
type term struct {
	input int
	value float64
}

// listTerms lists the inputs that are not zero: few of a trained network's. The list has room for all inputs
// and one more.
func listTerms(x []uint8, list []term) []term {
	n := 0
	for i, v := range x {
		list[n] = term{i, float64(v)}
		if v != 0 {
			n++
		}
	}
	return list[:n]
}

// sumPairs computes the sums of the products of a group of outputs.
func sumPairs(weights [][pairsAtOnce]float64, terms []term, to *[2 * pairsAtOnce]int32) {
	var s0, s1, s2, s3, s4, s5 float64
	for _, t := range terms {
		w := &weights[t.input]
		s0 += w[0] * t.value // exact, and so the same with or without fusing
		s1 += w[1] * t.value
		s2 += w[2] * t.value
		s3 += w[3] * t.value
		s4 += w[4] * t.value
		s5 += w[5] * t.value
	}
	for k, v := range [pairsAtOnce]float64{s0, s1, s2, s3, s4, s5} {
		both := int64(v)
		low := both << (64 - pairBits) >> (64 - pairBits)
		to[2*k], to[2*k+1] = int32(low), int32((both-low)>>pairBits)
	}
}

// outputs computes the outputs of a row, before they are limited.
func (p *packedPairs) outputs(l *affine, x []uint8, w *pairsWork) []int32 {
	terms := listTerms(x[:l.inputs], w.terms)
	weights := p.weights
	for o := 0; o < l.outputs; o += 2 * pairsAtOnce {
		sumPairs(weights[:l.inputs], terms, (*[2 * pairsAtOnce]int32)(w.sums[o:]))
		weights = weights[l.inputs:]
	}
	outputs := w.sums[:l.outputs]
	bias, shift := l.bias[:len(outputs)], l.shift[:len(outputs)]
	for o, s := range outputs {
		outputs[o] = (s + bias[o]) >> (shift[o] & 31)
	}
	return outputs
}

func (p *packedPairs) activate(l *affine, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	w := p.work.Get().(*pairsWork)
	defer p.work.Put(w)
	for r := range rows {
		row := to[r*toStride:][:l.outputs]
		for o, v := range p.outputs(l, x[r*xStride:], w) {
			row[o] = uint8(max(0, min(255, v)))
		}
	}
}

func (p *packedPairs) finish(l *affine, rows int, x []uint8, xStride int, to []int32, toStride int) {
	w := p.work.Get().(*pairsWork)
	defer p.work.Put(w)
	for r := range rows {
		copy(to[r*toStride:], p.outputs(l, x[r*xStride:], w))
	}
}
