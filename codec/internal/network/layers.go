package network

// Layer is a layer of the network as its file tells it, for backends that compute it themselves: out = (bias + sum weight*x) >> shift, limited
// to 0..255 but in the last layer. It must not be changed.
type Layer struct {
	Inputs, Outputs int
	Weights         []int8 // [output][input]
	Bias            []int32
	Shift           []uint8
}

func (l *layer) public() Layer { return Layer{l.inputs, l.outputs, l.weights, l.bias, l.shift} }

// Layers returns the layers of the model, from the features to the outputs.
func (m *Model) Layers() []Layer {
	list := make([]Layer, len(m.layers))
	for i := range m.layers {
		list[i] = m.layers[i].public()
	}
	return list
}

// Observer returns the layer that watches the features for the memory, and the rates of the memory's averages; ok is false if the model has
// no memory.
func (m *Model) Observer() (observer Layer, rates []uint8, ok bool) {
	if m.observer == nil {
		return Layer{}, nil, false
	}
	return m.observer.public(), m.rates, true
}
