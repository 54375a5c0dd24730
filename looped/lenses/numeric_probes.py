"""Which numbers can be read from the states, loop by loop, such as the weights of the function that a prompt is of?

A linear probe for each loop, fitted in closed form to real numbers, and what to compare it with. All are shares of the
variance explained on prompts that no probe was fitted to: 1 is exact, 0 is what answering the mean would explain.

    explained     of the numbers by the probe of the state after each loop
    control       by the same probe of other numbers of the same form, which nothing in the task asks for: what any
                  numbers of that kind have in common with the states (after Hewitt & Liang 2019, arXiv 1909.03368)
    embedded      by the same probe of the embedded input: what is there without any loop

Source of the question: arXiv 2311.12424 probes for X'y and for the least-squares weights. Linear probes here are weaker
than the networks there; what they find can be read by one matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.model import LoopedModel
from looped.model.seam import State, device_of
from looped.runs.needs import Needs

NEEDS = Needs(inputs=("vectors",))
STILL = 1e-10  # a feature whose variance is less than this of its mean square does not vary: it is rounding

Features = Callable[[np.ndarray], np.ndarray]  # indices of prompts (count,) → (count, loops + 1, features)


class NumericProbes(NamedTuple):
    """A linear map for each loop and kind of numbers, entry t for the state after t loops."""

    explained: np.ndarray  # (kinds, loops + 1), at most 1; below 0 where answering the mean would be better
    control: np.ndarray  # (kinds, loops + 1)
    embedded: np.ndarray  # (kinds,)
    weights: list[np.ndarray]  # of each kind (loops + 1, features, numbers)
    bias: list[np.ndarray]  # of each kind (loops + 1, numbers)
    prompts: tuple[int, int]  # how many were fitted to, and how many held out
    missed: np.ndarray  # (2, kinds, loops + 1, held out) squared errors on each held-out prompt, of explained, control
    spread: np.ndarray  # (2, kinds, held out) those of answering the mean


class Fit(NamedTuple):
    """Progress of a fit."""

    done: int  # prompts that have been run
    total: int
    probes: NumericProbes | None  # in the last result only


def fit(
    features: Features,
    numbers: Sequence[np.ndarray],
    controls: Sequence[np.ndarray],
    embedded: Features,
    held_out: float = 1 / 3,
    ridge: float = 1e-3,
    batch: int = 32,
) -> Iterator[Fit]:
    """Fit probes to kinds of numbers, each (prompts, numbers): a generator that yields after every batch of prompts.

    controls are as many kinds of the same shapes. The last `held_out` of the prompts are not fitted to: prompts are
    drawn independently of each other. The penalty is `ridge` times the variance of each feature. Raises ValueError
    where fewer than two prompts would be on a side.

    >>> states = np.random.default_rng(0).normal(size=(60, 2, 3))  # 60 prompts, 1 loop
    >>> sums, others = states[:, 1].sum(-1, keepdims=True), states[:, 0, :1] ** 2
    >>> *_, last = fit(lambda rows: states[rows], [sums], [others], lambda rows: states[rows, :1])
    >>> last.probes.explained.round(1).clip(0).tolist(), last.probes.embedded.round(1).clip(0).tolist()
    ([[0.0, 1.0]], [0.0])
    """
    total = len(numbers[0])
    kept = total - round(held_out * total)
    if min(kept, total - kept) < 2:
        raise ValueError(f"{total} prompts cannot be split; at least two are fitted to, and two held out.")
    parts, alone = [], []
    for first in range(0, total, batch):
        rows = np.arange(first, min(total, first + batch))
        parts.append(features(rows))
        alone.append(embedded(rows))
        if rows[-1] + 1 < total:
            yield Fit(int(rows[-1]) + 1, total, None)
    states, begun = (torch.as_tensor(np.concatenate(found)).double().swapaxes(0, 1) for found in (parts, alone))
    maps = [_fitted(states, kind, kept, ridge) for kind in numbers]
    other = [_fitted(states, kind, kept, ridge) for kind in controls]
    input_ = [_fitted(begun, kind, kept, ridge) for kind in numbers]
    probes = NumericProbes(
        np.stack([found.explained for found in maps]),
        np.stack([found.explained for found in other]),
        np.array([found.explained[0] for found in input_]),
        [found.weights for found in maps],
        [found.bias for found in maps],
        (kept, total - kept),
        np.stack([[found.missed for found in each] for each in (maps, other)]),
        np.stack([[found.spread for found in each] for each in (maps, other)]),
    )
    yield Fit(total, total, probes)


def read(probes: NumericProbes, features: np.ndarray) -> list[np.ndarray]:
    """Return what probes read from the features of one prompt (loops + 1, features): (loops + 1, numbers) a kind."""
    each = zip(probes.weights, probes.bias, strict=True)
    return [np.einsum("tf,tfn->tn", features, weights) + bias for weights, bias in each]


def pooled_states(model: LoopedModel, vectors: np.ndarray, known: np.ndarray, loops: int | None = None) -> Features:
    """Return the mean state of the examples of prompts (prompts, places, inputs), computed on demand.

    known (places,) bool says where the examples are, which is the same in all prompts. The mean is what a set of
    examples leaves to be read without asking in which order they stand.
    """

    @torch.inference_mode()
    def features(rows: np.ndarray) -> np.ndarray:
        states = model.unroll(_prompts(model, vectors, rows), loops)
        return _pooled(model, known, (state.hidden for state in states))

    return features


def pooled_input(model: LoopedModel, vectors: np.ndarray, known: np.ndarray) -> Features:
    """Return the mean of the embedded examples of prompts, as the features of one state; see `pooled_states`."""

    @torch.inference_mode()
    def features(rows: np.ndarray) -> np.ndarray:
        begun: State = model.begin(_prompts(model, vectors, rows))
        return _pooled(model, known, iter([begun.input[0] if begun.input else begun.hidden]))

    return features


def _prompts(model: LoopedModel, vectors: np.ndarray, rows: np.ndarray) -> Tensor:
    return torch.as_tensor(vectors[rows].astype(np.float32), device=device_of(model))


def _pooled(model: LoopedModel, known: np.ndarray, hidden: Iterator[Tensor]) -> np.ndarray:
    """Return the mean over the tokens of the known places of each state: (count, states, width)."""
    rows, found = np.flatnonzero(known), []
    for state in hidden:
        places = model.places(state.shape[1])  # a place may have several tokens
        tokens = rows if places is None else places[rows].reshape(-1)
        found.append(state[:, torch.as_tensor(tokens, device=state.device)].mean(1))
    pooled: np.ndarray = torch.stack(found, 1).float().cpu().numpy()
    return pooled


class _Map(NamedTuple):
    """The maps of one kind of numbers."""

    explained: np.ndarray  # (states,)
    weights: np.ndarray  # (states, features, numbers)
    bias: np.ndarray  # (states, numbers)
    missed: np.ndarray  # (states, held out)
    spread: np.ndarray  # (held out,)


def _fitted(states: Tensor, numbers: np.ndarray, kept: int, ridge: float) -> _Map:
    """Fit the first `kept` prompts and measure on the others: states (states, prompts, features)."""
    wanted = torch.as_tensor(numbers).double()
    sums = Sums()
    sums.add(states[:, :kept], wanted[:kept])
    weights, bias = sums.solve(ridge)
    missed = (states[:, kept:] @ weights + bias - wanted[kept:]).square().sum(2)
    spread = (wanted[kept:] - wanted[:kept].mean(0)).square().sum(1)
    explained = 1 - missed.sum(1) / spread.sum()
    return _Map(explained.numpy(), weights.numpy(), bias[:, 0].numpy(), missed.numpy(), spread.numpy())


class Sums:
    """What least squares needs of the samples of every loop: their number, and sums of x, y, x xᵀ and x yᵀ."""

    def __init__(self) -> None:
        self.count, self.x, self.y, self.xx, self.xy = 0, *(torch.zeros(()) for _ in range(4))

    def add(self, x: Tensor, y: Tensor) -> None:
        """Add samples: x (loops + 1, samples, features), y (samples, outputs)."""
        self.count += len(y)
        self.x, self.y, self.xx, self.xy = self.x + x.sum(1), self.y + y.sum(0), self.xx + x.mT @ x, self.xy + x.mT @ y

    def solve(self, ridge: float) -> tuple[Tensor, Tensor]:
        """Return weights (loops + 1, features, outputs) and bias (loops + 1, 1, outputs)."""
        x, y = self.x / self.count, self.y / self.count
        squares = self.xx / self.count
        covariance = squares - x[:, :, None] * x[:, None]
        variance = covariance.diagonal(dim1=1, dim2=2)
        varies = variance > STILL * squares.diagonal(dim1=1, dim2=2)
        scale = torch.where(varies, variance.rsqrt(), 0)[:, :, None]  # to variance one; what does not vary is left out
        penalty = ridge * torch.eye(scale.shape[1], dtype=scale.dtype)
        weights = scale * torch.linalg.solve(
            scale * covariance * scale.mT + penalty, scale * (self.xy / self.count - x[:, :, None] * y)
        )
        return weights, y - x[:, None] @ weights
