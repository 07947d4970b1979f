"""The other way to compress with a neural network, for comparison: no predictors, only bytes.

As in Trilobyte (Long, Novack, Donahue 2026, arXiv 2603.08683) each sample is split into bytes, most significant one
first, and a decoder-only transformer gives P(next byte | the bytes before it in the block), 256 ways. A block is a run
of samples of one channel; nothing is known before its first byte.

usage: bytes.py TRAIN DEV RUN [--sizes small large] [--minutes 2 5] ...

TRAIN and DEV are folders that pcm/ wrote. RUN is a folder: SIZE.pt (a checkpoint: training goes on from it until its
minutes are used up), log.txt, bytes.json (ideal code lengths over DEV; what is in there is not done again). Blocks are
independent, as in the paper; with overlap each one begins with the second half of the one before, which is kinder.
"""

import argparse
import json
import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CONTEXT = 2048  # bytes: 2048, 1024, 682 samples of 8, 16, 24 bits
HELD_OUT = 10  # of 256 parts
START = 256  # the input before a block's first byte
IGNORED = -1  # a target that does not count
SIZES = {  # width, layers, heads, blocks a step, learning rate
    "small": (32, 3, 2, 64, 4e-3),
    "large": (384, 6, 6, 48, 1.2e-3),
}


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x, rotation):
        rows, length, width = x.shape
        q, k, v = self.query_key_value(x).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, rotation), rotate(k, rotation), v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(rows, length, width))


def rotate(x, rotation):
    """Rotary positions (Su and others 2021, arXiv 2104.09864)."""
    cosine, sine = rotation
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], -1).to(x.dtype)


class Transformer(nn.Module):
    """A GPT: inputs and phases [rows, length] -> logits [rows, length, 256]."""

    def __init__(self, width, layers, heads):
        super().__init__()
        self.embedding = nn.Embedding(257, width)
        self.phase = nn.Embedding(10, width)  # which byte comes, and of how many: see phases
        norm = lambda: nn.LayerNorm(width, bias=False)
        feed = lambda: nn.Sequential(nn.Linear(width, 4 * width, bias=False), nn.GELU(), nn.Linear(4 * width, width, bias=False))
        self.layers = nn.ModuleList(
            nn.ModuleList([norm(), Attention(width, heads), norm(), feed()]) for _ in range(layers)
        )
        self.norm = norm()
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 if "embedding" in name or "phase" in name else (1 / p.shape[1]) ** 0.5)
            if name.endswith("out.weight") or name.endswith("3.2.weight"):
                nn.init.zeros_(p)
        half = width // heads // 2
        angle = torch.arange(CONTEXT)[:, None] * 10000.0 ** (-torch.arange(half) / half)
        self.register_buffer("cosine", angle.cos(), persistent=False)
        self.register_buffer("sine", angle.sin(), persistent=False)

    def forward(self, inputs, phases):
        x = self.embedding(inputs) + self.phase(phases)
        rotation = self.cosine[: x.shape[1]], self.sine[: x.shape[1]]
        for before, attention, between, feed in self.layers:
            x = x + attention(before(x), rotation)
            x = x + feed(between(x))
        return F.linear(self.norm(x), self.embedding.weight[:256])


