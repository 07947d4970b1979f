"""Trains the language model on rows that the codec's own experts made (see rows/).

usage: train.py ROWS RUN [--hidden 128 128] [--steps 12000] ...
       train.py SPANS RUN --units 64 [--hidden 96 64] [--minutes 16] ...
       train.py SPANS RUN --recurrent 64 [--minutes 16] ...

RUN is a folder: checkpoint.pt (training goes on from it if it is there), model.onnx, log.txt, and at-N.pt, the averaged
weights after N minutes, for score.py. A network with memory (--units, see memory.py) learns from spans of consecutive rows
(rows -span), and so does a recurrent one, which is an experiment and is not exported. On a GPU the work of a step is recorded once and replayed, because starting its many small parts one by one
would take longer than they do.
"""

import argparse
import copy
import json
import os
import time

import numpy as np
import torch

import export
import start
from data import Rows, Spans
from memory import Remembering
from network import Network, bits
from recurrent import Recurrent

CHUNK = 20  # steps between two looks at the clock


def mean_bits(network, features, targets):
    return bits(network(features), targets).mean()


class FeedForward:
    """The task of a network that sees one row at a time."""

    def __init__(self, a):
        self.data, self.count = Rows(a.rows, a.device), a.batch
        self.rows_per_step = a.batch
        self.can_record = a.device != "cpu"
        self.mean_bits = torch.compile(mean_bits) if a.compile else mean_bits

    def loss(self, network):
        return self.mean_bits(network, *self.data.random(self.count))

    def held_bits(self, network, features, targets):
        return bits(network(features), targets)


class WithMemory:
    """The task of a network with a state: gradients end where the pieces of a span end, the state goes on."""

    def __init__(self, a):
        self.data = Spans(a.rows, a.device, a.streams, a.length)
        self.rows_per_step = a.streams * a.length
        self.can_record = False  # new rows come from the processor's memory; its parts are few and large
        self.state = None
        self.bits = torch.compile(bits) if a.compile else bits

    def loss(self, network):
        features, targets, fresh = self.data.next()
        outputs, state = network(features, None if self.state is None else self.state * ~fresh[:, None])
        self.state = state.detach()
        return self.bits(outputs.flatten(0, 1), targets.flatten(0, 1)).mean()

    def held_bits(self, network, features, targets):
        return bits(network(features)[0].flatten(0, 1), targets.flatten(0, 1))


