"""The section "Coded segment" of FORMAT.md."""

import struct

import numpy as np

from alphabet import Alphabet, Lattice, read_used
from arithmetic import check
from features import Channel
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
            check(flags == COPIED, "reserved flags")
            self.source = r.varint()
            check(self.source < number, "a channel is copied from a later one")
        else:
            check(may_have_sse or not self.sse, "the model has no secondary symbol estimation")
            self.read_lattice(r, flags & 127)

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

    def next(self, trace):
        row = self.channel.next()
        outputs = self.model.run(self.memory.row(row.features))
        mixture = Mixture(outputs, row)
        rank = self.ranks.decode(mixture, row.scale)
        index = self.alphabet.index(rank)
        sample = self.plan.lattice.sample(index)
        trace(row, outputs, mixture, rank, index, sample)
        check(-1 << self.bits - 1 <= sample < 1 << self.bits - 1, "a sample does not fit")
        self.channel.learn(float(index))
        return index, sample


def decode(data, model, channels, frames, bits, trace=lambda *_: None):
    """The samples of a segment, as an array [channel][frame]."""
    r = Reader(data)
    plans = [Plan(r, i, bits, model.description.sse) for i in range(channels)]
    coded = [i for i, plan in enumerate(plans) if plan.kind in (DENSE, LISTED)]
    groups = [coded[i : i + 2] for i in range(0, len(coded), 2)]
    may_repeat = model.description.repeats and frames >= 16384
    all_lags = [read_lags(r, frames) if may_repeat else None for _ in groups]
    streams = [r.bytes(r.varint()) for _ in coded]
    check(r.at == len(data), "bytes are left")
    samples, indices = np.zeros((channels, frames), np.int64), np.zeros((channels, frames))
    for i, (group, lags) in enumerate(zip(groups, all_lags)):
        pair = len(group) == 2
        states = []
        for k, c in enumerate(group):
            repeats = lags and (lags, indices[c], indices[group[pair - k]])
            states.append(Channel(model.description, plans[c].low, plans[c].high, k + pair, repeats))
        if pair:
            states[0].other, states[1].other = states[1], states[0]
        decoders = [Decoder(plans[c], streams[2 * i + k], bits, frames, states[k], model) for k, c in enumerate(group)]
        for t in range(frames):
            for c, decoder in zip(group, decoders):
                indices[c, t], samples[c, t] = decoder.next(trace)
    for c, plan in enumerate(plans):
        if plan.kind == CONSTANT:
            samples[c] = plan.value
        elif plan.kind == COPIED:
            samples[c] = samples[plan.source]
    return samples
