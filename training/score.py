"""Measures trained networks on the rows of whole files: ideal code lengths of the mixture, before secondary symbol estimation.

usage: score.py ROWS BEST...

ROWS is what rows -whole wrote; the first folder in a file's name is its class. BESTs are best.pt files of trainer.py. Prints a
line of JSON for each: multiply-adds a sample, how it was trained, bits a sample of each class, and of all samples. The
state of the memory goes through each channel from its beginning to its end.
"""

import argparse
import json
from collections import Counter

import torch
from torch.nn.utils.rnn import pad_sequence

from data import open_rows, read_sequences
from memory import Model
from network import bits

LENGTH = 2048  # rows of each channel at a time


def load(path, device):
    """The model of a file, and what else is in it."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = Model(saved["hidden"], saved["units"])
    model.load_state_dict(saved.pop("averaged"))
    return model.to(device).eval(), saved


def sequence_bits(model, features, targets, sizes, device):
    """The bits of each sequence of so many rows; all of them advance together, the longest first in every batch."""
    first = [sum(sizes[:i]) for i in range(len(sizes))]
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    totals = torch.zeros(len(order), dtype=torch.float64, device=device)
    state = None
    for start in range(0, sizes[order[0]], LENGTH):
        places = [slice(first[i] + start, first[i] + min(start + LENGTH, sizes[i])) for i in order if sizes[i] > start]
        lengths = torch.tensor([p.stop - p.start for p in places], device=device)
        inputs = pad_sequence([features[p] for p in places], batch_first=True).to(device)
        wanted = pad_sequence([targets[p] for p in places], batch_first=True, padding_value=1.0).to(device)
        outputs, state = model(inputs, None if state is None else state[: len(places)])
        each = bits(outputs.flatten(0, 1), wanted.flatten(0, 1)).view(len(places), -1)
        each = each * (torch.arange(each.shape[1], device=device) < lengths[:, None])
        totals[: len(places)] += each.double().sum(1)
    return [float(totals[order.index(i)]) for i in range(len(sizes))]


def score(model, features, targets, sequences, device):
    """Bits a sample of each class and of all."""
    with torch.no_grad():
        totals = sequence_bits(model, features, targets, [rows for rows, _, _ in sequences], device)
    total, samples = Counter(), Counter()
    for (rows, _, name), size in zip(sequences, totals):
        for group in (name.split("/")[0], "all"):
            total[group] += size
            samples[group] += rows
    return {group: round(total[group] / samples[group], 5) for group in sorted(total)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("best", nargs="+")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    rows = *open_rows(a.rows), read_sequences(a.rows)
    for path in a.best:
        model, saved = load(path, a.device)
        print(json.dumps(dict(path=path, multiply_adds=model.multiply_adds(), **saved, bits=score(model, *rows, a.device))), flush=True)


if __name__ == "__main__":
    main()
