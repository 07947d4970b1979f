"""The section "Archive" of FORMAT.md."""

import functools
import hashlib
import json
import pathlib
import zipfile
import zlib

from arithmetic import Invalid, check
from checksum import crc32c
from network import Model
from stream import Stream

METHOD = 16980
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
        self.compressed, place, seal_from = {}, 0, None
        for info in self.zip.infolist():
            if info.filename.startswith(".trilobyte/") and seal_from is None:
                seal_from = place
            self.compressed[info.filename], place = self.entry(info, place)
        seal = "Trilobyte archive, directory SHA-256 " + hashlib.sha256(self.data[seal_from:-64]).hexdigest()
        check(self.zip.comment == seal.encode(), "the seal is broken")

    def entry(self, info, place):
        """The compressed bytes of an entry whose local header begins at place, and where they end."""
        large = info.file_size + info.file_size // 64 + (1 << 20) >= 0xFFFFFFFF
        name = info.orig_filename.encode()
        header = self.data[place : place + 30 + len(name)]
        check(header[:4] == b"PK\3\4" and header[30:] == name, "no local header")
        start = place + len(header) + (29 if large else 9)
        return self.data[start : start + info.compress_size], start + info.compress_size

    def plain(self, name):
        """The bytes of an entry that ZIP's own methods compress."""
        compressed = self.compressed[name]
        return compressed if self.zip.getinfo(name).compress_type == 0 else zlib.decompress(compressed, -15)

    def find_model(self, name):
        """The model whose identity begins with the four bytes that a stream has."""
        if ".trilobyte/model" in self.compressed:
            file = self.plain(".trilobyte/model")
            if hashlib.sha256(file).digest().startswith(name):
                return Model(file)
        for path in self.models:
            if hashlib.sha256(path.read_bytes()).digest().startswith(name):
                return load_model(path)
        raise Invalid(f"the model {name.hex()} is missing")

    def manifest(self):
        """What the manifest says of the user's entries."""
        manifest = json.loads(self.plain(".trilobyte/manifest.json"))
        check(manifest["version"] == 1, "a newer version")
        return manifest["files"]

    def content(self, f):
        """The content of an entry of the manifest, after comparing all checksums."""
        name = f["name"] + "/" * (f["kind"] == "folder")
        info, compressed = self.zip.getinfo(name), self.compressed[name]
        check(crc32c(compressed) == f["compressed_crc32c"], "the compressed bytes are damaged")
        sizes = info.file_size, info.compress_size, info.CRC
        check(sizes == (f["size"], f["compressed"], f["crc32"]), "directory and manifest contradict each other")
        check((info.compress_type == METHOD) == (f["kind"] == "recording"), "directory and manifest contradict each other")
        if f["kind"] == "recording":
            stream = Stream(compressed, self.find_model)
            check(stream.pcm_md5() == f["pcm_md5"], "wrong MD5 of the samples")
            content = stream.file
        else:
            content = self.plain(name)
        check(len(content) == f["size"] and zlib.crc32(content) == f["crc32"], "wrong CRC-32")
        check(hashlib.sha256(content).hexdigest() == f["sha256"], "wrong SHA-256")
        return content
