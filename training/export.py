"""Writes the integer network as an ONNX graph.

The graph works on integer-valued float32: MatMul, Add, Mul by powers of two, Floor, Clip. Every sum stays below 2^24
by construction (network.integers checks it, and write checks it again), so every implementation that computes in float32 or
better, in whatever order, gives the same integers. Weights are kept as int8 and cast in the graph, which keeps the file small.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from memory import RATES

OPSET = 13
ACCUMULATOR_LIMIT = 2**24


def check(name, integers):
    """Refuses a layer whose sums could leave the range in which float32 is exact."""
    weight, bias, shift, _ = integers
    bound = np.abs(bias.astype(np.int64)) + 255 * np.abs(weight.astype(np.int64)).sum(1)
    if (bound >= ACCUMULATOR_LIMIT).any():
        raise ValueError(f"{name}: a neuron could reach {bound.max()}, where float32 is no longer exact")
    if weight.dtype != np.int8 or (shift < 0).any() or (shift > 24).any():
        raise ValueError(f"{name}: weights must be int8, and shifts 0 to 24")


class Graph:
    """The nodes and constants of a graph, in the order in which they are added."""

    def __init__(self):
        self.nodes, self.constants = [], []
        self.constant("zero", np.array(0, np.float32))
        self.constant("most", np.array(255, np.float32))

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def layer(self, value, name, integers, output=None):
        """One layer; its constants and values have {} in their names, for their kinds. Returns the name of its output."""
        weight, bias, shift, clipped = integers
        check(name.format("layer"), integers)
        scale = np.exp2(-shift.astype(np.float64)).astype(np.float32)
        cast = self.constant(name.format("weight"), np.ascontiguousarray(weight.T))
        matrix = self.node("Cast", [cast], name.format("cast"), to=TensorProto.FLOAT)
        value = self.node("MatMul", [value, matrix], name.format("matmul"))
        value = self.node("Add", [value, self.constant(name.format("bias"), bias.astype(np.float32))], name.format("add"))
        value = self.node("Mul", [value, self.constant(name.format("scale"), scale)], name.format("mul"))
        if not clipped:
            return self.node("Floor", [value], output or name.format("floor"))
        value = self.node("Floor", [value], name.format("floor"))
        return self.node("Clip", [value, "zero", "most"], output or name.format("clip"))


def rows(name, width):
    """An input or output of the graph."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])


def write(model, path, description):
    """description is the text, in bytes, of the description of the predictors which the model was trained for.

    A model with memory has another input, the averages, which stand behind the features, and another output, the units that
    they are averages of.
    """
    graph, value = Graph(), "features"
    layers, observer = model.integers(), model.observer_integers()
    width, properties = layers[0][0].shape[1], {"trilobyte.description": description.decode()}
    if observer:
        units = len(observer[1])
        width -= units
        value = graph.node("Concat", ["features", "memory"], "inputs", axis=1)
        properties["trilobyte.memory"] = " ".join(str(rate) for rate in RATES)
    for i, layer in enumerate(layers, 1):
        value = graph.layer(value, f"{{}}{i}", layer, "outputs" if i == len(layers) else None)
    inputs, outputs = [rows("features", width)], [rows("outputs", len(layers[-1][1]))]
    if observer:
        inputs.append(rows("memory", units))
        outputs.append(rows(graph.layer("features", "observer_{}", observer, "units"), units))
    described = helper.make_graph(graph.nodes, "trilobyte", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET)]
    file = helper.make_model(described, producer_name="trilobyte", opset_imports=opsets, ir_version=8)
    helper.set_model_props(file, properties)
    onnx.checker.check_model(file)
    with open(path, "wb") as f:
        f.write(file.SerializeToString(deterministic=True))
