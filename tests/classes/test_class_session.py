"""A class together: who may do what, what is told to whom before and after the reveal, and every bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from looped.classes import ClassError, Classes, ClassSession
from looped.classes.book import IDLE, MINUTE, MOST_WRONG
from looped.classes.counting import bars, marked, middle
from looped.classes.session import ENDED, GONE, HELD, MOST_PAGES, ORDERS, UNLED, Bounds
from looped.classes.speaking import of_answers, said_of
from looped.lessons import find
from looped.lessons.answering import judge, read_guess
from looped.lessons.form import Lesson, Option, Question, Step
from looped.serving.request import whole_number

VIEW = "/?v=1&checkpoint=sudoku6-looped&lesson=2-fixed-point&step="
CHOICE = Question(
    "choice", "asked", "", options=(Option("none", 0, 0), Option("some", 1, 9), Option("never", None, None))
)
NOT = "not within 3 loops"
TOLD = {"text": ["A secret."], "marks": {"option": 1}}


class Clock:
    """Time that goes on when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Classes:
    return Classes(4, Bounds(students=3, rate=2), clock)


@pytest.fixture
def session(book: Classes) -> ClassSession:
    return book.start("1.2.3.4")


def asking(session: ClassSession, step: int = 2) -> tuple[str, int]:
    """Lead a class to a question of a lesson; return where that is."""
    session.show(f"{VIEW}{step}", find("2-fixed-point"), step)
    return ("2-fixed-point", step)


def refused(do: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ClassError) as error:
        do()
    assert str(error.value).count("\n") == 0
    return error.value.status, str(error.value)


def test_a_code_is_found_however_it_is_typed(book: Classes, session: ClassSession) -> None:
    typed = f" {session.code[:3].upper()}-{session.code[3:]} "
    assert book.find(typed, "5.6.7.8") is session


def test_nothing_is_revealed_before_the_teacher_reveals(session: ClassSession) -> None:
    ann, ben = session.join(), session.join()
    where = asking(session)
    session.answer(ann, where, 1)
    state = session.state(ann, teacher=False)["ask"]
    told = {"measuring": False, "bars": None, "told": None}
    assert state == {"lesson": where[0], "step": 2, "answered": 1, "mine": 1, **told}
    led = session.state(session.key, teacher=True)["ask"]
    assert [bar[1] for bar in led["bars"]] == [0, 1]
    session.reveal(where, TOLD)
    for student, mine in ((ann, 1), (ben, None)):
        after = session.state(student, teacher=False)["ask"]
        assert (after["told"], after["mine"]) == (TOLD, mine)
        assert [bar[1] for bar in after["bars"]] == [0, 1]
    assert "revealed" in refused(lambda: session.answer(ben, where, 0))[1]


def test_one_student_has_one_answer_and_the_last_one_counts(session: ClassSession) -> None:
    student, where = session.join(), asking(session)
    session.answer(student, where, 0)
    session.answer(student, where, 1)
    assert [bar[1] for bar in session.state(session.key, teacher=True)["ask"]["bars"]] == [0, 1]


def test_every_student_has_an_order_of_the_quiz_that_an_address_holds_and_nobody_else_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = 60
    monkeypatch.setattr("looped.classes.session.ORDERS", many + 2)
    session = Classes(1, Bounds(students=many)).start("1.2.3.4")
    session.give_quiz("before")
    for taken in ("7", "9"):  # handed in, and who did so has gone
        session.hand_in("loops", taken, [0])
    words = [session.join() for _ in range(many)]
    orders = [session.state(word, teacher=False)["order"] for word in words]
    assert sorted([*orders, 7, 9]) == [*range(many + 2)]
    assert session.state(words[0], teacher=False)["order"] == orders[0]
    assert session.state(session.key, teacher=True)["order"] is None
    assert whole_number(str(ORDERS - 1)) == ORDERS - 1


