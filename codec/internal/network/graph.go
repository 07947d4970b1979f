package network

import (
	"errors"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// The limits of a network that Load accepts.
const (
	maxLayers = 8
	maxWidth  = 1024
	maxShift  = 24
	maxRate   = 15 // of the memory
)

// What the parts of a graph are called, and how many operations a layer is.
const (
	descriptionProperty = "trilobyte.description"
	memoryProperty      = "trilobyte.memory"
	graphFeatures       = "features"
	graphMemory         = "memory"
	graphOutput         = "outputs"
	graphUnits          = "units"
	operatorSet         = 13
	nodesPerLayer       = 6 // Cast, MatMul, Add, Mul, Floor, Clip
	nodesPerLastLayer   = 5 // the last layer is not clipped
)

// What else a file could hold (functions, subgraphs, data in other files) is refused, not passed over: the file is also
// given to ONNX Runtime as it is, which must not see more in it than parseGraph.
var errGraph = errors.New("it is not a graph of integer layers")

// graph is what parseGraph finds in a file.
type graph struct {
	layers      []layer
	observer    *layer // nil if the network has no memory
	rates       []uint8
	description string // its text
}

// parseGraph reads an ONNX file of the one form that training exports.
func parseGraph(file []byte) (*graph, error) {
	g := &graph{}
	var nodes []node
	tensors := map[string]tensor{}
	operators := false
	err := fields(file, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case modelVersion, modelProducer:
			return nil
		case modelProperties:
			key, text, err := parseProperty(value)
			if err != nil {
				return err
			}
			switch {
			case key == descriptionProperty && g.description == "":
				g.description = text
			case key == memoryProperty && g.rates == nil:
				g.rates, err = parseRates(text)
			case key == descriptionProperty || key == memoryProperty: // twice
				return errGraph
			}
			return err
		case modelOperators:
			operators = true
			return checkOperators(value)
		case modelGraph:
			return fields(value, func(number protowire.Number, value []byte, _ uint64) error {
				switch number {
				case graphName, graphInputs, graphOutputs:
					return nil
				case graphNode:
					n, err := parseNode(value)
					nodes = append(nodes, n)
					return err
				case graphInitializer:
					name, t, err := parseTensor(value)
					if _, twice := tensors[name]; twice {
						return errGraph
					}
					tensors[name] = t
					return err
				}
				return errGraph
			})
		}
		return errGraph
	})
	if err != nil {
		return nil, err
	}
	if !operators {
		return nil, errGraph
	}
	return g, g.assemble(nodes, tensors)
}

// assemble turns the nodes into layers: those of the network, one after the other, and, if it has a memory, those that put
// it behind the features before them and those of the observer after them.
func (g *graph) assemble(nodes []node, tensors map[string]tensor) error {
	value := graphFeatures
	var observer []node
	if len(nodes) > nodesPerLayer && nodes[0].operator == "Concat" {
		if !is(nodes[0], graphFeatures, graphMemory) {
			return errGraph
		}
		value = nodes[0].output
		nodes, observer = nodes[1:len(nodes)-nodesPerLayer], nodes[len(nodes)-nodesPerLayer:]
	}
	if len(nodes)%nodesPerLayer != nodesPerLastLayer || len(nodes) > maxLayers*nodesPerLayer {
		return errGraph
	}
	for i := 0; i < len(nodes); i += nodesPerLayer {
		n := nodes[i:min(i+nodesPerLayer, len(nodes))]
		l, err := parseLayer(n, value, tensors)
		if err != nil {
			return err
		}
		if len(g.layers) > 0 && g.layers[len(g.layers)-1].outputs != l.inputs {
			return errGraph
		}
		g.layers = append(g.layers, l)
		value = n[len(n)-1].output
	}
	zero, zeroErr := tensors["zero"].scalar()
	most, mostErr := tensors["most"].scalar()
	if value != graphOutput || zeroErr != nil || mostErr != nil || zero != 0 || most != activationLimit {
		return errGraph
	}
	return g.assembleMemory(observer, tensors)
}

// assembleMemory makes the observer of its nodes, and gives each of its units its rate.
func (g *graph) assembleMemory(nodes []node, tensors map[string]tensor) error {
	if (nodes == nil) != (g.rates == nil) {
		return errGraph
	}
	if nodes == nil {
		return nil
	}
	l, err := parseLayer(nodes, graphFeatures, tensors)
	if err != nil {
		return err
	}
	if nodes[len(nodes)-1].output != graphUnits || l.outputs%len(g.rates) != 0 || g.layers[0].inputs != l.inputs+l.outputs {
		return errGraph
	}
	g.observer = &l
	each := l.outputs / len(g.rates)
	var rates []uint8
	for _, r := range g.rates {
		rates = append(rates, slices.Repeat([]uint8{r}, each)...)
	}
	g.rates = rates
	return nil
}

// parseLayer makes a layer of its nodes, whose input is value: nodesPerLayer, or nodesPerLastLayer, of them.
func parseLayer(n []node, value string, tensors map[string]tensor) (layer, error) {
	for k, operator := range []string{"Cast", "MatMul", "Add", "Mul", "Floor", "Clip"}[:len(n)] {
		if n[k].operator != operator || len(n[k].inputs) == 0 {
			return layer{}, errGraph
		}
	}
	chained := is(n[1], value, n[0].output) && is(n[2], n[1].output, "") && is(n[3], n[2].output, "") &&
		is(n[4], n[3].output) && (len(n) == nodesPerLastLayer || is(n[5], n[4].output, "zero", "most"))
	if !chained {
		return layer{}, errGraph
	}
	return newLayer(tensors[n[0].inputs[0]], tensors[n[2].inputs[1]], tensors[n[3].inputs[1]])
}

// is reports whether the node's inputs have the given names; an empty name stands for any.
func is(n node, inputs ...string) bool {
	if len(n.inputs) != len(inputs) {
		return false
	}
	for i, name := range inputs {
		if name != "" && n.inputs[i] != name {
			return false
		}
	}
	return true
}

// newLayer makes a layer of its constants: weights [input][output], bias and scale [output].
func newLayer(weight, bias, scale tensor) (layer, error) {
	if len(weight.dims) != 2 || weight.kind != tensorTypeInt8 || len(weight.raw) != weight.dims[0]*weight.dims[1] {
		return layer{}, errGraph
	}
	l := layer{inputs: weight.dims[0], outputs: weight.dims[1]}
	l.weights = make([]int8, len(weight.raw))
	for i := range l.inputs {
		for o := range l.outputs {
			l.weights[o*l.inputs+i] = int8(weight.raw[i*l.outputs+o])
		}
	}
	biases, err := bias.vector(l.outputs)
	if err != nil {
		return layer{}, err
	}
	scales, err := scale.vector(l.outputs)
	if err != nil {
		return layer{}, err
	}
	for o := range l.outputs {
		b := biases[o]
		if !(math.Abs(float64(b)) < accumulatorLimit) || b != float32(int32(b)) {
			return layer{}, errGraph
		}
		bits := math.Float32bits(scales[o])
		shift := 127 - int(bits>>23)
		if bits<<9 != 0 || shift < 0 || shift > maxShift {
			return layer{}, errGraph
		}
		l.bias = append(l.bias, int32(b))
		l.shift = append(l.shift, uint8(shift))
	}
	return l, nil
}
