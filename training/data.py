"""The rows that rows/ wrote: features, a byte each, and targets (the sample, half a step, the disagreements)."""

import os

import numpy as np
import torch

from network import DISAGREEMENTS, FEATURES

HELD_OUT = 10  # of 256 parts


def open_rows(folder):
    """Memory maps of the features and the targets, and the version of the features."""
    features = np.memmap(os.path.join(folder, "features.u8"), np.uint8, "c").reshape(-1, FEATURES)
    targets = np.memmap(os.path.join(folder, "targets.f32"), np.float32, "c").reshape(-1, 2 + DISAGREEMENTS)
    with open(os.path.join(folder, "version.txt")) as f:
        return torch.from_numpy(features), torch.from_numpy(targets), f.read()


def read_sequences(folder):
    """[(first row, rows, name of the file)] of the runs of consecutive rows."""
    sequences, first = [], 0
    with open(os.path.join(folder, "sequences.txt")) as f:
        for line in f:
            rows, name = line.rstrip("\n").split(" ", 1)
            sequences.append((first, int(rows), name))
            first += int(rows)
    return sequences


class Rows:
    """Single rows, held-out ones apart. On a GPU they lie in its memory, on a CPU they are memory maps."""

    def __init__(self, folder, device):
        self.device = device
        self.features, self.targets, self.version = open_rows(folder)
        held = np.fromfile(os.path.join(folder, "groups.u8"), np.uint8) < HELD_OUT
        self.train, self.held = torch.from_numpy(np.flatnonzero(~held)), torch.from_numpy(np.flatnonzero(held))
        if device != "cpu":
            for name in ("features", "targets", "train", "held"):
                setattr(self, name, getattr(self, name).to(device))

    def random(self, count):
        """A batch of random training rows."""
        return self.batch(self.train[torch.randint(len(self.train), (count,), device=self.device)])

    def batch(self, index):
        if self.device == "cpu":
            index = index.sort().values  # kinder to the disk
        return self.features[index], self.targets[index]

    def held_batches(self, limit=400_000):
        """Batches of about so many of the held-out rows, always the same ones."""
        for part in self.held[:: max(1, len(self.held) // limit)].split(16384):
            yield self.batch(part)


# Features that change their sign with that of the sound, and two that change places (FORMAT.md "Features").
SIGNED = [*range(9, 41, 2), *range(41, 61), *range(62, 68), *range(70, 76)]
EXCHANGED = 76, 77


def mirror(features, targets):
    """Makes rows, numpy arrays [rows, ...], in place what they would be of the same sound upside down."""
    signed = features[:, SIGNED]
    features[:, SIGNED] = np.where(signed == 0, 255, 0 - signed)  # 128 is zero
    features[:, EXCHANGED] = features[:, EXCHANGED[::-1]]
    targets[:, 0] *= -1
    targets[:, 2:] *= -1


class Spans:
    """Spans of consecutive rows of one channel, held-out ones apart. They stay in the processor's memory.

    So many streams each walk through a random span, piece by piece, and then through another one; no two streams in a
    row are at the same place of their spans. Half of the spans are turned upside down.

    How often a folder of recordings has its turn goes with the square root of its rows, so that the large ones do not
    drown the small ones.
    """

    def __init__(self, folder, device, streams, length):
        self.device, self.length = device, length
        features, targets, self.version = open_rows(folder)
        sequences = read_sequences(folder)
        self.span = sequences[0][1]
        self.pieces = self.span // length
        self.features = features.view(-1, self.span, features.shape[1])
        self.targets = targets.view(-1, self.span, targets.shape[1])
        held = np.fromfile(os.path.join(folder, "groups.u8"), np.uint8)[:: self.span] < HELD_OUT
        self.train, self.held = np.flatnonzero(~held), np.flatnonzero(held)
        self.random = np.random.default_rng()
        folders = np.array([os.path.dirname(sequences[span][2]) for span in self.train])
        _, folder_of, spans_of = np.unique(folders, return_inverse=True, return_counts=True)
        self.upto = np.cumsum(spans_of[folder_of] ** -0.5)
        self.at, self.mirrored = self.choose(streams)
        self.piece = np.arange(streams) % self.pieces

    def choose(self, count):
        """So many random spans, and which of them to turn upside down."""
        chosen = np.searchsorted(self.upto, self.random.random(count) * self.upto[-1], side="right")
        return self.train[chosen], self.random.random(count) < 0.5

    def next(self):
        """(features, targets) [streams, length, ...], and which streams begin a span with them."""
        fresh = self.piece == 0
        self.at[fresh], self.mirrored[fresh] = self.choose(fresh.sum())
        places = [(span, slice(piece * self.length, (piece + 1) * self.length)) for span, piece in zip(self.at, self.piece)]
        self.piece = (self.piece + 1) % self.pieces
        features = torch.stack([self.features[place] for place in places])
        targets = torch.stack([self.targets[place] for place in places])
        for stream in np.flatnonzero(self.mirrored):
            mirror(features[stream].numpy(), targets[stream].numpy())
        return self.to_device(features), self.to_device(targets), self.to_device(torch.from_numpy(fresh))

    def held_batches(self, limit=400_000):
        """Batches of whole spans, about so many of the held-out rows, always the same ones."""
        some = self.held[:: max(1, len(self.held) * self.span // limit)]
        for part in np.array_split(some, max(1, len(some) // 100)):
            yield self.to_device(self.features[part]), self.to_device(self.targets[part])

    def to_device(self, tensor):
        if self.device == "cpu":
            return tensor
        return tensor.pin_memory().to(self.device, non_blocking=True)
