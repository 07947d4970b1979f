"""The section "Filters" of FORMAT.md."""

import numpy as np

from arithmetic import f32, fold16, pow08

ROOM = 4096  # inputs until they are moved back


class Filters:
    """Filters that take turns at blocks together. What there is once for a filter is in arrays with an element for each, and what
    there is for a tap in arrays of all filters' taps, one filter behind the other, the longest lag first."""

    def __init__(self, stages):
        taps = self.taps = np.array([s["taps"] for s in stages], int)
        count = len(stages)
        self.mu = np.array([s["mu"] for s in stages], f32)
        self.rows = np.concatenate([[0], np.cumsum(taps // 16)])
        lags = np.concatenate([np.arange(t, 0, -1) for t in taps] or [np.zeros(0)])
        decaying = np.repeat([bool(s.get("decaying")) for s in stages], taps)
        self.g = np.where(decaying, pow08(lags.astype(np.float64)), 1).astype(f32)
        self.w = np.zeros(taps.sum(), f32)
        self.last = np.cumsum(taps) - 1  # of lag 1
        # The inputs of a filter begin with u[T + 2] and end with u[0], which is not known yet.
        starts = np.cumsum(taps + 3 + ROOM) - (taps + 3 + ROOM)
        self.inputs, self.moved = np.zeros((taps + 3 + ROOM).sum(), f32), 0
        self.window = np.repeat(starts + taps, taps) - lags.astype(int)
        self.newest = starts + taps + 1
        self.s0, self.s, self.o = np.zeros(count, f32), np.zeros(count, f32), np.zeros(count, f32)
        self.second = False
        # Of the power.
        lengths = 4 ** np.arange(6)[:, None]
        self.used = lengths <= taps
        self.keep = f32(1) - f32(1) / (lengths + 1).astype(f32)
        self.gain = [f32(1)]
        for _ in range(5):
            self.gain.append(self.gain[-1] * f32(0.32987698))
        self.level, self.flat = np.zeros((6, count), f32), np.zeros(count, f32)
        self.flat_keep = f32(1) - f32(1) / taps.astype(f32)

    def predict(self):
        """The outputs."""
        if self.second:
            x = self.inputs[self.newest + self.moved]
            self.s0 = self.s.copy()
            self.o = (self.rest + self.w[self.last] * x) + self.s0 * (self.overlap + self.neighbour * x)
        else:
            self.update_weights()
        self.second = not self.second
        return self.o

    def update_weights(self):
        u = [self.inputs[self.moved + i :][self.window] for i in range(4)]  # u[l + 2] to u[l - 1]
        self.w += self.g * (np.repeat(self.s0, self.taps) * u[0] + np.repeat(self.s, self.taps) * u[1])
        products = np.stack([self.w * u[2], self.w * u[3], (self.g * u[2]) * u[3]]).reshape(3, -1, 16)
        sums = [np.add.accumulate(products[:, a:b], axis=1)[:, -1] for a, b in zip(self.rows, self.rows[1:])]
        self.o, self.rest, self.overlap = fold16(np.array(sums, f32).reshape(-1, 3, 16)).T
        self.neighbour = u[2][self.last]

    def move(self):
        """Makes room for the next inputs."""
        if self.moved == ROOM:
            for newest, taps in zip(self.newest, self.taps):
                inputs = self.inputs[newest - taps - 1 :][: taps + 3 + ROOM]
                inputs[: taps + 2] = inputs[ROOM : ROOM + taps + 2].copy()
                inputs[taps + 2 :] = 0
            self.moved = 0
        self.moved += 1

    def take_in(self, which, x):
        """Takes in inputs of some filters, a slice."""
        self.inputs[self.newest[which] + self.moved] = x
        square = x * x
        self.level[:, which] = self.level[:, which] * self.keep + (square + f32(1e-20))
        self.flat[which] = self.flat[which] * self.flat_keep[which] + square

    def power(self):
        total = np.zeros(len(self.taps), f32)
        for used, level, gain in zip(self.used, self.level, self.gain):
            total = np.where(used, total + level * gain, total)
        return total + self.mu * self.flat + f32(1)
