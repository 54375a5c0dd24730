"""How busy an engine is: what it was asked, what it knew already, how long its answers took."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

import numpy as np

LAST = 1000  # answers of which percentiles are told


class Told(NamedTuple):
    """The counts of a moment. seconds: those of the last answers, as they came."""

    asked: int
    known: int
    seconds: tuple[float, ...]

    @property
    def hit_rate(self) -> float:
        """The share of what was asked that was known already; 0 before anything was asked."""
        return self.known / self.asked if self.asked else 0.0

    def quantile(self, share: float) -> float:
        """Return the seconds within which such a share of the last answers was there; NaN before the first."""
        return float(np.quantile(self.seconds, share)) if self.seconds else float("nan")


class Activity:
    """Counts for any number of threads.

    >>> activity = Activity()
    >>> activity.note(0.5, known=False); activity.note(0.1, known=True)
    >>> activity.told().hit_rate, activity.told().quantile(1)
    (0.5, 0.5)
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._asked = self._known = 0
        self._seconds: deque[float] = deque(maxlen=LAST)

    def note(self, seconds: float, known: bool) -> None:
        """Count an answer: how long it took, waiting included, and whether it was known already."""
        with self._guard:
            self._asked += 1
            self._known += known
            self._seconds.append(seconds)

    def told(self) -> Told:
        """Return the counts of now."""
        with self._guard:
            return Told(self._asked, self._known, tuple(self._seconds))
