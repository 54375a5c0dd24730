"""Moduli by swapped tokens: of a model that knows every answer they are those of the task."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from looped.model import LoopedModule, State
from looped.tasks import Task, get
from looped.theory.moduli import KINDS
from looped.theory.swaps import SwapEffort, SwapFound, _all_swaps, _swapped, swap_moduli, told

FEW = SwapEffort(searches=2, rounds=2, inputs=3, swaps=4, climbs=0)


class Knowing(LoopedModule):
    """Says after loop 1 that every answer is one fixed token, and after loop 2 what is right."""

    input_kind, output_kind = "tokens", "classes"
    positions = inputs = outputs = 0
    width = 2

    def __init__(self, task: Task, fixed: int) -> None:
        super().__init__()
        self.task, self.fixed = task, fixed
        self.positions, self.inputs, self.outputs = task.length, task.vocab, task.vocab
        self.config = SimpleNamespace(trained_loops=2)

    def begin(self, input: Tensor) -> State:
        """Return the input itself."""
        return State(0, torch.stack([input, input], -1).double())

    def step(self, state: State, record: bool = False, interventions: Any = ()) -> State:
        """Return answers as the state."""
        tokens = state.hidden[..., 0].long()
        if state.loop == 0:
            return self.next_state(state, torch.stack([tokens, torch.full_like(tokens, self.fixed)], -1).double(), ())
        answers = torch.as_tensor(np.array([self.answers(row) for row in tokens.numpy()]))
        return self.next_state(state, torch.stack([tokens, answers], -1).double(), ())

    def answers(self, row: np.ndarray) -> np.ndarray:
        """Return what is right, nothing where nothing is."""
        try:
            solution = self.task.facts(self.task.parse(self.task.written(row)))["solution"]
        except ValueError:
            solution = None
        return np.full(len(row), self.fixed) if solution is None else np.array([int(one) for one in solution])

    def readout(self, hidden: Tensor) -> Tensor:
        """Return logits that leave no doubt."""
        return 60.0 * torch.nn.functional.one_hot(hidden[..., -1].long(), self.task.vocab)


def found(task: Task, fixed: int, effort: SwapEffort = FEW) -> SwapFound:
    with torch.inference_mode():
        *_, (share, last) = swap_moduli(Knowing(task, fixed), task, 2, effort)
    assert share == 1
    return last


def test_a_model_that_knows_the_numbers_has_the_moduli_of_the_task() -> None:
    task = get("edit_distance6")
    last = found(task, fixed=30)
    assert last.numbers
    assert (last.pairs, last.peaks) == (2 * 2 * 3 * 4, 0)
    for kind in KINDS:
        assert last.least[kind].shape == (2, 2)
        assert (last.least[kind][:, 0] == 0).all()  # one fixed number never changes
        assert last.least[kind][:, 1].max() == pytest.approx(last.truth[kind], abs=1e-9)
        assert 0 <= last.mean[kind][1] <= last.truth[kind]
    assert last.truth["sequence"] >= last.truth["contextual"] > 0
    first, second = (task.encode(task.parse(text)) for text in last.pair)
    assert (first != second).sum() == 1
    numbers = [np.where(task.asked(row), task.answers(row), 0) for row in (first, second)]
    apart = np.abs(numbers[0].astype(int) - numbers[1])
    assert apart[first == second].max() == last.truth["contextual"]


def test_the_clue_of_a_board_is_not_asked_so_that_there_is_no_token_modulus() -> None:
    last = found(get("sudoku4"), fixed=1)
    assert not last.numbers
    assert np.isnan(last.least["token"]).all()
    said = told(last)
    assert said["moduli"]["token"]["least"] is None
    assert 0 <= said["moduli"]["contextual"]["least"][-1] <= 1  # a total variation


def test_the_same_seed_finds_the_same_and_more_rounds_find_no_less() -> None:
    task = get("lcs6")
    one, again, more = (found(task, 30, SwapEffort(1, rounds, 3, 4, climbs=0)) for rounds in (2, 2, 4))
    assert told(one) == told(again)
    assert more.least["contextual"][0, -1] >= one.least["contextual"][0, -1]


def test_a_search_climbs_until_no_single_swap_changes_more() -> None:
    task = get("edit_distance6")
    effort = SwapEffort(searches=1, rounds=1, inputs=3, swaps=2, climbs=20)
    rounds, climbed = (found(task, 30, replace(effort, climbs=climbs)) for climbs in (0, 20))
    assert climbed.least["contextual"][0, -1] > rounds.least["contextual"][0, -1]
    assert climbed.peaks == 1
    model = Knowing(task, 30)
    peak = task.encode(task.parse(climbed.pair[1]))
    others, at = _all_swaps(task, peak)
    places = (peak > 0) & task.clues(peak)
    assert len(others) == len({other.tobytes() for other in others}) == places.sum() * 25  # every other letter
    assert ((others != peak).sum(1) == 1).all()
    assert (others[np.arange(len(at)), at] != peak[at]).all()
    both = [np.where(task.asked(row), model.answers(row), 0) for row in (peak, *others)]
    apart = np.abs(np.array(both[1:]) - both[0])
    apart[np.arange(len(at)), at] = 0
    assert apart.max() == climbed.least["contextual"][0, -1]


def test_what_cannot_be_searched_is_refused() -> None:
    numbers = SimpleNamespace(input_kind="vectors", output_kind="numbers")
    with pytest.raises(ValueError, match="read tokens and answer with tokens"):
        next(swap_moduli(numbers, get("lcs6")))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1 search"):
        SwapEffort(rounds=0)


def test_cells_of_a_grid_are_swapped_and_its_source_is_not() -> None:
    task = get("paths")
    rows = np.asarray(task.sample(1, 0, "held-out")[0])
    others, at = _swapped(task, rows[0], 40, np.random.default_rng(0))
    free = set(task.layout(rows[0]).settable)
    assert all(rows[0][place] in free for place in at)
    assert {int(one[place]) for one, place in zip(others, at, strict=True)} <= free
