"""Inputs that the tests of the Sequences page show, and short ways to ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from looped.serving.engine import Engine
from looped.serving.request import Request, Shown, answer, opening
from looped.tasks import get
from looped.tasks.sequences import PAGE

WELCOME = {"kind": "info", "text": PAGE.welcome}
WORDS, OTHER, LONG, LONGEST = (
    "stone tone",
    "cat dog",
    "kitten sitting",
    "abcdefgh hgfedcba",
)  # LONG: more letters than lcs6 is trained on
EXAMPLE = get("lcs6").examples[0][1]
PROBLEM, OTHER_PROBLEM, FOUR = "2 3 4 = 20", "3 5 7 = 22", "4 7 6 5 = 28"
FIRST = (PROBLEM, "countdown3-tmlt", 5)  # the first of the usual ones that is in the catalogue
HUGE = 2_000_000  # bytes: more than any message may have

Open = Callable[..., Any]


def shown(shared: Engine, checkpoint: str, text: str = "", loops: int = 4) -> Shown:
    """A picture that is on screen."""
    before = opening(shared, checkpoint)
    return replace(before, loops=loops, input=shared.checkpoint(checkpoint).task.parse(text or before.input.text))


def wanted(shared: Engine, before: Shown, **change: Any) -> Shown:
    """The answer to a request that changes some of what is on screen."""
    asked = {
        "puzzle": before.input.text,
        "checkpoint": before.checkpoint,
        "loops": before.loops,
        "versus": before.versus,
        "number": before.number + 1,
    }
    return answer(shared, PAGE, before, Request(**asked | change))


def said(now: Shown, kind: str = "warning") -> str:
    """Its message: sentences that fit under the bar."""
    assert now.message is not None
    assert now.message["kind"] == kind
    text = now.message["text"]
    assert 20 < len(text) < 300
    assert text.endswith(".")
    return text


def view(now: Shown) -> tuple[str, str, int]:
    return now.input.text, now.checkpoint, now.loops