class Recordings:
    """The samples of a folder, on the device, and where each channel of each file begins."""

    def __init__(self, folder, device):
        samples = np.fromfile(os.path.join(folder, "samples.i32"), np.int32)
        self.samples = torch.from_numpy(samples).to(device)
        with open(os.path.join(folder, "files.json")) as f:
            self.files = json.load(f)
        at, rows = 0, []
        for f in self.files:
            for _ in range(f["channels"]):
                rows.append((at, f["frames"], f["bits"], f["part"]))
                at += f["frames"]
        assert at == len(samples), "samples.i32 and files.json do not agree"
        self.begin, self.length, self.bits, self.part = torch.tensor(rows, device=device).T.contiguous()

    def random(self, count, held, generator):
        """Random blocks: each sample of the training files (or the held-out ones) is as likely as any other."""
        device = self.samples.device
        number = torch.arange(len(self.part), device=device)
        number = number[(self.part < HELD_OUT) == held]
        ends = self.length[number].cumsum(0)
        at = (torch.rand(count, generator=generator, device=device, dtype=torch.float64) * ends[-1]).long()
        which = torch.searchsorted(ends, at, right=True).clamp(max=len(ends) - 1)
        number = number[which]
        offset = at - (ends[which] - self.length[number])
        bits = self.bits[number]
        kind = torch.rand(count, generator=generator, device=device)
        to = torch.where((kind < 0.2) & (bits > 8), 8, bits)  # as rows/ does: sound that was cut to 8 bits, and
        to = torch.where((kind > 0.9) & (bits > 16), 16, to)
        quieter = torch.rand(count, generator=generator, device=device) < 0.15  # sound that was turned down
        gain = 10 ** (-24 / 20 * torch.rand(count, generator=generator, device=device, dtype=torch.float64))
        gain = torch.where(quieter, gain, torch.ones_like(gain))
        span = CONTEXT // width(to)
        offset = torch.minimum(offset, (self.length[number] - span).clamp(min=0))
        return self.blocks(self.begin[number] + offset, self.begin[number] + self.length[number], bits, to, gain)

    def blocks(self, begin, end, bits, to, gain=None):
        """Blocks from samples begin on, at most to end, requantised to so many bits -> inputs, phases, targets."""
        position = torch.arange(CONTEXT, device=begin.device)[None]
        bytes_each = width(to)[:, None]
        index = begin[:, None] + position // bytes_each
        valid = (index < end[:, None]) & (position // bytes_each < CONTEXT // bytes_each)
        value = self.samples[torch.minimum(index, end[:, None] - 1)].long()
        if gain is not None:
            value = torch.floor(value * gain[:, None] + 0.5).long()
        value = requantised(value, bits[:, None], to[:, None]) + (1 << (8 * bytes_each - 1))
        tokens = (value >> (8 * (bytes_each - 1 - position % bytes_each))) & 255
        targets = torch.where(valid, tokens, IGNORED)
        inputs = F.pad(tokens[:, :-1], (1, 0), value=START)
        return inputs, bytes_each * (bytes_each - 1) // 2 + position % bytes_each, targets


def width(bits):
    """The bytes of a sample of so many bits."""
    return (bits + 7) // 8


def requantised(value, bits, to):
    """Samples cut to so many bits: rounded to the nearest, and clipped, without dither."""
    drop = (bits - to).clamp(min=0)
    rounded = (value + ((1 << drop) >> 1)) >> drop
    return torch.minimum(rounded, (1 << (torch.minimum(to, bits) - 1)) - 1)


def code_lengths(logits, targets):
    """Bits of each byte [rows, length]; zero for those that do not count."""
    loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="none")
    return loss.view(targets.shape) / float(np.log(2))


