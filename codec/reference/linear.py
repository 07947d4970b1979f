"""The section "Linear predictor" of flac/recipe/FORMAT.md: the predictors that an encoder would find for a block."""

import functools
import math

import numpy as np

from arithmetic import f32

TUKEY_HALF, TUKEY_QUARTER, TUKEY_SIXTH = (("tukey", p) for p in (f32(1 / 2), f32(1 / 4), f32(1 / 6)))
EXACT = "squared parabola", 0


class View:
    """How a block is looked at. part is (k, q), part k of q, or None; without is the same, of what is left out, and
    last whether that is left out at the last lag, too."""

    def __init__(self, window, part=None, without=None, last=False, single=False):
        self.window, self.part, self.without, self.last, self.single = window, part, without, last, single
        self.exact = window == EXACT


def views():
    yield View(TUKEY_HALF)
    for window in TUKEY_QUARTER, TUKEY_SIXTH:
        yield from (View(window), View(window, (0, 2)), View(window, (1, 2)))
    for k in range(3):
        yield from (View(TUKEY_SIXTH, (k, 3)), View(TUKEY_SIXTH, without=(k, 3)))
    yield from (View(("partial", k), single=True) for k in range(2))
    yield from (View(("punchout", k), single=True) for k in range(3))
    yield from (View(("parabola", 0)), View(EXACT), View(("rectangle", 0)), View(TUKEY_HALF, single=True))
    yield from (View(TUKEY_SIXTH, without=(k, 3), last=True) for k in range(3))


VIEWS = list(views())


def rising(x):
    """R, of an array: (1 - cos(pi x)) / 2."""
    x = np.where(x > 1, np.maximum(2 - x, 0), x)
    high = x > 0.5
    a = np.where(high, 1 - x, x) * (math.pi / 2)
    square, s = a * a, np.zeros(len(x))
    for k in range(17, 0, -2):
        s = 1 - s * square / ((k + 1) * (k + 2))
    sine = a * s
    return np.where(high, 1 - sine * sine, sine * sine)


def taper(i, m):
    """C(i, m), of an array i."""
    angle = (math.pi * i / m).astype(f32)
    cosine = (1 - 2 * rising(angle.astype(np.float64) / math.pi)).astype(f32)
    return (f32(0.5) - f32(0.5) * cosine).astype(np.float64)


def piece(k, q, overlap, n):
    """Where piece k of q of n values begins and ends."""
    u = f32(1) / (f32(1) - f32(overlap)) - f32(1)
    whole = f32(q) + u
    return int(f32(k) / whole * f32(n)), int((f32(k + 1) + u) / whole * f32(n))


@functools.cache
def window(kind, n):
    name, parameter = kind
    w, i = np.ones(n), np.arange(n)
    if name == "tukey":
        m = int(parameter / f32(2) * f32(n)) - 1
        if m > 0:
            w[: m + 1] = taper(i[: m + 1], m)
            w[n - m - 1 :] = taper(m + i[: m + 1], m)
    elif name == "partial":
        a, b = piece(parameter, 2, 0.1, n)
        m = int(f32(0.1) * f32(b - a))
        w[b - m : b] = taper(b - i[b - m : b], m)
        w[a : a + m] = taper(i[a : a + m] - a + 1, m)
        w[:a] = w[b:] = 0
    elif name == "punchout":
        a, b = piece(parameter, 3, 0.2, n)
        m, l = int(f32(0.1) * f32(a)), int(f32(0.1) * f32(n - b))
        w[n - l :] = taper(n - i[n - l :], l)
        w[b : b + l] = taper(i[b : b + l] - b + 1, l)
        w[a:b] = 0
        w[a - m : a] = taper(a - i[a - m : a], m)
        w[:m] = taper(i[:m] + 1, m)
    elif name == "parabola":
        h = (n - 1) / 2
        k = (i - h) / max(h, 0.5)
        w = (1 - k * k).astype(f32).astype(np.float64)
    elif kind == EXACT:
        w = squared_parabola(n)
    return w


