"""Functions for the theorem of 2410.01405 to approximate, whose smoothness can be dialled.

f(X)_n = A sin(a x_n) + B cos(b Σ_m x_m), X in [0, 1]^N: the first part depends on the token alone, the second on all
tokens, in no order, so that f is permutation-equivariant. The frequency a sets how fast f changes with the token, b how
fast it changes with the context.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


@dataclass(frozen=True)
class Target:
    """One such function. Raises ValueError with one sentence for numbers that are not finite."""

    token: float = 3.0  # a
    context: float = 2.0  # b
    token_size: float = 1.0  # A
    context_size: float = 0.5  # B

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not np.isfinite(value) or abs(value) > 1_000:
                raise ValueError(f"{name} is {value}; a frequency or a size is a number from -1000 to 1000.")

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return f of the tokens x (..., N): (..., N)."""
        return self.of(torch.as_tensor(np.asarray(x, np.float64))).numpy()

    def of(self, x: Tensor) -> Tensor:
        """Return f of the tokens x (..., N), differentiable: (..., N)."""
        total = x.sum(-1, keepdim=True)
        return self.token_size * torch.sin(self.token * x) + self.context_size * torch.cos(self.context * total)
