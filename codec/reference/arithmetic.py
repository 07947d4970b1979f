"""The section "Arithmetic" of FORMAT.md, and its tables, which are computed and compared with the checksums there."""

import decimal
import hashlib
import math
import pathlib
import re
import struct

import numpy as np

FORMAT = pathlib.Path(__file__).resolve().parent.parent / "FORMAT.md"
f32 = np.float32
np.seterr(all="ignore")  # infinities and not-a-numbers are right as they come


class Invalid(Exception):
    """The data is not what an encoder makes."""


def check(condition, message):
    if not condition:
        raise Invalid(message)


def make_tables():
    decimal.getcontext().prec = 50
    number = decimal.Decimal

    def nearest(x):
        return int(x.to_integral_value(decimal.ROUND_HALF_EVEN))

    def power(x):
        return float(number(2) ** x)

    tables = {
        "E": [power(number(i) / 16) for i in range(16)],
        "G": [max(-2047, nearest(256 * (p / (1 - p)).ln())) for p in ((i + number("0.5")) / 4096 for i in range(2048))],
        "H": [nearest(2**52 / (1 + (24 - number(i) / 16).exp())) for i in range(385)],
        "L": [nearest(32 * (1 + (i + number("0.5")) / 64).ln() / number(2).ln()) for i in range(64)],
        "Q": [nearest(65536 / (1 + (-number(32 * j - 2048) / 256).exp())) for j in range(129)],
        "R": [power(number(i) / 20) for i in range(20)],
    }
    tables["H"][0] = 0
    tables["H"][357] += 1
    tables["H"][381] += 1
    tables["R"][19] = math.nextafter(tables["R"][19], 0)
    text = FORMAT.read_text(encoding="utf-8")
    for name, letter in {"E": "d", "G": "h", "H": "Q", "L": "B", "Q": "H", "R": "d"}.items():
        digest = hashlib.sha256(struct.pack(f"<{len(tables[name])}{letter}", *tables[name])).hexdigest()
        wanted = re.search(rf"^\| {name} \|.*`([0-9a-f]{{64}})`", text, re.M).group(1)
        assert digest == wanted, f"table {name} does not have its checksum"
    return tables


TABLES = make_tables()
E, G, H, Q = (TABLES[name] for name in "EGHQ")
L, R = (np.array(TABLES[name]) for name in "LR")


def bits_of(x):
    return x.view(np.int64)


# These are of arrays, element by element.


def log2(x):
    """In 1/32."""
    bits = bits_of(x)
    return np.where(x > 2.0**-1022, ((bits >> 52) - 1023) * 32 + L[bits >> 46 & 63], -32704)


def exp2(n):
    """n is an integer, in 1/16."""
    return math.ldexp(E[n % 16], n >> 4)


def pow08(x):
    """About x^-0.8."""
    bits = bits_of(x)
    n = -(((bits >> 52) - 1023) * 16 + (bits >> 48 & 15))
    return np.ldexp(R[n % 20], n // 20)


def div(a, b):
    """The quotients, rounded towards zero."""
    return np.sign(a) * (np.abs(a) // b)


def clamp(x, low, high):
    return np.where(x > low, np.where(x > high, high, x), low)


def fold(s):
    """fold8 of eight numbers."""
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


# These are of the last axis of an array. fold8 is of float64 where there is no other.


def fold8(s):
    s = s[..., :4] + s[..., 4:]
    s = s[..., :2] + s[..., 2:]
    return s[..., 0] + s[..., 1]


def fold16(s):
    return fold8(s[..., :8] + s[..., 8:])


def dot64(a, b):
    """a and b are padded with zeros to a multiple of 8."""
    products = (a * b).reshape(*a.shape[:-1], -1, 8)
    return fold8(np.add.accumulate(products, axis=-2)[..., -1, :])
