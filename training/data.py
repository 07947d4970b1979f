"""The rows that rows/ wrote: features, a byte each, and targets (the sample, half a step, the disagreements)."""

import os

import numpy as np
import torch

from network import DISAGREEMENTS, FEATURES

HELD_OUT = 10  # of 256 parts
HELD_ROWS = 400_000  # that the network is measured on, about
HELD_BATCH = 65_536  # rows

# Features that change their sign with that of the sound, and two neighbours that change places (FORMAT.md, "Features").
SIGNED = [*range(9, 41, 2), *range(41, 61), *range(62, 68), *range(70, 76)]
EXCHANGED = 76, 77


def open_rows(folder):
    """Memory maps of the features [rows, FEATURES] and the targets [rows, 2 + DISAGREEMENTS], as tensors."""
    features = np.memmap(os.path.join(folder, "features.u8"), np.uint8, "c").reshape(-1, FEATURES)
    targets = np.memmap(os.path.join(folder, "targets.f32"), np.float32, "c").reshape(-1, 2 + DISAGREEMENTS)
    return torch.from_numpy(features), torch.from_numpy(targets)


def read_sequences(folder):
    """[(rows, part, name of the file)] of the runs of rows of one file, in their order."""
    with open(os.path.join(folder, "sequences.txt")) as f:
        lines = [line.rstrip("\n").split(" ", 2) for line in f]
    return [(int(rows), int(part), name) for rows, part, name in lines]


class Mirror:
    """Makes rows what they would be if the sound were upside down."""

    def __init__(self, device):
        signed, negated = torch.zeros(FEATURES, dtype=torch.bool), torch.ones(2 + DISAGREEMENTS, dtype=torch.bool)
        signed[SIGNED] = True
        negated[1] = False  # half a step stays what it is
        self.signed, self.negated = signed.to(device), negated.to(device)

    def __call__(self, features, targets, mirrored):
        """Rows [sequences, rows, ...], of which some sequences are mirrored."""
        choose = mirrored[:, None, None]
        opposite = (255 - features).clamp(max=254) + 1  # 128 is zero, and the opposite of 0 is 255
        flipped = torch.where(self.signed, opposite, features)
        at = EXCHANGED[0]
        flipped[..., at : at + 2] = features[..., at : at + 2].flip(-1)
        return torch.where(choose, flipped, features), torch.where(choose & self.negated, -targets, targets)


class Spans:
    """Spans of rows, held-out ones apart: consecutive rows of a channel, or single rows, which are spans of 1.

    So many streams each walk through a random span, piece by piece, and then through another one; no two streams in a
    row are at the same place of their spans. Half of the spans are mirrored. How often a folder of recordings has its turn
    goes with the square root of its rows, so that the large ones do not drown the small ones.

    The rows lie in the GPU's memory if they fit. Then all of next happens there, and can be recorded.
    """

    def __init__(self, features, targets, sequences, settings, device):
        self.device, self.span, self.length = device, settings.span, settings.length
        self.pieces, rest = divmod(self.span, self.length)
        if rest:
            raise ValueError(f"spans of {self.span} rows are not whole pieces of {self.length}")
        self.is_resident = device == "cpu" or fits(features.nbytes + targets.nbytes)
        if device != "cpu" and self.is_resident:
            features, targets = features.to(device), targets.to(device)
        self.features, self.targets = features, targets
        rows = np.array([rows for rows, _, _ in sequences], np.int64)
        first, spans = np.cumsum(rows) - rows, rows // self.span
        held = np.array([part < HELD_OUT for _, part, _ in sequences], bool)
        self.held = np.concatenate([f + np.arange(n) * self.span for f, n in zip(first[held], spans[held])] or [first[:0]])
        train = ~held & (spans > 0)
        if not train.any():
            raise ValueError("no rows to train on: there are too few recordings, or they are too short")
        folders = [os.path.dirname(sequences[i][2]) for i in np.flatnonzero(train)]
        _, folder_of = np.unique(folders, return_inverse=True)
        weight = spans[train] * np.bincount(folder_of, spans[train])[folder_of] ** -0.5
        self.first, self.spans, self.upto = (torch.from_numpy(x).to(device) for x in (first[train], spans[train], np.cumsum(weight)))
        self.row = torch.arange(self.length, device=device)
        self.piece = torch.arange(settings.streams, device=device) % self.pieces
        self.at, self.mirrored = self.choose()
        self.mirror = Mirror(device)

    @classmethod
    def of_folder(cls, folder, settings, device):
        return cls(*open_rows(folder), read_sequences(folder), settings, device)

    @classmethod
    def of_noise(cls, settings, device):
        """Rows that mean nothing, enough for a step: to see how long one takes."""
        rows = settings.streams * settings.span
        features = torch.randint(0, 256, (rows, FEATURES), dtype=torch.uint8)
        targets = torch.randn(rows, 2 + DISAGREEMENTS)
        targets[:, 1] = 0.01
        return cls(features, targets, [(rows, 255, "noise")], settings, device)

    def choose(self):
        """A random span for each stream: its first row, and whether it is mirrored."""
        random = torch.rand(3, len(self.piece), dtype=torch.float64, device=self.device)
        sequence = torch.searchsorted(self.upto, random[0] * self.upto[-1], right=True).clamp(max=len(self.upto) - 1)
        span = (random[1] * self.spans[sequence]).long()
        return self.first[sequence] + span * self.span, random[2] < 0.5

    def next(self):
        """(features, targets) [streams, length, ...], and which streams begin a span with them."""
        fresh = self.piece == 0
        at, mirrored = self.choose()
        self.at.copy_(torch.where(fresh, at, self.at))
        self.mirrored.copy_(torch.where(fresh, mirrored, self.mirrored))
        rows = self.rows((self.at + self.piece * self.length)[:, None] + self.row)
        self.piece.add_(1).remainder_(self.pieces)
        return *self.mirror(*rows, self.mirrored), fresh

    def held_batches(self):
        """Batches of whole held-out spans, about HELD_ROWS rows in all, always the same ones."""
        some = self.held[:: max(1, len(self.held) * self.span // HELD_ROWS)]
        each = max(1, HELD_BATCH // self.span)
        for i in range(0, len(some), each):
            first = torch.from_numpy(some[i : i + each]).to(self.device)
            yield self.rows(first[:, None] + torch.arange(self.span, device=self.device))

    def rows(self, index):
        index = index.to(self.features.device)
        return self.features[index].to(self.device), self.targets[index].to(self.device)


def fits(size):
    """Whether the GPU has room for so many bytes of rows, and for the training beside them."""
    free, _ = torch.cuda.mem_get_info()
    return size + (4 << 30) < free
