"""The section "Tones" of FORMAT-predictors.md."""

import numpy as np

from arithmetic import fold16

LANES = 32


def dot32(a, b):
    """The inner product, in 32 lanes."""
    products = np.zeros((len(a) + LANES - 1) // LANES * LANES)
    products[: len(a)] = a * b
    s = np.add.accumulate(products.reshape(-1, LANES))[-1]
    return float(fold16(s[:16] + s[16:]))


class Tone:
    def __init__(self, tone, window):
        self.order, self.every, self.ridge = tone["order"], tone["every"], tone["ridge"]
        fade = 1 - 1 / (512 * 2 ** (window + tone.get("longer", 0)))
        block = self.block = min(self.every, 256)
        self.shrink = np.multiply.accumulate([1.0] + [fade] * self.order)
        self.g = np.multiply.accumulate([1.0] + [fade * fade] * block)
        i = np.arange(1.0, block + 1)
        self.ages = [self.g[1:], i * self.g[1:], (i * i) * self.g[1:]]
        self.moments = np.zeros((3, self.order + 1))
        self.w = np.zeros(self.order)
        self.x = np.zeros(self.order + block)  # the newest one first
        self.count = self.found = 0

    def predict(self, otherwise):
        return dot32(self.w, self.x[: self.order]) if self.found else otherwise

    def learn(self, v):
        self.x[1:] = self.x[:-1].copy()
        self.x[0] = v
        self.count += 1
        if self.count % self.block:
            return
        self.take()
        if self.count - self.found >= min(self.every, max(256, self.found)):
            self.found = self.count
            self.solve()

    def take(self):
        (m0, m1, m2), b, fade = self.moments.copy(), self.block, self.g[-1]
        self.moments[2] = fade * (m2 + ((2 * b) * m1 + (b * b) * m0))
        self.moments[1] = fade * (m1 + b * m0)
        self.moments[0] = fade * m0
        for i in range(b):
            scaled = np.array([age[i] * self.x[i] for age in self.ages])
            self.moments += scaled[:, None] * self.x[i : i + self.order + 1]

    def solve(self):
        n = self.order
        r = self.shrink * (self.moments[2] + np.arange(n + 1) * self.moments[1])
        power = float(r[0])
        if not power >= 1:
            self.moments[:], self.w[:] = 0, 0
            return
        power += self.ridge * power
        f, b, c = np.zeros(n + 1), np.zeros(n + 1), float(r[1])
        f[0] = b[0] = 1
        for o in range(1, n + 1):
            k = c / power
            if not -1 < k < 1:
                break
            shifted = np.concatenate([[0.0], b[:o]])
            b[: o + 1] = shifted - k * f[: o + 1]
            f[: o + 1] -= k * shifted
            if o < n:
                c = dot32(f[: o + 1], r[o + 1 : 0 : -1])
            power *= 1 - k * k
        self.w = -f[1:]
