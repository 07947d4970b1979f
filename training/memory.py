"""The network with its memory, as it is trained.

A layer of units, the observer, sees the features of a row. The codec keeps a leaky average of each unit from row to row of a
channel, and the network reads the averages beside the features (codec/internal/network, FORMAT.md "Memory"). Rounding is as in network.py;
only that the codec keeps 16 bits of an average behind the point of an activation, and this more.
"""

import torch
from torch import nn
from torch.nn import functional as F

from network import ACTIVATION_BITS, FEATURES, Layer, Network, activate, centred, integers, straight_through

RATES = (3, 5, 7, 10)  # an average takes 2^-rate of what is new; equally many units have each, in this order
BLOCK = 64  # rows of averages that are computed at once


class Averages(nn.Module):
    """Leaky averages of as many units for each of RATES."""

    def __init__(self, units):
        super().__init__()
        if units % len(RATES):
            raise ValueError(f"the number of units must be a multiple of {len(RATES)}")
        keep = 1 - torch.exp2(-torch.tensor(RATES, dtype=torch.float64))[:, None]
        row = torch.arange(BLOCK)
        age = row[:, None] - row
        within = torch.where(age >= 0, (1 - keep[..., None]) * keep[..., None] ** age.clamp(min=0), 0)
        self.register_buffer("within", within.float(), persistent=False)  # [rate, row, earlier row]
        self.register_buffer("kept", (keep ** (row + 1)).float(), persistent=False)  # [rate, row]

    def forward(self, units, state):
        """units [sequences, rows, units], and the averages before them [sequences, units] -> the averages with each row."""
        count = units.shape[1]
        units = F.pad(units, (0, 0, 0, -count % BLOCK))
        sequences, rows, width = units.shape
        rates = len(RATES)
        grouped = units.view(sequences, rows // BLOCK, BLOCK, rates, width // rates).permute(3, 0, 1, 2, 4)
        recent = self.within[:, None, None] @ grouped  # [rate, sequence, block, row, unit]
        kept, before = self.kept[:, None, :, None], state.view(sequences, rates, -1).transpose(0, 1)
        blocks = []
        for k in range(rows // BLOCK):
            blocks.append(recent[:, :, k] + kept * before[:, :, None])
            before = blocks[-1][:, :, -1]
        averages = torch.stack(blocks, 2).permute(1, 2, 3, 0, 4)
        return averages.reshape(sequences, rows, width)[:, :count]


class Model(nn.Module):
    """A network with hidden layers of the given widths, and its memory of so many units: an observer, whose averages it reads.

    Without units it has no memory.
    """

    def __init__(self, hidden, units):
        super().__init__()
        self.observer = Layer(FEATURES, units) if units else None
        self.averages = Averages(units) if units else None
        self.network = Network(hidden, units)
        self.units = units

    def forward(self, features, state=None):
        """features: bytes [sequences, rows, FEATURES]; the state after the rows before, None before the first one.

        Returns outputs [sequences, rows, OUTPUTS] in their units, rounded as the codec's, and the state [sequences, units].
        """
        x = centred(features, self.network.last.weight.dtype)
        if state is None:
            state = x.new_zeros(len(x), self.units)
        if not self.units:
            return self.network.outputs(x), state
        averages = self.averages(activate(self.observer(x)), state)
        unit = 2.0**ACTIVATION_BITS
        remembered = straight_through(averages, torch.floor(averages.detach() * unit + 0.5) / unit)
        return self.network.outputs(torch.cat([x, remembered], 2)), averages[:, -1]

    def multiply_adds(self):
        """For one sample: every weight that is not a bias is used once."""
        return sum(p.numel() for name, p in self.named_parameters() if "weight" in name)

    def integers(self):
        """The layers of the network over integers: see network.Network.integers."""
        return self.network.integers()

    def observer_integers(self):
        """The observer over integers, as one of those layers; None without a memory."""
        return integers(self.observer, features=FEATURES) if self.units else None
