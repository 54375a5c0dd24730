"""Turns at the device: who computes when. What is answered at once goes before steps of long questions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 5.0  # seconds after which a step of a long question waits no longer for others


class Turns:
    """So many may compute at once, on a CPU one for each core.

    Steps of long questions leave one turn to others (where there is more than one) and come when nobody else waits, or
    when they have waited for `patience` seconds: then one of them is next, so that a busy class only slows them down.

    beside: what is answered at once does not wait for the end of a step, but computes beside it. For a CPU, where
    the threads of long work stand back by themselves (`looped.serving.desk`) and a step may take a fifth of a second.
    """

    def __init__(self, count: int, patience: float = PATIENCE, beside: bool = False) -> None:
        self.count, self.patience, self.beside = count, patience, beside
        self.most_long = max(1, count - 1)
        self._changed = threading.Condition()
        self._short = self._long = 0  # under way
        self._waiting = 0  # short ones

    @contextmanager
    def short(self) -> Iterator[None]:
        """Compute something that somebody waits for at this moment."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(self._may_be_short)
            finally:
                self._waiting -= 1
            self._short += 1
        try:
            yield
        finally:
            with self._changed:
                self._short -= 1
                self._changed.notify_all()

    @contextmanager
    def long(self) -> Iterator[None]:
        """Compute a step of something that takes long."""
        ends = time.monotonic() + self.patience
        with self._changed:
            while not self._may_be_long(time.monotonic() >= ends):
                left = ends - time.monotonic()
                self._changed.wait(left if left > 0 else None)
            self._long += 1
        try:
            yield
        finally:
            with self._changed:
                self._long -= 1
                self._changed.notify_all()

    def _may_be_short(self) -> bool:
        """Say whether something that is answered at once may begin."""
        return self._short + (0 if self.beside else self._long) < self.count

    def _may_be_long(self, waited: bool) -> bool:
        """Say whether a step of a long question may begin."""
        free = self._short + self._long < self.count and self._long < self.most_long
        return free and (waited or not self._waiting)
