"""The section "Mixture" of FORMAT.md."""

import numpy as np

from arithmetic import H, exp2, fold8, limit

# The distribution function of the logistic distribution, and the differences of its neighbouring values.
T = np.array([H[i] / 2**52 if i <= 384 else 1 - H[768 - i] / 2**52 for i in range(769)])
SLOPES = T[1:] - T[:-1]


class Mixture:
    def __init__(self, outputs, row):
        gates = limit(outputs[24:], 1023).reshape(2, 16) * row.disagreement.astype(np.float64)
        shift = np.add.accumulate(gates, axis=1)[:, -1] / 256
        offset = limit(outputs[8:16], 2047) / 64 + np.tile(shift, 4)
        self.weight = exp2(limit(outputs[:8], 127))
        self.centre = row.base + offset * row.scale
        self.narrow = row.inverse * exp2(-limit(outputs[16:24], 127))
        self.total = float(fold8(self.weight))

    def below(self, points):
        """The masses below an array of points."""
        t = ((points[:, None] - self.centre) * self.narrow) * 16 + 384
        inside = np.where(t > 0, np.minimum(t, 768), 0)
        i = np.minimum(inside.astype(np.int64), 767)
        return fold8(np.where(t < 768, self.weight * (T[i] + SLOPES[i] * (inside - i)), self.weight))
