"""Trains a model on spans of rows, with checkpoints."""

import copy
import json
import os
import time

import numpy as np
import torch

import export
from memory import Model
from network import bits

CHUNK = 20  # steps of a GPU between two looks at the clock
REPORT = 60  # seconds between two reports and checkpoints
TRIED = 10  # steps that are timed before


class Trainer:
    """Gradients end where the pieces of a span end; the memory's state goes on.

    On a GPU the work of a step is recorded once and replayed, because starting its many small parts one by one would take
    longer than they do.
    """

    def __init__(self, settings, data, device):
        self.settings, self.data, self.device = settings, data, device
        torch.manual_seed(1)
        self.model = Model(settings.hidden, settings.units).to(device)
        self.averaged = copy.deepcopy(self.model)
        self.state = torch.zeros(settings.streams, settings.units, device=device)
        self.on_gpu = device != "cpu"
        self.rate, self.share, self.mean_loss = (torch.zeros((), device=device) for _ in range(3))
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), self.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True, capturable=self.on_gpu
        )
        self.step, self.seconds, self.best = 0, 0.0, float("inf")

    def work(self):
        """One step, all of it on the device."""
        self.optimizer.zero_grad(set_to_none=True)
        features, targets, fresh = self.data.next()
        outputs, state = self.model(features, self.state * ~fresh[:, None])
        self.state.copy_(state.detach())
        loss = bits(outputs.flatten(0, 1), targets.flatten(0, 1)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
        self.optimizer.step()
        with torch.no_grad():
            for p, q in zip(self.averaged.parameters(), self.model.parameters()):
                p.lerp_(q, self.share)
            self.mean_loss.lerp_(loss.detach(), torch.clamp(self.share * 20, max=1))

    def record(self):
        """Makes self.work the replay of a recording of itself, where that is possible."""
        if not self.on_gpu or not self.data.is_resident:
            return
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

    def wait(self):
        if self.on_gpu:
            torch.cuda.synchronize()

    def seconds_a_step(self):
        """Measures how long a step takes."""
        self.set_rates()
        self.record()
        self.work()
        self.wait()
        start = time.time()
        for _ in range(TRIED):
            self.work()
        self.wait()
        return (time.time() - start) / TRIED

    def progress(self):
        return max(self.step / self.settings.steps, self.seconds / (60 * self.settings.minutes))

    def set_rates(self):
        """A warm-up, then a cosine; the averaged weights follow closely at first."""
        warm = min(1, (self.step + 1) / 200)
        self.rate.fill_(self.settings.rate * warm * 0.5 * (1 + np.cos(np.pi * min(1, self.progress()))) + 1e-5)
        self.share.fill_(max(1 - self.settings.average, 10 / (self.step + 10)))

    def run(self, folder, description):
        """Steps until the schedule ends. folder/checkpoint.pt is where it goes on, if it is there.

        folder/best.pt and folder/best.onnx are the averaged weights that had the fewest held-out bits so far; description is
        for export.write.
        """
        os.makedirs(folder, exist_ok=True)
        self.resume(folder)
        if self.progress() >= 1:
            return
        self.set_rates()
        self.record()
        chunk = CHUNK if self.on_gpu else 1
        reported, last = self.seconds, time.time()
        while self.progress() < 1:
            self.set_rates()
            for _ in range(chunk):
                self.work()
            self.wait()
            self.step += chunk
            now = time.time()
            self.seconds, last = self.seconds + now - last, now
            if self.progress() >= 1 or self.seconds >= reported + REPORT:
                self.save(folder, description, self.report(folder))
                reported = self.seconds

    def report(self, folder):
        rows = self.step * self.settings.rows_a_step
        entry = dict(step=self.step, train=round(float(self.mean_loss), 4), held=round(self.held_bits(), 4),
                     rows_per_second=round(rows / self.seconds), seconds=round(self.seconds))
        print(f"{min(1, self.progress()):4.0%}  {json.dumps(entry)}", flush=True)
        with open(os.path.join(folder, "log.txt"), "a") as log:
            print(json.dumps(entry), file=log)
        return entry

    def held_bits(self):
        """Bits of a held-out row; of those that are trained on if there are no others."""
        total = count = 0
        with torch.no_grad():
            for features, targets in self.data.held_batches():
                each = bits(self.averaged(features)[0].flatten(0, 1), targets.flatten(0, 1))
                total, count = total + each.double().sum(), count + len(each)
        return float(total) / count if count else float(self.mean_loss)

    def save(self, folder, description, entry):
        if entry["held"] < self.best:
            self.best = entry["held"]
            # A copy: the recording knows the weights by their place in the GPU's memory.
            averaged = copy.deepcopy(self.averaged).cpu()
            shape = dict(hidden=self.settings.hidden, units=self.settings.units)
            replace(os.path.join(folder, "best.pt"), lambda path: torch.save(dict(averaged=averaged.state_dict(), **shape, **entry), path))
            replace(os.path.join(folder, "best.onnx"), lambda path: export.write(averaged, path, description))
        state = dict(model=self.model.state_dict(), averaged=self.averaged.state_dict(), optimizer=self.optimizer.state_dict()["state"],
                     hidden=self.settings.hidden, units=self.settings.units, step=self.step, seconds=self.seconds, best=self.best)
        replace(os.path.join(folder, "checkpoint.pt"), lambda path: torch.save(state, path))

    def resume(self, folder):
        path = os.path.join(folder, "checkpoint.pt")
        if not os.path.exists(path):
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        if (state["hidden"], state["units"]) != (self.settings.hidden, self.settings.units):
            raise ValueError(f"{path} is of a network with other widths: remove it to begin anew")
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(dict(state=state["optimizer"], param_groups=self.optimizer.state_dict()["param_groups"]))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        self.step, self.seconds, self.best = state["step"], state["seconds"], state["best"]
        torch.manual_seed(1 + self.step)
        print(f"Going on after step {self.step}, {self.seconds / 60:.0f} minutes")


def replace(path, write):
    """Writes a file beside path and puts it in its place."""
    write(path + ".new")
    os.replace(path + ".new", path)
