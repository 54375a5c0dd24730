"""One class: what its pages are told, who is there, what is asked and what was answered.

Every method may be called from any thread. The teacher proves itself by the key, a student by the word it was given.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from looped.classes.counting import Bar, Guess, bars, marked, middle, shown, table
from looped.classes.invitation import new_key
from looped.lessons.answering import read_guess
from looped.lessons.curves import read_curve
from looped.lessons.form import Lesson, LessonError, Question

LONGEST_VIEW = 6000  # characters of a link
VIEW = re.compile(r"/[a-z-]*\?\S*")
UNANSWERED, NO_ANSWER = -1, "no answer"  # in a sheet of the quiz, and in a table
ROUNDS = ("before", "after")  # of the quiz
ORDERS = 100_000  # in which the quiz is asked: `whole_number` reads no more digits from an address
BURST = 3  # seconds of messages that may come at once
MOST_PAGES = 4  # of one person that listen at once
GONE = 60.0  # seconds without a page after which a student's place can be another's
HELD = 5.0  # seconds for which a page counts as here that is about to listen anew
UNLED = 15.0  # seconds without the teacher's page after which students are told; a reload takes less
ENDED = "This class has ended: it takes and counts nothing any more."
Where = tuple[str, int]  # a lesson and the number of its step
State = dict[str, Any]


class ClassError(ValueError):
    """Something that a class cannot do; the message is one sentence, `status` that of the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Bounds:
    """How much one class may be."""

    students: int = 100
    rate: int = 10  # messages a second from one page


@dataclass
class Person:
    """The teacher, or a student."""

    seen: float  # when something came from it, or its last page went
    left: float  # messages that may come at once
    pages: int = 0  # that listen now
    held: float = 0.0  # until when a page counts as here that was told to listen anew
    looks: bool = False  # the teacher, in another page of the same browser: no student, though told what they are told
    order: int | None = None  # in which a student is asked the quiz; its sheet is handed in under this number


@dataclass
class Asked:
    """A question that the class was asked."""

    where: str  # the title of its lesson
    title: str
    question: Question
    loops: int = 0  # over which a curve is drawn
    passes: str = "loops"  # what they are called
    guesses: dict[str, Guess] = field(default_factory=dict)  # by student
    told: dict[str, Any] | None = None  # what was revealed to all
    measuring: int = 0  # reveals that were asked for and are not there yet


