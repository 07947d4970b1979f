"""The sections "Coded segment", "Mixture" and "Tokens and last stage" of FORMAT.md."""

import math
import struct

import numpy as np

from arithmetic import G, Q, T, Invalid, RangeDecoder, SymbolDecoder, exp2, fold8, limit, log2, div
from features import Channel
from model import Memory

CONSTANT, COPIED, DENSE, LISTED = range(4)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        if count > len(self.data) - self.at:
            raise Invalid("the segment is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def uvarint(self):
        value = 0
        for i in range(10):
            byte = self.bytes(1)[0]
            value |= (byte & 127) << 7 * i
            if byte < 128:
                break
        if byte >= 128 or value >= 1 << 64:
            raise Invalid("an integer is too long")
        return value

    def varint(self):
        v = self.uvarint()
        return v >> 1 if v & 1 == 0 else -(v + 1 >> 1)


class Plan:
    def __init__(self, r, number, bits, version):
        flags = r.bytes(1)[0]
        self.kind = flags & 3
        self.gap, self.offset, self.gain, self.single, self.rounding = 1, 0, 1.0, False, 0
        if self.kind < DENSE and flags > 3:
            raise Invalid("reserved flags")
        if self.kind == CONSTANT:
            self.value = r.varint()
            if not -1 << bits - 1 <= self.value < 1 << bits - 1:
                raise Invalid("a constant does not fit")
        elif self.kind == COPIED:
            self.source = r.uvarint()
            if self.source >= number:
                raise Invalid("a channel is copied from a later one")
        else:
            self.whole = bool(flags & 128)
            if self.whole and not version.whole_tokens or not self.whole and version.whole_tokens and not version.last_stage:
                raise Invalid("tokens that the version does not have")
            self.read_coded(r, flags & 127)

    def read_coded(self, r, flags):
        if flags & 4:
            self.gap, self.offset = r.uvarint(), r.uvarint()
            if not 2 <= self.gap <= 1 << 33 or self.offset >= self.gap:
                raise Invalid("an impossible gap")
        if flags & 8:
            (self.gain,) = struct.unpack("<d", r.bytes(8))
            self.single, self.rounding = bool(flags & 16), flags >> 5 & 3
            if not 1 < self.gain <= 1 << 24 or self.rounding == 3:
                raise Invalid("an impossible gain")
        elif flags >> 4:
            raise Invalid("reserved flags")
        self.low = r.varint()
        self.high = self.low + r.uvarint()
        if abs(self.low) > 1 << 33 or not 1 <= self.high - self.low < 1 << 32:
            raise Invalid("an impossible range of steps")
        if float(max(abs(self.low), abs(self.high))) * self.gain * self.gap > 1 << 33:
            raise Invalid("an impossible grid")

    def sample(self, step):
        if self.gain == 1:
            return self.offset + self.gap * step
        product = step * self.gain
        if self.single:
            product = float(np.float32(step) * np.float32(self.gain))
        if self.rounding == 0:
            whole = math.floor(product)
        elif self.rounding == 1:
            whole = int(math.copysign(math.floor(abs(product)), product))
            if abs(product - whole) >= 0.5:
                whole += 1 if product > 0 else -1
        else:
            whole = math.trunc(product)
        return self.offset + self.gap * whole


class BitModel:
    def __init__(self):
        self.p = 32768

    def decode(self, r):
        bit = r.bit(self.p)
        self.p += -(self.p - 32 >> 4) if bit else 65504 - self.p >> 4
        return bit


def read_list(r, low, high, frames):
    small = [[BitModel() for _ in range(3)] for _ in range(256)]
    length, digit = [BitModel() for _ in range(32)], [BitModel() for _ in range(32)]
    used, c = [low], 0
    while used[-1] < high:
        g = 1
        while g < 4 and small[c][g - 1].decode(r):
            g += 1
        c = (4 * c + g - 1) % 256
        if g == 4:
            n = 0
            while length[n].decode(r):
                n += 1
                if n == 32:
                    raise Invalid("a gap is too long")
            e = 1
            for i in range(n - 1, -1, -1):
                e = 2 * e + digit[i].decode(r)
            g = e + 3
        if used[-1] + g > high or len(used) >= frames:
            raise Invalid("the list of used steps is too long")
        used.append(used[-1] + g)
    return used


class Mixture:
    def __init__(self, o, channel):
        shift = []
        for s in range(2):
            total = 0.0
            for i in range(16):
                total = total + float(limit(o[24 + 16 * s + i], 1023)) * float(np.float32(channel.d[i]))
            shift.append(total / 256)
        self.weight = [exp2(limit(o[k], 127)) for k in range(8)]
        offset = [limit(o[8 + k], 2047) / 64 + shift[k % 2] for k in range(8)]
        self.centre = [channel.base + offset[k] * channel.scale for k in range(8)]
        self.narrow = [channel.inverse * exp2(-limit(o[16 + k], 127)) for k in range(8)]
        self.total = fold8(self.weight)

    def below(self, x):
        m = [0.0] * 8
        for k in range(8):
            t = ((x - self.centre[k]) * self.narrow[k]) * 16 + 384
            if t >= 768:
                m[k] = self.weight[k]
            elif t > 0:
                i = math.floor(t)
                m[k] = self.weight[k] * (T[i] + (T[i + 1] - T[i]) * (t - i))
        return fold8(m)


def stretch(p):
    i = p >> 4
    return G[i] if i < 2048 else -G[4095 - i]


def squash(l):
    v = limit(l, 2047) + 2048
    j = v >> 5
    return Q[j] + ((Q[j + 1] - Q[j]) * (v % 32) >> 5)


START = [min(65535, squash(128 * i - 2048)) for i in range(33)]


class Table:
    """33 buckets."""

    def __init__(self):
        self.probability, self.count = list(START), [16] * 33

    def lookup(self, l):
        i, f = l + 2048 >> 7, (l + 2048) % 128
        return self.probability[i] + ((self.probability[i + 1] - self.probability[i]) * f >> 7)

    def correct(self, l, target):
        c = (l + 2048 >> 7) + ((l + 2048) % 128 >= 64)
        self.probability[c] += (target - self.probability[c]) * (65536 // (self.count[c] + 1)) >> 16
        self.count[c] = min(250, self.count[c] + 1)


class Tokens:
    """Those of a channel, in its stream."""

    def __init__(self, plan, stream, frames, version):
        self.low, self.corrected, self.whole, self.used = plan.low, version.last_stage, plan.whole, None
        if self.whole:
            if plan.kind == LISTED:
                r = Reader(stream)
                self.used = read_list(RangeDecoder(r.bytes(r.uvarint())), plan.low, plan.high, frames)
                stream = stream[r.at :]
            self.decoder = SymbolDecoder(stream, version.pairs)
        else:
            self.decoder = RangeDecoder(stream)
            if plan.kind == LISTED:
                self.used = read_list(self.decoder, plan.low, plan.high, frames)
        used = self.used
        self.n_steps = len(used) if used else plan.high - plan.low + 1
        self.symbol = 16 if self.whole and version.pairs else 8
        self.bits = self.symbol * -(-(self.n_steps - 1).bit_length() // self.symbol)
        self.share = 2.0**-18 / float(self.n_steps)
        self.gap = float(plan.high - plan.low) / float(self.n_steps - 1)
        self.nodes, self.widths = {}, {}
        self.mixer = [[52428, 6553, 6553] for _ in range(self.bits // 8)]

    def boundary(self, r):
        if self.used:
            return float(self.used[r - 1] + self.used[r]) * 0.5
        return float(self.low + r) - 0.5

    def decode(self, mixture, unit, trace):
        rank = self.whole_rank(mixture, trace) if self.whole else self.rank_by_bits(mixture, unit, trace)
        return self.used[rank] if self.used else self.low + rank

    def whole_rank(self, mixture, trace):
        floor = mixture.total * self.share
        rank, lower, upper = 0, 0.0, mixture.total
        most = 1 << self.symbol
        for place in range(self.bits - self.symbol, -1, -self.symbol):
            width = 1 << place
            values = min(most, -(-(self.n_steps - rank) // width))
            each = floor * float(width)
            every = (upper - lower) + floor * float(min(most * width, self.n_steps - rank))
            one = 1 << self.decoder.unit
            inverse = float(one - values) / every
            target = self.decoder.target()
            start, v, last, a, b = lower, 0, values, 0, one
            while last - v > 1:
                i = (v + last) // 2
                mass = mixture.below(self.boundary(rank + i * width))
                f = i + math.trunc(((mass - start) + each * float(i)) * inverse)
                if target < f:
                    last, b, upper = i, f, mass
                else:
                    v, a, lower = i, f, mass
            self.decoder.take(a, b)
            trace("token", place=place, target=target, a=a, b=b, value=v)
            rank += v * width
        return rank

    def rank_by_bits(self, mixture, unit, trace):
        r = self.decoder
        floor = mixture.total * self.share
        scale = div(log2(self.gap / unit), 32) + 8
        rank, lower, upper = 0, 0.0, mixture.total
        for place in range(self.bits - 1, -1, -1):
            width = 1 << place
            middle = rank + width
            if middle >= self.n_steps:
                continue
            split = mixture.below(self.boundary(middle))
            left = (split - lower) + floor * float(width)
            every = (upper - lower) + floor * float(width + min(width, self.n_steps - middle))
            q = left / every * 65536
            p = 1 if not q > 1 else min(65535, math.floor(q))
            bit = self.last_stage(r, p, rank, place, scale, trace)
            if bit:
                lower, rank = split, middle
            else:
                upper = split
        return rank

    def last_stage(self, r, p, rank, place, scale, trace):
        if not self.corrected or p < 64 or p > 65472:
            bit = r.bit(p)
            trace("bit", place=place, P=p, bit=bit)
            return bit
        token, depth = place >> 3, place % 8
        prefix = (rank >> place + 1) % (1 << 7 - depth)
        nodes = self.nodes.setdefault((token, (1 << 7 - depth) + prefix), Table())
        widths = self.widths.setdefault((max(0, min(23, scale + place)), depth), Table())
        mixer, l = self.mixer[token], stretch(p)
        logits = (l, stretch(nodes.lookup(l)), stretch(widths.lookup(l)))
        mixed = squash(limit(sum(w * x for w, x in zip(mixer, logits)) >> 16, 2047))
        bit = r.bit(max(1, min(65535, mixed)))
        trace("bit", place=place, P=p, mixed=mixed, bit=bit)
        target = 0 if bit else 65535
        for i in range(3):
            mixer[i] += (target - mixed) * logits[i] + 131072 >> 18
        nodes.correct(l, target)
        widths.correct(l, target)
        return bit


def decode(data, model, channels, frames, bits, trace=lambda what, **values: None):
    """The samples of a segment, [channel][frame]."""
    r = Reader(data)
    plans = [Plan(r, i, bits, model.version) for i in range(channels)]
    streams = {i: r.bytes(r.uvarint()) for i, plan in enumerate(plans) if plan.kind >= DENSE}
    if r.at != len(data):
        raise Invalid("bytes are left")
    samples = [None] * channels
    coded = list(streams)
    for i in range(0, len(coded), 2):
        group = coded[i : i + 2]
        decoded = decode_group([plans[c] for c in group], [streams[c] for c in group], model, frames, bits, trace)
        for c, s in zip(group, decoded):
            samples[c] = s
    for c, plan in enumerate(plans):
        if plan.kind == CONSTANT:
            samples[c] = [plan.value] * frames
        elif plan.kind == COPIED:
            samples[c] = samples[plan.source]
    return samples


def decode_group(plans, streams, model, frames, bits, trace):
    pair = len(plans) == 2
    channels = [Channel(model.version, p.low, p.high, i + 1 if pair else 0) for i, p in enumerate(plans)]
    if pair:
        channels[0].other, channels[1].other = channels[1], channels[0]
    tokens = [Tokens(p, s, frames, model.version) for p, s in zip(plans, streams)]
    memories = [Memory(model) for _ in plans]
    samples = [[] for _ in plans]
    for _ in range(frames):
        for i, channel in enumerate(channels):
            row = memories[i].row(channel.next())
            outputs = model.run(row)
            mixture = Mixture(outputs, channel)
            trace("row", channel=channel, row=row, outputs=outputs, mixture=mixture)
            step = tokens[i].decode(mixture, channel.scale, trace)
            sample = plans[i].sample(step)
            trace("sample", step=step, sample=sample)
            if not -1 << bits - 1 <= sample < 1 << bits - 1:
                raise Invalid("a sample does not fit")
            samples[i].append(sample)
            channel.learn(float(step))
    return samples
