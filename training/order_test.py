"""python3 training/order_test.py"""

import os
import tempfile
import unittest

import numpy as np
import torch

import export
import order
from network import FEATURES, Network


class OrderTest(unittest.TestCase):
    def test_fours_keeps_what_is_active_together(self):
        rows = np.arange(1000)
        active = np.stack([rows % 2 == unit % 2 for unit in range(8)], 1)
        found = order.fours(active)
        self.assertEqual(sorted(found), list(range(8)))
        for four in (found[:4], found[4:]):
            self.assertEqual(len({unit % 2 for unit in four}), 1)

    def test_the_model_computes_the_same(self):
        random = np.random.default_rng(1)
        torch.manual_seed(1)
        with tempfile.TemporaryDirectory() as folder:
            rows = random.integers(0, 256, (500, FEATURES)).astype(np.uint8)
            rows.tofile(os.path.join(folder, "features.u8"))
            np.zeros((500, 18), np.float32).tofile(os.path.join(folder, "targets.f32"))
            with open(os.path.join(folder, "version.txt"), "w") as f:
                f.write("3")
            model, ordered = os.path.join(folder, "model.onnx"), os.path.join(folder, "ordered.onnx")
            export.write(Network([24, 16]), model, "3")
            order.main(folder, model, ordered)
            outputs = []
            for path in (model, ordered):
                layers, x = order.Layers(path), rows.astype(np.float64)
                for layer in range(1, layers.count + 1):
                    x = layers.run(layer, x)
                outputs.append(x)
            np.testing.assert_array_equal(*outputs)
            self.assertEqual(os.path.getsize(model), os.path.getsize(ordered))


if __name__ == "__main__":
    unittest.main()
