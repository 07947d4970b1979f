"""Tests of drawing spans of rows."""

import unittest

import torch

import settings
from data import Mirror, Spans, read_sequences
from network import DISAGREEMENTS, FEATURES
from rowstest import RowsTest

PART = 200  # of rows that are trained on; 3 is held out


def some(**changes):
    return settings.load("default", streams=3, span=64, length=16, **changes)


class SpansTest(RowsTest):
    def test_names_may_have_spaces(self):
        folder = self.rows([(2, 7, "a/a file 1.wav"), (3, 200, "b.wav")])
        self.assertEqual(read_sequences(folder), [(2, 7, "a/a file 1.wav"), (3, 200, "b.wav")])

    def test_streams_walk_through_training_spans(self):
        spans = Spans.of_folder(self.rows([(64, part, "a.wav") for part in (PART, 3) * 4]), some(), "cpu")
        self.assertEqual(spans.held.tolist(), [64, 192, 320, 448])
        before = None
        for _ in range(20):
            features, targets, fresh = spans.next()
            self.assertEqual((features.shape, targets.shape), ((3, 16, FEATURES), (3, 16, 2 + DISAGREEMENTS)))
            first, last = features[:, 0, 0].int(), features[:, -1, 0].int()
            self.assertTrue(bool((last - first == 15).all()))
            self.assertTrue(bool(((first // 64) % 2 == 0).all()), "a held-out span")
            self.assertTrue(bool((first[fresh] % 64 == 0).all()))
            if before is not None:
                self.assertEqual(first[~fresh].tolist(), (before + 1)[~fresh].tolist())
            before = last

    def test_small_folders_have_their_turn(self):
        folder = self.rows([(64, PART, f"{'small' if i < 4 else 'large'}/{i}.wav") for i in range(100)])
        spans = Spans.of_folder(folder, settings.load("default", streams=30_000, span=64, length=16), "cpu")
        first, mirrored = spans.choose()
        share = 4**0.5 / (4**0.5 + 96**0.5)
        self.assertAlmostEqual(float((first < 4 * 64).double().mean()), share, 1)
        self.assertAlmostEqual(float(mirrored.double().mean()), 0.5, 1)
        self.assertEqual(sorted(first.unique().tolist()), list(range(0, 6400, 64)))

    def test_single_rows(self):
        folder = self.rows([(100, PART, "a/1.wav"), (50, 3, "a/2.wav"), (30, PART, "b/3.wav")])
        spans = Spans.of_folder(folder, settings.load("fast", streams=20_000), "cpu")
        features, _, fresh = spans.next()
        self.assertEqual(features.shape, (20_000, 1, FEATURES))
        self.assertTrue(bool(fresh.all()))
        self.assertEqual(sorted(features[:, 0, 0].unique().tolist()), [*range(100), *range(150, 180)])
        self.assertEqual(sum(len(features) for features, _ in spans.held_batches()), 50)

    def test_nothing_to_train_on(self):
        for rows, part in ((63, PART), (64, 3)):
            with self.assertRaisesRegex(ValueError, "too few recordings"):
                Spans.of_folder(self.rows([(rows, part, "a.wav")]), some(), "cpu")


class MirrorTest(unittest.TestCase):
    def test_upside_down(self):
        features = torch.full((2, 2, FEATURES), 128, dtype=torch.uint8)
        features[:, 0, [0, 9, 10, 41, 76]] = torch.tensor([7, 100, 90, 0, 200], dtype=torch.uint8)
        targets = torch.arange(2 * 2 * (2 + DISAGREEMENTS), dtype=torch.float32).reshape(2, 2, -1)
        got, got_targets = Mirror("cpu")(features, targets, torch.tensor([True, False]))
        self.assertEqual(got[0, 0, [0, 9, 10, 41, 76, 77]].tolist(), [7, 156, 90, 255, 128, 200])
        self.assertEqual(got[0, 1].tolist(), [128] * FEATURES)
        wanted = -targets[0]
        wanted[:, 1] *= -1
        torch.testing.assert_close(got_targets[0], wanted)
        torch.testing.assert_close(got[1], features[1])
        torch.testing.assert_close(got_targets[1], targets[1])


if __name__ == "__main__":
    unittest.main()
