"""Longest common subsequence.

How many letters two words have in common, in the same order, with gaps allowed (arXiv 2410.01405).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from looped.tasks.words.strings import Strings
from looped.tasks.words.table import costs

SIZES = (6, 8, 12, 16, 60, 100)


def lcs_table(first: str, second: str) -> NDArray[np.int64]:
    """Return (|first| + 1, |second| + 1) int64: the length for every two prefixes, for the words in the last entry.

    It follows from an edit distance without replacements, in which every letter of both words is either common or costs
    1.

    >>> lcs_table("cat", "at")
    array([[0, 0, 0],
           [0, 0, 0],
           [0, 1, 1],
           [0, 1, 2]])
    """
    table = costs(first, second, gap=1, change=2, border=1)
    i, j = np.indices(table.shape)
    length: NDArray[np.int64] = (i + j - table) // 2
    return length


class LCS(Strings):
    """The task for words of up to `size` letters."""

    gap, change, border, common = 1, 2, 1, True
    what = "common"
    rule = "The answer is how many letters the two words share in the same order, with gaps allowed."

    def __init__(self, size: int = 12) -> None:
        if size not in SIZES:
            raise ValueError(f"the longest common subsequence comes in sizes {SIZES}, not {size!r}.")
        super().__init__(f"lcs{size}", size)
