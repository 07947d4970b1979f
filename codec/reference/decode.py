"""Decodes Trilobyte archives and coded segments, written after codec/FORMAT.md alone. See README.md."""

import argparse
import hashlib
import pathlib
import sys

import segment
from archive import Archive, load_model
from arithmetic import Invalid
from stream import sample_bytes


def print_trace(samples):
    """Returns a function that prints what segment.decode does for the first samples."""
    left = samples

    def trace(row, outputs, mixture, rank, index, sample):
        nonlocal left
        if left <= 0:
            return
        left -= 1
        print(f"Base {row.base!r}, Scale {row.scale!r}\nfeatures {row.features.tolist()}\noutputs {outputs.tolist()}")
        print(f"weight {mixture.weight}\ncentre {mixture.centre}\nnarrow {mixture.narrow}")
        print(f"rank {rank}, index {index}, sample {sample}")

    return trace


def decode_segment(o):
    samples = segment.decode(o.path.read_bytes(), load_model(o.model), *o.shape, print_trace(o.trace))
    print(hashlib.sha256(sample_bytes(samples, o.shape[2])).hexdigest(), o.path)


def decode_archive(o):
    archive = Archive(o.path, o.model)
    for f in archive.manifest():
        content = archive.content(f)
        print(hashlib.sha256(content).hexdigest(), f["name"], flush=True)
        if o.output and f["kind"] in ("recording", "file"):
            target = o.output / f["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=pathlib.Path, help="an archive or a coded segment (*.segment)")
    parser.add_argument("--model", type=pathlib.Path, help="the file of the model that was used, if it is not a built-in one")
    parser.add_argument("--output", type=pathlib.Path, help="folder to write the files of an archive into")
    parser.add_argument("--shape", type=int, nargs=3, metavar=("CHANNELS", "FRAMES", "BITS"), help="of a segment")
    parser.add_argument("--trace", type=int, default=0, metavar="N", help="print what happens in a segment's first N samples")
    o = parser.parse_args()
    if o.path.suffix != ".segment":
        decode_archive(o)
        return
    if not o.model or not o.shape:
        parser.error("a segment needs --model and --shape")
    decode_segment(o)


if __name__ == "__main__":
    try:
        main()
    except Invalid as e:
        sys.exit(f"invalid: {e}")
