"""Orders the hidden units of a model, so that those which are rarely active stand together.

usage: order.py ROWS MODEL OUT

The network computes the same. But a kernel that takes one row at a time leaves out the weights of four neighbouring
units if all of them are 0 (codec/internal/network): the more often, the faster. The units are put into fours that are all 0 in as many of
the rows as possible, the least active first.
"""

import sys

import numpy as np
import onnx
from onnx import numpy_helper

from data import open_rows

SAMPLE = 50_000  # rows
SPANS = 20  # that the sample has of consecutive rows, if the model has a memory
FOUR = 4


class Layers:
    """The constants of a model by layer, 1 to count. A column of a weight matrix is a unit, a row one of its inputs."""

    def __init__(self, path):
        self.model = onnx.load(path)
        self.constants = {c.name: c for c in self.model.graph.initializer}
        self.count = sum(name.startswith("weight") for name in self.constants)
        properties = {p.key: p.value for p in self.model.metadata_props}
        self.rates = [int(word) for word in properties.get("trilobyte.memory", "").split()]

    def get(self, kind, layer):
        return numpy_helper.to_array(self.constants[f"{kind}{layer}"])

    def set(self, kind, layer, value):
        name = f"{kind}{layer}"
        self.constants[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))

    def inputs(self, features):
        """The network's inputs for consecutive rows of features [spans, rows, features], one span after the other."""
        if self.rates:
            sums = features @ self.get("observer_weight", "").astype(np.float64) + self.get("observer_bias", "")
            units = np.floor(sums * self.get("observer_scale", "")).clip(0, 255).astype(np.int64)
            averages = np.empty_like(units)
            states, rates = np.zeros_like(units[:, 0]), np.repeat(self.rates, units.shape[2] // len(self.rates))
            for row in range(units.shape[1]):
                states += ((units[:, row] << 16) - states) >> rates
                averages[:, row] = states + (1 << 15) >> 16
            features = np.concatenate([features, averages.astype(np.float64)], 2)
        return features.reshape(-1, features.shape[2])

    def run(self, layer, inputs):
        """What a layer makes of inputs; as in the graph, all numbers are integers that float64 holds exactly."""
        sums = inputs @ self.get("weight", layer).astype(np.float64) + self.get("bias", layer)
        outputs = np.floor(sums * self.get("scale", layer))
        return outputs.clip(0, 255) if layer < self.count else outputs

    def reorder(self, layer, order):
        for kind in ("weight", "bias", "scale"):
            self.set(kind, layer, self.get(kind, layer)[..., order])
        self.set("weight", layer + 1, self.get("weight", layer + 1)[order])


def fours(active):
    """An order of the units, given in which rows each is active, [rows, units]."""
    left, order = list(np.argsort(active.mean(0), kind="stable")), []
    while left:
        first = left.pop(0)
        four, any_active = [first], active[:, first]
        while len(four) < FOUR and left:
            counts = (any_active[:, None] | active[:, left]).mean(0)
            best = left.pop(int(np.argmin(counts)))
            four.append(best)
            any_active = any_active | active[:, best]
        order += four
    return order


def sampled(features, spans):
    """So many spans of consecutive rows [spans, rows, features], SAMPLE rows in all, spread over all rows that there are."""
    length = max(1, min(SAMPLE, len(features)) // spans)
    starts = np.linspace(0, len(features) - length, spans).astype(np.int64)
    return features[starts[:, None] + np.arange(length)]


def main(rows, source, target):
    features, _ = open_rows(rows)
    layers = Layers(source)
    sample = layers.inputs(sampled(features.numpy(), SPANS if layers.rates else SAMPLE).astype(np.float64))
    before, after = sample, sample
    for layer in range(1, layers.count):
        before = layers.run(layer, after)
        order = fours(before > 0)
        layers.reorder(layer, order)
        after = before[:, order]
        zero = lambda x: (x.reshape(len(x), -1, FOUR) == 0).all(2).mean()
        print(f"layer {layer}: {zero(before):.1%} of the fours were 0, {zero(after):.1%} are now")
    wanted, outputs = sample, sample
    original = Layers(source)
    for layer in range(1, layers.count + 1):
        wanted, outputs = original.run(layer, wanted), layers.run(layer, outputs)
    if not np.array_equal(wanted, outputs):
        raise SystemExit("the ordered network computes something else")
    with open(target, "wb") as f:
        f.write(layers.model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