class Trainer:
    def __init__(self, size, a, minutes):
        shape = SIZES[size]
        self.count, self.rate, self.minutes, self.device = shape[3], shape[4], minutes, a.device
        if a.device == "cpu":
            self.count = 4
        torch.manual_seed(1)
        self.network = Transformer(*shape[:3]).to(a.device)
        self.parameters = sum(p.numel() for p in self.network.parameters())
        self.optimizer = torch.optim.AdamW(self.network.parameters(), self.rate, betas=(0.9, 0.95), weight_decay=0.1)
        self.step, self.seconds = 0, 0.0
        self.path = os.path.join(a.run, size + ".pt")
        if os.path.exists(self.path):
            state = torch.load(self.path, map_location=a.device, weights_only=False)
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds = state["step"], state["seconds"]
        self.forward = torch.compile(self.network, dynamic=False) if a.device != "cpu" else self.network

    def save(self):
        state = dict(network=self.network.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step, seconds=self.seconds)
        torch.save(state, self.path + ".new")
        os.replace(self.path + ".new", self.path)

    def lengths(self, inputs, phases, targets):
        with torch.autocast(self.device, torch.bfloat16):
            logits = self.forward(inputs, phases)
        return code_lengths(logits, targets)

    def train(self, recordings, report):
        generator = torch.Generator(self.device).manual_seed(1000 + self.step)
        before, start, saved = self.seconds, None, time.time()
        while self.seconds < 60 * self.minutes:
            progress = self.seconds / (60 * self.minutes)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * (min(1, (self.step + 1) / 200) * 0.5 * (1 + np.cos(np.pi * progress)) + 0.01)
            blocks = recordings.random(self.count, False, generator)
            bits = self.lengths(*blocks)
            loss = bits.sum() / (blocks[2] != IGNORED).sum()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.step += 1
            if self.step % 10 == 0 and self.device != "cpu":
                torch.cuda.synchronize()
            start = start or time.time()  # the first step compiles: that does not count
            self.seconds = before + time.time() - start
            if time.time() - saved > 20:
                saved = time.time()
                report(step=self.step, seconds=round(self.seconds), train=round(loss.item(), 4), held=round(self.held(recordings), 4))
                self.save()
        self.save()

    @torch.no_grad()
    def held(self, recordings, batches=8):
        """Bits a byte over some held-out blocks, always the same ones."""
        generator = torch.Generator(self.device).manual_seed(7)
        total, count = 0.0, 0
        for _ in range(batches):
            blocks = recordings.random(self.count, True, generator)
            total += self.lengths(*blocks).sum().item()
            count += (blocks[2] != IGNORED).sum().item()
        return total / count

    @torch.no_grad()
    def measure(self, recordings, number, to, overlap):
        """Bits of one file at so many bits a sample. With overlap each block begins with the half of the one before."""
        span = CONTEXT // ((to + 7) // 8)
        stride = span // 2 if overlap else span
        first = sum(f["channels"] for f in recordings.files[:number])
        file, begins, ends = recordings.files[number], [], []
        for c in range(first, first + file["channels"]):
            begin = recordings.begin[c].item()
            last = max(0, file["frames"] - (span - stride))
            begins += range(begin, begin + max(1, last), stride)
            ends += [begin + file["frames"]] * (len(begins) - len(ends))
        starts = set(recordings.begin[first : first + file["channels"]].tolist())
        total = 0.0
        for i in range(0, len(begins), self.count):
            begin, end = begins[i : i + self.count], ends[i : i + self.count]
            known = torch.tensor([b not in starts and overlap for b in begin])
            fill = self.count - len(begin)  # the compiled network takes batches of one size
            begin = torch.tensor(begin + begin[-1:] * fill, device=self.device)
            end = torch.tensor(end + end[-1:] * fill, device=self.device)
            depth = torch.full_like(begin, file["bits"])
            bits = self.lengths(*recordings.blocks(begin, end, depth, torch.full_like(begin, to)))[: len(known)]
            half = (span - stride) * ((to + 7) // 8)
            total += bits.sum().item() - bits[known.to(self.device), :half].sum().item()
        return total


def evaluate(trainer, recordings, overlap):
    """Bits a sample by class (the first folder) and by file; without overlap also of the same sound at fewer bits."""
    start, files, sums = time.time(), [], {}
    for number, f in enumerate(recordings.files):
        count = f["channels"] * f["frames"]
        for to in [b for b in (8, 16) if b < f["bits"] and not overlap] + [f["bits"]]:
            bits = trainer.measure(recordings, number, to, overlap)
            files.append(dict(file=f["name"], bits=to, samples=count, bits_per_sample=round(bits / count, 4)))
            keys = [f["name"].split("/")[0], "all"] if to == f["bits"] else []
            if f["bits"] > 8:
                keys.append(f"{f['bits']}-bit recordings at {to} bits")
            for key in keys:
                n, total = sums.get(key, (0, 0.0))
                sums[key] = n + count, total + bits
    classes = {key: dict(samples=n, bits_per_sample=round(total / n, 4)) for key, (n, total) in sorted(sums.items())}
    return dict(classes=classes, seconds=round(time.time() - start, 1), samples=sum(f["samples"] for f in files), files=files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("dev")
    parser.add_argument("run")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--minutes", type=float, nargs="+", default=[2, 5], help="of training, for each size")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.set_float32_matmul_precision("high")
    recordings, dev = Recordings(a.train, a.device), Recordings(a.dev, a.device)
    held = (recordings.part < HELD_OUT).long()
    sizes = [(recordings.length * (1 - held)).sum().item(), (recordings.length * held).sum().item()]
    path = os.path.join(a.run, "bytes.json")
    results = dict(device=torch.cuda.get_device_name() if a.device != "cpu" else "cpu", context_bytes=CONTEXT,
                   training_samples=sizes[0], held_out_samples=sizes[1], models={})
    if os.path.exists(path):
        with open(path) as f:
            results = json.load(f)
    log = open(os.path.join(a.run, "log.txt"), "a")

    def save():
        with open(path + ".new", "w") as f:
            json.dump(results, f, indent=1)
        os.replace(path + ".new", path)

    for size, minutes in zip(a.sizes, a.minutes, strict=True):
        result = results["models"].setdefault(size, {})
        if "overlap" in result:
            continue

        def report(**entry):
            for to in (None, log):
                print(json.dumps(dict(size=size, **entry)), file=to, flush=True)

        trainer = Trainer(size, a, minutes)
        report(parameters=trainer.parameters, samples=sizes)
        trainer.train(recordings, report)
        shape = dict(zip(("width", "layers", "heads"), SIZES[size]))
        result.update(parameters=trainer.parameters, **shape, steps=trainer.step, bytes_seen=trainer.step * trainer.count * CONTEXT,
                      training_seconds=round(trainer.seconds), held_out_bits_per_byte=round(trainer.held(recordings), 4))
        report(**result)
        for way, overlap in (("blocks", False), ("overlap", True)):
            if way not in result:
                result[way] = evaluate(trainer, dev, overlap)
                report(way=way, **{k: v["bits_per_sample"] for k, v in result[way]["classes"].items()})
                save()


if __name__ == "__main__":
    main()
