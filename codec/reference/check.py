"""Decodes test vectors and golden archives, as many things at a time as there are processors, and compares what comes out.

    python check.py ../../testdata/vectors ../../testdata/golden/*.trilobyte

A folder is one of test vectors (testdata/vectors/README.md says what is in it). A golden archive has the checksums of its files
beside it, as sha256sum writes them. The recipes of codec/flac/recipe/testdata and the streams of codec/stream/testdata/frames, which
need no model, are always checked.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import sys
import time

import numpy as np

import flacreader
import recipe
import segment
from archive import Archive, preset
from arithmetic import Invalid, check
from stream import Stream, sample_bytes

CODEC = pathlib.Path(__file__).resolve().parent.parent
RECIPES = CODEC / "flac" / "recipe" / "testdata"
FRAMES = CODEC / "stream" / "testdata" / "frames"

# Archives are opened once in each process.
open_archive = functools.cache(Archive)


def decode(data, v):
    """The SHA-256 of the samples of a vector's segment, as a WAV file has them."""
    samples = segment.decode(data, preset(v["preset"]), v["channels"], v["frames"], v["bits"])
    return hashlib.sha256(sample_bytes(samples, v["bits"])).hexdigest()


def check_segment(path, v):
    return decode(path.read_bytes(), v) == v["sha256"]


def check_refused(v):
    try:
        decode(bytes.fromhex(v["hex"]), v)
    except Invalid:
        return True
    return False


def check_names(path, names):
    """Whether an archive has these entries and no others."""
    return sorted(f["name"] for f in open_archive(path).manifest()) == sorted(names)


def check_file(path, name, wanted):
    archive = open_archive(path)
    (f,) = (f for f in archive.manifest() if f["name"] == name)
    content = archive.content(f)
    return ("" if f["kind"] == "folder" else hashlib.sha256(content).hexdigest()) == wanted


def check_archive(path, wanted, others=()):
    """Checks all of an archive, one entry after the other: what entries refer to is decoded once. Of others only the names are."""
    for name, digest in wanted.items():
        check(check_file(path, name, digest), f"{name} is wrong")
    return check_names(path, [*wanted, *others])


def checksums(path):
    """The checksums that a file has, by name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def golden_tasks(path):
    wanted = checksums(path.with_suffix(".sha256"))
    others = {f["name"] for f in open_archive(path).manifest() if f["kind"] in ("folder", "link")}
    yield path.stat().st_size, path, check_archive, (path, wanted, others)


def vector_tasks(folder):
    vectors = json.loads((folder / "vectors.json").read_text(encoding="utf-8"))
    for v in vectors["segments"]:
        path = folder / v["file"]
        yield path.stat().st_size, path, check_segment, (path, v)
    for v in vectors["invalid"]:
        yield 0, f"refused ({v['preset']}): {v['why']}", check_refused, (v,)
    for v in json.loads((folder / "archives.json").read_text(encoding="utf-8")):
        path = folder / v["file"]
        yield path.stat().st_size, path, check_archive, (path, v["files"])


def check_recipes(path):
    """Whether the recipes beside a FLAC file, each of whole frames with 20000 samples or more, make these of the samples."""
    file = path.read_bytes()
    rate, channels, bits, at = flacreader.metadata(file)
    blocks, out, before = flacreader.blocks(file[at:], channels, bits), file[:at], 0
    for line in path.with_suffix(".recipes").read_text().splitlines():
        part, length = [], 0
        while length < 20000 and (block := next(blocks, None)) is not None:
            part.append(block)
            length += block.shape[1]
        out += recipe.Part(bytes.fromhex(line), np.concatenate(part, axis=1), bits, rate, before).frames()
        before += length
    return out == file


def recipe_tasks():
    for path in sorted(RECIPES.glob("*.flac")):
        yield path.stat().st_size // 4, path, check_recipes, (path,)


def check_stream(path, wanted):
    return hashlib.sha256(Stream(path.read_bytes(), lambda name: None).file).hexdigest() == wanted


def stream_tasks():
    for name, digest in checksums(FRAMES / "SHA256SUMS").items():
        yield 0, FRAMES / name, check_stream, (FRAMES / name, digest)


def run(task):
    """Returns whether the result is right, why it may not be, and how long it took."""
    _, _, function, arguments = task
    begun = time.monotonic()
    try:
        right, why = function(*arguments), ""
    except Exception as e:  # whatever it is, the others go on
        right, why = False, f": {e!r}"
    return right, why, time.monotonic() - begun


def main():
    paths = [pathlib.Path(name) for name in sys.argv[1:]]
    tasks = [task for path in paths for task in (vector_tasks if path.is_dir() else golden_tasks)(path)]
    if not tasks:
        sys.exit(__doc__)
    tasks += recipe_tasks()
    tasks += stream_tasks()
    tasks.sort(key=lambda task: -task[0])  # the largest first, so that all processors finish together
    wrong = 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for (_, name, _, _), (right, why, seconds) in zip(tasks, pool.map(run, tasks)):
            print(f"{'right' if right else 'WRONG'} {name}{why} ({seconds:.1f} s)", flush=True)
            wrong += not right
    print(f"{len(tasks) - wrong} passed, {wrong} failed")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
