"""The section "Secondary symbol estimation" of FORMAT.md."""

from arithmetic import G, Q


def limit(v, most):
    return max(-most, min(most, v))


def stretch(p):
    i = p >> 4
    return G[i] if i < 2048 else -G[4095 - i]


def squash(l):
    v = limit(l, 2047) + 2048
    j = v >> 5
    return Q[j] + ((Q[j + 1] - Q[j]) * (v % 32) >> 5)


START = [min(65535, squash(128 * i - 2048)) for i in range(33)]


class Table:
    """The 33 buckets of a context."""

    def __init__(self):
        self.probability, self.count = list(START), [16] * 33

    def lookup(self, l):
        i, f = l + 2048 >> 7, (l + 2048) % 128
        return self.probability[i] + ((self.probability[i + 1] - self.probability[i]) * f >> 7)

    def correct(self, l, target):
        c = (l + 2048 >> 7) + ((l + 2048) % 128 >= 64)
        self.probability[c] += (target - self.probability[c]) * (65536 // (self.count[c] + 1)) >> 16
        self.count[c] = min(250, self.count[c] + 1)


class Estimation:
    """The state of a channel."""

    def __init__(self):
        self.nodes, self.widths, self.mixers = {}, {}, {}

    def decode(self, decoder, p, rank, place, size):
        """Decodes the bit at a place, whose probability of being 0 is p; rank has the bits before it."""
        if p < 64 or p > 65472:
            return decoder.bit(p)
        number, depth = place >> 3, place % 8
        node = (1 << 7 - depth) + (rank >> place + 1) % (1 << 7 - depth)
        nodes = self.nodes.setdefault((number, node), Table())
        widths = self.widths.setdefault((max(0, min(23, size + place)), depth), Table())
        mixer, l = self.mixers.setdefault(number, [52428, 6553, 6553]), stretch(p)
        logits = (l, stretch(nodes.lookup(l)), stretch(widths.lookup(l)))
        mixed = squash(limit(sum(w * x for w, x in zip(mixer, logits)) >> 16, 2047))
        bit = decoder.bit(max(1, min(65535, mixed)))
        target = 0 if bit else 65535
        for i in range(3):
            mixer[i] += (target - mixed) * logits[i] + 131072 >> 18
        nodes.correct(l, target)
        widths.correct(l, target)
        return bit
