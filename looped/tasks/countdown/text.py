"""Read Countdown problems from text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from looped.tasks.countdown.forms import TARGETS, Form
from looped.tasks.countdown.search import tree

LONGEST_TEXT = 200
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


def parse(text: str, form: Form) -> Problem:
    """Read the numbers, then the target, as in "3 5 7 2 = 36".

    Spaces, commas or anything like "=" or "->" may stand between them.
    Raises ValueError, for a problem without solution too. Numbers unlike those of training, and a target that only
    numbers without a token lead to, give a warning on the Problem.
    """
    *numbers, target = _numbers(text, form)
    for kind, number in (*(("number", number) for number in numbers), ("target", target)):
        if not 1 <= number <= form.most:
            raise ValueError(
                f"The {kind} {str(number)[:20]} is not from 1 to {form.most}, as every number of {form.name} must be."
            )
    if tree(numbers, target) is None:
        raise ValueError(f"There is no way to make {target} of {', '.join(map(str, numbers))}; try another target.")
    return Problem(tuple(numbers), target, _warnings(numbers, target, form))


def _numbers(text: str, form: Form) -> list[int]:
    """Return the whole numbers of a text, as many as a problem of this form has, the target last."""
    wanted = f"type {form.count} numbers and a target, such as '{form.examples[0]}'"
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"The text has {len(text)} characters; {wanted}.")
    if odd := _FOREIGN.search(text):
        sign = odd[0] if odd[0].isprintable() else "an invisible character"
        raise ValueError(f"{sign!r} belongs to no whole number; {wanted}.")
    given = [int(digits) for digits in re.findall(r"[0-9]+", text)]
    if len(given) != form.count + 1:
        raise ValueError(f"There {'is 1 number' if len(given) == 1 else f'are {len(given)} numbers'}; {wanted}.")
    return given


def _warnings(numbers: list[int], target: int, form: Form) -> tuple[str, ...]:
    """Return sentences about a problem that can be solved, but perhaps not by a model of this form."""
    warnings = []
    if max(numbers) > form.high or not TARGETS[0] <= target <= TARGETS[1]:
        warnings.append(f"Models of {form.name} are trained on {form.usual}; this problem is beyond that.")
    if tree(numbers, target, form.most) is None:
        warnings.append(f"Every solution passes a number above {form.most}, which {form.name} has no token for.")
    return tuple(warnings)
