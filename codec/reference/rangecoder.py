"""The section "Range coders" of FORMAT.md: the two decoders."""


class Source:
    """The bytes of a stream, and zeros behind them."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def next(self):
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0


class BitDecoder:
    def __init__(self, data):
        self.source, self.range, self.code = Source(data), 0xFFFFFFFF, 0
        for _ in range(5):
            self.code = (self.code << 8 | self.source.next()) & 0xFFFFFFFF

    def bit(self, p):
        zero = (self.range >> 16) * p
        if self.code < zero:
            bit, self.range = 0, zero
        else:
            bit, self.range, self.code = 1, self.range - zero, self.code - zero
        while self.range < 1 << 24:
            self.range, self.code = self.range << 8, (self.code << 8 | self.source.next()) & 0xFFFFFFFF
        return bit


class SymbolDecoder:
    def __init__(self, data):
        self.source, self.range, self.code = Source(data), (1 << 56) - 1, 0
        for _ in range(7):
            self.code = self.code << 8 | self.source.next()

    def target(self):
        return min(self.code // (self.range >> 32), (1 << 32) - 1)

    def take(self, a, b):
        step = self.range >> 32
        self.code, self.range = self.code - step * a, step * (b - a)
        while self.range < 1 << 48:
            self.range, self.code = self.range << 8, (self.code << 8 | self.source.next()) % (1 << 64)
