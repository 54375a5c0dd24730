"""Functions for the theorem of 2410.01405 to approximate: permutation-equivariant by construction, of any roughness.

f(X)_n = g(x_n) + h(Σ_m x_m), X in [0, 1]^N. The first part depends on the token alone, the second on all tokens in no
order. Each part is a curve: a wave, whose frequency is dialled, or straight lines between values that a person drew.

Of such functions more is known than a search can tell. With ω(c, δ) the modulus of a curve c, exact below,

    contextual   w_cont(δ)  = ω(h, δ √(N−1))                       since x_n stands still and the others move together
    token        w_tok(δ)  ≤ ω(g, δ) + ω(h, δ)
    sequence     w(δ)      ≤ min(L δ, √N ω(g, δ)) + √N ω(h, δ √N)   with L the steepest slope of g, for p = 2
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

MOST = 1_000.0
KNOTS = (2, 65)
"""How many values a drawn curve may have."""


class Curve(Protocol):
    """A curve over [0, span]."""

    def of(self, x: Tensor, span: float) -> Tensor:
        """Return its value at each x, differentiable, any shape."""
        ...

    def turns(self, span: float) -> NDArray[np.float64]:
        """Return 0, span and all x between where it turns or bends."""
        ...

    def steepest(self, span: float) -> NDArray[np.float64]:
        """Return the x between where its slope has an extremum and is continuous."""
        ...

    def slope(self, span: float) -> float:
        """Return an upper bound of its slope."""
        ...

    @property
    def text(self) -> str:
        """Return it as links write it."""
        ...


@dataclass(frozen=True)
class Wave:
    """size · sin(frequency · x), or cos. Raises ValueError with one sentence for numbers that make no sense."""

    shape: str = "sin"
    frequency: float = 3.0
    size: float = 1.0

    def __post_init__(self) -> None:
        if self.shape not in ("sin", "cos"):
            raise ValueError(f"there is no wave {self.shape[:40]!r}; a wave is sin or cos.")
        for name in ("frequency", "size"):
            value = getattr(self, name)
            if not (np.isfinite(value) and abs(value) <= MOST):
                raise ValueError(f"{name} is {value}; a frequency or a size is a number from -1000 to 1000.")

    def of(self, x: Tensor, span: float) -> Tensor:
        """Return its value at each x, differentiable, any shape."""
        return self.size * (torch.sin if self.shape == "sin" else torch.cos)(self.frequency * x)

    def turns(self, span: float) -> NDArray[np.float64]:
        """Return 0, span and all x between where it turns."""
        return np.concatenate([[0.0, span], self._phases(span, 0.5 if self.shape == "sin" else 0.0)])

    def steepest(self, span: float) -> NDArray[np.float64]:
        """Return the x between where it crosses zero."""
        return self._phases(span, 0.0 if self.shape == "sin" else 0.5)

    def slope(self, span: float) -> float:
        """Return its steepest slope."""
        return abs(self.frequency * self.size)

    def _phases(self, span: float, first: float) -> NDArray[np.float64]:
        """Return all x in [0, span] with frequency · x = (first + k) π."""
        if not self.frequency:
            return np.empty(0)
        period = math.pi / abs(self.frequency)
        found = (np.arange(math.floor(span / period) + 1, dtype=np.float64) + first) * np.float64(period)
        return np.asarray(found[found <= span], np.float64)

    @property
    def text(self) -> str:
        """Return it as links write it."""
        return f"{self.shape},{self.frequency:g},{self.size:g}"


@dataclass(frozen=True)
class Drawn:
    """Straight lines between values that stand evenly over [0, span]. Raises ValueError with one sentence."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        low, high = KNOTS
        if not low <= len(self.values) <= high:
            raise ValueError(f"a drawn curve has {len(self.values)} values; it has from {low} to {high}.")
        if not all(np.isfinite(value) and abs(value) <= MOST for value in self.values):
            raise ValueError("a value of a drawn curve is a number from -1000 to 1000.")

    def of(self, x: Tensor, span: float) -> Tensor:
        """Return its value at each x, differentiable, any shape."""
        values = torch.tensor(self.values, dtype=torch.float64)
        at = (x.double() * ((len(values) - 1) / span)).clamp(0, len(values) - 1)
        left = at.detach().floor().long().clamp_max(len(values) - 2)
        return values[left] + (at - left) * (values[left + 1] - values[left])

    def turns(self, span: float) -> NDArray[np.float64]:
        """Return where the values stand."""
        return np.linspace(0, span, len(self.values))

    def steepest(self, span: float) -> NDArray[np.float64]:
        """Return nothing: it is straight between its bends."""
        return np.empty(0)

    def slope(self, span: float) -> float:
        """Return its steepest slope."""
        return float(np.abs(np.diff(self.values)).max()) * (len(self.values) - 1) / span

    @property
    def text(self) -> str:
        """Return it as links write it."""
        return ",".join(["drawn", *(f"{value:g}" for value in self.values)])


