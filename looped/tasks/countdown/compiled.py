"""The compiled parts of Countdown: search, making of problems, judging of steps.

numba caches them on disk after the first use.

Inputs and answers are tokens (count, length) int16; k is how many numbers a problem has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from looped.tasks.streams import below, holds_out, mix, on_side

Array = NDArray[Any]

BLANK, EQUALS, NUMBER = 0, 5, 6
"""Tokens: a blank, "=", the number 0; numbers go on from there.

1 to 4 are `looped.tasks.countdown.search.OPERATIONS`.
"""
BY_PROBLEMS, BY_NUMBERS, BY_TARGETS = 0, 1, 2
"""What the split keeps whole: problems, sets of numbers with all their targets, or targets with all their numbers."""
ANY_TARGET = 0
"""In place of the target in the fingerprint of numbers alone; no target is 0."""
MANY = 1_000
"""No problem of four numbers that the recipes draw has so many solutions."""
TRIES = 100_000
"""Attempts for one problem before `make` gives up."""


@njit(cache=True, nogil=True)
def result(a: Any, operation: Any, b: Any) -> Any:
    """Return a operation b, or -1 when it is no whole number from 0 on; operations count from 1."""
    if operation == 1:
        return a + b
    if operation == 2:
        return a * b
    if operation == 3:
        return a - b if a >= b else -1
    return a // b if operation == 4 and b and a % b == 0 else -1


@njit(cache=True, nogil=True)
def solve(numbers: Array, target: int, most: int, found: Array) -> int:
    """Write the first solutions of the search that `steps` defines into found (at least 1, k - 1, 4).

    Each step is a, operation, b, c. Return how many solutions there are, or fit.
    """
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
        c = result(a, operation, b)
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
def write(steps: Array, answer: Array, first: int) -> None:
    """Write the tokens of steps (k - 1, 4) into an answer (length,), from the position `first` on."""
    for i in range(len(steps)):
        a, operation, b, c = steps[i]
        answer[first + 5 * i] = NUMBER + a
        answer[first + 5 * i + 1] = operation
        answer[first + 5 * i + 2] = NUMBER + b
        answer[first + 5 * i + 3] = EQUALS
        answer[first + 5 * i + 4] = NUMBER + c


@njit(cache=True, nogil=True)
def fingerprint(numbers: Array, target: int) -> Any:
    """Return a uint64 of a problem that the order of its numbers does not change."""
    value = mix(np.uint64(target))
    for number in np.sort(numbers):
        value = mix(value + np.uint64(number))
    return value


@njit(cache=True, nogil=True)
def split_print(numbers: Array, target: int, by: int) -> Any:
    """Return the uint64 by which a problem is on a side: of all that the split (a `BY_…`) keeps together with it."""
    if by == BY_TARGETS:
        return fingerprint(numbers[:0], target)
    return fingerprint(numbers, ANY_TARGET if by == BY_NUMBERS else target)


@njit(cache=True, nogil=True)
def held_out(inputs: Array, k: int, by: int, held: Array) -> None:
    """Fill held (count,) bool: whether each problem belongs to the held-out side."""
    for row in range(len(inputs)):
        value = split_print(inputs[row, :k].astype(np.int64) - NUMBER, inputs[row, k] - NUMBER, by)
        held[row] = holds_out(value)


@njit(cache=True, nogil=True)
def trained_elsewhere(inputs: Array, k: int, least: int, last: int, most: int, by: int, met: Array) -> None:
    """Fill met (count,) bool: whether a solvable problem of the same numbers is on the training side.

    Its target is from `least` to `last`.
    """
    found = np.zeros((1, k - 1, 4), np.int64)
    for row in range(len(inputs)):
        numbers = inputs[row, :k].astype(np.int64) - NUMBER
        met[row] = False
        for target in range(least, last + 1):
            if not holds_out(split_print(numbers, target, by)) and solve(numbers, target, most, found):
                met[row] = True
                break


@njit(cache=True, nogil=True)
def make(
    inputs: Array,
    answers: Array,
    k: int,
    high: int,
    least: int,
    last: int,
    most: int,
    side: int,
    by: int,
    state: Array,
) -> int:
    """Fill the arrays with problems and solutions; return how many, before one ran out of tries.

    `side` is one of `looped.tasks.streams`; `by` is what the split keeps whole, a `BY_…`.
    """
    numbers = np.zeros(k, np.int64)
    found = np.zeros((1, k - 1, 4), np.int64)
    for row in range(len(inputs)):
        done = 0
        for _ in range(TRIES):
            for i in range(k):
                numbers[i] = 1 + below(state, high)
            target = least + below(state, last - least + 1)
            if side >= 0 and not on_side(split_print(numbers, target, by), side):
                continue
            done = solve(numbers, target, most, found)
            if done:
                break
        if not done:
            return row
        for i in range(k):
            inputs[row, i] = NUMBER + numbers[i]
        inputs[row, k] = NUMBER + target
        write(found[0], answers[row], k + 1)
    return len(inputs)


@njit(cache=True, nogil=True)
def answers(inputs: Array, k: int, most: int, answers: Array) -> None:
    """Write the first solutions of each problem that agree with the steps it gives into answers (count, ways, length).

    `answers` comes filled with -1.
    """
    found = np.zeros((MANY, k - 1, 4), np.int64)
    answer = np.zeros(inputs.shape[1], np.int64)
    for row in range(len(inputs)):
        put = 0
        for way in range(solve(inputs[row, :k].astype(np.int64) - NUMBER, inputs[row, k] - NUMBER, most, found)):
            write(found[way], answer, k + 1)
            agrees = True
            for position in range(k + 1, len(answer)):
                agrees &= inputs[row, position] in (BLANK, answer[position])
            if agrees and put < answers.shape[1]:
                for position in range(k + 1, len(answer)):
                    if inputs[row, position] == BLANK:
                        answers[row, put, position] = answer[position]
                put += 1


@njit(cache=True, nogil=True)
def replay(inputs: Array, answers: Array, k: int, good: Array) -> None:
    """Fill good (count, k - 1) bool.

    This step is an equation that holds, of two numbers that the steps before it left.
    """
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
            good[row, step] = holds and 1 <= operation <= 4 and c >= 0 and result(a, operation, b) == c
            if i >= 0 and j >= 0:
                left[i], left[j] = c, -1  # a step that fails spoils what comes after it only by what it takes and puts
            elif i >= 0 or j >= 0:
                left[max(i, j)] = -1
