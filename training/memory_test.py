"""Tests that a network with memory computes in training what its exported integers do: python -m unittest discover -s training -p '*_test.py'"""

import os
import tempfile
import unittest

import numpy as np
import torch

import export
import order
import start
from memory import BLOCK, RATES, Averages, Remembering
from network import FEATURES

CONSTANTS = [part + kind + number for kind in ("weight", "bias", "scale") for part, number in (("", "1"), ("", "2"), ("", "3"), ("observer_", ""))]


class MemoryTest(unittest.TestCase):
    def test_averages_are_leaky_averages(self):
        torch.manual_seed(1)
        width, rows = 2 * len(RATES), 3 * BLOCK + 7
        units, state = torch.rand(3, rows, width), torch.rand(3, width)
        averages = Averages(width)(units, state)
        taken = torch.exp2(-torch.tensor(RATES, dtype=torch.float32)).repeat_interleave(2)
        for row in range(rows):
            state = state + (units[:, row] - state) * taken
            self.assertLess((averages[:, row] - state).abs().max(), 1e-5)

    def test_pieces_are_as_good_as_the_whole(self):
        torch.manual_seed(2)
        network, features = Remembering([16], 8), torch.randint(0, 256, (2, 300, FEATURES), dtype=torch.uint8)
        with torch.no_grad():
            whole, end = network(features)
            first, state = network(features[:, :100])
            second, state = network(features[:, 100:], state)
        self.assertTrue(torch.allclose(state, end, atol=1e-5))
        self.assertGreater((torch.cat([first, second], 1) == whole).double().mean(), 0.99)

    def test_export_computes_the_same(self):
        torch.manual_seed(3)
        network = Remembering([24, 16], 8)
        features = torch.from_numpy(np.random.default_rng(3).normal(128, 30, (2, 500, FEATURES)).clip(0, 255).astype(np.uint8))
        with torch.no_grad():
            wanted = (network(features)[0] * network.network.output_unit).flatten(0, 1).numpy()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            export.write(network, path, "3")
            layers = order.Layers(path)
        x = layers.inputs(features.numpy().astype(np.float64))
        for layer in range(1, layers.count + 1):
            x = layers.run(layer, x)
        limit = network.network.output_limit.numpy()
        # The codec rounds its averages down by 2^-16 now and then, which seldom reaches an output.
        self.assertGreater((x.clip(-limit, limit) == wanted).mean(), 0.98)
        self.assertGreater(len(np.unique(wanted)), 50)

    def test_a_model_is_a_beginning(self):
        torch.manual_seed(4)
        network, other = Remembering([24, 16], 8), Remembering([24, 16], 8)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("first.onnx", "second.onnx")]
            export.write(network, paths[0], "3")
            start.load(other, paths[0])
            export.write(other, paths[1], "3")
            first, second = ([order.Layers(path).get(kind, "") for kind in CONSTANTS] for path in paths)
            for a, b in zip(first, second):
                np.testing.assert_array_equal(a, b)
            with self.assertRaisesRegex(ValueError, "layer of"):
                start.load(Remembering([16, 16], 8), paths[0])


if __name__ == "__main__":
    unittest.main()
