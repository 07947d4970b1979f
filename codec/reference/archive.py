"""FORMAT-archive.md: what an archive holds."""

import calendar
import functools
import hashlib
import pathlib
import zipfile
import zlib

from arithmetic import Invalid, check
from checksum import crc32c
from network import Model
from protobuf import fields
from stream import Reader, Stream

METHOD, COPY = 16980, 17236
MODELS = pathlib.Path(__file__).resolve().parent.parent.parent / "assets" / "models"


@functools.cache
def load_model(path):
    return Model(path.read_bytes())


def preset(name):
    """A model that is built in."""
    return load_model(MODELS / (name + ".onnx"))


class Archive:
    def __init__(self, path, model=None):
        """model is the path of one that the archive may need, besides those that are built in and its own one."""
        self.models = ([model] if model else []) + sorted(MODELS.glob("*.onnx"))
        self.data, self.zip = path.read_bytes(), zipfile.ZipFile(path)
        self.headers, self.compressed, self.starts, place, seal_from = {}, {}, {}, 0, None
        for info in self.zip.infolist():
            if info.filename.startswith(".trilobyte/") and seal_from is None:
                seal_from = place
            self.starts[info.filename] = place
            self.compressed[info.filename], place = self.entry(info, place)
        seal = "Trilobyte archive, directory SHA-256 " + hashlib.sha256(self.data[seal_from:-64]).hexdigest()
        check(self.zip.comment == seal.encode(), "the seal is broken")

    def entry(self, info, place):
        """The compressed bytes of an entry whose local header begins at place, and where they end."""
        large = info.file_size + info.file_size // 64 + (1 << 20) >= 0xFFFFFFFF
        name = info.orig_filename.encode()
        header = self.data[place : place + 30 + len(name)]
        check(header[:4] == b"PK\3\4" and header[30:] == name, "no local header")
        start = place + len(header) + (20 if large else 0)
        self.headers[info.filename] = self.data[place:start]
        return self.data[start : start + info.compress_size], start + info.compress_size

    def plain(self, name):
        """The bytes of an entry that ZIP's own methods compress."""
        compressed = self.compressed[name]
        return compressed if self.zip.getinfo(name).compress_type == 0 else zlib.decompress(compressed, -15)

    def find_model(self, name):
        """The model whose identity begins with the two bytes that a stream has."""
        if ".trilobyte/model" in self.compressed:
            file = self.plain(".trilobyte/model")
            if hashlib.sha256(file).digest().startswith(name):
                return Model(file)
        for path in self.models:
            if hashlib.sha256(path.read_bytes()).digest().startswith(name):
                return load_model(path)
        raise Invalid(f"the model {name.hex()} is missing")

    def manifest(self):
        """What ZIP and the manifest say of the user's entries."""
        infos = [i for i in self.zip.infolist() if not i.filename.startswith(".trilobyte/")]
        headers = b"".join(self.headers[i.filename] for i in infos)
        return Manifest(self.plain(".trilobyte/manifest"), infos, headers).files

    def content(self, f):
        """The content of an entry of the manifest, after comparing all checksums."""
        info, compressed = f["info"], self.compressed[f["info"].filename]
        if info.compress_type == COPY:
            return self.copied(f)
        check((info.compress_type == METHOD) == (f["kind"] == "recording"), "directory and manifest contradict each other")
        if f["kind"] == "recording":
            stream = self.stream(info.filename)
            check(not any(f["pcm_md5"]) or stream.pcm_md5() == f["pcm_md5"].hex(), "wrong MD5 of the samples")
            content = stream.file
        else:
            content = self.plain(info.filename)
        check(f["kind"] != "file" or crc32c(compressed) == f["crc32c"], "the compressed bytes are damaged")
        check(len(content) == info.file_size, "a wrong size")
        digest = hashlib.sha256(content).digest()
        in_zip = int.from_bytes(digest[:4], "little") if f["kind"] == "recording" else zlib.crc32(content)
        check(in_zip == info.CRC, "wrong checksum in ZIP")
        check(f["kind"] == "folder" or digest == f["sha256"], "wrong SHA-256")
        return content


    def copied(self, f):
        """The content of an entry that another one holds."""
        info, said = f["info"], Reader(self.compressed[f["info"].filename])
        identity, name = said.bytes(4), self.before(info.filename, said.varint(), info.CRC)
        check(f["kind"] == "file" and not said.rest(), "a copy that is none")
        holder = next(h for h in self.manifest() if h["info"].filename == name)
        check(holder["info"].compress_type != COPY, "a copy of a copy")
        check(holder["info"].file_size == info.file_size and holder["sha256"][4:8] == identity, "a copy of another file")
        return self.content(holder)

    def before(self, name, distance, total):
        """The name of the entry that begins so many bytes before another one, and has that CRC-32."""
        places = {place: name for name, place in self.starts.items()}
        found = places.get(self.starts[name] - distance)
        check(found and self.zip.getinfo(found).CRC == total, "a reference leads to another entry")
        return found

    @functools.lru_cache(8)
    def stream(self, name):
        """The stream of a recording."""
        return Stream(self.compressed[name], self.find_model, lambda *source: self.stream(self.before(name, *source)))


class Manifest:
    """The manifest of the entries that ZIP tells of. files is a dictionary for each."""

    def __init__(self, data, infos, headers):
        self.infos, self.fields = infos, dict(fields(data))
        check(self.fields[1] == 1, "a newer version")
        check(self.fields[3] == len(infos), "the manifest is of other files")
        check(int.from_bytes(self.fields[4], "little") == crc32c(headers), "a local header is damaged")
        kinds = [("recording", "file", "folder", "link")[k] for k in self.numbers(16)]
        self.files = [{"info": i, "name": i.filename.rstrip("/"), "kind": kind} for i, kind in zip(infos, kinds)]
        self.put("mode", self.numbers(17))
        self.put("modified", [calendar.timegm(i.date_time) + n for i, n in zip(infos, self.numbers(18))])
        nanoseconds, before = self.numbers(19), 0
        for i, n in enumerate(nanoseconds):
            before = nanoseconds[i] = (before + n) % 10**9
        self.put("nanoseconds", nanoseconds)
        self.put("sha256", self.checksums(20, lambda kind: {"folder": 0, "recording": 28}.get(kind, 32)))
        for f in self.files:
            if f["kind"] == "recording":  # ZIP has the first bytes
                f["sha256"] = f["info"].CRC.to_bytes(4, "little") + f["sha256"]
        self.put("crc32c", self.numbers(21))
        self.put("pcm_md5", self.checksums(25, lambda kind: 16 if kind == "recording" else 0))

    def put(self, name, values):
        for f, value in zip(self.files, values):
            f[name] = value

    def numbers(self, field):
        n, data = len(self.infos), self.fields.get(field, b"")
        check(not data or n and len(data) % n == 0 and len(data) <= 8 * n, "a column has an impossible size")
        values = [int.from_bytes(data[i::n], "little") for i in range(n)]
        return [v >> 1 ^ -(v & 1) for v in values]

    def checksums(self, field, size):
        data, at, sums = self.fields.get(field, b""), 0, []
        for f in self.files:
            sums.append(data[at : at + size(f["kind"])])
            at += len(sums[-1])
        check(at == len(data), "a column has an impossible size")
        return sums
