"""What a rate experiment is, and what all of their results have: charts of lines over a few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from looped.experiments.estimates import Array, side, told
from looped.experiments.form import Result, Step
from looped.experiments.rates.functions import Function
from looped.experiments.rates.nets import Crowd, Form

NAMES = {"looped": "looped", "tmlt": "TMLT"}
CORES = tuple(NAMES)
SEEDS = (2, 64)  # an interval needs two


@dataclass(frozen=True, eq=False)
class Rates(Result):
    """Estimates [value, low, high] of every chart, line and value across; NaN where nothing is known or measured."""

    steps: int
    seeds: int
    seed: int
    charts: list[str]  # what each is of
    lines: list[str]
    across: str  # what the values across are
    xs: list[str]
    values: Array  # (charts, lines, xs, 3)


@dataclass(frozen=True)
class Rate:
    """A rate experiment: `run(seed=…, seeds=…, steps=…)` yields steps; closing it stops the work."""

    title: str
    asks: str  # one question
    beyond: str  # what its result does not say
    run: Callable[..., Iterator[Step]]


def check(seeds: int, steps: int) -> None:
    """Raise ValueError with one sentence for sizes that nothing can be measured with."""
    low, high = SEEDS
    if not low <= seeds <= high:
        raise ValueError(f"{seeds} trainings give no interval here; take from {low} to {high} seeds.")
    if not 1 <= steps <= 100_000:
        raise ValueError(f"{steps} steps cannot be trained; take from 1 to 100,000.")


@dataclass(frozen=True)
class Plan:
    """Networks of several forms, trained one form after the other on the same functions."""

    forms: Sequence[Form]
    functions: Sequence[Function]
    seeds: int
    seed: int
    steps: int

    def train(self, rates: Sequence[float]) -> Iterator[tuple[float, int | None, Crowd]]:
        """Train a crowd of each form at its rate; yield the share of the work, and of a crowd that is done its number.

        The work of a form is as long as its loops and layers.
        """
        work = [form.loops * form.layers for form in self.forms]
        for i, (form, rate) in enumerate(zip(self.forms, rates, strict=True)):
            crowd = Crowd(form, self.functions, self.seeds, self.seed)
            for share in crowd.train(self.steps, rate):
                yield 0.99 * (sum(work[:i]) + share * work[i]) / sum(work), None, crowd
            yield 0.99 * sum(work[: i + 1]) / sum(work), i, crowd


def compared(names: Sequence[str], found: Array) -> str:
    """Say of estimates of a ratio (names, 3) which lie below 1, above, and around it.

    >>> import numpy as np
    >>> compared(["a", "b"], np.array([[0.5, 0.4, 0.6], [1.1, 0.9, 1.3]]))
    'lower: a 0.500 (0.400 to 0.600); not told apart from 1: b 1.10 (0.900 to 1.30)'
    """
    which: dict[int, list[str]] = {-1: [], 1: [], 0: []}
    for name, one in zip(names, found, strict=True):
        which[side(one, 1)].append(f"{name} {told(one)}")
    words = {-1: "lower", 1: "higher", 0: "not told apart from 1"}
    parts = [f"{words[way]}: {', '.join(said)}" for way, said in which.items() if said]
    return "; ".join(parts)
