"""The section "Language model" of FORMAT.md."""

import hashlib

import numpy as np

from arithmetic import check
from description import Description
from protobuf import field, fields, varints

OPERATORS = ["Cast", "MatMul", "Add", "Mul", "Floor", "Clip"]
OTHER_FORM = "the model's graph is of another form"


class Tensor:
    """A constant."""

    def __init__(self, message):
        dims = [varints(d) if isinstance(d, bytes) else [d] for n, d in fields(message) if n == 1]
        self.dims = [d for part in dims for d in part]
        self.type, self.name, self.data = field(message, 2), field(message, 8).decode(), field(message, 9)

    def array(self, kind, *dims):
        check(self.dims == list(dims) and self.type == {np.float32: 1, np.int8: 3}[kind], OTHER_FORM)
        check(len(self.data) == np.prod(dims, dtype=int) * np.dtype(kind).itemsize, OTHER_FORM)
        return np.frombuffer(self.data, np.dtype(kind).newbyteorder("<")).astype(np.float64)


class Node:
    """An operation."""

    def __init__(self, message):
        self.operator, self.output = field(message, 4).decode(), field(message, 2).decode()
        self.inputs = [v.decode() for n, v in fields(message) if n == 1]


class Layer:
    def __init__(self, nodes, source, tensors):
        check([n.operator for n in nodes] == OPERATORS[: len(nodes)], OTHER_FORM)
        inputs, outputs = [n.inputs for n in nodes], [n.output for n in nodes]
        check(inputs[1] == [source, outputs[0]] and inputs[4] == [outputs[3]], OTHER_FORM)
        check(len(inputs[0]) == 1 and all(len(inputs[i]) == 2 and inputs[i][0] == outputs[i - 1] for i in (2, 3)), OTHER_FORM)
        self.clipped, self.output = len(nodes) == 6, outputs[-1]
        check(not self.clipped or inputs[5] == [outputs[4], "zero", "most"], OTHER_FORM)
        weights, bias, scale = (tensors.get(name) for name in (inputs[0][0], inputs[2][1], inputs[3][1]))
        check(weights and bias and scale and len(weights.dims) == 2, OTHER_FORM)
        rows, columns = weights.dims
        check(1 <= rows <= 1024 and 1 <= columns <= 1024, "a layer of the model is too large")
        self.inputs, self.outputs = rows, columns
        # In float64: the sums are whole, and exact in whatever order.
        self.weights = weights.array(np.int8, rows, columns).reshape(rows, columns)
        self.bias, self.scale = bias.array(np.float32, columns), scale.array(np.float32, columns)
        check(np.all(self.bias == np.floor(self.bias)) and np.all(np.isin(self.scale, 2.0 ** -np.arange(25))), OTHER_FORM)
        check(np.all(np.abs(self.bias) + 255 * np.abs(self.weights).sum(axis=0) < 1 << 24), "the model's sums are too large")

    def run(self, x):
        out = np.floor((self.bias + x @ self.weights) * self.scale)
        return np.minimum(np.maximum(out, 0), 255) if self.clipped else out


def rates_of(text):
    words = text.split(" ")
    check(all(w.isdigit() and str(int(w)) == w and int(w) <= 15 for w in words), "the model's rates are wrong")
    return [int(w) for w in words]


class Model:
    def __init__(self, file):
        self.identity = hashlib.sha256(file).digest()
        properties = {}
        for _, message in (f for f in fields(file) if f[0] == 14):
            key = field(message, 1).decode()
            check(not key.startswith("trilobyte.") or key not in properties, "a property of the model is there twice")
            properties[key] = field(message, 2)
        check("trilobyte.description" in properties, "the model has no description of its predictors")
        self.description = Description(properties["trilobyte.description"])
        rates = rates_of(properties["trilobyte.memory"].decode()) if "trilobyte.memory" in properties else []
        graph = field(file, 7)
        nodes = [Node(m) for n, m in fields(graph) if n == 1]
        tensors = [Tensor(m) for n, m in fields(graph) if n == 5]
        check(len({t.name for t in tensors}) == len(tensors), "two of the model's constants have the same name")
        self.assemble(nodes, {t.name: t for t in tensors}, rates)
        layers = self.layers + ([self.observer] if self.observer else [])
        work = sum(l.inputs * l.outputs for l in layers) + self.description.multiplications()
        check(work <= 500_000, "the model takes too long")

    def assemble(self, nodes, tensors, rates):
        for name, value in (("zero", 0), ("most", 255)):
            check(name in tensors and tensors[name].array(np.float32)[0] == value, OTHER_FORM)
        self.layers, self.observer, source = [], None, "features"
        remembers = len(nodes) > 6 and nodes[0].operator == "Concat"
        check(remembers == bool(rates), "the model has no memory, or no rates for it")
        if remembers:
            check(nodes[0].inputs == ["features", "memory"], OTHER_FORM)
            self.observer = Layer(nodes[-6:], source, tensors)
            check(self.observer.output == "units" and self.observer.outputs % len(rates) == 0, OTHER_FORM)
            self.rates = np.repeat(np.array(rates), self.observer.outputs // len(rates))
            nodes, source = nodes[1:-6], nodes[0].output
        check(len(nodes) % 6 == 5 and len(nodes) <= 48, OTHER_FORM)
        for i in range(0, len(nodes), 6):
            self.layers.append(Layer(nodes[i : i + 6], source, tensors))
            source = self.layers[-1].output
        check(source == "outputs" and self.layers[-1].outputs == 56, OTHER_FORM)
        check(all(a.outputs == b.inputs for a, b in zip(self.layers, self.layers[1:])), OTHER_FORM)
        check(self.layers[0].inputs == 80 + (self.observer.outputs if remembers else 0), OTHER_FORM)
        check(not remembers or self.observer.inputs == 80, OTHER_FORM)

    def run(self, row):
        """The outputs for the features of a sample and what the memory made of them."""
        x = row
        for layer in self.layers:
            x = layer.run(x)
        return x.astype(np.int64)


class Memory:
    """The averages of one channel."""

    def __init__(self, model):
        self.model = model
        self.states = np.zeros(model.observer.outputs if model.observer else 0, np.int64)

    def row(self, features):
        """The features, and behind them the averages."""
        if self.model.observer is None:
            return features
        units = self.model.observer.run(features).astype(np.int64)
        self.states += ((units << 16) - self.states) >> self.model.rates
        return np.concatenate([features, (self.states + (1 << 15)) >> 16])
