"""The timestep encoding of a TMLT: gates and scales as functions of the loop (arXiv 2410.01405, section 4.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model.config import Config


class TimestepEncoding(nn.Module):
    """α1, α2, γ1, γ2 as functions of the loop t, which may be fractional or beyond the trained loops.

    s(t)  = [cos(t f_k), sin(t f_k)],  f_k = 10000^(-k/128),  k = 0 … 127
    TE(t) = W2 SiLU(W1 s(t) + b1) + b2
    W5 SiLU(TE(t)) + b5 → four vectors per layer; γ = 1 + the last two, so that zero weights leave N(x) as it is
    """

    FREQUENCIES = 128

    def __init__(self, config: Config) -> None:
        super().__init__()
        d = config.d_model
        self.layers = config.layers
        self.w1 = nn.Linear(2 * self.FREQUENCIES, d)
        self.w2 = nn.Linear(d, d)
        self.w5 = nn.Linear(d, 4 * d * config.layers)
        self.cached: dict[float, tuple[Tensor, Tensor]] | None = None

    def cache_scales(self) -> None:
        """Cache the scales of each t. Use for inference only: cached tensors carry no gradient."""
        self.cached = {}

    def share_cache(self, other: TimestepEncoding) -> None:
        """Use the cache of another encoding that has the same weights."""
        self.cached = other.cached

    def compute(self, t: float | Tensor) -> tuple[Tensor, Tensor]:
        """Compute TE(t), (d_model,), and the scales of `forward`. For many t, (count,), both begin with that axis."""
        weight = self.w1.weight
        k = torch.arange(self.FREQUENCIES, device=weight.device, dtype=torch.float32)
        angle = (t[:, None] if isinstance(t, Tensor) else t) * 10000 ** (-k / self.FREQUENCIES)  # (…, 128)
        s = torch.cat((angle.cos(), angle.sin()), -1).to(weight.dtype)  # (…, 256)
        encoded: Tensor = self.w2(F.silu(self.w1(s)))  # (…, d_model)
        raw: Tensor = self.w5(F.silu(encoded)).unflatten(-1, (self.layers, 4, -1))  # (…, layers, 4, d_model)
        one = torch.tensor([0.0, 0.0, 1.0, 1.0], device=raw.device, dtype=raw.dtype)
        return encoded, raw + one[:, None]

    def encode(self, t: float) -> Tensor:
        """Return TE(t), (d_model,)."""
        return self._both(t)[0]

    def forward(self, t: float) -> Tensor:
        """Return the scales of loop t, (layers, 4, d_model), in the order α1, α2, γ1, γ2 and in the paper's sense."""
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
