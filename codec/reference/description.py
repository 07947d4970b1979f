"""The section "Description" of FORMAT.md: which predictors and features a model was trained for."""

import json

import numpy as np

from arithmetic import check

# The members of each object, in their order: how a value is written, and whether it is left out where it is zero or empty.
MEMORY = {"forget": ("double", False), "ridge": ("double", False)}
SOLUTION = MEMORY | {"first": ("integer", False), "last": ("integer", False)}
STAGE = {"taps": ("integer", False), "mu": ("single", False), "decaying": ("boolean", True)}
REGRESSORS = {"own": ("integer", False), "other": ("integer", True)}
REPEATING = REGRESSORS | {"around": ("integer", False), "around_other": ("integer", True)}
GROUP = REGRESSORS | {"solutions": ([SOLUTION], False), "repeating": (REPEATING, True)}
TONE = {"order": ("integer", False), "every": ("integer", False), "ridge": ("double", False), "longer": ("integer", True)}
CHAIN = {"base": ("integer", False), "stages": ([STAGE], False)}
CASCADE = CHAIN | {"tonal": (CHAIN, True)}
PREDICTORS = {
    "least_squares": ([GROUP], False),
    "tones": ([TONE], True),
    "cascades": ([CASCADE], True),
    "robust": ([{"base": ("integer", False)} | STAGE], True),
    "cross": ([STAGE], True),
    "mixers": ([SOLUTION], True),
    "unmixed": (["integer"], True),
    "mixed_samples": ("integer", True),
    "stacking": (MEMORY, True),
    "innovation": ("double", False),
}
FEATURES = {"reference": ("integer", False), "shown": (["integer"], False), "newest": ("integer", False)}
DESCRIPTION = {"predictors": (PREDICTORS, False), "features": (FEATURES, False), "sse": ("boolean", False)}


def text_of(value, form):
    """The text of a value, which is the only one that it may have."""
    if isinstance(form, dict):
        check(isinstance(value, dict) and set(value) <= set(form), "a member is unknown")
        return "{" + ",".join(f'"{name}":{text_of(value[name], f)}' for name, f in members(value, form)) + "}"
    if isinstance(form, list):
        check(isinstance(value, list), "a list is missing")
        return "[" + ",".join(text_of(v, form[0]) for v in value) + "]"
    if form == "boolean":
        check(isinstance(value, bool), "a boolean is missing")
        return "true" if value else "false"
    check(isinstance(value, (int, float)) and not isinstance(value, bool), "a number is missing")
    if form == "integer":
        check(isinstance(value, int), "an integer is missing")
        return str(value)
    number = np.float32(value) if form == "single" else np.float64(value)
    if 0 < number < number.dtype.type(1e-6):
        return np.format_float_scientific(number, trim="-", exp_digits=1)
    return np.format_float_positional(number, trim="-")


def members(value, form):
    for name, (f, may_be_left_out) in form.items():
        if may_be_left_out:
            if not value.get(name):
                continue
        check(name in value, f"the member {name} is missing")
        yield name, f


