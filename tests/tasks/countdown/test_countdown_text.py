"""Countdown: which problem a text is, and what is said of one that is none."""

from __future__ import annotations

import re

import pytest

from looped.tasks import get
from looped.tasks.countdown.task import Countdown
from looped.tasks.countdown.text import Problem


def task(name: str) -> Countdown:
    found = get(name)
    assert isinstance(found, Countdown)
    return found


@pytest.mark.parametrize("name", ["countdown3", "countdown4", "countdown4x99"])
@pytest.mark.parametrize(("text", "sentence"), [
    ("4 7 6 5", "Which of the 4 numbers is the target? Write = before it, as in '4 7 6 = 5' or '4 7 6 5 = 22'."),
    ("2 3 9 90", "Which of the 4 numbers is the target? Write = before it, as in '4 7 6 5 = 28'."),
    ("1 1 1 50", "Which of the 4 numbers is the target? Write = before it, as in '1 1 1 50 = 53'."),
    ("4 7 = 6 5", "Which of the 4 numbers is the target? Write = before it, as in '4 7 6 = 5' or '4 7 6 5 = 22'."),
    ("4 7 6 = 5 = 3", "There are 2 signs '='; write one, before the target, as in '4 7 6 5 = 3'."),
    ("4 = 6 = 5 -> 3", "There are 3 signs '='; write one, before the target, as in '4 6 5 = 3' or '4 6 5 3 = 18'."),
    ("28 = 4 7 6 5", "The target is one number, behind '=' and last, as in '28 4 7 6 = 5'."),
    ("4 7 6 5 28 =", "The target is one number, behind '=' and last, as in '4 7 6 5 = 28'."),
    ("4 7 6", "There are 3 numbers; type 3 or 4 numbers, then = and a target, such as '4 7 6 = 17'."),
    ("4", "There is 1 number; type 3 or 4 numbers, then = and a target, such as '4 7 6 5 = 28'."),
    ("", "There are no numbers yet; type 3 or 4 numbers, then = and a target, such as '4 7 6 5 = 28'."),
    ("4 x 7 = 5", "'x' belongs to no whole number; type 3 or 4 numbers, then = and a target, such as '4 7 6 5 = 28'."),
])  # fmt: skip
def test_what_is_wrong_with_a_text_depends_on_the_text_alone(name: str, text: str, sentence: str) -> None:
    """The problem that it offers can be solved, and is made of the numbers that are there."""
    with pytest.raises(ValueError, match=r"\w") as error:
        task(name).read(text)
    assert str(error.value) == sentence
    for offered in re.findall(r"'([0-9][^']+)'", sentence):
        task(name).read(offered)


@pytest.mark.parametrize("name", ["countdown3", "countdown4", "countdown4x99"])
def test_the_text_alone_says_which_form_it_is(name: str) -> None:
    """Whatever checkpoint is chosen: a pause while typing four numbers is no problem of three."""
    own = task(name)
    four = name if name != "countdown3" else "countdown4"
    for text in ("4 7 6 5", "4,7,6,5", "4 7 6 5 ="):
        with pytest.raises(ValueError, match=r"Which of the 4 numbers is the target\? Write = before it"):
            own.read(text)
    for text in ("4 7 6 = 5", "4, 7, 6 -> 5", "4 7 6,5"):
        form, problem = own.read(text)
        assert (form, problem.text) == ("countdown3", "4 7 6 = 5")
    with pytest.raises(
        ValueError, match="no way to make 100 of 1, 1, 1, 1, using all of them, in whole numbers from 0 on; try another"
    ):
        own.read("1 1 1 1 = 100")
    with pytest.raises(ValueError, match="There are 5 numbers and a target; type 3 or 4 numbers, then = and a target"):
        own.read("1 2 3 4 5 = 36")
    assert own.read("4 7 6 5 28") == (four, Problem((4, 7, 6, 5), 28))
    assert own.read("2 3 4 = 20") == ("countdown3", Problem((2, 3, 4), 20))
    assert own.claims("4 7")
    assert not own.claims("cat dog")
