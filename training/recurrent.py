"""A language model with memory: an experiment in floating point, which is not exported as integers.

A layer, a gated recurrent unit (Cho et al. 2014, arXiv 1406.1078) beside it, a layer over the sum of both, and the same
outputs as network.Network has. Its state goes from row to row of one channel.
"""

import torch
from torch import nn
from torch.nn import functional as F

from network import ACTIVATION_BITS, FEATURE_ZERO, FEATURES, OUTPUT_BITS, OUTPUT_LIMITS, OUTPUTS, Network


class Recurrent(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.enter = nn.Linear(FEATURES, width)
        self.memory = nn.GRU(width, width, batch_first=True)
        self.mix = nn.Linear(width, width)
        self.last = nn.Linear(width, OUTPUTS)
        with torch.no_grad():
            self.last.weight *= 0.1
            self.last.bias.copy_(Network([1]).last.bias)
        limit = torch.tensor(OUTPUT_LIMITS) / torch.exp2(torch.tensor(OUTPUT_BITS, dtype=torch.float32))
        self.register_buffer("output_limit", limit)

    def forward(self, features, state=None):
        """features: bytes [sequences, rows, FEATURES]; the state after the rows before, None before the first one.

        Returns outputs [sequences, rows, OUTPUTS], as network.Network's but not rounded, and the state [1, sequences, width].
        """
        x = F.relu(self.enter((features.to(self.last.weight.dtype) - FEATURE_ZERO) / 2**ACTIVATION_BITS))
        remembered, state = self.memory(x, state)
        y = self.last(F.relu(self.mix(x + remembered)))
        return torch.minimum(torch.maximum(y, -self.output_limit), self.output_limit), state
