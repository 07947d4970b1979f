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
    """The rows of a folder, as memory maps; held-out ones apart."""

    def __init__(self, folder):
        self.features = np.memmap(os.path.join(folder, "features.u8"), np.uint8, "r").reshape(-1, FEATURES)
        self.targets = np.memmap(os.path.join(folder, "targets.f32"), np.float32, "r").reshape(-1, 2 + DISAGREEMENTS)
        held = np.fromfile(os.path.join(folder, "groups.u8"), np.uint8) < HELD_OUT
        self.train, self.held = np.flatnonzero(~held), np.flatnonzero(held)

    def batch(self, index, device):
        index = np.sort(index)
        return (
            torch.from_numpy(self.features[index]).to(device),
            torch.from_numpy(self.targets[index]).to(device),
        )


def evaluate(network, rows, device, limit=400_000):
    index = rows.held[:: max(1, len(rows.held) // limit)]
    total = 0.0
    network.eval()
    with torch.no_grad():
        for part in np.array_split(index, max(1, len(index) // 16384)):
            features, targets = rows.batch(part, device)
            total += bits(network(features), targets).sum().item()
    network.train()
    return total / max(1, len(index))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("run")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 128])
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--average", type=float, default=0.999, help="decay of the averaged weights")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop (with a checkpoint) after so long")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.manual_seed(1)
    rows = Rows(a.rows)
    network = Network(a.hidden).to(a.device)
    averaged = Network(a.hidden).to(a.device)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), a.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step = 0
    checkpoint = os.path.join(a.run, "checkpoint.pt")
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=a.device)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    random = np.random.default_rng(1000 + step)
    log = open(os.path.join(a.run, "log.txt"), "a")

    def save():
        state = dict(network=network.state_dict(), averaged=averaged.state_dict(), optimizer=optimizer.state_dict(), step=step)
        torch.save(state, checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)
        export.write(averaged.cpu(), os.path.join(a.run, "model.onnx"))
        averaged.to(a.device)

    start, running, first = time.time(), 0.0, step
    while step < a.steps and time.time() - start < 60 * a.minutes:
        rate = a.rate * min(1, (step + 1) / 200) * 0.5 * (1 + np.cos(np.pi * step / a.steps)) + 1e-5
        for group in optimizer.param_groups:
            group["lr"] = rate
        features, targets = rows.batch(random.choice(rows.train, a.batch), a.device)
        loss = bits(network(features), targets).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimizer.step()
        step += 1
        decay = min(a.average, step / (step + 10))
        with torch.no_grad():
            for p, q in zip(averaged.parameters(), network.parameters()):
                p.lerp_(q, 1 - decay)
        running += (loss.item() - running) * max(0.01, 1 / step)
        if step % 500 == 0 or step == a.steps:
            entry = dict(step=step, train=round(running, 4), held=round(evaluate(averaged, rows, a.device), 4),
                         rows_per_second=round((step - first) * a.batch / (time.time() - start)), seconds=round(time.time() - start))
            print(json.dumps(entry), flush=True)
            print(json.dumps(entry), file=log, flush=True)
            save()
    save()


if __name__ == "__main__":
    main()
