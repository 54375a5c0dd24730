"""Read Countdown problems from text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from looped.tasks.countdown.forms import FORMS, Form, Trained
from looped.tasks.countdown.search import tree
from looped.tasks.protocol import NoAnswer

LONGEST_TEXT = 200
_EQUALS = re.compile(r"=>|->|→|=")
_FOREIGN = re.compile(r"[^0-9\s,;:=>→|'\"-]|(?<!\w)-(?=\d)|\d-(?=\d)")


@dataclass(frozen=True)
class Problem:
    """Numbers and a target that can be made of them."""

    numbers: tuple[int, ...]
    target: int
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """How it is written."""
        return f"{' '.join(map(str, self.numbers))} = {self.target}"


def parse(text: str, form: Form, trained: Trained | None = None) -> Problem:
    """Read the numbers, then the target, as in "3 5 7 2 = 36".

    Spaces, commas or anything like "=" or "->" may stand between them.
    Raises ValueError, for a problem without solution too. Numbers unlike those of training (`trained`, by default what
    the form generates), and a target that only numbers without a token lead to, give a warning on the Problem.
    """
    *numbers, target = _numbers(text, form)
    for kind, number in (*(("number", number) for number in numbers), ("target", target)):
        if not 1 <= number <= form.most:
            raise ValueError(
                f"The {kind} {str(number)[:20]} is not from 1 to {form.most}, as every number of {form.name} must be."
            )
    if tree(numbers, target) is None:
        raise NoAnswer(
            f"There is no way to make {target} of {', '.join(map(str, numbers))}, using all of them, in whole numbers"
            " from 0 on; try another target."
        )
    return Problem(tuple(numbers), target, _warnings(numbers, target, form, trained or Trained(form.high)))


def _numbers(text: str, form: Form) -> list[int]:
    """Return the whole numbers of a text, as many as a problem of this form has, the target last."""
    wanted = f"type {form.count} numbers and a target, such as '{form.examples[0]}'"
    given = _whole_numbers(text, wanted)
    if len(given) != form.count + 1:
        raise ValueError(f"{_counted(given, text)}; {wanted}.")
    _check_equals(text, f"'{form.examples[0]}'")
    return given


def _whole_numbers(text: str, wanted: str) -> list[int]:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"The text has {len(text)} characters; {wanted}.")
    if odd := _FOREIGN.search(text):
        sign = odd[0] if odd[0].isprintable() else "an invisible character"
        raise ValueError(f"{sign!r} belongs to no whole number; {wanted}.")
    return [int(digits) for digits in re.findall(r"[0-9]+", text)]


def _check_equals(text: str, such: str) -> None:
    """Raise ValueError where more than one "=" stands in a text, or one that is not before the last number."""
    found = list(_EQUALS.finditer(text))
    if len(found) > 1:
        raise ValueError(f"There are {len(found)} signs '='; write one, before the target, as in {such}.")
    if found and len(re.findall(r"[0-9]+", text[found[0].end() :])) != 1:
        raise ValueError(f"The target is one number, behind '=' and last, as in {such}.")


def _problems_of(given: list[int]) -> list[str]:
    """Return problems that can be solved, made of the numbers of an unfinished text, or the first example."""
    most = FORMS["countdown4"].most
    if all(1 <= number <= most for number in given):
        whole = f"{' '.join(map(str, given[:-1]))} = {given[-1]}" if len(given) in (4, 5) else ""
        solved = [whole] if whole and tree(given[:-1], given[-1], most) is not None else []
        if len(given) in (3, 4) and sum(given) <= most:
            solved.append(f"{' '.join(map(str, given))} = {sum(given)}")
        if solved:
            return solved
    return [FORMS["countdown4"].examples[0]]


def _counted(numbers: list[int], text: str) -> str:
    if not numbers:
        return "There are no numbers yet"
    told = len(numbers) > 1 and re.fullmatch(r"[^=]+=\s*[0-9]+\s*", text) is not None  # which of them is the target
    count = len(numbers) - told
    return f"There {'is 1 number' if count == 1 else f'are {count} numbers'}{' and a target' if told else ''}"


def form_of(text: str, own: Form) -> Form:
    """Return the form that a text is a problem of: `own` where it has as many numbers, whatever else is wrong.

    The target is told from the numbers by what stands before it. Only of five numbers it is plain without that, for no
    problem has five; four may be a problem that is not typed to its end. Raises ValueError with a sentence whose
    example is made of the numbers that are there, and does not depend on `own`.

    >>> form_of("4 7 6 = 5", FORMS["countdown4"]).name, form_of("4 7 6 5 28", FORMS["countdown3"]).name
    ('countdown3', 'countdown4')
    """
    wanted = "type 3 or 4 numbers, then = and a target, such as "
    given = _whole_numbers(text, f"{wanted}'{FORMS['countdown4'].examples[0]}'")
    such = " or ".join(f"'{problem}'" for problem in _problems_of(given))
    between = [mark.strip() for mark in re.findall(r"[0-9]([^0-9]+)(?=[0-9])", text)]
    told = bool(between) and between[-1] != "" and between[-1] not in between[:-1]
    if len(given) == 4 and not told:
        raise ValueError(f"Which of the 4 numbers is the target? Write = before it, as in {such}.")
    if len(given) in (4, 5):
        _check_equals(text, such)
    for form in (own, *FORMS.values()):
        if len(given) == form.count + 1:
            return form
    raise ValueError(f"{_counted(given, text)}; {wanted}{such}.")


def _warnings(numbers: list[int], target: int, form: Form, trained: Trained) -> tuple[str, ...]:
    """Return sentences about a problem that can be solved, but perhaps not by a model of this form."""
    warnings = []
    low, high = trained.targets
    if max(numbers) > trained.high or not low <= target <= high:
        warnings.append(
            f"Training used {form.count} numbers from 1 to {trained.high}, targets from {low} to {high}; "
            "this problem is beyond that."
        )
    if tree(numbers, target, form.most) is None:
        warnings.append(f"Every solution passes a number above {form.most}, which {form.name} has no token for.")
    return tuple(warnings)
