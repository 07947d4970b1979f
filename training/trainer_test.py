"""Tests that training learns, goes on where it stopped, and leaves a model."""

import contextlib
import io
import json
import os
import unittest

import settings
from data import Spans
from rowstest import RowsTest
from trainer import Trainer

SMALL = dict(hidden=[8], streams=16, span=64, length=16, rate=0.01)


class TrainerTest(RowsTest):
    def setUp(self):
        self.data = self.rows([(64, part, f"{part}.wav") for part in (200, 201, 202, 3)])
        self.out = self.folder()

    def train(self, **changes):
        chosen = settings.load("default", **{**SMALL, **changes})
        trainer = Trainer(chosen, Spans.of_folder(self.data, chosen, "cpu"), "cpu")
        with contextlib.redirect_stdout(io.StringIO()):
            trainer.run(self.out, b"{}")
        with open(os.path.join(self.out, "log.txt")) as f:
            return trainer, [json.loads(line) for line in f]

    def test_learning(self):
        for units in (0, 8):
            self.out = self.folder()
            _, log = self.train(units=units, steps=20)
            trainer, log = self.train(units=units, steps=400)
            self.assertEqual([entry["step"] for entry in log], [20, 400])
            self.assertLess(log[1]["train"], log[0]["train"] - 0.1)
            self.assertEqual(sorted(os.listdir(self.out)), ["best.onnx", "best.pt", "checkpoint.pt", "log.txt"])
            self.assertEqual(trainer.best, min(entry["held"] for entry in log))

    def test_what_is_finished_is_left_alone(self):
        self.train(units=8, steps=20)
        trainer, log = self.train(units=8, steps=20)
        self.assertEqual((trainer.step, len(log)), (20, 1))

    def test_other_widths_are_refused(self):
        self.train(units=8, steps=20)
        with self.assertRaisesRegex(ValueError, "other widths"):
            self.train(units=8, steps=20, hidden=[16])

    def test_a_step_can_be_timed(self):
        for preset in settings.presets():
            chosen = settings.load(preset, streams=16)
            self.assertGreater(Trainer(chosen, Spans.of_noise(chosen, "cpu"), "cpu").seconds_a_step(), 0)


if __name__ == "__main__":
    unittest.main()