def squared_parabola(n):
    w = np.zeros(n)
    if n >= 2:
        d = np.arange(n // 2)
        c = 2 / (n - 1)
        x = c - d - 1 if n % 2 else c - (d + 1)
        w[: n // 2] = 1 - x * x
        w[n - n // 2 :] = w[: n // 2][::-1]
    return w


class Analysis:
    """Of a signal, up to a lag."""

    def __init__(self, x, lags):
        self.x, self.lags, self.solutions = x, lags, {}

    def correlation(self, view):
        n, L = len(self.x), self.lags
        part = view.part or view.without
        if part and n // part[1] <= 32:
            return np.zeros(L + 1)
        if view.without:
            rest, of_part = self.correlation(View(view.window)), self.correlation(View(view.window, part))
            out = rest - of_part
            if not view.last:
                out[L] = of_part[L]
            return out
        w, x = window(view.window, n), self.x
        if part:
            l = n // part[1]
            x = x[part[0] * n // part[1] :][:l]
            w = np.concatenate([w[: l // 2], w[n - l // 2 :], np.zeros(l % 2)])
        if view.exact:
            return self.sums(x * w) + 1
        y = x.astype(f32) * w.astype(f32)
        return self.sums(y, 4 * (L // 4 + 1)) if view.single else self.sums(y.astype(np.float64))

    def sums(self, y, t=0):
        """The sums of products at all lags; the last t - 1 come in the opposite order, if t is from 1 to 16."""
        n, out = len(y), np.zeros(self.lags + 1)
        for lag in range(min(self.lags + 1, n)):
            products = y[: n - lag] * y[lag:]
            if 0 < t <= 16:
                body = max(n - t + 1, 0)
                products = np.concatenate([products[:body], products[body:][::-1]])
            out[lag] = np.add.accumulate(products)[-1]
        return out

    def solution(self, number):
        """The predictors of view so-and-so, by their orders, as pairs of coefficients and error."""
        if number not in self.solutions:
            self.solutions[number] = levinson_durbin(self.correlation(VIEWS[number]).tolist(), self.lags)
        return self.solutions[number]

    def best_order(self, number, overhead, largest):
        n, best, least = len(self.x), 0, math.inf
        for order, (_, error) in enumerate(self.solution(number)[:largest], 1):
            b = 0.0
            if 0 < error < math.inf:
                b = max(0.0, 0.5 * log2((0.5 / n) * error))
            elif error != 0:
                continue
            bits = (n - order) * b + order * overhead
            if bits < least:
                best, least = order, bits
        return best

    def coefficients(self, number, order):
        """The coefficients of a predictor; none if there is no solution."""
        solved = self.solution(number)
        if order > len(solved):
            return []
        c = np.array(solved[order - 1][0])
        if not VIEWS[number].exact:
            c = c.astype(f32).astype(np.float64)
        largest = np.abs(c).max()
        return c.tolist() if 0 < largest < math.inf else []


def levinson_durbin(r, lags):
    out, a, error = [], [], r[0]
    if error == 0:
        return out
    for i in range(lags):
        k = -r[i + 1]
        for j in range(i):
            k -= a[j] * r[i - j]
        k /= error
        for j in range(i // 2):
            a[j], a[i - 1 - j] = a[j] + k * a[i - 1 - j], a[i - 1 - j] + k * a[j]
        if i % 2:
            a[i // 2] += a[i // 2] * k
        a.append(k)
        error *= 1 - k * k
        out.append(([-v for v in a], error))
        if error == 0:
            break
    return out


def log2(x):
    m, e = math.frexp(x)
    if m < math.sqrt(2) / 2:
        m, e = 2 * m, e - 1
    t = (m - 1) / (m + 1)
    s = 0.0
    for k in range(19, 0, -2):
        s = s * (t * t) + 1 / k
    return e + (t * s) * (2 / math.log(2))
