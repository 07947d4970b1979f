"""Decodes the test vectors of the format, and makes sure that what is invalid is refused. See testdata/vectors/README.md."""

import hashlib
import json

import segment
from archive import Archive, preset
from arithmetic import Invalid
from stream import sample_bytes


def decode(data, v):
    return segment.decode(data, preset(v["preset"]), v["channels"], v["frames"], v["bits"])


def is_refused(data, v):
    try:
        decode(data, v)
    except Invalid:
        return True
    return False


def results(folder):
    """Yields what was tried, and whether the result was right."""
    vectors = json.loads((folder / "vectors.json").read_text(encoding="utf-8"))
    for v in vectors["segments"]:
        samples = decode((folder / v["file"]).read_bytes(), v)
        yield v["file"], hashlib.sha256(sample_bytes(samples, v["bits"])).hexdigest() == v["sha256"]
    for v in vectors["invalid"]:
        yield f"refused ({v['preset']}): {v['why']}", is_refused(bytes.fromhex(v["hex"]), v)
    for v in vectors.get("archives", []):
        found = {}
        for name, kind, content in Archive(folder / v["file"]).files():
            found[name] = "" if kind == "folder" else hashlib.sha256(content).hexdigest()
        yield v["file"], found == v["files"]


def run(folder):
    """Prints the results, and returns how many are wrong."""
    wrong = 0
    for name, right in results(folder):
        print("right" if right else "WRONG", name, flush=True)
        wrong += not right
    return wrong
