"""The three moduli of continuity of 2410.01405, found by search, and the bound of its Theorem 3.6 made of them.

For f that maps X in [0, 1]^(N × d) to N × d, with the 2-norm of the input and the p-norm of the output:

    sequence     w(δ)      = sup |f(X) − f(X')|_p       over |X − X'|_2 ≤ δ
    contextual   w_cont(δ) = sup |f(X)_n − f(X')_n|_p   over n and |X − X'|_2 ≤ δ with X_n = X'_n
    token        w_tok(δ)  = sup |f(X)_n − f(X')_n|_p   over n and |X_n − X'_n|_2 ≤ δ with all other tokens equal

A search finds a pair that differs by so much, so that its result is a *lower bound*; it says how many pairs were tried
and whether the last tenth of the search still found larger ones. Tokens are rows here, columns in the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Kind = Literal["sequence", "contextual", "token"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Function = Callable[[Tensor], Tensor]
"""A differentiable function of inputs (batch, N, d): (batch, N, outputs)."""


@dataclass(frozen=True)
class Effort:
    """How long is searched: random starts, each improved by so many steps of projected gradient ascent."""

    starts: int = 64
    steps: int = 60
    seed: int = 0

    def __post_init__(self) -> None:
        if self.starts < 1 or self.steps < 1:
            raise ValueError("a search needs at least one start and one step.")


class Found(NamedTuple):
    """A lower bound of a modulus, and the pair that attains it."""

    value: float
    input: NDArray[np.float64]  # X, (N, d)
    other: NDArray[np.float64]  # X', (N, d)
    position: int | None  # n; None for the sequence modulus
    pairs: int  # how many pairs were evaluated
    growing: bool  # whether the last tenth of the search raised the bound by more than a thousandth


def search(
    function: Function, kind: Kind, delta: float, tokens: int, dims: int = 1, p: float = 2.0, effort: Effort = Effort()
) -> Found:
    """Maximise the change of a function over pairs no further apart than delta; see `curve`."""
    return curve(function, kind, (delta,), tokens, dims, p, effort)[0]


def curve(
    function: Function,
    kind: Kind,
    deltas: Sequence[float],
    tokens: int,
    dims: int = 1,
    p: float = 2.0,
    effort: Effort = Effort(),
) -> list[Found]:
    """Maximise the change of a function over pairs no further apart than each delta, by ascent from random pairs.

    All distances are searched together, each from as many starts as `effort` says, and a pair that is found for one is
    one for every larger delta, too, so that what is returned never falls as delta grows.

    A pair is an input and what is added to it, so that one gradient moves the pair and the other turns it. The pair
    moves by the signs of its gradient, ever less, so that a coordinate that has met the box does not hold back the
    others; after each step it goes back into the box and the ball. Where a function is flat, as a step is beside its
    edge, the next pair is drawn near the best. Raises ValueError for a kind, a distance or a number of tokens that has
    no such pairs.
    """
    _check(kind, deltas, tokens)
    generator = torch.Generator().manual_seed(effort.seed)
    count = effort.starts * len(deltas)
    shape = (count, tokens, dims)
    far = torch.tensor(deltas, dtype=torch.float64).repeat_interleave(effort.starts)[:, None, None]
    x = torch.rand(shape, generator=generator, dtype=torch.float64)
    away = torch.randn(shape, generator=generator, dtype=torch.float64)
    at = torch.arange(count) % tokens  # n of each pair
    free = _free(kind, at, tokens)[..., None]
    pair = _project(x, far * _unit(away * free), free, far)
    best = torch.zeros(count, dtype=torch.float64)
    kept: tuple[Tensor, ...] = pair
    early = best
    for step in range(effort.steps):
        leaves = tuple(part.detach().requires_grad_() for part in pair)
        change = _change(function, leaves, kind, at, p)
        better = (change > best).detach()
        best = torch.where(better, change.detach(), best)
        kept = tuple(torch.where(better[:, None, None], new, old) for new, old in zip(pair, kept, strict=True))
        if step == int(0.9 * effort.steps):
            early = best
        slopes = torch.autograd.grad(change.sum(), leaves)
        rate = 0.1 * (1 - step / effort.steps)
        moved = (pair[0] + rate * slopes[0].sign(), pair[1] + 10 * far * rate * _unit(slopes[1]))
        flat = (slopes[1] == 0).flatten(1).all(1)[:, None, None]  # no slope says where to go: near the best pair, then
        noise = torch.randn((2, *shape), generator=generator, dtype=torch.float64)
        near = (kept[0] + rate * noise[0], kept[1] + 10 * far * rate * noise[1])
        x, apart = (torch.where(flat, a, b) for a, b in zip(near, moved, strict=True))
        pair = _project(x, apart, free, far)
    found = [
        _best(kind, best, early, kept, at, slice(i, i + effort.starts), effort) for i in range(0, count, effort.starts)
    ]
    return _rising(found, deltas)


def _check(kind: Kind, deltas: Sequence[float], tokens: int) -> None:
    """Raise ValueError where there are no pairs to search."""
    if kind not in KINDS:
        raise ValueError(f"there is no modulus {kind!r}; moduli: {', '.join(KINDS)}.")
    for delta in deltas:
        if not delta > 0:
            raise ValueError(f"delta is {delta}; a distance above 0 is needed.")
    if kind == "contextual" and tokens < 2:
        raise ValueError("one token has no context: the contextual modulus needs at least 2 tokens.")


def _best(
    kind: Kind, best: Tensor, early: Tensor, kept: tuple[Tensor, ...], at: Tensor, part: slice, effort: Effort
) -> Found:
    """Return the best pair of those that belong to one distance."""
    top = part.start + int(best[part].argmax())
    value = float(best[top])
    return Found(
        value,
        kept[0][top].numpy(),
        (kept[0] + kept[1])[top].numpy(),
        None if kind == "sequence" else int(at[top]),
        effort.starts * effort.steps,
        value > 1.001 * float(early[part].max()),
    )


def _rising(found: list[Found], deltas: Sequence[float]) -> list[Found]:
    """Return for each distance the best pair of all that are no further apart."""
    result = []
    for delta in deltas:
        allowed = [one for one, other in zip(found, deltas, strict=True) if other <= delta]
        best = max(allowed, key=lambda one: one.value)
        own = found[list(deltas).index(delta)]
        result.append(own if own.value >= best.value else best._replace(growing=own.growing))
    return result


class Bound(NamedTuple):
    """The right side of Theorem 3.6, term by term; the orders have unknown constants and are given for constant 1."""

    token: float  # (Nd)^(1/p) w_tok(δ√d)
    contextual: float  # (Nd)^(1/p) w_cont(δ√(Nd))
    sequence: float  # w(δ√(Nd))
    collision: float  # order N^(2/p) δ^(d/p): two tokens in one cell
    slope: float  # order (N d / (M δ))^(1/p): the ramp of the step that quantises

    @property
    def moduli(self) -> float:
        """The three terms whose constants are known."""
        return self.token + self.contextual + self.sequence


def bound(
    function: Function, cells: int, tokens: int, slope: float, dims: int = 1, p: float = 2.0, effort: Effort = Effort()
) -> Bound:
    """Return the terms for δ = 1 / cells. Made of lower bounds of the moduli, their sum is one too.

    Sources disagree on whether w stands inside the bracket that (Nd)^(1/p) multiplies; here it does not, since it
    bounds the norm of a whole matrix and the other two an error of each coordinate.
    """
    delta, size = 1.0 / cells, tokens * dims
    near, far = delta * dims**0.5, delta * size**0.5
    factor = size ** (1 / p)
    context = search(function, "contextual", far, tokens, dims, p, effort).value if tokens > 1 else 0.0
    return Bound(
        factor * search(function, "token", near, tokens, dims, p, effort).value,
        factor * context,
        search(function, "sequence", far, tokens, dims, p, effort).value,
        tokens ** (2 / p) * delta ** (dims / p),
        (size / (slope * delta)) ** (1 / p),
    )


def _free(kind: Kind, at: Tensor, tokens: int) -> Tensor:
    """Return which tokens of each pair may differ: (starts, tokens) of 0 and 1."""
    own = torch.nn.functional.one_hot(at, tokens).double()
    return {"token": own, "contextual": 1 - own, "sequence": torch.ones_like(own)}[kind]


def _project(x: Tensor, apart: Tensor, free: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    """Return an input inside the box [0, 1] and what is added to it: zero where not free, no longer than delta."""
    x, apart = x.clamp(0, 1), apart * free
    length = torch.linalg.vector_norm(apart.flatten(1), dim=1).clamp_min(1e-300)[:, None, None]
    apart = apart * (delta / length).clamp_max(1)
    return x, (x + apart).clamp(0, 1) - x


def _unit(x: Tensor) -> Tensor:
    """Return each row of a batch with norm 1; a row of zeros stays."""
    length: Tensor = torch.linalg.vector_norm(x.flatten(1), dim=1)
    return x / length.clamp_min(1e-300)[:, None, None]


def _change(function: Function, pair: tuple[Tensor, ...], kind: Kind, at: Tensor, p: float) -> Tensor:
    """Return by how much the function changes within each pair: (starts,)."""
    x, apart = pair
    change = function(x + apart) - function(x)
    if kind != "sequence":
        change = change[torch.arange(len(at)), at]
    found: Tensor = torch.linalg.vector_norm(change.flatten(1), p, dim=1)
    return found
