"""The section "Mixture" of FORMAT.md."""

import numpy as np

from arithmetic import H, exp2, fold

# The distribution function of the logistic distribution, and the differences of its neighbouring values.
T = [H[i] / 2**52 if i <= 384 else 1 - H[768 - i] / 2**52 for i in range(769)]
SLOPES = [b - a for a, b in zip(T, T[1:])]

# How far from 0 the outputs count: those for weights, centres, widths and gates.
MOST = np.repeat([127, 2047, 127, 1023], [8, 8, 8, 32])


class Mixture:
    def __init__(self, outputs, row):
        o, disagreement, shift = np.maximum(-MOST, np.minimum(MOST, outputs)).tolist(), row.disagreement.tolist(), [0.0, 0.0]
        for s in range(2):
            for gate, d in zip(o[24 + 16 * s :], disagreement):
                shift[s] += gate * d
            shift[s] /= 256
        self.weight = [exp2(v) for v in o[:8]]
        self.centre = [row.base + (v / 64 + shift[k % 2]) * row.scale for k, v in enumerate(o[8:16])]
        self.narrow = [row.inverse * exp2(-v) for v in o[16:24]]
        self.total = fold(self.weight)

    def below(self, x):
        """The mass below a point."""
        m = []
        for weight, centre, narrow in zip(self.weight, self.centre, self.narrow):
            t = ((x - centre) * narrow) * 16 + 384
            if not t > 0:
                m.append(0.0)
            elif t >= 768:
                m.append(weight)
            else:
                i = int(t)
                m.append(weight * (T[i] + SLOPES[i] * (t - i)))
        return fold(m)
