"""The section "Coded segment" of FORMAT.md."""

import math
import struct

import numpy as np

from alphabet import Alphabet, Lattice, read_used
from arithmetic import check, exp2
from features import Channel
from predictors.set import Relations
from mixture import Mixture
from network import Memory
from rangecoder import BitDecoder, SymbolDecoder
from symbols import Bits, Symbols

CONSTANT, COPIED, DENSE, LISTED = range(4)


class Reader:
    """Reads the fields of a segment."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        check(count <= len(self.data) - self.at, "the segment is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self):
        value = 0
        for i in range(10):
            byte = self.bytes(1)[0]
            value |= (byte & 127) << 7 * i
            if byte < 128:
                break
        check(byte < 128 and value < 1 << 64, "an integer is too long")
        return value

    def svarint(self):
        v = self.varint()
        return v >> 1 if v & 1 == 0 else -(v + 1 >> 1)

    def rest(self):
        return self.bytes(len(self.data) - self.at)


class Plan:
    """How a channel is coded."""

    def __init__(self, r, number, bits, may_have_sse):
        flags = r.bytes(1)[0]
        self.kind, self.sse = flags & 3, flags >> 7
        if self.kind == CONSTANT:
            check(flags == CONSTANT, "reserved flags")
            self.value = r.svarint()
            check(-1 << bits - 1 <= self.value < 1 << bits - 1, "a constant does not fit")
        elif self.kind == COPIED:
            self.source, self.multiple = r.varint(), None
            check(self.source < number, "a channel is copied from a later one")
            if flags != COPIED:
                self.read_multiple(r, flags, bits)
        else:
            check(may_have_sse or not self.sse, "the model has no secondary symbol estimation")
            self.read_lattice(r, flags & 127)

    def read_multiple(self, r, flags, bits):
        (factor,) = struct.unpack("<d", r.bytes(8))
        shift, least, most = r.svarint(), r.svarint(), r.svarint()
        rounding = flags >> 5
        check(flags & 0b10010100 == 0 and flags & 8 and rounding != 3, "reserved flags")
        check(0 < abs(factor) <= 1 << 24 and abs(shift) <= 1 << 33, "an impossible factor")
        check(-1 << bits - 1 <= least <= most < 1 << bits - 1, "impossible limits")
        self.multiple = factor, shift, least, most, rounding

    def copy(self, source):
        """The samples of a copied channel."""
        if self.multiple is None:
            return source
        factor, shift, least, most, rounding = self.multiple
        product = source * factor
        whole = np.floor(product) if rounding == 0 else np.trunc(product)
        if rounding == 1:
            whole += np.where(np.abs(product - whole) >= 0.5, np.sign(product), 0)
        return np.maximum(least, np.minimum(most, whole.astype(np.int64) + shift))

    def read_lattice(self, r, flags):
        l = self.lattice = Lattice()
        if flags & 4:
            l.gap, l.offset = r.varint(), r.varint()
            check(2 <= l.gap <= 1 << 33 and l.offset < l.gap, "an impossible gap")
        if flags & 8:
            (l.gain,) = struct.unpack("<d", r.bytes(8))
            l.single, l.rounding = bool(flags & 16), flags >> 5
            check(1 < l.gain <= 1 << 24 and l.rounding != 3, "an impossible gain")
        else:
            check(flags >> 4 == 0, "reserved flags")
        self.low = r.svarint()
        self.high = self.low + r.varint()
        check(abs(self.low) <= 1 << 33 and 1 <= self.high - self.low < 1 << 32, "an impossible range of indices")
        check(float(max(abs(self.low), abs(self.high))) * l.gain * l.gap <= 1 << 33, "an impossible lattice")


class Group:
    """A pair, or a channel alone, with its references: pairs of a channel and its delay."""

    def __init__(self, channels, offset=0, references=()):
        self.channels, self.offset, self.references = channels, offset, references


def read_groups(r, coded):
    usual = [Group(coded[i : i + 2]) for i in range(0, len(coded), 2)]
    if len(coded) < 2:
        return usual
    form = r.bytes(1)[0]
    check(form <= 1, "groups of an unknown form")
    if form == 0:
        return usual
    groups, left, before = [], list(coded), []

    def take():
        number = r.varint()
        check(number < len(left), "a channel that is not left")
        return left.pop(number)

    while left:
        channels, offset, references = [take()], 0, []
        count = r.bytes(1)[0]
        check(count <= 9, "too many references")
        if count == 9:
            channels.append(take())
            offset = r.varint()
            check(offset <= 32, "too great an offset")
            count = 0
        for _ in range(count):
            track, delay = r.varint(), r.svarint()
            check(track < len(before) and abs(delay) <= 1 << 16, "an impossible reference")
            references.append((before[track], delay))
        groups.append(Group(channels, offset, references))
        before += channels
    return groups


def read_lags(r, frames):
    """The lag of each stretch, or None."""
    repeats = r.bytes(1)[0]
    check(repeats <= 1, "neither with nor without lags")
    if not repeats:
        return None
    lags, recent = [0], []
    for start in range(4096, frames, 4096):
        number = r.varint()
        if number > 15:
            lag = number + 48
            check(lag <= start, "a lag leads to before the segment")
        else:
            check(number <= len(recent), "there were not so many lags")
            lag = recent[number - 1] if number else 0
        if lag:
            recent = ([lag] + [l for l in recent if l != lag])[:15]
        lags.append(lag)
    return lags


class Start:
    """What the predictors of a channel begin with."""

    def __init__(self, r):
        size, number = r.bytes(2)
        self.window, order = divmod(number, 33)
        check(size <= 80 and self.window <= 6, "an impossible start")
        numbers = [n - 256 if n > 127 else n for n in r.bytes(order)]
        check(-128 not in numbers, "an impossible reflection")
        self.k = []
        for n in numbers:
            x = 1 - abs(n) / 128
            self.k.append(1 - x * x if n >= 0 else -(1 - x * x))
        self.order = order
        self.expected = [exp2(8 * size - 96)]
        for k in reversed(self.k):
            self.expected.insert(0, self.expected[0] / math.sqrt(1 - k * k))

    def predictor(self, order):
        """The coefficients of the predictor of an order."""
        a = np.zeros(order)
        for i in range(min(order, self.order)):
            b = a[:i].copy()
            a[i] = self.k[i]
            a[:i] = b - self.k[i] * b[::-1]
        return a


class Decoder:
    """Decodes the samples of a coded channel."""

    def __init__(self, plan, stream, bits, frames, channel, model):
        self.plan, self.bits, self.channel, self.model, self.memory = plan, bits, channel, model, Memory(model)
        self.alphabet = Alphabet(plan.low, plan.high)
        if plan.sse:
            decoder = BitDecoder(stream)
            self.read_alphabet(decoder, frames)
            self.ranks = Bits(self.alphabet, decoder)
        else:
            r = Reader(stream)
            if plan.kind == LISTED:
                self.read_alphabet(BitDecoder(r.bytes(r.varint())), frames)
            self.ranks = Symbols(self.alphabet, SymbolDecoder(r.rest()))

    def read_alphabet(self, decoder, frames):
        if self.plan.kind == LISTED:
            low, high = self.plan.low, self.plan.high
            self.alphabet = Alphabet(low, high, read_used(decoder, low, high, frames))

    def next(self, trace, padding):
        """The next index; of a padded one, which is given, nothing is decoded."""
        row = self.channel.next()
        outputs = self.model.run(self.memory.row(row.features))
        index = padding
        if padding is None:
            mixture = Mixture(outputs, row)
            rank = self.ranks.decode(mixture, row.scale)
            index = self.alphabet.index(rank)
            sample = self.plan.lattice.sample(index)
            trace(row, outputs, mixture, rank, index, sample)
            check(-1 << self.bits - 1 <= sample < 1 << self.bits - 1, "a sample does not fit")
        self.channel.learn(float(index))
        return index


def decode(data, model, channels, frames, bits, trace=lambda *_: None):
    """The samples of a segment, as an array [channel][frame]."""
    r = Reader(data)
    plans = [Plan(r, i, bits, model.description.sse) for i in range(channels)]
    coded = [i for i, plan in enumerate(plans) if plan.kind in (DENSE, LISTED)]
    groups = read_groups(r, coded)
    for group in groups:
        group.frames = frames + group.offset
        group.lags = read_lags(r, group.frames) if model.description.repeats and group.frames >= 16384 else None
        group.starts = [Start(r) for _ in group.channels]
    streams = {c: r.bytes(r.varint()) for group in groups for c in group.channels}
    check(r.at == len(data), "bytes are left")
    indices = np.zeros((channels, frames))
    for group in groups:
        decode_group(group, plans, streams, indices, model, bits, trace)
    samples = np.zeros((channels, frames), np.int64)
    for c, plan in enumerate(plans):
        if plan.kind == CONSTANT:
            samples[c] = plan.value
        elif plan.kind == COPIED:
            samples[c] = plan.copy(samples[plan.source])
        else:
            samples[c] = [plan.lattice.sample(int(k)) for k in indices[c]]
    return samples


def decode_group(group, plans, streams, indices, model, bits, trace):
    """Decodes the indices of a group into indices[channel]; those of channels before it are there."""
    frames, pair = indices.shape[1], len(group.channels) == 2
    padded = np.zeros((len(group.channels), group.frames))
    references = [(indices[c], delay) for c, delay in group.references]
    states = []
    for k, c in enumerate(group.channels):
        relations = Relations(group.starts[k], padded[k], padded[1 - k] if pair else None, group.lags, references)
        states.append(Channel(model.description, plans[c].low, plans[c].high, k + pair, relations))
    if pair:
        states[0].other, states[1].other = states[1], states[0]
    decoders = [Decoder(plans[c], streams[c], bits, frames, s, model) for c, s in zip(group.channels, states)]
    for t in range(group.frames):
        for k, (c, decoder) in enumerate(zip(group.channels, decoders)):
            padding = None
            if t < k * group.offset:
                padding = max(plans[c].low, min(plans[c].high, 0))
            elif t >= frames + k * group.offset:
                padding = int(padded[k, t - 1])
            padded[k, t] = decoder.next(trace, padding)
    for k, c in enumerate(group.channels):
        indices[c] = padded[k, k * group.offset :][:frames]
