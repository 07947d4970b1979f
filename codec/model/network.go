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

	"trilobyte/codec/feature"
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
	packed          []int64 // see pack
}

// Model is a network that has passed its checks. It is safe for concurrent use.
type Model struct {
	id     [32]byte
	file   []byte
	layers []layer
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
		layers[i].pack()
	}
	return &Model{id: sha256.Sum256(file), file: file, layers: layers}, nil
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
	var a, b [maxWidth]uint8
	var sums [maxWidth]int32
	for i := range outputs {
		x := features[i*feature.Count : (i+1)*feature.Count]
		to, next := a[:], b[:]
		for k := range m.layers {
			l := &m.layers[k]
			l.sums(x, sums[:])
			if k == len(m.layers)-1 {
				for o, s := range l.shift {
					outputs[i][o] = sums[o] >> s
				}
				break
			}
			for o, s := range l.shift {
				to[o] = uint8(max(0, min(activationLimit, sums[o]>>s)))
			}
			x = to[:l.outputs]
			to, next = next, to
		}
	}
}

// pairs is how many outputs the inner loop of sums computes at once, two to a 64-bit word.
const pairs = 4

// pack lays the weights out for sums: for every 2*pairs outputs, input after input, pairs words of two weights each,
// the second one in the upper half. Missing outputs have zero weights.
func (l *layer) pack() {
	groups := (l.outputs + 2*pairs - 1) / (2 * pairs)
	l.packed = make([]int64, groups*l.inputs*pairs)
	for o := range l.outputs {
		group, within := o/(2*pairs), o%(2*pairs)
		for i := range l.inputs {
			w := int64(l.weights[o*l.inputs+i])
			l.packed[(group*l.inputs+i)*pairs+within/2] += w << (32 * (within % 2))
		}
	}
}

// sums computes bias + weights*x for all outputs. One 64-bit multiplication makes two products: the sums of the lower
// halves stay within int32, so that they can be taken off the upper ones in the end.
func (l *layer) sums(x []uint8, to []int32) {
	packed := l.packed
	for o := 0; o < l.outputs; o += 2 * pairs {
		var s0, s1, s2, s3 int64
		group := packed[:len(x)*pairs]
		packed = packed[len(x)*pairs:]
		for i, v := range x {
			w := (*[pairs]int64)(group[i*pairs:])
			a := int64(v)
			s0 += w[0] * a
			s1 += w[1] * a
			s2 += w[2] * a
			s3 += w[3] * a
		}
		for k, s := range [pairs]int64{s0, s1, s2, s3} {
			low := int32(s)
			high := int32((s - int64(low)) >> 32)
			at := o + 2*k
			if at < l.outputs {
				to[at] = low + l.bias[at]
			}
			if at+1 < l.outputs {
				to[at+1] = high + l.bias[at+1]
			}
		}
	}
}
