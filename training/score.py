"""Measures trained networks on the rows of whole files: ideal code lengths of the mixture, before the last stage.

usage: score.py ROWS SNAPSHOT...

ROWS is what rows -whole wrote; the first folder in a file's name is its class. SNAPSHOTs are what train.py kept. Prints a
line of JSON for each: multiply-adds a sample, how it was trained, bits a sample of each class, and of all samples.
A network with a state walks through each channel from its beginning to its end with one state.
"""

import argparse
import json
from collections import Counter

import torch

from data import open_rows, read_sequences
from memory import Remembering
from network import Network, bits
from recurrent import Recurrent

PIECE = 1 << 16  # rows at a time of a network that sees one row at a time
LENGTH = 2048  # rows at a time of each channel, of a recurrent one


def load(path, device):
    state = torch.load(path, map_location="cpu", weights_only=False)
    if state["recurrent"]:
        network = Recurrent(state["recurrent"])
    elif state.get("units"):
        network = Remembering(state["hidden"], state["units"])
    else:
        network = Network(state["hidden"])
    network.load_state_dict(state["averaged"])
    return network.to(device).eval(), state


def multiply_adds(network):
    """For one sample: every weight that is not a bias is used once."""
    return sum(p.numel() for name, p in network.named_parameters() if "weight" in name)


def feed_forward_bits(network, features, targets, sequences, device):
    """The bits of each sequence."""
    totals = []
    for first, rows, _ in sequences:
        total = 0.0
        for start in range(first, first + rows, PIECE):
            piece = slice(start, min(start + PIECE, first + rows))
            total += bits(network(features[piece].to(device)), targets[piece].to(device)).double().sum()
        totals.append(float(total))
    return totals


def recurrent_bits(network, features, targets, sequences, device):
    """The bits of each sequence; all of them advance together, the longest first in every batch."""
    order = sorted(range(len(sequences)), key=lambda i: -sequences[i][1])
    totals = torch.zeros(len(order), dtype=torch.float64, device=device)
    state = None
    for start in range(0, sequences[order[0]][1], LENGTH):
        places = [slice(f + start, f + min(start + LENGTH, n)) for f, n, _ in (sequences[i] for i in order) if n > start]
        if state is not None:
            state = state[:, : len(places)].contiguous()
        sizes = torch.tensor([p.stop - p.start for p in places], device=device)
        pad = torch.nn.utils.rnn.pad_sequence
        inputs = pad([features[p] for p in places], batch_first=True).to(device)
        wanted = pad([targets[p] for p in places], batch_first=True, padding_value=1.0).to(device)
        outputs, state = network(inputs, state)
        each = bits(outputs.flatten(0, 1), wanted.flatten(0, 1)).view(len(places), -1)
        each = each * (torch.arange(each.shape[1], device=device) < sizes[:, None])
        totals[: len(places)] += each.double().sum(1)
    return [float(totals[order.index(i)]) for i in range(len(sequences))]


def score(network, rows, device):
    features, targets, sequences = rows
    measure = feed_forward_bits if isinstance(network, Network) else recurrent_bits
    with torch.no_grad():
        totals = measure(network, features, targets, sequences, device)
    total, samples = Counter(), Counter()
    for (_, rows_of, name), size in zip(sequences, totals):
        for group in (name.split("/")[0], "all"):
            total[group] += size
            samples[group] += rows_of
    return {group: round(total[group] / samples[group], 5) for group in sorted(total)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("snapshots", nargs="+")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    features, targets, _ = open_rows(a.rows)
    rows = features, targets, read_sequences(a.rows)
    for path in a.snapshots:
        network, state = load(path, a.device)
        entry = {k: state[k] for k in ("hidden", "units", "recurrent", "step", "seconds", "rows_per_second", "train", "held") if k in state}
        print(json.dumps(dict(path=path, multiply_adds=multiply_adds(network), **entry, bits=score(network, rows, a.device))), flush=True)


if __name__ == "__main__":
    main()