def read_curve(text: str) -> Curve:
    """Read what `text` of a curve wrote. Raises ValueError with one sentence.

    >>> read_curve("sin,3,1"), read_curve("drawn,0,1,0").text
    (Wave(shape='sin', frequency=3.0, size=1.0), 'drawn,0,1,0')
    """
    name, *numbers = text[:2_000].split(",")
    try:
        values = tuple(map(float, numbers))
    except ValueError:
        raise ValueError(
            f"{text[:40]!r} is no curve; a curve is like sin,3,1 (frequency, size) or drawn,0,1,0."
        ) from None
    if name == "drawn":
        return Drawn(values)
    if len(values) != 2:
        raise ValueError(f"{text[:40]!r} is no curve; a wave has a frequency and a size, like sin,3,1.")
    return Wave(name, *values)


def modulus(curve: Curve, delta: float, span: float) -> float:
    """Return sup |c(u) − c(v)| over u, v in [0, span] with |u − v| ≤ delta: exact.

    Where neither u nor v is at an end, the slopes at both are equal (the pair is as long as it may be) or zero, so that
    one of both is where the curve turns or bends, or the pair stands evenly about where it is steepest.
    """
    delta = min(delta, span)
    turns, middles = curve.turns(span), curve.steepest(span)
    starts = np.concatenate([turns, turns, middles - delta / 2])
    ends = np.concatenate([turns + delta, turns - delta, middles + delta / 2])
    inside = (np.minimum(starts, ends) >= -1e-12) & (np.maximum(starts, ends) <= span + 1e-12)
    pairs = np.clip(np.stack([starts[inside], ends[inside]]), 0, span)
    apart = np.abs(turns[:, None] - turns) <= delta + 1e-12
    u, v = np.broadcast_to(turns[:, None], apart.shape)[apart], np.broadcast_to(turns, apart.shape)[apart]
    both = torch.as_tensor(np.concatenate([pairs, np.stack([u, v])], axis=1))
    values = curve.of(both, span).numpy()
    return float(np.abs(values[0] - values[1]).max())


@dataclass(frozen=True)
class Target:
    """f(X)_n = g(x_n) + h(Σ x)."""

    token: Curve = Wave("sin", 3.0, 1.0)  # g
    context: Curve = Wave("cos", 2.0, 0.5)  # h

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return f of the tokens x (..., N): (..., N)."""
        return self.of(torch.as_tensor(np.asarray(x, np.float64))).numpy()

    def of(self, x: Tensor) -> Tensor:
        """Return f of the tokens x (..., N), differentiable: (..., N)."""
        return self.token.of(x, 1.0) + self.context.of(x.sum(-1, keepdim=True), float(x.shape[-1]))

    def answers(self, x: ArrayLike, dims: int) -> NDArray[np.float64]:
        """Return f of tokens x of one number (..., N), or of two (..., N, 2), in the same shape.

        Of two numbers each has its own g, and all numbers of all tokens share h: f(X)_ni = g(x_ni) + h(Σ x).
        """
        if dims == 1:
            return self(x)
        at = torch.as_tensor(np.asarray(x, np.float64))
        own = self.token.of(at, 1.0)
        return (own + self.context.of(at.sum((-1, -2), keepdim=True), float(at.shape[-2] * dims))).numpy()

    def batch(self, x: Tensor) -> Tensor:
        """Return f of inputs (batch, N, 1): (batch, N, 1), as `looped.theory.moduli` asks for it."""
        return self.of(x[..., 0])[..., None]

    def certified(self, kind: str, delta: float, tokens: int) -> float:
        """Return what the modulus of that name is at most, for p = 2; the contextual one is exactly that."""
        if kind == "contextual":
            together = min(delta * math.sqrt(tokens - 1), float(tokens - 1))
            return modulus(self.context, together, float(tokens)) if tokens > 1 else 0.0
        if kind == "token":
            one = min(delta, 1.0)
            return modulus(self.token, one, 1.0) + modulus(self.context, one, float(tokens))
        root = math.sqrt(tokens)
        own = min(self.token.slope(1.0) * delta, root * modulus(self.token, delta, 1.0))
        return own + root * modulus(self.context, delta * root, float(tokens))


def drawn_like(curve: Curve, span: float, knots: int) -> tuple[float, ...]:
    """Return the values of a curve where those of a drawn one stand, in hundredths."""
    if isinstance(curve, Drawn) and len(curve.values) == knots:
        return curve.values
    values: Iterable[float] = curve.of(torch.linspace(0, span, knots, dtype=torch.float64), span).tolist()
    return tuple(round(value, 2) for value in values)


_HAT = tuple(round(abs(i / 16 - 0.5), 3) for i in range(17))
_STEP = tuple(float(i > 8) for i in range(17))
PRESETS: dict[str, Target] = {
    "sine and cosine": Target(),
    "token alone": Target(Wave("sin", 3, 1), Wave("cos", 2, 0)),
    "context alone": Target(Wave("sin", 3, 0), Wave("cos", 2, 0.5)),
    "rough in the token": Target(Wave("sin", 12, 1), Wave("cos", 2, 0.5)),
    "rough in the context": Target(Wave("sin", 3, 1), Wave("cos", 8, 0.5)),
    "distance from the middle": Target(Drawn(_HAT), Drawn((0.0, 0.0))),
    "a steep step": Target(Drawn(_STEP), Drawn((0.0, 0.0))),
}
"""Functions to begin with, by name; the first is that of the measurements in `assets/docs`."""
