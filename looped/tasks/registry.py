"""Which tasks there are.

Each room registers its names here, in one line; a room is imported when a task of it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from looped.tasks.protocol import Task

Makers = dict[str, Callable[[], Task]]
ROOMS = tuple(found.name for found in iter_modules([str(Path(__file__).parent)]) if found.ispkg)
"""Folders of this package. Each offers `makers() -> Makers`: what makes each of its tasks, by name."""
HOME = "sudoku9"
"""A task of the page that the app opens with."""


@cache
def makers() -> Makers:
    """Return what makes each task, by name; the names carry the size. Raises ValueError for a name given twice."""
    found: Makers = {}
    for room in ROOMS:
        for name, make in import_module(f"looped.tasks.{room}").makers().items():
            if name in found:
                raise ValueError(f"two rooms call a task {name!r}; rename the one in looped.tasks.{room}.")
            found[name] = make
    return found


@cache
def get(name: str) -> Task:
    """Return the task called `name`. Raises ValueError when there is none."""
    known = makers()
    if name not in known:
        raise ValueError(f"there is no task called {name!r}; known tasks: {', '.join(known)}.")
    return known[name]()
