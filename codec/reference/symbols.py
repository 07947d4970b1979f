"""The sections "Symbols of two bytes" and "Bit by bit" of FORMAT.md: how ranks are coded."""

import math

import numpy as np

from arithmetic import div, log2
from sse import Estimation

def bits_of_rank(size, multiple):
    return -(-(size - 1).bit_length() // multiple) * multiple


class Symbols:
    """Symbols of two bytes."""

    def __init__(self, alphabet, decoder):
        self.alphabet, self.decoder = alphabet, decoder
        self.bits = bits_of_rank(alphabet.size, 16)
        self.share = 2.0**-18 / float(alphabet.size)

    def decode(self, mixture, _):
        """Decodes the rank of a sample."""
        size, floor = self.alphabet.size, mixture.total * self.share
        rank, lower, upper = 0, 0.0, mixture.total
        for place in range(self.bits - 16, -1, -16):
            width = 1 << place
            values = min(1 << 16, -(-(size - rank) // width))
            each = floor * float(width)
            every = (upper - lower) + floor * float(min(width << 16, size - rank))
            inverse = float((1 << 32) - values) / every
            target = self.decoder.target()
            # The symbol is first or greater, and less than last; their frequencies are a and b.
            first, last, a, b, start = 0, values, 0, 1 << 32, lower
            while last - first > 1:
                i = (first + last) // 2
                mass = mixture.below(self.alphabet.boundary(rank + i * width))
                f = i + int(((mass - start) + each * i) * inverse)
                if f > target:
                    last, b, upper = i, f, mass
                else:
                    first, a, lower = i, f, mass
            self.decoder.take(a, b)
            rank += first * width
        return rank


class Bits:
    """Bit by bit, with secondary symbol estimation."""

    def __init__(self, alphabet, decoder):
        self.alphabet, self.decoder, self.estimation = alphabet, decoder, Estimation()
        self.bits = bits_of_rank(alphabet.size, 8)
        self.share = 2.0**-18 / float(alphabet.size)
        self.apart = float(alphabet.high - alphabet.low) / float(alphabet.size - 1)

    def decode(self, mixture, scale):
        """Decodes the rank of a sample."""
        size, floor = self.alphabet.size, mixture.total * self.share
        level = int(div(log2(np.array(self.apart / scale)), 32)) + 8
        rank, lower, upper = 0, 0.0, mixture.total
        for place in range(self.bits - 1, -1, -1):
            width = 1 << place
            middle = rank + width
            if middle >= size:
                continue
            split = mixture.below(self.alphabet.boundary(middle))
            left = (split - lower) + floor * float(width)
            every = (upper - lower) + floor * float(width + min(width, size - middle))
            q = left / every * 65536
            p = 1 if not q > 1 else min(65535, math.floor(q))
            if self.estimation.decode(self.decoder, p, rank, place, level):
                lower, rank = split, middle
            else:
                upper = split
        return rank
