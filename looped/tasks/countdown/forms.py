"""The forms of Countdown: how many numbers, how large they may be, and examples of each."""

from __future__ import annotations

from dataclasses import dataclass

TARGETS = (10, 100)
"""Least and largest target that is generated."""
EXAMPLES = {
    3: ("2 3 4 = 20", "6 8 12 = 36", "9 13 4 = 16", "20 17 5 = 15", "3 5 7 = 22"),
    4: ("4 7 6 5 = 28", "7 1 9 5 = 81", "3 7 2 5 = 72", "5 8 6 9 = 47", "5 5 3 2 = 21"),
}
"""For a first look. Those of four numbers are held out."""


@dataclass(frozen=True)
class Trained:
    """What a model met in training: numbers from 1 to `high`, and targets from the first to the last of `targets`."""

    high: int
    targets: tuple[int, int] = TARGETS


@dataclass(frozen=True)
class Form:
    """One form of the task."""

    name: str
    count: int  # numbers of a problem
    high: int  # the largest of them in training
    most: int  # the largest number that has a token

    @property
    def usual(self) -> str:
        """Return what is generated when nothing else is asked for, in words."""
        return f"{self.count} numbers from 1 to {self.high}, targets from {TARGETS[0]} to {TARGETS[1]}"

    @property
    def examples(self) -> tuple[str, ...]:
        """Return the problems that the page offers, as they are typed."""
        return EXAMPLES[self.count]


FORMS = {
    form.name: form
    for form in (Form("countdown3", 3, 30, 100), Form("countdown4", 4, 10, 100), Form("countdown4x99", 4, 99, 9999))
}
"""Three numbers up to 20 make so few problems that a small model learns them by heart. The last is the papers' form:
nearly every problem has a solution below 10,000, where the largest of 500,000 first solutions was 8,064."""
