#!/usr/bin/env python3
"""Opens PatchTST weights files of voltage in PyTorch: as torch.nn.Modules, to look at, to go on with, or to check.

  patchtst_to_torch.py WEIGHTS                     what the file says about itself
  patchtst_to_torch.py WEIGHTS --out model.pt      its state dict, for torch.load
  patchtst_to_torch.py WEIGHTS... --ask Q.csv      one probability a line, for lines of
                                                   window (bars x series, oldest first), context, lz;
                                                   of several networks (patchtst*.bin of a bundle) their mean
From Python: `network, card = load(path)`, then `network(window, context, lz)`: [n, bars, series], [n, context],
[n, moves] -> P(|r| > move), [n, moves]. NaN in a window is missing input; without the price the answer is NaN.
The format is described in docs/PATCHTST.md. Needs PyTorch 1.13 or later (Debian: python3-torch); no NumPy.
"""
import argparse
import hashlib
import sys

import torch
from torch.nn import functional

MAGIC = b"voltage-patchtst 1\n"


def read(path):
    """The header as a dict, the tensors by name. Raises ValueError on a damaged file."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(MAGIC):
        raise ValueError(f"{path}: not a PatchTST weights file")
    body, digest = data[:-65], data[-65:-1].decode("ascii", "replace")
    if hashlib.sha256(body).hexdigest() != digest:
        raise ValueError(f"{path}: damaged or cut short: the hash at its end does not fit")
    end = body.index(b"\ndata\n") + len(b"\ndata\n")
    card, shapes = {}, []
    for line in body[len(MAGIC) : end].decode("ascii").splitlines():
        name, *rest = line.split(" ")
        if name == "tensor":
            shapes.append((rest[0], int(rest[1]), int(rest[2])))
        elif name in ("series_names", "context_names"):
            card[name] = rest
        elif name in ("group_series", "knots"):
            card[name] = [float(word) if name == "knots" else int(word) for word in rest]
        elif name == "corner":
            card[name] = float(rest[0])
        elif name != "data":
            card[name] = int(rest[0])
    tensors, at = {}, end
    for name, rows, columns in shapes:
        if rows * columns > 0:
            flat = torch.frombuffer(bytearray(body[at : at + 4 * rows * columns]), dtype=torch.float32)
            tensors[name] = flat.reshape(rows, columns)
        else:
            tensors[name] = torch.zeros(rows, columns)
        at += 4 * rows * columns
    if at != len(body):
        raise ValueError(f"{path}: {len(body) - at} bytes more than its header says")
    return card, tensors


class PatchTst(torch.nn.Module):
    """The network as voltage serves it. Parameters carry the file's names, with '.' as '_'."""

    STATISTICS = ("series.mean", "series.sd", "context.mean", "context.sd")

    def __init__(self, card, tensors):
        super().__init__()
        self.card = card
        self.patches = (card["window"] - card["patch"]) // card["stride"] + 1
        self.used = (self.patches - 1) * card["stride"] + card["patch"]
        for name, tensor in tensors.items():
            if name in self.STATISTICS:
                self.register_buffer(name.replace(".", "_"), tensor)
            else:
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))
        self.register_buffer("knots", torch.tensor(card["knots"]))

    def part(self, name):
        return getattr(self, name.replace(".", "_"))

    def affine(self, x, name):
        return x @ self.part(name + ".weight") + self.part(name + ".bias")[0]

    def norm(self, x, name):
        return functional.layer_norm(x, x.shape[-1:], self.part(name + ".scale")[0], self.part(name + ".shift")[0], 1e-5)

    def tokens(self, window):
        """A list of [n, patches, inputs], one a unit; which units have their input: [n, units]; who has a price: [n]."""
        card = self.card
        x = (window[:, -self.used :] - self.series_mean) / self.series_sd
        there, column, series = [], 0, []
        for count in card["group_series"]:
            group = x[:, :, column : column + count]
            whole = torch.isfinite(group).all(-1).all(-1)
            if card["revin"]:
                centred = group - group.mean(1, keepdim=True)
                variance = (centred * centred).mean(1, keepdim=True)
                group = torch.where(variance > 1e-6, centred / variance.sqrt(), torch.zeros_like(centred))
            series.append(torch.where(whole[:, None, None], group, torch.zeros_like(group)))
            there.append(whole)
            column += count
        there = torch.stack(there, 1)
        cut = [s.transpose(1, 2).unfold(2, card["patch"], card["stride"]).transpose(1, 2).flatten(2) for s in series]
        if not card["flattened"]:
            return cut, there, there[:, 0]
        flags = (~there).to(x.dtype)[:, None, :].expand(-1, self.patches, -1)
        return [torch.cat(cut + [flags], 2)], torch.ones_like(there[:, :1]), there[:, 0]

    def encode(self, x):
        n, heads = x.shape[0], self.card["heads"]
        width = self.card["model"] // heads
        for layer in range(self.card["layers"]):
            name = f"layer.{layer}."
            qkv = self.affine(self.norm(x, name + "norm1"), name + "qkv").reshape(n, self.patches, 3, heads, width)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)
            share = torch.softmax(q @ k.transpose(-1, -2) / width**0.5, -1)
            x = x + self.affine((share @ v).transpose(1, 2).flatten(2), name + "out")
            x = x + self.affine(functional.gelu(self.affine(self.norm(x, name + "norm2"), name + "up")), name + "down")
        return self.norm(x, "norm").flatten(1)

    def forward(self, window, context, lz):
        corner = self.card["corner"]
        context = (context - self.context_mean) / self.context_sd
        context = torch.where(torch.isfinite(context), context, torch.zeros_like(context))
        if self.card.get("context_bound", 0):
            context = context.clamp(-self.card["context_bound"], self.card["context_bound"])
        beyond = lz[..., None] - self.knots
        hinges = torch.where(beyond > corner, beyond, (beyond + corner).clamp_min(0) ** 2 / (4 * corner))
        basis = torch.cat([lz[..., None], hinges], -1)
        cut, there, priced = self.tokens(window)
        say, probability = [], []
        for unit, tokens in enumerate(cut):
            name = f"head.{unit}."
            summary = self.encode(self.affine(tokens, f"token.{unit}") + self.position)
            x = summary @ self.part(name + "window.weight") + self.part(name + "bias1")[0]
            x = functional.gelu(x + context @ self.part(name + "context.weight"))
            x = functional.gelu(x @ self.part(name + "weight2") + self.part(name + "bias2")[0])
            out = x @ self.part(name + "weight3") + self.part(name + "bias3")[0]
            slopes = functional.softplus(out[:, 1:-1])
            probability.append(torch.sigmoid(out[:, :1] - (basis * slopes[:, None]).sum(-1)))
            say.append(out[:, -1])
        say = torch.stack(say, 1).masked_fill(~there, float("-inf"))
        p = (torch.softmax(say, 1)[:, None] * torch.stack(probability, -1)).sum(-1)
        return torch.where(priced[:, None], p, torch.full_like(p, float("nan")))


