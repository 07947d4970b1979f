"""The sections "Predicting" and "Learning" of FORMAT.md: all predictors of a channel."""

import numpy as np

from arithmetic import f32
from description import regressors
from predictors.filters import Filters
from predictors.leastsquares import Group, Weights


class Set:
    def __init__(self, description, paired, repeats=None):
        """repeats, in a channel that repeats itself: the lags, its samples, and those of the other channel."""
        d = self.d = description
        self.paired, self.repeats, self.frame = paired, repeats, 0
        self.own, self.other = np.zeros(64), np.zeros(64)  # the newest samples, the newest one first
        self.numbers = [regressors(g.get("repeating", g) if repeats else g) for g in d.least_squares]
        if not paired:
            self.numbers = [(own + other, 0, around, 0) for own, other, around, _ in self.numbers]
        self.groups = [Group(sum(n), g["solutions"]) for n, g in zip(self.numbers, d.least_squares)]
        self.mixers = Group(len(d.mixed) + d.mixed_samples, d.mixers) if d.mixers else None
        self.stacking = Group(2, [{**d.stacking, "first": 1, "last": 1}]) if d.stacking else None
        self.weights = Weights(d.innovation, d.first_filter + len(d.mixers) + (self.stacking is not None))
        stages = [s for c in d.cascades for s in c["stages"]] + d.robust + d.cross
        self.parts = len(stages)  # own ones; behind them are the other parts of cross filters
        self.filters = Filters(stages + (d.cross if paired else []))
        self.first_cross = self.parts - len(d.cross)
        self.usual = [f32(0)] * len(d.robust)

    def regressors(self, own, other, around, around_other):
        x = [self.own[:own], self.other[:other]]
        if around:
            lags, samples, other_samples = self.repeats
            lag = lags[self.frame // 4096]
            x += [self.around(samples, lag, around), self.around(other_samples, lag, around_other)]
        return np.concatenate(x)

    def around(self, samples, lag, count):
        """So many samples around the lag."""
        x = np.zeros(count)
        if lag:
            first = self.frame - lag - count // 2
            before = max(0, -first)  # frames before the segment
            x[before:] = samples[first + before : first + count]
        return x

    def predict(self):
        """All predictions of the next sample."""
        d, p = self.d, []
        for group, numbers in zip(self.groups, self.numbers):
            p += group.predict(self.regressors(*numbers)).tolist()
        o = [float(v) for v in self.filters.predict()] if self.parts else []
        at = 0
        for cascade in d.cascades:
            total = p[cascade["base"]]
            for _ in cascade["stages"]:
                total, at = total + o[at], at + 1
                p.append(total)
        for robust in d.robust:
            p.append(p[robust["base"]] + o[at])
            at += 1
        for i in range(at, self.parts):
            p.append(o[i] + o[i + len(d.cross)] if self.paired else o[i])
        if self.mixers:
            x = np.array([p[i] for i in d.mixed])
            x[1:] -= x[0]
            p += self.mixers.predict(np.concatenate([x, self.own[: d.mixed_samples]])).tolist()
        if self.stacking:
            a, b, c = mixed = np.array(p[-3:])
            stacked = a + self.stacking.predict(np.array([b - a, c - a]))[0]
            p.append(float(np.maximum(mixed.min(), np.minimum(mixed.max(), stacked))))
        self.p = np.array(p)
        return self.p

    def learn(self, v):
        self.learn_least_squares(v)
        if self.parts:
            self.learn_filters(v)
        self.own[1:] = self.own[:-1].copy()
        self.own[0] = v
        self.frame += 1

    def learn_least_squares(self, v):
        """Each group gets the weights of its updates."""
        groups = [(group, v) for group in self.groups]
        if self.mixers:
            groups.append((self.mixers, v))
        if self.stacking:
            groups.append((self.stacking, v - self.p[self.d.first_mixer]))
        q = self.weights.next(np.concatenate([np.abs(target - group.outputs) for group, target in groups]))
        for group, target in groups:
            group.learn(target, q[: len(group.outputs)])
            q = q[len(group.outputs) :]

    def learn_filters(self, v):
        d, f = self.d, self.filters
        x, e = np.full(len(f.taps), f32(v)), np.empty(len(f.taps), f32)
        at = 0
        for cascade in d.cascades:
            r = f32(v - self.p[cascade["base"]])
            for _ in cascade["stages"]:
                x[at], e[at] = r, r - f.o[at]
                r, at = e[at], at + 1
        for i, robust in enumerate(d.robust):
            x[at] = r = f32(v - self.p[robust["base"]])
            error = r - f.o[at]
            usual = self.usual[i] = self.usual[i] * f32(0.99) + abs(error) * f32(0.01)
            e[at] = np.maximum(-usual, np.minimum(usual, error))
            at += 1
        e[at : self.parts] = (v - self.p[d.first_filter + at : d.first_filter + self.parts]).astype(f32)
        power = f.power()
        if self.paired:  # both parts of a cross filter have the same errors, powers and updates
            e[self.parts :] = e[at : self.parts]
            power[at : self.parts] += power[self.parts :]
            power[self.parts :] = power[at : self.parts]
        f.s = f.mu * e / power
        f.move()
        f.take_in(slice(self.parts), x[: self.parts])

    def observe(self, v):
        """Takes in a sample of the other channel."""
        self.other[1:] = self.other[:-1].copy()
        self.other[0] = v
        self.filters.take_in(slice(self.parts, None), f32(v))
