"""The section "Experts" of FORMAT.md."""

import math

import numpy as np

from arithmetic import dot64, fold8, lane_sums, pow08

f32 = np.float32
np.seterr(all="ignore")  # infinities and not-a-numbers are right as they come


class LeastSquares:
    def __init__(self, order, forgetting, ridge, first, last, surprise):
        self.forgetting, self.ridge, self.first, self.last, self.surprise = forgetting, ridge, first, last, surprise
        self.count, self.countdown = 0, first
        self.a = np.zeros((order, order))  # what is below the diagonal is never read
        self.b, self.w = np.zeros(order), np.zeros(order)
        self.mean_error = 0.0

    def predict(self, x):
        self.x, self.output = x, dot64(self.w, x)
        return self.output

    def learn(self, v):
        size = self.mean_error = self.mean_error * 0.998 + abs(v - self.output) * 0.002
        if self.surprise:
            size = self.mean_error * (1 - self.surprise) + abs(v - self.output) * self.surprise
        t = pow08(size + 0.001) * self.x
        self.a = self.forgetting * self.a + np.multiply.outer(t, self.x)
        self.b = self.forgetting * self.b + t * v
        self.count += 1
        self.countdown -= 1
        if self.countdown == 0:
            self.countdown = max(self.first, min(self.last, self.count // 64))
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


class Robust:
    def __init__(self, base, f):
        self.base, self.filter, self.usual = base, f, f32(0)

    def learn(self, r):
        err = r - self.filter.o
        self.usual = self.usual * f32(0.99) + abs(err) * f32(0.01)
        self.filter.update(np.maximum(-self.usual, np.minimum(self.usual, err)), r)


class Bank:
    def __init__(self, version, paired):
        self.version, self.paired = version, paired
        self.own, self.other = np.zeros(64), np.zeros(64)  # more than any version looks at
        self.ordinary = [LeastSquares(own + other, *learning) for own, other, *learning in version.least_squares]
        order = len(version.mixed) + version.newest
        self.mixers = [LeastSquares(order, *learning) for learning in version.mixers]
        self.blend = version.blend and LeastSquares(len(self.mixers) - 1, *version.blend)
        self.first_mixer = version.first_mixer
        self.cascades = [(base, [Filter(*f) for f in filters]) for base, filters in version.cascades]
        self.robust = [Robust(base, Filter(*f)) for base, f in version.robust]
        self.cross = [[Filter(*f) for _ in range(2 if paired else 1)] for f in version.cross]
        self.first_cross = self.first_mixer - len(self.cross)
        self.p = []

    def regressors(self, own, other):
        if not self.paired:
            return self.own[: own + other].copy()
        return np.concatenate([self.own[:own], self.other[:other]])

    def predict(self):
        p = self.p = []
        for squares, (own, other, *_) in zip(self.ordinary, self.version.least_squares):
            p.append(squares.predict(self.regressors(own, other)))
        for base, filters in self.cascades:
            total = p[base]
            for f in filters:
                total = total + float(f.predict())
                p.append(total)
        for robust in self.robust:
            p.append(p[robust.base] + float(robust.filter.predict()))
        for parts in self.cross:
            total = float(parts[0].predict())
            if self.paired:
                total = total + float(parts[1].predict())
            p.append(total)
        if self.mixers:
            x = np.array([p[e] for e in self.version.mixed])
            x[1:] = x[1:] - x[0]
            x = np.concatenate([x, self.own[: self.version.newest]])
        for mixer in self.mixers:
            p.append(mixer.predict(x))
        if self.blend:
            mixed = np.array(p[self.first_mixer :])
            blended = mixed[0] + self.blend.predict(mixed[1:] - mixed[0])
            p.append(float(np.maximum(mixed.min(), np.minimum(mixed.max(), blended))))

    def learn(self, v):
        p = self.p
        for squares in self.mixers + self.ordinary:
            squares.learn(v)
        if self.blend:
            self.blend.learn(v - p[self.first_mixer])
        for base, filters in self.cascades:
            r = f32(v - p[base])
            for f in filters:
                left = r - f.o
                f.update(left, r)
                r = left
        for robust in self.robust:
            robust.learn(f32(v - p[robust.base]))
        for parts, prediction in zip(self.cross, p[self.first_cross :]):
            err = f32(v - prediction)
            power = parts[0].power()
            if self.paired:
                power = power + parts[1].power()
            for part in parts:
                part.s = part.mu * err / power
            parts[0].take_in(f32(v))
        self.own = np.concatenate([[v], self.own[:-1]])

    def observe(self, v):
        self.other = np.concatenate([[v], self.other[:-1]])
        for parts in self.cross:
            parts[1].take_in(f32(v))
