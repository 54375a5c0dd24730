"""Synthetic functions whose moduli of continuity are known exactly: what trained networks are asked to learn.

Each is permutation-equivariant on tokens x of [0, 1] and depends on the token alone or on all tokens in no order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from looped.theory.targets import Curve, Drawn, Target, Wave, modulus

FLAT = Drawn((0.0, 0.0))


@dataclass(frozen=True)
class Known:
    """A function with its name: f(X)_n = g(x_n) + h(Σ x), where one of both is flat."""

    name: str
    target: Target

    def of(self, x: Tensor) -> Tensor:
        """Return f of tokens (…, N): (…, N)."""
        return self.target.of(x.double()).to(x.dtype)

    def modulus(self, kind: str, delta: float, tokens: int) -> float:
        """Return the token or the contextual modulus: exact, since one part is flat."""
        if kind == "token":
            own = modulus(self.target.token, min(delta, 1.0), 1.0)
            return max(own, modulus(self.target.context, min(delta, 1.0), float(tokens)))
        return self.target.certified("contextual", delta, tokens)


@dataclass(frozen=True)
class Largest:
    """The largest token of all, at every token: what attention has to pick. All its moduli are δ."""

    name: str = "the largest token"

    def of(self, x: Tensor) -> Tensor:
        """Return f of tokens (…, N): (…, N)."""
        return x.amax(-1, keepdim=True).expand_as(x)

    def modulus(self, kind: str, delta: float, tokens: int) -> float:
        """Return the token or the contextual modulus."""
        return min(delta, 1.0)


Function = Known | Largest


def of_token(name: str, curve: Curve) -> Known:
    """Return a function of the token alone."""
    return Known(name, Target(curve, FLAT))


def of_mean(name: str, frequency: float, tokens: int) -> Known:
    """Return sin(frequency · mean of all tokens)."""
    return Known(name, Target(FLAT, Wave("sin", frequency / tokens, 1.0)))


def mean(tokens: int) -> Known:
    """Return the mean of all tokens, at every token; its contextual modulus is δ √(N−1) / N."""
    return Known("the mean of all tokens", Target(FLAT, Drawn((0.0, 1.0))))


def folded(times: int) -> Drawn:
    """Return the tent map folded so many times over [0, 1]: 2^times straight lines up and down, one fold a loop.

    >>> folded(2).values
    (0.0, 1.0, 0.0, 1.0, 0.0)
    """
    return Drawn(tuple(float(i % 2) for i in range(2**times + 1)))


def waves(tokens: int) -> tuple[Known, ...]:
    """Return the functions of the rate experiment: two of each modulus, four times apart, and one that is folded."""
    turn = 2 * math.pi
    return (
        of_token("sin 2πx", Wave("sin", turn, 1.0)),
        of_token("sin 8πx", Wave("sin", 4 * turn, 1.0)),
        of_mean("sin 2π mean", turn, tokens),
        of_mean("sin 8π mean", 4 * turn, tokens),
        of_token("x folded three times", folded(3)),
    )
