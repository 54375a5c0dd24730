"""A reveal as it is said of a whole class: whose answer stands there, and how many gave another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from looped.classes.counting import Guess, level
from looped.lessons.answering import LOOPS, never_words
from looped.lessons.form import NEVER, Question

Said = tuple[tuple[str, str], ...]  # what is replaced in a sentence to one student, patterns of `re`, in turn

OF_TEACHER: Said = (
    ("You said", "The teacher said"),
    ("as you said", "as the teacher said"),
    ("you chose", "the teacher chose"),
    ("you did not choose", "the teacher did not choose"),
    ("Your curve", "The teacher’s curve"),
    ("you drew", "the teacher drew"),
)
OF_CELLS: Said = (
    (r"(These are .*), as you said", r"\1, which were chosen most often"),
    ("as you said", "which was chosen most often"),
    ("you chose", "chosen most often"),
    ("which you did not choose", "which was not chosen most often"),
)
OF_LEVEL_CELLS: Said = (
    ("^", "No cell was chosen more often than another. "),
    ("as you said", "each of which was chosen"),
    ("you chose", "that were chosen"),
    ("which you did not choose", "which nobody chose"),
)
OF_CURVES: Said = (("Your curve", "The middle of all curves"), ("you drew", "they drew"))


def of_answers(asks: Question, guesses: Iterable[Guess], called: dict[str, str] = LOOPS) -> Said:
    """Return how the middle of the answers (`looped.classes.counting.middle`) is spoken of; `called` names passes.

    >>> asks = Question("loop", "first right", "", low=1, high=40)
    >>> said_of("You said loop 12; it is loop 11.", of_answers(asks, [12, "never"]))
    'The one who named a loop said loop 12, and 1 said not within 40 loops; it is loop 11.'
    >>> said_of("You said loop 12; it is loop 11.", of_answers(asks, [12, 13, 9]))
    'The median of the class is loop 12; it is loop 11.'
    >>> said_of("It is loop 12, as you said.", of_answers(asks, [12, 12, "never"]))
    'It is loop 12, and so is the median of the 2 who named a loop; 1 said not within 40 loops.'
    """
    one = called["loop"]
    given = list(guesses)
    if asks.kind == "cells":
        return OF_LEVEL_CELLS if level(given) else OF_CELLS
    if asks.kind == "curve":
        return OF_CURVES
    if asks.kind == "choice":
        most = f"{max(Counter(given).values(), default=0)} of {len(given)} said"
        return (("You said", most), ("as you said", f"as {most}"))
    numbers = [guess for guess in given if guess != NEVER]
    never = len(given) - len(numbers)
    if 2 * len(numbers) < len(given):
        most = f"{never} of {len(given)} said"
        return (("You said", most), ("as you said", f"as {most}"))
    whom = f"the {len(numbers)} who named a {one}" if never else "the class"
    of_them = f"median of {whom}"
    named, agreed = f"The {of_them} is", f"and so is the {of_them}"
    if len(numbers) == 1:
        who = f"one who named a {one}" if never else "one who answered"
        named, agreed = f"The {who} said", f"as the {who} said"
    others = f", and {never} said {never_words(asks, called['loops'])}" if never else ""
    return (
        (r"You said ([^;]+);", rf"{named} \1{others};"),
        (r"as you said", f"{agreed}{others.replace(', and', ';')}"),
    )


def said_of(says: str, replaced: Said) -> str:
    """Return a sentence to one student as one about others."""
    for own, all_of_them in replaced:
        says = re.sub(own, all_of_them, says, count=1)
    return says


def of_class(told: dict[str, Any], replaced: Said) -> dict[str, Any]:
    """Say a reveal of the class rather than of one student; the figure shows the truth alone.

    >>> told = {"says": "You said loop 3; it is 4.", "marks": {"clock": [[3, "guess", ""]], "cells": None}}
    >>> told = of_class(told, OF_TEACHER)
    >>> told["says"], told["result"], told["marks"]
    ('The teacher said loop 3; it is 4.', 'class', {'clock': [], 'cells': None})
    """
    marks = dict(told["marks"])
    marks["clock"] = [mark for mark in marks["clock"] if mark[1] != "guess"]
    if marks.get("cells"):
        marks["cells"] = {**marks["cells"], "guess": []}
    if marks.get("curves"):
        whose = "the teacher" if replaced is OF_TEACHER else "the middle of the class"
        marks["curves"] = {**marks["curves"], "whose": whose}
    return {
        **told,
        "guess": None,
        "says": said_of(told["says"], replaced),
        "marks": marks,
        "result": "class",
        "gap": "",
    }
