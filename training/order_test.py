"""Tests of the order of hidden units."""

import os
import unittest

import numpy as np
from onnx.reference import ReferenceEvaluator

import export
import order
from memory import Model
from rowstest import RowsTest


class OrderTest(RowsTest):
    def test_fours_keeps_what_is_active_together(self):
        rows = np.arange(1000)
        active = np.stack([rows % 2 == unit % 2 for unit in range(8)], 1)
        found = order.fours(active)
        self.assertEqual(sorted(found), list(range(8)))
        for four in (found[:4], found[4:]):
            self.assertEqual(len({unit % 2 for unit in four}), 1)

    def test_the_model_computes_the_same(self):
        for units in (0, 8):
            rows, folder = self.rows([(500, 200, "a.wav")]), self.folder()
            model, ordered = os.path.join(folder, "model.onnx"), os.path.join(folder, "ordered.onnx")
            export.write(Model([24, 16], units), model, b"{}")
            order.main(rows, model, ordered)
            inputs = {"features": np.fromfile(os.path.join(rows, "features.u8"), np.uint8).reshape(500, -1).astype(np.float32)}
            if units:
                inputs["memory"] = np.random.default_rng(1).integers(0, 256, (500, units)).astype(np.float32)
            before, after = (ReferenceEvaluator(path).run(None, inputs) for path in (model, ordered))
            for a, b in zip(before, after):
                np.testing.assert_array_equal(a, b)
            weights = [order.Layers(path).get("weight", 1) for path in (model, ordered)]
            self.assertFalse(np.array_equal(*weights), "nothing was ordered")
            self.assertEqual(order.Layers(model).model.metadata_props, order.Layers(ordered).model.metadata_props)


if __name__ == "__main__":
    unittest.main()
