"""How the network of a preset is trained: presets/PRESET.training.json."""

import dataclasses
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PRESETS = os.path.join(HERE, "presets")
TRAINING = ".training.json"


@dataclasses.dataclass(frozen=True)
class Settings:
    hidden: list[int]  # widths of the hidden layers
    units: int  # of the memory, see memory.py; 0: it has none
    samples: int  # the most that are taken from the beginning of a recording
    rows: int  # the most that are kept of a recording
    span: int  # consecutive rows that are kept together
    streams: int  # spans that advance at the same time
    length: int  # rows of each of them in a step
    steps: int
    rate: float  # the highest learning rate
    average: float  # decay of the averaged weights
    minutes: float = 1e9  # shorten the schedule to so long

    @property
    def rows_a_step(self):
        return self.streams * self.length

    def rows_arguments(self):
        """What the command rows is told."""
        return ["-samples", str(self.samples), "-rows", str(self.rows), "-span", str(self.span)]


def load(preset, **changes):
    """The settings of a preset, with changes that are not None."""
    with open(os.path.join(PRESETS, preset + TRAINING)) as f:
        return Settings(**{**json.load(f), **{k: v for k, v in changes.items() if v is not None}})


def description_of(preset):
    """The path of the description of a preset's predictors."""
    return os.path.join(PRESETS, preset + ".json")


def presets():
    """The names of all presets."""
    return sorted(name.removesuffix(TRAINING) for name in os.listdir(PRESETS) if name.endswith(TRAINING))
