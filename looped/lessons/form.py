"""What a lesson is made of: steps, each a view with a few sentences, some with a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

Kind = Literal["choice", "number", "loop", "cells", "curve"]
KINDS: tuple[Kind, ...] = ("choice", "number", "loop", "cells", "curve")
NEVER = "never"  # how a lesson writes that something does not happen in the run

CONTROLS = ("play", "clock", "speed", "board", "shows", "checkpoint", "compare", "loops")
"""What a step can point at beside panels, cells and loops; `TARGETS` of the browser's `pages/pointing.js`."""
THEORY = "theory"  # the page whose views run no checkpoint but a machine with weights written by hand
MACHINE_CONTROLS = ("play", "clock", "speed", "preset", "cells", "slope", "softmax", "fillers", "together")
"""The same on the page Theory; `targets` of the browser's `pages/theory.js`."""

RESULTS = ("right", "too low", "too high", "wrong")  # what a guess can be
HOLE = re.compile(r"\{([^{}]+)\}")  # a measured number in a text
REVEALED = "### "  # before the names of `Step.lines` that stand in what is revealed
NEAR = "near"  # or this: not right, but off by no more than a question allows; what is said of it is what is of "right"


class LessonError(ValueError):
    """A lesson cannot be used as it is; the message names file and line, and says what to write instead."""


class NotMeasured(ValueError):
    """A run cannot have what is asked of it; the message is the end of a sentence."""


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from, and the measured numbers for which it is the right one."""

    text: str
    low: float | None  # both None: the right one where what is measured never happens
    high: float | None
    line: int = 0

    def holds(self, value: float | None) -> bool:
        """Return whether this is the right answer for a measured number, None where nothing happens.

        >>> Option("five or more", 5, float("inf")).holds(7), Option("never", None, None).holds(None)
        (True, True)
        """
        if value is None or self.low is None or self.high is None:
            return value is None and self.low is None
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Question:
    """What a student commits to before anything is revealed."""

    kind: Kind
    measure: str  # `looped.lessons.measures`, perhaps with "B " before it: of the second run
    then: str  # the view that is shown after the guess, and whose run is measured
    low: float = 0  # of a number, a loop or a curve
    high: float = 0
    near: float = 0  # a guess that is off by no more than this is near enough, a curve one that is so on average
    options: tuple[Option, ...] = ()
    after: tuple[str, ...] = ()  # paragraphs that everybody reads after the guess
    says: dict[str, str] = field(default_factory=dict)  # of `RESULTS`, what is said beside that
    line: int = 0  # of the file, where it is asked

    @property
    def whole(self) -> bool:
        """Return whether only a whole number is a guess: of a number all but where its bounds or `near` are not."""
        return self.kind != "number" or all(float(one).is_integer() for one in (self.low, self.high, self.near))


@dataclass(frozen=True)
class Step:
    """One view with a few sentences."""

    title: str
    view: str  # a link within the app: path and query
    text: tuple[str, ...]  # paragraphs
    point: tuple[str, ...] = ()
    question: Question | None = None
    line: int = 0  # of the file, where the step begins
    lines: dict[str, int] = field(default_factory=dict)  # of its settings, and of its measured numbers, “{asked}”


@dataclass(frozen=True)
class Lesson:
    """A lesson as its file has it."""

    name: str  # of the file, without .md
    title: str
    about: str  # one line for the list of lessons
    minutes: int
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()  # of its author: what can be shown, but perhaps was meant in another way


def query_of(view: str) -> dict[str, str]:
    """Return the query of a view's link.

    >>> query_of("/paths?v=1&loop=3")
    {'v': '1', 'loop': '3'}
    """
    return dict(parse_qsl(urlsplit(view).query, keep_blank_values=True))


def page_of(view: str) -> str:
    """Return the page that a view's link names.

    >>> page_of("/theory?cells=8"), page_of("/?v=1")
    ('theory', '')
    """
    return urlsplit(view).path.strip("/")


def link(view: str, **more: object) -> str:
    """Return the link of a view with more in its query; the clock stands before the first loop where it does not say.

    >>> link("/paths?v=1&puzzle=S./..", lesson="why", step=2)
    '/paths?v=1&puzzle=S.%2F..&loop=0&lesson=why&step=2'
    """
    query = query_of(view)
    return f"{urlsplit(view).path}?{urlencode({**query, 'loop': query.get('loop', '0'), **more})}"
