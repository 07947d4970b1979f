"""The section "Features" of FORMAT.md."""

import numpy as np

from arithmetic import clamp, div, log2
from predictors.set import Set

SHARES = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 256, 1 / 2048])


def level(v):
    return 128 + np.minimum(np.maximum(v, -128), 127)


def ratio(x):
    size = log2(1 + 4 * np.abs(x)) >> 2
    return level(np.where(np.signbit(x), -size, size))


def log_of(x):
    return log2(np.maximum(x, 1 / 4096))


def push(history, value):
    """Puts a value before those of an array; the last one is lost."""
    history[1:] = history[:-1].copy()
    history[0] = value


class Row:
    """What is known of a sample: features, base, scale, inverse, disagreement."""


class Channel:
    """The state of a coded channel. position is 0 alone, 1 or 2 in a pair."""

    def __init__(self, description, low, high, position):
        self.d, self.set = description, Set(description, position > 0)
        self.low, self.high, self.position, self.other = float(low), float(high), position, None
        self.mean, self.signed_mean = np.zeros(8), 0.0
        self.track = np.zeros(len(description.shown))
        self.error, self.newest_error, self.sample = np.zeros(20), 0.0, np.zeros(4)
        self.count = self.repeats = 0

    def scale(self):
        return max(float(self.mean[4]), 1 / 64)

    def next(self):
        """The row of the next sample."""
        p, row = self.set.predict(), Row()
        row.base = float(clamp(p[self.d.reference], self.low, self.high))
        row.scale = self.scale()
        row.inverse = inverse = 1 / row.scale
        s = log2(np.array(row.scale))
        d = clamp((p[self.d.shown] - row.base) * inverse, -64.0, 64.0)
        row.disagreement = np.zeros(16, np.float32)
        row.disagreement[: len(d)] = d
        a = self.sample
        signal = [a[0] - a[1], a[1] - a[2], a[2] - a[3], a[0] - row.base, self.signed_mean, self.newest_error]
        signal += [self.high - row.base, row.base - self.low]
        f = row.features = np.full(80, 128, np.int64)
        means = log_of(self.mean)
        f[:7] = level(div(np.delete(means, 4) - s, 2))
        f[7], f[8] = level(div(s, 6) - 32), level(s)
        f[9 : 9 + 2 * len(d) : 2] = ratio(d)
        f[10 : 10 + 2 * len(d) : 2] = level((log_of(self.track) - means[4]) * 2)
        f[41:61] = ratio(self.error * inverse)
        f[61] = 64 + 64 * self.position
        if self.other is not None:
            f[62:70] = self.other.seen_beside(s)
        f[70:78] = ratio(np.array(signal) * inverse)
        f[78] = level(div(log2(np.array(float(self.count + 1))), 5) - 64)
        f[79] = level(4 * min(self.repeats, 31) - 64)
        self.row = row
        return row

    def seen_beside(self, s):
        """The features of this channel in the row of the other one."""
        scale = self.scale()
        mine = log2(np.array(scale))
        errors = ratio(self.error[:6] * (1 / scale))
        return [*errors, level(div(log_of(self.mean[1]) - mine, 2)), level(div(mine - s, 4))]

    def learn(self, v):
        p = clamp(self.set.p, self.low, self.high)
        err = v - self.row.base
        push(self.error, err)
        self.mean += (abs(err) - self.mean) * SHARES
        self.signed_mean += (err - self.signed_mean) * (1 / 32)
        self.track += (np.abs(v - p[self.d.shown]) - self.track) * (1 / 32)
        self.newest_error = v - p[self.d.newest]
        self.repeats = self.repeats + 1 if v == self.sample[0] else 0
        push(self.sample, v)
        self.count += 1
        self.set.learn(v)
        if self.other is not None:
            self.other.set.observe(v)
