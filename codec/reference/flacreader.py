"""Reads the samples of FLAC frames, as RFC 9639 has them: of stored ones, for the MD5 of the samples, and of bare ones (method 5)."""

import numpy as np

import flac


class Bits:
    def __init__(self, data):
        self.text, self.at = format(int.from_bytes(b"\1" + data, "big"), "b")[1:], 0

    def number(self, width):
        self.at += width
        return int(self.text[self.at - width : self.at] or "0", 2)

    def signed(self, width):
        v = self.number(width)
        return v - (1 << width) if width and v >> width - 1 else v

    def list(self, count, width):
        return [self.signed(width) for _ in range(count)]

    def unary(self):
        """The zeros before a one."""
        start, self.at = self.at, self.text.index("1", self.at) + 1
        return self.at - 1 - start


def samples(data, channels, width):
    """The samples [channel][frame] of whole frames."""
    return np.concatenate(list(blocks(data, channels, width)), axis=1)


def blocks(data, channels, width):
    """Yields those of each frame."""
    bits = Bits(data)
    while bits.at < len(bits.text):
        yield frame(bits, channels, width)


def bare(data, channels, width, frames):
    """The samples of frames of which there are only the assignment and the subframes."""
    bits, out = Bits(data), []
    for at in range(0, frames, 4096):
        out.append(subframes(bits, bits.number(8), min(4096, frames - at), channels, width))
    return np.concatenate(out, axis=1), bits.at == len(bits.text)


def metadata(file):
    """Sample rate, channels and bits of a file, and where its frames begin (sections 8.1 and 8.2)."""
    at, last = 4, 0
    while not last:
        last, size = file[at] >> 7, int.from_bytes(file[at + 1 : at + 4], "big")
        at += 4 + size
    format = int.from_bytes(file[18:26], "big")
    return format >> 44, (format >> 41 & 7) + 1, (format >> 36 & 31) + 1, at


def frame(bits, channels, width):
    bits.number(16)
    size_code, rate, assignment = bits.number(4), bits.number(4), bits.number(4)
    bits.number(4)
    following = f"{bits.number(8):08b}".index("0")
    bits.number(8 * max(following - 1, 0))
    length = flac.SIZES.get(size_code) or bits.number({6: 8, 7: 16}[size_code]) + 1
    bits.number(8 * flac.RATE_BYTES.get(rate, 0) + 8)
    x = subframes(bits, assignment, length, channels, width)
    bits.number(16)
    return x


def subframes(bits, assignment, length, channels, width):
    """The samples of a frame, from its subframes on."""
    x = np.array([subframe(bits, length, width + flac.is_side(assignment, i)) for i in range(channels)])
    bits.at += -bits.at % 8
    if assignment == flac.LEFT_SIDE:
        x[1] = x[0] - x[1]
    elif assignment == flac.SIDE_RIGHT:
        x[0] += x[1]
    elif assignment == flac.MID_SIDE:
        left = 2 * x[0] + x[1] % 2 + x[1] >> 1
        x = np.array([left, left - x[1]])
    return x


def subframe(bits, length, width):
    code, wasted = bits.number(7), bits.number(1)
    if wasted:
        wasted += bits.unary()
    width -= wasted
    if code < 2:
        x = bits.list(length if code else 1, width) * (1 if code else length)
    else:
        order = code - 31 if code >= 32 else code - 8
        x, coefficients, shift = bits.list(order, width), flac.FIXED_COEFFICIENTS[min(order, 4)], 0
        if code >= 32:
            precision, shift = bits.number(4) + 1, bits.number(5)
            coefficients = bits.list(order, precision)
        for residual in residuals(bits, length, order):
            newest = reversed(x[len(x) - order :])
            x.append(residual + (sum(c * v for c, v in zip(coefficients, newest)) >> shift))
    return [v << wasted for v in x]


def residuals(bits, length, order):
    width, partitions = 4 + bits.number(2), 1 << bits.number(4)
    for i in range(partitions):
        count, parameter = length // partitions - (order if i == 0 else 0), bits.number(width)
        if parameter == (1 << width) - 1:
            yield from bits.list(count, bits.number(5))
            continue
        for _ in range(count):
            folded = bits.unary() << parameter | bits.number(parameter)
            yield folded >> 1 ^ -(folded & 1)
