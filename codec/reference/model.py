"""The section "Language model" of FORMAT.md."""

import struct

import numpy as np

from arithmetic import Invalid
from versions import VERSIONS


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Invalid("the model's file is cut off")
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(message):
    """Yields the fields of a protocol buffer as (number, integer or bytes)."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(message, at)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                size, at = varint(message, at)
            if size is None or at + size > len(message):
                raise Invalid("the model's file is cut off")
            value, at = message[at : at + size], at + size
        yield tag >> 3, value


def tensor(message):
    found = {"dims": []}
    for number, value in fields(message):
        if number == 1 and isinstance(value, int):
            found["dims"].append(value)
        elif number == 1:
            at = 0
            while at < len(value):
                dim, at = varint(value, at)
                found["dims"].append(dim)
        else:
            found[number] = value
    return found


def floats(t, count):
    if t.get(2) != 1 or len(t.get(9, b"")) != 4 * count:
        raise Invalid("the model's constants are wrong")
    return struct.unpack(f"<{count}f", t[9])


class Memory:
    """The averages of one channel."""

    def __init__(self, model):
        self.model, self.states = model, np.zeros(len(model.rates), np.int64)

    def row(self, features):
        """The features and the averages."""
        if self.model.observer is None:
            return features
        weights, bias, shift = self.model.observer
        units = np.clip((bias + np.array(features) @ weights) >> shift, 0, 255)
        self.states += ((units << 16) - self.states) >> self.model.rates
        return list(features) + [int(v) for v in (self.states + (1 << 15)) >> 16]


class Model:
    def __init__(self, data):
        nodes, tensors, version, rates = [], {}, "1", None
        for number, message in fields(data):
            if number == 14:
                text = {k: v.decode() for k, v in fields(message)}
                version = text.get(2, "") if text.get(1) == "trilobyte.features" else version
                rates = text.get(2, "").split(" ") if text.get(1) == "trilobyte.memory" else rates
            for n, value in fields(message) if number == 7 else ():
                if n == 1:
                    node = list(fields(value))
                    inputs = [v.decode() for k, v in node if k == 1]
                    last = {k: v for k, v in node if k in (2, 4)}
                    nodes.append((last[4].decode(), inputs, last[2].decode()))
                elif n == 5:
                    t = tensor(value)
                    if t[8].decode() in tensors:
                        raise Invalid("two of the model's constants have the same name")
                    tensors[t[8].decode()] = t
        if version not in VERSIONS:
            raise Invalid(f"the model is of version {version}, which needs a newer decoder")
        self.version = VERSIONS[version]
        self.layers, self.observer, name = [], None, "features"
        remembers = bool(nodes) and nodes[0][:2] == ("Concat", ["features", "memory"])
        if remembers != (rates is not None):
            raise Invalid("the model has no memory, or no rates for it")
        if remembers:
            *_, last = observer = nodes[-6:]
            self.observer, name = self.layer(observer, tensors, name), nodes[0][2]
            if last[2] != "units":
                raise Invalid("the model's graph is of another form")
            nodes = nodes[1:-6]
        self.rates = self.read_rates(rates)
        if len(nodes) % 6 != 5 or len(nodes) > 48:
            raise Invalid("the model's graph is of another form")
        for i in range(0, len(nodes), 6):
            self.layers.append(self.layer(nodes[i : i + 6], tensors, name))
            name = nodes[i : i + 6][-1][2]
        if name != "outputs" or floats(tensors["zero"], 1) != (0,) or floats(tensors["most"], 1) != (255,):
            raise Invalid("the model's graph is of another form")
        if len(self.layers[0][0]) != 80 + len(self.rates) or len(self.layers[-1][1]) != 56:
            raise Invalid("the model is for other features or outputs")

    def layer(self, nodes, tensors, name):
        operators = ["Cast", "MatMul", "Add", "Mul", "Floor", "Clip"][: len(nodes)]
        if [operator for operator, _, _ in nodes] != operators:
            raise Invalid("the model's graph is of another form")
        inputs, outputs = [n[1] for n in nodes], [n[2] for n in nodes]
        chained = inputs[1] == [name, outputs[0]] and all(inputs[i][0] == outputs[i - 1] for i in range(2, len(nodes)))
        if not chained or len(nodes) == 6 and inputs[5][1:] != ["zero", "most"]:
            raise Invalid("the model's graph is of another form")
        t = tensors[inputs[0][0]]
        rows, columns = t["dims"]
        if t[2] != 3 or len(t[9]) != rows * columns:
            raise Invalid("the model's weights are wrong")
        weights = np.frombuffer(t[9], np.int8).reshape(rows, columns).astype(np.int64)
        bias = np.array([int(b) for b in floats(tensors[inputs[2][1]], columns)])
        shift = np.array([int(-np.log2(s)) for s in floats(tensors[inputs[3][1]], columns)])
        if np.any(np.abs(bias) + 255 * np.abs(weights).sum(axis=0) >= 1 << 24):
            raise Invalid("the model's sums are too large")
        return weights, bias, shift

    def read_rates(self, words):
        """The rate of each average."""
        if words is None:
            return np.zeros(0, np.int64)
        rates, units = [int(w) for w in words if w.isdigit()], len(self.observer[1])
        if [str(r) for r in rates] != words or max(rates) > 15 or units % len(rates) or len(self.observer[0]) != 80:
            raise Invalid("the model's memory is wrong")
        return np.repeat(np.array(rates), units // len(rates))

    def run(self, row):
        x = np.array(row)
        for i, (weights, bias, shift) in enumerate(self.layers):
            x = (bias + x @ weights) >> shift
            if i < len(self.layers) - 1:
                x = np.clip(x, 0, 255)
        return [int(v) for v in x]
