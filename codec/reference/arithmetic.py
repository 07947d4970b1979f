"""The sections "Arithmetic" and "Range coder" of FORMAT.md, and its tables.

Tables that FORMAT.md lists are read from it, the others are computed, and all are compared with its checksums.
"""

import decimal
import hashlib
import math
import pathlib
import re
import struct

import numpy as np

FORMAT = pathlib.Path(__file__).resolve().parent.parent / "FORMAT.md"


class Invalid(Exception):
    """The data is not what an encoder makes."""


def read_appendix(text, title):
    """The words of the indented lines of an appendix."""
    section = text.split("\n## Appendix " + title)[1].split("\n## ")[0]
    return " ".join(re.findall(r"^    (.*)$", section, re.M)).split()


def make_tables():
    text = FORMAT.read_text()
    decimal.getcontext().prec = 40
    number = decimal.Decimal

    def nearest(x):
        return int(x.to_integral_value(decimal.ROUND_HALF_EVEN))

    tables = {
        "E": [struct.unpack(">d", bytes.fromhex(word))[0] for word in read_appendix(text, "A")],
        "H": [int(word) for word in read_appendix(text, "B")],
        "L": [nearest(32 * (1 + (i + number("0.5")) / 64).ln() / number(2).ln()) for i in range(64)],
        "Q": [nearest(65536 / (1 + (-number(32 * j - 2048) / 256).exp())) for j in range(129)],
    }
    chances = [(i + number("0.5")) / 4096 for i in range(2048)]
    tables["G"] = [max(-2047, nearest(256 * (p / (1 - p)).ln())) for p in chances]
    for name, letter in {"E": "d", "G": "h", "H": "Q", "L": "B", "Q": "H"}.items():
        digest = hashlib.sha256(struct.pack(f"<{len(tables[name])}{letter}", *tables[name])).hexdigest()
        wanted = re.search(rf"^\| {name} \|.*`([0-9a-f]{{64}})`", text, re.M).group(1)
        assert digest == wanted, f"table {name} does not have its checksum"
    return tables


TABLES = make_tables()
E, G, H, L, Q = (TABLES[name] for name in "EGHLQ")

# The distribution function of the logistic distribution.
T = [H[i] / 2**52 if i <= 384 else 1 - H[768 - i] / 2**52 for i in range(769)]


def bits_of(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def log2(x):
    if not x > 2.0**-1022:
        return -32704
    bits = bits_of(x)
    return ((bits >> 52) - 1023) * 32 + L[bits >> 46 & 63]


def exp2(n):
    return math.ldexp(E[5 * (n % 16)], n >> 4)


def pow08(x):
    bits = bits_of(x)
    n = -4 * (((bits >> 52) - 1023) * 16 + (bits >> 48 & 15))
    return math.ldexp(E[n % 80], n // 80)


def div(a, b):
    """The quotient, rounded towards zero."""
    return a // b if a >= 0 else -(-a // b)


def limit(v, most):
    return max(-most, min(most, v))


def clamp(x, low, high):
    if not x > low:
        return low
    return high if x > high else x


def fold8(s):
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


def lane_sums(products, lanes):
    """Sums every so-manieth product, from the first one on."""
    padded = np.zeros((len(products) + lanes - 1) // lanes * lanes + lanes, products.dtype)
    padded[lanes : lanes + len(products)] = products
    return np.add.accumulate(padded.reshape(-1, lanes), axis=0)[-1]


def dot64(a, b):
    return float(fold8(lane_sums(a * b, 8)))


class RangeDecoder:
    def __init__(self, data):
        self.data, self.next = data, 5
        self.range = 0xFFFFFFFF
        self.code = int.from_bytes(data[1:5].ljust(4, b"\0"), "big")

    def bit(self, p):
        zero = (self.range >> 16) * p
        if self.code < zero:
            bit, self.range = 0, zero
        else:
            bit, self.range, self.code = 1, self.range - zero, self.code - zero
        while self.range < 1 << 24:
            byte = self.data[self.next] if self.next < len(self.data) else 0
            self.next += 1
            self.range, self.code = self.range << 8, (self.code << 8 | byte) & 0xFFFFFFFF
        return bit


class SymbolDecoder:
    """The section "Symbols": of a byte, or of pairs."""

    def __init__(self, data, pairs):
        self.unit, self.bits = (32, 56) if pairs else (24, 48)
        first = self.bits // 8
        self.data, self.next = data, first
        self.range = (1 << self.bits) - 1
        self.code = int.from_bytes(data[:first].ljust(first, b"\0"), "big")

    def target(self):
        return min(self.code // (self.range >> self.unit), (1 << self.unit) - 1)

    def take(self, a, b):
        step = self.range >> self.unit
        self.code, self.range = self.code - step * a, step * (b - a)
        while self.range < 1 << self.bits - 8:
            byte = self.data[self.next] if self.next < len(self.data) else 0
            self.next += 1
            self.range, self.code = self.range << 8, (self.code << 8 | byte) % (1 << 64)
