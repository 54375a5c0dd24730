"""Countdown: make a target of some numbers, each used exactly once, by + - × ÷ (arXiv 2404.03683, 2410.01405).

Every step takes two of the numbers that are left and puts one in their place: the sum, the product, the larger less the smaller,
or the quotient when it is whole; nothing but whole numbers from 0 on ever appears. The last number must be the target.

Tokens, as in the second paper (bidirectional, all answers at once): the numbers, the target, then five blanks a step,

    3 5 7 2 24   _ _ _ _ _   _ _ _ _ _   _ _ _ _ _     is answered by     3 + 5 = 8,  8 × ... = ...

with a token of its own for every number up to `most`. Most problems have several solutions. Training asks for one of them, the
first of a search that looks at the larger numbers first, so that the order of the numbers does not matter, or for any of the
first ones; `right` works out what the steps of an answer come to, so that any other solution counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from looped.tasks.sudoku.task import _below, _mix

Array = NDArray[Any]
Tokens = NDArray[np.int16]

OPERATIONS = "+×-÷"
"""In the order in which the search tries them; the tokens 1 to 4."""
BLANK, EQUALS, NUMBER = 0, 5, 6
"""Tokens: a blank, "=", the number 0; numbers go on from there."""
PARTS = ("first number", "operation", "second number", "equals sign", "result")
"""What stands at the five positions of a step."""
TARGETS = (10, 100)
"""Least and largest target that is generated."""
FORMS = {"countdown3": (3, 30, 100), "countdown4": (4, 10, 100), "countdown4x99": (4, 99, 9999)}
"""Name -> how many numbers, the largest of them in training, and the largest number that has a token. Three numbers
up to 20 make so few problems that a small model learns them by heart. The last is the papers' form: nearly every problem has a solution
below 10,000, where the largest of 500,000 first solutions was 8,064."""
EXAMPLES = {
    3: ("2 3 4 = 20", "6 8 12 = 36", "9 13 4 = 16", "20 17 5 = 15", "3 5 7 = 22"),
    4: ("4 7 6 5 = 28", "7 1 9 5 = 81", "3 7 2 5 = 72", "5 8 6 9 = 47", "5 5 3 2 = 21"),
}
"""For a first look. Those of four numbers are held out."""
MANY = 1_000
"""No problem of four numbers that the recipes draw has so many solutions."""
HELD_OUT_SHARE = 16
"""One problem in this many, whatever the order of its numbers, is held out."""
LONGEST_TEXT = 200


class Step(NamedTuple):
    """a operation b = c; a is not smaller than b."""

    a: int
    operation: str
    b: int
    c: int

    def __str__(self) -> str:
        return f"{self.a}{self.operation}{self.b}={self.c}"


class Node(NamedTuple):
    """A place in the search: the step that led here (None at the root), the numbers left, and the ways on to the target."""

    step: Step | None
    numbers: tuple[int, ...]  # larger ones first
    ways: tuple[Node, ...]


@dataclass(frozen=True)
class Problem:
    """Numbers and a target that can be made of them."""

    numbers: tuple[int, ...]
    target: int
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it is written like."""
        return f"{' '.join(map(str, self.numbers))} = {self.target}"


# ---------------------------------------------------------------------------------------------------------- plain search


