"""Tiny looped networks, several at once: one for each function and seed, trained side by side in a page.

They are made of the layers of `looped.model` (pre-norm attention and MLP, for TMLT its timestep encoding), read one
number a token and answer with one. No positions, no injection, loss after the last loop. Networks of one form differ in
their weights only, so that one call computes all of them (`torch.func.vmap`); nothing passes between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from looped.experiments.rates.functions import Function
from looped.model.config import Config
from looped.model.layers import Layer, hardmax, norm
from looped.model.timestep import TimestepEncoding

Array = NDArray[np.float64]
TOKENS = 4  # N
BATCH = 32
HELD_OUT = 512  # inputs that errors are measured on
TOLD = 5  # steps between two looks at the progress


@dataclass(frozen=True)
class Form:
    """What decides the shape of a network, and how attention is trained."""

    core: str = "looped"  # or "tmlt"
    loops: int = 4
    layers: int = 1  # in the block
    width: int = 16
    heads: int = 2
    hard: bool = False  # hardmax in the forward pass; gradients are those of softmax


class Net(nn.Module):
    """One network: tokens (batch, N, 1) → numbers (batch, N, 1). Weights depend on the seed alone."""

    def __init__(self, form: Form, seed: int) -> None:
        super().__init__()
        self.form, d = form, form.width
        config = Config(form.core, 1, TOKENS, form.loops, d, form.heads, form.layers, positions="none")
        self.read, self.head = nn.Linear(1, d), nn.Linear(d, 1)
        self.layers = nn.ModuleList(Layer(config) for _ in range(form.layers))
        self.timestep = TimestepEncoding(config.d_model, config.layers) if form.core == "tmlt" else None
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if weight.ndim == 2:
                    size = 0.0 if "w5" in name else (2 * weight.shape[1]) ** -0.5  # a TMLT begins as the identity
                    weight.normal_(std=size, generator=generator)
                elif name.endswith("bias"):
                    weight.zero_()

    def forward(self, x: Tensor, hard: bool) -> Tensor:
        """Run all loops; hard: with hardmax."""
        hidden = self.read(x)
        for t in range(self.form.loops):
            scales = None if self.timestep is None else self.timestep(float(t))
            for i, layer in enumerate(self.layers):
                own = None if scales is None else scales[i]
                hidden, _ = layer(hidden, own, attend=lambda u, v, *_, of=layer: attend(of, u, v, hard))
        answer: Tensor = self.head(norm(hidden))
        return answer


def attend(layer: Layer, u: Tensor, values: Tensor, hard: bool) -> tuple[Tensor, None]:
    """Return the output of attention; that of hardmax has the gradients of softmax (straight-through)."""
    q, k, v = layer.by_head(u, values)
    scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
    weights = scores.softmax(-1)
    if hard:
        weights = weights + (hardmax(scores) - weights).detach()
    return layer.written(weights @ v, None), None


class Crowd:
    """Networks of one form, one for each function and seed: (functions, seeds)."""

    def __init__(self, form: Form, functions: Sequence[Function], seeds: int, seed: int = 0) -> None:
        self.form, self.functions, self.seeds, self.seed = form, functions, seeds, seed
        nets = [Net(form, seed + i) for _ in functions for i in range(seeds)]
        weights, _ = stack_module_state(nets)
        self.net = nets[0]
        self.weights: dict[str, Tensor] = {name: one.detach().requires_grad_() for name, one in weights.items()}
        self.losses: list[Array] = []  # (functions, seeds) of each step
        self.slopes: list[Array] = []  # norms of the gradients, the same

    @property
    def parameters(self) -> int:
        """Numbers that training adjusts in one network."""
        return sum(weight.numel() for weight in self.net.parameters())

    def run(self, x: Tensor, hard: bool) -> Tensor:
        """Answer inputs (functions · seeds, batch, N) by the network of each: the same shape."""

        def one(weights: dict[str, Tensor], given: Tensor) -> Tensor:
            answer: Tensor = functional_call(self.net, weights, (given[..., None], hard))
            return answer[..., 0]

        answers: Tensor = vmap(one)(self.weights, x)
        return answers

    def train(self, steps: int, rate: float) -> Iterator[float]:
        """Train all; yield the share that is done. Networks of one seed see the same inputs, whatever their form."""
        draws = [np.random.default_rng([self.seed + i, 1]) for i in range(self.seeds)]
        optimizer = torch.optim.Adam(self.weights.values(), lr=rate)
        for step in range(steps):
            x = torch.as_tensor(np.stack([draw.random((BATCH, TOKENS), np.float32) for draw in draws]))
            loss = self._off(x, self.form.hard).mean(-1)  # (functions, seeds)
            optimizer.zero_grad()
            loss.sum().backward()  # type: ignore[no-untyped-call]
            for group in optimizer.param_groups:
                group["lr"] = rate * paced(step, steps)
            self.losses.append(loss.detach().double().numpy())
            self.slopes.append(self._slopes())
            optimizer.step()
            if step % TOLD == 0:
                yield step / steps

    def errors(self, hard: bool | None = None) -> Array:
        """Return the root of the mean squared error over that of the mean, on held-out inputs: (functions, seeds).

        hard: with hardmax, whatever training used.
        """
        draw = np.random.default_rng([self.seed, 2])
        x = torch.as_tensor(draw.random((HELD_OUT, TOKENS), np.float32))
        with torch.no_grad():
            off = self._off(x.expand(self.seeds, -1, -1), self.form.hard if hard is None else hard).mean(-1)
            size = torch.stack([function.of(x.double()).var(correction=0) for function in self.functions])
        found: Array = (off.double() / size[:, None]).sqrt().numpy()
        return found

    def _off(self, x: Tensor, hard: bool) -> Tensor:
        """Return squared errors on inputs (seeds, batch, N): (functions, seeds, batch · N)."""
        count = len(self.functions)
        wanted = torch.stack([function.of(x) for function in self.functions])
        told = self.run(x.repeat(count, 1, 1), hard).view_as(wanted)
        off: Tensor = (told - wanted).square().flatten(2)
        return off

    def _slopes(self) -> Array:
        slopes = [weight.grad for weight in self.weights.values() if weight.grad is not None]
        squares = [slope.flatten(1).square().sum(1) for slope in slopes]
        norms: Array = torch.stack(squares).sum(0).sqrt().double().numpy()
        return norms.reshape(len(self.functions), self.seeds)


def paced(step: int, steps: int) -> float:
    """Return the share of the learning rate: a short warm-up, then a cosine down to 2 %.

    >>> [round(paced(step, 100), 2) for step in (0, 4, 52, 99)]
    [0.2, 1.0, 0.52, 0.02]
    """
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    gone = (step - warm) / max(1, steps - warm)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * gone))
