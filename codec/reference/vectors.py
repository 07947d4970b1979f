"""Decodes the test vectors of the format, and makes sure that what is invalid is refused. See testdata/vectors/README.md."""

import hashlib
import json

import segment
from archive import Archive, preset
from arithmetic import Invalid
from stream import sample_bytes


def decode(data, v):
    """The SHA-256 of the samples of a segment, as a WAV file has them, or why it is refused."""
    try:
        samples = segment.decode(data, preset(v["preset"]), v["channels"], v["frames"], v["bits"])
    except Invalid as e:
        return e
    return hashlib.sha256(sample_bytes(samples, v["bits"])).hexdigest()


def read(path):
    """The SHA-256 of what an archive holds, or why it is refused."""
    found = {}
    try:
        for name, kind, content in Archive(path).files():
            found[name] = "" if kind == "folder" else hashlib.sha256(content).hexdigest()
    except Invalid as e:
        return e
    return found


def results(folder):
    """Yields what was tried, and whether the result was right."""
    vectors = json.loads((folder / "vectors.json").read_text(encoding="utf-8"))
    for v in vectors["segments"]:
        yield v["file"], decode((folder / v["file"]).read_bytes(), v) == v["sha256"]
    for v in vectors["invalid"]:
        yield f"refused ({v['preset']}): {v['why']}", isinstance(decode(bytes.fromhex(v["hex"]), v), Invalid)
    for v in json.loads((folder / "archives.json").read_text(encoding="utf-8")):
        yield v["file"], read(folder / v["file"]) == v["files"]


def run(folder):
    """Prints the results, and returns how many are wrong."""
    wrong = 0
    for name, right in results(folder):
        print("right" if right else "WRONG", name, flush=True)
        wrong += not right
    return wrong
