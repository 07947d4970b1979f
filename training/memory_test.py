"""Tests of the averages that a network reads, in training."""

import unittest

import torch

from memory import BLOCK, RATES, Averages, Model
from network import FEATURES


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
        network, features = Model([16], 8), torch.randint(0, 256, (2, 300, FEATURES), dtype=torch.uint8)
        with torch.no_grad():
            whole, end = network(features)
            first, state = network(features[:, :100])
            second, state = network(features[:, 100:], state)
        self.assertTrue(torch.allclose(state, end, atol=1e-5))
        self.assertGreater((torch.cat([first, second], 1) == whole).double().mean(), 0.99)

    def test_multiply_adds(self):
        self.assertEqual(Model([128, 128], 0).multiply_adds(), 33_792)
        self.assertEqual(Model([96, 64], 64).multiply_adds(), 28_672)


if __name__ == "__main__":
    unittest.main()
