"""The return test of maps of which it is known what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import load_checkpoint
from looped.lenses.basins import Symmetries, basins
from looped.lenses.compute import compute
from looped.lenses.recovery import Recovery, loops_back, recovery
from looped.model import State
from looped.runs.trace import record

PLACES = 6
TOKENS = np.arange(PLACES) % 2
SIZES = {"noise": (0.1, 0.5), "corrupted": (0.5, 1.0)}


class Pulled:
    """The state of every place goes to ±1, as its token says, by `pull` of the way a loop; read out by its sign."""

    standing_interventions = ()

    def __init__(self, pull: float) -> None:
        self.pull = pull

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def places(self, positions: int) -> None:
        return None

    def unroll(self, tokens: torch.Tensor, loops: int, start: State | None = None) -> Iterator[State]:
        aim = (2.0 * tokens - 1)[..., None]
        state = start or State(0, aim)
        yield state
        while state.loop < loops:
            hidden = state.hidden + self.pull * (aim - state.hidden)
            state = state._replace(loop=state.loop + 1, hidden=hidden)
            yield state

    def readout(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.cat([-hidden, hidden], -1)


def found(model: Any, **options: Any) -> Recovery:
    every = np.ones(PLACES, bool)
    *_, last = recovery(model, TOKENS, lambda tokens, said: (said == tokens).all(1), every, 2, 5, **SIZES, **options)
    return last


def test_a_state_that_is_pulled_comes_back_by_its_factor() -> None:
    back = found(Pulled(0.5))
    np.testing.assert_allclose(back.distance[:2, :, 0], [[0.1] * 8, [0.5] * 8], rtol=1e-5)
    np.testing.assert_allclose(back.distance[..., 1:] / back.distance[..., :-1], 0.5, rtol=1e-3)
    assert back.back.all()
    assert back.right.all()
    assert back.plain_right
    assert back.done == 4


def test_a_state_that_stays_keeps_what_was_done_to_it() -> None:
    """States of ±1 that change places: their answers do, too, and no loop mends them."""
    stays = found(Pulled(0.0), draws=64)
    np.testing.assert_allclose(stays.distance, stays.distance[..., :1].repeat(6, -1))
    moved = stays.distance[2:, :, 0]
    wrong = 1 - stays.same[2:, :, 0]
    np.testing.assert_allclose(moved, 2 * np.sqrt(wrong), rtol=1e-5)  # every wrong place is 2 of a length of √places
    assert wrong[0].max() <= 0.5  # half of the places were exchanged
    assert (stays.back == (stays.same[..., 0] == 1)).all()
    assert 0 < stays.back[2].mean() < 0.3  # three places with the same answer
    assert not stays.back[3].any()  # there are two answers, so in a circle some stand beside another one
    np.testing.assert_array_equal(stays.right, stays.back)


def test_only_the_counted_places_are_exchanged() -> None:
    one = np.arange(PLACES) < 2
    *_, last = recovery(
        Pulled(0.0), TOKENS, lambda tokens, said: (said == tokens).all(1), one, 1, 1, noise=(), corrupted=(1.0,)
    )
    np.testing.assert_allclose(last.distance, 2 * np.sqrt(2 / PLACES), rtol=1e-5)
    assert (last.same == 0).all()
    with pytest.raises(ValueError, match="0 places, 1 loops and 1 loops after them make no return test"):
        next(recovery(Pulled(0.0), TOKENS, lambda *_: np.ones(9), one & ~one, 1, 1))


def test_the_run_left_alone_is_the_run(make_model: Callable[..., Any]) -> None:
    """A disturbance of nothing changes nothing, and the first of a batch is the plain run."""
    model, tokens = make_model(injection=True, state_norm=True), np.arange(16) % 5
    answers = record(model, tokens, 6).answers[-1]
    *_, last = recovery(
        model, tokens, lambda _, said: (said == answers).all(1), tokens == 0, 3, 3, noise=(0.0,), corrupted=()
    )
    assert last.distance.max() < 1e-5
    assert last.plain_right
    assert last.right.all()


def test_loops_until_the_answer_is_back_for_good() -> None:
    same = np.array([[[1.0, 0.5, 1.0], [0.5, 0.5, 0.9]]])
    np.testing.assert_array_equal(loops_back(same), [[2.0, np.nan]])


def test_a_run_with_two_digits_exchanged_is_judged_with_them_exchanged() -> None:
    """By every lens that asks whether answers are right: with the digits of the puzzle none would be."""
    checkpoint = load_checkpoint("sudoku4-candidates-looped~swap=3_4@4")
    task, model = checkpoint.task, checkpoint.model
    tokens = task.encode(task.parse("4......2...33..."))
    *_, found = recovery(model, tokens, task.right, task.asked(tokens), at=8, after=8, noise=(0.01,), corrupted=())
    assert found.plain_right
    assert found.right.all()
    shapes = Symmetries(*task.symmetries(4, seed=0))
    *_, ends = basins(model, tokens, task.right, runs=4, loops=16, symmetries=shapes)
    assert ends.right.all()
    *_, ways = compute(model, tokens[None], task.right, task.asked(tokens)[None], 16, runs=3, symmetries=shapes)
    votes = [way for way in ways if (way.starts, way.chosen) == ("symmetries", "vote")]
    assert len(votes) == 1  # of images, in each of which other digits are exchanged: no answer is meant
    assert all(way.right.all() for way in ways if way not in votes)


def test_few_places_are_exchanged_in_numbers_that_differ() -> None:
    """Of three places 10, 25 and 50 % would all be two; and one place has none to change places with."""
    three = np.arange(PLACES) < 3
    right = lambda tokens, said: (said == tokens).all(1)  # noqa: E731
    *_, last = recovery(Pulled(0.0), TOKENS, right, three, 1, 1, noise=())
    assert last.exchanged == (2, 3)
    assert len(last.back) == 2
    with pytest.raises(ValueError, match="between two places or more; 1 counts here"):
        next(recovery(Pulled(0.0), TOKENS, right, np.arange(PLACES) < 1, 1, 1))
