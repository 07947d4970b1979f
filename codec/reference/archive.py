"""FORMAT-archive.md: what an archive holds."""

import calendar
import functools
import hashlib
import pathlib
import time
import types
import zipfile
import zlib

from arithmetic import Invalid, check
from checksum import crc32c
from network import Model
from protobuf import fields, varints
from stream import Reader, Stream

METHOD, COPY, BUNDLE = 16980, 17236, 21332
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
        self.headers, self.compressed, self.starts, place, seal_from, self.infos, infos = {}, {}, {}, 0, None, {}, []
        for info in self.zip.infolist():
            own = info.filename.startswith(".trilobyte/") and info.compress_type != BUNDLE
            if own and seal_from is None:
                seal_from = place
            if not own:
                infos.append(info)
            self.infos[info.filename] = info
            self.starts[info.filename] = place
            self.compressed[info.filename], place = self.entry(info, place)
        seal = "Trilobyte archive, directory SHA-256 " + hashlib.sha256(self.data[seal_from:-64]).hexdigest()
        check(self.zip.comment == seal.encode(), "the seal is broken")
        headers = b"".join(self.headers[i.filename] for i in infos)
        self.listed = Manifest(self.plain(".trilobyte/manifest"), infos, headers)
        for bundle, members in self.listed.bundles:
            self.open_bundle(bundle, members)

    def open_bundle(self, bundle, members):
        """Finds the compressed bytes and the places of the members of a bundle, whose index says the same of them as the manifest."""
        data, place = self.compressed[bundle.filename], self.starts[bundle.filename]
        at = len(data) - sum(m.compress_size for m in members)
        check(at >= 0 and sum(m.file_size for m in members) == bundle.file_size, "a bundle of other members")
        check(zlib.crc32(data[:at]) == bundle.CRC, "the index of a bundle is damaged")
        reader = Reader(data[:at])
        size = reader.varint()
        index = reader.bytes(size >> 1)
        check(not reader.rest(), "more than an index before the members of a bundle")
        index = dict(fields(zlib.decompress(index, -15) if size & 1 else index))
        check(member_infos(index, index[3]) == [without_time(m) for m in members], "a bundle contradicts the manifest")
        for m in members:
            self.infos[m.filename] = m
            self.compressed[m.filename], self.starts[m.filename] = data[at : at + m.compress_size], place
            at, place = at + m.compress_size, place + m.compress_size

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
        return compressed if self.infos[name].compress_type == 0 else zlib.decompress(compressed, -15)

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
        return self.listed.files

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
        """The name of the entry whose place is so many bytes before that of another one, and has that CRC-32."""
        places = {place: name for name, place in self.starts.items() if self.infos[name].compress_type != BUNDLE}
        found = places.get(self.starts[name] - distance)
        check(found and self.infos[found].CRC == total, "a reference leads to another entry")
        return found

    @functools.lru_cache(8)
    def stream(self, name):
        """The stream of a recording."""
        return Stream(self.compressed[name], self.find_model, lambda *source: self.stream(self.before(name, *source)))


def numbers_of(message, field, n):
    """A column of n numbers."""
    data = message.get(field, b"")
    check(not data or n and len(data) % n == 0 and len(data) <= 8 * n, "a column has an impossible size")
    values = [int.from_bytes(data[i::n], "little") for i in range(n)]
    return [v >> 1 ^ -(v & 1) for v in values]


def names_of(message, field, n):
    """A column of n names."""
    data = message.get(field, b"")
    common, rest, before, names = data[:n], data[n:].split(b"\0"), b"", []
    check(len(common) == n and len(rest) == n + 1 and not rest[n], "a column has an impossible size")
    for size, text in zip(common, rest):
        check(size <= len(before), "a name has more in common with the one before than that has")
        before = before[:size] + text
        names.append(before.decode())
    return names


def member_infos(message, n):
    """What ZIP would say of n members of bundles, in the columns of a manifest or an index."""
    infos, seconds = [], calendar.timegm((1980, 1, 1, 0, 0, 0))
    columns = [numbers_of(message, field, n) for field in range(34, 39)]
    for name, copy, compressed, size, crc, later in zip(names_of(message, 33, n), *columns):
        seconds += later
        check(copy in (0, 1) and compressed >= 0 and size >= 0, "an impossible member of a bundle")
        infos.append(
            types.SimpleNamespace(
                filename=name,
                compress_type=COPY if copy else METHOD,
                compress_size=compressed,
                file_size=size,
                CRC=crc & 0xFFFFFFFF,
                date_time=time.gmtime(seconds)[:6],
            )
        )
    return infos


def without_time(info):
    """What an index says of a member."""
    return types.SimpleNamespace(**{**vars(info), "date_time": (1980, 1, 1, 0, 0, 0)})


class Manifest:
    """The manifest of the entries that ZIP tells of. files is a dictionary for each, members of bundles among them."""

    def __init__(self, data, in_zip, headers):
        self.fields = dict(fields(data))
        check(self.fields[1] == 1, "a newer version")
        self.infos, self.bundles = [], []
        counts = varints(self.fields.get(7, b""))
        members = iter(member_infos(self.fields, sum(counts)))
        bundles = [i for i in in_zip if i.compress_type == BUNDLE]
        check(len(bundles) == len(counts), "the manifest is of other bundles")
        for info in in_zip:
            if info.compress_type != BUNDLE:
                self.infos.append(info)
                continue
            count = counts[len(self.bundles)]
            check(info.filename == f".trilobyte/bundle/{len(self.bundles) + 1}" and 2 <= count <= 1024, "an impossible bundle")
            self.bundles.append((info, [next(members) for _ in range(count)]))
            self.infos += self.bundles[-1][1]
        infos = self.infos
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
        return numbers_of(self.fields, field, len(self.infos))

    def checksums(self, field, size):
        data, at, sums = self.fields.get(field, b""), 0, []
        for f in self.files:
            sums.append(data[at : at + size(f["kind"])])
            at += len(sums[-1])
        check(at == len(data), "a column has an impossible size")
        return sums
