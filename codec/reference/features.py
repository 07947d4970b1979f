"""The section "Features" of FORMAT.md."""

import math

from arithmetic import clamp, div, log2
from experts import Bank

SHARES = (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 256, 1 / 2048)


def level(v):
    return 128 + max(-128, min(127, v))


def ratio(x):
    size = log2(1 + 4 * abs(x)) >> 2
    return level(-size if math.copysign(1, x) < 0 else size)


def log_of(x):
    return log2(max(x, 1 / 4096))


class Channel:
    """The state of a coded channel. position is 0 alone, 1 or 2 in a pair."""

    def __init__(self, version, low, high, position):
        self.version, self.bank = version, Bank(version, position > 0)
        self.low, self.high, self.position, self.other = float(low), float(high), position, None
        self.mean, self.signed_mean, self.track = [0.0] * 8, 0.0, [0.0] * version.count
        self.error, self.fast_error, self.sample = [0.0] * 20, 0.0, [0.0] * 4
        self.count = self.repeats = 0

    def next(self):
        self.bank.predict()
        p, shown = self.bank.p, self.version.shown
        self.base = clamp(p[self.version.reference], self.low, self.high)
        self.scale = max(self.mean[4], 1 / 64)
        self.inverse = inverse = 1 / self.scale
        s = log2(self.scale)
        self.d = [clamp((p[e] - self.base) * inverse, -64.0, 64.0) for e in shown]
        self.d += [0.0] * (16 - len(shown))
        row = [level(div(log_of(self.mean[i]) - s, 2)) for i in (0, 1, 2, 3, 5, 6, 7)]
        row += [level(div(s, 6) - 32), level(s)]
        reference = log_of(self.track[self.version.reference])
        for k, e in enumerate(shown):
            row += [ratio(self.d[k]), level((log_of(self.track[e]) - reference) * 2)]
        row += [128] * (2 * (16 - len(shown)))
        row += [ratio(e * inverse) for e in self.error]
        row.append(64 + 64 * self.position)
        if self.other is None:
            row += [128] * 8
        else:
            o = self.other
            o_scale = max(o.mean[4], 1 / 64)
            row += [ratio(e * (1 / o_scale)) for e in o.error[:6]]
            row.append(level(div(log_of(o.mean[1]) - log2(o_scale), 2)))
            row.append(level(div(log2(o_scale) - s, 4)))
        a = self.sample
        row += [ratio((a[i] - a[i + 1]) * inverse) for i in range(3)]
        row.append(ratio((a[0] - self.base) * inverse))
        row.append(ratio(self.signed_mean * inverse))
        row.append(ratio(self.fast_error * inverse))
        row.append(ratio((self.high - self.base) * inverse))
        row.append(ratio((self.base - self.low) * inverse))
        row.append(level(div(log2(float(self.count + 1)), 5) - 64))
        row.append(level(4 * min(self.repeats, 31) - 64))
        return row

    def learn(self, v):
        err = v - self.base
        self.error = [err] + self.error[:-1]
        for i, share in enumerate(SHARES):
            self.mean[i] = self.mean[i] + (abs(err) - self.mean[i]) * share
        self.signed_mean = self.signed_mean + (err - self.signed_mean) * (1 / 32)
        for e, p in enumerate(self.bank.p):
            self.track[e] = self.track[e] + (abs(v - clamp(p, self.low, self.high)) - self.track[e]) * (1 / 32)
        self.fast_error = v - clamp(self.bank.p[self.version.fast], self.low, self.high)
        self.repeats = self.repeats + 1 if v == self.sample[0] else 0
        self.sample = [v] + self.sample[:-1]
        self.count += 1
        self.bank.learn(v)
        if self.other is not None:
            self.other.bank.observe(v)
