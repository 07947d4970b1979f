"""Segments of floats, which FORMAT-floats.md describes."""

import struct
import zlib

import numpy as np

import segment
from arithmetic import check
from chances import Chances

SCALED, NARROWED, DEFLATED = range(3)


def decode(data, model, channels, frames, width):
    """The samples of a segment as the file has them, little-endian, the channels of a frame one after the other."""
    check(data and data[0] <= DEFLATED, "an unknown way")
    way = data[0]
    if way == DEFLATED:
        return inflate(data[1:])
    check(way == SCALED or width == 8, "only long floats are narrowed")
    bits = decode_scaled(data[1:], model, channels, frames, 4 if way == NARROWED else width)
    if way == NARROWED:
        bits = widen(bits)
    return bits.T.astype(f"<u{width}").tobytes()


def inflate(data):
    """What a DEFLATE stream (RFC 1951) becomes, behind which nothing follows."""
    stream = zlib.decompressobj(-15)
    raw = stream.decompress(data)
    check(stream.eof and not stream.unused_data, "a DEFLATE stream that is cut, or has something behind it")
    return raw


def widen(bits):
    """The bits of floats of 64 bits that equal those of 32 bits."""
    special = bits >> 23 & 0xFF == 0xFF
    wide = bits.view(np.float32).astype(np.float64).view(np.uint64)
    long = bits.astype(np.uint64)
    return np.where(special, long >> 31 << 63 | 0x7FF << 52 | (long & 0x7FFFFF) << 29, wide)


class Scale:
    """Makes floats of whole numbers."""

    def __init__(self, r, width):
        flags = r.bytes(1)[0]
        self.remainders, self.formula = flags & 1, flags >> 2
        check(self.formula <= 2, "an unknown formula")
        self.divisor = r.varint() if self.formula else 1
        check(1 <= self.divisor <= 1 << 31, "an impossible divisor")
        if flags & 2:
            exponent = r.svarint()
            check(-1074 <= exponent <= 1023, "an impossible gain")
            self.gain = 2.0**exponent
        else:
            (self.gain,) = struct.unpack("<d", r.bytes(8))
        check(0 < self.gain < float("inf"), "an impossible gain")
        self.unit = self.gain / self.divisor
        self.float = {4: np.float32, 8: np.float64}[width]

    def near(self, whole):
        """The floats near whole numbers, an array of float64."""
        x = whole
        if self.formula == 1:
            x = self.fl(x / self.divisor)
        elif self.formula == 2:
            x = self.fl(x * self.fl(np.float64(1 / self.divisor)))
        return self.fl(x * self.gain)

    def fl(self, x):
        return x.astype(self.float).astype(np.float64)


def decode_scaled(data, model, channels, frames, width):
    """The bits of the samples, as an array [channel][frame]."""
    r = segment.Reader(data)
    size = r.bytes(1)[0]
    check(1 <= size <= 4, "whole numbers of an impossible size")
    scales = [Scale(r, width) for _ in range(channels)]
    whole = segment.decode(r.bytes(r.varint()), model, channels, frames, 8 * size)
    rest = r.rest()
    check(not rest or any(s.remainders for s in scales), "remainders that no channel has")
    chances = Chances(rest, 1000)
    return np.stack([decode_channel(w, s, chances, width) for w, s in zip(whole, scales)])


def decode_channel(whole, scale, chances, width):
    near = scale.near(whole.astype(np.float64))
    bits = near.astype(scale.float).view(f"u{width}")
    if not scale.remainders:
        return bits
    chances.reset()
    remainders, unsigned = Remainders(chances, scale, width), bits.tolist()
    samples = [remainders.sample(n, v, b) for n, v, b in zip(whole.tolist(), near.tolist(), unsigned)]
    return np.array(samples, f"u{width}")


def order(bits, sign):
    return bits if bits < sign else -1 - (bits - sign)


def exponent(x):
    """E of a number that is not negative."""
    return (struct.unpack("<Q", struct.pack("<d", x))[0] >> 52) - 1023


class Remainders:
    """Decodes by how many floats the samples of a channel are above the near ones."""

    def __init__(self, chances, scale, width):
        self.chances, self.width = chances, 8 * width
        self.sign, self.fraction = 1 << 8 * width - 1, {4: 23, 8: 52}[width]
        self.unit = exponent(scale.unit)
        self.spare = int(struct.unpack("<Q", struct.pack("<d", scale.unit))[0] % (1 << 52) != 0)
        self.recent, self.table, self.escaped = 0, {}, 0

    def sample(self, n, v, bits):
        """The bits of the sample with the whole number n; v is near(n), and has the bits given."""
        a = self.away(abs(n), v)
        if a is None:
            return self.escaped
        o = order(bits, self.sign) + (-a if n < 0 else a)
        if self.width == 64:
            o = (o + self.sign) % (2 * self.sign) - self.sign
        check(-self.sign <= o < self.sign, "a sample has no bits")
        return o if o >= 0 else -1 - o + self.sign

    def away(self, magnitude, v):
        """The remainder, upwards if the whole number is not negative; None if the sample is escaped."""
        bit, r, place = self.chances.bit, self.recent.bit_count(), magnitude % 65536
        self.recent = 2 * self.recent % 256
        known, a = self.table.get(place, (None, 0))
        if known == magnitude and bit("again", a == 0, r):
            return a
        if v == 0:
            level, size = 0, self.width
        else:
            level = min(max(exponent(abs(v)) - self.unit + 1, 1), 55)
            size = max(self.fraction + 1 - level + self.spare, 0)
        a = 0
        if bit("present", level, r):
            self.recent += 1
            a = self.far() if size == 0 or bit("far", level) else self.usual(level, size)
        if a is not None:
            self.table[place] = magnitude, a
        return a

    def usual(self, level, size):
        number = pattern = 0
        for j in range(size - 1, -1, -1):
            b = self.chances.bit(level, pattern, j)
            if pattern == 0:
                pattern = 1 if b else 2
            elif pattern == 1 and b or pattern == 2 and not b:
                pattern = 3
            number = 2 * number + b
        return number - (1 << size - 1)

    def far(self):
        k = 1
        for _ in range(7):
            k = 2 * k + self.chances.bit("class", k)
        c = min(k - 128, 64)
        if c == 0:
            if not self.chances.bit("same"):
                self.escaped = self.digits("literal", self.width)
            return None
        negative = self.chances.bit("negative")
        a = (1 << c - 1) + self.digits("far digits", c - 1)
        return -a if negative else a

    def digits(self, name, k):
        number = 0
        for j in range(k - 1, -1, -1):
            number = 2 * number + self.chances.bit(name, j)
        return number
