"""Makes FLAC frames of samples and a recipe, as flac/recipe/FORMAT.md says."""

import copy
import math

import numpy as np

import flac
from arithmetic import check
from chances import Chances
from linear import VIEWS, Analysis

UNFIT = "the recipe does not fit the samples"


class Numbers(Chances):
    """The section "Bits and numbers"."""

    def __init__(self, data):
        super().__init__(data, 250)

    def expect(self, *key):
        """Whether something is as expected."""
        self.pairs.setdefault(key, (7 << 18, 3))
        return not self.bit(*key)

    def tree(self, n, *key):
        node = 1
        while node < n:
            node = 2 * node + self.bit(*key, node)
        return node - n

    def uniform(self, k):
        number = 0
        for _ in range(k):
            number = 2 * number + self.decoder.bit(32768)
        return number

    def difference(self, *key):
        return 0 if self.expect(*key, "zero") else self.unequal(*key)

    def unequal(self, *key):
        negative, w = self.bit(*key, "negative"), 1
        while w < 20 and self.bit(*key, "width", w - 1):
            w += 1
        magnitude = 1
        if w > 1:
            magnitude = 2 + self.bit(*key, "top", w - 1)
            magnitude = magnitude << w - 2 | self.uniform(w - 2)
        return -magnitude if negative else magnitude


