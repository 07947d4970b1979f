"""The section "Features" of FORMAT.md."""

import math

from arithmetic import clamp, div, log2
from experts import Bank

SHARES = (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 256, 1 / 2048)
OTHERS = [e for e in range(17) if e != 15]


def level(v):
    return 128 + max(-128, min(127, v))


def ratio(x):
    size = log2(1 + 4 * abs(x)) >> 2
    return level(-size if math.copysign(1, x) < 0 else size)


def log_of(x):
    return log2(max(x, 1 / 4096))


class Channel:
    """The state of a coded channel. position is 0 alone, 1 or 2 in a pair."""

    def __init__(self, low, high, position):
        self.bank = Bank(position > 0)
        self.low, self.high, self.position, self.other = float(low), float(high), position, None
        self.mean, self.signed_mean, self.track = [0.0] * 8, 0.0, [0.0] * 17
        self.error, self.fast_error, self.sample = [0.0] * 20, 0.0, [0.0] * 4
        self.count = self.repeats = 0

    def next(self):
        self.bank.predict()
        p = self.bank.p
        self.base = clamp(p[15], self.low, self.high)
        self.scale = max(self.mean[4], 1 / 64)
        self.inverse = inverse = 1 / self.scale
        s = log2(self.scale)
        self.d = [clamp((p[x] - self.base) * inverse, -64.0, 64.0) for x in OTHERS]
        row = [level(div(log_of(self.mean[i]) - s, 2)) for i in (0, 1, 2, 3, 5, 6, 7)]
        row += [level(div(s, 6) - 32), level(s)]
        for k, x in enumerate(OTHERS):
            row += [ratio(self.d[k]), level((log_of(self.track[x]) - log_of(self.track[15])) * 2)]
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
        self.fast_error = v - clamp(self.bank.p[16], self.low, self.high)
        self.repeats = self.repeats + 1 if v == self.sample[0] else 0
        self.sample = [v] + self.sample[:-1]
        self.count += 1
        self.bank.learn(v)
        if self.other is not None:
            self.other.bank.observe(v)
