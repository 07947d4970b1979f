"""Folders of random rows for tests."""

import os
import tempfile
import unittest

import numpy as np

from network import DISAGREEMENTS, FEATURES

DESCRIPTION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "presets", "fast.json")


class RowsTest(unittest.TestCase):
    def folder(self):
        """A temporary folder."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def rows(self, sequences):
        """A folder of random rows, whose first feature counts them, in sequences [(rows, part, name)]."""
        folder, random = self.folder(), np.random.default_rng(1)
        count = sum(rows for rows, _, _ in sequences)
        features = random.normal(128, 30, (count, FEATURES)).clip(0, 255).astype(np.uint8)
        features[:, 0] = np.arange(count) % 256
        targets = random.normal(0, 1, (count, 2 + DISAGREEMENTS)).astype(np.float32)
        targets[:, 1] = 0.01
        features.tofile(os.path.join(folder, "features.u8"))
        targets.tofile(os.path.join(folder, "targets.f32"))
        with open(os.path.join(folder, "sequences.txt"), "w") as f:
            f.writelines(f"{rows} {part} {name}\n" for rows, part, name in sequences)
        return folder
