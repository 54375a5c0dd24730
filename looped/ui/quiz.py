"""The quiz as a page: ten questions in an order of the visitor's own, handed in once, taken away as CSV.

What was answered and what was handed in survive a reload, in the browser that did. Before a lesson nothing is said of
what is right, so that the same questions can be asked after it. In a class the sheet is counted, too, as long as the
teacher gives the quiz; the link that a class opens names the round and the order.
"""

from __future__ import annotations

import json
import secrets
from functools import cache

import streamlit as st

from looped.classes import ClassError, quiz
from looped.classes.session import ORDERS, ROUNDS, UNANSWERED
from looped.serving.request import whole_number
from looped.ui import classes
from looped.ui.memory import keep, recall, show_top
from looped.ui.state import engine

HANDED = "quiz-handed-in"  # in the state of a session: the answers, in the order of the file
SAID = "quiz-said"  # and what became of them: whether that went well, and a sentence
SHEET = "quiz-sheet"  # and which sheet these are of
SEED = "quiz-seed"  # what decides the order, for who comes back by an address without it
BEGUN = "quiz-begun"  # and a sheet that is not handed in: what it is called, and its answers so far
DRAWN = "quiz-drawn"  # and the order that was drawn because the address named none
NEW = "quiz-new"  # and whether the page shows what was handed in for the first time
SURE = "quiz-sure"  # and the sheet of which was asked whether it is handed in with questions left out
WIDE = 800  # pixels


def page() -> None:
    """Ask the questions, or show what was handed in."""
    with st.container(width=WIDE):
        lesson = quiz.read()
        st.title(lesson.title)
        with st.container():  # a place that stays: what is below does not move
            go_on()
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
    return f"loopscope.quiz.{order_name()}"


def draft_name() -> str:
    """Return what a browser calls the answers to that sheet that are not handed in yet."""
    return f"loopscope.draft.quiz.{order_name()}"


def last_name() -> str:
    """Return what a browser calls the order of the sheet that was begun last and is not handed in."""
    return f"loopscope.quiz.last.{st.query_params.get('class', '')}.{which() or ''}"


def order_name() -> str:
    """Return class, round and order of the sheet that the address names."""
    return f"{st.query_params.get('class', '')}.{which() or ''}.{seed()}"


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
    if not fits(answers) or not isinstance(counts, bool) or not isinstance(said, str):
        return None
    return answers, (counts, said)


def read_begun(text: str) -> list[int] | None:
    """Read what a browser has kept of a sheet that is not handed in; None where that is no sheet of this quiz."""
    try:
        answers = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return answers if fits(answers) else None


def fits(answers: object) -> bool:
    """Return whether these are answers to all questions, in the order of the file; some may be UNANSWERED."""
    many = [len(item.options) for item in quiz.items()]
    return (
        isinstance(answers, list)
        and len(answers) == len(many)
        and all(type(own) is int and UNANSWERED <= own < most for own, most in zip(answers, many, strict=True))
    )


def hand_over(answers: list[int], said: tuple[bool, str]) -> None:
    """Put a sheet into the state of the session."""
    st.session_state.update({SHEET: sheet_name(), HANDED: answers, SAID: said})


def seed() -> int:
    """Return what decides the order. It stands in the address: a reload keeps it, and who comes back finds it again."""
    found = whole_number(st.query_params.get("seed", ""))
    if found is None:
        found = st.session_state.get(SEED)
    if found is None:
        found = secrets.randbelow(ORDERS)
        st.session_state[DRAWN] = found
    st.session_state[SEED] = found
    if st.query_params.get("seed") != str(found):
        st.query_params["seed"] = str(found)
    return found


def go_on() -> None:
    """Take up the sheet that was begun last in this browser, where the address names none and none is begun here.

    The browser is asked, and tells a moment later.
    """
    here = seed()
    if here != st.session_state.get(DRAWN) or any(own != UNANSWERED for own in answers_here()):
        return
    last = whole_number(recall(last_name()) or "")
    if last is not None:
        st.query_params["seed"] = str(last)


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
    """Show the questions, with what was answered of them so far."""
    st.markdown(
        "Choose one answer to each; a guess is better than none. Your browser keeps them; "
        "you cannot change them once they are handed in."
    )
    with st.container():  # a place that stays, so that questions do not move when the browser has told
        fill_in(begun())
    order = quiz.orders(seed())
    for at, (number, options) in enumerate(order, 1):
        item = items()[number]
        st.subheader(f"{at}. {item.title}")
        st.radio(" ".join(item.text), options, index=None, format_func=item.options.__getitem__, key=f"quiz-{number}")
    answers = answers_here()
    st.session_state[BEGUN] = (sheet_name(), answers)
    with st.container():
        if any(own != UNANSWERED for own in answers):
            keep(draft_name(), json.dumps(answers))
            keep(last_name(), str(seed()))
    finish(answers, [at for at, (number, _) in enumerate(order, 1) if answers[number] == UNANSWERED])


