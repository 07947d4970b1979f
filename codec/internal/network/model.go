// Package network is the language model: a small integer network that turns the features of a sample, and what it remembers
// of the samples before, into the parameters of the sample's probability distribution.
//
// The network is defined over int32: out = clip(floor((bias + sum weight*x) / 2^shift), 0, 255) for hidden layers, the
// same without the clip for the last. |bias| + 255*sum|weight| stays below 2^24, so that an implementation in float32
// is exact too. (Ballé, Johnston, Minnen: Integer networks for data compression with latent-variable models, ICLR 2019.)
package network

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
)

// Outputs is what the model gives for one sample: the parameters of a mixture.Distribution.
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
}

// Model is a network that has passed its checks. It is safe for concurrent use.
type Model struct {
	id          [32]byte
	file        []byte
	layers      []layer
	observer    *layer  // nil if the model has no memory
	rates       []uint8 // of the memory's averages
	description *Description
	builtIn     Runner
	watching    *affine            // the observer
	answer      func() knownAnswer // made once, when it is first needed
}

// ID is the SHA-256 of the model's file. Archives name the model that they need by it.
func (m *Model) ID() [32]byte { return m.id }

// File is the model's file, an ONNX graph.
func (m *Model) File() []byte { return m.file }

// Description says which predictors and features the network was trained for.
func (m *Model) Description() *Description { return m.description }

// MultiplyAdds is the number of multiplications that the network alone takes for a sample.
func (m *Model) MultiplyAdds() int {
	n := 0
	if m.observer != nil {
		n = m.observer.inputs * m.observer.outputs
	}
	for _, l := range m.layers {
		n += l.inputs * l.outputs
	}
	return n
}

// Inputs is the length of the network's rows in bytes: feature.Count, and one for each average of the memory.
func (m *Model) Inputs() int { return m.layers[0].inputs }

// Load reads a model from its file. It refuses one whose sums could leave the range in which all implementations
// agree, and one for other features or outputs than this program's.
func Load(file []byte) (*Model, error) {
	g, err := parseGraph(file)
	if err != nil {
		return nil, fmt.Errorf("model: the file is damaged or made by a newer version: %w", err)
	}
	m := &Model{id: sha256.Sum256(file), file: file, layers: g.layers, observer: g.observer, rates: g.rates}
	if m.description, err = ParseDescription([]byte(g.description)); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if n := m.MultiplyAdds() + m.description.Predictors.MultiplyAdds(); n > maxMultiplyAdds {
		return nil, fmt.Errorf("model: it takes %d multiplications a sample, more than %d", n, maxMultiplyAdds)
	}
	if n := m.Inputs() - len(m.rates); n != feature.Count {
		return nil, fmt.Errorf("model: it reads %d features, this program gives %d", n, feature.Count)
	}
	if n := m.layers[len(m.layers)-1].outputs; n != mixture.Outputs {
		return nil, fmt.Errorf("model: it gives %d outputs, this program needs %d", n, mixture.Outputs)
	}
	for i := range m.layers {
		if err := m.layers[i].check(); err != nil {
			return nil, fmt.Errorf("model: layer %d: %w", i+1, err)
		}
	}
	if o := m.observer; o != nil {
		if err := o.check(); err != nil {
			return nil, fmt.Errorf("model: the observer: %w", err)
		}
		m.watching = o.affine()
		m.watching.Dense = true // features are
	}
	m.builtIn = newBuiltIn(m.layers)
	m.answer = sync.OnceValue(m.newKnownAnswer)
	return m, nil
}

// kernel returns the layer on the processor's path in use.
func (l *layer) affine() *affine {
	return newAffine(l.inputs, l.outputs, l.weights, l.bias, l.shift)
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

// Define computes the outputs of len(outputs) rows of m.Inputs() bytes, in the plainest way. It is the definition that every
// Runner must agree with, bit by bit, and slow.
func (m *Model) Define(inputs []uint8, outputs []Outputs) {
	var a, b [maxWidth]uint8
	for r := range outputs {
		x := inputs[r*m.Inputs():][:m.Inputs()]
		next, other := a[:], b[:]
		for k := range m.layers {
			l := &m.layers[k]
			for o := range l.outputs {
				sum := l.bias[o]
				for i, w := range l.weights[o*l.inputs:][:l.inputs] {
					sum += int32(w) * int32(x[i])
				}
				sum >>= l.shift[o]
				if k == len(m.layers)-1 {
					outputs[r][o] = sum
				} else {
					next[o] = uint8(max(0, min(activationLimit, sum)))
				}
			}
			x = next[:l.outputs]
			next, other = other, next
		}
	}
}
