package network

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto3 (github.com/onnx/onnx, IR version 8).
const (
	modelVersion     = 1
	modelProducer    = 2
	modelGraph       = 7
	modelOperators   = 8
	modelProperties  = 14
	operatorsDomain  = 1
	operatorsVersion = 2
	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInputs      = 11
	graphOutputs     = 12
	nodeInput        = 1
	nodeOutput       = 2
	nodeName         = 3
	nodeOperator     = 4
	nodeAttribute    = 5
	attributeName    = 1
	attributeInteger = 3
	attributeType    = 20
	attributeTypeInt = 2
	tensorDims       = 1
	tensorType       = 2
	tensorName       = 8
	tensorRaw        = 9
	tensorTypeFloat  = 1
	tensorTypeInt8   = 3
	propertyKey      = 1
	propertyValue    = 2
)

// tensor is a constant of the graph.
type tensor struct {
	dims []int
	kind uint64
	raw  []byte
}

// node is one operation of the graph.
type node struct {
	operator  string
	inputs    []string
	output    string
	attribute attribute
}

// attribute is the attribute of an operation; the zero value is none.
type attribute struct {
	name  string
	value uint64
}

// attributes are those of the operations that have one.
var attributes = map[string]attribute{"Cast": {"to", tensorTypeFloat}, "Concat": {"axis", 1}}

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

// Redescribe returns the file of a model with another description, whose text is given.
func Redescribe(file, text []byte) ([]byte, error) {
	var out []byte
	err := fields(file, func(number protowire.Number, value []byte, integer uint64) error {
		if number == modelProperties {
			if key, _, err := parseProperty(value); err != nil || key == descriptionProperty {
				return err
			}
		}
		if value == nil {
			out = protowire.AppendVarint(protowire.AppendTag(out, number, protowire.VarintType), integer)
		} else {
			out = protowire.AppendBytes(protowire.AppendTag(out, number, protowire.BytesType), value)
		}
		return nil
	})
	property := protowire.AppendString(protowire.AppendTag(nil, propertyKey, protowire.BytesType), descriptionProperty)
	property = protowire.AppendBytes(protowire.AppendTag(property, propertyValue, protowire.BytesType), text)
	return protowire.AppendBytes(protowire.AppendTag(out, modelProperties, protowire.BytesType), property), err
}

// parseRates reads the rates of the memory: integers with spaces between them.
func parseRates(text string) ([]uint8, error) {
	var rates []uint8
	for _, word := range strings.Split(text, " ") {
		rate, err := strconv.ParseUint(word, 10, 8)
		if err != nil || rate > maxRate || word != strconv.FormatUint(rate, 10) {
			return nil, fmt.Errorf("rates of the memory %q", text)
		}
		rates = append(rates, uint8(rate))
	}
	return rates, nil
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
			if n.attribute != (attribute{}) {
				return errGraph
			}
			var err error
			n.attribute, err = parseAttribute(value)
			return err
		default:
			return errGraph
		}
		return nil
	})
	if err == nil && n.attribute != attributes[n.operator] {
		return n, errGraph
	}
	return n, err
}

// parseAttribute reads an integer attribute.
func parseAttribute(message []byte) (a attribute, err error) {
	var kind uint64
	err = fields(message, func(number protowire.Number, value []byte, integer uint64) error {
		switch number {
		case attributeName:
			a.name = string(value)
		case attributeInteger:
			a.value = integer
		case attributeType:
			kind = integer
		default:
			return errGraph
		}
		return nil
	})
	if err == nil && (a.name == "" || kind != attributeTypeInt) {
		return a, errGraph
	}
	return a, err
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