def test_an_answer_must_fit_the_question_where_the_class_is(session: ClassSession) -> None:
    student = session.join()
    assert refused(lambda: session.answer(student, ("2-fixed-point", 2), 1))[0] == 409
    where = asking(session)
    for guess in (7, "1", None, [1], True):
        assert "Choose one of the answers" in refused(lambda guess=guess: session.answer(student, where, guess))[1]
    asking(session, 3)
    assert "not at this question" in refused(lambda: session.answer(student, where, 1))[1]
    assert session.state(session.key, teacher=True)["ask"]["answered"] == 0


def test_who_goes_back_to_a_question_finds_its_answers_again(session: ClassSession) -> None:
    student, where = session.join(), asking(session)
    session.answer(student, where, 1)
    asking(session, 1)  # a step that asks nothing
    assert session.state(student, teacher=False)["ask"] is None
    asking(session)
    assert session.state(student, teacher=False)["ask"]["mine"] == 1


def test_only_the_page_that_started_a_class_leads_it(session: ClassSession) -> None:
    student = session.join()
    for word in (student, session.code, "", None):
        assert refused(lambda word=word: session.speaks(word, teacher=True))[0] == 403
    for word in (session.key, "nobody", None, ["x"]):
        assert refused(lambda word=word: session.speaks(word, teacher=False))[0] == 410


def test_a_class_goes_only_to_views_of_this_app(session: ClassSession) -> None:
    for view in ("https://evil.example/?a=1", "//evil.example/?a", "javascript:alert(1)", "/?" + "x" * 6000, 7, None):
        assert "no link" in refused(lambda view=view: session.show(view))[1]
    session.show("/paths?v=1")
    assert session.state(None, teacher=True)["view"] == "/paths?v=1"


def test_a_class_is_told_where_it_cannot_follow(session: ClassSession) -> None:
    student = session.join()
    session.show("/theory?cells=8&loop=3")
    session.leave_pages()
    told = session.state(student, False)
    assert (told["away"], told["view"]) == (True, "/theory?cells=8&loop=3")  # who comes late goes there
    session.show("/?v=1&puzzle=1")
    assert session.state(student, False)["away"] is False


def test_students_are_told_while_no_page_of_the_teacher_is_there(session: ClassSession, clock: Clock) -> None:
    student = session.join()
    heard: list[bool] = []

    def told() -> bool:
        return bool(session.state(student, teacher=False)["unled"])

    session.listen(student, False, lambda: heard.append(told()))
    assert not told()  # it has begun the class just now
    leave = session.listen(session.key, True, lambda: None)
    clock.seconds += 10 * UNLED
    assert not told()  # a page that listens is there, however quiet
    leave()
    clock.seconds += UNLED  # a reload takes less
    assert not told()
    clock.seconds += 1
    assert told()
    heard.clear()
    session.listen(session.key, True, lambda: None)
    assert heard == [False]  # at once, when it is back


def test_a_teacher_that_speaks_is_there(session: ClassSession, clock: Clock) -> None:
    clock.seconds += UNLED + 1
    assert session.unled()
    session.speaks(session.key, teacher=True)
    assert not session.unled()
    clock.seconds += UNLED + 1
    session.speaks(session.join(), teacher=False)
    assert session.unled()


def test_a_teacher_whose_page_is_closed_leads_again_by_the_link(session: ClassSession, clock: Clock) -> None:
    """Only with the key, and only while no page leads; else the page is a student's."""
    session.show("/?v=1&loop=2")
    leave = session.listen(session.key, True, lambda: None)
    own = session.comes(session.key)
    assert set(own) == {"code", "student"}
    looks = session.listen(own["student"], False, lambda: None)
    assert session.here() == 0  # it is told what students are told, and is none
    looks()
    leave(anew=True)  # it will be back in a moment
    assert set(session.comes(session.key)) == {"code", "student"}
    clock.seconds += HELD
    assert session.comes(session.key) == {"code": session.code, "key": session.key}
    leave = session.listen(session.key, True, lambda: None)
    leave()
    for word in (None, "", session.code, ["x"]):
        assert set(session.comes(word)) == {"code", "student"}
        session.students.clear()
    assert "key" in session.comes(session.key)


