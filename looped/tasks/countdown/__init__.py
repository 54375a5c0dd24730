"""Countdown: make a target of some numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from looped.tasks.protocol import Task


def makers() -> dict[str, Callable[[], Task]]:
    """Return what makes each task of this room, by name."""
    from looped.tasks.countdown.forms import FORMS
    from looped.tasks.countdown.task import Countdown

    return {name: partial(Countdown, name) for name in FORMS}
