"""The inputs of a run: on their side of the split, drawn as the stage says, carried from step to step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped import tasks
from looped.model import Model
from looped.tasks.sudoku.symmetries import is_held_out
from looped.training.data import targets
from looped.training.losses import loss_over_loops, loss_over_window
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.run import Run
from tests.training.helpers import CPU, assert_same_when_stopped, staged


class Rows:
    """A task with rows of several lengths: the answer repeats the row, which needs as many loops as it is long."""

    name = "Rows"
    things = "rows"

    def __init__(self, reals: bool = False) -> None:
        self.reals = reals  # whether one real number is asked for each token, not a token

    def sample(self, count: int, seed: int, split: str | None, length: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.random.default_rng((seed, split == "train", length)).integers(1, 5, size=(count, length))
        return rows, rows

    def augment(
        self, inputs: np.ndarray, answers: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        return inputs, answers

    def targets(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        if not self.reals:
            return answers
        wanted = np.where(np.arange(5) == answers[..., None], 1.0, 0.0)
        wanted[:, 0] = np.nan  # nothing is asked of the first one
        return wanted

    def right(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        return (inputs[:, 1:] == answers[:, 1:]).all(-1)

    def right_everywhere(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        return (inputs == answers).all(-1)

    def loops_needed(self, inputs: np.ndarray) -> np.ndarray:
        return np.full(len(inputs), inputs.shape[1])


LENGTHS = tuple((20, {"length": length}) for length in (3, 4, 6))


@pytest.fixture
def rows(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A recipe for `Rows` of three lengths; a step has rows of one."""
    monkeypatch.setattr("looped.tasks.get", {"rows": Rows(), "real rows": Rows(reals=True)}.__getitem__)
    model = replace(recipe.model, positions="none", box=None, state_norm=True, trained_loops=7)
    stage = Stage(30, 1e-2, LENGTHS, loops=7, apart=True)
    return replace(recipe, task="rows", model=model, stages=(stage,), evaluate_every=30)


def test_the_loss_of_a_countdown_stage_takes_any_of_the_first_solutions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def remember(model: Model, tokens: torch.Tensor, targets: torch.Tensor, *asked: Any, **loss: Any) -> Any:
        seen.append((tokens.numpy(), targets.numpy()))
        return loss_over_loops(model, tokens, targets, *asked, **loss)

    monkeypatch.setattr("looped.training.run.loss_over_loops", remember)
    countdown = RECIPES["countdown3-looped"]
    model = replace(countdown.model, d_model=32, trained_loops=2)
    stage = replace(countdown.stages[0], steps=2, mix=((50, {"high": 8}),), loops=2, ways=6)
    run = Run(replace(countdown, model=model, stages=(stage,), batch=8), tmp_path, CPU, resume=False)
    assert run.train()
    for tokens, wanted in seen:
        assert (wanted == run.task.ways(tokens, 6)).all()  # type: ignore[attr-defined]
    assert [wanted.shape for _, wanted in seen] == [(8, 6, 14)] * 2


def test_several_answers_of_a_task_that_has_one_are_refused(recipe: Recipe) -> None:
    stage = replace(recipe.stages[0], ways=2)
    board = np.zeros((1, 16), np.int8)
    with pytest.raises(ValueError, match=r"^an input of sudoku4 has one answer; ways must be 1, not 2\.$"):
        targets(tasks.get("sudoku4"), stage, board, board)


def test_every_stage_has_its_own_puzzles_on_their_sides_of_the_split(recipe: Recipe, tmp_path: Path) -> None:
    mix = ((30, {"givens": 5}), (10, {"givens": (10, 11)}))
    run = Run(staged(recipe, {"steps": 2}, {"steps": 2, "mix": mix}), tmp_path, CPU, resume=False)
    seen = []
    for _ in range(4):
        run.one_step()
        givens = [(puzzles > 0).sum(1) for puzzles in (run.pools[0].inputs, run.held_out[0].inputs)]
        seen.append([set(some.tolist()) for some in givens])
        assert not is_held_out(run.pools[0].inputs, 4).any()
        assert is_held_out(run.held_out[0].inputs, 4).all()
        assert run.task.right(*run.pools[0]).all()
    assert seen[0] == seen[1]
    assert seen[0][0] == {8, 9, 10, 11, 12}
    assert seen[0][1] <= {8, 9, 10, 11, 12}
    assert seen[2] == seen[3] == [{5, 10, 11}] * 2
    assert (givens[0] == 5).sum() == 30
    assert len(givens[0]) == 40
    assert (givens[1] == 5).sum() == 8  # three quarters of ten, rounded up
    assert len(givens[1]) == 11


