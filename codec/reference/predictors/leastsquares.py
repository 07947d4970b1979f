"""The section "Least squares" of FORMAT.md."""

import math

import numpy as np

from arithmetic import dot64, fold, pow08


def padded(n):
    return (n + 7) // 8 * 8


class Weights:
    """How much updates count."""

    def __init__(self, innovation, count):
        self.innovation, self.mean = innovation, np.zeros(count)

    def next(self, errors):
        """The weights of the updates that go with some absolute errors."""
        size = self.mean = self.mean * 0.998 + errors * 0.002
        if self.innovation != 0:
            size = size * (1 - self.innovation) + errors * self.innovation
        return pow08(size + 0.001)


class Group:
    """Some least squares over the same regressors. The first axis of its arrays is that of the solutions."""

    def __init__(self, order, solutions):
        self.order, self.solutions, s = order, solutions, len(solutions)
        forget = np.array([o["forget"] for o in solutions])
        self.f = [np.ones(s)]
        for _ in range(4):
            self.f.append(self.f[-1] * forget)
        # A, with b as one more column. What is below the diagonal is never read.
        self.moments = np.zeros((s, order, order + 1))
        self.w = np.zeros((s, padded(order + 1)))
        self.pending, self.count, self.next = [], 0, [o["first"] for o in solutions]

    def expect(self, weights, learning=True):
        """Sets the first weights; learning then begins with them."""
        self.w[:, : len(weights)] = weights
        if learning:
            for moments, solution in zip(self.moments, self.solutions):
                moments[: len(weights), self.order] = solution["ridge"] * weights

    def predict(self, x):
        """The predictions from regressors."""
        self.row = np.zeros(padded(self.order + 1))
        self.row[: self.order] = x
        self.outputs = dot64(self.w, self.row)
        return self.outputs

    def learn(self, v, q):
        self.row[self.order] = v
        self.pending.append((q, self.row[: self.order + 1]))
        self.count += 1
        due = [i for i, at in enumerate(self.next) if at == self.count]
        if len(self.pending) == 4 or due:
            self.gather()
        for i in due:
            first, last = self.solutions[i]["first"], self.solutions[i]["last"]
            self.next[i] += 1 << max(first, min(last, self.count // 64)).bit_length() - 1
            w = solve(self.moments[i], self.solutions[i]["ridge"])
            if w is not None:
                self.w[i, : self.order] = w

    def gather(self):
        r = len(self.pending)
        self.moments *= self.f[r][:, None, None]
        for k, (q, row) in enumerate(self.pending):
            t = (q * self.f[r - 1 - k])[:, None] * row[:-1]
            self.moments += t[:, :, None] * row
        self.pending = []


def solve(moments, ridge):
    """The solution of (A + ridge × I) w = b, or None. moments is A, with b as one more column."""
    rest, rows, d = moments.copy(), [], []
    # b is multiplied and subtracted from as the columns of A are: in the end it is y.
    for _ in range(len(moments)):
        pivot = rest.item(0) + ridge
        if not pivot > 1e-30:
            return None
        d.append(1 / math.sqrt(pivot))
        row = rest[0]
        row *= d[-1]
        rows.append(row[1:].tolist())
        rest = rest[1:, 1:]
        rest -= row[1:-1, None] * row[1:]
    w = []
    for *row, y in reversed(rows):
        w.insert(0, (y - dot(row, w)) * d.pop())
    return w


def dot(a, b):
    """dot64 of lists, which need no padding."""
    products = [x * y for x, y in zip(a, b)]
    lanes = products[:8] + [0.0] * (8 - len(products))
    for i in range(8, len(products)):
        lanes[i & 7] += products[i]
    return fold(lanes)
