package kernel

import "sync"

// Layer is one layer of the language model: for each row, out = floor((bias + sum weight*x) / 2^shift), with inputs x
// of 0..255, computed over int32. It is safe for concurrent use.
//
// Rows stand stride elements apart. Vector kernels read and write a few elements more than a row has: rows of inputs
// are at least PaddedInputs long, whatever stands behind the inputs, and rows of outputs at least PaddedOutputs.
type Layer struct {
	inputs, outputs int
	weights         []int8 // [output][input]
	bias            []int32
	shift           []int32 // bias and shift are padded
	packed          packedLayer
}

// packedLayer computes a layer with its weights in the order that a path needs.
type packedLayer interface {
	// activate limits the outputs to 0..255.
	activate(l *Layer, rows int, x []uint8, xStride int, to []uint8, toStride int)
	finish(l *Layer, rows int, x []uint8, xStride int, to []int32, toStride int)
}

// Granularity of rows in memory: what the widest vectors take at once.
const (
	inputGroup  = 4
	outputGroup = 16
)

// NewLayer makes a layer of its weights [output][input], and a bias and a shift (0..31) for each output. It stays on
// the path that is in use now.
func NewLayer(inputs, outputs int, weights []int8, bias []int32, shift []uint8) *Layer {
	return newLayer(active.packLayer, inputs, outputs, weights, bias, shift)
}

// NewLayerOn makes a layer on another path than the one in use. The error says why the path cannot be used.
func NewLayerOn(p Path, inputs, outputs int, weights []int8, bias []int32, shift []uint8) (*Layer, error) {
	for _, s := range survey {
		if s.Path == p && s.Err != nil {
			return nil, s.Err
		}
	}
	v, _ := machineKernels(p)
	return newLayer(v.packLayer, inputs, outputs, weights, bias, shift), nil
}

func newLayer(pack func(*Layer) packedLayer, inputs, outputs int, weights []int8, bias []int32, shift []uint8) *Layer {
	l := &Layer{inputs: inputs, outputs: outputs, weights: weights}
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
func (l *Layer) Inputs() int { return l.inputs }

// Outputs is the number of values that the layer computes for a row.
func (l *Layer) Outputs() int { return l.outputs }

// PaddedInputs is the least length of a row of inputs in memory.
func (l *Layer) PaddedInputs() int { return roundUp(l.inputs, inputGroup) }

// PaddedOutputs is the least length of a row of outputs in memory.
func (l *Layer) PaddedOutputs() int { return roundUp(l.outputs, outputGroup) }

func roundUp(n, group int) int { return (n + group - 1) / group * group }

// Activate computes a hidden layer: its outputs are limited to 0..255.
func (l *Layer) Activate(rows int, x []uint8, xStride int, to []uint8, toStride int) {
	if rows > 0 {
		l.checkRows(rows, len(x), xStride, len(to), toStride)
		l.packed.activate(l, rows, x, xStride, to, toStride)
	}
}

// Finish computes the last layer: its outputs are not limited.
func (l *Layer) Finish(rows int, x []uint8, xStride int, to []int32, toStride int) {
	if rows > 0 {
		l.checkRows(rows, len(x), xStride, len(to), toStride)
		l.packed.finish(l, rows, x, xStride, to, toStride)
	}
}

// checkRows panics if the rows do not fit: vector kernels do not check.
func (l *Layer) checkRows(rows, x, xStride, to, toStride int) {
	if xStride < 0 || toStride < 0 || x < (rows-1)*xStride+l.PaddedInputs() || to < (rows-1)*toStride+l.PaddedOutputs() {
		panic("kernel: a layer's rows are too short")
	}
}

// weight returns a weight, or 0 in the padding.
func (l *Layer) weight(output, input int) int8 {
	if output >= l.outputs || input >= l.inputs {
		return 0
	}
	return l.weights[output*l.inputs+input]
}

// wordsAtOnce is how many 64-bit words the inner loop of plain Go works with, each holding the sums of two outputs.
const wordsAtOnce = 4

// packedPairs is the layer in plain Go. Its weights are, for every 2*wordsAtOnce outputs, input after input,
// wordsAtOnce words of two weights each, the second one in the upper half.
type packedPairs struct {
	weights []int64
	lists   sync.Pool // of []term, one for each row that is being computed
}

func packPairs(l *Layer) packedLayer {
	groups := roundUp(l.outputs, 2*wordsAtOnce) / (2 * wordsAtOnce)
	packed := make([]int64, 0, groups*l.inputs*wordsAtOnce)
	for g := range groups {
		for i := range l.inputs {
			for k := range wordsAtOnce {
				o := (g*wordsAtOnce + k) * 2
				packed = append(packed, int64(l.weight(o, i))+int64(l.weight(o+1, i))<<32)
			}
		}
	}
	p := &packedPairs{weights: packed}
	p.lists.New = func() any {
		list := make([]term, l.inputs+1)
		return &list
	}
	return p
}

// term is an input that is not zero.
type term struct {
	at    int // of its weights in a group
	value int64
}

// listTerms lists the inputs that are not zero: about half of a trained network's. The list has room for all inputs
// and one more.
func listTerms(x []uint8, list []term) []term {
	n := 0
	for i, v := range x {
		list[n] = term{i * wordsAtOnce, int64(v)}
		if v != 0 {
			n++
		}
	}
	return list[:n]
}

// sums computes the sums of the products of 2*wordsAtOnce outputs. One 64-bit multiplication makes two products: the
// sums of the lower halves stay within int32, so that they can be taken off the upper ones in the end.
func sums(group []int64, terms []term) (s [2 * wordsAtOnce]int32) {
	var s0, s1, s2, s3 int64
	for _, t := range terms {
		w := (*[wordsAtOnce]int64)(group[t.at:])
		s0 += w[0] * t.value
		s1 += w[1] * t.value
		s2 += w[2] * t.value
		s3 += w[3] * t.value
	}
	for k, v := range [wordsAtOnce]int64{s0, s1, s2, s3} {
		low := int32(v)
		s[2*k], s[2*k+1] = low, int32((v-int64(low))>>32)
	}
	return s
}

// each calls store with the outputs of every row, before they are limited.
func (p *packedPairs) each(l *Layer, rows int, x []uint8, xStride int, store func(row, output int, v int32)) {
	list := p.lists.Get().(*[]term)
	defer p.lists.Put(list)
	groupSize := l.inputs * wordsAtOnce
	for r := range rows {
		terms := listTerms(x[r*xStride:][:l.inputs], *list)
		for o := 0; o < l.outputs; o += 2 * wordsAtOnce {
			s := sums(p.weights[o/(2*wordsAtOnce)*groupSize:][:groupSize], terms)
			for k := range min(len(s), l.outputs-o) {
				store(r, o+k, (s[k]+l.bias[o+k])>>l.shift[o+k])
			}
		}
	}
}

func (p *packedPairs) activate(l *Layer, rows int, x []uint8, xStride int, to []uint8, toStride int) {
	p.each(l, rows, x, xStride, func(row, output int, v int32) {
		to[row*toStride+output] = uint8(max(0, min(255, v)))
	})
}

func (p *packedPairs) finish(l *Layer, rows int, x []uint8, xStride int, to []int32, toStride int) {
	p.each(l, rows, x, xStride, func(row, output int, v int32) {
		to[row*toStride+output] = v
	})
}
