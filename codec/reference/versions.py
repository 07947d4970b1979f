"""The section "Versions" of FORMAT.md, whose tables are read from it."""

import copy
import re

from arithmetic import FORMAT


def numbers(text):
    """The numbers of a list like "0 to 4, 6, 7"."""
    out = []
    for part in text.split(", ") if text else []:
        first, *last = map(int, part.split(" to "))
        out += range(first, (last or [first])[0] + 1)
    return out


class Version:
    """What a version says. All lists are in the order of the predictions.

    least_squares: (own, other, forgetting, ridge, first, last, surprise); mixers, and blend (or None): (forgetting,
    ridge, first, last, surprise); cascades: (base, filters); robust: (base, filter); cross: filter. A filter is (taps, mu, decaying).
    """

    def __init__(self, section):
        self.least_squares, self.cascades, self.robust, self.cross, self.mixers, self.blend = [], [], [], [], [], None
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"^\|.*\|$", section, re.M)]
        values = {row[0]: row[1] for row in rows if len(row) == 2}
        ordered = sorted((row for row in rows if row[0].isdigit()), key=lambda row: int(row[0]))
        if [row[0] for row in ordered] != [str(i) for i in range(int(values["predictions"]))]:
            raise AssertionError("a prediction is missing in FORMAT.md")
        self.surprise = float(values.get("surprise", 0))
        self.blocks = values.get("blocks") == "yes"
        for row in ordered:
            self.add(*row[1:])
        self.count = len(ordered)
        self.first_mixer = self.count - len(self.mixers) - (self.blend is not None)
        self.mixed, self.newest = numbers(values.get("mixed: M[0] to M[m - 1]", "")), int(values.get("h", 0))
        self.reference, self.fast = int(values["reference"]), int(values["fast"])
        self.shown = numbers(values["shown: e(0) to e(K - 1)"])
        self.last_stage = values.get("last stage") == "yes"
        self.whole_tokens, self.pairs = values.get("whole tokens") in ("yes", "pairs"), values.get("whole tokens") == "pairs"
        if len(self.mixed) != int(values.get("m", 0)) or len(self.shown) != int(values["K"]):
            raise AssertionError("m or K in FORMAT.md is not the length of the list")

    def add(self, group, *cells):
        if group in ("least squares", "mixer", "blend"):
            own, other, forgetting, ridge, first, last = cells
            learning = float(forgetting), float(ridge), int(first), int(last), self.surprise
            if group == "least squares":
                self.least_squares.append((int(own), int(other), *learning))
            elif group == "mixer":
                self.mixers.append(learning)
            else:
                self.blend = learning
            return
        base, taps, mu, kind = cells
        constants = int(taps), float(mu), {"decaying": True, "flat": False}[kind]
        if base == "then":
            self.cascades[-1][1].append(constants)
        elif group == "cross":
            self.cross.append(constants)
        else:
            base = int(base[2:-1])
            if group == "cascade":
                self.cascades.append((base, [constants]))
            else:
                self.robust.append((base, constants))


def read_versions():
    section = FORMAT.read_text().split("\n## Versions\n")[1].split("\n## ")[0]
    parts = re.split(r'^### Version "(.*)"$', section, flags=re.M)
    versions = {name: Version(text) for name, text in zip(parts[1::2], parts[2::2])}
    for name in ("2", "2-fast", "2-max"):  # the section on those with whole tokens
        versions["3" + name[1:]] = with_whole_tokens(versions[name])
    return versions


def with_whole_tokens(version):
    version = copy.copy(version)
    version.whole_tokens = True
    return version


VERSIONS = read_versions()
