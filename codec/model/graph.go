package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The limits of a network that Load accepts.
const (
	maxLayers = 8
	maxWidth  = 1024
	maxShift  = 24
)

// Field numbers of onnx.proto3 (github.com/onnx/onnx, IR version 8).
const (
	modelVersion      = 1
	modelProducer     = 2
	modelGraph        = 7
	modelOperators    = 8
	modelProperties   = 14
	operatorsDomain   = 1
	operatorsVersion  = 2
	graphNode         = 1
	graphName         = 2
	graphInitializer  = 5
	graphInputs       = 11
	graphOutputs      = 12
	nodeInput         = 1
	nodeOutput        = 2
	nodeName          = 3
	nodeOperator      = 4
	nodeAttribute     = 5
	attributeName     = 1
	attributeInteger  = 3
	attributeType     = 20
	attributeTypeInt  = 2
	tensorDims        = 1
	tensorType        = 2
	tensorName        = 8
	tensorRaw         = 9
	tensorTypeFloat   = 1
	tensorTypeInt8    = 3
	propertyKey       = 1
	propertyValue     = 2
	featuresProperty  = "trilobyte.features"
	firstFeatures     = "1" // also of files without the property
	graphInput        = "features"
	graphOutput       = "outputs"
	operatorSet       = 13
	nodesPerLayer     = 6 // Cast, MatMul, Add, Mul, Floor, Clip
	nodesPerLastLayer = 5 // the last layer is not clipped
)

// What else a file could hold (functions, subgraphs, data in other files) is refused, not passed over: the file is also
// given to ONNX Runtime as it is, which must not see more in it than parseGraph.
var errGraph = errors.New("it is not a graph of integer layers")

// tensor is a constant of the graph.
type tensor struct {
	dims []int
	kind uint64
	raw  []byte
}

// node is one operation of the graph.
type node struct {
	operator   string
	inputs     []string
	output     string
	attributes int
}

// parseGraph reads the layers from an ONNX file of the one form that training exports, and the version of the features
// that the network was trained for.
func parseGraph(file []byte) (layers []layer, features string, err error) {
	var nodes []node
	tensors := map[string]tensor{}
	operators := false
	features = firstFeatures
	err = fields(file, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case modelVersion, modelProducer:
			return nil
		case modelProperties:
			key, version, err := parseProperty(value)
			if key == featuresProperty {
				features = version
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
		return nil, "", err
	}
	if !operators {
		return nil, "", errGraph
	}
	layers, err = assemble(nodes, tensors)
	return layers, features, err
}

// parseProperty reads a StringStringEntryProto.
func parseProperty(message []byte) (key, value string, err error) {
	err = fields(message, func(number protowire.Number, text []byte, _ uint64) error {
		switch number {
		case propertyKey:
			key = string(text)
		case propertyValue:
			value = string(text)
		}
		return nil
	})
	return key, value, err
}

// checkOperators makes sure that the operators are those of the ONNX standard, in the version whose Clip and Floor
// parseGraph knows.
func checkOperators(message []byte) error {
	var version uint64
	err := fields(message, func(number protowire.Number, value []byte, integer uint64) error {
		switch {
		case number == operatorsVersion:
			version = integer
		case number != operatorsDomain || len(value) > 0:
			return errGraph
		}
		return nil
	})
	if err == nil && version != operatorSet {
		return errGraph
	}
	return err
}

// fields calls visit with every field of a protocol buffer message: its bytes, or its number.
func fields(message []byte, visit func(number protowire.Number, value []byte, integer uint64) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var value []byte
		var integer uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			integer, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := visit(number, value, integer); err != nil {
			return err
		}
	}
	return nil
}

func parseNode(message []byte) (node, error) {
	var n node
	err := fields(message, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case nodeInput:
			n.inputs = append(n.inputs, string(value))
		case nodeOutput:
			if n.output != "" {
				return errGraph
			}
			n.output = string(value)
		case nodeName:
		case nodeOperator:
			n.operator = string(value)
		case nodeAttribute:
			n.attributes++
			return checkAttribute(value)
		default:
			return errGraph
		}
		return nil
	})
	if err == nil && (n.operator == "Cast") != (n.attributes == 1) {
		return n, errGraph
	}
	return n, err
}

