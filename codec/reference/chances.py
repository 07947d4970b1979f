"""The bits of floats and of FLAC recipes, whose probabilities adapt: "Remainders" of FORMAT-floats.md, "Bits and numbers" of
flac/recipe/FORMAT.md."""

from rangecoder import BitDecoder

HALF = 1 << 21


class Chances:
    """Decodes bits by chances, each of which has a key: whatever tells it from the others."""

    def __init__(self, data, most):
        """most is where the count of a chance ends."""
        self.decoder, self.most, self.pairs = BitDecoder(data), most, {}

    def reset(self):
        self.pairs = {}

    def bit(self, *key):
        lean, count = self.pairs.get(key, (0, 0))
        bit = self.decoder.bit(min(max(lean + HALF >> 6, 16), 65520))
        change = ((-HALF if bit else HALF) - lean) * 2
        change = abs(change) // (2 * count + 3) * (1 if change > 0 else -1)  # the fraction is dropped
        self.pairs[key] = lean + change, min(count + 1, self.most)
        return bit
