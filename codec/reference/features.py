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


def push(history, value):
    """Puts a value before those of an array; the last one is lost."""
    history[1:] = history[:-1].copy()
    history[0] = value


class Row:
    """What is known of a sample: features, base, scale, inverse, disagreement."""


class Channel:
    """The state of a coded channel. position is 0 alone, 1 or 2 in a pair."""

    def __init__(self, description, low, high, position, relations):
        self.d, self.set = description, Set(description, relations)
        self.low, self.high, self.position, self.other = float(low), float(high), position, None
        expected = relations.start.expected[0]
        self.mean, self.signed_mean = np.full(8, expected), 0.0
        self.track = np.full(len(description.shown), expected)
        self.error, self.newest_error, self.sample = np.zeros(20), 0.0, np.zeros(4)
        self.count = self.repeats = 0

    def scale(self):
        return max(float(self.mean[4]), 1 / 64)

    def next(self):
        """The row of the next sample."""
        p, row, a, k = self.set.predict(), Row(), self.sample, len(self.d.shown)
        row.base = float(clamp(p[self.d.reference], self.low, self.high))
        row.scale = self.scale()
        row.inverse = 1 / row.scale
        d = clamp((p[self.d.shown] - row.base) * row.inverse, -64.0, 64.0)
        row.disagreement = np.zeros(16, np.float32)
        row.disagreement[:k] = d
        signal = [a[0] - a[1], a[1] - a[2], a[2] - a[3], a[0] - row.base, self.signed_mean, self.newest_error]
        signal = np.array(signal + [self.high - row.base, row.base - self.low])
        other = self.other or self  # in a channel alone, what tells of the other one is overwritten
        errors = other.error[:6] * (1 / other.scale())
        ratios = ratio(np.concatenate([d, self.error * row.inverse, errors, signal * row.inverse]))
        misses = np.concatenate([self.mean, self.track, other.mean[1:2]])
        scales = np.array([row.scale, other.scale(), float(self.count + 1)])
        logs = log2(np.concatenate([np.maximum(misses, 1 / 4096), scales]))
        s, s_other, s_count = logs[-3:]
        f = row.features = np.full(80, 128, np.int64)
        f[:7] = level(div(np.delete(logs[:8], 4) - s, 2))
        f[7], f[8] = level(div(s, 6) - 32), level(s)
        f[9 : 9 + 2 * k : 2] = ratios[:k]
        f[10 : 10 + 2 * k : 2] = level((logs[8 : 8 + k] - logs[4]) * 2)
        f[41:61] = ratios[k : k + 20]
        f[61] = 64 + 64 * self.position
        if self.other is not None:
            f[62:68] = ratios[k + 20 : k + 26]
            f[68], f[69] = level(div(logs[8 + k] - s_other, 2)), level(div(s_other - s, 4))
        f[70:78] = ratios[k + 26 :]
        f[78] = level(div(s_count, 5) - 64)
        f[79] = level(4 * min(self.repeats, 31) - 64)
        self.row = row
        return row

    def learn(self, v):
        if self.set.warming_up():
            expected = self.set.relations.start.expected[self.set.frame + 1]
            self.mean[:] = self.track[:] = expected
            push(self.error, 0.0)
        else:
            self.learn_errors(v)
        self.repeats = self.repeats + 1 if v == self.sample[0] else 0
        push(self.sample, v)
        self.count += 1
        self.set.learn(v)
        if self.other is not None:
            self.other.set.observe(v)

    def learn_errors(self, v):
        p = clamp(self.set.p, self.low, self.high)
        err = v - self.row.base
        push(self.error, err)
        self.mean += (abs(err) - self.mean) * SHARES
        self.signed_mean += (err - self.signed_mean) * (1 / 32)
        self.track += (np.abs(v - p[self.d.shown]) - self.track) * (1 / 32)
        self.newest_error = v - p[self.d.newest]