class ClassSession:
    """One class; see the head of this file. `now` is a clock in seconds."""

    def __init__(self, code: str, owner: str, now: Callable[[], float], bounds: Bounds) -> None:
        self.code, self.owner, self.now, self.bounds = code, owner, now, bounds
        self.key = new_key()
        self.used = now()
        self.ended = False
        self.guard = threading.RLock()
        self.teacher = Person(now(), BURST * bounds.rate)
        self.students: dict[str, Person] = {}
        self.view, self.follows, self.away = "", True, False
        self.at: Where | None = None  # the question where the class is
        self.asked: dict[Where, Asked] = {}
        self.quiz: str | None = None  # of ROUNDS, that is given now
        self.sheets: dict[tuple[str, str], dict[str, list[int]]] = {}  # by round and quiz: answers by who gave them
        self.listeners: list[Callable[[], None]] = []

    # ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────

    def join(self, looks: bool = False) -> str:
        """Return the word of a new student; `looks`: of a page in which the teacher looks at what students see.

        Raises ClassError where the class is full.
        """
        with self.guard:
            if len(self.students) >= self.bounds.students:
                self._forget()
            if len(self.students) >= self.bounds.students:
                raise ClassError(
                    f"This class is full: {self.bounds.students} students are in it, and this server takes no more.",
                    429,
                )
            student = new_key()
            burst = BURST * self.bounds.rate
            self.students[student] = Person(self.now(), burst, looks=looks, order=self._new_order())
            return student

    def _new_order(self) -> int:
        """Return an order of the quiz under which nobody else hands in a sheet."""
        taken = {str(one.order) for one in self.students.values()}.union(*self.sheets.values())
        order = secrets.randbelow(ORDERS)
        while str(order) in taken:
            order = secrets.randbelow(ORDERS)
        return order

    def _forget(self) -> None:
        """Give the places of those away who have no page here any more; their answers still count."""
        since = self.now() - GONE
        self.students = {word: one for word, one in self.students.items() if one.pages or one.seen > since}

    def leave(self, student: str) -> None:
        """Give the place of a student back."""
        with self.guard:
            self.students.pop(student, None)
            self.changed()

    def speaks(self, word: object, teacher: bool) -> None:
        """Note a message of the teacher or a student. Raises ClassError for a stranger, and for too many messages."""
        with self.guard:
            person = self.person(word, teacher)
            now = self.now()
            rate = self.bounds.rate
            person.left = min(BURST * rate, person.left + rate * (now - person.seen))
            person.seen = now
            if person.left < 1:
                raise ClassError(
                    f"More than {rate} messages a second came from this page; wait a moment and try again.", 429
                )
            person.left -= 1
            self.used = now

    def person(self, word: object, teacher: bool) -> Person:
        """Return who speaks. Raises ClassError for a stranger."""
        if teacher:
            if word != self.key:
                raise ClassError("Only the page that started this class leads it; start one of your own.", 403)
            return self.teacher
        found = self.students.get(word) if isinstance(word, str) else None
        if found is None:
            raise ClassError("Your place in this class is gone; join it again by its code.", 410)
        return found

    def unled(self) -> bool:
        """Return whether no page of the teacher has been here for so long that students are told."""
        return not self.teacher.pages and self.now() - self.teacher.seen > UNLED

    def comes(self, key: object) -> State:
        """Return who somebody is that comes by the code: the teacher, whose page has gone, by its key; else a student.

        While a page leads, another one with the key is a student, so that a teacher can look at what students see.
        Raises ClassError where the class is full.
        """
        with self.guard:
            led = self.teacher.pages > 0 or self.now() < self.teacher.held
            if key == self.key and not led:
                return {"code": self.code, "key": self.key}
            return {"code": self.code, "student": self.join(looks=key == self.key)}

    def here(self) -> int:
        """Return how many students have a page open now."""
        return sum(one.pages > 0 and not one.looks for one in self.students.values())

    # ── listening ─────────────────────────────────────────────────────────────────────────────────────────────────

    def listen(self, word: object, teacher: bool, told: Callable[[], None]) -> Callable[..., None]:
        """Call `told` after every change, from any thread. Raises ClassError for a stranger.

        Returns what ends that; it is told whether the page is to listen anew at once, and so is still here.
        """
        with self.guard:
            person = self.person(word, teacher)
            if person.pages >= MOST_PAGES:
                raise ClassError(f"This place in the class is open in {MOST_PAGES} pages already; close one.", 429)
            person.pages += 1
            person.held = 0.0
            self.listeners.append(told)
            self.changed()

        def leave(anew: bool = False) -> None:
            with self.guard:
                person.pages -= 1
                person.seen = self.now()
                person.held = person.seen + HELD if anew else 0.0
                self.listeners.remove(told)
                self.changed()

        return leave

    def changed(self) -> None:
        """Tell all who listen."""
        for told in list(self.listeners):
            told()

    def state(self, word: object, teacher: bool) -> State:
        """Return what a page is told: the teacher sees the counts, a student only what was revealed."""
        with self.guard:
            student = self.students.get(str(word))
            return {
                "view": self.view,
                "follows": self.follows,
                "away": self.away,
                "unled": self.unled(),
                "here": self.here(),
                "quiz": self.quiz,
                "order": student.order if student is not None else None,
                "handed": {
                    name: sum(len(of) for (own, _), of in self.sheets.items() if own == name) for name in ROUNDS
                },
                "ended": self.ended,
                "ask": self._ask(word, teacher),
            }

    def _ask(self, word: object, teacher: bool) -> State | None:
        asked = self.asked.get(self.at) if self.at else None
        if self.at is None or asked is None:
            return None
        open_to = teacher or asked.told is not None
        return {
            "lesson": self.at[0],
            "step": self.at[1],
            "answered": len(asked.guesses),
            "mine": None if teacher else asked.guesses.get(str(word)),
            "measuring": asked.measuring > 0,
            "bars": [list(bar) for bar in self._bars(asked)] if open_to else None,
            "told": asked.told,
        }

    def _bars(self, asked: Asked) -> list[Bar]:
        """Return the bars of a question as they are shown: once it is revealed, with what happened."""
        marks = asked.told["marks"] if asked.told is not None else None
        found = bars(asked.question, asked.guesses.values(), asked.passes, marks)
        return shown(found if marks is None else marked(asked.question, found, marks))

    # ── what the teacher does ─────────────────────────────────────────────────────────────────────────────────────

    def show(
        self, view: object, lesson: Lesson | None = None, number: int = 0, loops: int = 0, passes: str = "loops"
    ) -> None:
        """Lead the class to a view, perhaps to a step of a lesson. Raises ClassError.

        loops: of a curve; passes: what loops are called.
        """
        if not isinstance(view, str) or len(view) > LONGEST_VIEW or not VIEW.fullmatch(view):
            raise ClassError("This is no link to a view of this app; the class stays where it was.")
        step = lesson.steps[number - 1] if lesson is not None and 0 < number <= len(lesson.steps) else None
        with self.guard:
            self.view, self.at, self.away = view, None, False
            if lesson is not None and step is not None and step.question is not None:
                self.at = (lesson.name, number)
                known = self.asked.get(self.at)
                if known is None or known.question != step.question:
                    self.asked[self.at] = Asked(lesson.title, step.title, step.question, loops, passes)
            self.changed()

    def leave_pages(self) -> None:
        """Tell that the teacher is on a page that no other can follow to; pages stay where they are."""
        with self.guard:
            self.away = True
            self.changed()

    def let_go(self, follows: object) -> None:
        """Have all pages follow, or let them go."""
        with self.guard:
            self.follows = bool(follows)
            self.changed()

    def typical(self, guess: object = None) -> tuple[Guess, list[Guess]]:
        """Return the guess that is revealed for, and all of the class. Raises ClassError.

        It is the teacher's own, else the middle of the class.
        """
        with self.guard:
            asked = self._asked()
            given = list(asked.guesses.values())
            if guess is not None:
                _fits(asked, guess)
                return guess, given
            found = middle(asked.question, given)
            if found is None:
                raise ClassError("Nobody has answered yet: wait for an answer, or give one here yourself.", 409)
            return found, given

    @contextmanager
    def measuring(self, where: Where) -> Iterator[None]:
        """Tell all pages, as long as this lasts, that what happens at a question is being measured for its reveal."""
        with self.guard:
            asked = self.asked.get(where)
            if asked is not None:
                asked.measuring += 1
            self.changed()
        try:
            yield
        finally:
            with self.guard:
                if asked is not None:
                    asked.measuring -= 1
                self.changed()

    def reveal(self, where: Where, told: dict[str, Any]) -> None:
        """Tell everybody what was measured."""
        with self.guard:
            if where in self.asked:
                self.asked[where].told = told
            self.changed()

    def give_quiz(self, which: object) -> None:
        """Give the quiz to all, before or after; None takes it away. Raises ClassError."""
        if which is not None and which not in ROUNDS:
            raise ClassError(f"The quiz is given {' or '.join(ROUNDS)}.")
        with self.guard:
            self.quiz = str(which) if which else None
            self.changed()

    def end(self) -> None:
        """End the class: nothing of it is kept."""
        with self.guard:
            self.ended = True
            self.students, self.asked, self.sheets, self.at = {}, {}, {}, None
            self.changed()

    # ── what students do ──────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, student: str, where: tuple[object, object], guess: object) -> None:
        """Take an answer to the question where the class is; until the reveal another may take its place.

        Raises ClassError.
        """
        with self.guard:
            if where != self.at:
                raise ClassError("The class is not at this question now; wait until your teacher comes to it.", 409)
            asked = self._asked()
            if asked.told is not None:
                raise ClassError("This question has been revealed; answers came to an end.", 409)
            _fits(asked, guess)
            asked.guesses[student] = guess
            self.changed()

    def hand_in(self, quiz: str, taker: str, answers: list[int]) -> None:
        """Take a whole quiz: the answers in the order of its file; another of the same page takes its place.

        Raises ClassError where none is given now, or where there are more sheets than students may be.
        """
        with self.guard:
            if self.ended:
                raise ClassError(ENDED, 410)
            if self.quiz is None:
                raise ClassError("Your class is not at the quiz now, so nothing was counted.", 409)
            sheets = self.sheets.setdefault((self.quiz, quiz), {})
            if taker not in sheets and len(sheets) >= self.bounds.students:
                raise ClassError(f"This class has {self.bounds.students} sheets already, and takes no more.", 429)
            sheets[taker] = answers
            self.used = self.now()
            self.changed()

    def _asked(self) -> Asked:
        asked = self.asked.get(self.at) if self.at else None
        if asked is None:
            raise ClassError("The class is at no question now; go to a step of a lesson that asks one.", 409)
        return asked

    # ── taking away ───────────────────────────────────────────────────────────────────────────────────────────────

    def counts(
        self, quizzes: Callable[[str], list[tuple[str, list[str]]]], place: Callable[[str, int], str] | None = None
    ) -> str:
        """Return all counts as CSV. quizzes: the questions of a quiz by its name, each with its answers.

        place: what a cell of a view is called; without it cells are numbered from 1.
        """
        with self.guard:
            return table([*self._lesson_rows(place or (lambda _, cell: f"cell {cell + 1}")), *self._quiz_rows(quizzes)])

    def _lesson_rows(self, place: Callable[[str, int], str]) -> Iterator[tuple[object, ...]]:
        for (lesson, number), asked in self.asked.items():
            marks = asked.told["marks"] if asked.told is not None else None
            for bar in bars(asked.question, asked.guesses.values(), asked.passes, marks):
                label = bar.label or place(asked.question.then, int(bar.low or 0))
                yield asked.where, number, asked.title, label, bar.many, lesson
            if asked.question.kind not in ("choice", "number", "loop", "cells"):
                yield asked.where, number, asked.title, "answered", len(asked.guesses), lesson

    def _quiz_rows(self, quizzes: Callable[[str], list[tuple[str, list[str]]]]) -> Iterator[tuple[object, ...]]:
        for (which, name), sheets in self.sheets.items():
            for at, (title, options) in enumerate(quizzes(name)):
                for option, text in [*enumerate(options), (UNANSWERED, NO_ANSWER)]:
                    count = sum(sheet[at] == option for sheet in sheets.values())
                    yield f"Quiz, {which}", at + 1, title, text, count, name


def _fits(asked: Asked, guess: object) -> None:
    """Check a guess. Raises ClassError."""
    try:
        if asked.question.kind == "curve":
            read_curve(asked.question, guess, asked.loops)
        else:
            read_guess(asked.question, guess)
    except LessonError as error:
        raise ClassError(str(error)) from error
