"""The quiz: ten questions about looped models to be given before a lesson and after it.

Its file is a lesson whose steps all ask a choice (`assets/docs/writing-lessons.md`), so one reader reads both and one
command checks both. What is right is measured on the view that each question names behind `then:`, which is also the
view that shows why.
"""

from __future__ import annotations

import csv
import io
import random
from functools import lru_cache
from typing import NamedTuple

from looped.classes.session import NO_ANSWER, UNANSWERED
from looped.lessons.answering import filled, truth_of
from looped.lessons.form import Lesson, LessonError, Question, link
from looped.lessons.reading import read_file
from looped.lessons.runs import opened, runs_in
from looped.places import resource
from looped.serving.engine import Engine

FOLDER = "assets/quiz"
QUIZ = "loops"  # the one that is shipped


class Item(NamedTuple):
    """A question of a quiz."""

    title: str
    text: tuple[str, ...]
    options: tuple[str, ...]


class Solved(NamedTuple):
    """What is right, why, and the view that shows it."""

    right: int  # an option from 0
    why: tuple[str, ...]
    link: str


def read(name: str = QUIZ) -> Lesson:
    """Read a quiz. Raises LessonError where a step asks no choice."""
    lesson = read_file(resource(FOLDER) / f"{name}.md")
    for step in lesson.steps:
        if step.question is None or step.question.kind != "choice":
            raise LessonError(f"{name}.md, line {step.line}: a step of a quiz asks a choice; write “ask: choice”.")
    return lesson


@lru_cache(maxsize=8)
def items(name: str = QUIZ) -> tuple[Item, ...]:
    """Return the questions of a quiz as its file has them, without what is right."""
    return tuple(
        Item(step.title, step.text, tuple(option.text for option in asks_of(step.question).options))
        for step in read(name).steps
    )


def asked(engine: Engine, name: str = QUIZ) -> tuple[Item, ...]:
    """Return the questions with their numbers measured. Raises ValueError where a view cannot be run."""
    steps = read(name).steps
    return tuple(
        item._replace(text=tuple(filled(engine, item.text, step.view)))
        for item, step in zip(items(name), steps, strict=True)
    )


def asks_of(question: Question | None) -> Question:
    """Return a question that is there, as `read` has seen to it."""
    if question is None:
        raise LessonError("This step of the quiz asks nothing; write “ask: choice”.")
    return question


def questions(name: str) -> list[tuple[str, list[str]]]:
    """Return title and answers of all questions, for the table of a class."""
    return [(item.title, list(item.options)) for item in items(name)]


def orders(seed: int, name: str = QUIZ) -> list[tuple[int, list[int]]]:
    """Return in which order the questions stand, and the answers of each; the same for the same seed.

    >>> orders(3) == orders(3), orders(3) == orders(4), sorted(number for number, _ in orders(3)) == list(range(10))
    (True, False, True)
    """
    chance = random.Random(seed)
    known = items(name)
    return [
        (number, chance.sample(range(len(known[number].options)), len(known[number].options)))
        for number in chance.sample(range(len(known)), len(known))
    ]


def solve(engine: Engine, name: str = QUIZ) -> tuple[Solved, ...]:
    """Measure what is right. Raises ValueError with one sentence where a view cannot be run."""
    found = []
    for step in read(name).steps:
        asks = asks_of(step.question)
        runs = runs_in(engine, asks.then)
        right = truth_of(asks, runs)
        if not isinstance(right, float):
            raise LessonError(f"{name}.md, line {step.line}: what is asked is not measured as one answer.")
        address = f"{opened(engine, asks.then).path}?{link(asks.then).partition('?')[2]}"
        found.append(Solved(int(right), tuple(filled(engine, asks.after, asks.then, runs)), address))
    return tuple(found)


def sheet(known: tuple[Item, ...], answers: list[int], right: list[int] | None, seed: int) -> str:
    """Return what one student answered as CSV, in the order of asking; with what is right where that is told.

    `answers` and `right` are in the order of the file, whose numbers stand in the column `item`. A question without an
    answer is neither right (1) nor wrong (0): that cell is empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "item", "question", "answer", *([] if right is None else ["right answer", "right"])])
    for number, (at, _) in enumerate(orders(seed), 1):
        item, own = known[at], answers[at]
        none = own == UNANSWERED
        said = NO_ANSWER if none else item.options[own]
        more = [] if right is None else [item.options[right[at]], "" if none else int(own == right[at])]
        writer.writerow([number, at + 1, item.title, said, *more])
    return out.getvalue()
