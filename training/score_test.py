"""Tests of measuring whole files and of drawing spans: python -m unittest discover -s training -p '*_test.py'"""

import os
import tempfile
import unittest

import numpy as np
import torch

import score
from data import Spans, mirror, open_rows, read_sequences
from network import DISAGREEMENTS, FEATURES, Network, bits
from recurrent import Recurrent


class Folder(unittest.TestCase):
    """A folder of random rows, whose first feature counts them, in sequences of the given lengths."""

    def write(self, lengths, part):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        random = np.random.default_rng(1)
        rows = sum(lengths)
        features = random.integers(0, 256, (rows, FEATURES), np.uint8)
        features[:, 0] = np.arange(rows) % 256
        targets = random.normal(0, 1, (rows, 2 + DISAGREEMENTS)).astype(np.float32)
        targets[:, 1] = 0.01
        for name, array in (("features.u8", features), ("targets.f32", targets), ("groups.u8", np.repeat(part, lengths).astype(np.uint8))):
            array.tofile(os.path.join(folder.name, name))
        with open(os.path.join(folder.name, "sequences.txt"), "w") as f:
            f.writelines(f"{n} {'ab'[i % 2]}/a file {i}.wav\n" for i, n in enumerate(lengths))
        with open(os.path.join(folder.name, "version.txt"), "w") as f:
            f.write("2")
        return folder.name


class ScoreTest(Folder):
    def setUp(self):
        torch.manual_seed(1)
        self.lengths = [3000, 5, 2048, 2049]
        folder = self.write(self.lengths, [0, 0, 0, 0])
        self.features, self.targets, _ = open_rows(folder)
        self.sequences = read_sequences(folder)

    def of_each(self, network, run):
        """Bits of every sequence, each computed alone and in one go."""
        with torch.no_grad():
            return [float(bits(run(self.features[f : f + n]), self.targets[f : f + n]).double().sum()) for f, n, _ in self.sequences]

    def test_recurrent_networks_keep_their_state_to_the_end_of_a_channel(self):
        network = Recurrent(8)
        with torch.no_grad():
            network.last.weight *= 20  # so that the state matters
            got = score.recurrent_bits(network, self.features, self.targets, self.sequences, "cpu")
        np.testing.assert_allclose(got, self.of_each(network, lambda x: network(x[None])[0][0]), rtol=1e-5)

    def test_classes_and_all(self):
        network = Network([8])
        each = self.of_each(network, network)
        got = score.score(network, (self.features, self.targets, self.sequences), "cpu")
        self.assertEqual(list(got), ["a", "all", "b"])
        self.assertAlmostEqual(got["a"], (each[0] + each[2]) / (3000 + 2048), 3)
        self.assertAlmostEqual(got["all"], sum(each) / sum(self.lengths), 3)

    def test_multiply_adds(self):
        self.assertEqual(score.multiply_adds(Network([128, 128])), 33_792)


class SpansTest(Folder):
    def test_streams_walk_through_training_spans(self):
        spans = Spans(self.write([64] * 8, [200, 3] * 4), "cpu", streams=3, length=16)
        self.assertEqual((len(spans.train), len(spans.held)), (4, 4))
        before = None
        for _ in range(20):
            features, targets, fresh = spans.next()
            self.assertEqual((features.shape[:2], targets.shape[:2]), ((3, 16), (3, 16)))
            first, last = features[:, 0, 0].int(), features[:, -1, 0].int()
            self.assertTrue(bool((last - first == 15).all()))
            self.assertTrue(bool(((first // 64) % 2 == 0).all()), "a held-out span")
            self.assertTrue(bool((first[fresh] % 64 == 0).all()))
            if before is not None:
                self.assertEqual(first[~fresh].tolist(), (before + 1)[~fresh].tolist())
            before = last

    def test_small_folders_have_their_turn(self):
        lengths = [64] * 100
        folder = self.write(lengths, [200] * 100)
        with open(os.path.join(folder, "sequences.txt"), "w") as f:
            f.writelines(f"64 {'small' if i < 4 else 'large'}/{i}.wav\n" for i in range(100))
        spans = Spans(folder, "cpu", streams=3, length=16)
        chosen, mirrored = spans.choose(30_000)
        share = 4**0.5 / (4**0.5 + 96**0.5)
        self.assertAlmostEqual((chosen < 4).mean(), share, 1)
        self.assertAlmostEqual(mirrored.mean(), 0.5, 1)


class MirrorTest(unittest.TestCase):
    def test_upside_down(self):
        features = np.full((2, FEATURES), 128, np.uint8)
        features[0, [0, 9, 10, 41, 76]] = 7, 100, 90, 0, 200
        targets = np.arange(2 * (2 + DISAGREEMENTS), dtype=np.float32).reshape(2, -1)
        wanted = -targets
        wanted[:, 1] *= -1
        mirror(features, targets)
        np.testing.assert_array_equal(features[0, [0, 9, 10, 41, 76, 77]], [7, 156, 90, 255, 128, 200])
        np.testing.assert_array_equal(features[1], np.full(FEATURES, 128))
        np.testing.assert_array_equal(targets, wanted)


if __name__ == "__main__":
    unittest.main()
