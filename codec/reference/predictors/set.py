"""The sections "Predicting" and "Learning" of FORMAT.md: all predictors of a channel."""

import numpy as np

from arithmetic import f32
from description import regressors
from predictors.filters import Filters
from predictors.leastsquares import Group, Weights
from predictors.tones import Tone


class Relations:
    """What tells of a channel: its start, its samples as far as they are known, those of the other channel of a pair or
    None, the lags or None, and the references with their delays."""

    def __init__(self, start, own, other=None, lags=None, references=()):
        self.start, self.own, self.other, self.lags, self.references, self.delay = start, own, other, lags, references, 0
        if references:
            self.other, self.delay = references[0]


def frames_of(samples, first, count):
    """So many samples from a frame on; 0 where there are none."""
    x = np.zeros(count)
    start, end = max(first, 0), min(first + count, len(samples))
    if start < end:
        x[start - first : end - first] = samples[start:end]
    return x


class Set:
    def __init__(self, description, relations):
        d = self.d = description
        self.relations, self.frame = relations, 0
        paired = self.paired = relations.other is not None
        self.own, self.other = np.zeros(64), np.zeros(64)  # the newest samples, the newest one first
        self.numbers = [regressors(g.get("repeating", g) if relations.lags else g) for g in d.least_squares]
        if not paired:
            self.numbers = [(own + other, 0, around, 0) for own, other, around, _ in self.numbers]
        self.groups = [Group(sum(n), g["solutions"]) for n, g in zip(self.numbers, d.least_squares)]
        self.mixers = Group(len(d.mixed) + d.mixed_samples, d.mixers) if d.mixers else None
        self.stacking = Group(2, [{**d.stacking, "first": 1, "last": 1}]) if d.stacking else None
        if self.mixers:
            self.mixers.expect(np.ones(1))
        self.weights = Weights(d.innovation, d.squares + len(d.mixers) + (self.stacking is not None))
        window = relations.start.window
        self.tones = [Tone(t, window) for t in d.tones] if window else []
        self.cascades = [c.get("tonal", c) if window else c for c in d.cascades]
        stages = [s for c in self.cascades for s in c["stages"]] + d.robust + d.cross
        self.parts = len(stages)  # own ones; behind them are the other parts of cross filters
        self.filters = Filters(stages + (d.cross if paired else []))
        self.first_cross = self.parts - len(d.cross)
        self.usual = [f32(0)] * len(d.robust)
        self.begin()

    def warming_up(self):
        return self.frame < self.relations.start.order

    def begin(self):
        """Before a frame of the warm-up, or the one after it: the predictor of the order that there are samples for."""
        start = self.relations.start
        self.weights.mean[:] = start.expected[self.frame]
        for group, (own, *_) in zip(self.groups, self.numbers):
            weights = np.zeros(own)
            order = min(self.frame, own)
            weights[:order] = start.predictor(order)
            group.expect(weights, learning=not self.warming_up())

    def regressors(self, own, other, around, around_other):
        r = self.relations
        x = [self.own[:own], self.from_references(other) if r.references else self.other[:other]]
        if around:
            lag = r.lags[self.frame // 4096]
            x.append(self.around(r.own, lag, lag, around))
            if around_other:
                x.append(self.around(r.other, lag, lag + r.delay, around_other))
        return np.concatenate(x)

    def around(self, samples, lag, before, count):
        """So many samples around the frame so far before this one; 0 without a lag."""
        return frames_of(samples, self.frame - before - count // 2, count) if lag else np.zeros(count)

    def from_references(self, count):
        references = self.relations.references
        share = max(1, count // len(references))
        x = np.zeros(count)
        for i, (samples, delay) in enumerate(references):
            n = min(share, count - i * share)
            if n > 0:
                x[i * share :][:n] = frames_of(samples, self.frame - delay - (n - 1) // 2, n)
        return x

    def predict(self):
        """All predictions of the next sample."""
        if self.relations.references:
            samples, delay = self.relations.references[0]
            self.observe(frames_of(samples, self.frame - delay + 16, 1)[0])
        d, p = self.d, []
        for group, numbers in zip(self.groups, self.numbers):
            p += group.predict(self.regressors(*numbers)).tolist()
        o = [float(v) for v in self.filters.predict()] if self.parts else []
        p += [t.predict(p[0]) for t in self.tones] or [p[0]] * len(d.tones)
        at = 0
        for cascade in self.cascades:
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
        warming_up = self.warming_up()
        if not warming_up:
            self.learn_least_squares(v)
        if self.parts:
            self.learn_filters(v)
            if warming_up:
                self.filters.s[:] = 0
        for tone in self.tones:
            tone.learn(v)
        self.own[1:] = self.own[:-1].copy()
        self.own[0] = v
        self.frame += 1
        if warming_up:
            self.begin()

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
        for cascade in self.cascades:
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
