// Package networktest makes language models for tests and benchmarks: networks of any shape with random weights, in
// the file form that training exports.
package networktest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Random returns the file of a network whose layers have the given widths, the first being the number of features
// and the last the number of outputs. Like those of a trained network, about half of its hidden activations are 0
// and few reach the upper limit. The same seed gives the same file.
func Random(seed uint64, widths ...int) []byte {
	g := newGenerator(seed)
	g.layers("features", widths)
	return g.file(widths[0], widths[len(widths)-1])
}

// WithMemory is Random for a network with a memory: the first of the widths includes so many averages, which have equally
// many of each of the rates.
func WithMemory(seed uint64, units int, rates []int, widths ...int) []byte {
	g := newGenerator(seed)
	g.node("Concat", "inputs", "features", "memory")
	g.layers("inputs", widths)
	features := widths[0] - units
	g.layer("observer", features, units, "features", "units", 128, false)
	g.value(11, "memory", units)
	g.value(12, "units", units)
	words := strings.Trim(fmt.Sprint(rates), "[]")
	return message(g.file(features, widths[len(widths)-1]), 14, property("trilobyte.memory", words))
}

func newGenerator(seed uint64) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, 0))}
	g.tensor("zero", nil, floatType, floats(0))
	g.tensor("most", nil, floatType, floats(255))
	return g
}

// layers appends all layers of the network.
func (g *generator) layers(value string, widths []int) {
	for i := 1; i < len(widths); i++ {
		mean, last := 60.0, i == len(widths)-1
		if i == 1 {
			mean = 128
		}
		output := fmt.Sprint("clipped", i)
		if last {
			output = "outputs"
		}
		g.layer(fmt.Sprint(i), widths[i-1], widths[i], value, output, mean, last)
		value = output
	}
}

// file returns the file of the graph.
func (g *generator) file(features, outputs int) []byte {
	g.graph = message(g.graph, 2, []byte("trilobyte"))
	g.value(11, "features", features)
	g.value(12, "outputs", outputs)
	file := integer(nil, 1, 8)
	file = message(file, 7, g.graph)
	file = message(file, 8, integer(message(nil, 1, nil), 2, 13))
	return message(file, 14, property("trilobyte.description", Description))
}

// Description is the text that describes the predictors of all these models: few and quick ones.
const Description = `{"predictors":{"least_squares":[{"own":12,"other":4,"solutions":[{"forget":0.998,"ridge":3000,"first":1,"last":32}]}],` +
	`"cascades":[{"base":0,"stages":[{"taps":32,"mu":0.03,"decaying":true}]}],"innovation":0.3},` +
	`"features":{"reference":1,"shown":[0],"newest":0},"sse":true}`

// property is a StringStringEntryProto.
func property(key, value string) []byte {
	return message(message(nil, 1, []byte(key)), 2, []byte(value))
}

// Types of a tensor's elements (TensorProto.DataType of onnx.proto3).
const (
	floatType = 1
	int8Type  = 3
)

type generator struct {
	random *rand.Rand
	graph  []byte
}

// layer appends the constants and the nodes of a layer, from value to output. mean is that of its inputs.
func (g *generator) layer(called string, inputs, outputs int, value, output string, mean float64, last bool) {
	weights := make([]byte, inputs*outputs)
	column := make([]int, outputs)
	for i := range weights {
		w := int(math.Round(max(-127, min(127, g.random.NormFloat64()*24))))
		weights[i] = byte(int8(w))
		column[i%outputs] += w
	}
	biases, scales := make([]float32, outputs), make([]float32, outputs)
	spread := 24 * 90 * math.Sqrt(float64(inputs)) // of a neuron's sum
	shift := int(math.Log2(spread / 60))
	if last {
		shift = int(math.Log2(spread / 40))
	}
	for o := range outputs {
		biases[o] = float32(math.Round(-mean*float64(column[o]) + g.random.NormFloat64()*spread/4))
		scales[o] = float32(math.Ldexp(1, -shift))
	}
	name := func(kind string) string { return kind + called }
	g.tensor(name("weight"), []int{inputs, outputs}, int8Type, weights)
	g.tensor(name("bias"), []int{outputs}, floatType, floats(biases...))
	g.tensor(name("scale"), []int{outputs}, floatType, floats(scales...))
	g.node("Cast", name("matrix"), name("weight"))
	g.node("MatMul", name("product"), value, name("matrix"))
	g.node("Add", name("sum"), name("product"), name("bias"))
	g.node("Mul", name("scaled"), name("sum"), name("scale"))
	if last {
		g.node("Floor", output, name("scaled"))
		return
	}
	g.node("Floor", name("floor"), name("scaled"))
	g.node("Clip", output, name("floor"), "zero", "most")
}

func (g *generator) node(operator, output string, inputs ...string) {
	var n []byte
	for _, input := range inputs {
		n = message(n, 1, []byte(input))
	}
	n = message(n, 2, []byte(output))
	n = message(n, 4, []byte(operator))
	switch operator {
	case "Cast":
		n = message(n, 5, integer(integer(message(nil, 1, []byte("to")), 3, floatType), 20, 2))
	case "Concat":
		n = message(n, 5, integer(integer(message(nil, 1, []byte("axis")), 3, 1), 20, 2))
	}
	g.graph = message(g.graph, 1, n)
}

func (g *generator) tensor(name string, dims []int, kind uint64, raw []byte) {
	var t []byte
	for _, d := range dims {
		t = integer(t, 1, uint64(d))
	}
	t = integer(t, 2, kind)
	t = message(t, 8, []byte(name))
	t = message(t, 9, raw)
	g.graph = message(g.graph, 5, t)
}

// value appends an input or output of the graph: any number of rows of so many elements.
func (g *generator) value(field protowire.Number, name string, width int) {
	rows, columns := message(nil, 2, []byte("rows")), integer(nil, 1, uint64(width))
	shape := message(message(nil, 1, rows), 1, columns)
	tensorType := message(integer(nil, 1, floatType), 2, shape)
	g.graph = message(g.graph, field, message(message(nil, 1, []byte(name)), 2, message(nil, 1, tensorType)))
}

func integer(to []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), v)
}

func message(to []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), value)
}

func floats(values ...float32) []byte {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return raw
}
