"""Times of functions that run in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def interleaved(functions: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median seconds of each function. They run in turns, so that a busy moment of the machine hits all."""
    seconds: list[list[float]] = [[] for _ in functions]
    for turn in range(rounds + 2):
        for function, kept in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            if turn >= 2:  # the first ones warm caches
                kept.append(time.perf_counter() - started)
    return [statistics.median(kept) for kept in seconds]