def test_a_full_class_takes_a_student_in_when_another_has_gone(session: ClassSession, clock: Clock) -> None:
    words = [session.join() for _ in range(3)]
    leave = session.listen(words[0], False, lambda: None)
    status, said = refused(session.join)
    assert (status, said) == (429, "This class is full: 3 students are in it, and this server takes no more.")
    clock.seconds += GONE + 1
    assert session.join()
    assert session.here() == 1
    session.person(words[0], teacher=False)  # it has a page open
    assert refused(lambda: session.person(words[1], teacher=False))[0] == 410
    leave()
    assert session.here() == 0


def test_one_page_sends_no_more_than_its_rate(session: ClassSession, clock: Clock) -> None:
    student, other = session.join(), session.join()
    for _ in range(6):  # three seconds' worth at once
        session.speaks(student, teacher=False)
    assert refused(lambda: session.speaks(student, teacher=False)) == (
        429,
        "More than 2 messages a second came from this page; wait a moment and try again.",
    )
    session.speaks(other, teacher=False)
    clock.seconds += 0.5
    session.speaks(student, teacher=False)


def test_listeners_hear_of_changes_and_are_few(session: ClassSession) -> None:
    heard: list[int] = []
    student = session.join()
    leaves = [session.listen(student, False, lambda: heard.append(1)) for _ in range(MOST_PAGES)]
    assert refused(lambda: session.listen(student, False, lambda: None))[0] == 429
    heard.clear()
    session.show("/?v=1")
    assert len(heard) == MOST_PAGES
    for leave in leaves:
        leave()
    heard.clear()
    session.show("/?v=1&loop=1")
    assert heard == []


def test_a_class_ends_after_two_idle_hours_and_nothing_of_it_is_left(book: Classes, clock: Clock) -> None:
    session = book.start("1.2.3.4")
    student, where = session.join(), asking(session)
    session.answer(student, where, 1)
    clock.seconds += IDLE - 1
    session.speaks(student, teacher=False)
    clock.seconds += IDLE - 1
    assert book.find(session.code, "") is session
    session.listen(session.key, True, lambda: None)  # an open page alone is no use of it
    clock.seconds += 2
    assert refused(lambda: book.find(session.code, "")) == (410, ENDED)
    assert session.state(session.key, teacher=True)["ended"]
    assert (session.students, session.asked, session.sheets) == ({}, {}, {})


def test_there_are_so_many_classes_and_half_of_them_from_one_address(book: Classes) -> None:
    first, _ = book.start("a"), book.start("a")
    assert refused(lambda: book.start("a"))[0] == 503
    book.start("b")
    book.start("c")
    assert "as many classes as it takes (4" in refused(lambda: book.start("d"))[1]
    book.end(first)
    book.start("d")
    assert "LOOPSCOPE_CLASSES" in refused(lambda: Classes(0, Bounds()).start("a"))[1]


def test_codes_cannot_be_tried_quickly(book: Classes, session: ClassSession, clock: Clock) -> None:
    for _ in range(MOST_WRONG):
        assert refused(lambda: book.find("222222", "evil"))[0] == 404
    assert refused(lambda: book.find("222222", "evil"))[0] == 429
    assert refused(lambda: book.find(session.code, "evil"))[0] == 429  # not even the right one
    assert book.find(session.code, "good") is session
    clock.seconds += MINUTE + 1
    assert book.find(session.code, "evil") is session


