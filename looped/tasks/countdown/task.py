"""Countdown: make a target of some numbers, each used exactly once, by + - × ÷ (arXiv 2404.03683, 2410.01405).

Every step takes two of the numbers that are left and puts one in their place: the sum, the product, the larger less the
smaller, or the quotient when it is whole; nothing but whole numbers from 0 on ever appears. The last number must be the
target.

Tokens, as in the second paper (bidirectional, all answers at once): the numbers, the target, then five blanks a step,

    3 5 7 2 24   _ _ _ _ _   _ _ _ _ _   _ _ _ _ _     is answered by     3 + 5 = 8,  8 × ... = ...

with a token of its own for every number up to `most`. Most problems have several solutions. Training asks for one of
them, the first of a search that looks at the larger numbers first, so that the order of the numbers does not matter, or
for any of the first ones; `right` evaluates the steps of an answer, so that any other solution counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.base import Base
from looped.tasks.countdown import compiled
from looped.tasks.countdown.compiled import BLANK, EQUALS, NUMBER
from looped.tasks.countdown.forms import FORMS, TARGETS, Trained
from looped.tasks.countdown.rules import RULE_WORDS, attention_rules
from looped.tasks.countdown.search import OPERATIONS, solutions
from looped.tasks.countdown.text import Problem, form_of, parse
from looped.tasks.protocol import CardWords, Layout, NearTraining, Rules, Terms
from looped.tasks.sequences import PAGE, WATCHED
from looped.tasks.streams import check_count, side_of, stream

Array = NDArray[Any]
Tokens = NDArray[np.int16]

PARTS = ("first number", "operation", "second number", "equals sign", "result")
"""What stands at the five positions of a step."""
RULE = "Every number must be used, and only whole numbers from 0 on may appear."
MOST_WAYS = 60
"""Solutions that are drawn."""
LISTED = 100
"""The largest number of an equation that can be chosen from a list."""
SPLITS = {"problems": compiled.BY_PROBLEMS, "numbers": compiled.BY_NUMBERS, "targets": compiled.BY_TARGETS}
"""What may be held out whole: the values of `split_by`."""
MADE = "generated problems that have a solution, each met again only with its numbers in another order."
CARD = CardWords(
    scored="Problems solved, by whichever solution",
    right="problems solved",
    data=f"{MADE} One problem in sixteen, in whatever order, is held out before that; scores are on held-out problems,"
    " whose numbers were met in training with other targets.",
    by_split={
        "numbers": f"{MADE} One set of numbers in sixteen is held out before that, with all its targets; scores are on"
        " held-out problems, whose numbers were met in training with no target.",
        "targets": f"{MADE} One target in sixteen is held out before that, with all its numbers; scores are on held-out"
        " problems, whose target was met in training with no numbers.",
    },
    loss="cross-entropy on the steps of the first solution that a search finds, or of any of the first ones where a"
    " stage says so",
)


class Countdown(Base[Problem]):
    """The task for one of `FORMS`: `count` numbers, in training from 1 to `high`; tokens for numbers up to `most`."""

    kind = "countdown"
    columns: tuple[str, ...] = ("numbers", "target")
    verifiable = True
    splits: tuple[str, ...] = ("split_by",)
    things = "problems"
    page = PAGE
    terms = Terms(clue="number", clues="numbers", watched=WATCHED)
    rule_words: Mapping[str, str] = RULE_WORDS

    def __init__(self, name: str = "countdown4") -> None:
        if name not in FORMS:
            raise ValueError(f"countdown comes as {', '.join(FORMS)}, not {name!r}.")
        self.name, self.settings = name, FORMS[name]
        self.count, self.high, self.most = self.settings.count, self.settings.high, self.settings.most
        self.usual, self.trained = self.settings.usual, Trained(self.high)
        self.examples = tuple((text, text) for text in self.settings.examples)
        self.length = self.count + 1 + 5 * (self.count - 1)
        self.vocab = NUMBER + self.most + 1

    # ------------------------------------------------------------------------------------------------ text and tokens

    def parse(self, text: str) -> Problem:
        """Read a problem; see `looped.tasks.countdown.text.parse`. Raises ValueError."""
        return parse(text, self.settings, self.trained)

    def read(self, text: str) -> tuple[str, Problem]:
        """Read a problem of any form, which the text alone says; see `looped.tasks.countdown.text.form_of`."""
        form = form_of(text, self.settings)
        return form.name, parse(text, form, self.trained if form is self.settings else None)

    def trained_on(self, samplings: Sequence[Mapping[str, Any]]) -> Countdown:
        """Return this task with the largest number and the targets of a model's training, for its warnings.

        >>> known = Countdown("countdown4").trained_on([{"high": 15}, {"high": 20, "shown": 1}])
        >>> known.trained, known.parse("1 1 11 11 = 24").warnings
        (Trained(high=20, targets=(10, 100)), ())
        """
        if not samplings:
            return self
        known, targets = copy(self), [sampling.get("targets", TARGETS) for sampling in samplings]
        known.trained = Trained(
            max(sampling.get("high", self.high) for sampling in samplings),
            (min(low for low, _ in targets), max(high for _, high in targets)),
        )
        return known

    def claims(self, text: str) -> bool:
        """Return whether a text has no more letters than digits."""
        return sum(sign.isalpha() for sign in text) <= sum(sign.isdigit() for sign in text)

    def encode(self, problem: Problem) -> NDArray[np.int64]:
        """Return (length,) int64 tokens. Raises ValueError for another number of numbers."""
        if len(problem.numbers) != self.count:
            raise ValueError(f"{self.name} takes {self.count} numbers, not {len(problem.numbers)}.")
        tokens = np.zeros(self.length, np.int64)
        tokens[: self.count + 1] = NUMBER + np.array([*problem.numbers, problem.target])
        return tokens

    def problem(self, tokens: ArrayLike) -> Problem:
        """Return the numbers and the target of (length,) tokens."""
        *numbers, target = (np.asarray(tokens)[: self.count + 1] - NUMBER).tolist()
        return Problem(tuple(numbers), target)

    def written(self, tokens: ArrayLike) -> str:
        """Return the numbers and the target of (length,) tokens."""
        return self.problem(tokens).text

    def sign(self, token: int) -> str:
        """Return a token as people read it: a number, an operation, "=", or "_" for a blank."""
        return str(token - NUMBER) if token >= NUMBER else f"_{OPERATIONS}="[token]

    def token_name(self, token: int) -> str:
        """Return the sign of a token, 'blank' for a blank."""
        return self.sign(token) if token else "blank"

    def place(self, tokens: ArrayLike, position: int) -> str:
        """Return 'number 2 (5)', 'target (22)', or 'step 1, operation' and the like, for (length,) tokens."""
        if position <= self.count:
            name = "target" if position == self.count else f"number {position + 1}"
            return f"{name} ({self.sign(int(np.asarray(tokens)[position]))})"
        step, part = divmod(position - self.count - 1, 5)
        return f"step {step + 1}, {PARTS[part]}"

    def steps(self, answers: ArrayLike) -> list[str]:
        """Return the steps of an answer (length,), as they are, right or wrong: "3+5=8".

        What is no equation has spaces between its tokens, so that two numbers are not read as one: "4 61 2 = 16".
        """
        signs = [self.sign(int(token)) for token in np.asarray(answers)[self.count + 1 :]]
        steps = [signs[at : at + 5] for at in range(0, len(signs), 5)]
        formed = [re.fullmatch(r"\d+ [^\d=_] \d+ = \d+", " ".join(step)) for step in steps]
        return [("" if fits else " ").join(step) for step, fits in zip(steps, formed, strict=True)]

    def canonical(self, equation: str) -> str:
        """Write a sum or a product with the larger number first, as `solutions` does; other texts stay as they are.

        >>> Countdown("countdown3").canonical("3+5=8"), Countdown("countdown3").canonical("3-5=8")
        ('5+3=8', '3-5=8')
        """
        found = re.fullmatch(r"(\d+)([+×])(\d+)=(\d+)", equation)
        if not found or int(found[1]) >= int(found[3]):
            return equation
        return f"{found[3]}{found[2]}{found[1]}={found[4]}"

    def decode(self, inputs: ArrayLike, answers: ArrayLike) -> str:
        """Write '3 5 7 → 22: 5×3=15, 15+7=22'."""
        problem = self.problem(inputs)
        return f"{' '.join(map(str, problem.numbers))} → {problem.target}: {', '.join(self.steps(answers))}"

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Tokens, Tokens]:
        """Make (count, length) int16 problems and the first solution of each.

        `sampling` may name high, targets, shown and split_by. Numbers are drawn from 1 to `high` (as in training by
        default) and the target from the closed range `targets`, anew until a solution with no number above `most`
        exists. So many steps of it as `shown`, the first ones, are in the problem already: what is left is easier, and
        is learned sooner. The split is between problems; with split_by="numbers" between sets of numbers, so that no
        numbers of a held-out problem are met in training with another target, and with "targets" between targets, so
        that no target of a held-out problem is met in training with other numbers. A seed gives the same problems every
        time, and the first of them for a smaller count. Raises ValueError for ranges that cannot be, for an unknown
        split, and when nothing turns up, TypeError for another keyword.
        """
        side = side_of(split)
        check_count(count)
        inputs = np.zeros((count, self.length), np.int16)
        answers = np.zeros_like(inputs)
        self._fill_in(inputs, answers, stream(seed), side, **sampling)
        return inputs, answers

    def _fill_in(
        self,
        inputs: Tokens,
        answers: Tokens,
        state: Array,
        side: int,
        *,
        high: int | None = None,
        targets: tuple[int, int] = TARGETS,
        shown: int = 0,
        split_by: str = "problems",
    ) -> None:
        high = self.high if high is None else high
        by = self._by(split_by)
        if not 0 <= shown < self.count - 1:
            raise ValueError(f"shown must be from 0 to {self.count - 2}, so that a step is left to find, not {shown}.")
        if not 1 <= high <= self.most or not 1 <= targets[0] <= targets[1] <= self.most:
            raise ValueError(
                f"high and targets must lie between 1 and {self.most}, smaller first, not {high} and {targets}."
            )
        made = compiled.make(inputs, answers, self.count, high, *targets, self.most, side, by, state)
        if made < len(inputs):
            wanted = "" if side < 0 else f" on the {('train', 'held-out')[side]} side"
            raise ValueError(
                f"found no {self.name} problem with numbers to {high} and targets from {targets}{wanted};"
                " ask for others."
            )
        steps = slice(self.count + 1, self.count + 1 + 5 * shown)
        inputs[:, steps] = answers[:, steps]

    def _by(self, split_by: str) -> int:
        """Return what the split keeps whole. Raises ValueError for an unknown way."""
        if split_by not in SPLITS:
            raise ValueError(f"split_by must be one of {', '.join(map(repr, SPLITS))}, not {split_by!r}.")
        return SPLITS[split_by]

    def held_out(self, inputs: ArrayLike, split_by: str = "problems") -> NDArray[np.bool_]:
        """Return (count,) bool: the problem belongs to the held-out side, in whatever order its numbers stand."""
        tokens = self._checked(inputs)
        held = np.empty(len(tokens), np.bool_)
        compiled.held_out(tokens, self.count, self._by(split_by), held)
        return held

    def near_training(self, inputs: ArrayLike, **splitting: Any) -> NearTraining | None:
        """Return which problems have numbers that training could meet with another of `TARGETS`.

        None where whole sets of numbers are held out.
        """
        by = self._by(splitting.get("split_by", "problems"))
        if by == compiled.BY_NUMBERS:
            return None
        tokens = self._checked(inputs)
        met = np.empty(len(tokens), np.bool_)
        compiled.trained_elsewhere(tokens, self.count, *TARGETS, self.most, by, met)
        return NearTraining("problems whose numbers the training side has with other targets", met)

    def classes(self, inputs: ArrayLike) -> NDArray[np.unsignedinteger]:
        """Return (count,) a number for each problem (count, length), whatever the order of its numbers."""
        tokens = self._checked(inputs)
        kept = np.hstack([np.sort(tokens[:, : self.count]), tokens[:, self.count : self.count + 1]])
        return np.unique(kept, axis=0, return_inverse=True)[1].reshape(-1).astype(np.uint64)

    def augment(self, inputs: Tokens, answers: Tokens, rng: np.random.Generator) -> tuple[Tokens, Tokens]:
        """Return the same problems with their numbers in another order; the solutions do not depend on it."""
        varied = inputs.copy()
        varied[:, : self.count] = rng.permuted(inputs[:, : self.count], axis=1)
        return varied, answers

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (…, length) bool: the blanks."""
        return np.equal(inputs, BLANK)

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (…, length) bool: the numbers and the target."""
        return np.not_equal(inputs, BLANK)

    def ways(self, inputs: ArrayLike, most: int) -> NDArray[np.int64]:
        """Return (count, most, length) int64: as `targets`, for so many solutions, in the order of the search.

        Where a problem has fewer, -1 takes their places. The steps that a problem gives are theirs, too."""
        tokens = self._checked(inputs)
        targets = np.full((len(tokens), most, self.length), -1)
        compiled.answers(tokens, self.count, self.most, targets)
        return targets

    def holds(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return (…, steps) bool: this step is a true equation of two numbers that the steps before it left.

        See `right`.
        """
        tokens, given = self._checked(inputs), self._checked(answers)
        shape = np.broadcast_shapes(tokens.shape, given.shape)
        given = np.where(tokens == BLANK, given, tokens)  # steps of the problem are not the model's to change
        rows, said = (np.broadcast_to(side, shape).reshape(-1, self.length).copy() for side in (tokens, given))
        good = np.empty((len(rows), self.count - 1), np.bool_)
        compiled.replay(rows, said, self.count, good)
        return good.reshape(*shape[:-1], self.count - 1)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return (…,) bool: every step holds and the last comes to the target.

        Inputs and answers are (…, length), broadcast together. Any solution counts, with the two numbers of a sum or a
        product in either order.
        """
        right: NDArray[np.bool_] = np.asarray(
            self.holds(inputs, answers).all(-1) & (np.asarray(answers)[..., -1] == np.asarray(inputs)[..., self.count])
        )
        return right

    def bands(self, inputs: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Return labels (count,) of problems: the target, and how many solutions there are."""
        found = self.measures(inputs)
        many, tens = found["solutions"], found["target"] // 10 * 10
        return {
            "target": np.array([f"{ten} to {ten + 9}" for ten in tens.tolist()], np.str_),
            "solutions": np.select([many == 1, many < 5, many < 20], ["1", "2 to 4", "5 to 19"], "20 and more"),
        }

    def measures(self, inputs: ArrayLike) -> dict[str, NDArray[np.int64]]:
        """Return the target and how many solutions there are (count,) of problems."""
        problems = [self.problem(row) for row in self._checked(inputs)]
        many = [len(solutions(problem.numbers, problem.target, self.most)) for problem in problems]
        return {
            "target": np.array([problem.target for problem in problems], np.int64),
            "solutions": np.array(many, np.int64),
        }

    # ------------------------------------------------------------------------------------------------ the page

    def facts(self, problem: Problem) -> dict[str, Any]:
        """Return the numbers, the target, and how many solutions a problem has."""
        ways = solutions(problem.numbers, problem.target)
        return {
            "problem": ", ".join(map(str, problem.numbers)),
            "answer": problem.target,
            "solution": None,
            "judged": True,
            "typed": "Numbers = target",
            "solution_count": len(ways),
        }

    def verdicts(self, parsed: Problem) -> dict[str, str]:
        """Return sentences about the equations of an answer: "failed 1" … where so many fail, "wrong" where none."""
        steps = self.count - 1
        failed = {1: f"1 of {steps} equations fails"}
        failed |= {many: f"{many} of {steps} equations fail" for many in range(2, steps)}
        failed |= {steps: f"{'both' if steps == 2 else f'all {steps}'} equations fail"}
        return {
            "right": f"Solved: every equation holds, and the last comes to {parsed.target}.",
            "wrong": f"Not solved: the last does not come to {parsed.target}.",
            **{f"failed {many}": f"Not solved: {said}." for many, said in failed.items()},
            "several": "There are several solutions; the equations say for themselves whether they hold.",
            "rule": RULE,
        }

    def layout(self, tokens: ArrayLike) -> Layout:
        """Return the numbers and the target in one row, and each equation in a row of its own."""
        begin = self.count + 1
        rows = [tuple(range(begin)), *(tuple(range(at, at + 5)) for at in self.parts())]
        return Layout(
            rows=tuple(rows),
            groups=("the numbers and the target", *(f"equation {number}" for number in range(1, len(rows)))),
            names=tuple(self.place(tokens, position) for position in range(self.length)),
            signs=tuple(self.sign(token) for token in range(self.vocab)),
            meanings=("blank",),
            cell=self.length - 1,
            settable=tuple(range(NUMBER + 1, NUMBER + self.high + 1)),
            settable_at={place: self._settable_at(place) for place in range(self.length)},
        )

    def _settable_at(self, place: int) -> tuple[int, int]:
        """Return the first and the last token of those that can stand at a place: of a problem, those of training."""
        low, last = self.trained.targets
        if place <= self.count:
            low, last = (1, self.trained.high) if place < self.count else (low, last)
            return NUMBER + low, NUMBER + last
        part = (place - self.count - 1) % 5
        return {1: (1, len(OPERATIONS)), 3: (EQUALS, EQUALS)}.get(part, (NUMBER + 1, NUMBER + min(self.most, LISTED)))

    def parts(self) -> range:
        """Return the first positions of the equations."""
        return range(self.count + 1, self.length, 5)

    def rules(self, tokens: ArrayLike, answers: ArrayLike) -> Rules:
        """Return the numbers, the own equation, the others, self."""
        return attention_rules(self.count, self.length)

    def extras(
        self, tokens: ArrayLike, answers: ArrayLike, beside: str = "", settled: Array | None = None
    ) -> dict[str, Array]:
        """Return "holds" (loops, steps): whether each step of the answer holds; "failed" (loops): how many do not."""
        holds = self.holds(tokens, answers)
        return {"holds": holds.astype(np.uint8), "failed": (~holds).sum(-1).astype(np.uint8)}

    def solutions(self, tokens: ArrayLike, most: int = MOST_WAYS) -> list[list[str]]:
        """Return the steps of up to `most` solutions, in the order of the search."""
        problem = self.problem(tokens)
        ways = solutions(problem.numbers, problem.target)
        return [[str(step) for step in way] for way in islice(ways, most)]

    def equations(self, tokens: ArrayLike, answers: ArrayLike) -> list[list[str]]:
        """Return the steps of answers (loops, length) as `solutions` writes them, the larger number first.

        >>> task = Countdown("countdown3")
        >>> problem = task.encode(task.parse("3 5 7 = 22"))
        >>> answer = problem.copy()
        >>> answer[4:] = [9, 2, 11, 5, 21, 13, 1, 21, 5, 28]  # 3×5=15, 7+15=22
        >>> task.equations(problem, answer[None])
        [['5×3=15', '15+7=22']]
        """
        return [[self.canonical(step) for step in self.steps(row)] for row in np.asarray(answers)]

    # ------------------------------------------------------------------------------------------------ model cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""
        return CARD

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words.

        >>> Countdown("countdown3").describe_sampling({"high": 10, "shown": 1})
        'problems with 3 numbers from 1 to 10 and targets from 10 to 100, their first step given'
        """
        high, targets = sampling.get("high", self.high), sampling.get("targets", TARGETS)
        words = (
            f"{self.things} with {self.count} numbers from 1 to {high} and targets from {targets[0]} to {targets[1]}"
        )
        shown = sampling.get("shown", 0)
        split_by = sampling.get("split_by", "problems")
        apart = "" if split_by == "problems" else f", split by their {split_by}"
        return words + (f", their first {f'{shown} steps' if shown > 1 else 'step'} given" if shown else "") + apart

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what a run has not met, and on what cannot be written."""
        high = max(sampling.get("high", self.high) for sampling in samplings)
        low = min(sampling.get("targets", TARGETS)[0] for sampling in samplings)
        last = max(sampling.get("targets", TARGETS)[1] for sampling in samplings)
        return [
            f"Numbers above {high} and targets that are not from {low} to {last} were not trained on; the scores are on"
            f" {self.usual}.",
            f"A solution that passes a number above {self.most:,} cannot be written.",
        ]
