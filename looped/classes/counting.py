"""What a class answered: bars for the teacher, the answer in its middle, and a table to take away."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median, median_low
from typing import Any, NamedTuple

from looped.lessons.answering import as_shown, never_words, number_words
from looped.lessons.form import NEVER, Question

MOST_BARS = 12
PARTS = 10  # bars of numbers with decimals
FEW = 6  # bars that are all shown
Guess = Any  # of one student, as `looped.lessons.answering.read_guess` takes it


class Bar(NamedTuple):
    """How many gave an answer, or one of several that stand together."""

    label: str
    many: int
    low: float | None = None  # the first of its options, numbers, loops or cells, and the last; None: never
    high: float | None = None
    note: str = ""  # once it is known what happened: what of it is right or near enough
    right: bool = False  # holds what happened


def bars(
    asks: Question, guesses: Iterable[Guess], loops: str = "loops", marks: dict[str, Any] | None = None
) -> list[Bar]:
    """Return the bars of the answers to a question, in the order of the answers.

    Of cells the ones that were chosen most often, and the right ones once `marks` tell them; of what has no bars (a
    drawn curve) none. `loops` is what passes of the model are called.

    >>> loop = Question("loop", "first right", "", low=1, high=3)
    >>> [(bar.label, bar.many) for bar in bars(loop, [3, 3, "never"])]
    [('1', 0), ('2', 0), ('3', 2), ('not within 3 loops', 1)]
    """
    given = list(guesses)
    if asks.kind == "choice":
        counted = Counter(given)
        return [Bar(option.text, counted[at], at, at) for at, option in enumerate(asks.options)]
    if asks.kind == "cells":
        counted = Counter(cell for cells in given for cell in set(cells))
        cells = {cell for cell, _ in counted.most_common(MOST_BARS)} | _right_cells(marks)
        return [Bar("", counted[cell], cell, cell) for cell in sorted(cells)]
    if asks.kind in ("number", "loop"):
        return _ranges(asks, given, loops)
    return []


def _right_cells(marks: dict[str, Any] | None) -> set[int]:
    """Return the cells that are right, once it is known."""
    cells = marks["cells"] if marks else None
    return set(cells["truth"]) if cells else set()


def _ranges(asks: Question, given: Sequence[Guess], loops: str) -> list[Bar]:
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
        found.append(Bar(never_words(asks, loops), len(given) - len(numbers)))
    return found


def _parts(asks: Question, numbers: Sequence[float]) -> list[Bar]:
    """Return bars of equal parts between two bounds; a number between two parts belongs to the second."""
    wide = (asks.high - asks.low) / PARTS
    at = Counter(min(PARTS - 1, int((number - asks.low) / wide)) for number in numbers)
    ends = [asks.low + part * wide for part in range(PARTS)] + [asks.high]
    return [
        Bar(f"{ends[part]:.3g}–{ends[part + 1]:.3g}", at[part], ends[part], ends[part + 1]) for part in range(PARTS)
    ]


def marked(asks: Question, found: Sequence[Bar], marks: dict[str, Any]) -> list[Bar]:
    """Return bars with what happened, as `looped.lessons.answering.marks` tells it, and with what is near enough.

    >>> loop = Question("loop", "first right", "", low=4, high=32, near=2)
    >>> [(bar.label, bar.note) for bar in marked(loop, bars(loop, [12]), {"truth": 11.0}) if bar.note]
    [('7–9', '✓ near enough: 9'), ('10–12', '✓ what happened: 11'), ('13–15', '✓ near enough: 13')]
    >>> [(bar.label, bar.note) for bar in marked(loop, bars(loop, [12]), {"truth": None}) if bar.note]
    [('not within 32 loops', '✓ what happened')]
    >>> number = Question("number", "right IDs", "", low=0, high=100)
    >>> [(bar.label, bar.note) for bar in marked(number, bars(number, [9]), {"truth": 27.6}) if bar.note]
    [('27–35', '✓ what happened: 28')]
    """
    if asks.kind in ("number", "loop"):
        truth = marks["truth"]
        if truth is not None and asks.whole:
            truth = as_shown(truth)  # as the sentence beside it has it
        return [bar._replace(note=_note(asks, bar, truth), right=_holds(asks, bar, truth)) for bar in found]
    right = {marks["option"]} if asks.kind == "choice" else _right_cells(marks)
    return [bar._replace(note="✓ what happened", right=True) if bar.low in right else bar for bar in found]


def _holds(asks: Question, bar: Bar, truth: float | None) -> bool:
    """Return whether a bar of numbers holds what happened; a number between two parts belongs to the second."""
    if truth is None or bar.low is None or bar.high is None:
        return truth is None and bar.low is None
    if asks.whole:
        return bar.low <= truth < bar.high + 1
    return bar.low <= truth and (truth <= bar.high if bar.high == asks.high else truth < bar.high)


def _note(asks: Question, bar: Bar, truth: float | None) -> str:
    """Say which numbers of a bar are right or near enough; the bar alone says it where it has one."""
    if _holds(asks, bar, truth):
        return "✓ what happened" + (f": {number_words(truth)}" if bar.low != bar.high else "")
    if truth is None or bar.low is None or bar.high is None or not asks.near:
        return ""
    low, high = max(bar.low, truth - asks.near), min(bar.high, truth + asks.near)
    if asks.whole:
        low, high = math.ceil(low), math.floor(high)
    if low > high or (low == high and not asks.whole):
        return ""
    if (low, high) == (bar.low, bar.high):
        return "✓ near enough"
    return f"✓ near enough: {low:.3g}" + (f"–{high:.3g}" if low < high else "")


def shown(found: Sequence[Bar]) -> list[Bar]:
    """Return the bars for the screen: of many those at both ends that nobody chose and nothing is said of are left out.

    That something never happens is no end of them: this bar stands there whenever it could be chosen.

    >>> loop = Question("loop", "first right", "", low=4, high=32)
    >>> [bar.label for bar in shown(bars(loop, [12, 16, "never"]))]
    ['10–12', '13–15', '16–18', 'not within 32 loops']
    """
    ranges = [bar for bar in found if bar.low is not None]
    full = [at for at, bar in enumerate(ranges) if bar.many or bar.note]
    if len(ranges) <= FEW:
        return list(found)
    kept = ranges[full[0] : full[-1] + 1] if full else []
    return [*kept, *(bar for bar in found if bar.low is None)]


def middle(asks: Question, guesses: Iterable[Guess]) -> Guess | None:
    """Return the answer that stands for the class: the most frequent choice, the median number, which may be a half.

    A curve's middle is that of its loops. None where nobody answered.

    >>> middle(Question("number", "asked", "", low=0, high=9), [1, 2, 9])
    2
    >>> middle(Question("loop", "first right", "", low=1, high=9), [4, 9, "never"])
    6.5
    """
    given = list(guesses)
    if not given:
        return None
    if asks.kind in ("number", "loop"):
        numbers = [guess for guess in given if guess != NEVER]
        return median(numbers) if 2 * len(numbers) >= len(given) else NEVER
    if asks.kind == "cells":
        return often(given)
    if asks.kind == "curve":
        return [median(values) for values in zip(*given, strict=True)]
    return Counter(given).most_common(1)[0][0]


def often(guesses: Sequence[Sequence[int]]) -> list[int]:
    """Return the cells that were chosen most often: as many as half of the class chose at most.

    They are fewer where others were chosen as often as the last of them, and more where that leaves none.

    >>> often([[3, 4], [3, 5]]), often([[3], [4], [5]]), often([[3], [3, 9]])
    ([3], [3, 4, 5], [3])
    """
    ranked = Counter(cell for cells in guesses for cell in set(cells)).most_common()
    many = median_low(len(set(cells)) for cells in guesses)
    most, next_most = ranked[0][1], ranked[many][1] if many < len(ranked) else 0
    return [cell for cell, count in ranked if count > next_most or count == most]


def level(guesses: Sequence[Sequence[int]]) -> bool:
    """Return whether no cell was chosen more often than another, so that none stands for the class.

    >>> level([[3], [4], [4]]), level([[3], [4]]), level([[3, 4], [3, 4]])
    (False, True, False)
    """
    counts = Counter(cell for cells in guesses for cell in set(cells))
    return len(set(counts.values())) == 1 and len(counts) > median_low(len(set(cells)) for cells in guesses)


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
