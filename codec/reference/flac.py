"""FLAC frames, as RFC 9639 has them, written from what a recipe says."""

import numpy as np

CONSTANT, VERBATIM, FIXED, LINEAR = range(4)
LEFT_SIDE, SIDE_RIGHT, MID_SIDE = 8, 9, 10

# Section 9.1.1: the sizes of blocks by their codes.
SIZES = {1: 192} | {2 + i: 576 << i for i in range(4)} | {8 + i: 256 << i for i in range(8)}
# Section 9.1.2: the sample rates by their codes, from 1 on.
RATES = [88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000]
RATE_BYTES = {12: 1, 13: 2, 14: 2}
# Section 9.1.4: the bits per sample by their codes.
BITS = {8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7}
# Section 9.2.5: the fixed predictors.
FIXED_COEFFICIENTS = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]


def size_code(length):
    """The code of a block size."""
    return next((code for code, size in SIZES.items() if size == length), 6 if length <= 256 else 7)


def rate_code(rate):
    """The code of a sample rate, and its value at the end of the header."""
    if rate in RATES:
        return RATES.index(rate) + 1, 0
    if rate % 1000 == 0 and rate <= 255000:
        return 12, rate // 1000
    if rate % 10 == 0 and rate <= 655350:
        return 14, rate // 10
    return (13, rate) if rate <= 65535 else (0, 0)


def signal(samples, assignment, i):
    """What subframe i holds of samples [channel][frame] (section 4.2)."""
    if assignment == MID_SIDE and i == 0:
        return samples[0] + samples[1] >> 1
    if is_side(assignment, i):
        return samples[0] - samples[1]
    return samples[i]


def is_side(assignment, i):
    return assignment >= LEFT_SIDE and i == (0 if assignment == SIDE_RIGHT else 1)


def predictions(x, coefficients, shift):
    """What a predictor says of the values of a signal, from its order on."""
    order = len(coefficients)
    total = np.zeros(len(x) - order, np.int64)
    for j, c in enumerate(coefficients):
        total += c * x[order - 1 - j : len(x) - 1 - j]
    return total >> shift


def crc(data, polynomial, bits):
    """The checksums of sections 9.1.8 and 9.3."""
    value, top = 0, 1 << bits - 1
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & (2 * top - 1)
    return value.to_bytes(bits // 8, "big")


class Header:
    """The header of a frame; its members are what section 9.1 has. rate is the code and the value at the end."""

    def bytes(self):
        first = 0xFFF8 | self.variable
        b = first.to_bytes(2, "big") + bytes([self.size_code << 4 | self.rate[0], self.assignment << 4 | self.bits_code << 1])
        b += number_bytes(self.number)
        b += (self.length - 1).to_bytes(2, "big")[{6: 1, 7: 0}.get(self.size_code, 2) :]
        b += self.rate[1].to_bytes(RATE_BYTES.get(self.rate[0], 0), "big")
        return b + crc(b, 0x07, 8)


def number_bytes(number):
    """Section 9.1.5: in the manner of UTF-8."""
    if number < 128:
        return bytes([number])
    following = 1
    while number >> 5 * following + 6:
        following += 1
    first = 0xFF << 7 - following & 0xFF | number >> 6 * following
    return bytes([first] + [0x80 | number >> 6 * i & 63 for i in range(following - 1, -1, -1)])


class Bits:
    """Bits as they are written, as text of 0 and 1."""

    def __init__(self):
        self.parts = []

    def number(self, value, width):
        """Writes a number in two's complement."""
        if width:
            self.parts.append(format(int(value) & (1 << width) - 1, f"0{width}b"))

    def numbers(self, values, width):
        for v in values:
            self.number(v, width)

    def unary(self, zeros):
        self.parts.append("0" * int(zeros) + "1")

    def bytes(self):
        text = "".join(self.parts)
        text += "0" * (-len(text) % 8)
        return int("1" + text, 2).to_bytes(len(text) // 8 + 1, "big")[1:]


class Subframe:
    """Section 9.2. signal is without the wasted bits, width without them, too. Of fixed and linear subframes: coefficients, and
    residual, from their order on; of linear ones: precision and shift."""

    def write(self, bits):
        code = {CONSTANT: 0, VERBATIM: 1}.get(self.kind)
        if code is None:
            order = len(self.coefficients)
            code = 8 + order if self.kind == FIXED else 31 + order
        bits.number(code, 7)
        bits.number(self.wasted > 0, 1)
        if self.wasted:
            bits.unary(self.wasted - 1)
        if self.kind in (CONSTANT, VERBATIM):
            bits.numbers(self.signal[:1] if self.kind == CONSTANT else self.signal, self.width)
            return
        bits.numbers(self.signal[:order], self.width)
        if self.kind == LINEAR:
            bits.number(self.precision - 1, 4)
            bits.number(self.shift, 5)
            bits.numbers(self.coefficients, self.precision)
        self.rice.write(bits, self.residual)


class Rice:
    """Section 9.2.7. length is that of the block, order that of the partitions, bits the width of a parameter, 4 or 5. partitions
    are pairs: whether one is escaped, and its parameter or the width of its values."""

    def write(self, bits, residual):
        bits.number(self.bits - 4, 2)
        bits.number(self.order, 4)
        for values, (escaped, parameter) in zip(partitions(residual, self.length, self.order), self.partitions):
            if escaped:
                bits.number((1 << self.bits) - 1, self.bits)
                bits.number(parameter, 5)
                bits.numbers(values, parameter)
                continue
            bits.number(parameter, self.bits)
            for v in fold(values).tolist():
                bits.unary(v >> parameter)
                bits.number(v, parameter)

    def unary_bits(self, residual):
        """The zeros that are written before ones."""
        parts = zip(partitions(residual, self.length, self.order), self.partitions)
        return sum(int((fold(values) >> parameter).sum()) for values, (escaped, parameter) in parts if not escaped)


def fold(values):
    """0, -1, 1, -2, 2, ... become 0, 1, 2, 3, 4, ..."""
    return values << 1 ^ values >> 63


def partitions(residual, length, order):
    """The partitions of the residual of a block; the first one lacks what the predictor has no values for."""
    size, missing = length >> order, length - len(residual)
    return [residual[max(0, i * size - missing) : (i + 1) * size - missing] for i in range(1 << order)]


def frame(header, subframes):
    """The bytes of a frame."""
    bits = Bits()
    for s in subframes:
        s.write(bits)
    b = header.bytes() + bits.bytes()
    return b + crc(b, 0x8005, 16)