def steps(numbers: Sequence[int]) -> Iterator[tuple[Step, tuple[int, ...]]]:
    """Every different step that some numbers allow, and what is left after it, larger numbers first.

    >>> [str(step) for step, _ in steps([2, 6])]
    ['6+2=8', '6×2=12', '6-2=4', '6÷2=3']
    """
    left = sorted(numbers, reverse=True)
    seen = set()
    for i, a in enumerate(left):
        for j in range(i + 1, len(left)):
            b = left[j]
            if (a, b) in seen:
                continue
            seen.add((a, b))
            others = left[:i] + left[i + 1 : j] + left[j + 1 :]
            for operation in OPERATIONS:
                if operation != "÷" or (b and a % b == 0):
                    c = {"+": a + b, "×": a * b, "-": a - b}.get(operation, a // max(b, 1))
                    yield Step(a, operation, b, c), tuple(sorted([*others, c], reverse=True))


def tree(numbers: Sequence[int], target: int, most: int | None = None) -> Node | None:
    """The search tree of a problem, without the branches that do not lead to the target; None when none does.

    With `most`, numbers above it may not appear. Ways differ when their steps do, in whatever order independent ones stand.

    >>> root = tree([3, 5, 2], 16)
    >>> [str(way.step) for way in root.ways]
    ['5+3=8']
    >>> [str(way.step) for way in root.ways[0].ways]
    ['8×2=16']
    """

    def grown(step: Step | None, left: tuple[int, ...]) -> Node | None:
        if len(left) == 1:
            return Node(step, left, ()) if left[0] == target else None
        ways = tuple(
            way for taken, rest in steps(left) if most is None or taken.c <= most for way in [grown(taken, rest)] if way
        )
        return Node(step, left, ways) if ways else None

    return grown(None, tuple(sorted(numbers, reverse=True)))


def solutions(numbers: Sequence[int], target: int, most: int | None = None) -> list[tuple[Step, ...]]:
    """All ways to the target, as sequences of steps, in the order of the search; see `tree`.

    >>> [", ".join(map(str, way)) for way in solutions([2, 3, 4], 20)]
    ['3+2=5, 5×4=20']
    """

    def paths(node: Node) -> Iterator[tuple[Step, ...]]:
        own = (node.step,) if node.step else ()
        if not node.ways:
            yield own
        for way in node.ways:
            for rest in paths(way):
                yield own + rest

    root = tree(numbers, target, most)
    return list(paths(root)) if root else []


# ------------------------------------------------------------------------------------------------------ compiled search


@njit(cache=True, nogil=True)
def _result(a: Any, operation: Any, b: Any) -> Any:
    """a operation b, or -1 when it is no whole number from 0 on; operations count from 1."""
    if operation == 1:
        return a + b
    if operation == 2:
        return a * b
    if operation == 3:
        return a - b if a >= b else -1
    return a // b if operation == 4 and b and a % b == 0 else -1


@njit(cache=True, nogil=True)
def _solve(numbers: Array, target: int, most: int, found: Array) -> int:
    """Write the first solutions of the search that `steps` defines into found (at least 1, k - 1, 4): a, operation, b, c of
    each step. How many there are, or fit."""
    k, count = len(numbers), 0
    left = np.zeros((k, k), np.int64)  # left[depth, : k - depth], larger first
    at = np.zeros((k, 3), np.int64)  # of each depth: the pair i < j and the operation that comes next
    taken = np.zeros((k - 1, 4), np.int64)
    left[0] = np.sort(numbers)[::-1]
    depth = 0
    at[0] = (0, 1, 1)
    while depth >= 0:
        i, j, operation = at[depth]
        size = k - depth
        if i >= size - 1:
            depth -= 1
            continue
        a, b = left[depth, i], left[depth, j]
        if operation < 4:
            at[depth, 2] = operation + 1
        elif j + 1 < size:
            at[depth, 1:] = (j + 1, 1)
        else:
            at[depth] = (i + 1, i + 2, 1)
        if (i and left[depth, i - 1] == a) or (j > i + 1 and left[depth, j - 1] == b):
            continue  # two such numbers were taken before
        c = _result(a, operation, b)
        if c < 0 or c > most:
            continue
        taken[depth] = (a, operation, b, c)
        if size == 2:
            if c == target:
                found[count] = taken
                count += 1
                if count == len(found):
                    break
            continue
        put, waiting = 0, True
        for other in range(size):
            if other not in (i, j):
                if waiting and c >= left[depth, other]:
                    left[depth + 1, put] = c
                    put, waiting = put + 1, False
                left[depth + 1, put] = left[depth, other]
                put += 1
        if waiting:
            left[depth + 1, put] = c
        depth += 1
        at[depth] = (0, 1, 1)
    return count


@njit(cache=True, nogil=True)
def _write(steps: Array, answer: Array, first: int) -> None:
    """The tokens of steps (k - 1, 4) into an answer (length,), from the position `first` on."""
    for i in range(len(steps)):
        a, operation, b, c = steps[i]
        answer[first + 5 * i] = NUMBER + a
        answer[first + 5 * i + 1] = operation
        answer[first + 5 * i + 2] = NUMBER + b
        answer[first + 5 * i + 3] = EQUALS
        answer[first + 5 * i + 4] = NUMBER + c


@njit(cache=True, nogil=True)
def _fingerprint(numbers: Array, target: int) -> Any:
    """uint64 of a problem that the order of its numbers does not change."""
    value = _mix(np.uint64(target))
    for number in np.sort(numbers):
        value = _mix(value + np.uint64(number))
    return value


@njit(cache=True, nogil=True)
def _held_out(inputs: Array, k: int, held: Array) -> None:
    for row in range(len(inputs)):
        fingerprint = _fingerprint(inputs[row, :k].astype(np.int64) - NUMBER, inputs[row, k] - NUMBER)
        held[row] = fingerprint % np.uint64(HELD_OUT_SHARE) == np.uint64(0)


@njit(cache=True, nogil=True)
def _make(
    inputs: Array, answers: Array, k: int, high: int, least: int, last: int, most: int, side: int, state: Array
) -> int:
    """Fill the arrays with problems and solutions; how many, before one ran out of tries. side: -1 any, 0 train, 1 held out."""
    numbers = np.zeros(k, np.int64)
    found = np.zeros((1, k - 1, 4), np.int64)
    for row in range(len(inputs)):
        done = 0
        for _ in range(100_000):
            for i in range(k):
                numbers[i] = 1 + _below(state, high)
            target = least + _below(state, last - least + 1)
            if side >= 0 and (_fingerprint(numbers, target) % np.uint64(HELD_OUT_SHARE) == np.uint64(0)) != (side == 1):
                continue
            done = _solve(numbers, target, most, found)
            if done:
                break
        if not done:
            return row
        for i in range(k):
            inputs[row, i] = NUMBER + numbers[i]
        inputs[row, k] = NUMBER + target
        _write(found[0], answers[row], k + 1)
    return len(inputs)


@njit(cache=True, nogil=True)
def _answers(inputs: Array, k: int, most: int, answers: Array) -> None:
    """Into answers (count, ways, length), filled with -1: the first solutions of each problem that agree with the steps it gives."""
    found = np.zeros((MANY, k - 1, 4), np.int64)
    answer = np.zeros(inputs.shape[1], np.int64)
    for row in range(len(inputs)):
        put = 0
        for way in range(_solve(inputs[row, :k].astype(np.int64) - NUMBER, inputs[row, k] - NUMBER, most, found)):
            _write(found[way], answer, k + 1)
            agrees = True
            for position in range(k + 1, len(answer)):
                agrees &= inputs[row, position] in (BLANK, answer[position])
            if agrees and put < answers.shape[1]:
                for position in range(k + 1, len(answer)):
                    if inputs[row, position] == BLANK:
                        answers[row, put, position] = answer[position]
                put += 1


@njit(cache=True, nogil=True)
def _replay(inputs: Array, answers: Array, k: int, good: Array) -> None:
    """good (count, k - 1): this step is an equation that holds, of two numbers that are left after the steps before it."""
    left = np.zeros(k, np.int64)
    for row in range(len(inputs)):
        for i in range(k):
            left[i] = inputs[row, i] - NUMBER
        for step in range(k - 1):
            first = k + 1 + 5 * step
            a, b, c = answers[row, first] - NUMBER, answers[row, first + 2] - NUMBER, answers[row, first + 4] - NUMBER
            i = j = -1
            for place in range(k):
                if i < 0 and left[place] == a:
                    i = place
                elif j < 0 and left[place] == b:
                    j = place
            holds = a >= 0 and b >= 0 and i >= 0 and j >= 0 and answers[row, first + 3] == EQUALS
            operation = answers[row, first + 1]
            good[row, step] = holds and 1 <= operation <= 4 and c >= 0 and _result(a, operation, b) == c
            if i >= 0 and j >= 0:
                left[i], left[j] = c, -1  # a step that fails spoils what comes after it only by what it takes and puts
            elif i >= 0 or j >= 0:
                left[max(i, j)] = -1


# ------------------------------------------------------------------------------------------------------------- the task


class Countdown:
    """The task for `count` numbers, in training from 1 to `high`; `most` is the largest number that there is a token for. See `FORMS`."""

    kind = "countdown"
    columns: tuple[str, ...] = ("numbers", "target")
    verifiable = True
    things = "problems"

    def __init__(self, name: str = "countdown4") -> None:
        if name not in FORMS:
            raise ValueError(f"countdown comes as {', '.join(FORMS)}, not {name!r}.")
        self.name = name
        self.count, self.high, self.most = FORMS[name]
        self.examples = tuple((text, text) for text in EXAMPLES[self.count])
        self.length = self.count + 1 + 5 * (self.count - 1)
        self.vocab = NUMBER + self.most + 1
        self.usual = f"{self.count} numbers from 1 to {self.high}, targets from {TARGETS[0]} to {TARGETS[1]}"

    def parse(self, text: str) -> Problem:
        """The numbers, then the target, as in "3 5 7 2 = 36", with spaces, commas or anything like "=" or "->" between them.

        Raises ValueError, for a problem without solution too. Numbers unlike those of training, and a target that only
        numbers without a token lead to, give a warning on the Problem."""
        wanted = f"type {self.count} numbers and a target, such as '{self.examples[0][1]}'"
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"The text has {len(text)} characters; {wanted}.")
        if odd := re.search(r"[^0-9\s,;:=>→|'\"-]|(?<!\w)-(?=\d)|\d-(?=\d)", text):
            sign = odd[0] if odd[0].isprintable() else "an invisible character"
            raise ValueError(f"{sign!r} belongs to no whole number; {wanted}.")
        given = [int(digits) for digits in re.findall(r"[0-9]+", text)]
        if len(given) != self.count + 1:
            raise ValueError(f"There {'is 1 number' if len(given) == 1 else f'are {len(given)} numbers'}; {wanted}.")
        *numbers, target = given
        for kind, number in (*(("number", number) for number in numbers), ("target", target)):
            if not 1 <= number <= self.most:
                raise ValueError(
                    f"The {kind} {str(number)[:20]} is not from 1 to {self.most}, as every number of {self.name} must be."
                )
        if tree(numbers, target) is None:
            raise ValueError(f"There is no way to make {target} of {', '.join(map(str, numbers))}; try another target.")
        warnings = []
        if max(numbers) > self.high or not TARGETS[0] <= target <= TARGETS[1]:
            warnings.append(f"Models of {self.name} are trained on {self.usual}; this problem is beyond that.")
        if tree(numbers, target, self.most) is None:
            warnings.append(f"Every solution passes a number above {self.most}, which {self.name} has no token for.")
        return Problem(tuple(numbers), target, tuple(warnings))

    def encode(self, problem: Problem) -> NDArray[np.int64]:
        """(length,) int64 tokens; ValueError for another number of numbers."""
        if len(problem.numbers) != self.count:
            raise ValueError(f"{self.name} takes {self.count} numbers, not {len(problem.numbers)}.")
        tokens = np.zeros(self.length, np.int64)
        tokens[: self.count + 1] = NUMBER + np.array([*problem.numbers, problem.target])
        return tokens

    def problem(self, tokens: ArrayLike) -> Problem:
        """The numbers and the target of (length,) tokens."""
        *numbers, target = (np.asarray(tokens)[: self.count + 1] - NUMBER).tolist()
        return Problem(tuple(numbers), target)

    def sign(self, token: int) -> str:
        """A token as people read it: a number, an operation, "=", or "_" for a blank."""
        return str(token - NUMBER) if token >= NUMBER else f"_{OPERATIONS}="[token]

    def place(self, tokens: ArrayLike, position: int) -> str:
        """'number 2 (5)', 'target (22)', or 'step 1, operation' and the like, for (length,) tokens."""
        if position <= self.count:
            name = "target" if position == self.count else f"number {position + 1}"
            return f"{name} ({self.sign(int(np.asarray(tokens)[position]))})"
        step, part = divmod(position - self.count - 1, 5)
        return f"step {step + 1}, {PARTS[part]}"

    def equations(self, answers: ArrayLike) -> list[str]:
        """The steps of an answer (length,), as they are, right or wrong."""
        signs = [self.sign(int(token)) for token in np.asarray(answers)[self.count + 1 :]]
        return ["".join(signs[at : at + 5]) for at in range(0, len(signs), 5)]

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
        """'3 5 7 → 22: 5×3=15, 15+7=22'."""
        problem = self.problem(inputs)
        return f"{' '.join(map(str, problem.numbers))} → {problem.target}: {', '.join(self.equations(answers))}"

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Tokens, Tokens]:
        """(count, length) int16 problems and the first solution of each; `sampling` may name high, targets and shown.

        Numbers are drawn from 1 to `high` (as in training by default) and the target from the closed range `targets`, anew
        until a solution with no number above `most` exists. So many steps of it as `shown`, the first ones, are in the
        problem already: what is left is easier, and is learned sooner. A seed gives the same problems every time, and the first of
        them for a smaller count. Raises ValueError for ranges that cannot be, for an unknown split, and when nothing turns
        up, TypeError for another keyword.
        """
        sides: dict[str | None, int] = {None: -1, "train": 0, "held-out": 1}
        if split not in sides:
            raise ValueError(f"split must be None, 'train' or 'held-out', not {split!r}.")
        if count < 0:
            raise ValueError(f"count must not be negative, not {count}.")
        inputs = np.zeros((count, self.length), np.int16)
        answers = np.zeros_like(inputs)
        self._fill_in(
            inputs, answers, np.random.SeedSequence(seed).generate_state(1, np.uint64), sides[split], **sampling
        )
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
    ) -> None:
        high = self.high if high is None else high
        if not 0 <= shown < self.count - 1:
            raise ValueError(f"shown must be from 0 to {self.count - 2}, so that a step is left to find, not {shown}.")
        if not 1 <= high <= self.most or not 1 <= targets[0] <= targets[1] <= self.most:
            raise ValueError(
                f"high and targets must lie between 1 and {self.most}, smaller first, not {high} and {targets}."
            )
        if _make(inputs, answers, self.count, high, *targets, self.most, side, state) < len(inputs):
            wanted = "" if side < 0 else f" on the {('train', 'held-out')[side]} side"
            raise ValueError(
                f"found no {self.name} problem with numbers to {high} and targets from {targets}{wanted}; ask for others."
            )
        steps = slice(self.count + 1, self.count + 1 + 5 * shown)
        inputs[:, steps] = answers[:, steps]

    def held_out(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(count,) bool: the problem belongs to the held-out side, in whatever order its numbers stand."""
        tokens = self._checked(inputs)
        held = np.empty(len(tokens), np.bool_)
        _held_out(tokens, self.count, held)
        return held

    def augment(self, inputs: Tokens, answers: Tokens, rng: np.random.Generator) -> tuple[Tokens, Tokens]:
        """The same problems with their numbers in another order; the solutions do not depend on it."""
        varied = inputs.copy()
        varied[:, : self.count] = rng.permuted(inputs[:, : self.count], axis=1)
        return varied, answers

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(…, length) bool: the blanks."""
        return np.equal(inputs, BLANK)

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(…, length) bool: the numbers and the target."""
        return np.not_equal(inputs, BLANK)

    def targets(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.int64]:
        """(count, length) int64: the token of every blank, -1 at the numbers and the target."""
        return np.where(self.asked(inputs), answers, -1).astype(np.int64)

    def ways(self, inputs: ArrayLike, most: int) -> NDArray[np.int64]:
        """(count, most, length) int64: as `targets`, for so many solutions of each problem, in the order of the search.

        Where a problem has fewer, -1 takes their places. The steps that a problem gives are theirs, too."""
        tokens = self._checked(inputs)
        targets = np.full((len(tokens), most, self.length), -1)
        _answers(tokens, self.count, self.most, targets)
        return targets

    def holds(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """(…, steps) bool: this step is a true equation of two numbers that the steps before it left; see `right`."""
        tokens, given = self._checked(inputs), self._checked(answers)
        shape = np.broadcast_shapes(tokens.shape, given.shape)
        given = np.where(tokens == BLANK, given, tokens)  # steps of the problem are not the model's to change
        rows, said = (np.broadcast_to(side, shape).reshape(-1, self.length).copy() for side in (tokens, given))
        good = np.empty((len(rows), self.count - 1), np.bool_)
        _replay(rows, said, self.count, good)
        return good.reshape(*shape[:-1], self.count - 1)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """(…,) bool: every step holds and the last comes to the target; inputs and answers (…, length), broadcast together.

        Any solution counts, with the two numbers of a sum or a product in either order."""
        right: NDArray[np.bool_] = np.asarray(
            self.holds(inputs, answers).all(-1) & (np.asarray(answers)[..., -1] == np.asarray(inputs)[..., self.count])
        )
        return right

    def bands(self, inputs: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Labels (count,) of problems by which scores are broken down: the target, and how many solutions there are."""
        problems = [self.problem(row) for row in self._checked(inputs)]
        many = np.array([len(solutions(problem.numbers, problem.target, self.most)) for problem in problems])
        tens = np.array([problem.target for problem in problems]) // 10 * 10
        return {
            "target": np.array([f"{ten} to {ten + 9}" for ten in tens.tolist()], np.str_),
            "solutions": np.select([many == 1, many < 5, many < 20], ["1", "2 to 4", "5 to 19"], "20 and more"),
        }

    def _checked(self, inputs: ArrayLike) -> Tokens:
        """Tokens as int16, for which the compiled parts are made, whatever whole numbers they came as."""
        tokens = np.asarray(inputs)
        if tokens.ndim < 1 or tokens.shape[-1] != self.length or tokens.dtype.kind not in "iu":
            raise ValueError(
                f"{self.name} takes whole numbers (…, {self.length}), not {tokens.dtype} of shape {tokens.shape}."
            )
        return np.ascontiguousarray(tokens, np.int16)
