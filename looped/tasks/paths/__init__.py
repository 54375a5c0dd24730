"""Paths: which cells of a grid with walls can be reached from a source."""

from __future__ import annotations

from looped.tasks.paths.task import Paths
from looped.tasks.registry import Makers


def makers() -> Makers:
    """Return what makes the one task of this room."""
    return {"paths": Paths}
