"""Writes the integer network as an ONNX graph.

The graph works on integer-valued float32: MatMul, Add, Mul by powers of two, Floor, Clip. Every sum stays below 2^24
by construction (network.Network.integers checks it, and write checks it again), so every implementation that computes in float32 or better, in
whatever order, gives the same integers. Weights are kept as int8 and cast in the graph, which keeps the file small.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
ACCUMULATOR_LIMIT = 2**24


def check(layers):
    """Refuses layers whose sums could leave the range in which float32 is exact."""
    for i, (weight, bias, shift, _) in enumerate(layers, 1):
        bound = np.abs(bias.astype(np.int64)) + 255 * np.abs(weight.astype(np.int64)).sum(1)
        if (bound >= ACCUMULATOR_LIMIT).any():
            raise ValueError(f"layer {i}: a neuron could reach {bound.max()}, where float32 is no longer exact")
        if weight.dtype != np.int8 or (shift < 0).any() or (shift > 24).any():
            raise ValueError(f"layer {i}: weights must be int8, and shifts 0 to 24")


def write(network, path, version):
    """version is that of the features which the network was trained for (codec/feature)."""
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(value, name))
        return name

    constant("zero", np.array(0, np.float32))
    constant("most", np.array(255, np.float32))
    layers = network.integers()
    check(layers)
    value = "features"
    for i, (weight, bias, shift, clipped) in enumerate(layers, 1):

        def node(kind, *inputs, output=None, **attributes):
            output = output or f"{kind.lower()}{i}"
            nodes.append(helper.make_node(kind, inputs, [output], **attributes))
            return output

        matrix = node("Cast", constant(f"weight{i}", np.ascontiguousarray(weight.T)), to=TensorProto.FLOAT)
        value = node("MatMul", value, matrix)
        value = node("Add", value, constant(f"bias{i}", bias.astype(np.float32)))
        value = node("Mul", value, constant(f"scale{i}", np.exp2(-shift.astype(np.float64)).astype(np.float32)))
        value = node("Floor", value, output=None if clipped else "outputs")
        if clipped:
            value = node("Clip", value, "zero", "most")
    graph = helper.make_graph(
        nodes,
        "trilobyte",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", layers[0][0].shape[1]])],
        [helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["rows", layers[-1][0].shape[0]])],
        constants,
    )
    model = helper.make_model(graph, producer_name="trilobyte", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(model, {"trilobyte.features": version})
    onnx.checker.check_model(model)
    with open(path, "wb") as f:
        f.write(model.SerializeToString(deterministic=True))