class Part:
    """Rebuilds a part. samples is an array [channel][frame]; bits, rate and the samples before are of the file."""

    def __init__(self, recipe, samples, bits, rate, before):
        self.numbers, self.samples, self.bits = Numbers(recipe), samples, bits
        last = self.last = flac.Header()
        last.variable, last.length, last.size_code, last.rate = 0, 4096, None, flac.rate_code(rate)
        last.assignment, last.bits_code, last.number = 0, flac.BITS.get(bits, 0), before
        self.kinds = [flac.CONSTANT] * 8
        self.largest_order = self.largest_partition_order = 0
        self.escaped = 0

    def frames(self):
        """The bytes of all frames."""
        out, at = [], 0
        while at < self.samples.shape[1]:
            header = self.header(self.samples.shape[1] - at)
            block = self.samples[:, at : at + header.length]
            subframes = [self.subframe(block, header.assignment, i) for i in range(len(block))]
            unary = sum(s.rice.unary_bits(s.residual) for s in subframes if s.kind in (flac.FIXED, flac.LINEAR))
            check(unary <= 8 * (64 + len(block) * (135 + header.length * (self.bits + 1))), "a frame is too long")
            out.append(flac.frame(header, subframes))
            at += header.length
        return b"".join(out)

    def header(self, left):
        """The section "Header of a frame"."""
        n, last, h = self.numbers, self.last, flac.Header()
        h.variable = last.variable if n.expect("strategy") else 1 - last.variable
        self.size(h, min(last.length, left))
        check(1 <= h.length <= left, UNFIT)
        h.rate = last.rate
        if not n.expect("rate"):
            code = n.tree(16, "rate code")
            h.rate = code, n.uniform(8 * flac.RATE_BYTES.get(code, 0))
        h.assignment = n.tree(16, "assignment", last.assignment)
        check((h.assignment + 1 if h.assignment < 8 else 2) == len(self.samples) and h.assignment <= flac.MID_SIDE, UNFIT)
        h.bits_code = last.bits_code if n.expect("bits") else n.tree(8, "bits code")
        expected = last.number
        if last.size_code is None and not h.variable:  # the first frame
            expected //= h.length
        h.number = expected if n.expect("number") else n.uniform(36)
        check(h.number < 1 << 36, UNFIT)
        self.last = copy.copy(h)
        self.last.number += h.length if h.variable else 1
        return h

    def size(self, h, likely):
        n, last = self.numbers, self.last
        if n.expect("length"):
            known = last.size_code is not None and last.length == likely
            h.length, h.size_code = likely, last.size_code if known else flac.size_code(likely)
            if n.expect("usual code"):
                return
        h.size_code = n.tree(16, "size code")
        if h.size_code in (6, 7):
            high = n.tree(256, "size high") if h.size_code == 7 else 0
            h.length = (high << 8 | n.tree(256, "size low")) + 1
        else:
            h.length = flac.SIZES.get(h.size_code, 0)

    def subframe(self, block, assignment, i):
        """The section "Subframe"."""
        n, s, x = self.numbers, flac.Subframe(), flac.signal(block, assignment, i)
        used, alike = int(np.bitwise_or.reduce(x)), bool((x == x[0]).all())
        s.kind = self.kinds[i] = n.tree(4, "kind", alike, self.kinds[i])
        check(s.kind != flac.CONSTANT or alike, UNFIT)
        zeros = (used & -used).bit_length() - 1 if used else 0
        s.wasted = zeros if n.expect("wasted") else n.tree(64, "wasted bits")
        s.width = self.bits + flac.is_side(assignment, i) - s.wasted
        check(s.width > 0 and used % (1 << s.wasted) == 0, UNFIT)
        s.signal = x = x >> s.wasted
        if s.kind == flac.FIXED:
            s.coefficients = flac.FIXED_COEFFICIENTS[min(n.tree(8, "fixed", best_fixed_order(x)), 4)]
            s.shift = 0
        elif s.kind == flac.LINEAR:
            self.linear(s, x)
        else:
            return s
        check(len(s.coefficients) <= len(x), UNFIT)
        s.residual = x[len(s.coefficients) :] - flac.predictions(x, s.coefficients, s.shift)
        s.rice = self.rice(s.residual, len(x))
        return s

    def linear(self, s, x):
        """The section "Linear predictor"."""
        n = self.numbers
        s.precision = n.tree(16, "precision", min(28 - s.width, 15) if s.width <= 17 else 15)
        view = n.tree(32, "view")
        check(s.precision > 0 and view < len(VIEWS), UNFIT)
        lags = min(self.largest_order, len(x) - 1)
        analysis = Analysis(x, lags)
        order = analysis.best_order(view, s.width + s.precision, self.largest_order)
        if not n.expect("order"):
            order = n.tree(32, "another order") + 1
        check(1 <= order <= len(x), UNFIT)
        self.largest_order = max(self.largest_order, order)
        if order > lags:
            analysis = Analysis(x, order)
        c = analysis.coefficients(view, order)
        shift = min(max(s.precision - 1 - math.frexp(max(map(abs, c)))[1], 0), 15) if c else 0
        s.shift = shift if n.expect("shift") else n.tree(16, "another shift")
        s.coefficients = self.coefficients(s, c, order, n.expect("alike", view))

    def coefficients(self, s, solution, order, alike):
        out, carry, context, most = [], 0.0, 0, 1 << s.precision - 1
        for j in range(order):
            expected = difference = 0
            if solution:
                carry += solution[j] * (1 << s.shift)
                limited = min(carry, most - 1.0) if carry >= -most else float(-most)
                expected = int(math.copysign(math.floor(abs(limited) + 0.5), limited))
            if not alike:
                difference = self.numbers.difference("coefficient", context)
                context = min(abs(difference).bit_length(), 2)
            out.append(min(max(expected + difference, -most), most - 1))
            carry -= out[-1]
        return out

    def rice(self, residual, length):
        """The section "Residual"."""
        n, rice = self.numbers, flac.Rice()
        limit = 14 if self.bits <= 16 else 30
        rice.length = length
        rice.order = self.likely_partition_order(residual, length, limit)
        if not n.expect("partition order"):
            rice.order = n.tree(16, "another partition order")
        missing = length - len(residual)
        check(length % (1 << rice.order) == 0 and length >> rice.order >= missing, UNFIT)
        self.largest_partition_order = max(self.largest_partition_order, rice.order)
        partitions = flac.partitions(residual, length, rice.order)
        sums = [int(np.abs(p).sum()) for p in partitions]
        context = 0
        if self.bits > 16:
            context = 2 if any(parameter(s, len(p), 30) > 14 for s, p in zip(sums, partitions)) else 1
        rice.bits = 5 if n.bit("method", context) else 4
        limit = 30 if rice.bits == 5 else 14
        rice.partitions = [self.partition(p, s, limit) for p, s in zip(partitions, sums)]
        return rice

    def likely_partition_order(self, residual, length, limit):
        best, least = 0, math.inf
        for order in range(self.largest_partition_order + 1):
            if order > 0 and (length % (1 << order) or length >> order <= length - len(residual)):
                break
            bits = 0
            for values in flac.partitions(residual, length, order):
                count, total = len(values), int(np.abs(values).sum())
                k = parameter(total, count, limit)
                bits += 4 + (1 + k) * count + (2 * total >> k) - (count >> 1)
            if bits <= least:
                best, least = order, bits
        return best

    def partition(self, values, total, limit):
        n, k, before = self.numbers, parameter(total, len(values), limit), self.escaped
        key = "parameter", before, level(total, len(values), k)
        if n.expect(*key, "zero"):
            self.escaped = 0
            return False, k
        self.escaped = int(not n.expect("not escaped", before))
        if not self.escaped:
            return False, min(max(k + n.unequal(*key), 0), limit)
        width = min(max(width_of(int(values.min())), width_of(int(values.max()))), 31) if values.any() else 0
        return True, width if n.expect("narrow") else n.tree(32, "width")


def width_of(v):
    """The bits of a number in two's complement."""
    return (v if v >= 0 else -1 - v).bit_length() + 1


def parameter(total, count, limit):
    """k(sum, count, limit)."""
    k = 0
    while k < limit and count << k < total:
        k += 1
    return k


def level(total, count, k):
    if count == 0:
        return 0
    if k == 0:
        return min(16 * total // count, 16)
    h = count << k - 1
    return 17 + min(16 * max(total - h, 0) // h, 16)


def best_fixed_order(x):
    if len(x) < 5:
        return 0
    sums = [int(np.abs(np.diff(x, order)[4 - order :]).sum()) for order in range(5)]
    return sums.index(min(sums))
