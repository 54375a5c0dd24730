"""Whether a lesson can be taught: its views open, what it asks can be measured, and nothing gives an answer away.

What the reader cannot know without running anything. The first that is wrong is raised, with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from looped.lessons.answering import holes, number_words, truth_of
from looped.lessons.curves import beginning, wrong_curve
from looped.lessons.form import (
    CONTROLS,
    HOLE,
    MACHINE_CONTROLS,
    REVEALED,
    THEORY,
    Lesson,
    LessonError,
    NotMeasured,
    Question,
    Step,
    query_of,
)
from looped.lessons.links import empty_panel, had, wrong_look
from looped.lessons.measures import AnyRun, Curve, Run, Value, measured, wrong_name
from looped.lessons.names import nearest
from looped.lessons.panels import first_panels, panels_of
from looped.lessons.runs import Opened, opened
from looped.serving.engine import Engine


class Measured(NamedTuple):
    """One number of a lesson."""

    step: int  # from 1
    line: int
    measure: str
    value: str
    truth: bool  # it is asked for; otherwise it stands in a text


def check(engine: Engine, lesson: Lesson) -> list[Measured]:
    """Check a lesson and return all its numbers, as they were measured now. Raises LessonError."""
    return [
        found for number, step in enumerate(lesson.steps, 1) for found in Checker(engine, lesson, step, number).all()
    ]


def shown_panels(view: str, page: str) -> tuple[str, ...]:
    """Return the panels that a view shows; where its link names none, those of a first visit of the page."""
    asked = tuple(name for name in query_of(view).get("panels", "").split(",") if name)
    return asked or (first_panels(page) if page else ())


class Checker:
    """Checks one step."""

    def __init__(self, engine: Engine, lesson: Lesson, step: Step, number: int) -> None:
        self.engine, self.lesson, self.step, self.number = engine, lesson, step, number

    def wrong(self, line: int, said: str) -> LessonError:
        """Return what is said of a line."""
        return LessonError(f"{self.lesson.name}.md, line {line}: {said}")

    def all(self) -> Iterator[Measured]:
        """Yield the numbers of the step."""
        step, asks = self.step, self.step.question
        before = self.view(step.view, step.lines["view"])
        runs = self.runs(before, step.view, step.lines["view"])
        self.points(before.page, runs)
        yield from self.texts(step.text, runs, step.line)
        if asks is None:
            return
        after = self.view(asks.then, step.lines["then"])
        if after.path != before.path:
            said = f"this view is on another page ({after.path}) than the step ({before.path}); stay on one."
            raise self.wrong(step.lines["then"], said)
        answered = self.runs(after, asks.then, step.lines["then"])
        truth = self.truth(asks, answered)
        self.hidden(asks, before, after, truth)
        yield Measured(self.number, asks.line, asks.measure, self.words(asks, answered), True)
        yield from self.texts((*asks.after, *asks.says.values()), answered, asks.line, REVEALED)

    def view(self, view: str, line: int) -> Opened:
        """Resolve a view."""
        try:
            return opened(self.engine, view)
        except ValueError as error:
            raise self.wrong(line, f"this view cannot be shown: {error}") from error

    def runs(self, opened: Opened, view: str, line: int) -> list[AnyRun]:
        """Run a view, and see that it has what its link asks for, so that its page has nothing to complain of."""
        try:
            runs = opened.runs()
        except ValueError as error:
            raise self.wrong(line, f"this view cannot be run: {error}") from error
        said = wrong_look(view, had(runs, opened.page))
        if said is not None:
            raise self.wrong(line, said)
        known = panels_of(opened.page)
        empty = [name for name in shown_panels(view, "") if empty_panel(name, known[name], runs)]
        if empty:
            raise self.wrong(line, f"the panel “{empty[0]}” has nothing to draw of this run; leave it out.")
        return runs

    def points(self, page: str, runs: list[AnyRun]) -> None:
        """Check that what is pointed at is there."""
        line, cells, loops = self.step.lines.get("point", 0), runs[0].places, max(run.loops for run in runs)
        controls, panels = MACHINE_CONTROLS if page == THEORY else CONTROLS, panels_of(page)
        for one in self.step.point:
            word, *numbers = one.split()
            if word == "cells" and numbers and max(map(int, numbers)) >= cells:
                counted = f"cells are counted 0 to {cells - 1}" if cells else "this page has no board"
                raise self.wrong(line, f"there is no cell {max(map(int, numbers))}; {counted}.")
            if word == "loop" and numbers and not 1 <= int(numbers[0]) <= loops:
                raise self.wrong(line, f"there is no loop {numbers[0]} in this view; it has 1 to {loops}.")
            if numbers or word in controls:
                continue
            if word not in panels:
                raise self.wrong(
                    line, f"there is no control or panel {word!r} on this page; {nearest(word, [*controls, *panels])}"
                )
            if word not in shown_panels(self.step.view, page) or empty_panel(word, panels[word], runs):
                raise self.wrong(line, f"this view does not show the panel “{word}”; write it behind “panels=”, too.")

    def texts(self, texts: tuple[str, ...], runs: list[AnyRun], line: int, part: str = "") -> Iterator[Measured]:
        """Measure the numbers that stand in texts; `part` is what their names in the step's lines begin with."""
        for text in texts:
            rest = HOLE.sub("", text)
            if "{" in rest or "}" in rest:
                raise self.wrong(
                    line, "a brace has no partner; a number is written {first right}, and braces stand for no other."
                )
        for name in holes(texts):
            at = self.step.lines.get(f"{part}{{{name}}}", line)
            unknown = wrong_name(name, "text")
            if unknown:
                raise self.wrong(at, unknown)
            try:
                value = measured(name, runs)
            except NotMeasured as error:
                raise self.wrong(at, f"“{name}” {error}.") from error
            yield Measured(self.number, at, name, number_words(value), False)

    def truth(self, asks: Question, runs: list[AnyRun]) -> Value:
        """Measure what is asked, and see that a guess can be right."""
        try:
            truth = truth_of(asks, runs)
        except LessonError as error:
            raise self.wrong(self.step.lines["measure"], str(error)) from error
        if asks.kind in ("number", "loop") and isinstance(truth, float) and not asks.low <= truth <= asks.high:
            bounds = f"{asks.low} to {asks.high}"
            raise self.wrong(asks.line, f"it is {number_words(truth)}, outside {bounds}; ask for wider bounds.")
        if asks.kind == "loop" and runs[0].loops < asks.high:
            raise self.wrong(
                asks.line, f"“then:” runs {runs[0].loops} loops, where a guess up to {asks.high} has no place."
            )
        if asks.kind == "number" and truth is None:
            raise self.wrong(asks.line, "it never happens; ask for a loop or a choice, which have “never”.")
        if isinstance(truth, Curve):
            unfit = wrong_curve(asks, truth, len(beginning(self.engine, self.step, asks)))
            if unfit:
                raise self.wrong(asks.line, unfit)
        if truth == ():
            raise self.wrong(asks.line, "there is no such cell in this run; ask for other ones.")
        return truth

    def words(self, asks: Question, runs: list[AnyRun]) -> str:
        """Write what was measured, before it becomes an answer of a choice; cells with their numbers and names."""
        value = measured(asks.measure, runs)
        if not isinstance(value, tuple):
            return number_words(value)
        (run, *_) = [one for one in runs if isinstance(one, Run)]
        named = [f"{cell} ({run.task.place(run.tokens, cell)})" for cell in value]
        return f"{len(value)} cell{'s' * (len(value) != 1)}: {', '.join(named)}"

    def hidden(self, asks: Question, before: Opened, after: Opened, truth: Value) -> None:
        """Refuse a view that holds, before the guess, the run that it asks about."""
        if before.of != after.of or not {*before.names} & {*after.names}:
            return
        seen = asks.kind == "loop" and isinstance(truth, float) and truth <= before.loops[0]
        if seen or before.loops[0] >= after.loops[0]:
            raise self.wrong(
                self.step.lines["view"],
                "this view already holds the answer: the run that is asked about. Show fewer loops of it (loops=2), "
                "or another input, and name the whole run behind “then:”.",
            )
