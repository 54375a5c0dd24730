"""Inputs that go on from step to step: for how long, when they give way, and with which state they begin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped.model import Config
from looped.training.data import Batch, Carried, carry_on
from looped.training.optimisers import make_optimizers
from looped.training.recipes import Recipe, Stage
from tests.training.helpers import Make, assert_same_when_stopped, staged

SHAPE = (5, 8)  # positions, width


def fresh_batch(number: int, count: int = 4) -> Batch:
    """Inputs that can be told apart: all of them are `number`."""
    return Batch(np.full((count, 5), number), np.full((count, 5), number), 2, 0)


def stage_of(**settings: Any) -> Stage:
    return Stage(100, 1e-3, ((1, {}),), loops=2, **{"carry": 8} | settings)


def gone_on(old: Carried | None, batch: Batch, stage: Stage, own: int, seed: int = 0) -> Carried:
    return carry_on(old, batch, stage, own, SHAPE, np.random.default_rng(seed))


def after(carried: Carried, solved: list[bool]) -> Carried:
    """What is left of a step: two loops more, states that are not zero."""
    return replace(carried, hidden=carried.hidden + 1, done=carried.done + 2, solved=np.array(solved))


def test_inputs_go_on_for_fewer_loops_at_first() -> None:
    stage = stage_of(growth=((0.2, 2), (0.5, 4)))
    lives = {}
    for begin in (0, 30, 60):
        carried, ages = None, []
        for own in range(begin, begin + 16):
            carried = gone_on(carried, fresh_batch(own), stage, own)
            ages.append(int(carried.done.max()) + 2)
            carried = after(carried, [False] * 4)
        lives[begin] = max(ages)
    assert lives == {0: 2, 30: 4, 60: 8}


def test_a_solved_input_gives_way_after_the_first_quarter_only() -> None:
    stage = stage_of(leave=1.0)
    first = after(gone_on(None, fresh_batch(1), stage, 25), [True, False, True, False])
    went = gone_on(first, fresh_batch(2), stage, 26)
    assert went.puzzles[:, 0].tolist() == [2, 1, 2, 1]
    assert went.done.tolist() == [0, 2, 0, 2]
    assert went.solved.tolist() == [False] * 4
    early = gone_on(after(gone_on(None, fresh_batch(1), stage, 1), [True] * 4), fresh_batch(2), stage, 2)
    assert (early.puzzles[:, 0] == 2).sum() == 1  # one in four has had its eight loops
    old = replace(first, done=np.array([8, 2, 2, 8]), solved=np.zeros(4, bool))
    assert gone_on(old, fresh_batch(2), stage, 26).puzzles[:, 0].tolist() == [2, 1, 1, 2]


def test_some_inputs_begin_with_a_normalised_random_state() -> None:
    begun = gone_on(None, fresh_batch(1, 4_000), stage_of(noise=0.25), 0)
    drawn = begun.hidden.flatten(1).any(1)
    assert 0.22 < float(drawn.float().mean()) < 0.28
    assert begun.fresh.tolist() == (~drawn).tolist()
    torch.testing.assert_close(begun.hidden[drawn].square().mean(-1), torch.ones(int(drawn.sum()), 5))
    assert not gone_on(None, fresh_batch(1), stage_of(), 0).hidden.any()
    assert not after(begun, [False] * 4_000).fresh.any()


def test_a_run_with_all_of_them_is_the_same_when_it_is_stopped(recipe: Recipe, tmp_path: Path) -> None:
    stage = {"steps": 8, "loops": 1, "carry": 4, "growth": ((0.4, 2),), "leave": 0.5, "noise": 0.5}
    mixed = staged(recipe, stage)
    assert_same_when_stopped(mixed, tmp_path)


def test_they_need_inputs_that_go_on(recipe: Recipe) -> None:
    for change in ({"growth": ((0.5, 2),)}, {"leave": 0.1}, {"astray": 0.1}):
        with pytest.raises(ValueError, match=r"^growth, leave and astray are for inputs that go on from step to step;"):
            staged(recipe, change)


def test_weights_that_muon_does_not_move_may_keep_their_size(recipe: Recipe, make_model: Make) -> None:
    model = make_model()
    assert isinstance(recipe.model, Config)
    for decay_rest, decay in ((True, 0.05), (False, 0.0)):
        rest, matrices = make_optimizers(replace(recipe, optimizer="muon", decay_rest=decay_rest), model)
        assert rest.param_groups[0]["weight_decay"] == decay
        assert matrices.param_groups[0]["weight_decay"] == 0.05
