"""Each shipped lesson walked from its first step to its last, as its file has it: right, wrong and no answers in turn.

Before a guess neither the page nor the server has said anything of what is revealed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Request, expect

from looped.lessons import Lesson, find, names
from looped.lessons.form import NEVER, Question

if TYPE_CHECKING:
    from conftest import Scope

TURNS = ("wrong", "right", None)  # what is answered, one question after the other


def secrets(asks: Question) -> list[str]:
    """The longest piece of each text that is revealed, as it stands on a page and in an answer of the server."""
    texts = (*asks.after, *asks.says.values())
    return [max(re.split(r"\{[^}]*\}|[*`“”’…–−]", text), key=len).strip() for text in texts]


class Pupil:
    """Who walks through a lesson."""

    def __init__(self, scope: Scope, lesson: Lesson) -> None:
        self.scope, self.page, self.lesson = scope, scope.page, lesson
        self.column = scope.page.get_by_test_id("lesson")
        self.sent: list[str] = []
        scope.page.on("requestfinished", self.heard)

    def heard(self, request: Request) -> None:
        if "/lesson?" in request.url or request.url.endswith("/lesson"):
            response = request.response()
            self.sent.append(response.text() if response else "")

    def at(self, number: int) -> None:
        expect(self.page.get_by_test_id("lesson-count")).to_have_text(f"Step {number} of {len(self.lesson.steps)}")
        expect(self.column).not_to_have_attribute("aria-busy", "true")
        expect(self.column.get_by_role("heading")).to_have_text(self.lesson.steps[number - 1].title)
        self.scope.wait_for_query(step=number, lesson=self.lesson.name)

    def press(self, name: str) -> None:
        self.column.get_by_role("button", name=name, exact=True).click()

    def knows_nothing(self, asks: Question) -> None:
        expect(self.column.get_by_role("button", name="Commit and see")).to_be_disabled()
        expect(self.page.get_by_test_id("reveal")).to_have_count(0)
        expect(self.page.locator(".ls-mark-truth, .ls-cell-truth, [data-testid=curve-after]")).to_have_count(0)
        for secret in secrets(asks):
            expect(self.page.get_by_text(secret)).to_have_count(0)
            assert [body for body in self.sent if secret in body] == []

    def told(self, number: int, guess: Any) -> Any:
        """What another student is told, who has guessed: from it this one knows what is right, and what is wrong."""
        sent = {"name": self.lesson.name, "step": number, "guess": guess}
        reply = self.page.request.post(self.scope.address + "/lesson", data=sent)
        assert reply.ok, reply.text()
        return reply.json()

    def answer(self, number: int, asks: Question, right: bool) -> None:
        ANSWERS[asks.kind](self, number, asks, right)
        self.press("Commit and see")
        reveal = self.page.get_by_test_id("reveal")
        wanted = re.compile("^(right|near)$" if right else "^(?!right|near)")
        expect(reveal.locator(".ls-result")).to_have_attribute("data-result", wanted)
        expect(reveal).to_contain_text(secrets(asks)[0])


def choose(pupil: Pupil, number: int, asks: Question, right: bool) -> None:
    truth = pupil.told(number, 0)["marks"]["option"]
    other = (truth + 1) % len(asks.options)
    pupil.column.get_by_role("radio").nth(truth if right else other).check()


def type_number(pupil: Pupil, number: int, asks: Question, right: bool) -> None:
    field = pupil.page.get_by_label("Your guess")
    field.fill(str(asks.high + 1))  # out of bounds: no guess
    expect(pupil.column.get_by_role("button", name="Commit and see")).to_be_disabled()
    truth = int(re.findall(r"[Ii]t is ([0-9,]+)", pupil.told(number, asks.low)["says"])[0].replace(",", ""))
    far = asks.high if truth - asks.low <= asks.near else asks.low
    field.fill(str(truth if right else far))


def slide(pupil: Pupil, number: int, asks: Question, right: bool) -> None:
    truth = next(loop for loop, kind, _ in pupil.told(number, NEVER)["marks"]["clock"] if kind == "truth")
    far = asks.high if truth - asks.low <= asks.near else asks.low
    pupil.page.get_by_label("Your guess: a loop").fill(str(truth if right else far))


def press_cells(pupil: Pupil, number: int, asks: Question, right: bool) -> None:
    truth = pupil.told(number, [0])["marks"]["cells"]["truth"]
    other = next(cell for cell in range(10) if cell not in truth)
    pupil.scope.cell(truth[0] if right else other).click()


def draw(pupil: Pupil, number: int, asks: Question, right: bool) -> None:
    """By hand along the real curve; or by the keys, along the upper edge."""
    pad = pupil.page.get_by_test_id("curve-pad")
    loops = int(str(re.findall(r"to loop ([0-9]+)", pupil.column.inner_text())[0]))
    if not right:
        pad.focus()
        pupil.scope.press(*["PageUp"] * 9, "End", "Enter")
        return
    truth = pupil.told(number, [asks.high] * loops)["marks"]["curves"]["truth"]
    box = pad.locator("svg").bounding_box()
    assert box
    unit = box["width"] / 300  # the plot lies from 34 to 290 across, from 18 to 156 down
    for loop, value in enumerate(truth, 1):
        x = 34 + 256 * (loop - 1) / (loops - 1)
        y = 156 - 138 * (value - asks.low) / (asks.high - asks.low)
        pupil.page.mouse.move(box["x"] + unit * x, box["y"] + unit * y)
        if loop == 1:
            pupil.page.mouse.down()
    pupil.page.mouse.up()


ANSWERS: dict[str, Callable[[Pupil, int, Question, bool], None]] = {
    "choice": choose,
    "number": type_number,
    "loop": slide,
    "cells": press_cells,
    "curve": draw,
}


@pytest.mark.parametrize("name", names())
def test_a_shipped_lesson_from_the_first_step_to_the_last(name: str, scope: Scope) -> None:
    lesson = find(name)
    pupil, page = Pupil(scope, lesson), scope.page
    page.goto(f"{scope.address}{lesson.steps[0].view.split('?')[0]}?lesson={name}&step=1")
    turn = names().index(name)
    for number, step in enumerate(lesson.steps, 1):
        pupil.at(number)
        scope.ready()
        last = number == len(lesson.steps)
        asks = step.question
        if asks is not None:
            pupil.knows_nothing(asks)
            what = TURNS[turn % len(TURNS)]
            turn += 1
            if what is not None:
                pupil.answer(number, asks, what == "right")
            elif not last:
                pupil.press("Skip ▸")
                continue
        if not last:
            pupil.press("Next ▸")
    expect(pupil.column.get_by_role("link", name="All lessons")).to_be_visible()