def begun() -> list[int]:
    """Return what was answered of this sheet before: in this session, else as the browser has kept it; [] for nothing.

    The browser is asked once, and tells a moment later.
    """
    name, answers = st.session_state.get(BEGUN, ("", []))
    if name == sheet_name() and any(own != UNANSWERED for own in answers):
        return list(answers)
    text = recall(draft_name())
    found = None if text is None else read_begun(text)
    if text is not None and found is None:
        keep(draft_name(), "")
    return found or []


def fill_in(answers: list[int]) -> None:
    """Answer the questions as they were answered before; what is chosen on the page by now stands."""
    for number, own in enumerate(answers):
        if own != UNANSWERED and st.session_state.get(f"quiz-{number}") is None:
            st.session_state[f"quiz-{number}"] = own


def answers_here() -> list[int]:
    """Return what is chosen on the page, in the order of the file."""
    chosen = [st.session_state.get(f"quiz-{number}") for number in range(len(items()))]
    return [UNANSWERED if own is None else int(own) for own in chosen]


def finish(answers: list[int], left: list[int]) -> None:
    """Show the button, and say which questions are left out; hand in, having asked once where some are."""
    none, sure = len(left) == len(answers), left and st.session_state.get(SURE) == sheet_name()
    with st.container():
        if left:
            st.caption(left_out(left, len(answers)))
    pressed = st.button("Hand in all the same" if sure else "Hand in", type="primary")
    if pressed and none:
        st.error("Nothing is answered yet, so there is nothing to hand in: choose an answer to at least one question.")
    elif pressed and left and not sure:
        st.session_state[SURE] = sheet_name()
        st.rerun()
    elif pressed:
        hand_over(answers, counted(answers))
        st.session_state[NEW] = True
        st.rerun()
    elif sure:
        st.warning("Handed in like this, questions without an answer count as unanswered, not as wrong.")


def left_out(left: list[int], many: int) -> str:
    """Say which of so many questions have no answer, by the numbers under which they are asked.

    >>> left_out([4], 10), left_out([2, 5, 9], 10)
    ('1 of 10 questions has no answer yet: 4.', '3 of 10 questions have no answer yet: 2, 5 and 9.')
    """
    have = "has" if len(left) == 1 else "have"
    if len(left) == many:
        return f"{many} of {many} questions have no answer yet."
    return f"{len(left)} of {many} questions {have} no answer yet: {listed(left)}."


def listed(numbers: list[int]) -> str:
    """Return numbers as a sentence lists them.

    >>> listed([2]), listed([2, 5, 9])
    ('2', '2, 5 and 9')
    """
    *before, last = map(str, numbers)
    return f"{', '.join(before)} and {last}" if before else last


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
    keep(draft_name(), "")
    (st.success if counts else st.warning)(said)
    if st.session_state.pop(NEW, False):
        keep(last_name(), "")
        show_top()
    told = None if which() == "before" else solved()
    right = None if told is None else [one.right for one in told]
    name = f"loopscope-quiz-{which() or 'own'}.csv"
    if right is not None:
        st.markdown(f"{score(answers, right)} Each link shows the run that was measured.")
    else:
        st.markdown("What is right you will see after the lesson, when the same questions are asked again.")
    st.download_button("Download my answers (CSV)", quiz.sheet(items(), answers, right, seed()), name, "text/csv")
    if which() is None and "class" not in st.query_params:
        st.button("Begin anew", on_click=begin_anew, help="A new sheet in another order; this one stays as it is.")
    for number, (at, _) in enumerate(quiz.orders(seed()), 1):
        show(number, items()[at], answers[at], None if told is None else told[at])


def score(answers: list[int], right: list[int]) -> str:
    """Say how many answers are right; a question without an answer is neither right nor wrong.

    >>> score([0, 1, 2], [0, 1, 0]), score([0, -1, -1], [0, 1, 0])
    ('**2 of 3** are right.', '**1 of 3** is right; 2 have no answer.')
    """
    hits = sum(own == true for own, true in zip(answers, right, strict=True))
    none = answers.count(UNANSWERED)
    said = f"**{hits} of {len(right)}** {'is' if hits == 1 else 'are'} right"
    return f"{said}; {none} {'has' if none == 1 else 'have'} no answer." if none else f"{said}."


def begin_anew() -> None:
    """Take a sheet in another order; the one that was handed in stays behind its address."""
    st.query_params["seed"] = str(secrets.randbelow(ORDERS))


def show(number: int, item: quiz.Item, own: int, true: quiz.Solved | None) -> None:
    """Show one question with its answer, by the number under which it was asked."""
    st.subheader(f"{number}. {item.title}")
    st.markdown(" ".join(item.text))
    none = own == UNANSWERED
    mine = "You gave no answer." if none else f"You said: {item.options[own]}"
    if true is None:
        st.markdown(mine)
        return
    if own == true.right:
        st.markdown(f"✓ {mine} So it is.")
    else:
        st.markdown(f"{'–' if none else '✕'} {mine} What happens: {item.options[true.right]}")
    st.markdown(f"{' '.join(true.why)} [See it in the microscope](.{true.link})")
