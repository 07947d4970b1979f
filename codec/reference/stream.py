"""The section "WAV entry stream" of FORMAT.md."""

import hashlib
import struct
import zlib

import numpy as np

import segment
from arithmetic import check
from checksum import crc32c

PIECE = 1 << 20


def sample_bytes(samples, bits):
    """The samples [channel][frame] as a WAV file has them."""
    if bits == 8:
        samples = samples + 128
    little = samples.T.astype("<i8").tobytes()
    return np.frombuffer(little, np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()


class Stream:
    """Decodes a WAV entry stream; file is the WAV file."""

    def __init__(self, data, find_model):
        self.data, self.at = data, 76
        check(len(data) >= 76 and data[:4] == b"TBWV", "no stream")
        check(crc32c(data[:72]) == struct.unpack_from("<I", data, 72)[0], "the header's checksum is wrong")
        version, self.bits, _, self.channels = data[4:8]
        check(1 <= version <= 2, "a newer version")
        _, self.length, self.frames, head, tail = struct.unpack_from("<IIQQQ", data, 8)
        self.model = find_model(data[40:72])
        self.frame_bytes = self.channels * self.bits // 8
        before = self.usual_head(head, tail) if version == 2 else self.records(b"H", head, PIECE)
        self.audio = self.records(b"S", self.frames, self.length)
        self.file = before + self.audio + self.records(b"T", tail, PIECE)
        check(self.at == len(data), "bytes are left")

    def usual_head(self, size, tail):
        rate, valid = struct.unpack_from("<I", self.data, 8)[0], self.data[6]
        audio, block = self.frames * self.frame_bytes, self.frame_bytes
        check(size == 44, "a usual head has 44 bytes")
        riff = struct.pack("<4sI8sI", b"RIFF", (36 + audio + tail) % 2**32, b"WAVEfmt ", 16)
        form = struct.pack("<HHIIHH", 1, self.channels, rate, rate * block % 2**32, block, valid)
        return riff + form + struct.pack("<4sI", b"data", audio % 2**32)

    def records(self, kind, total, most):
        out, number = [], 0
        while total > 0:
            count = min(total, most)
            out.append(self.record(kind, number, count))
            total, number = total - count, number + 1
        return b"".join(out)

    def pcm_md5(self):
        """The MD5 of the samples, all of them signed."""
        flip = 128 if self.bits == 8 else 0
        return hashlib.md5(bytes(b ^ flip for b in self.audio)).hexdigest()

    def record(self, kind, number, count):
        header = self.data[self.at : self.at + 28]
        check(len(header) == 28, "the stream is cut off")
        k, method, zero, n, c, size, payload_crc, original_crc, crc = struct.unpack("<cBHIIIIII", header)
        check(crc == crc32c(header[:24]), "a record header's checksum is wrong")
        check((k, zero, n, c) == (kind, 0, number, count), "a record is in the wrong place")
        payload = self.data[self.at + 28 : self.at + 28 + size]
        check(len(payload) == size and crc32c(payload) == payload_crc, "a payload's checksum is wrong")
        self.at += 28 + size
        if method == 0:
            original = payload
        elif method == 1 and kind != b"S":
            original = zlib.decompress(payload, -15)
        else:
            check(method == 2 and kind == b"S", "an unknown method")
            samples = segment.decode(payload, self.model, self.channels, count, self.bits)
            original = sample_bytes(samples, self.bits)
        check(len(original) == count * (self.frame_bytes if kind == b"S" else 1), "a record has the wrong length")
        check(crc32c(original) == original_crc, "a record does not decode to the original bytes")
        return original
