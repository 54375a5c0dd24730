"""Locality of influence on lines of which it is known how fast a change travels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.locality import locality, steps_between, steps_on
from looped.model import State
from looped.tasks.sudoku.rules import attention_rules

LINE = np.array([0, 0, 0, 1, 0, 0, 0, 0])


class Line:
    """A row of places; each adds up what it and its two neighbours hold, so that a change travels one place a loop."""

    input_kind, inputs, fewest_places = "tokens", 99, 1

    def __init__(self, reach: int = 1) -> None:
        self.reach = reach

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def places(self, positions: int) -> None:
        return None

    def unroll(self, tokens: torch.Tensor, loops: int) -> Iterator[State]:
        state = State(0, (1 + tokens.float())[..., None])
        yield state
        for loop in range(1, loops + 1):
            hidden = state.hidden
            summed = hidden.clone()
            for by in range(1, self.reach + 1):
                summed[:, by:] += hidden[:, :-by]
                summed[:, :-by] += hidden[:, by:]
            state = state._replace(loop=loop, hidden=summed)
            yield state


def test_a_change_travels_one_place_a_loop() -> None:
    model: Any = Line()
    distance = steps_on([list(range(8))], 8, 3, grid=False)
    assert distance.tolist() == [3, 2, 1, 0, 1, 2, 3, 4]
    found = locality(model, LINE, 3, [2], distance, loops=3)
    size = np.sqrt((1 * 7 + 4) / 8)  # the states are 1, and 2 where the token is
    np.testing.assert_allclose(found.change[0], np.where(distance == 0, 1 / size, 0), rtol=1e-6)
    assert found.bands.tolist() == [[0, 0], [1, 1], [2, 2], [3, 4]]
    assert found.band.tolist() == [3, 2, 1, 0, 1, 2, 3, 3]
    reached = [[np.flatnonzero(row)[0], np.flatnonzero(row)[-1]] for row in found.change > 0]
    assert reached == [[3, 3], [2, 4], [1, 5], [0, 6]]
    assert np.isnan(found.near[0])
    assert found.near[1] == 1
    assert found.near[2] == pytest.approx((2**2 + 2**2) / (2**2 + 2**2 + 1 + 1))  # binomially: 1 2 3 2 1
    assert found.even == pytest.approx(2 / 7)
    assert found.reach.tolist() == [0, 1, 2, 2]  # three places away 1 has changed, of a length of 26
    np.testing.assert_allclose(found.mean[1] ** 2, [found.change[1, 3] ** 2, found.change[1, 2] ** 2, 0, 0], rtol=1e-6)
    assert found.touched[2:].tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_a_model_that_reads_further_reaches_further_and_one_that_is_not_reached_says_so() -> None:
    far: Any = Line(reach=7)
    distance = steps_on([list(range(8))], 8, 0, grid=False)
    found = locality(far, LINE, 0, [1, 1], distance, loops=1)
    np.testing.assert_allclose(found.change[1], found.change[1, 0])  # everybody sums up everything
    assert found.near[1] == pytest.approx(found.even)
    with pytest.raises(ValueError, match="another token"):
        locality(far, LINE, 0, [], distance, loops=1)
    with pytest.raises(ValueError, match="another place"):
        locality(far, LINE, 0, [1], np.full(8, -1), loops=1)


def test_steps_of_a_sudoku_are_its_peers() -> None:
    cells = np.arange(81)
    units = [cells // 9, cells % 9, cells // 27 * 3 + cells % 9 // 3]
    steps = steps_between(units, 40)
    names = {name: mask[40] for name, mask in attention_rules(9).items()}
    peers = names["row"] | names["column"] | names["box"]
    np.testing.assert_array_equal(steps == 1, peers & (cells != 40))
    assert steps.max() == 2
    assert (steps == 1).sum() == 20


def test_a_grid_is_walked_by_a_king_and_padding_is_nowhere() -> None:
    rows = np.arange(25).reshape(5, 5).tolist()
    steps = steps_on(rows, 30, 6, grid=True)
    assert [(steps == step).sum() for step in range(4)] == [1, 8, 7, 9]
    assert (steps[25:] == -1).all()
    assert (steps_on(rows, 30, 29, grid=True) == -1).all()