class Description:
    def __init__(self, text):
        check(len(text) <= 65536, "the description is too long")
        try:
            value = json.loads(text)
        except ValueError:
            check(False, "the description is not JSON")
        check(text_of(value, DESCRIPTION).encode() == text, "the description is not written as it should be")
        p, f = value["predictors"], value["features"]
        self.sse = value["sse"]
        self.least_squares, self.tones, self.robust = p["least_squares"], p.get("tones", []), p.get("robust", [])
        self.cascades = p.get("cascades", [])
        self.cross, self.mixers, self.unmixed = p.get("cross", []), p.get("mixers", []), p.get("unmixed", [])
        self.mixed_samples, self.stacking, self.innovation = p.get("mixed_samples", 0), p.get("stacking"), p["innovation"]
        self.reference, self.shown, self.newest = f["reference"], f["shown"], f["newest"]
        self.repeats = any("repeating" in g for g in self.least_squares)
        self.stages = [s for c in self.cascades for s in c["stages"]] + self.robust + self.cross
        self.squares = sum(len(g["solutions"]) for g in self.least_squares)
        self.first_filter = self.squares + len(self.tones)
        self.first_mixer = self.first_filter + len(self.stages)
        self.count = self.first_mixer + len(self.mixers) + (self.stacking is not None)
        self.mixed = [i for i in range(self.first_mixer) if i not in self.unmixed] if self.mixers else []
        self.check_least_squares()
        self.check_tones()
        self.check_filters()
        self.check_mixers()
        check(1 <= len(self.shown) <= 16, "too many predictions are shown")
        check(all(0 <= i < self.count for i in [self.reference, self.newest, *self.shown]), "there is no such prediction")

    def check_least_squares(self):
        check(1 <= self.squares <= 16, "too many least squares")
        for g in self.least_squares:
            own, other = g["own"], g.get("other", 0)
            check(own >= 1 and other >= 0 and own + other <= 64, "too many regressors")
            check(g["solutions"], "a group without solutions")
            if "repeating" in g:
                own, other, around, around_other = regressors(g["repeating"])
                check(own >= 1 and min(other, around_other) >= 0 and around >= 2, "too few regressors")
                check(around % 2 == around_other % 2 == 0, "an odd number of samples around a lag")
                check(own + other + around + around_other <= 64, "too many regressors")
            check_solutions(g["solutions"])
        check(0 <= self.innovation < 1, "an impossible innovation")

    def check_tones(self):
        check(len(self.tones) <= 4, "too many predictors of tones")
        for t in self.tones:
            check(1 <= t["order"] <= 4096 and 0 <= t.get("longer", 0) <= 4, "an impossible predictor of tones")
            check(1 <= t["every"] <= 4096 and t["every"] & (t["every"] - 1) == 0, "an impossible interval")
            check(1e-12 <= t["ridge"] <= 1, "an impossible ridge")

    def check_filters(self):
        check(all(c["stages"] for c in self.cascades), "a cascade without filters")
        check(len(self.stages) + len(self.cross) <= 64, "too many filters")
        check(all(0 <= c["base"] < self.squares for c in self.cascades + self.robust), "there is no such base")
        tonal = [(c, c["tonal"]) for c in self.cascades if "tonal" in c]
        check(self.tones or not tonal, "tones are missing")
        check(all(len(c["stages"]) == len(t["stages"]) for c, t in tonal), "a cascade of another length")
        check(all(0 <= t["base"] < self.first_filter for _, t in tonal), "there is no such base")
        for s in self.stages + [s for _, t in tonal for s in t["stages"]]:
            check(16 <= s["taps"] <= 2048 and s["taps"] % 16 == 0 and 0 < s["mu"] <= 1, "an impossible filter")

    def check_mixers(self):
        check(len(self.mixers) <= 8, "too many mixers")
        check(self.mixers or not self.unmixed and self.mixed_samples == 0, "something to mix, but no mixers")
        check(self.unmixed == sorted(set(self.unmixed)), "the unmixed predictions do not ascend")
        check(all(0 <= i < self.first_mixer for i in self.unmixed), "there is no such prediction")
        check(self.mixed or not self.mixers, "nothing is mixed")
        check(self.mixed_samples >= 0 and len(self.mixed) + self.mixed_samples <= 64, "too much is mixed")
        check_solutions(self.mixers)
        if self.stacking:
            check(len(self.mixers) == 3, "a stacking is of three mixers")
            check_memory(self.stacking)

    def multiplications(self):
        """About how many a sample of a channel takes."""
        total = sum(3 * s["taps"] for s in self.robust + self.cross + self.cross)
        plain = sum(s["taps"] for c in self.cascades for s in c["stages"])
        tonal = sum(s["taps"] for c in self.cascades for s in c.get("tonal", c)["stages"])
        total += 3 * max(plain, tonal)
        groups = [(max(sum(regressors(g)), sum(regressors(g.get("repeating", g)))), g["solutions"]) for g in self.least_squares]
        for n, solutions in groups + [(len(self.mixed) + self.mixed_samples, self.mixers)]:
            total += sum(n + n * n // 2 + n * n * n // 6 // s["last"] for s in solutions)
        total += sum(4 * t["order"] + 3 * t["order"] ** 2 // 2 // t["every"] for t in self.tones)
        return total


def regressors(g):
    """How many regressors a group has from the channel, from the other one, and from around the lag in both."""
    return g["own"], g.get("other", 0), g.get("around", 0), g.get("around_other", 0)


def check_memory(m):
    check(0 < m["forget"] < 1 and 0 < m["ridge"] <= 1e12, "an impossible memory")


def check_solutions(solutions):
    for s in solutions:
        check_memory(s)
        first, last = s["first"], s["last"]
        check(1 <= first <= last <= 4096 and first & (first - 1) == 0 and last & (last - 1) == 0, "impossible intervals")
