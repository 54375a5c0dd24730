"""How much of the table of two words can be read from their letters' states? Linear probes on pairs of letters.

Dynamic programming fills the table along its anti-diagonals: entry (i, j) needs its neighbours above and to the left.
Does a looped model do the same, loop by loop? Nothing in a model is an entry of the table. What belongs to entry (i,
j) is the state of letter i of the first word and that of letter j of the second; a probe (`looped.lenses.probes`)
reads the number from both, and from their product channel by channel, for whether two letters are the same is no
linear map of the two. One probe serves all entries, so that words longer than those it was fitted to can be read,
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.probes import Fit, Probes, by_type, embedded_input, fit, read
from looped.model import LoopedModel
from looped.model.seam import device_of
from looped.runs.needs import Needs

NEEDS = Needs(inputs=("tokens",))

TOGETHER = 8  # loops whose states are held and fitted at a time: memory is the same for any number of loops


class Table(NamedTuple):
    """Entries of the tables of some pairs of words, as samples."""

    tokens: np.ndarray  # (pairs, positions) whole numbers
    places: (
        np.ndarray
    )  # (pairs, entries, 2) int64, the positions of an entry's letters: of the first word, of the second
    numbers: (
        np.ndarray
    )  # (pairs, entries) int64 from 0, what stands in the table; −1 for no entry, where a pair has fewer


class Wavefront(NamedTuple):
    """What is known so far. Entry t of an axis of loops + 1 belongs to the state after t loops."""

    share: float  # of the work, 0 to 1
    accuracy: np.ndarray  # (loops + 1,) of the probes, on pairs that they were not fitted to; NaN where not fitted yet
    control: (
        np.ndarray
    )  # (loops + 1,) of the same probes on the control task, in which a number depends on the place alone
    # (pairs, entries, loops + 1) whether entries of fresh pairs are read right, 1 or 0; NaN for no entry, and not yet
    right: np.ndarray
    read: (
        np.ndarray
    )  # (loops + 1, entries) int64, the numbers that are read for the one pair; −1 for no entry, and not yet
    # (2, pairs, entries) whether entries of fresh pairs are said rightly without any loop: by the number most frequent
    # at their place in `fitted`, and by the probe of the embedded input; NaN for no entry, and not yet
    alone: np.ndarray
    probes: Probes | None  # of all loops, in the last result only


@torch.inference_mode()
def wavefront(
    model: LoopedModel, fitted: Table, fresh: Table, one: Table, loops: int, probes: Probes | None = None
) -> Iterator[Wavefront]:
    """Fit probes to the entries of `fitted`, try them on those of `fresh`, and read the one pair of `one`.

    A generator that may be left.

    It yields often, and knows more with every `TOGETHER` loops. With `probes`, those of an earlier call with as many
    loops, nothing is fitted. Raises ValueError as `looped.lenses.probes.fit` does, and for loops that the model
    cannot run.
    """
    known = _Known.nothing(loops, fresh, one)
    parts: list[Probes] = []
    learning = _states(model, fitted.tokens, loops)
    for first, tried, shown in zip(
        range(0, loops + 1, TOGETHER),
        _states(model, fresh.tokens, loops),
        _states(model, one.tokens, loops),
        strict=True,
    ):
        part = slice(first, first + tried.shape[1])
        own = None if probes is None else _of_loops(probes, part)
        if own is None:
            for step in _fitting(model, fitted, next(learning), first):
                done = first + (part.stop - first) * step.done / step.total
                yield known.result(0.9 * done / (loops + 1))
                own = step.probes
        assert own is not None
        parts.append(own)
        if not first:
            known.alone[:] = _without_loops(model, fitted, fresh, own)
        known.add(part, own, (fresh, tried), (one, shown))
        if part.stop < loops + 1:
            yield known.result(0.9 * part.stop / (loops + 1))
        else:
            yield known.result(1.0, known.probes(parts))


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known so far, filled in part by part; the fields are those of `Wavefront`."""

    accuracy: np.ndarray
    control: np.ndarray
    right: np.ndarray
    read: np.ndarray
    alone: np.ndarray

    @classmethod
    def nothing(cls, loops: int, fresh: Table, one: Table) -> _Known:
        """Return arrays in which no loop is known yet."""
        accuracy, control = np.full((2, loops + 1), np.nan)
        right = np.full((*fresh.numbers.shape, loops + 1), np.nan)
        alone = np.full((2, *fresh.numbers.shape), np.nan)
        return cls(accuracy, control, right, np.full((loops + 1, one.numbers.shape[1]), -1), alone)

    def add(self, part: slice, own: Probes, fresh: tuple[Table, np.ndarray], one: tuple[Table, np.ndarray]) -> None:
        """Fill in the loops of a part: its probes, and tables with their states (pairs, loops, positions, d_model)."""
        self.accuracy[part], self.control[part] = own.accuracy[0], own.control[0]
        table, states = fresh
        for pair, numbers in enumerate(table.numbers):  # one at a time, which bounds the memory
            there = numbers >= 0
            answers = read(own, _features(states, table.places, np.array([pair]))[0]).answers[..., 0]
            self.right[pair, there, part] = (answers == numbers).T[there]
        table, states = one
        answers = read(own, _features(states, table.places, np.array([0]))[0]).answers[..., 0]
        self.read[part] = np.where(table.numbers[0] >= 0, answers, -1)

    def probes(self, parts: list[Probes]) -> Probes:
        """Return the probes of all loops, put together from those of the parts."""
        return parts[0]._replace(
            accuracy=self.accuracy[None].copy(),
            control=self.control[None].copy(),
            weights=np.concatenate([each.weights for each in parts]),
            bias=np.concatenate([each.bias for each in parts]),
            right=np.concatenate([each.right for each in parts], axis=-1),
            whole=np.concatenate([each.whole for each in parts], axis=-1),
        )

    def result(self, share: float, probes: Probes | None = None) -> Wavefront:
        """Return a copy of what is known."""
        accuracy, control, right = self.accuracy.copy(), self.control.copy(), self.right.copy()
        return Wavefront(share, accuracy, control, right, self.read.copy(), self.alone.copy(), probes)


