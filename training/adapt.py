"""Lets a model read the rows of another version of the features, whose experts are others but tell of the same.

usage: adapt.py MODEL VERSION OUT
"""

import sys

import onnx


def main(source, version, target):
    model = onnx.load(source)
    for p in model.metadata_props:
        if p.key == "trilobyte.features":
            p.value = version
    with open(target, "wb") as f:
        f.write(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