def load(path):
    card, tensors = read(path)
    return PatchTst(card, tensors).eval(), card


def ask(networks, path):
    card = networks[0].card
    window, series = card["window"], len(card["series_names"])
    with open(path, encoding="ascii") as file:
        rows = torch.tensor([[float(word) for word in line.split(",")] for line in file if line.strip()])
    at = window * series
    with torch.no_grad():
        windows = rows[:, :at].reshape(-1, window, series)
        p = torch.stack([network(windows, rows[:, at:-1], rows[:, -1:]) for network in networks]).mean(0)
    for value in p[:, 0].tolist():
        print(repr(value))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+")
    parser.add_argument("--out", metavar="FILE", help="write the state dict there")
    parser.add_argument("--ask", metavar="CSV", help="answer these questions")
    options = parser.parse_args()
    try:
        networks = [load(path)[0] for path in options.weights]
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    if options.out and len(networks) > 1:
        sys.exit("--out takes one weights file")
    if options.out:
        torch.save(networks[0].state_dict(), options.out)
    elif options.ask:
        ask(networks, options.ask)
    else:
        network = networks[0]
        print("\n".join(f"{name} {value}" for name, value in network.card.items()))
        print("parameters", sum(p.numel() for p in network.parameters()))


if __name__ == "__main__":
    main()
