"""Does a loop drive nearby states apart, on the way that this run takes? Finite-time Lyapunov exponents.

A few random directions are carried along a run by the Jacobians of its loops, and made orthonormal again after each of
them (Benettin et al. 1980; the QR method of arXiv 2505.19458). By what factor the i-th of them grows in a loop, as a
natural logarithm and as a mean over loops, is the i-th exponent. The spectral radius of one Jacobian
(`looped.lenses.fixed_point`) says what would become of a tiny difference if every loop were this one; the exponent,
what becomes of it in this run. Above zero nearby runs part, below zero they meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.fixed_point import Map, pushing
from looped.runs.needs import ONE_STATE

NEEDS = ONE_STATE

DIRECTIONS = 4
LEVEL = 0.01  # an exponent nearer to zero than this: differences neither grow nor shrink, to 1 % a loop
EXPANDS, LEVELS, CONTRACTS = 1, 0, -1


class Lyapunov(NamedTuple):
    """What became of the directions so far, in natural logarithms: 0.69 doubles a difference in a loop."""

    local: np.ndarray  # (loops, directions) by how much the i-th direction grew in each loop, the fastest first
    exponents: np.ndarray  # (directions,) the mean over all loops
    late: np.ndarray  # (directions,) the mean over the last half of them, when directions have found their order

    @property
    def kind(self) -> int:
        """Return whether the late loops drive nearby states apart: EXPANDS, LEVELS or CONTRACTS, by the first."""
        first = float(self.late[0])
        return EXPANDS if first > LEVEL else CONTRACTS if first < -LEVEL else LEVELS


def lyapunov(
    maps: Sequence[Map], hidden: np.ndarray, directions: int = DIRECTIONS, seed: int = 0
) -> Iterator[Lyapunov]:
    """Carry directions along the states hidden (maps, positions, width), where maps[t] makes the next one of hidden[t].

    Such as trace.hidden[:-1] with [loop_map(model, tokens, t) for each t]. Yields what is known after every loop. A
    direction that a map sends to zero has a logarithm of −inf. The seed fixes the directions. Raises ValueError for
    more directions than a state has numbers.

    >>> shrink = torch.diag(torch.tensor([2.0, 0.5, 0.25]))
    >>> *_, found = lyapunov([lambda h: h @ shrink] * 40, np.ones((40, 1, 3), np.float32), directions=3)
    >>> found.late.round(3).tolist(), found.kind  # the logarithms of 2, 1/2 and 1/4
    ([0.693, -0.693, -1.386], 1)
    """
    size = hidden[0].size
    if not 1 <= directions <= size:
        raise ValueError(f"directions is {directions}; a state of {size} numbers has from 1 to {size}.")
    rng = np.random.default_rng(seed)
    basis = torch.linalg.qr(torch.tensor(rng.standard_normal((size, directions)), dtype=torch.float64))[0]
    local = np.zeros((0, directions))
    for one, at in zip(maps, hidden, strict=True):
        push = pushing(one, torch.tensor(at))
        pushed = torch.stack([push(v.reshape(at.shape).float()).flatten().double() for v in basis.T], 1)
        basis, factor = torch.linalg.qr(pushed)
        with np.errstate(divide="ignore"):
            grown = np.log(np.abs(factor.diagonal().numpy()))
        local = np.concatenate([local, grown[None]])
        yield Lyapunov(local, local.mean(0), local[len(local) // 2 :].mean(0))
