"""The section "Recording stream" of FORMAT.md."""

import hashlib
import struct

import numpy as np

import flacreader
import floats
import recipe
import segment
from arithmetic import check
from checksum import crc32c

PIECE = 1 << 20
MOST = 1 << 23  # samples of a segment
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100)
RATES += (48000, 64000, 88200, 96000, 176400, 192000, 352800, 384000)
INTEGER, FLOAT, MU_LAW, A_LAW = range(4)


def signed_bytes(samples, width):
    """The samples [channel][frame] as integers of so many bytes, little-endian."""
    little = samples.T.astype("<i8").tobytes()
    return np.frombuffer(little, np.uint8).reshape(-1, 8)[:, :width].tobytes()


def sample_bytes(samples, bits):
    """The samples as a WAV file has them."""
    return signed_bytes(samples + 128 if bits == 8 else samples, bits // 8)


def companded_value(byte, kind):
    """The value that a stored byte stands for."""
    m = (byte ^ (0x7F if kind == MU_LAW else 0x55)) & 127
    s, q = m >> 4, m & 15
    if kind == MU_LAW:
        value = ((2 * q + 33) << s) - 33
    else:
        value = 2 * q + 1 if s == 0 else (2 * q + 33) << (s - 1)
    if byte >= 128:
        return value
    return -value if value else -1  # the negative zero of mu-law


class Reader:
    """Reads fields one after the other."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def rest(self):
        return self.bytes(len(self.data) - self.at)

    def bytes(self, n):
        check(0 <= n <= len(self.data) - self.at, "the data ends")
        self.at += n
        return self.data[self.at - n : self.at]

    def u8(self):
        return self.bytes(1)[0]

    def u32(self):
        return struct.unpack("<I", self.bytes(4))[0]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 127) << shift
            if byte < 128:
                check(value < 1 << 63, "a number is too large")
                return value
        check(False, "a number is too long")


def read_format(reader):
    """Channels, sample rate and how many bits are not valid."""
    channels, rate = reader.u8(), reader.u8()
    number = rate & 127
    check(number <= len(RATES), "an unknown sample rate")
    hertz = RATES[number - 1] if number else reader.varint()
    invalid = reader.u8() if rate & 128 else 0
    check(channels > 0 and 0 < hertz < 1 << 32, "an impossible format")
    return channels, hertz, invalid


class Kept:
    """A span that is kept. file is its bytes, if they are known from the header."""

    def __init__(self, size, file=None):
        self.size, self.file = size, file
        self.parts = [] if file is not None else [(0, min(PIECE, size - at)) for at in range(0, size, PIECE)]

    def original(self, method, payload, *_):
        if method == 0:
            return payload
        check(method == 1, "an unknown method")
        return floats.inflate(payload)


class Audio:
    """A span of audio."""

    def __init__(self, tag, reader):
        self.unsigned, self.big = tag >> 6 & 1, tag >> 5 & 1
        self.width, self.kind = (tag >> 2 & 7) + 1, tag & 3
        self.channels, self.rate, invalid = read_format(reader)
        self.valid = 8 * self.width - invalid
        self.count(reader)

    @classmethod
    def usual(cls, tag, reader):
        """That which stands together with the usual head."""
        self = cls.__new__(cls)
        self.unsigned, self.big, self.kind = 0, 0, INTEGER
        self.channels, self.width, self.rate = (tag >> 5 & 1) + 1, (tag >> 4 & 1) + 2, RATES[tag & 15]
        self.valid = 8 * self.width
        self.count(reader)
        return self

    def count(self, reader):
        """Reads how many frames there are, and checks everything."""
        self.frames = reader.varint()
        self.length = (reader.varint() if reader.at < len(reader.data) else 0) or self.frames
        widths = {INTEGER: (1, 2, 3, 4), FLOAT: (4, 8)}.get(self.kind, (1,))
        check(self.width in widths, "an impossible format")
        check(1 <= self.valid <= 8 * self.width, "impossible valid bits")
        check(self.kind == INTEGER or self.valid == 8 * self.width, "impossible valid bits")
        check(not (self.big and self.width == 1), "a byte has no order")
        check(not self.unsigned or (self.kind, self.width) == (INTEGER, 1), "only bytes are unsigned")
        check(self.length * self.channels <= MOST, "a segment is too long")
        self.frame_bytes = self.channels * self.width
        self.size, self.file = self.frames * self.frame_bytes, None
        self.reference = None

    @property
    def parts(self):
        """The segments, or pieces: their frames, and their size in bytes."""
        frames = [min(self.length, self.frames - at) for at in range(0, self.frames, self.length)]
        return [(n, n * self.frame_bytes) for n in frames]

    def original(self, method, payload, frames, model):
        if method == 0:
            return payload
        check(method in (2, 5), "an unknown method")
        if self.kind == FLOAT:
            check(method == 2, "FLAC has no floats")
            return self.ordered(floats.decode(payload, model, self.channels, frames, self.width))
        bits = 8 * self.width if self.kind == INTEGER else 16
        if method == 5:
            check(self.channels <= 8, "FLAC does not have so many channels")
            samples, whole = flacreader.bare(payload, self.channels, bits, frames)
            check(whole, "bytes are left")
        else:
            samples = segment.decode(payload, model, self.channels, frames, bits)
        if self.kind != INTEGER:
            byte_of = {companded_value(b, self.kind): b for b in range(256)}
            check(all(int(x) in byte_of for x in samples.flat), "a value that no byte has")
            return bytes(byte_of[int(x)] for x in samples.T.flat)
        return self.ordered(signed_bytes(samples + 128 * self.unsigned, self.width))

    def of_samples(self, payload, samples):
        """The bytes of samples that another recording has."""
        check(not payload, "a reference with samples of its own")
        return self.pack(samples)

    def pack(self, samples):
        """The bytes of samples; those of other kinds than integers are numbers of their bytes."""
        if self.kind != INTEGER:
            little = np.frombuffer(samples.T.astype("<i8").tobytes(), np.uint8).reshape(-1, 8)[:, : self.width]
            return self.ordered(little.tobytes())
        return self.ordered(signed_bytes(samples + 128 * self.unsigned, self.width))

    def unpack(self):
        """The samples of the whole span, as pack takes them."""
        stored = np.frombuffer(self.ordered(self.file), np.uint8).reshape(-1, self.width)
        little = np.zeros((len(stored), 8), np.uint8)
        little[:, : self.width] = stored
        samples = little.view("<i8").reshape(-1, self.channels).T - 128 * self.unsigned
        top = 1 << (8 * self.width - 1)
        return samples if self.unsigned or self.kind != INTEGER else (samples ^ top) - top

    def ordered(self, data):
        """Little-endian samples as the file has them, or the other way round."""
        samples = np.frombuffer(data, np.uint8).reshape(-1, self.width)
        return (samples[:, ::-1] if self.big else samples).tobytes()

    def pcm(self):
        """The audio as FLAC's MD5 takes it."""
        if self.kind in (MU_LAW, A_LAW):
            scale = 4 if self.kind == MU_LAW else 8
            values = [companded_value(b, self.kind) for b in self.file]
            zero = -1 if self.kind == MU_LAW else None
            return struct.pack(f"<{len(values)}h", *(0 if v == zero else v * scale for v in values))
        if self.unsigned:
            return bytes(b ^ 128 for b in self.file)
        return self.ordered(self.file)


class Frames:
    """A span of FLAC frames."""

    def __init__(self, reader):
        self.width = reader.u8()
        self.channels, self.rate, self.invalid = read_format(reader)
        self.valid = 8 * self.width - self.invalid
        check(1 <= self.width <= 4 and 4 <= self.valid and self.invalid <= 7, "FLAC does not have such bits")
        check(self.channels <= 8 and self.rate <= 1048575, "FLAC does not have such a format")
        self.parts = [(reader.varint(), reader.varint()) for _ in range(reader.varint())]
        for frames, size in self.parts:
            check(0 < frames and frames * self.channels <= MOST, "a segment has an impossible length")
            check(0 < size <= 128 * self.channels * frames, "a segment has an impossible size")
        self.size, self.file = sum(size for _, size in self.parts), None
        self.frames, self.kind, self.reference = sum(n for n, _ in self.parts), INTEGER, None
        self.before, self.samples = 0, []

    def original(self, method, payload, frames, model):
        check(method in (0, 3), "an unknown method")
        self.before += frames
        if method == 0:
            self.samples.append(flacreader.samples(payload, self.channels, self.valid) << self.invalid)
            return payload
        reader = Reader(payload)
        samples = segment.decode(reader.bytes(reader.varint()), model, self.channels, frames, 8 * self.width)
        return self.made(reader.rest(), samples)

    def of_samples(self, payload, samples):
        """The frames of samples that another recording has."""
        self.before += samples.shape[1]
        return self.made(payload, samples)

    def made(self, how, samples):
        """The frames that a recipe makes of samples."""
        self.samples.append(samples)
        before = self.before - samples.shape[1]
        return recipe.Part(how, samples >> self.invalid, self.valid, self.rate, before).frames()

    def unpack(self):
        """The samples of the whole span."""
        return np.concatenate(self.samples, axis=1)

    def pcm(self):
        """The audio as FLAC's MD5 takes it."""
        return b"".join(signed_bytes(s, self.width) for s in self.samples)


class Stream:
    """Decodes a recording stream; file is the recording."""

    def __init__(self, data, find_model, find_source=None):
        """find_source returns the Stream whose entry begins so many bytes before this one's, and has a CRC-32."""
        self.reader, self.find_source = Reader(data), find_source
        self.spans, name = self.header()
        self.model = find_model(name)
        self.count = sum(len(s.parts) for s in self.spans)
        number = 0
        for span in self.spans:
            if span.file is None and getattr(span, "reference", None):
                span.file = self.referred(number, span)
                number += len(span.parts)
            elif span.file is None:
                span.file = b"".join(self.record(number + i, span, *part) for i, part in enumerate(span.parts))
                number += len(span.parts)
        check(self.reader.at == len(data), "bytes are left")
        self.file = b"".join(s.file for s in self.spans)

    def header(self):
        """The spans, and the name of the model."""
        data = self.reader.data
        first = self.reader.varint()
        version, n = first & 7, first >> 3
        check(n <= 1 << 20, "the header is too large")
        body = Reader(self.reader.bytes(n))
        end = self.reader.at
        check(self.reader.u32() == crc32c(data[:end]), "the header's checksum is wrong")
        check(version == 1, "a newer version")
        name, spans = body.bytes(2), []
        while body.at < n:
            if not spans and body.data[body.at] >> 6 == 1:
                spans = [Kept(44, "usual"), Audio.usual(body.u8(), body)]
            else:
                spans.append(self.span(body, not spans))
        check(spans and all(s.size > 0 for s in spans), "an empty span")
        check(sum(s.size for s in spans) < 1 << 63, "the file is too large")
        if spans[0].file == "usual":
            check(len(spans) > 1, "a usual head stands alone")
            spans[0].file = usual_head(spans[1], sum(s.size for s in spans))
        return spans, name

    @staticmethod
    def span(body, first):
        tag = body.u8()
        if tag & 128:
            return Audio(tag, body)
        if tag == 4:
            return refer(body)
        check(tag in (0, 1, 3) or (tag == 2 and first), "an unknown span")
        if tag == 2:
            return Kept(44, "usual")
        if tag == 3:
            return Frames(body)
        size = body.varint()
        return Kept(size, body.bytes(size) if tag == 1 else None)

    def referred(self, number, span):
        """The bytes of a span whose samples another recording has, or this one before the span."""
        back, total, start, shift, sign, channels = span.reference
        check(back > 0 or total == 0, "a reference within the recording that names another one")
        spans = self.find_source(back, total).spans if back else self.spans[: self.spans.index(span)]
        audio = [s for s in spans if not isinstance(s, Kept)]
        frames = 0
        for s in audio:
            inside = start < frames + s.frames and frames < start + span.frames
            further = s.reference is not None and (back == 0 or s.reference[0] > 0)
            check(not inside or not further and s.kind == span.kind, "a reference to other samples")
            frames += s.frames
        check(start + span.frames <= frames, "a reference to frames that are not there")
        samples = np.concatenate([s.unpack() for s in audio], axis=1)[channels, start : start + span.frames]
        samples = sign * samples
        check(shift >= 0 or not np.any(samples & (1 << -shift) - 1), "samples that lose bits")
        samples = samples << shift if shift >= 0 else samples >> -shift
        if span.kind == INTEGER:
            most = 1 << 8 * span.width - 1
            check(np.all((-most <= samples) & (samples < most)), "samples that have more bits")
        parts, at = [], 0
        for i, (n, size) in enumerate(span.parts):
            parts.append(self.record(number + i, span, n, size, samples[:, at : at + n]))
            at += n
        return b"".join(parts)

    def record(self, number, span, frames, size, referred=None):
        """The original bytes of a record, so many, of so many frames of audio. referred are the samples that a reference leads to."""
        r = self.reader
        start, tag = r.at, r.u8()
        check(tag & 0xF0 == 0xD0, "no record")
        if self.count > 1:
            check(r.varint() == number, "a record is in the wrong place")
            payload_size = r.varint()
        total = r.u32()
        if self.count > 1:
            end = r.at
            check(r.u32() == crc32c(r.data[start:end]), "a record header's checksum is wrong")
        else:
            payload_size = len(r.data) - r.at
        payload, method = r.bytes(payload_size), tag & 0x0F
        check(payload_size == size if method == 0 else payload_size < size, "a payload has an impossible size")
        if method == 4:
            check(referred is not None, "a reference to nothing")
            original = span.of_samples(payload, referred)
        else:
            original = span.original(method, payload, frames, self.model)
        check(len(original) == size, "a record has the wrong length")
        check(crc32c(payload + original) == total, "a record does not decode to the original bytes")
        return original

    def pcm_md5(self):
        """The MD5 of the samples, as FLAC has it."""
        return hashlib.md5(b"".join(s.pcm() for s in self.spans if not isinstance(s, Kept))).hexdigest()


def refer(body):
    """A span whose samples are elsewhere."""
    back, total, start, how, tag = body.varint(), body.u32(), body.varint(), body.u8(), body.u8()
    shift, sign = (how & ~64) - 32, -1 if how & 64 else 1
    check(tag & 128 or tag == 3, "a reference of what is no audio")
    audio = Frames(body) if tag == 3 else Audio(tag, body)
    check(-32 < shift < 8 * audio.width <= 32 and ((shift, sign) == (0, 1) or audio.kind == INTEGER), "an impossible reference")
    audio.reference = back, total, start, shift, sign, [body.u8() for _ in range(audio.channels)]
    return audio


def usual_head(audio, total):
    check(isinstance(audio, Audio) and audio.kind == INTEGER and not audio.big, "no usual head")
    check(bool(audio.unsigned) == (audio.width == 1), "no usual head")
    block = audio.frame_bytes
    riff = struct.pack("<4sI8sI", b"RIFF", (total - 8) % 2**32, b"WAVEfmt ", 16)
    form = struct.pack("<HHIIHH", 1, audio.channels, audio.rate, audio.rate * block % 2**32, block, audio.valid)
    return riff + form + struct.pack("<4sI", b"data", audio.size % 2**32)
