"""Tests that exported models compute what was trained, in integers, and that networks that would not be exact are refused."""

import json
import os
import shutil
import subprocess
import unittest

import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator

import export
import order
from memory import Model
from network import FEATURES
from rowstest import DESCRIPTION, RowsTest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(export.__file__)))


def canonical():
    """A description as model files have it."""
    with open(DESCRIPTION) as f:
        return json.dumps(json.load(f), separators=(",", ":")).encode()


def random_features(*shape):
    return np.random.default_rng(3).normal(128, 30, (*shape, FEATURES)).clip(0, 255).astype(np.uint8)


class Forged:
    """A network of one layer with 64 inputs and 2 outputs."""

    def __init__(self, weight=1, bias=0, shift=3, kind=np.int8):
        self.layer = (np.full((2, 64), weight, kind), np.array([0, bias], np.int32), np.full(2, shift, np.int32), False)

    def integers(self):
        return [self.layer]

    def observer_integers(self):
        return None


class ExportTest(RowsTest):
    def export(self, network):
        path = os.path.join(self.folder(), "model.onnx")
        try:
            export.write(network, path, canonical())
        finally:
            self.written = os.path.exists(path)
        return path

    def test_exact_network_is_written(self):
        self.export(Forged(weight=127, bias=2**24 - 1 - 255 * 127 * 64))
        self.assertTrue(self.written)

    def test_sums_beyond_the_exact_range_are_refused(self):
        for bias in (2**24 - 255 * 127 * 64, -(2**24), 2**31 - 1, -(2**31)):
            with self.assertRaisesRegex(ValueError, "no longer exact"):
                self.export(Forged(weight=127, bias=bias))
            self.assertFalse(self.written)

    def test_other_weights_and_shifts_are_refused(self):
        for network in (Forged(kind=np.int16), Forged(shift=-1), Forged(shift=25)):
            with self.assertRaisesRegex(ValueError, "weights must be int8"):
                self.export(network)
            self.assertFalse(self.written)

    def test_the_description_is_carried_as_it_is(self):
        properties = {p.key: p.value for p in onnx.load(self.export(Model([8], 0))).metadata_props}
        self.assertEqual(properties, {"trilobyte.description": canonical().decode()})
        properties = {p.key: p.value for p in onnx.load(self.export(Model([8], 8))).metadata_props}
        self.assertEqual(properties, {"trilobyte.description": canonical().decode(), "trilobyte.memory": "3 5 7 10"})

    def test_the_graph_computes_the_integers_of_the_network(self):
        torch.manual_seed(3)
        model = Model([24, 16], 0)
        features = random_features(500)
        with torch.no_grad():
            wanted = (model(torch.from_numpy(features)[None])[0][0] * model.network.output_unit).numpy()
        got = ReferenceEvaluator(self.export(model)).run(None, {"features": features.astype(np.float32)})[0]
        limit = model.network.output_limit.numpy()
        np.testing.assert_array_equal(got.clip(-limit, limit), wanted)
        self.assertGreater(len(np.unique(wanted)), 50)

    def test_the_graph_with_memory_computes_the_integers_of_the_network(self):
        torch.manual_seed(3)
        model = Model([24, 16], 8)
        features, averages = random_features(500), np.random.default_rng(4).integers(0, 256, (500, 8))
        graph = ReferenceEvaluator(self.export(model))
        outputs, units = graph.run(None, {"features": features.astype(np.float32), "memory": averages.astype(np.float32)})
        # An activation of n/64 is the integer n, a feature of 128 zero.
        x, remembered = (torch.from_numpy(features).float() - 128) / 64, torch.from_numpy(averages).float() / 64
        with torch.no_grad():
            wanted = (model.network.outputs(torch.cat([x, remembered], 1)) * model.network.output_unit).numpy()
            wanted_units = (model.observer(x) * 64 + 0.5).floor().clamp(0, 255).numpy()
        limit = model.network.output_limit.numpy()
        np.testing.assert_array_equal(outputs.clip(-limit, limit), wanted)
        np.testing.assert_array_equal(units, wanted_units)

    def test_averages_in_training_are_those_of_the_codec(self):
        torch.manual_seed(3)
        model = Model([24, 16], 8)
        features = random_features(2, 500)
        with torch.no_grad():
            wanted = (model(torch.from_numpy(features))[0] * model.network.output_unit).flatten(0, 1).numpy()
        layers = order.Layers(self.export(model))
        x = layers.inputs(features.astype(np.float64))
        for layer in range(1, layers.count + 1):
            x = layers.run(layer, x)
        limit = model.network.output_limit.numpy()
        # The codec rounds its averages down by 2^-16 now and then, which seldom reaches an output.
        self.assertGreater((x.clip(-limit, limit) == wanted).mean(), 0.98)
        self.assertGreater(len(np.unique(wanted)), 50)

    @unittest.skipUnless(shutil.which("go"), "Go is not here")
    def test_the_program_takes_the_model(self):
        for units in (0, 64):
            model = Model([96, 64], units)
            shown = subprocess.run(["go", "run", "./training/describe", self.export(model)], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual((shown.returncode, shown.stderr), (0, ""))
            first, description = shown.stdout.splitlines()
            self.assertIn(f" {model.multiply_adds()} multiply-adds ", first)
            self.assertEqual(description, canonical().decode())


if __name__ == "__main__":
    unittest.main()