def test_training_and_held_out_puzzles_are_on_their_sides_of_the_split(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.pools[0].inputs.shape == run.pools[0].answers.shape == (200, 16)
    assert run.held_out[0].inputs.shape == (10, 16)
    assert not is_held_out(run.pools[0].inputs, 4).any()
    assert is_held_out(run.held_out[0].inputs, 4).all()
    givens = (run.pools[0].inputs > 0).sum(1)
    assert (givens.min(), givens.max()) == (8, 12)


def test_a_step_runs_the_loops_of_its_stage(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def remember(
        model: Model, tokens: torch.Tensor, targets: torch.Tensor, loops: int, skip: int, *asked: Any, **loss: Any
    ) -> Any:
        seen.append((loops, skip))
        return loss_over_loops(model, tokens, targets, loops, skip, *asked, **loss)

    monkeypatch.setattr("looped.training.run.loss_over_loops", remember)
    two = staged(recipe, {"steps": 3, "loops": 2}, {"steps": 20, "loops": 1, "skip": (0, 4, 7)})
    run = Run(two, tmp_path, CPU, resume=False)
    for _ in range(23):
        run.one_step()
    assert seen[:3] == [(2, 0)] * 3
    assert {loops for loops, _ in seen[3:]} == {1}
    assert {skip for _, skip in seen[3:]} == {0, 4, 7}


def test_puzzles_go_on_from_step_to_step_until_they_had_their_loops(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[np.ndarray, list[int], torch.Tensor]] = []

    def remember(
        model: Model,
        tokens: torch.Tensor,
        targets: torch.Tensor,
        hidden: torch.Tensor,
        done: torch.Tensor,
        *more: int,
        **kind: Any,
    ) -> Any:
        if done.any():
            assert torch.equal(hidden[done > 0], seen[-1][2][done > 0])
        loss, logits, states, others = loss_over_window(model, tokens, targets, hidden, done, *more, **kind)
        seen.append((tokens.numpy().copy(), done.tolist(), states))
        return loss, logits, states, others

    monkeypatch.setattr("looped.training.run.loss_over_window", remember)
    run = Run(staged(recipe, {"steps": 9, "loops": 2, "carry": 6}), tmp_path / "one", CPU, resume=False)
    for _ in range(9):
        run.one_step()
    for step in range(1, 9):
        for i, done in enumerate(seen[step][1]):
            assert done == 2 * min((i + step) % 3, step)
            assert (seen[step][0][i] == seen[step - 1][0][i]).all() == (done > 0)
    seen.clear()
    changes: list[dict[str, Any]] = [
        {"steps": 2, "loops": 2, "carry": 6},
        {"steps": 2, "loops": 1},
        {"steps": 2, "loops": 1, "carry": 2},
    ]
    run = Run(staged(recipe, *changes), tmp_path / "three", CPU, resume=False)
    for _ in range(6):
        run.one_step()
    assert [done for _, done, _ in seen][::2] == [[0] * recipe.batch] * 2  # a stage begins with new ones


def test_another_seed_is_another_run(recipe: Recipe, tmp_path: Path) -> None:
    runs = [Run(replace(recipe, seed=seed), tmp_path / str(i), CPU, resume=False) for i, seed in enumerate((0, 0, 1))]
    for run in runs:
        run.one_step()
    assert torch.equal(runs[0].model.head.weight, runs[1].model.head.weight)
    assert not torch.equal(runs[0].model.head.weight, runs[2].model.head.weight)
    assert not np.array_equal(runs[0].pools[0].inputs, runs[2].pools[0].inputs)


# ------------------------------------------------------------------------------ inputs and loops drawn for each step


def loops_of_steps(run: Run, monkeypatch: pytest.MonkeyPatch, steps: int) -> list[tuple[int, int, bool]]:
    """Run some steps; return the length of the inputs of each, its loops, and whether the last loop alone was asked."""
    seen = []

    def remember(
        model: Model, inputs: torch.Tensor, wanted: torch.Tensor, loops: int, skip: int, last: bool, **kind: Any
    ) -> Any:
        seen.append((inputs.shape[1], loops, last))
        return loss_over_loops(model, inputs, wanted, loops, skip, last, **kind)

    monkeypatch.setattr("looped.training.run.loss_over_loops", remember)
    for _ in range(steps):
        run.one_step()
    return seen


def test_the_inputs_of_a_step_may_come_from_one_part_of_the_mix(
    rows: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(rows, tmp_path, CPU, resume=False)
    assert [pool.inputs.shape for pool in run.pools] == [(20, 3), (20, 4), (20, 6)]
    assert [part.inputs.shape for part in run.held_out] == [(4, 3), (4, 4), (4, 6)]  # a third of ten, rounded up
    seen = loops_of_steps(run, monkeypatch, 30)
    assert {length for length, _, _ in seen} == {3, 4, 6}
    assert {(loops, last) for _, loops, last in seen} == {(7, False)}
    assert len({length for length, _, _ in seen[:6]}) > 1  # drawn for each step
    assert 0 <= run.measure()["7"] <= 1


def test_the_loops_of_a_step_may_be_what_its_inputs_need_and_some_to_spare(
    rows: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = replace(rows, stages=(replace(rows.stages[0], spare=(0, 2), asked="last loop"),))
    seen = loops_of_steps(Run(spare, tmp_path, CPU, resume=False), monkeypatch, 30)
    assert set(seen) == {(3, 3, True), (3, 5, True), (4, 4, True), (4, 6, True), (6, 6, True), (6, 7, True)}


def test_a_run_with_drawn_lengths_and_loops_is_the_same_when_it_is_stopped(rows: Recipe, tmp_path: Path) -> None:
    spare = replace(rows, stages=(replace(rows.stages[0], steps=6, spare=(0, 2), asked="last loop"),))
    assert_same_when_stopped(spare, tmp_path)


def test_loops_to_spare_need_a_task_that_knows_them(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^sudoku4 does not know how many loops an input needs; leave out spare\.$"):
        Run(staged(recipe, {"spare": (1,)}), tmp_path, CPU, resume=False).one_step()


def test_a_recipe_with_the_squared_error_learns_real_numbers(rows: Recipe, tmp_path: Path) -> None:
    real = replace(rows, task="real rows", loss="squared error", stages=(replace(rows.stages[0], steps=60),))
    run = Run(real, tmp_path, CPU, resume=False)
    steps = [run.one_step() for _ in range(60)]
    assert steps[0][1] < 0 < 0.5 < np.mean([explained for _, explained in steps[-5:]])
    assert np.mean([loss for loss, _ in steps[-5:]]) < 0.3 * steps[0][0]
