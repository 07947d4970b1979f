// Package model is the language model: a small integer network that turns the features of a sample into the
// parameters of its probability distribution.
//
// The network is defined over int32: out = clip(floor((bias + sum weight*x) / 2^shift), 0, 255) for hidden layers, the
// same without the clip for the last. |bias| + 255*sum|weight| stays below 2^24, so that an implementation in float32
// is exact too. (Ballé, Johnston, Minnen: Integer networks for data compression with latent-variable models, ICLR 2019.)
package model

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"trilobyte/codec/feature"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
)

// Outputs is what the model gives for one sample: the parameters that mixture.Distribution reads.
type Outputs = [mixture.Outputs]int32

// accumulatorLimit bounds every partial sum of every neuron.
const accumulatorLimit = 1 << 24

const activationLimit = 255

// layer is one layer of the network.
type layer struct {
	inputs, outputs int
	weights         []int8 // [output][input]
	bias            []int32
	shift           []uint8
	kernel          *kernel.Layer
}

// Model is a network that has passed its checks. It is safe for concurrent use.
type Model struct {
	id     [32]byte
	file   []byte
	layers []layer

	inputStride, hiddenStride, outputStride int       // lengths of the rows of a workspace
	workspaces                              sync.Pool // of *workspace, one for each Run under way
}

// rowsAtOnce is how many samples go through a layer before the next one: enough to use weights that were loaded more
// than once, few enough to stay in the processor's cache.
const rowsAtOnce = 32

// workspace holds the inputs and results of layers for some rows.
type workspace struct {
	input, from, to []uint8
	output          []int32
}

// ID is the SHA-256 of the model's file. Archives name the model that they need by it.
func (m *Model) ID() [32]byte { return m.id }

// File is the model's file, an ONNX graph.
func (m *Model) File() []byte { return m.file }

// MultiplyAdds is the number of multiplications that the network takes for a sample.
func (m *Model) MultiplyAdds() int {
	n := 0
	for _, l := range m.layers {
		n += l.inputs * l.outputs
	}
	return n
}

// Load reads a model from its file. It refuses one whose sums could leave the range in which all implementations
// agree, and one for other features or outputs than this program's.
func Load(file []byte) (*Model, error) {
	layers, err := parseGraph(file)
	if err != nil {
		return nil, fmt.Errorf("model: the file is damaged or made by a newer version: %w", err)
	}
	if n := layers[0].inputs; n != feature.Count {
		return nil, fmt.Errorf("model: it reads %d features, this program gives %d", n, feature.Count)
	}
	if n := layers[len(layers)-1].outputs; n != mixture.Outputs {
		return nil, fmt.Errorf("model: it gives %d outputs, this program needs %d", n, mixture.Outputs)
	}
	for i := range layers {
		if err := layers[i].check(); err != nil {
			return nil, fmt.Errorf("model: layer %d: %w", i+1, err)
		}
		l := &layers[i]
		l.kernel = kernel.NewLayer(l.inputs, l.outputs, l.weights, l.bias, l.shift)
	}
	m := &Model{id: sha256.Sum256(file), file: file, layers: layers}
	m.prepare()
	return m, nil
}

// prepare sets the sizes of workspaces.
func (m *Model) prepare() {
	for i, l := range m.layers {
		if i == 0 {
			m.inputStride = l.kernel.PaddedInputs()
		} else {
			m.hiddenStride = max(m.hiddenStride, l.kernel.PaddedInputs())
		}
		if i == len(m.layers)-1 {
			m.outputStride = l.kernel.PaddedOutputs()
		} else {
			m.hiddenStride = max(m.hiddenStride, l.kernel.PaddedOutputs())
		}
	}
	m.workspaces.New = func() any {
		return &workspace{
			input:  make([]uint8, rowsAtOnce*m.inputStride),
			from:   make([]uint8, rowsAtOnce*m.hiddenStride),
			to:     make([]uint8, rowsAtOnce*m.hiddenStride),
			output: make([]int32, rowsAtOnce*m.outputStride),
		}
	}
}

// check makes sure that no sum can reach accumulatorLimit.
func (l *layer) check() error {
	for o := range l.outputs {
		sum := max(int64(l.bias[o]), -int64(l.bias[o]))
		for _, w := range l.weights[o*l.inputs : (o+1)*l.inputs] {
			sum += activationLimit * max(int64(w), -int64(w))
		}
		if sum >= accumulatorLimit {
			return fmt.Errorf("neuron %d could reach %d, beyond the exact range of float32", o, sum)
		}
	}
	return nil
}

// Run computes the outputs of len(outputs) samples, whose features stand one after the other, feature.Count bytes
// each.
func (m *Model) Run(features []uint8, outputs []Outputs) {
	w := m.workspaces.Get().(*workspace)
	defer m.workspaces.Put(w)
	for len(outputs) > 0 {
		rows := min(rowsAtOnce, len(outputs))
		for r := range rows {
			copy(w.input[r*m.inputStride:], features[r*feature.Count:][:feature.Count])
		}
		m.run(w, rows)
		for r := range rows {
			copy(outputs[r][:], w.output[r*m.outputStride:])
		}
		features, outputs = features[rows*feature.Count:], outputs[rows:]
	}
}

// run computes the outputs of some rows in a workspace.
func (m *Model) run(w *workspace, rows int) {
	x, stride := w.input, m.inputStride
	for i := range m.layers {
		l := m.layers[i].kernel
		if i == len(m.layers)-1 {
			l.Finish(rows, x, stride, w.output, m.outputStride)
			return
		}
		l.Activate(rows, x, stride, w.to, m.hiddenStride)
		x, stride = w.to, m.hiddenStride
		w.from, w.to = w.to, w.from
	}
}
