"""What a student is sent: a step as it is before the guess, and what is revealed once a guess is there.

The truth is measured on the run of the step's second view (`looped.lessons.measures`), never written in the file, and
nothing of it is part of what is sent before.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from looped.lessons.curves import asked_curve, beginning, judged_curve, length, passes, read_curve
from looped.lessons.form import HOLE, NEAR, NEVER, Lesson, LessonError, NotMeasured, Question, Step, link
from looped.lessons.measures import AnyRun, Curve, Run, Value, curve_of, measured, parts
from looped.lessons.runs import opened, runs_in
from looped.serving.engine import Engine

MOST_CELLS = 1000  # of a guess
MOST_CALLED = 6  # cells of an answer by their names
LEAST = 0.001  # smaller numbers are not written
LOOPS = {"loop": "loop", "loops": "loops"}  # what passes are called where no model has another word
Told = dict[str, Any]


class Judged(NamedTuple):
    """A guess beside the truth."""

    result: str  # of `looped.lessons.form.RESULTS`, or NEAR
    says: str  # both in one sentence


def listed(lesson: Lesson) -> Told:
    """Return what the list of lessons and the head of the column say."""
    return {
        "name": lesson.name,
        "title": lesson.title,
        "about": lesson.about,
        "minutes": lesson.minutes,
        "steps": [step.title for step in lesson.steps],
        "asks": [step.question is not None for step in lesson.steps],
    }


def step_at(lesson: Lesson, number: object) -> Step:
    """Return a step by its number from 1. Raises LessonError."""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(lesson.steps):
        raise LessonError(f"“{lesson.title}” has no step {number!r:.20}; it has 1 to {len(lesson.steps)}.")
    return lesson.steps[number - 1]


def told(engine: Engine, lesson: Lesson, number: int) -> Told:
    """Return a step as it is before the guess. Raises ValueError."""
    step = step_at(lesson, number)
    found: Told = {
        "lesson": listed(lesson),
        "number": number,
        "title": step.title,
        "view": link_of(engine, step.view, lesson.name, number),
        "point": list(step.point),
        "text": filled(engine, step.text, step.view),
        "ask": None,
    }
    if step.question is not None:
        asks = step.question
        found["ask"] = {
            "kind": asks.kind,
            "low": asks.low,
            "high": asks.high,
            "near": asks.near,
            "step": 1 if asks.whole else "any",
            "options": [option.text for option in asks.options],
            "passes": passes(engine, asks),
            "never": never_words(asks, passes(engine, asks)["loops"]),
        }
        if asks.kind == "curve":
            found["ask"] |= asked_curve(engine, step, asks)
    return found


def link_of(engine: Engine, view: str, lesson: str, number: int) -> str:
    """Return the link of a view on the page of its checkpoint, with the step of the lesson."""
    query = link(view, lesson=lesson, step=number).partition("?")[2]
    return f"{opened(engine, view).path}?{query}"


def revealed(engine: Engine, lesson: Lesson, number: int, guess: object, median: bool = False) -> Told:
    """Return what is revealed to a guess. Raises ValueError with one sentence for what is no guess.

    median: it is that of several guesses, so where whole numbers are asked it may lie half-way between two.
    """
    step = step_at(lesson, number)
    asks = step.question
    if asks is None:
        raise LessonError(f"Step {number} of “{lesson.title}” asks nothing.")
    called = passes(engine, asks)
    curve = asks.kind == "curve"
    own = read_curve(asks, guess, length(engine, asks), called["loops"]) if curve else read_guess(asks, guess, median)
    runs = runs_in(engine, asks.then)
    truth = truth_of(asks, runs)
    if isinstance(own, Curve) and isinstance(truth, Curve):
        judged = Judged(*judged_curve(asks, own, truth, len(beginning(engine, step, asks)), called["loop"]))
    else:
        judged = judge(asks, own, truth, runs, called)
    section = "right" if judged.result == NEAR else judged.result
    said = asks.says.get(section) or asks.says.get("wrong" if section != "right" else "") or ""
    return {
        "guess": guess,
        "result": judged.result,
        "says": judged.says,
        "gap": filled(engine, (said,), asks.then, runs)[0] if said else "",
        "text": filled(engine, asks.after, asks.then, runs),
        "view": link_of(engine, asks.then, lesson.name, number),
        "marks": marks(asks, own, truth),
    }


# ------------------------------------------------------------------------------------------------ guess and truth


def read_guess(asks: Question, guess: object, median: bool = False) -> Value:
    """Return a guess, or the `median` of several, as it is compared; of a choice its number from 0.

    Raises LessonError.

    >>> read_guess(Question("loop", "first right", "", low=1, high=9), 6.5, median=True)
    6.5
    """
    if asks.kind == "cells":
        if not isinstance(guess, list) or not 1 <= len(guess) <= MOST_CELLS:
            raise LessonError("Choose at least one cell on the board, then commit.")
        if not all(isinstance(cell, int) and not isinstance(cell, bool) and cell >= 0 for cell in guess):
            raise LessonError("These are no cells of the board; choose some on it, then commit.")
        return tuple(sorted(set(guess)))
    if guess == NEVER and asks.kind == "loop":
        return None
    low, high = (0, len(asks.options) - 1) if asks.kind == "choice" else (asks.low, asks.high)
    numbers = (int, float) if (median and asks.kind != "choice") or not asks.whole else int
    if isinstance(guess, bool) or not isinstance(guess, numbers) or not low <= guess <= high:
        number = "a whole number" if asks.whole else "a number"
        what = "Choose one of the answers" if asks.kind == "choice" else f"Say {number} from {low} to {high}"
        raise LessonError(f"{what}, then commit.")
    return float(guess)


def truth_of(asks: Question, runs: list[AnyRun]) -> Value:
    """Measure what is asked; of a choice, which answer is right. Raises LessonError."""
    try:
        value = measured(asks.measure, runs)
    except NotMeasured as error:
        raise LessonError(f"“{asks.measure}” {error}.") from error
    if asks.kind != "choice" or isinstance(value, tuple | Curve):
        return value
    right = [at for at, option in enumerate(asks.options) if option.holds(value)]
    if not right:
        line = f"- {NEVER if value is None else f'{value:g}'}: …"
        raise LessonError(f"it is {number_words(value)}, for which no answer is right; write one more, “{line}”.")
    if len(right) > 1:
        which = ", ".join(f"“{asks.options[at].text[:30]}”" for at in right)
        raise LessonError(f"it is {number_words(value)}, for which {len(right)} answers are right: {which}; part them.")
    return float(right[0])


def judge(asks: Question, own: Value, truth: Value, runs: list[AnyRun], called: dict[str, str] = LOOPS) -> Judged:
    """Compare a guess with the truth; `called` is what the passes of the model are called.

    A number is right where it is the measured one as a sentence shows it: who says 28 where 27.6 is written as 28 has
    said what happens.
    """
    if isinstance(own, tuple) and isinstance(truth, tuple):
        return judged_cells(own, truth, runs)
    if asks.kind == "choice":
        words = [option.text for option in asks.options]
        mine, right = words[int(own)], words[int(truth)]  # type: ignore[arg-type]
        if own == truth:
            return Judged("right", f"You said: {mine} So it is.")
        return Judged("wrong", f"You said: {mine} What happened: {right}")
    it_is = said_value(asks, truth, called)
    if own == truth or (isinstance(truth, float) and own == as_shown(truth)):
        return Judged("right", f"It is {it_is}, as you said.")
    if not isinstance(own, float) or not isinstance(truth, float):
        return Judged("wrong", f"You said {said_value(asks, own, called)}; it is {it_is}.")
    before = f"{called['loop']} " if asks.kind == "loop" else ""
    mine = number_words(own) if own.is_integer() else f"{own:,.1f}" if asks.whole else f"{own:g}"
    said = f"You said {before}{mine}; it is {it_is}"
    if min(abs(own - truth), abs(own - as_shown(truth))) <= asks.near:
        return Judged(NEAR, f"{said}, and {tolerance(asks, called['loop'])}.")
    return Judged("too low" if own < truth else "too high", f"{said}.")


def never_words(asks: Question, loops: str = "loops") -> str:
    """Say, as it can be answered, that something does not happen; `loops` is what passes of the model are called.

    >>> never_words(Question("loop", "first right", "", low=1, high=32))
    'not within 32 loops'
    """
    return f"not within {asks.high:g} {loops}"


def said_value(asks: Question, value: Value, called: dict[str, str] = LOOPS) -> str:
    """Say a guess or what was measured, behind "it is" or "you said".

    >>> asks = Question("loop", "first right", "", low=1, high=32)
    >>> said_value(asks, 3.0), said_value(asks, None)
    ('loop 3', 'not within 32 loops')
    """
    if value is None:
        return never_words(asks, called["loops"])
    return f"{called['loop']} {number_words(value)}" if asks.kind == "loop" else number_words(value)


def as_shown(value: float) -> float:
    """Return a measured number as a sentence shows it.

    >>> as_shown(27.6), as_shown(0.0312), as_shown(12345.4), as_shown(0.00002)
    (28.0, 0.031, 12345.0, 2e-05)
    """
    return value if 0 < abs(value) < LEAST else float(number_words(value).replace(",", ""))


def tolerance(asks: Question, one: str = "loop") -> str:
    """Say how far off a guess may be; `one` is what a pass of the model is called.

    >>> tolerance(Question("loop", "", "", near=1)), tolerance(Question("curve", "", "", near=5))
    ('up to 1 loop off is near enough', 'up to 5 off on average is near enough')
    """
    unit = f" {one}{'s' if asks.near > 1 else ''}" if asks.kind == "loop" else ""
    return f"up to {asks.near}{unit} off{' on average' if asks.kind == 'curve' else ''} is near enough"


def judged_cells(own: tuple[int, ...], truth: tuple[int, ...], runs: list[AnyRun]) -> Judged:
    """Compare cells with the right ones."""
    hit, many = len(set(own) & set(truth)), len(own)
    right = called_cells(runs, truth)
    if len(truth) == 1:
        said = f"It is {right}" + (", as you said." if own == truth else ", which you did not choose.")
        if hit and many > 1:
            said = f"It is {right}, which is one of the {counted(many)} cells you chose."
    elif own == truth:
        said = f"These are the {counted(many)}, as you said: {right}."
    else:
        said = f"{found_among(hit, many)} the {counted(len(truth))}: {right}."
    return Judged("right" if set(own) <= set(truth) and hit else "wrong", said)


def found_among(hit: int, many: int) -> str:
    """Say how many of the cells that were chosen are among the right ones: the beginning of a sentence.

    >>> found_among(0, 1), found_among(0, 3), found_among(2, 3)
    ('The cell you chose is not among', 'None of the cells you chose is among', '2 of the 3 cells you chose are among')
    """
    if many == 1:
        return f"The cell you chose is {'' if hit else 'not '}among"
    if not hit:
        return "None of the cells you chose is among"
    if hit == many:
        return f"The {counted(many)} cells you chose are among"
    return f"{hit} of the {many} cells you chose {'is' if hit == 1 else 'are'} among"


def counted(many: int) -> str:
    """Write a number of cells; small ones in letters."""
    small = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return small[many - 2] if 2 <= many <= 10 else str(many)


def called_cells(runs: list[AnyRun], cells: tuple[int, ...]) -> str:
    """Write what cells of the first run are called, at most MOST_CALLED of them; only runs of models have any.

    A name has a comma of its own, so that two names are told apart by "and" or a semicolon.
    """
    (run,) = [one for one in runs[:1] if isinstance(one, Run)]
    names = [run.task.place(run.tokens, cell) for cell in cells[:MOST_CALLED]]
    if len(cells) > MOST_CALLED:
        names.append(f"{len(cells) - MOST_CALLED} more")
    return " and ".join(names) if len(names) < 3 else f"{'; '.join(names[:-1])}; and {names[-1]}"


def number_words(value: Value) -> str:
    """Write what was measured.

    >>> number_words(12345.0), number_words(0.0312), number_words(35.2), number_words(None), number_words((3, 4))
    ('12,345', '0.031', '35', 'never', '2')
    >>> number_words(0.00002), number_words(Curve((None, 12.0, 0.5)))
    ('less than 0.001', 'never, 12, 0.5')
    """
    if isinstance(value, Curve):
        return ", ".join(map(number_words, value.values))
    if value is None:
        return NEVER
    if isinstance(value, tuple):
        return str(len(value))
    if 0 < abs(value) < LEAST:
        return f"less than {LEAST}"
    if value == int(value) or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}"


def marks(asks: Question, own: Value, truth: Value) -> Told:
    """Return how guess and truth stand in the figure: marks of the clock, outlined cells, two curves."""
    clock: list[list[Any]] = []
    if asks.kind == "loop":
        clock = [[int(own), "guess", "your guess"]] if isinstance(own, float) else []
        clock += [[int(truth), "truth", "the model"]] if isinstance(truth, float) else []
    cells = {"guess": list(own), "truth": list(truth)} if isinstance(own, tuple) and isinstance(truth, tuple) else None
    right = int(truth) if asks.kind == "choice" and isinstance(truth, float) else None
    curves = None
    if isinstance(own, Curve) and isinstance(truth, Curve):
        second, along = parts(asks.measure)[0], curve_of(asks.measure)
        curves = {"of": along, "run": int(second), "guess": list(own.values), "truth": list(truth.values)}
    number = truth if asks.kind in ("loop", "number") else None
    return {"clock": clock, "cells": cells, "option": right, "curves": curves, "truth": number}


# ------------------------------------------------------------------------------------------------ measured numbers


def filled(engine: Engine, texts: tuple[str, ...], view: str, runs: list[AnyRun] | None = None) -> list[str]:
    """Write the measured numbers of a view into its texts: {first right}, {B last change}, {wrong after 3}."""
    if not any(HOLE.search(text) for text in texts):
        return list(texts)
    known = runs if runs is not None else runs_in(engine, view)

    def number(found: re.Match[str]) -> str:
        try:
            return number_words(measured(found[1], known))
        except NotMeasured as error:
            raise LessonError(f"“{found[1]}” {error}.") from error

    return [HOLE.sub(number, text) for text in texts]


def holes(texts: tuple[str, ...]) -> list[str]:
    """Return the measures that texts name.

    >>> holes(("After {first right} loops", "or {B first right}."))
    ['first right', 'B first right']
    """
    return [found for text in texts for found in HOLE.findall(text)]
