"""Two words and a number about them: edit distance, longest common subsequence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from looped.tasks.protocol import Task


def makers() -> dict[str, Callable[[], Task]]:
    """Return what makes each task of this room, by name."""
    from looped.tasks.words import edit_distance, lcs

    found: dict[str, Callable[[], Task]] = {}
    for border, mark in ((edit_distance.GAP, ""), (1, "-border1")):
        for size in edit_distance.SIZES:
            found[f"edit_distance{size}{mark}"] = partial(edit_distance.EditDistance, size, border)
    return found | {f"lcs{size}": partial(lcs.LCS, size) for size in lcs.SIZES}
