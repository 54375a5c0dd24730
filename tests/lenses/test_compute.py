"""What more compute brings, on a model whose every answer is known by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from looped.lenses.basins import Symmetries
from looped.lenses.compute import Way, compute, voted
from looped.model import LoopedModule, State
from looped.model.interventions import Intervention

# Logits of the digits 1 and 2 of every loop at the one blank, for an input that begins with 0, 1 and 2.
RUNS = {
    0: [(9.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 3.0)],  # most sure at first, of 1; then 2 for good
    1: [(0.0, 2.0), (1.0, 0.0), (0.0, 1.0), (1.0, 0.0)],  # to and fro, most sure at first, of 2
    2: [(1.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 0.0)],  # always 1
}


class Scripted(LoopedModule):
    """A model of one blank behind one given, which says in loop t what RUNS has; its state is the loop and the given.

    A start with noise says 2 in every loop, and hardly moves.
    """

    inputs, outputs, positions, width = 3, 3, 2, 2
    input_kind, output_kind = "tokens", "classes"

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def begin(self, input: Tensor) -> State:
        hidden = torch.zeros(len(input), 2, 2)
        return State(0, hidden, input=(torch.ones_like(hidden), input[:, 0]))

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        noisy = (state.hidden[:, :1, :1] % 1 != 0).expand_as(state.hidden)
        moved = state.hidden.clone()
        moved[:, :, 0] += 1
        moved[:, :, 1] = state.input[1][:, None]
        return self.next_state(state, torch.where(noisy, state.hidden, moved), interventions)

    def readout(self, hidden: Tensor) -> Tensor:
        logits = torch.zeros(len(hidden), 2, 3)
        for i, state in enumerate(hidden[:, 0]):
            loop, given = state.tolist()
            logits[i, 1, 1:] = torch.tensor(RUNS[int(given)][int(loop) - 1] if loop % 1 == 0 else (0.0, 5.0))
        return logits


def right(_: np.ndarray, answers: np.ndarray) -> np.ndarray:
    good: np.ndarray = answers[:, 1] == 2
    return good


def asked_of(inputs: np.ndarray, symmetries: Symmetries | None, rules: bool = True) -> dict[tuple[str, str], Way]:
    asked = np.tile([False, True], (len(inputs), 1))
    *_, last = compute(Scripted(), inputs, right, asked, 4, 3, symmetries, rules, batch=2)
    return {(way.starts, way.chosen): way for way in last}


def test_each_way_answers_and_costs_what_follows_from_the_script() -> None:
    inputs = np.array([[0, 0], [1, 0], [2, 0]])
    found = asked_of(inputs, None)
    expected = {
        ("", "end"): ([True, False, False], [4, 4, 4]),
        ("", "peak confidence"): ([False, True, False], [4, 4, 4]),
        ("", "repetition"): ([True, False, False], [4, 4, 4]),
        ("random starts", "rules"): ([True, True, True], [4, 8, 8]),
        ("random starts", "vote"): ([True, True, True], [12, 12, 12]),
        ("random starts", "residual"): ([True, True, True], [12, 12, 12]),  # a start with noise rests
    }
    assert {name: (way.right.tolist(), way.loops.tolist()) for name, way in found.items()} == expected
    assert ("random starts", "rules") not in asked_of(inputs, None, rules=False)


def test_answers_of_images_are_mapped_back() -> None:
    """The two symmetries exchange the digits: the given 1 is read as 2, and its answer 1 means 2; 0 stays, and its 2
    means 1."""
    swapped = Symmetries(np.array([[0, 1]] * 2), np.array([[0, 2, 1]] * 2))
    found = asked_of(np.array([[1, 0], [0, 0]]), swapped)
    assert found["symmetries", "rules"].right.tolist() == [True, True]
    assert found["symmetries", "rules"].loops.tolist() == [8, 4]
    assert found["symmetries", "vote"].right.tolist() == [True, False]
    assert found["random starts", "vote"].right.all()


def test_of_equally_many_votes_the_smallest_token_wins() -> None:
    assert voted(np.array([[2, 1], [1, 1], [2, 0], [1, 0]])).tolist() == [1, 0]
