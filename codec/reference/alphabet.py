"""The sections "Lattice" and "Used indices" of FORMAT.md: which values there are."""

import math

from arithmetic import Invalid, check, f32


class Lattice:
    """Finds the sample of an index."""

    def __init__(self):
        self.gap, self.offset, self.gain, self.single, self.rounding = 1, 0, 1.0, False, 0

    def sample(self, index):
        if self.gain == 1:
            return self.offset + self.gap * index
        product = float(f32(index) * f32(self.gain)) if self.single else index * self.gain
        if self.rounding == 0:
            whole = math.floor(product)
        elif self.rounding == 1:  # halves away from zero
            whole = math.trunc(product)
            if abs(product - whole) >= 0.5:
                whole += 1 if product > 0 else -1
        else:
            whole = math.trunc(product)
        return self.offset + self.gap * whole


class Alphabet:
    """The indices that occur, by their ranks: all from low to high, or the used ones."""

    def __init__(self, low, high, used=None):
        self.low, self.high, self.used = low, high, used
        self.size = high - low + 1 if used is None else len(used)
        if used is not None:
            self.between = [float(a + b) * 0.5 for a, b in zip(used, used[1:])]

    def index(self, rank):
        return self.low + rank if self.used is None else self.used[rank]

    def boundary(self, rank):
        """The point below a rank, 1 to size - 1."""
        return float(self.low + rank) - 0.5 if self.used is None else self.between[rank - 1]


class BitModel:
    """An adaptive probability."""

    def __init__(self):
        self.p = 32768

    def decode(self, decoder):
        bit = decoder.bit(self.p)
        self.p += -(self.p - 32 >> 4) if bit else 65504 - self.p >> 4
        return bit


def read_used(decoder, low, high, frames):
    """Decodes the list of used indices."""
    small = [[BitModel() for _ in range(3)] for _ in range(256)]
    length, digit = [BitModel() for _ in range(32)], [BitModel() for _ in range(32)]
    used, c = [low], 0
    while used[-1] < high:
        g = 1
        while g < 4 and small[c][g - 1].decode(decoder):
            g += 1
        c = (4 * c + g - 1) % 256
        if g == 4:
            g = 3 + read_excess(decoder, length, digit)
        check(used[-1] + g <= high and len(used) < frames, "the list of used indices is too long")
        used.append(used[-1] + g)
    return used


def read_excess(decoder, length, digit):
    n = 0
    while length[n].decode(decoder):
        n += 1
        if n == 32:
            raise Invalid("a gap between used indices is too long")
    e = 1
    for i in range(n - 1, -1, -1):
        e = 2 * e + digit[i].decode(decoder)
    return e
