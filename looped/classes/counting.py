"""What a class answered: bars for the teacher, the answer in its middle, and a table to take away."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median_low
from typing import Any, NamedTuple

from looped.lessons.form import NEVER, Question

MOST_BARS = 12
PARTS = 10  # bars of numbers with decimals
Guess = Any  # of one student, as `looped.lessons.answering.read_guess` takes it


class Bar(NamedTuple):
    """How many gave an answer, or one of several that stand together."""

    label: str
    many: int
    low: float | None = None  # the first of its options, numbers, loops or cells, and the last; None: never
    high: float | None = None


def bars(asks: Question, guesses: Iterable[Guess]) -> list[Bar]:
    """Return the bars of the answers to a question, in the order of the answers.

    Of cells the ones that were chosen most often; of what has no bars (a drawn curve) none.

    >>> loop = Question("loop", "first right", "", low=1, high=8)
    >>> [(bar.label, bar.many) for bar in bars(loop, [3, 3, 8, "never"])]
    [('1', 0), ('2', 0), ('3', 2), ('4', 0), ('5', 0), ('6', 0), ('7', 0), ('8', 1), ('never', 1)]
    """
    given = list(guesses)
    if asks.kind == "choice":
        counted = Counter(given)
        return [Bar(option.text, counted[at], at, at) for at, option in enumerate(asks.options)]
    if asks.kind == "cells":
        counted = Counter(cell for cells in given for cell in set(cells))
        return [Bar("", count, cell, cell) for cell, count in sorted(counted.most_common(MOST_BARS))]
    if asks.kind in ("number", "loop"):
        return _ranges(asks, given)
    return []


def _ranges(asks: Question, given: Sequence[Guess]) -> list[Bar]:
    """Return bars of numbers, several in one where there are many; of a number with decimals as many as fit."""
    numbers = [guess for guess in given if guess != NEVER]
    if not asks.whole:
        return _parts(asks, numbers)
    first, last = int(asks.low), int(asks.high)
    wide = -(-(last - first + 1) // MOST_BARS)
    found = []
    for low in range(first, last + 1, wide):
        high = min(low + wide - 1, last)
        label = str(low) if low == high else f"{low}–{high}"
        found.append(Bar(label, sum(low <= number <= high for number in numbers), low, high))
    if asks.kind == "loop":
        found.append(Bar(NEVER, len(given) - len(numbers)))
    return found


def _parts(asks: Question, numbers: Sequence[float]) -> list[Bar]:
    """Return bars of equal parts between two bounds; a number between two parts belongs to the second."""
    wide = (asks.high - asks.low) / PARTS
    at = Counter(min(PARTS - 1, int((number - asks.low) / wide)) for number in numbers)
    ends = [asks.low + part * wide for part in range(PARTS)] + [asks.high]
    return [
        Bar(f"{ends[part]:.3g}–{ends[part + 1]:.3g}", at[part], ends[part], ends[part + 1]) for part in range(PARTS)
    ]


def middle(asks: Question, guesses: Iterable[Guess]) -> Guess | None:
    """Return the answer that stands for the class: the most frequent choice, the middle number.

    A curve's middle is that of its loops. None where nobody answered.

    >>> middle(Question("number", "asked", "", low=0, high=9), [1, 2, 9])
    2
    """
    given = list(guesses)
    if not given:
        return None
    if asks.kind in ("number", "loop"):
        numbers = [guess for guess in given if guess != NEVER]
        return median_low(numbers) if 2 * len(numbers) >= len(given) else NEVER
    if asks.kind == "cells":
        counted = Counter(cell for cells in given for cell in set(cells))
        return [cell for cell, _ in counted.most_common(median_low(len(set(cells)) for cells in given))]
    if asks.kind == "curve":
        return [median_low(values) for values in zip(*given, strict=True)]
    return Counter(given).most_common(1)[0][0]


def table(rows: Iterable[Sequence[object]]) -> str:
    """Return counts as CSV with a line of names.

    Where it was asked, the question, an answer, how many gave it; and the name of the file where the question stands.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["where", "number", "question", "answer", "count", "name"])
    writer.writerows([[_plain(cell) for cell in row] for row in rows])
    return out.getvalue()


def _plain(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
