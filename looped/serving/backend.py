"""The seam of the engine: what may compute runs for it. There are two of them.

`looped.serving.engine.InProcess` computes in the app's own process, in turn. `looped.serving.remote.Replicas` asks
the replicas that `python -m looped serve` starts on Ray Serve. The engine finds checkpoints, computes nothing twice
and keeps results, whatever computes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from looped.runs.trace import Trace

if TYPE_CHECKING:
    from looped.serving.engine import Engine

Value = TypeVar("Value")
Packed = dict[str, Any]


class Done(NamedTuple, Generic[Value]):
    """What was computed, and a sentence for whoever waited for it where something went wrong meanwhile."""

    made: Value
    said: str = ""


class Backend(Protocol):
    """What computes runs for an engine, for any number of threads at once."""

    def device(self, engine: Engine) -> str:
        """Return what runs are computed on, as pages say it."""

    def trouble(self) -> str | None:
        """Return in a sentence why this is not as it should be, None where it is."""

    def told(self) -> list[str]:
        """Return lines about it for /status."""

    def trace(self, engine: Engine, name: str, tokens: np.ndarray, loops: int) -> Done[Trace]:
        """Record one run. Raises ValueError as `Engine.computed` does."""

    def packed(
        self, engine: Engine, name: str, tokens: np.ndarray, loops: int, pack: Callable[[Trace], Packed]
    ) -> Done[Packed]:
        """Record one run and pack it. Raises ValueError as `Engine.computed` does."""
