"""The wavefront: states that hold the table are read, entry by entry, from the loop on in which they hold it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses import wavefront as lens
from looped.lenses.wavefront import Table, Wavefront, hits, wavefront
from looped.model import State
from looped.questions import entries
from looped.tasks import get
from looped.tasks.words.strings import Strings

SIZE, LOOPS = 6, 6


def task() -> Strings:
    found = get("lcs6")
    assert isinstance(found, Strings)
    return found


class Planted:
    """In place of a model, with planted facts: after t loops, letter i of the first word encodes the entries of its row
    that stand on the first 2t anti-diagonals, and letter j of the second encodes its place; neither encodes an entry
    alone."""

    def __init__(self) -> None:
        self.runs = 0

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def places(self, positions: int) -> None:
        """Every position is a place of its own."""

    def begin(self, tokens: torch.Tensor) -> State:
        return State(0, torch.zeros(*tokens.shape, 4), input=(torch.nn.functional.one_hot(tokens).float(),))

    def unroll(self, tokens: torch.Tensor, loops: int) -> Iterator[State]:
        self.runs += 1
        half, numbers = task().longest + 1, SIZE + 1
        for t in range(loops + 1):
            hidden = np.zeros((len(tokens), task().length, half, numbers), np.float32)
            for pair, row in enumerate(tokens.numpy()):
                table = task().table(*task().words(row))[1:, 1:]
                for i, j in np.ndindex(table.shape):
                    hidden[pair, i, j, table[i, j]] = i + j < 2 * t
                    hidden[pair, half + j, j] = 1
            yield State(t, torch.tensor(hidden.reshape(*tokens.shape, -1)))


def tables() -> tuple[Table, Table, Table]:
    fitted = entries(task(), task().sample(120, seed=1, split="train", letters=(3, SIZE))[0])
    fresh = entries(task(), task().sample(5, seed=2, split="held-out", letters=(SIZE, SIZE))[0])
    return fitted, fresh, entries(task(), task().encode(task().parse("kitten sit"))[None])


def last(model: Any, **settings: Any) -> Wavefront:
    *_, found = wavefront(model, *tables(), LOOPS, **settings)
    return found


def test_the_front_is_where_the_states_hold_it() -> None:
    found, numbers = last(Planted()), task().table("kitten", "sit")[1:, 1:]
    diagonal = np.add.outer(np.arange(SIZE), np.arange(SIZE)).ravel()
    assert found.right.shape == (5, 36, LOOPS + 1)
    for t in range(1, LOOPS + 1):
        assert (found.right[:, diagonal < 2 * t, t] == 1).all()
        held = np.add.outer(np.arange(6), np.arange(3)) < 2 * t
        assert np.array_equal(found.read[t].reshape(6, 3)[held], numbers[held])
    assert found.accuracy[LOOPS] == 1
    assert (np.diff(found.accuracy[:5]) > 0).all()
    assert found.right[..., 0].mean() < 0.6
    assert found.control[LOOPS] < 0.7


def test_what_place_and_input_tell_of_each_fresh_entry_is_known_beside_it() -> None:
    """Place: the number most frequent at those two letters in the pairs that were fitted to. Input: here it says what
    two letters are, and the table's first row and column depend on little else."""
    found, (fitted, fresh, _) = last(Planted()), tables()
    of_place, of_input = found.alone
    diagonal = np.add.outer(np.arange(SIZE), np.arange(SIZE)).ravel()
    for entry in (0, 7, 35):
        spot = fresh.places[0, entry]
        there = (fitted.places == spot).all(-1) & (fitted.numbers >= 0)
        usual = np.bincount(fitted.numbers[there]).argmax()
        assert np.array_equal(of_place[:, entry], fresh.numbers[:, entry] == usual)
    assert of_input.shape == fresh.numbers.shape
    assert 0 < of_input[:, diagonal < 4].mean() < 1
    assert found.right[:, diagonal > 8, LOOPS].mean() > of_place[:, diagonal > 8].mean()


def test_as_many_loops_at_a_time_as_memory_allows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = last(Planted())
    monkeypatch.setattr(lens, "TOGETHER", 2)
    steps = list(wavefront(Planted(), *tables(), LOOPS))  # type: ignore[arg-type]
    for name in ("accuracy", "control", "right", "read"):
        assert np.array_equal(getattr(steps[-1], name), getattr(whole, name)), name
    for name, array in zip(steps[-1].probes._fields, steps[-1].probes, strict=True):
        np.testing.assert_allclose(array, getattr(whole.probes, name), atol=1e-5)
    half = next(step for step in steps if np.isfinite(step.accuracy).any())  # what is known so far
    assert np.array_equal(np.isfinite(half.accuracy), np.arange(LOOPS + 1) < 2)
    assert np.array_equal(np.isfinite(half.right).all((0, 1)), np.arange(LOOPS + 1) < 2)
    assert np.array_equal((half.read >= 0).all(1), np.arange(LOOPS + 1) < 2)
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    assert [step.probes is None for step in steps] == [True] * (len(steps) - 1) + [False]


def test_probes_that_are_known_are_not_fitted_again() -> None:
    model, first = Planted(), last(Planted())
    again = last(model, probes=first.probes)
    assert model.runs == 2  # the fresh pairs and the one, not those that were fitted to
    for name in ("accuracy", "control", "right", "read", "alone"):
        assert np.array_equal(getattr(again, name), getattr(first, name)), name


def test_entries_are_those_of_the_table_and_none_twice() -> None:
    found = task()
    tokens = np.stack([found.encode(found.parse(text)) for text in ("cat at", "kitten sitten")])
    for table in (entries(found, tokens), entries(found, tokens, 10)):
        for row, places, numbers in zip(table.tokens, table.places, table.numbers, strict=True):
            whole = found.table(*found.words(row))
            there = numbers >= 0
            assert there.sum() == min(whole[1:, 1:].size, len(numbers))
            assert len({*map(tuple, places[there])}) == there.sum()
            for (first, second), number in zip(places[there], numbers[there], strict=True):
                assert number == whole[first + 1, second - found.longest]  # both count the empty word as 0
    assert entries(found, tokens).numbers.shape == (2, 36)
    assert entries(found, tokens, 10).numbers.shape == (2, 10)


def test_hits_count_the_entries_there_are() -> None:
    numbers = np.array([0, 2, -1, 1])
    said = np.array([[0, 1, -1, 1], [0, 2, -1, 1], [-1, -1, -1, -1]])
    assert hits(said, numbers).tolist() == [2, 3, -1]