class Trainer:
    def __init__(self, a):
        self.a = a
        self.task = WithMemory(a) if a.recurrent or a.units else FeedForward(a)
        self.network, self.averaged = self.make(), self.make().to(a.device)
        if a.start:
            start.load(self.network, a.start)
        self.network.to(a.device)
        self.averaged.load_state_dict(self.network.state_dict())
        on_gpu = a.device != "cpu"
        self.rate, self.share, self.mean_loss = (torch.zeros((), device=a.device) for _ in range(3))
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), self.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True, capturable=on_gpu
        )
        self.step, self.seconds = 0, 0.0

    def make(self):
        if self.a.recurrent:
            return Recurrent(self.a.recurrent)
        return Remembering(self.a.hidden, self.a.units) if self.a.units else Network(self.a.hidden)

    def work(self):
        """One step, all of it on the device."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.task.loss(self.network)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimizer.step()
        with torch.no_grad():
            for p, q in zip(self.averaged.parameters(), self.network.parameters()):
                p.lerp_(q, self.share)
            self.mean_loss.lerp_(loss.detach(), torch.clamp(self.share * 20, max=1))

    def record(self):
        """Makes self.work the replay of a recording of itself."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.work()
        torch.cuda.current_stream().wait_stream(side)
        recording = torch.cuda.CUDAGraph()
        with torch.cuda.graph(recording):
            self.work()
        self.work = recording.replay

    def evaluate(self):
        total = count = 0
        with torch.no_grad():
            for features, targets in self.task.data.held_batches():
                each = self.task.held_bits(self.averaged, features, targets)
                total, count = total + each.double().sum(), count + len(each)
        return float(total) / max(1, count)

    def progress(self):
        return max(self.step / self.a.steps, self.seconds / (60 * self.a.minutes))

    def set_rates(self):
        """A warm-up, then a cosine; the averaged weights follow closely at first."""
        warm = min(1, (self.step + 1) / 200)
        self.rate.fill_(self.a.rate * warm * 0.5 * (1 + np.cos(np.pi * self.progress())) + 1e-5)
        self.share.fill_(max(1 - self.a.average, 10 / (self.step + 10)))

    def run(self):
        """Steps until the schedule ends, with reports and checkpoints."""
        marks = [m for m in self.a.marks if 60 * m > self.seconds]
        reported = self.seconds
        self.set_rates()
        if self.task.can_record and self.progress() < 1:
            self.record()
        last = time.time()
        while self.progress() < 1:
            self.set_rates()
            for _ in range(CHUNK):
                self.work()
            if self.a.device != "cpu":
                torch.cuda.synchronize()
            self.step += CHUNK
            now = time.time()
            self.seconds, last = self.seconds + now - last, now
            is_mark = marks and self.seconds >= 60 * marks[0]
            if is_mark or self.progress() >= 1 or self.seconds >= reported + self.a.report:
                entry = self.report()
                if is_mark:
                    self.snapshot(f"at-{marks.pop(0):g}.pt", entry)
                if self.progress() >= 1:
                    self.snapshot("final.pt", entry)
                reported = self.seconds
                self.save()

    def report(self):
        rows = self.step * self.task.rows_per_step
        entry = dict(step=self.step, train=round(float(self.mean_loss), 4), held=round(self.evaluate(), 4),
                     rows_per_second=round(rows / self.seconds), seconds=round(self.seconds))
        print(json.dumps(entry), flush=True)
        with open(os.path.join(self.a.run, "log.txt"), "a") as log:
            print(json.dumps(entry), file=log)
        return entry

    def snapshot(self, name, entry):
        weights = {k: v.cpu() for k, v in self.averaged.state_dict().items()}
        shape = dict(hidden=self.a.hidden, units=self.a.units, recurrent=self.a.recurrent)
        torch.save(dict(averaged=weights, **shape, **entry), os.path.join(self.a.run, name))

    def save(self):
        state = dict(network=self.network.state_dict(), averaged=self.averaged.state_dict(),
                     optimizer=self.optimizer.state_dict(), step=self.step, seconds=self.seconds)
        path = os.path.join(self.a.run, "checkpoint.pt")
        torch.save(state, path + ".new")
        os.replace(path + ".new", path)
        if not self.a.recurrent:
            # A copy: the recording knows the weights by their place in the GPU's memory.
            network = copy.deepcopy(self.averaged).cpu()
            export.write(network, os.path.join(self.a.run, "model.onnx"), self.task.data.version)

    def resume(self):
        path = os.path.join(self.a.run, "checkpoint.pt")
        if not os.path.exists(path):
            return
        state = torch.load(path, map_location=self.a.device, weights_only=False)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        self.step, self.seconds = state["step"], state.get("seconds", 0.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("run")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 128])
    parser.add_argument("--units", type=int, default=0, help="units of memory")
    parser.add_argument("--recurrent", type=int, default=0, help="width of a recurrent network, instead of --hidden")
    parser.add_argument("--start", default="", help="a model to begin with the weights of")
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--streams", type=int, default=256, help="spans at a time of a network with a state")
    parser.add_argument("--length", type=int, default=256, help="rows of each of them in a step")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--average", type=float, default=0.9995, help="decay of the averaged weights")
    parser.add_argument("--minutes", type=float, default=1e9, help="shorten the schedule to so long")
    parser.add_argument("--marks", type=float, nargs="*", default=[], help="minutes after which to keep the weights")
    parser.add_argument("--report", type=float, default=30, help="seconds between two reports and checkpoints")
    parser.add_argument("--compile", action="store_true", help="let PyTorch fuse the parts of a step")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.manual_seed(time.time_ns() if os.path.exists(os.path.join(a.run, "checkpoint.pt")) else 1)
    # Weights and activations of 8 bits are exact in TensorFloat-32's 11; only gradients are rounded.
    torch.backends.cuda.matmul.allow_tf32 = True
    trainer = Trainer(a)
    trainer.resume()
    trainer.run()


if __name__ == "__main__":
    main()
