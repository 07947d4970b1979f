"""Makes the model of a preset from recordings: rows (see rows/), training on them, and an ONNX file.

usage: train.py PRESET DATA [--steps N] [--minutes N] ...

DATA is a folder tree of WAV and FLAC files. build/training/PRESET gets rows/, checkpoint.pt, log.txt, best.pt and best.onnx
(see trainer.py), and model.onnx, best.onnx with its units in order (see order.py). What is there is not made again: a
training that was interrupted goes on. training/train.sh runs this.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time

import torch

import order
import settings
from data import Spans
from memory import Model
from network import DISAGREEMENTS, FEATURES
from trainer import Trainer

ROW_BYTES = FEATURES + 4 * (2 + DISAGREEMENTS)
BUILD = os.path.join(os.path.dirname(settings.HERE), "build", "training")
ROWS_PROGRAM = os.path.join(BUILD, "rows")


class Maker:
    """Makes one model."""

    def __init__(self, preset, data, device, chosen, out):
        self.preset, self.data, self.device, self.settings, self.out = preset, os.path.abspath(data), device, chosen, out
        self.rows = os.path.join(out, "rows")

    def announce(self):
        """Says what it will take, and refuses what cannot be done."""
        s, model = self.settings, Model(self.settings.hidden, self.settings.units)
        memory = f"a memory of {s.units} units" if s.units else "no memory"
        layers = ", ".join(map(str, s.hidden))
        print(f"Preset {self.preset}: hidden layers of {layers}, {memory}, {model.multiply_adds():,} multiply-adds a sample.")
        if self.has_rows():
            rows = os.path.getsize(os.path.join(self.rows, "features.u8")) // FEATURES
            print(f"1. Rows: {rows / 1e6:.1f} million are there already, in {self.rows}.")
        else:
            rows = self.announce_rows()
        seconds = Trainer(s, Spans.of_noise(s, self.device), self.device).seconds_a_step()
        print(f"2. Training: {s.steps:,} steps of {s.rows_a_step:,} rows, about {minutes(seconds * s.steps)}{shortened(s)},")
        print(f"   {self.place(rows)}.")
        print(f"3. The model: {os.path.join(self.out, 'model.onnx')}.", flush=True)

    def announce_rows(self):
        """Returns about how many there will be."""
        command = [ROWS_PROGRAM, "-estimate", *self.rows_arguments()]
        estimate = json.loads(run(command, stdout=subprocess.PIPE).stdout)
        if not estimate["rows"]:
            sys.exit(f"There are no recordings in {self.data}, or they are too short.")
        size, free = estimate["rows"] * ROW_BYTES, shutil.disk_usage(existing(self.out)).free
        print(f"1. Rows: about {estimate['rows'] / 1e6:.1f} million of {estimate['files']:,} recordings in {self.data},")
        print(f"   {gigabytes(size)} in {self.rows}, about {minutes(estimate['seconds'])} on {os.cpu_count()} cores.")
        if size * 1.1 > free:
            sys.exit(f"The disk has only {gigabytes(free)} left: make room, or keep fewer rows (--rows).")
        return estimate["rows"]

    def place(self, rows):
        """Where the training runs, and what memory that takes there."""
        size = rows * ROW_BYTES
        if self.device == "cpu":
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            beside = f"faster with {gigabytes(size)} beside it, for the rows"
            return f"on {torch.get_num_threads()} cores, in {gigabytes(used)} of memory ({beside})"
        used = torch.cuda.max_memory_allocated()
        return f"on {torch.cuda.get_device_name()}, in {gigabytes(used + size)} of its memory"

    def rows_arguments(self):
        return ["-preset", settings.description_of(self.preset), *self.settings.rows_arguments(), self.data]

    def has_rows(self):
        """Whether the rows are there. It refuses rows that were made in another way."""
        try:
            with open(os.path.join(self.rows, "made.json")) as f:
                made = json.load(f)
        except FileNotFoundError:
            return False
        if made != self.recipe():
            sys.exit(f"{self.rows} was made of other recordings, predictors or settings: remove {self.out} to begin anew.")
        return True

    def recipe(self):
        with open(settings.description_of(self.preset)) as f:
            return dict(arguments=self.settings.rows_arguments(), data=self.data, description=json.load(f))

    def make_rows(self):
        """The folder has its name when it is complete."""
        if self.has_rows():
            return
        unfinished = self.rows + ".unfinished"
        os.makedirs(self.out, exist_ok=True)
        run([ROWS_PROGRAM, "-o", unfinished, *self.rows_arguments()])
        with open(os.path.join(unfinished, "made.json"), "w") as f:
            json.dump(self.recipe(), f)
        os.rename(unfinished, self.rows)

    def train(self):
        with open(os.path.join(self.rows, "description.json"), "rb") as f:
            description = f.read()
        Trainer(self.settings, Spans.of_folder(self.rows, self.settings, self.device), self.device).run(self.out, description)
        order.main(self.rows, os.path.join(self.out, "best.onnx"), os.path.join(self.out, "model.onnx"))


def run(command, **options):
    """Runs a command, which says itself what goes wrong."""
    done = subprocess.run(command, **options)
    if done.returncode:
        sys.exit(1)
    return done


def existing(path):
    """The deepest folder of a path that is there."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def gigabytes(size):
    return f"{size / 1e9:.1f} GB"


def minutes(seconds):
    return f"{seconds / 60:.1f} minutes"


def shortened(s):
    return f", or {s.minutes:g} minutes if that is less" if s.minutes < 1e6 else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=settings.presets())
    parser.add_argument("data")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, help="end the schedule after so long, if that is sooner")
    parser.add_argument("--samples", type=int, help="the most that are taken of a recording")
    parser.add_argument("--rows", type=int, help="the most that are kept of a recording")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    chosen = settings.load(a.preset, steps=a.steps, minutes=a.minutes, samples=a.samples, rows=a.rows)
    maker = Maker(a.preset, a.data, a.device, chosen, os.path.join(BUILD, a.preset))
    maker.announce()
    start = time.time()
    try:
        maker.make_rows()
        maker.train()
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on after the last line above.")
    except ValueError as e:
        sys.exit(str(e))
    print(f"Done after {minutes(time.time() - start)}: {os.path.join(maker.out, 'model.onnx')}")


if __name__ == "__main__":
    main()