@pytest.mark.parametrize(
    ("asks", "guesses", "counted", "typical"),
    [
        (CHOICE, [1, 1, 2], {"none": 0, "some": 2, "never": 1}, 1),
        (
            Question("number", "asked", "", low=0, high=30),
            [0, 5, 30],
            {f"{low}–{low + 2}" if low < 30 else "30": int(low in (0, 3, 30)) for low in range(0, 31, 3)},
            5,
        ),
        (
            Question("number", "error after 3", "", low=0, high=2.5),
            [0.021, 0.3, 2.5],
            {f"{low / 4:.3g}–{(low + 1) / 4:.3g}": int(low in (0, 1, 9)) for low in range(10)},
            0.3,
        ),
        (
            Question("loop", "lost", "", low=1, high=3),
            ["never", "never", 2],
            {"1": 0, "2": 1, "3": 0, NOT: 2},
            "never",
        ),
        (Question("curve", "step of every loop", "", low=0, high=9), [[1, 5], [2, 9], [3, 0]], {}, [2, 5]),
        (Question("loop", "lost", "", low=1, high=3), [1, 2], {"1": 1, "2": 1, "3": 0, NOT: 0}, 1.5),
        (Question("loop", "lost", "", low=1, high=3), [3, "never"], {"1": 0, "2": 0, "3": 1, NOT: 1}, 3),
        (Question("curve", "step of every loop", "", low=0, high=9), [[1, 5], [2, 9]], {}, [1.5, 7]),
        (Question("cells", "cells that settle last", ""), [[3], [3, 9]], {3: 2, 9: 1}, [3]),
        (Question("cells", "cells that settle last", ""), [[3], [9]], {3: 1, 9: 1}, [3, 9]),
        (Question("cells", "cells that settle last", ""), [[3, 9], [3, 4]], {3: 2, 4: 1, 9: 1}, [3]),
    ],
    ids=["choice", "number", "decimals", "loop", "curve", "two", "half", "two curves", "cells", "tied", "half tied"],
)
def test_answers_are_counted_by_their_kind(
    asks: Question, guesses: list[Any], counted: dict[Any, int], typical: Any
) -> None:
    assert {bar.label or bar.low: bar.many for bar in bars(asks, guesses)} == counted
    assert middle(asks, guesses) == typical
    assert middle(asks, []) is None


def test_a_reveal_is_for_the_teachers_guess_or_the_middle_of_the_class(session: ClassSession) -> None:
    student, where = session.join(), asking(session)
    assert "Nobody has answered yet" in refused(session.typical)[1]
    assert session.typical(0)[0] == 0
    session.answer(student, where, 1)
    assert session.typical()[0] == 1
    assert "Choose one" in refused(lambda: session.typical(9))[1]


def test_the_middle_of_two_lies_between_them_and_no_student_may_say_so(session: ClassSession) -> None:
    asks = Question("loop", "lost", "/?x", low=1, high=20, near=1)
    session.show("/?x", Lesson("own", "Own", "", 3, (Step("Say", "/?x", ("Say.",), question=asks),)), 1)
    for guess in (11, 12):
        session.answer(session.join(), ("own", 1), guess)
    assert session.typical() == (11.5, [11, 12])
    assert "whole number" in refused(lambda: session.typical(11.5))[1]
    assert "whole number" in refused(lambda: session.answer(session.join(), ("own", 1), 11.5))[1]
    found = judge(asks, read_guess(asks, 11.5, median=True), 12.0, [])
    said = said_of(found.says, of_answers(asks, [11, 12]))
    assert said == "The median of the class is loop 11.5; it is loop 12, and up to 1 loop off is near enough."
    assert judge(asks, 10.5, 12.0, []).result == "too low"


@pytest.mark.parametrize(
    ("guesses", "says", "said"),
    [
        (
            [[3], [9]],
            "None of the cells you chose is among the two: a and b.",
            "No cell was chosen more often than another. None of the cells that were chosen is among the two: a and b.",
        ),
        (
            [[3], [9]],
            "It is a, which you did not choose.",
            "No cell was chosen more often than another. It is a, which nobody chose.",
        ),
        (
            [[3], [9], [9]],
            "The cell you chose is not among the two: a and b.",
            "The cell chosen most often is not among the two: a and b.",
        ),
        (
            [[3, 9], [3, 9]],
            "These are the two, as you said: a and b.",
            "These are the two, which were chosen most often: a and b.",
        ),
        ([[3], [3]], "It is a, as you said.", "It is a, which was chosen most often."),
    ],
)
def test_of_cells_that_were_chosen_equally_often_none_is_said_to_stand_out(
    guesses: list[list[int]], says: str, said: str
) -> None:
    assert said_of(says, of_answers(Question("cells", "cells that settle last", ""), guesses)) == said


