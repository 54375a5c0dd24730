"""Paths: which cells of a grid with walls can be reached from a source."""

from looped.tasks.paths.task import Paths

__all__ = ["Paths"]
