"""Long questions: what they answer is what the lenses say, and they tell how far they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped.checkpoints import Checkpoint, load_checkpoint
from looped.figures.microscope import Packed
from looped.lenses.basins import basins, endpoints, sudoku_symmetries
from looped.lenses.fixed_point import loop_map, spectral_radius
from looped.lenses.halting import RULES, curve, survey
from looped.lenses.rollout import rollout
from looped.lenses.sweep import sweep_heads, sweep_positions
from looped.questions import BOARDS, MINIMAL, QUESTIONS, RUNS, TEMPERATURES, Asked, spread
from looped.trace import Trace, record

PUZZLE = ".3244..32.3..1.2"
LOOPS = 6


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load_checkpoint("sudoku4-tmlt")


@pytest.fixture(scope="module")
def asked(checkpoint: Checkpoint) -> Asked:
    return Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse(PUZZLE)), LOOPS, cell=0, loop=4)


@pytest.fixture(scope="module")
def trace(asked: Asked) -> Trace:
    return record(asked.checkpoint.model, asked.tokens, LOOPS)


def last(name: str, asked: Asked) -> Packed:
    *_, answer = QUESTIONS[name].ask(asked)
    return answer


@pytest.mark.parametrize("name", QUESTIONS)
def test_progress_only_grows_and_ends_at_one(name: str, asked: Asked) -> None:
    steps = list(QUESTIONS[name].ask(asked))
    shares = [step["share"] for step in steps]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == 1
    shapes = [{key: array.shape for key, array in step["arrays"].items()} for step in steps]
    assert all(shape.keys() == shapes[0].keys() for shape in shapes)  # every step can be drawn


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_question_has_the_same_answer(name: str, asked: Asked) -> None:
    one, two = last(name, asked), last(name, asked)
    assert one["meta"] == two["meta"]
    assert all(np.array_equal(one["arrays"][key], two["arrays"][key], equal_nan=True) for key in one["arrays"])


def test_rollout(asked: Asked, trace: Trace) -> None:
    flow = last("rollout", asked)["arrays"]["rollout"]
    np.testing.assert_allclose(flow.astype(float), rollout(trace.attention, trace.alpha1), rtol=1e-3, atol=1e-6)


def test_spectrum(asked: Asked, trace: Trace) -> None:
    answer = last("spectrum", asked)["arrays"]
    assert answer["at"].tolist() == list(range(LOOPS))
    wanted = spectral_radius([loop_map(asked.checkpoint.model, asked.tokens, loop) for loop in range(LOOPS)], trace.hidden[:-1])
    np.testing.assert_allclose(answer["radius"][0], wanted.value, rtol=1e-4)
    assert (answer["radius"][1] >= 0.99 * answer["radius"][0]).all()  # no difference grows more than the most that can be


def test_cells_and_heads(asked: Asked, trace: Trace) -> None:
    for name, sweep in (("cells", sweep_positions), ("heads", sweep_heads)):
        answer = last(name, asked)
        *_, wanted = sweep(asked.checkpoint.model, trace, 0)
        np.testing.assert_allclose(answer["arrays"]["margin"], wanted.margin.reshape(LOOPS, -1), rtol=1e-4, atol=1e-4)
        assert answer["meta"]["answer"] == trace.answers[-1, 0]


def test_exits(asked: Asked) -> None:
    answer, task = last("exits", asked), asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    for i, rule in enumerate(RULES):
        wanted = curve(seen.watched[i], seen.right, rule.patience)
        np.testing.assert_allclose(answer["arrays"][f"rule{i}"], [wanted.loops, wanted.accuracy], rtol=1e-6)
    assert answer["meta"]["runs"] == BOARDS


def test_exits_of_boards_without_a_clue_to_spare(asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a size that has no puzzle file they are generated; of 9×9 it is the whole file of the repository."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out", minimal=True)
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    answer = last("exits_minimal", asked)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    assert answer["meta"]["data"] == "no clue to spare"
    nine = load_checkpoint("sudoku9-looped")
    lines = MINIMAL.read_text("utf-8").splitlines()[:12]
    (tmp_path / "few.txt").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr("looped.questions.MINIMAL", tmp_path / "few.txt")
    puzzles = [line for line in lines if not line.startswith("#")]
    found = last("exits_minimal", Asked(nine, nine.task.encode(nine.task.parse(puzzles[0])), 4, 0, 1))
    assert found["meta"]["runs"] == len(puzzles) > 5


def test_basins(asked: Asked) -> None:
    answer, task = last("turns", asked), asked.checkpoint.task
    *_, found = basins(asked.checkpoint.model, asked.tokens, task.right, RUNS, LOOPS, symmetries=sudoku_symmetries((2, 2), RUNS - 1, seed=0))
    ends = endpoints(found.answers, asked.tokens == 0)
    arrays, meta = answer["arrays"], answer["meta"]
    assert arrays["sizes"].tolist() == ends.sizes.tolist()
    assert arrays["sizes"].sum() == RUNS
    assert arrays["ends"].tolist() == ends.distinct.tolist()
    for end, good in zip(ends.distinct, arrays["ends_right"], strict=True):
        assert bool(good) == bool(task.right(asked.tokens[None], end[None])[0])
    assert (meta["right"], meta["plain_right"], meta["vote_right"]) == (int(found.right.sum()), bool(found.right[0]), bool(task.right(asked.tokens, ends.vote)))
    assert last("noise", asked)["arrays"]["sizes"].sum() == RUNS


def test_temperature(asked: Asked, trace: Trace) -> None:
    answer = last("temperature", asked)
    same = answer["arrays"]["same"]
    assert answer["meta"]["temperatures"] == TEMPERATURES
    assert (same[TEMPERATURES.index(1.0)] == 1).all()
    hard = record(load_checkpoint("sudoku4-tmlt~hardmax").model, asked.tokens, LOOPS)
    np.testing.assert_allclose(same[0], (hard.answers == trace.answers)[:, asked.tokens == 0].mean(-1))
    assert answer["arrays"]["right"][0].tolist() == asked.checkpoint.task.right(np.broadcast_to(asked.tokens, hard.answers.shape), hard.answers).tolist()


def test_questions_of_a_board_without_blanks_are_answered(asked: Asked, trace: Trace) -> None:
    full = Asked(asked.checkpoint, trace.answers[-1], LOOPS, 0, 1)
    for name in QUESTIONS:
        assert last(name, full)["share"] == 1, name


def test_a_changed_model_is_asked_as_it_is(asked: Asked) -> None:
    changed = Asked(load_checkpoint("sudoku4-tmlt~cut=0_1_2_3"), asked.tokens, LOOPS, 0, 4)
    assert not np.allclose(last("spectrum", changed)["arrays"]["radius"], last("spectrum", asked)["arrays"]["radius"])
    assert (last("heads", changed)["arrays"]["margin"] == 0).all()  # they are cut already
    assert (last("heads", asked)["arrays"]["margin"] != 0).any()


def test_loops_are_spread() -> None:
    assert spread(1) == [0]
    assert spread(256)[0] == 0
    assert spread(256)[-1] == 255
    assert len(spread(256)) == 16
