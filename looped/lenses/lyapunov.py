"""Does a loop drive nearby states apart, on the way that this run takes? Finite-time Lyapunov exponents.

A few random directions are carried along a run by the Jacobians of its loops, and made orthonormal again after each of
them (Benettin et al. 1980; the QR method of arXiv 2505.19458). By what factor a direction grows in a loop, as a natural
logarithm and as a mean over loops, is its exponent. The spectral radius of one Jacobian (`looped.lenses.fixed_point`)
says what would become of a tiny difference if every loop were this one; the exponent, what becomes of it in this run.
Above zero nearby runs part, below zero they meet.

In a run of finite length directions have not found their order, so that they are sorted by what they grew, and what
is found depends on the random start, so that several are made. Nor is the largest exponent a bound: some difference may
grow more over as many loops (`largest_growth`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.fixed_point import LEVEL, Map, largest_eigenvalue, pulling, pushing
from looped.runs.needs import ONE_STATE

NEEDS = ONE_STATE

DIRECTIONS = 4
STARTS = 3
DECIMALS = 4  # of an exponent that is judged and written
EXPANDS, LEVELS, CONTRACTS = 1, 0, -1


class Lyapunov(NamedTuple):
    """What became of the directions so far, in natural logarithms: 0.69 doubles a difference in a loop.

    In each start the directions are in the order of `late`, the largest first.
    """

    local: np.ndarray  # (starts, loops, directions) by how much a direction grew in each loop
    exponents: np.ndarray  # (starts, directions) the mean over all loops
    late: np.ndarray  # (starts, directions) the mean over the last half of them

    @property
    def kind(self) -> int:
        """Return whether the late loops drive nearby states apart: see `judged`."""
        return judged(self.late[:, 0])


def judged(largest: np.ndarray) -> int:
    """Return EXPANDS, LEVELS or CONTRACTS by the largest exponents from several random starts, (starts,).

    A side is taken where all of them, as they are written, are further from zero than `LEVEL`, on that side.

    >>> judged(np.array([0.0085, 0.0145])), judged(np.array([0.01004])), judged(np.array([-0.02, -0.0102]))
    (0, 0, -1)
    """
    written = np.round(largest, DECIMALS)
    if (written > LEVEL).all():
        return EXPANDS
    return CONTRACTS if (written < -LEVEL).all() else LEVELS


def lyapunov(
    maps: Sequence[Map], hidden: np.ndarray, directions: int = DIRECTIONS, seed: int = 0, starts: int = STARTS
) -> Iterator[Lyapunov]:
    """Carry directions along the states hidden (maps, positions, width), where maps[t] makes the next one of hidden[t].

    Such as trace.hidden[:-1] with [loop_map(model, tokens, t) for each t]. Yields what is known after every loop. A
    direction that a map sends to zero has a logarithm of −inf. The directions of the i-th start are fixed by seed + i.
    Raises ValueError without a map, and for more directions than a state has numbers.

    >>> shrink = torch.diag(torch.tensor([2.0, 0.5, 0.25]))
    >>> *_, found = lyapunov([lambda h: h @ shrink] * 40, np.ones((40, 1, 3), np.float32), directions=3, starts=1)
    >>> found.late.round(3).tolist(), found.kind  # the logarithms of 2, 1/2 and 1/4
    ([[0.693, -0.693, -1.386]], 1)
    """
    _some(maps)
    size = hidden[0].size
    if not 1 <= directions <= size:
        raise ValueError(f"directions is {directions}; a state of {size} numbers has from 1 to {size}.")
    bases = [_start(size, directions, seed + start) for start in range(starts)]
    carried = np.zeros((starts, len(maps), directions))
    for loop, (one, at) in enumerate(zip(maps, hidden, strict=True)):
        push = pushing(one, torch.tensor(at))
        for start, basis in enumerate(bases):
            pushed = torch.stack([push(v.reshape(at.shape).float()).flatten().double() for v in basis.T], 1)
            bases[start], factor = torch.linalg.qr(pushed)
            with np.errstate(divide="ignore"):
                carried[start, loop] = np.log(np.abs(factor.diagonal().numpy()))
        yield _sorted(carried[:, : loop + 1])


def _some(maps: Sequence[Map]) -> None:
    """Raise ValueError without a map."""
    if not len(maps):
        raise ValueError("without a loop nothing grows: there must be one map or more.")


def _start(size: int, directions: int, seed: int) -> torch.Tensor:
    """Return random orthonormal directions, (size, directions)."""
    drawn = np.random.default_rng(seed).standard_normal((size, directions))
    basis: torch.Tensor = torch.linalg.qr(torch.tensor(drawn, dtype=torch.float64))[0]
    return basis


def _sorted(local: np.ndarray) -> Lyapunov:
    """Return what is known of local (starts, loops, directions), with the directions of each start in their order."""
    order = np.argsort(-local[:, local.shape[1] // 2 :].mean(1), axis=1, kind="stable")
    local = np.take_along_axis(local, order[:, None], axis=2)
    return Lyapunov(local, local.mean(1), local[:, local.shape[1] // 2 :].mean(1))


def largest_growth(maps: Sequence[Map], hidden: np.ndarray, seed: int = 0) -> float:
    """Return by how much the difference that grows most over all maps grows in a loop, as a mean natural logarithm.

    Arguments as in `lyapunov`. It is ln σ / loops with σ the largest singular value of the product of the Jacobians,
    which no exponent of a direction over these loops exceeds. Found by Arnoldi's method, at a cost of some dozens of
    passes through the maps and back. −inf where everything is sent to zero. Raises ValueError
    without a map.

    >>> shear = torch.tensor([[0.5, 0.0], [3.0, 0.5]])  # after many loops 0.5 each; in the first some grow 3.08 times
    >>> round(largest_growth([lambda h: h @ shear], np.ones((1, 1, 2), np.float32)), 3)
    1.125
    """
    _some(maps)
    hidden = hidden.astype(np.float32)  # the directions that are carried along are float32, too

    def there_and_back(v: torch.Tensor) -> torch.Tensor:
        for one, at in zip(maps, hidden, strict=True):
            v = pushing(one, torch.tensor(at))(v)
        for one, at in zip(reversed(maps), hidden[::-1], strict=True):
            v = pulling(one, torch.tensor(np.array(at)))(v)
        return v

    first = torch.randn(hidden[0].shape, generator=torch.Generator().manual_seed(seed))
    squared, _, _ = largest_eigenvalue(there_and_back, first)
    return math.log(squared) / (2 * len(maps)) if squared > 0 else -math.inf
