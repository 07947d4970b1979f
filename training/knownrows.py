"""Writes rows of random features with what the trained network makes of them, for the Go test of the same network.

usage: knownrows.py CHECKPOINT OUTPUT [--hidden 128 128]

A row is FEATURES bytes and OUTPUTS little-endian int32 in the units of the outputs.
"""

import argparse

import numpy as np
import torch

from network import FEATURES, Network


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("output")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 128])
    a = parser.parse_args()
    network = Network(a.hidden)
    network.load_state_dict(torch.load(a.checkpoint, map_location="cpu", weights_only=False)["averaged"])
    random = np.random.default_rng(1)
    features = np.clip(random.normal(128, 40, (64, FEATURES)), 0, 255).astype(np.uint8)
    features[0], features[1] = 0, 255
    with torch.no_grad():
        network.double()
        outputs = network(torch.from_numpy(features)) * network.output_unit
    with open(a.output, "wb") as f:
        for x, y in zip(features, outputs.numpy()):
            f.write(x.tobytes() + y.astype("<i4").tobytes())


if __name__ == "__main__":
    main()