def _of_loops(probes: Probes, part: slice) -> Probes:
    """Return the probes of some loops."""
    return probes._replace(
        accuracy=probes.accuracy[:, part],
        control=probes.control[:, part],
        weights=probes.weights[part],
        bias=probes.bias[part],
        right=probes.right[..., part],
        whole=probes.whole[..., part],
    )


def _fitting(model: LoopedModel, fitted: Table, states: np.ndarray, first: int) -> Iterator[Fit]:
    """Fit the probes of the loops from `first` on, states (pairs, loops, positions, d_model), step by step."""
    alone = None  # what place and input alone give is the same for all loops
    if not first:
        embedded = embedded_input(model, fitted.tokens)(np.arange(len(fitted.tokens)))
        alone = partial(_features, embedded, fitted.places)
    numbers = fitted.numbers[..., None]
    return fit(partial(_features, states, fitted.places), numbers, _types(fitted), batch=4, embedded=alone)


def _types(table: Table) -> np.ndarray:
    """Return the place of each entry as a number, one for each two positions: (pairs, entries)."""
    types: np.ndarray = table.places @ np.array([table.tokens.shape[1], 1])
    return types


def _without_loops(model: LoopedModel, fitted: Table, fresh: Table, probes: Probes) -> np.ndarray:
    """Say which fresh entries place alone, and the embedded input alone, tell: `Wavefront.alone`."""
    known, there = fitted.numbers >= 0, fresh.numbers >= 0
    numbers, true = fitted.numbers[known][:, None], fresh.numbers[there]
    usual = np.array([np.bincount(numbers[:, 0]).argmax()])
    of_place = by_type(_types(fitted)[known], numbers, _types(fresh)[there], usual)[:, 0]
    embedded = embedded_input(model, fresh.tokens)(np.arange(len(fresh.tokens)))
    features = _features(embedded, fresh.places, np.arange(len(fresh.tokens)))[:, 0][there]
    scores = features @ probes.embedded_weights[:, 0] + probes.embedded_bias[0]
    found = np.full((2, *fresh.numbers.shape), np.nan)
    found[0, there], found[1, there] = of_place == true, scores.argmax(-1) == true
    return found


def hit(read: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Say which numbers are read rightly: read (loops + 1, entries), numbers (entries,) → (loops + 1, entries) int64.

    1 is right, 0 wrong, and −1 stands for what is not read yet and for an entry of `numbers` below zero.

    >>> hit(np.array([[0, 1, 1], [-1, -1, -1]]), np.array([0, 2, -1])).tolist()
    [[1, 0, -1], [-1, -1, -1]]
    """
    return np.where((read < 0) | (numbers < 0), -1, (read == numbers).astype(np.int64))


def hits(read: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Count the numbers that are read rightly: read (loops + 1, entries), numbers (entries,) → (loops + 1,) int64.

    An entry of `numbers` below zero does not count; −1 stands for a loop whose entries are not read yet.

    >>> hits(np.array([[0, 1, 1], [0, 2, 1], [-1, -1, -1]]), np.array([0, 2, 1])).tolist()
    [2, 3, -1]
    """
    there = numbers >= 0
    counts = (read == numbers)[:, there].sum(-1)
    known: np.ndarray = np.where((read[:, there] >= 0).all(-1), counts, -1)
    return known


@torch.inference_mode()
def _states(model: LoopedModel, tokens: np.ndarray, loops: int) -> Iterator[np.ndarray]:
    """Yield the hidden states of all loops, the state before the first among them, `TOGETHER` loops at a time.

    Each is (pairs, at most TOGETHER, positions, d_model).
    """
    states = model.unroll(torch.as_tensor(tokens.astype(np.int64), device=device_of(model)), loops)
    while part := [state.hidden.float().cpu().numpy() for state in islice(states, TOGETHER)]:
        yield np.stack(part, 1)


def _features(hidden: np.ndarray, places: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the features of some pairs, indices (count,): (count, loops, entries, 3 · d_model).

    hidden is (pairs, loops, positions, d_model), places (pairs, entries, 2).
    """
    first, second = (hidden[pairs[:, None], :, places[pairs, :, side]].swapaxes(1, 2) for side in (0, 1))
    return np.concatenate([first, second, first * second], -1)
