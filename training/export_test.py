"""Tests that the exporter refuses networks that would not be exact: python -m unittest discover -s training -p '*_test.py'"""

import os
import tempfile
import unittest

import numpy as np

import export


class Forged:
    """A network of one layer with 64 inputs and 2 outputs."""

    def __init__(self, weight=1, bias=0, shift=3, kind=np.int8):
        self.layer = (np.full((2, 64), weight, kind), np.array([0, bias], np.int32), np.full(2, shift, np.int32), False)

    def integers(self):
        return [self.layer]

    def observer_integers(self):
        return None


class ExportTest(unittest.TestCase):
    def export(self, network):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            try:
                export.write(network, path, "2")
            finally:
                self.written = os.path.exists(path)

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


if __name__ == "__main__":
    unittest.main()
