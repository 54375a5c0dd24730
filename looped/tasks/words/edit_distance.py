"""Edit distance: what it costs to turn one word into another, with the costs of arXiv 2305.15408 and 2410.01405.

A letter put in or taken out costs 2, one replaced 3, one kept nothing. The generators published with those papers
charge 1, not 2, for every step along the first row and column of the table, so that most labels are no distance. Here
that is an option called `border`: 2, the distance, is the default; 1 is what was published, and the task's name then
says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from looped.tasks.words.strings import Strings
from looped.tasks.words.table import costs

GAP, CHANGE = 2, 3
SIZES = (6, 8, 12, 16, 60)
RULE = f"A letter put in or taken out costs {GAP}, one replaced {CHANGE}."


def edit_table(first: str, second: str, border: int = GAP) -> NDArray[np.int64]:
    """Return (|first| + 1, |second| + 1) int64: the distance of every two prefixes, of the words in the last entry.

    >>> edit_table("cat", "at")
    array([[0, 2, 4],
           [2, 3, 5],
           [4, 2, 4],
           [6, 4, 2]])
    >>> int(edit_table("cat", "at", border=1)[-1, -1])
    1
    """
    return costs(first, second, GAP, CHANGE, border)


class EditDistance(Strings):
    """The task for words of up to `size` letters; `border` as above."""

    gap, change = GAP, CHANGE
    what = "distance"
    rule = RULE

    def __init__(self, size: int = 12, border: int = GAP) -> None:
        if size not in SIZES or border not in (1, GAP):
            raise ValueError(
                f"edit distance takes sizes {SIZES} and border costs 1 and {GAP}, not {size!r} and {border!r}."
            )
        self.border = border
        if border != GAP:
            self.rule = f"{RULE} Along the edges of the table a letter counts {border}, as in the published data."
        super().__init__(f"edit_distance{size}" + ("" if border == GAP else f"-border{border}"), size)