def test_all_pages_are_told_while_what_happens_is_measured_also_where_that_fails(session: ClassSession) -> None:
    student, where = session.join(), asking(session)

    def said() -> list[bool]:
        pages = ((student, False), (session.key, True))
        return [session.state(word, teacher)["ask"]["measuring"] for word, teacher in pages]

    changes: list[list[bool]] = []
    session.listen(student, False, lambda: changes.append(said()))
    changes.clear()
    with session.measuring(where), session.measuring(where):
        assert said() == [True, True]
    with pytest.raises(ValueError, match="too slow"), session.measuring(where):
        raise ValueError("too slow")
    on, off = [True, True], [False, False]
    assert changes == [on, on, on, off, on, off]


def test_counts_are_a_table_without_anything_of_a_student(session: ClassSession) -> None:
    student, where = session.join(), asking(session)
    session.answer(student, where, 1)
    session.give_quiz("before")
    session.hand_in("loops", "a", [0, -1])
    text = session.counts(lambda name: [("=First?", ["yes", "no"]), ("Second?", ["yes", "no"])])
    assert text.splitlines() == [
        "where,number,question,answer,count,name",
        "The fixed point in five minutes,2,Does it come to rest?,It goes on moving.,0,2-fixed-point",
        "The fixed point in five minutes,2,Does it come to rest?,"
        "It comes to rest: the steps become as short as rounding.,1,2-fixed-point",
        '"Quiz, before",1,\'=First?,yes,1,loops',
        '"Quiz, before",1,\'=First?,no,0,loops',
        '"Quiz, before",1,\'=First?,no answer,0,loops',
        '"Quiz, before",2,Second?,yes,0,loops',
        '"Quiz, before",2,Second?,no,0,loops',
        '"Quiz, before",2,Second?,no answer,1,loops',
    ]
    assert student not in text


def test_a_quiz_is_counted_once_a_page_and_only_while_it_is_given(session: ClassSession) -> None:
    assert refused(lambda: session.hand_in("loops", "a", [0]))[0] == 409
    session.give_quiz("before")
    for taker in ("a", "a", "b", "c"):
        session.hand_in("loops", taker, [0])
    assert session.state(session.key, teacher=True)["handed"] == {"before": 3, "after": 0}
    assert refused(lambda: session.hand_in("loops", "d", [0]))[0] == 429
    session.give_quiz("after")
    session.hand_in("loops", "a", [0])
    assert session.state(session.key, teacher=True)["handed"] == {"before": 3, "after": 1}
    assert "before or after" in refused(lambda: session.give_quiz("later"))[1]


def test_a_drawn_curve_is_over_all_loops_of_its_question(session: ClassSession) -> None:
    asks = Question("curve", "step of every loop", "/?x", low=0, high=9)
    lesson = Lesson("own", "Own", "", 3, (Step("Draw", "/?x", ("Draw.",), question=asks),))
    session.show("/?x", lesson, 1, loops=3)
    student = session.join()
    for guess in ([1, 2], [1, 2, 10], [1, 2, "3"], 1):
        assert "over all 3 loops" in refused(lambda guess=guess: session.answer(student, ("own", 1), guess))[1]
    session.answer(student, ("own", 1), [1, 2, 3])
    assert session.typical()[0] == [1, 2, 3]
    assert session.counts(lambda name: []).splitlines()[1:] == ["Own,1,Draw,answered,1,own"]


