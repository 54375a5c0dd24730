"""The rounds of a search, read off records of known searches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from looped import tasks
from looped.lenses.rounds import AGAIN, BEGUN, GUESSED, REMOVED, STAYED, TAKEN_BACK, rounds
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.lattice import Lattice, LatticeConfig
from looped.runs.trace import Trace, record
from looped.serving.message import at_ends
from looped.serving.packing import packer
from looped.serving.rounds import clock_words, told
from looped.serving.views import missing_words

TASK = tasks.get("sudoku4")
BOARD = np.zeros(16, np.int64)


def searched(steps: Sequence[tuple[np.ndarray, Sequence[int], int]]) -> Trace:
    """The trace of rounds of two loops, each with: removed (64,), guesses that stand, fresh starts."""
    torch.manual_seed(0)
    net = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=2))
    made = record(net.eval().requires_grad_(False), BOARD, 2 * len(steps))
    guesses = [np.pad(np.array(made, float), (0, 16 - len(made)), constant_values=-1) for _, made, _ in steps]
    parts = {
        "removed": np.stack([removed for removed, _, _ in steps]),
        "guesses": np.stack(guesses),
        "doubt": np.array([[again] for *_, again in steps]),
    }
    whole = {name: np.concatenate([part[:1], part.repeat(2, 0)]).astype(np.float32) for name, part in parts.items()}
    depth, doubt = np.array([len(made) for _, made, _ in steps]), np.array([again for *_, again in steps])
    begins = (np.diff(depth, prepend=1) < 0) | (np.diff(doubt, prepend=0) > 0)
    whole["anew"] = np.stack((begins, begins & False), 1).ravel().astype(np.float32)
    return Trace.of(made.arrays() | whole)


def out(*candidates: int, at: int = 0, before: np.ndarray | None = None) -> np.ndarray:
    """Candidates that are removed under `at` guesses, beside those of before."""
    removed = np.full(64, -1) if before is None else before.copy()
    removed[list(candidates)] = at
    return removed


FIRST = out(4, 5)
GUESS = out(8, 9, 11, at=1, before=FIRST)  # cell 2 is guessed to be a 3
BACK = out(10, before=FIRST)
SEARCH = [
    (out(), (), 0),
    (FIRST, (), 0),
    (GUESS, (10,), 0),
    (out(63, at=1, before=GUESS), (10,), 0),
    (BACK, (), 0),
    (out(), (), 1),
    (out(), (), 1),
]


def test_what_happened_before_each_round_is_read_off_the_record() -> None:
    found = rounds(searched(SEARCH))
    assert found is not None
    assert found.event.tolist() == [BEGUN, REMOVED, GUESSED, REMOVED, TAKEN_BACK, AGAIN, STAYED]
    assert found.number.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    assert found.removed[1:5].tolist() == [2, 3, 1, 1]
    assert found.place.tolist() == [-1, -1, 2, -1, 2, -1, -1]
    assert found.candidate.tolist() == [-1, -1, 2, -1, 2, -1, -1]
    assert found.guessed[2].tolist() == [0, 0, 1, *[0] * 13]
    assert not found.guessed[4].any()
    assert found.left[2, 2].tolist() == [False, False, True, False]
    assert found.open.tolist() == [16, 16, 15, 15, 16, 16, 16]


def test_the_sentences_say_it() -> None:
    found = rounds(searched(SEARCH))
    assert found is not None
    assert [told(found, r, TASK, BOARD) for r in range(7)] == [
        "This is a search around a looped net: round 1 starts from the givens.",
        "Before round 2, 2 candidates were removed; 16 cells have more than one left.",
        "Before round 3, nothing was sure enough to be removed: 3 in row 1, column 3 was guessed.",
        "Before round 4, 1 candidate was removed; 15 cells have more than one left.",
        "Before round 5, a conflict: the guess of 3 in row 1, column 3 was taken back.",
        "Before round 6, a conflict with no guess to take back: the search started again from the givens.",
        "Before round 7, every cell had one candidate left and no rule was broken: the sets stay.",
    ]


@pytest.mark.parametrize(
    ("cells", "words"), [(0, "no cell has more than one left"), (1, "1 cell has more than one left")]
)
def test_few_open_cells_are_counted_in_words(cells: int, words: str) -> None:
    alone = np.full(64, 0)
    alone[::4] = -1
    alone[1 : 1 + 4 * cells : 4] = -1
    found = rounds(searched([(out(), (), 0), (alone, (), 0)]))
    assert found is not None
    assert told(found, 1, TASK, BOARD).endswith(f"removed; {words}.")


def test_a_run_of_a_net_tells_its_own_rounds() -> None:
    """Of every round of a real run: the sets in the record are those that the model itself went on with."""
    torch.manual_seed(0)
    net = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=2))
    with torch.no_grad():
        net.stays.weight.normal_(std=0.5)
        net.clash.weight.normal_(std=0.5)
    board = TASK.sample(1, seed=1, givens=4)[0][0].astype(np.int64)
    trace = record(net.eval().requires_grad_(False), board, 20)
    found = rounds(trace)
    assert found is not None
    states = list(net.unroll(torch.tensor(board)[None], 20))
    for number, state in zip(found.number, states[1:], strict=True):
        left = net.by_cell(state.others["removed"] < 0)[0].numpy()
        np.testing.assert_array_equal(found.left[number - 1], left)
    assert len(set(found.event.tolist())) > 2, "the run does nothing that could be told wrongly"


def test_other_models_have_no_rounds() -> None:
    torch.manual_seed(0)
    net = Candidates(CandidatesConfig("candidates", 4, (2, 2), width=8, contests=2, hidden=8))
    trace = record(net.eval().requires_grad_(False), BOARD, 4)
    assert rounds(trace) is None
    packed = packer("sudoku4")(trace)
    assert not {"round", "sets", "guessed", "conflict"} & packed["arrays"].keys()
    assert "rounds" not in packed["meta"]
    assert clock_words(net, 4) is None


def test_the_message_holds_the_rounds_and_leaves_out_what_needs_one_map() -> None:
    packed = packer("sudoku4")(searched(SEARCH))
    arrays, meta = packed["arrays"], packed["meta"]
    assert arrays["sets"].shape == (7, 16, 4)
    assert arrays["guessed"].shape == (7, 16)
    assert arrays["round"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    assert len(meta["rounds"]) == 7
    assert "steps" not in arrays
    assert meta["missing"]["steps"] == (
        "There is nothing to draw: this panel is not made for a model with rounds of a search: "
        "the sets that it reads change between rounds, so there is no one map from loop to loop."
    )


def test_what_changes_between_rounds_is_not_called_the_same_function() -> None:
    torch.manual_seed(0)
    small = {"width": 8, "contests": 2, "hidden": 8}
    search = Lattice(LatticeConfig("lattice", 4, (2, 2), round=2, **small))
    net = Candidates(CandidatesConfig("candidates", 4, (2, 2), **small))
    lacking = {"scales": "It has none.", "alike": "It has none."}
    for said in missing_words(lacking, search).values():
        assert said.startswith(
            "This checkpoint has no timestep encoding: every loop applies the same weights to the state and to sets of "
            "candidates, which change between rounds. Choose a TMLT checkpoint to see "
        )
    for said in missing_words(lacking, net).values():
        assert "every loop applies exactly the same function." in said


def test_the_clock_says_where_in_its_round_a_loop_stands() -> None:
    net = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=3))
    assert clock_words(net, 5) == [
        "round 1 · loop 1 of 3",
        "round 1 · loop 2 of 3",
        "round 1 · loop 3 of 3",
        "round 2 · loop 1 of 3",
        "round 2 · loop 2 of 3",
    ]


def test_a_step_is_measured_from_the_state_that_its_loop_began_with() -> None:
    trace = searched(SEARCH)
    packed = packer("sudoku4")(trace)
    relative, absolute = packed["arrays"]["residual_relative"], packed["arrays"]["residual_absolute"]
    begins = np.zeros(14, bool)
    begins[[0, 8, 10]] = True  # the rounds before which nothing was, a guess was taken back, the search started again
    assert np.array_equal(np.isnan(relative), begins)
    (later,) = np.flatnonzero(begins)[1:2]
    np.testing.assert_allclose(absolute[later], np.linalg.norm(trace.hidden[later + 1]), rtol=1e-6)
    onward = np.flatnonzero(~begins & (np.arange(14) % 2 == 0))[0]
    step = trace.hidden[onward + 1] - trace.hidden[onward]
    np.testing.assert_allclose(absolute[onward], np.linalg.norm(step), rtol=1e-5)
    trend, compared = packed["arrays"]["trend"], packed["arrays"]["trend_loop"]
    assert np.array_equal(trend == 0, begins)
    since = np.maximum.accumulate(np.where(begins, np.arange(1, 15), 0))
    assert (compared[compared > 0] > since[compared > 0]).all()  # with no loop before the fresh start


def test_an_answer_is_lost_only_where_a_later_round_ends_without_it() -> None:
    anew = np.array([1, 0, 0, 1, 0, 0, 1, 0], bool)
    dips = np.array([0, 1, 1, 0, 0, 1, 0, 1], bool)
    assert at_ends(dips, anew).tolist() == [False, False, True, True, True, True, True, True]
    assert at_ends(dips, None) is dips
    lost = np.array([0, 1, 1, 0, 0, 0, 0, 1], bool)
    assert at_ends(lost, anew).tolist() == [False, False, True, True, True, False, False, True]
