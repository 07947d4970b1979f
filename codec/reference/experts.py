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
        q = self.weight(v)
        t = q * self.x
        self.a = self.forgetting * self.a + np.multiply.outer(t, self.x)
        self.b = self.forgetting * self.b + t * v
        self.count += 1
        self.countdown -= 1
        if self.countdown == 0:
            self.countdown = max(self.first, min(self.last, self.count // 64))
            self.solve()

    def weight(self, v):
        size = self.mean_error = self.mean_error * 0.998 + abs(v - self.output) * 0.002
        if self.surprise:
            size = self.mean_error * (1 - self.surprise) + abs(v - self.output) * self.surprise
        return pow08(size + 0.001)

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


class BlockLeastSquares(LeastSquares):
    def __init__(self, *constants):
        super().__init__(*constants)
        self.pending, self.f = [], [1.0]
        for _ in range(4):
            self.f.append(self.f[-1] * self.forgetting)

    def learn(self, v):
        self.pending.append((self.weight(v), self.x, v))
        self.count += 1
        self.countdown -= 1
        if len(self.pending) == 4 or self.countdown == 0:
            r = len(self.pending)
            self.a, self.b = self.f[r] * self.a, self.f[r] * self.b
            for k, (q, x, v) in enumerate(self.pending):
                t = (q * self.f[r - 1 - k]) * x
                self.a = self.a + np.multiply.outer(t, x)
                self.b = self.b + t * v
            self.pending = []
        if self.countdown == 0:
            self.countdown = 1 << (max(self.first, min(self.last, self.count // 64)).bit_length() - 1)
            self.solve()


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


class BlockFilter(Filter):
    def __init__(self, taps, mu, decaying):
        super().__init__(taps, mu, decaying)
        self.inputs, self.end = np.zeros(taps + 2 + 4096, f32), taps + 2
        self.s0, self.second = f32(0), False

    def predict(self):
        if self.second:
            newest = self.inputs[self.end - 1]
            self.s0 = self.s
            self.o = (self.rest + self.w[-1] * newest) + self.s * (self.overlap + self.neighbour * newest)
        else:
            u = np.append(self.inputs[self.end - self.taps - 2 : self.end], f32(0))
            change = self.s0 * u[:-3] + self.s * u[1:-2]
            tapered = u[2:-1]
            if self.g is not None:
                change, tapered = self.g * change, self.g * tapered
            self.w += change
            self.o, self.rest, self.overlap = (self.total(p) for p in (self.w * u[2:-1], self.w * u[3:], tapered * u[3:]))
            self.neighbour = u[-2]
        self.second = not self.second
        return self.o

    def total(self, products):
        m = lane_sums(products, 16)
        return fold8(m[:8] + m[8:])

    def take_in(self, x):
        if self.end == len(self.inputs):
            self.inputs[: self.taps + 1] = self.inputs[-self.taps - 1 :]
            self.end = self.taps + 1
        super().take_in(x)


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
        squares, filter_ = (BlockLeastSquares, BlockFilter) if version.blocks else (LeastSquares, Filter)
        self.ordinary = [squares(own + other, *learning) for own, other, *learning in version.least_squares]
        order = len(version.mixed) + version.newest
        self.mixers = [squares(order, *learning) for learning in version.mixers]
        self.blend = version.blend and LeastSquares(len(self.mixers) - 1, *version.blend)
        self.first_mixer = version.first_mixer
        self.cascades = [(base, [filter_(*f) for f in filters]) for base, filters in version.cascades]
        self.robust = [Robust(base, filter_(*f)) for base, f in version.robust]
        self.cross = [[filter_(*f) for _ in range(2 if paired else 1)] for f in version.cross]
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