// checkAttribute makes sure that an attribute is the one of a Cast to float32.
func checkAttribute(message []byte) error {
	var name string
	var to, kind uint64
	err := fields(message, func(number protowire.Number, value []byte, integer uint64) error {
		switch number {
		case attributeName:
			name = string(value)
		case attributeInteger:
			to = integer
		case attributeType:
			kind = integer
		default:
			return errGraph
		}
		return nil
	})
	if err == nil && (name != "to" || to != tensorTypeFloat || kind != attributeTypeInt) {
		return errGraph
	}
	return err
}

func parseTensor(message []byte) (name string, t tensor, err error) {
	addDim := func(d uint64) error {
		if d == 0 || d > maxWidth {
			return fmt.Errorf("a dimension of %d", d)
		}
		t.dims = append(t.dims, int(d))
		return nil
	}
	err = fields(message, func(number protowire.Number, value []byte, integer uint64) error {
		switch number {
		case tensorDims:
			if value == nil {
				return addDim(integer)
			}
			for len(value) > 0 {
				d, n := protowire.ConsumeVarint(value)
				if n < 0 {
					return protowire.ParseError(n)
				}
				value = value[n:]
				if err := addDim(d); err != nil {
					return err
				}
			}
		case tensorType:
			t.kind = integer
		case tensorName:
			name = string(value)
		case tensorRaw:
			t.raw = value
		default:
			return errGraph
		}
		return nil
	})
	return name, t, err
}

// assemble turns the nodes, which must be the operations of layer after layer, into layers.
func assemble(nodes []node, tensors map[string]tensor) ([]layer, error) {
	if len(nodes)%nodesPerLayer != nodesPerLastLayer || len(nodes) > maxLayers*nodesPerLayer {
		return nil, errGraph
	}
	var layers []layer
	value := graphInput
	for i := 0; i < len(nodes); i += nodesPerLayer {
		n := nodes[i:min(i+nodesPerLayer, len(nodes))]
		last := len(n) == nodesPerLastLayer
		for k, operator := range []string{"Cast", "MatMul", "Add", "Mul", "Floor", "Clip"}[:len(n)] {
			if n[k].operator != operator || len(n[k].inputs) == 0 {
				return nil, errGraph
			}
		}
		chained := is(n[1], value, n[0].output) && is(n[2], n[1].output, "") && is(n[3], n[2].output, "") &&
			is(n[4], n[3].output) && (last || is(n[5], n[4].output, "zero", "most"))
		if !chained {
			return nil, errGraph
		}
		l, err := newLayer(tensors[n[0].inputs[0]], tensors[n[2].inputs[1]], tensors[n[3].inputs[1]])
		if err != nil {
			return nil, err
		}
		if len(layers) > 0 && layers[len(layers)-1].outputs != l.inputs {
			return nil, errGraph
		}
		layers = append(layers, l)
		value = n[len(n)-1].output
	}
	zero, zeroErr := tensors["zero"].scalar()
	most, mostErr := tensors["most"].scalar()
	if value != graphOutput || zeroErr != nil || mostErr != nil || zero != 0 || most != activationLimit {
		return nil, errGraph
	}
	return layers, nil
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

// vector returns the elements of a float tensor of one dimension, n.
func (t tensor) vector(n int) ([]float32, error) {
	if len(t.dims) != 1 || t.dims[0] != n {
		return nil, errGraph
	}
	return t.floats(n)
}

// scalar returns the element of a float tensor without dimensions.
func (t tensor) scalar() (float32, error) {
	if len(t.dims) != 0 {
		return 0, errGraph
	}
	v, err := t.floats(1)
	if err != nil {
		return 0, err
	}
	return v[0], nil
}

// floats returns the n elements of a float tensor.
func (t tensor) floats(n int) ([]float32, error) {
	if t.kind != tensorTypeFloat || len(t.raw) != 4*n {
		return nil, errGraph
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.raw[4*i:]))
	}
	return v, nil
}
