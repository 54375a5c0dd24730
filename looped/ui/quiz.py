"""The quiz as a page: ten questions in an order of the visitor's own, handed in once, taken away as CSV.

Before a lesson nothing is said of what is right, so that the same questions can be asked after it. In a class the sheet
is counted, too, as long as the teacher gives the quiz; the link that a class opens names the round and the order.
"""

from __future__ import annotations

import random
from functools import cache

import streamlit as st

from looped.classes import ClassError, quiz
from looped.classes.session import ROUNDS, UNANSWERED
from looped.serving.request import whole_number
from looped.ui import classes
from looped.ui.state import engine

MOST_SEEDS = 1_000_003
HANDED = "quiz-handed-in"  # in the state of a session: the answers, in the order of the file
SAID = "quiz-said"  # and what became of them
WIDE = 800  # pixels


def page() -> None:
    """Ask the questions, or show what was handed in."""
    with st.container(width=WIDE):
        lesson = quiz.read()
        st.title(lesson.title)
        handed: list[int] | None = st.session_state.get(HANDED)
        if handed is None:
            ask()
        else:
            after(handed)


def seed() -> int:
    """Return what decides the order; it stands in the address, so that a reload keeps it."""
    found = whole_number(st.query_params.get("seed", ""))
    if found is None:
        found = random.SystemRandom().randrange(MOST_SEEDS)
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
        st.session_state[HANDED] = answers
        st.session_state[SAID] = counted(answers)
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
    (st.success if counts else st.warning)(said)
    told = None if which() == "before" else solved()
    right = None if told is None else [one.right for one in told]
    name = f"loopscope-quiz-{which() or 'own'}.csv"
    if right is not None:
        hits = sum(own == true for own, true in zip(answers, right, strict=True))
        st.markdown(f"**{hits} of {len(right)}** are as it happens. Each link shows the run that was measured.")
    else:
        st.markdown("What is right you will see after the lesson, when the same questions are asked again.")
    st.download_button("Download my answers (CSV)", quiz.sheet(items(), answers, right), name, "text/csv")
    for number, item in enumerate(items()):
        show(number, item, answers[number], told)


def show(number: int, item: quiz.Item, own: int, told: tuple[quiz.Solved, ...] | None) -> None:
    """Show one question with its answer."""
    st.subheader(f"{number + 1}. {item.title}")
    st.markdown(" ".join(item.text))
    mine = "nothing" if own == UNANSWERED else item.options[own]
    if told is None:
        st.markdown(f"You said: {mine}")
        return
    true = told[number]
    if own == true.right:
        st.markdown(f"✓ You said: {mine} So it is.")
    else:
        st.markdown(f"✕ You said: {mine} What happens: {item.options[true.right]}")
    st.markdown(f"{' '.join(true.why)} [See it in the microscope](.{true.link})")
