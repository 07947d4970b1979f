"""Decodes Trilobyte archives and coded segments, written after codec/FORMAT.md alone. See README.md."""

import argparse
import hashlib
import json
import pathlib
import struct
import sys
import zipfile
import zlib

import segment
from arithmetic import Invalid
from model import Model

METHOD = 16980
PIECE = 1 << 20


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC32C = crc32c_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = CRC32C[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def check(condition, message):
    if not condition:
        raise Invalid(message)


def sample_bytes(samples, bits):
    """The samples [channel][frame] as a WAV file has them."""
    out = bytearray()
    for frame in zip(*samples):
        for v in frame:
            out += bytes([v + 128]) if bits == 8 else v.to_bytes(bits // 8, "little", signed=True)
    return bytes(out)


class Stream:
    """A WAV entry stream."""

    def __init__(self, data, find_model):
        self.data, self.at = data, 76
        check(len(data) >= 76 and data[:4] == b"TBWV", "no stream")
        check(crc32c(data[:72]) == struct.unpack_from("<I", data, 72)[0], "the header's checksum is wrong")
        version, self.bits, _, self.channels = data[4:8]
        check(1 <= version <= 2, "a newer version")
        _, self.length, self.frames, head, tail = struct.unpack_from("<IIQQQ", data, 8)
        self.model = find_model(data[40:72])
        self.frame_bytes = self.channels * self.bits // 8
        out = [self.usual_head(head, tail)] if version == 2 else self.records(b"H", head, PIECE)
        out += self.records(b"S", self.frames, self.length)
        self.file = b"".join(out + self.records(b"T", tail, PIECE))
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
        return out

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


def entry_bytes(data, info, place):
    """The compressed bytes of an entry whose local header begins at place, and where they end."""
    large = info.file_size + info.file_size // 64 + (1 << 20) >= 0xFFFFFFFF
    name = info.orig_filename.encode()
    start = place + 30 + len(name) + (29 if large else 9)
    check(data[place : place + 4] == b"PK\3\4" and data[place + 30 : place + 30 + len(name)] == name, "no local header")
    return data[start : start + info.compress_size], start + info.compress_size


def read_archive(path, model_path):
    """Yields the entries of an archive as (name, kind, content), after all checks."""
    data = path.read_bytes()
    archive = zipfile.ZipFile(path)
    contents, place, seal_from = {}, 0, None
    for info in archive.infolist():
        if info.filename.startswith(".trilobyte/") and seal_from is None:
            seal_from = place
        compressed, place = entry_bytes(data, info, place)
        contents[info.filename] = (info, compressed)
    seal = "Trilobyte archive, directory SHA-256 " + hashlib.sha256(data[seal_from:-64]).hexdigest()
    check(archive.comment == seal.encode(), "the seal is broken")

    def plain(name):
        info, compressed = contents[name]
        return compressed if info.compress_type == 0 else zlib.decompress(compressed, -15)

    def find_model(identity):
        candidates = [model_path.read_bytes()] if model_path else []
        if ".trilobyte/model" in contents:
            candidates.append(plain(".trilobyte/model"))
        for candidate in candidates:
            if hashlib.sha256(candidate).digest() == identity:
                return Model(candidate)
        raise Invalid(f"the model {identity.hex()} is missing")

    manifest = json.loads(plain(".trilobyte/manifest.json"))
    check(manifest["version"] == 1, "a newer version")
    for f in manifest["files"]:
        info, compressed = contents[f["name"] + "/" * (f["kind"] == "folder")]
        check(crc32c(compressed) == f["compressed_crc32c"], "the compressed bytes are damaged")
        check((info.file_size, info.compress_size, info.CRC) == (f["size"], f["compressed"], f["crc32"]), "contradiction")
        check((info.compress_type == METHOD) == (f["kind"] == "wav"), "contradiction")
        content = Stream(compressed, find_model).file if f["kind"] == "wav" else plain(info.filename)
        check(len(content) == f["size"] and zlib.crc32(content) == f["crc32"], "wrong CRC-32")
        check(hashlib.sha256(content).hexdigest() == f["sha256"], "wrong SHA-256")
        yield f["name"], f["kind"], content


def is_refused(decode):
    try:
        decode()
    except Invalid:
        return True
    return False


def property_message(key, value):
    """A property as a field of a ModelProto."""
    pair = b"\n" + bytes([len(key)]) + key.encode() + b"\x12" + bytes([len(value)]) + value.encode()
    return b"r" + bytes([len(pair)]) + pair


def run_vectors(folder):
    """Decodes all vectors in a folder and compares them with vectors.json. Returns how many are wrong."""
    wrong = 0
    vectors = json.loads((folder / "vectors.json").read_text())

    def model_path(v):
        return folder / v.get("model", "model.onnx")

    def model_of(v):
        return Model(model_path(v).read_bytes())

    def report(right, name):
        nonlocal wrong
        wrong += not right
        print("right" if right else "WRONG", name, flush=True)

    for v in vectors["segments"]:
        samples = segment.decode((folder / v["file"]).read_bytes(), model_of(v), v["channels"], v["frames"], v["bits"])
        report(hashlib.sha256(sample_bytes(samples, v["bits"])).hexdigest() == v["sha256"], v["file"])
    for v in vectors["invalid"]:
        decode = lambda: segment.decode(bytes.fromhex(v["hex"]), model_of(v), v["channels"], v["frames"], v["bits"])
        report(is_refused(decode), "refused: " + v["why"])
    newer = model_path({}).read_bytes() + property_message("trilobyte.features", "2-none")
    report(is_refused(lambda: Model(newer)), "refused: a model of an unknown version")
    for v in vectors.get("archives", []):
        found = {}
        for name, kind, content in read_archive(folder / v["file"], model_path(v)):
            found[name] = "" if kind == "folder" else hashlib.sha256(content).hexdigest()
        report(found == v["files"], v["file"])
    return wrong


def print_trace(samples):
    """Returns a function that prints what segment.decode does for the first samples."""
    left = samples

    def trace(what, **values):
        nonlocal left
        if left <= 0:
            return
        if what == "row":
            c, m = values["channel"], values["mixture"]
            print(f"Base {c.base!r}, Scale {c.scale!r}\nfeatures {values['row']}\noutputs {values['outputs']}")
            print(f"weight {m.weight}\ncentre {m.centre}\nnarrow {m.narrow}")
            return
        print(what, ", ".join(f"{name} {value}" for name, value in values.items()))
        left -= what == "sample"

    return trace


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=pathlib.Path, help="an archive, a coded segment (*.segment), or a folder of vectors")
    parser.add_argument("--model", type=pathlib.Path, help="the model's file, if the archive does not have it")
    parser.add_argument("--output", type=pathlib.Path, help="folder to write the files of an archive into")
    parser.add_argument("--shape", type=int, nargs=3, metavar=("CHANNELS", "FRAMES", "BITS"), help="of a segment")
    parser.add_argument("--trace", type=int, default=0, metavar="N", help="print what happens in a segment's first N samples")
    o = parser.parse_args()
    if o.path.is_dir():
        return run_vectors(o.path)
    if o.path.suffix == ".segment":
        samples = segment.decode(o.path.read_bytes(), Model(o.model.read_bytes()), *o.shape, print_trace(o.trace))
        print(hashlib.sha256(sample_bytes(samples, o.shape[2])).hexdigest(), o.path)
        return 0
    for name, kind, content in read_archive(o.path, o.model):
        print(hashlib.sha256(content).hexdigest(), name, flush=True)
        if o.output and kind in ("wav", "file"):
            target = o.output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main() != 0)
