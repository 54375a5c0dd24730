"""The timestep encoding of a TMLT: gates and scales as functions of the loop (arXiv 2410.01405, section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = {"alpha1": 0.0, "alpha2": 0.0, "gamma1": 1.0, "gamma2": 1.0}
"""The vectors of a transformer's layer: what attention and the MLP add, and what they read; so that zero weights leave
N(x) as it is and add nothing."""


class TimestepEncoding(nn.Module):
    """α1, α2, γ1, γ2, or what else is modulated, as functions of the loop t.

    t may be fractional or beyond the trained loops.

    s(t)  = [cos(t f_k), sin(t f_k)],  f_k = 10000^(-k/128),  k = 0 … 127
    TE(t) = W2 SiLU(W1 s(t) + b1) + b2
    W5 SiLU(TE(t)) + b5 → the vectors of every layer, to each of which a constant is added

    `vectors` names them, gates before scales, each with its constant: what it is where the weights are zero.
    """

    FREQUENCIES = 128

    def __init__(self, width: int, layers: int, vectors: Mapping[str, float] = BLOCK) -> None:
        super().__init__()
        self.layers, self.names, self.base = layers, tuple(vectors), tuple(vectors.values())
        self.w1 = nn.Linear(2 * self.FREQUENCIES, width)
        self.w2 = nn.Linear(width, width)
        self.w5 = nn.Linear(width, len(vectors) * width * layers)
        self.cached: dict[float, tuple[Tensor, Tensor]] | None = None

    def cache_scales(self) -> None:
        """Cache the scales of each t. Use for inference only: cached tensors carry no gradient."""
        self.cached = {}

    def compute(self, t: float | Tensor) -> tuple[Tensor, Tensor]:
        """Compute TE(t), (width,), and the scales of `forward`. For many t, (count,), both begin with that axis."""
        weight = self.w1.weight
        k = torch.arange(self.FREQUENCIES, device=weight.device, dtype=torch.float32)
        angle = (t[:, None] if isinstance(t, Tensor) else t) * 10000 ** (-k / self.FREQUENCIES)  # (…, 128)
        s = torch.cat((angle.cos(), angle.sin()), -1).to(weight.dtype)  # (…, 256)
        encoded: Tensor = self.w2(F.silu(self.w1(s)))  # (…, width)
        raw: Tensor = self.w5(F.silu(encoded)).unflatten(-1, (self.layers, len(self.names), -1))
        base = torch.tensor(self.base, device=raw.device, dtype=raw.dtype)
        return encoded, raw + base[:, None]  # (…, layers, vectors, width)

    def encode(self, t: float) -> Tensor:
        """Return TE(t), (width,)."""
        return self._both(t)[0]

    def forward(self, t: float) -> Tensor:
        """Return the scales of loop t, (layers, vectors, width), in the order of `names` and in the paper's sense."""
        return self._both(t)[1]

    def _both(self, t: float) -> tuple[Tensor, Tensor]:
        """Return TE(t) and the scales, from the cache where there is one."""
        if self.cached is None:
            return self.compute(t)
        if t not in self.cached:
            # Tensors made in inference mode could not be used outside of it.
            with torch.inference_mode(False), torch.no_grad():
                self.cached[t] = self.compute(t)
        return self.cached[t]
