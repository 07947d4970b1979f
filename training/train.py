"""Trains the language model on rows that the codec's own experts made (see rows/).

usage: train.py ROWS RUN [--hidden 128 128] [--steps 12000] ...

RUN is a folder: checkpoint.pt (training goes on from it if it is there), model.onnx, log.txt.
"""

import argparse
import json
import os
import time

import numpy as np
import torch

import export
from network import FEATURES, DISAGREEMENTS, Network, bits

HELD_OUT = 10  # of 256 parts


class Rows:
    """The rows of a folder, held-out ones apart. On a GPU they lie in its memory, on a CPU they are memory maps."""

    def __init__(self, folder, device):
        features = np.memmap(os.path.join(folder, "features.u8"), np.uint8, "c").reshape(-1, FEATURES)
        targets = np.memmap(os.path.join(folder, "targets.f32"), np.float32, "c").reshape(-1, 2 + DISAGREEMENTS)
        held = np.fromfile(os.path.join(folder, "groups.u8"), np.uint8) < HELD_OUT
        self.device = device
        with open(os.path.join(folder, "version.txt")) as f:
            self.version = f.read()
        self.features, self.targets = torch.from_numpy(features), torch.from_numpy(targets)
        self.train, self.held = torch.from_numpy(np.flatnonzero(~held)), torch.from_numpy(np.flatnonzero(held))
        if device != "cpu":
            for name in ("features", "targets", "train", "held"):
                setattr(self, name, getattr(self, name).to(device))

    def random(self, count, generator):
        """A batch of random training rows."""
        pick = torch.randint(len(self.train), (count,), generator=generator, device=self.device)
        return self.batch(self.train[pick])

    def batch(self, index):
        if self.device == "cpu":
            index = index.sort().values  # kinder to the disk
        return self.features[index], self.targets[index]


def evaluate(network, rows, limit=400_000):
    index = rows.held[:: max(1, len(rows.held) // limit)]
    total = 0.0
    network.eval()
    with torch.no_grad():
        for part in index.split(16384):
            features, targets = rows.batch(part)
            total += bits(network(features), targets).sum().item()
    network.train()
    return total / max(1, len(index))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("run")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 128])
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--average", type=float, default=0.9995, help="decay of the averaged weights")
    parser.add_argument("--minutes", type=float, default=1e9, help="shorten the schedule to so long")
    parser.add_argument("--report", type=int, default=500, help="steps between two reports and checkpoints")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.manual_seed(1)
    rows = Rows(a.rows, a.device)
    network = Network(a.hidden).to(a.device)
    averaged = Network(a.hidden).to(a.device)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), a.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step = 0
    checkpoint = os.path.join(a.run, "checkpoint.pt")
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=a.device, weights_only=False)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    generator = torch.Generator(a.device).manual_seed(1000 + step)
    log = open(os.path.join(a.run, "log.txt"), "a")

    def save():
        state = dict(network=network.state_dict(), averaged=averaged.state_dict(), optimizer=optimizer.state_dict(), step=step)
        torch.save(state, checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)
        export.write(averaged.cpu(), os.path.join(a.run, "model.onnx"), rows.version)
        averaged.to(a.device)

    start, running, first = time.time(), 0.0, step
    progress = step / a.steps
    while progress < 1:
        rate = a.rate * min(1, (step + 1) / 200) * 0.5 * (1 + np.cos(np.pi * progress)) + 1e-5
        for group in optimizer.param_groups:
            group["lr"] = rate
        features, targets = rows.random(a.batch, generator)
        loss = bits(network(features), targets).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimizer.step()
        step += 1
        progress = max(step / a.steps, (time.time() - start) / (60 * a.minutes))
        decay = min(a.average, step / (step + 10))
        with torch.no_grad():
            for p, q in zip(averaged.parameters(), network.parameters()):
                p.lerp_(q, 1 - decay)
        running = running + (loss.detach() - running) * max(0.01, 1 / step)
        if step % a.report == 0 or progress >= 1:
            entry = dict(step=step, train=round(float(running), 4), held=round(evaluate(averaged, rows), 4),
                         rows_per_second=round((step - first) * a.batch / (time.time() - start)), seconds=round(time.time() - start))
            print(json.dumps(entry), flush=True)
            print(json.dumps(entry), file=log, flush=True)
            save()


if __name__ == "__main__":
    main()
