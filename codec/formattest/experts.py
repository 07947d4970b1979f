"""The section "Experts" of FORMAT.md."""

import math

import numpy as np

from arithmetic import dot64, fold8, lane_sums, pow08

f32 = np.float32
np.seterr(all="ignore")  # infinities and not-a-numbers are right as they come


class LeastSquares:
    def __init__(self, order, forgetting, ridge, interval):
        self.forgetting, self.ridge, self.interval, self.countdown = forgetting, ridge, interval, interval
        self.a = np.zeros((order, order))  # what is below the diagonal is never read
        self.b, self.w = np.zeros(order), np.zeros(order)
        self.mean_error = 0.0

    def predict(self, x):
        self.x, self.output = x, dot64(self.w, x)
        return self.output

    def learn(self, v):
        self.mean_error = self.mean_error * 0.998 + abs(v - self.output) * 0.002
        t = pow08(self.mean_error + 0.001) * self.x
        self.a = self.forgetting * self.a + np.multiply.outer(t, self.x)
        self.b = self.forgetting * self.b + t * v
        self.countdown -= 1
        if self.countdown == 0:
            self.countdown = self.interval
            self.solve()

    def solve(self):
        f, r, n = self.a.copy(), self.b.copy(), len(self.b)
        d = [0.0] * n
        for k in range(n):
            pivot = float(f[k, k]) + self.ridge
            if not pivot > 1e-30:
                return
            d[k] = 1 / math.sqrt(pivot)
            f[k, k:] *= d[k]
            rest = f[k, k + 1 :]
            f[k + 1 :, k + 1 :] -= np.multiply.outer(rest, rest)
        y = np.zeros(n)
        for k in range(n):
            y[k] = r[k] * d[k]
            r[k + 1 :] -= y[k] * f[k, k + 1 :]
        for k in range(n - 1, -1, -1):
            self.w[k] = (y[k] - dot64(f[k, k + 1 :], self.w[k + 1 :])) * d[k]


class Filter:
    """Arrays over lags have the longest lag first."""

    def __init__(self, taps, mu, decaying):
        self.taps, self.mu = taps, f32(mu)
        self.w = np.zeros(taps, f32)
        self.g = np.array([pow08(float(lag)) for lag in range(taps, 0, -1)]).astype(f32) if decaying else None
        self.inputs, self.end = np.zeros(taps + 1 + 4096, f32), taps + 1
        self.s, self.o = f32(0), f32(0)
        lengths = [4**i for i in range(6) if 4**i <= taps]
        self.keep = np.array([f32(1) - f32(1) / f32(n + 1) for n in lengths], f32)
        self.gain = [f32(1)]
        for _ in lengths[1:]:
            self.gain.append(self.gain[-1] * f32(0.32987698))
        self.level = np.zeros(len(lengths), f32)
        self.flat, self.flat_keep = f32(0), f32(1) - f32(1) / f32(taps)

    def predict(self):
        u = self.inputs[self.end - self.taps - 1 : self.end]
        step = self.s if self.g is None else self.s * self.g
        self.w += step * u[:-1]
        m = lane_sums(self.w * u[1:], 16)
        self.o = fold8(m[:8] + m[8:])
        return self.o

    def take_in(self, x):
        if self.end == len(self.inputs):
            self.inputs[: self.taps] = self.inputs[-self.taps :]
            self.end = self.taps
        self.inputs[self.end] = x
        self.end += 1
        self.level = self.level * self.keep + (x * x + f32(1e-20))
        self.flat = self.flat * self.flat_keep + x * x

    def power(self):
        total = f32(0)
        for level, gain in zip(self.level, self.gain):
            total = total + level * gain
        return total + self.mu * self.flat + f32(1)

    def update(self, error, x):
        self.s = self.mu * error / self.power()
        self.take_in(x)


class Bank:
    def __init__(self, paired):
        self.paired = paired
        self.own, self.other = np.zeros(32), np.zeros(32)
        self.ordinary = [
            LeastSquares(32, 0.998, 3000, 8),
            LeastSquares(32, 0.9995, 10000, 8),
            LeastSquares(32, 0.9998, 10000, 8),
            LeastSquares(16, 0.98, 1000, 8),
        ]
        self.mixers = [LeastSquares(14, forgetting, 5, 2) for forgetting in (0.9995, 0.998, 0.95)]
        self.fast = [Filter(t, mu, True) for t, mu in zip((1024, 256, 32, 16), (0.05, 0.06, 0.03, 0.03))]
        self.slow = [Filter(t, 0.002, False) for t in (2048, 256, 32, 16)]
        self.robust, self.robust_error = Filter(32, 0.05, True), f32(0)
        self.cross = [Filter(32, 0.02, True) for _ in range(2 if paired else 1)]
        self.p = [0.0] * 17

    def regressors(self, order):
        if not self.paired:
            return self.own[:order].copy()
        return np.concatenate([self.own[: order // 2], self.other[: order // 2]])

    def predict(self):
        p = self.p
        long, short = self.regressors(32), self.regressors(16)
        for e, squares in enumerate(self.ordinary):
            p[e] = squares.predict(long if e < 3 else short)
        for first, base, filters in ((4, 0, self.fast), (8, 1, self.slow)):
            total = p[base]
            for i, f in enumerate(filters):
                total = total + float(f.predict())
                p[first + i] = total
        p[12] = p[0] + float(self.robust.predict())
        p[13] = float(self.cross[0].predict())
        if self.paired:
            p[13] = p[13] + float(self.cross[1].predict())
        x = np.array(p[:14])
        x[1:] = x[1:] - x[0]
        for i, mixer in enumerate(self.mixers):
            p[14 + i] = mixer.predict(x)

    def learn(self, v):
        p = self.p
        for squares in self.mixers + self.ordinary:
            squares.learn(v)
        for base, filters in ((0, self.fast), (1, self.slow)):
            r = f32(v - p[base])
            for f in filters:
                left = r - f.o
                f.update(left, r)
                r = left
        r = f32(v - p[0])
        e = r - self.robust.o
        self.robust_error = self.robust_error * f32(0.99) + abs(e) * f32(0.01)
        self.robust.update(np.maximum(-self.robust_error, np.minimum(self.robust_error, e)), r)
        e = f32(v - p[13])
        power = self.cross[0].power()
        if self.paired:
            power = power + self.cross[1].power()
        for part in self.cross:
            part.s = f32(0.02) * e / power
        self.cross[0].take_in(f32(v))
        self.own = np.concatenate([[v], self.own[:-1]])

    def observe(self, v):
        self.other = np.concatenate([[v], self.other[:-1]])
        self.cross[1].take_in(f32(v))
