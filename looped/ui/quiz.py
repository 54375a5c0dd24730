"""The quiz as a page: ten questions in an order of the visitor's own, handed in once, taken away as CSV.

What was handed in survives a reload, in the browser that did. Before a lesson nothing is said of what is right, so that
the same questions can be asked after it. In a class the sheet is counted, too, as long as the teacher gives the quiz;
the link that a class opens names the round and the order.
"""

from __future__ import annotations

import json
import random
from functools import cache

import streamlit as st

from looped.classes import ClassError, quiz
from looped.classes.session import ROUNDS, UNANSWERED
from looped.serving.request import whole_number
from looped.ui import classes
from looped.ui.memory import keep, recall
from looped.ui.state import engine

MOST_SEEDS = 100_000  # `whole_number` reads no more digits from an address
HANDED = "quiz-handed-in"  # in the state of a session: the answers, in the order of the file
SAID = "quiz-said"  # and what became of them: whether that went well, and a sentence
SHEET = "quiz-sheet"  # and which sheet these are of
SEED = "quiz-seed"  # what decides the order, for who comes back by an address without it
WIDE = 800  # pixels


def page() -> None:
    """Ask the questions, or show what was handed in."""
    with st.container(width=WIDE):
        lesson = quiz.read()
        st.title(lesson.title)
        if handed() is None:
            remember()
        found = handed()
        if found is None:
            ask()
        else:
            after(found)


def handed() -> list[int] | None:
    """Return the answers of the sheet that the address names, None before it was handed in."""
    own = st.session_state.get(SHEET) == sheet_name()
    found: list[int] | None = st.session_state.get(HANDED) if own else None
    return found


def sheet_name() -> str:
    """Return what a browser calls the sheet that the address names: class, round and order."""
    return f"loopscope.quiz.{st.query_params.get('class', '')}.{which() or ''}.{seed()}"


def remember() -> None:
    """Take what the browser handed in before, or have it forget what is no sheet of this quiz."""
    text = recall(sheet_name())
    if text is None:
        return
    found = read_sheet(text)
    if found is None:
        keep(sheet_name(), "")
    else:
        hand_over(*found)


def read_sheet(text: str) -> tuple[list[int], tuple[bool, str]] | None:
    """Read what a browser has kept: the answers, and what became of them; None where it is no sheet of this quiz."""
    try:
        found = json.loads(text)
        answers, (counts, said) = found["answers"], found["said"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    many = [len(item.options) for item in quiz.items()]
    fits = (
        isinstance(answers, list) and len(answers) == len(many) and isinstance(counts, bool) and isinstance(said, str)
    )
    if not fits or not all(type(own) is int and -1 <= own < most for own, most in zip(answers, many, strict=True)):
        return None
    return answers, (counts, said)


def hand_over(answers: list[int], said: tuple[bool, str]) -> None:
    """Put a sheet into the state of the session."""
    st.session_state.update({SHEET: sheet_name(), HANDED: answers, SAID: said})


def seed() -> int:
    """Return what decides the order. It stands in the address: a reload keeps it, and who comes back finds it again."""
    found = whole_number(st.query_params.get("seed", ""))
    if found is None:
        found = st.session_state.get(SEED)
    if found is None:
        found = random.SystemRandom().randrange(MOST_SEEDS)
    st.session_state[SEED] = found
    if st.query_params.get("seed") != str(found):
        st.query_params["seed"] = str(found)
    return found


def which() -> str | None:
    """Return the round of a class or of a teacher's link, None for a quiz of one's own."""
    asked = st.query_params.get("round")
    return asked if asked in ROUNDS else None


@cache
def items() -> tuple[quiz.Item, ...]:
    """Return the questions, with the numbers that stand in them measured."""
    return quiz.asked(engine())


@cache
def solved() -> tuple[quiz.Solved, ...]:
    """Return what is right, measured when somebody needs it for the first time."""
    return quiz.solve(engine())


def ask() -> None:
    """Show the form."""
    st.markdown(
        "Choose one answer to each; a guess is better than none. You cannot change them once they are handed in."
    )
    chosen: dict[int, int | None] = {}
    with st.form("quiz", border=False):
        for at, (number, order) in enumerate(quiz.orders(seed()), 1):
            item = items()[number]
            st.subheader(f"{at}. {item.title}")
            chosen[number] = st.radio(
                " ".join(item.text), order, index=None, format_func=item.options.__getitem__, key=f"quiz-{number}"
            )
        done = st.form_submit_button("Hand in", type="primary")
    if done:
        answers = [UNANSWERED if chosen[number] is None else int(chosen[number] or 0) for number in sorted(chosen)]
        hand_over(answers, counted(answers))
        st.rerun()


def counted(answers: list[int]) -> tuple[bool, str]:
    """Hand a sheet in to the class that the address names; say whether that went well, and what became of it."""
    code = st.query_params.get("class", "")
    if not code:
        return True, "Handed in."
    try:
        session = classes.BOOK.find(code, st.context.ip_address or "")
        session.hand_in(quiz.QUIZ, str(seed()), answers)
    except ClassError as error:
        return False, f"Your class did not count it. {error}"
    return True, "Handed in: your class has counted it, without a name."


def after(answers: list[int]) -> None:
    """Show what was handed in; what is right only where it is not asked again."""
    counts, said = st.session_state[SAID]
    keep(sheet_name(), json.dumps({"answers": answers, "said": [counts, said]}))
    (st.success if counts else st.warning)(said)
    told = None if which() == "before" else solved()
    right = None if told is None else [one.right for one in told]
    name = f"loopscope-quiz-{which() or 'own'}.csv"
    if right is not None:
        hits = sum(own == true for own, true in zip(answers, right, strict=True))
        st.markdown(f"**{hits} of {len(right)}** are right. Each link shows the run that was measured.")
    else:
        st.markdown("What is right you will see after the lesson, when the same questions are asked again.")
    st.download_button("Download my answers (CSV)", quiz.sheet(items(), answers, right, seed()), name, "text/csv")
    if which() is None and "class" not in st.query_params:
        st.button("Begin anew", on_click=begin_anew, help="A new sheet in another order; this one stays as it is.")
    for number, (at, _) in enumerate(quiz.orders(seed()), 1):
        show(number, items()[at], answers[at], None if told is None else told[at])


def begin_anew() -> None:
    """Take a sheet in another order; the one that was handed in stays behind its address."""
    st.query_params.pop("seed", None)
    st.session_state.pop(SEED, None)


def show(number: int, item: quiz.Item, own: int, true: quiz.Solved | None) -> None:
    """Show one question with its answer, by the number under which it was asked."""
    st.subheader(f"{number}. {item.title}")
    st.markdown(" ".join(item.text))
    mine = "nothing." if own == UNANSWERED else item.options[own]
    if true is None:
        st.markdown(f"You said: {mine}")
        return
    if own == true.right:
        st.markdown(f"✓ You said: {mine} So it is.")
    else:
        st.markdown(f"✕ You said: {mine} What happens: {item.options[true.right]}")
    st.markdown(f"{' '.join(true.why)} [See it in the microscope](.{true.link})")
