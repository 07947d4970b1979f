"""Orders the hidden units of a model, so that those which are rarely active stand together.

usage: order.py ROWS MODEL OUT

The network computes the same. But a kernel that takes one row at a time leaves out the weights of four neighbouring units
if all of them are 0 (codec/kernel): the more often, the faster. The units are put into fours that are all 0 in as many of
the rows as possible, the least active first.
"""

import sys

import numpy as np
import onnx
from onnx import numpy_helper

from data import open_rows

SAMPLE = 50_000  # rows
FOUR = 4


class Layers:
    """The constants of a model by layer, 1 to count. A column of a weight matrix is a unit, a row one of its inputs."""

    def __init__(self, path):
        self.model = onnx.load(path)
        self.constants = {c.name: c for c in self.model.graph.initializer}
        self.count = sum(name.startswith("weight") for name in self.constants)

    def get(self, kind, layer):
        return numpy_helper.to_array(self.constants[f"{kind}{layer}"])

    def set(self, kind, layer, value):
        name = f"{kind}{layer}"
        self.constants[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))

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


def main(rows, source, target):
    features, _, _ = open_rows(rows)
    sample = features[:: max(1, len(features) // SAMPLE)].numpy().astype(np.float64)
    layers = Layers(source)
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
