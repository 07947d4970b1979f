"""Tests of measuring whole files."""

import unittest

import numpy as np
import torch

import score
from data import open_rows, read_sequences
from memory import Model
from network import bits
from rowstest import RowsTest


class ScoreTest(RowsTest):
    def setUp(self):
        torch.manual_seed(1)
        folder = self.rows([(rows, 0, f"{'ab'[i % 2]}/{i}.wav") for i, rows in enumerate((3000, 5, 2048, 2049))])
        self.features, self.targets = open_rows(folder)
        self.sequences = read_sequences(folder)

    def bits_of_each(self, model):
        """Bits of every sequence, each computed alone and in one go."""
        found, first = [], 0
        for rows, _, _ in self.sequences:
            piece = slice(first, first + rows)
            with torch.no_grad():
                outputs = model(self.features[piece][None])[0][0]
            found.append(float(bits(outputs, self.targets[piece]).double().sum()))
            first += rows
        return found

    def test_the_state_goes_on_to_the_end_of_a_channel(self):
        for units in (0, 8):
            model = Model([8], units)
            with torch.no_grad():
                model.network.last.weight *= 20  # so that the state matters
                got = score.sequence_bits(model, self.features, self.targets, [rows for rows, _, _ in self.sequences], "cpu")
            np.testing.assert_allclose(got, self.bits_of_each(model), rtol=1e-5)

    def test_classes_and_all(self):
        model = Model([8], 0)
        each = self.bits_of_each(model)
        got = score.score(model, self.features, self.targets, self.sequences, "cpu")
        self.assertEqual(list(got), ["a", "all", "b"])
        self.assertAlmostEqual(got["a"], (each[0] + each[2]) / (3000 + 2048), 3)
        self.assertAlmostEqual(got["all"], sum(each) / sum(rows for rows, _, _ in self.sequences), 3)


if __name__ == "__main__":
    unittest.main()