def test_cells_are_counted_by_what_they_are_called(session: ClassSession) -> None:
    asks = Question("cells", "cells that settle last", "/?x")
    session.show("/?x", Lesson("own", "Own", "", 3, (Step("Point", "/?x", ("Point.",), question=asks),)), 1)
    session.answer(session.join(), ("own", 1), [4, 0])
    rows = session.counts(lambda name: [], lambda view, cell: f"{cell} of {view}").splitlines()
    assert rows[1:] == ["Own,1,Point,0 of /?x,1,own", "Own,1,Point,4 of /?x,1,own"]
    assert "Own,1,Point,cell 1,1,own" in session.counts(lambda name: [])


def test_a_cell_that_is_right_and_that_nobody_chose_has_a_bar_once_it_is_revealed(session: ClassSession) -> None:
    asks = Question("cells", "cells that settle last", "/?x")
    session.show("/?x", Lesson("own", "Own", "", 3, (Step("Point", "/?x", ("Point.",), question=asks),)), 1)
    student = session.join()
    session.answer(student, ("own", 1), [4, 0])
    before = session.state(session.key, teacher=True)["ask"]["bars"]
    session.reveal(("own", 1), {"marks": {"cells": {"guess": [], "truth": [0, 2]}}})
    after = session.state(student, teacher=False)["ask"]["bars"]
    assert [bar[1:3] for bar in before] == [[1, 0], [1, 4]]
    happened = "✓ what happened"
    assert [bar[1:] for bar in after] == [[1, 0, 0, happened, True], [0, 2, 2, happened, True], [1, 4, 4, "", False]]
    assert session.counts(lambda name: []).splitlines()[2] == "Own,1,Point,cell 3,0,own"


def test_a_cell_that_is_right_keeps_its_count_where_many_others_were_chosen_more_often() -> None:
    asks = Question("cells", "cells that settle last", "")
    found = bars(asks, [[*range(20)], [*range(12)], [19]], marks={"cells": {"truth": [19, 30]}})
    assert [(bar.low, bar.many) for bar in found] == [*((cell, 2) for cell in range(12)), (19, 2), (30, 0)]


def test_one_of_the_bars_holds_a_measured_number_that_is_not_whole() -> None:
    asks = Question("number", "right IDs", "", low=20, high=30, near=1)
    found = marked(asks, bars(asks, [28]), {"truth": 27.6})
    notes = [("27", "✓ near enough"), ("28", "✓ what happened"), ("29", "✓ near enough")]
    assert [(bar.label, bar.note) for bar in found if bar.note] == notes


def test_the_bars_and_counts_of_layers_say_that_it_is_not_within_them(session: ClassSession) -> None:
    asks = Question("loop", "lost", "/?x", low=1, high=3)
    lesson = Lesson("own", "Own", "", 3, (Step("Say", "/?x", ("Say.",), question=asks),))
    session.show("/?x", lesson, 1, passes="layers")
    session.answer(session.join(), ("own", 1), "never")
    assert session.state(session.key, teacher=True)["ask"]["bars"][-1][:2] == ["not within 3 layers", 1]
    assert session.counts(lambda name: []).splitlines()[-1] == "Own,1,Say,not within 3 layers,1,own"


def test_bars_say_what_happened_once_it_is_revealed(session: ClassSession) -> None:
    words = [session.join() for _ in range(2)]
    lesson = find("1-what-a-loop-is")
    session.show("/?v=1", lesson, 3)
    for word, guess in zip(words, (12, "never"), strict=True):
        session.answer(word, (lesson.name, 3), guess)
    assert not any(bar[4] for bar in session.state(session.key, teacher=True)["ask"]["bars"])
    session.reveal((lesson.name, 3), {"marks": {"truth": 11.0}})
    shown = session.state(words[0], teacher=False)["ask"]["bars"]
    assert [(bar[0], bar[1], bar[4]) for bar in shown] == [
        ("7–9", 0, "✓ near enough: 9"),
        ("10–12", 1, "✓ what happened: 11"),
        ("13–15", 0, "✓ near enough: 13"),
        ("not within 32 loops", 1, ""),
    ]
    assert [bar[5] for bar in shown] == [False, True, False, False]
