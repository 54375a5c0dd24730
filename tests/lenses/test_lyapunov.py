"""Lyapunov exponents of maps whose exponents are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import looped
from looped.lenses.fixed_point import loop_map
from looped.lenses.lyapunov import CONTRACTS, EXPANDS, LEVELS, STARTS, judged, largest_growth, lyapunov
from looped.runs.trace import record


def test_a_linear_map_has_the_logarithms_of_its_eigenvalues() -> None:
    change = torch.linalg.qr(torch.tensor(np.random.default_rng(0).normal(size=(4, 4))))[0].float()
    values = torch.tensor([1.2, 0.9, 0.5, 0.1])
    matrix = change @ torch.diag(values) @ change.T
    *_, found = lyapunov([lambda h: h @ matrix.T] * 80, np.ones((80, 1, 4), np.float32), directions=3)
    np.testing.assert_allclose(found.late, np.tile(np.log([1.2, 0.9, 0.5]), (STARTS, 1)), atol=1e-3)
    assert found.kind == EXPANDS
    assert found.local.shape == (STARTS, 80, 3)
    np.testing.assert_allclose(found.exponents, found.local.mean(1))


def test_a_map_that_is_not_linear_is_taken_at_the_states_of_the_run() -> None:
    """The logistic map with r = 4: its exponent is the logarithm of 2."""
    x = [0.3]
    for _ in range(3999):
        x.append(4 * x[-1] * (1 - x[-1]))
    *_, found = lyapunov([lambda h: 4 * h * (1 - h)] * 4000, np.array(x, np.float32)[:, None, None], directions=1)
    assert found.exponents[0, 0] == pytest.approx(np.log(2), abs=0.02)


def test_a_turn_neither_parts_nor_meets_and_a_map_to_nothing_has_no_logarithm() -> None:
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    *_, found = lyapunov([lambda h: h @ turn] * 4, np.ones((4, 1, 2), np.float32), directions=2)
    np.testing.assert_allclose(found.late, 0, atol=1e-6)
    assert found.kind == LEVELS
    *_, gone = lyapunov([lambda h: 0 * h], np.ones((1, 1, 2), np.float32), directions=1)
    assert (gone.late[0, 0], gone.kind) == (-np.inf, CONTRACTS)
    with pytest.raises(ValueError, match="directions is 3; a state of 2 numbers has from 1 to 2"):
        next(lyapunov([lambda h: h], np.ones((1, 1, 2), np.float32), directions=3))


def test_a_difference_that_is_really_made_grows_as_the_exponents_say(make_model: Callable[..., Any]) -> None:
    model = make_model(injection=True, state_norm=True)
    tokens = np.arange(16) % 5
    trace = record(model, tokens, 6)
    maps = [loop_map(model, tokens, t) for t in range(6)]
    *_, found = lyapunov(maps[1:], trace.hidden[1:-1], directions=1, seed=3, starts=1)
    direction = np.random.default_rng(3).standard_normal((trace.hidden[0].size, 1))
    moved = torch.tensor(trace.hidden[1]) + 1e-3 * torch.tensor(direction / np.linalg.norm(direction)).float().reshape(
        trace.hidden[0].shape
    )
    for step in maps[1:]:
        moved = step(moved)
    grown = np.log(float((moved - torch.tensor(trace.hidden[-1])).norm()) / 1e-3)
    assert grown == pytest.approx(found.local.sum(), abs=0.15)


def four_by_four(name: str, loops: int) -> tuple[list[Any], np.ndarray]:
    """Return the maps and the states of a run of a shipped model."""
    checkpoint = looped.load(name)
    tokens = checkpoint.task.encode(checkpoint.task.parse("4......2...33..."))
    hidden = record(checkpoint.model, tokens, loops, verify=False).hidden[:-1]
    return [loop_map(checkpoint.model, tokens, t) for t in range(loops)], hidden


def test_directions_of_a_short_run_are_sorted_by_what_they_grew() -> None:
    """The first direction of the first start grows by 0.046 in the late loops, the second by 0.077."""
    maps, hidden = four_by_four("sudoku4-looped", 32)
    *_, found = lyapunov(maps, hidden, starts=2)
    assert (np.diff(found.late, axis=1) <= 0).all()
    assert found.late[0, 0] == pytest.approx(0.0773, abs=0.003)
    np.testing.assert_allclose(found.late, found.local[:, 16:].mean(1))


def test_a_side_is_taken_only_where_every_start_is_on_it() -> None:
    sides = {(0.0145, 0.0109): 1, (0.0145, 0.0085): 0, (0.01002, 0.2): 0, (-0.0101, -0.3): -1, (-0.3, 0.3): 0}
    assert [judged(np.array(largest)) for largest in sides] == list(sides.values())


def test_no_exponent_exceeds_the_largest_growth_which_is_that_of_the_whole_jacobians() -> None:
    maps, hidden = four_by_four("sudoku4-looped-plain", 4)
    whole = np.eye(hidden[0].size)
    for one, at in zip(maps, hidden, strict=True):
        jacobian = torch.autograd.functional.jacobian(one, torch.tensor(at)).reshape(at.size, at.size)
        whole = jacobian.double().numpy() @ whole
    found = largest_growth(maps, hidden)
    assert found == pytest.approx(np.log(np.linalg.norm(whole, 2)) / 4, abs=1e-3)
    *_, carried = lyapunov(maps, hidden, starts=1)
    assert carried.exponents.max() <= found


def test_sampled_tokens_make_a_map() -> None:
    """A task samples tokens as int8."""
    checkpoint = looped.load("sudoku4-tmlt")
    tokens = checkpoint.task.sample(1, seed=0)[0][0].astype(np.int8)
    trace = record(checkpoint.model, tokens, 1)
    moved = loop_map(checkpoint.model, tokens, 0)(torch.tensor(trace.hidden[0]))
    np.testing.assert_allclose(moved.detach().numpy(), trace.hidden[1], atol=1e-4)


def test_growth_takes_states_of_either_precision_and_needs_a_loop() -> None:
    shear = torch.tensor([[0.5, 0.0], [3.0, 0.5]])
    assert largest_growth([lambda h: h @ shear], np.ones((1, 1, 2))) == pytest.approx(1.125, abs=1e-3)
    with pytest.raises(ValueError, match="one map or more"):
        largest_growth([], np.ones((0, 1, 2)))
    with pytest.raises(ValueError, match="one map or more"):
        next(lyapunov([], np.ones((0, 1, 2))))
