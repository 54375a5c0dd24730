"""The training loop: it learns, it stops in time, and stopping changes nothing."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from looped.model import Config, Model, State
from looped.tasks.sudoku.task import is_held_out
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.run import (
    LONG_RUN,
    Run,
    compile_loop,
    half_precision_pays,
    learning_rate,
    loss_of,
    loss_over_loops,
    loss_over_window,
    pick_device,
    share_right,
)

Make = Callable[..., Any]
CPU = torch.device("cpu")


def staged(recipe: Recipe, *changes: dict[str, Any]) -> Recipe:
    """The recipe with a stage for each of the changes, otherwise like its first."""
    return replace(recipe, stages=tuple(replace(recipe.stages[0], **change) for change in changes))


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in run.model.named_parameters()}


def steps_saved(folder: Path) -> int:
    with safe_open(folder / "state.safetensors", "pt") as opened:
        return int(json.loads(opened.metadata()["run"])["step"])


# ------------------------------------------------------------------------------------------------------------- learning


def test_the_loss_falls(recipe: Recipe, tmp_path: Path) -> None:
    model = replace(recipe.model, d_model=32, state_norm=True)
    longer = staged(recipe, {"steps": 250, "lr": 1e-2, "mix": ((2000, {"givens": (8, 12)}),)})
    run = Run(replace(longer, model=model, batch=16, warmup=20), tmp_path, CPU, resume=False)
    losses = [run.one_step()[0] for _ in range(250)]
    assert losses[0] > math.log(4)  # it begins no better than guessing among the digits
    assert np.mean(losses[-10:]) < math.log(2)  # and ends better than knowing two digits of which one is right


def test_the_loss_is_the_mean_over_all_loops_of_the_cross_entropy_on_the_blanks(make_model: Make) -> None:
    model = make_model(trained_loops=3, dtype=torch.float64)
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(5, size=(4, 16)), rng.integers(-1, 5, size=(4, 16))
    loss, logits = loss_over_loops(model, torch.as_tensor(tokens), torch.as_tensor(targets))
    by_loop = []
    for state in list(model.unroll(torch.as_tensor(tokens), 3))[1:]:
        scores = model.readout(state.hidden).numpy()
        asked = [(b, i) for b in range(4) for i in range(16) if targets[b, i] >= 0]
        by_loop.append(np.mean([np.log(np.exp(scores[b, i]).sum()) - scores[b, i, targets[b, i]] for b, i in asked]))
    assert len(by_loop) == 3
    assert len({round(value, 6) for value in by_loop}) == 3
    assert float(loss) == pytest.approx(np.mean(by_loop), abs=1e-12)
    np.testing.assert_allclose(logits.numpy(), scores, atol=1e-12)


def test_where_any_of_some_answers_will_do_the_loss_is_that_of_drawing_one_of_them() -> None:
    rng = np.random.default_rng(0)
    logits = torch.as_tensor(rng.normal(size=(3, 5, 4)))
    asked = np.array([[False, True, True, True, False], [True, True, False, True, True], [True] * 5])
    ways = np.where(asked[:, None], rng.integers(4, size=(3, 2, 5)), -1)
    ways[1, 1] = -1  # there is one answer to this one
    shares = logits.softmax(-1).numpy()
    drawn = [
        sum(math.prod(shares[b, i, way[i]] for i in np.flatnonzero(asked[b])) for way in ways[b] if way.max() >= 0)
        for b in range(3)
    ]
    assert float(loss_of(logits, torch.as_tensor(ways))) == pytest.approx(-np.log(drawn).sum() / asked.sum(), abs=1e-12)
    assert float(loss_of(logits, torch.as_tensor(ways[:, :1]))) == pytest.approx(
        float(loss_of(logits, torch.as_tensor(ways[:, 0]))), abs=1e-12
    )
    said = logits.argmax(-1).numpy()
    hits = [max(sum(said[b, i] == way[i] for i in np.flatnonzero(asked[b])) for way in ways[b]) for b in range(3)]
    assert share_right(logits, torch.as_tensor(ways)) == pytest.approx(sum(hits) / asked.sum())
    first = (said == ways[:, 0])[asked]
    assert share_right(logits, torch.as_tensor(ways[:, 0])) == pytest.approx(first.mean())
    assert sum(hits) > first.sum()


def test_the_loss_of_a_countdown_stage_takes_any_of_the_first_solutions(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def remember(model: Model, tokens: torch.Tensor, targets: torch.Tensor, *asked: int) -> Any:
        seen.append((tokens.numpy(), targets.numpy()))
        return loss_over_loops(model, tokens, targets, *asked)

    monkeypatch.setattr("looped.training.run.loss_over_loops", remember)
    countdown = RECIPES["countdown3-looped"]
    model = replace(countdown.model, d_model=32, trained_loops=2)
    stage = replace(countdown.stages[0], steps=2, mix=((50, {"high": 8}),), loops=2, ways=6)
    run = Run(replace(countdown, model=model, stages=(stage,), batch=8), tmp_path / "one", CPU, resume=False)
    assert run.train()
    for tokens, targets in seen:
        assert (targets == run.task.ways(tokens, 6)).all()  # type: ignore[attr-defined]
    assert [shape for _, targets in seen for shape in [targets.shape]] == [(8, 6, 14)] * 2
    with pytest.raises(ValueError, match="an input of sudoku4 has one answer; ways must be 1, not 2"):
        Run(staged(recipe, {"ways": 2}), tmp_path / "two", CPU, resume=False).one_step()


def test_every_loop_is_asked_so_every_part_of_the_model_learns() -> None:
    torch.manual_seed(0)
    model = Model(Config("tmlt", vocab=5, length=16, trained_loops=2, d_model=8, heads=2, layers=2, init="scaled"))
    with torch.no_grad():
        model.timestep.w5.weight.normal_(std=0.1)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss_over_loops(model, tokens, tokens)[0].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


@pytest.mark.parametrize(("settings", "half"), [({}, False), ({}, True), ({"architecture": "tmlt", "layers": 2}, True)])
def test_loops_without_gradient_come_before_those_that_are_asked(settings: dict[str, Any], half: bool) -> None:
    """Against a plain restatement in full precision: the state after three loops as a constant, then two loops and their mean loss."""
    torch.manual_seed(0)
    usual: dict[str, Any] = {
        "architecture": "looped",
        "trained_loops": 4,
        "injection": True,
        "state_norm": True,
        "init": "scaled",
    }
    model = Model(Config(vocab=5, length=16, d_model=16, heads=2, positions="board", box=(2, 2), **usual | settings))
    if model.timestep is not None:
        torch.nn.init.normal_(model.timestep.w5.weight, std=0.1)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    targets = torch.where(tokens == 0, torch.arange(16) % 5, -1)

    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss, logits = loss_over_loops(model, tokens, targets, loops=2, skip=3)
    loss.backward()
    found = {name: p.grad for name, p in model.named_parameters()}

    model.zero_grad()
    state = model.begin(tokens)
    for _ in range(3):
        state = model.step(state)
    state, wanted = state._replace(hidden=state.hidden.detach()), torch.zeros(())
    for _ in range(2):
        state = model.step(state)
        scores = model.readout(state.hidden)
        wanted = wanted + torch.nn.functional.cross_entropy(scores[targets >= 0], targets[targets >= 0]) / 2
    wanted.backward()  # type: ignore[no-untyped-call]

    def close(a: torch.Tensor | None, b: torch.Tensor | None) -> bool:
        assert a is not None  # the embedding and all weights learn, also those that were used without gradient before
        assert b is not None
        return bool((a - b).norm() < (0.05 if half else 1e-4) * b.norm())

    assert close(loss.detach(), wanted.detach())
    assert close(logits, scores)
    assert [name for name, p in model.named_parameters() if not close(found[name], p.grad)] == []


VARIED = [
    {"injection": True, "state_norm": True},
    {"architecture": "tmlt", "layers": 2},
    {"architecture": "tmlt", "injection": True, "state_norm": True},
    {},
    {"injection": True, "feedback": True, "layers": 2},
    {"injection": True, "relations": True, "positions": "board", "box": (2, 2)},
]


@pytest.mark.parametrize("settings", VARIED, ids=str)
def test_inputs_at_different_loops_advance_as_each_would_alone(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(dtype=torch.float64, **settings)
    tokens, hidden = torch.randint(5, (4, 16)), torch.randn(4, 16, model.config.d_model, dtype=torch.float64)
    embedded, loops = model.embed(tokens), [3, 0, 20, 3]
    found = model.advance(hidden, embedded, torch.tensor(loops))
    for i, loop in enumerate(loops):
        alone = model.step(State(loop, hidden[i : i + 1], input=(embedded[i : i + 1],)))
        torch.testing.assert_close(found[i : i + 1], alone.hidden)


@pytest.mark.parametrize("settings", VARIED, ids=str)
def test_the_loss_of_inputs_that_go_on_is_that_of_their_next_loops(make_model: Make, settings: dict[str, Any]) -> None:
    """The mean over what each would give alone, from its start or from the state it had as a constant."""
    model = make_model(dtype=torch.float64, **settings).requires_grad_(True)
    tokens, targets = torch.randint(5, (3, 16)), torch.randint(5, (3, 16))
    earlier = [
        torch.full((1, 16, model.config.d_model), torch.nan, dtype=torch.float64)
    ]  # a fresh one has no state yet
    for i, loops in ((1, 2), (2, 4)):
        earlier.append([*model.unroll(tokens[i : i + 1], loops)][-1].hidden.detach())
    loss, logits, hidden = loss_over_window(model, tokens, targets, torch.cat(earlier), torch.tensor([0, 2, 4]), 2)
    loss.backward()
    found = [p.grad for p in model.parameters()]
    model.zero_grad()

    wanted = torch.zeros((), dtype=torch.float64)
    for i, done in enumerate((0, 2, 4)):
        start = State(done, earlier[i]) if done else None
        states = [*model.unroll(tokens[i : i + 1], done + 2, start=start)][1:]
        scores = [model.readout(state.hidden)[0] for state in states]
        wanted = wanted + sum(torch.nn.functional.cross_entropy(one, targets[i]) for one in scores) / 6
        torch.testing.assert_close(logits[i], scores[-1])
        torch.testing.assert_close(hidden[i], states[-1].hidden[0].detach())
    wanted.backward()  # type: ignore[no-untyped-call]
    assert not hidden.requires_grad
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()))
    for one, p in zip(found, model.parameters(), strict=True):
        torch.testing.assert_close(one, p.grad)


def test_all_loops_of_a_step_are_asked_when_none_is_skipped(make_model: Make) -> None:
    model = make_model(trained_loops=3)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    by_default, all_three, last = (loss_over_loops(model, tokens, tokens, *asked)[0] for asked in ((), (3, 0), (1, 2)))
    assert by_default == all_three
    scores = model(tokens, 3)
    assert float(last) == pytest.approx(
        float(torch.nn.functional.cross_entropy(scores.flatten(0, 1), tokens.flatten())), rel=1e-5
    )
    assert last != all_three


def test_a_standard_transformer_is_asked_after_its_last_layer_and_every_layer_learns(make_model: Make) -> None:
    model = make_model(architecture="standard", layers=3).requires_grad_(True)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss, logits = loss_over_loops(model, tokens, tokens, loops=3)
    wanted = torch.nn.functional.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten())
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()), rel=1e-5)
    torch.testing.assert_close(logits, model(tokens))
    loss.backward()  # type: ignore[no-untyped-call]
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


# --------------------------------------------------------------------------------------------------------------- stages


@pytest.mark.parametrize("name", list(RECIPES))
def test_the_learning_rate_warms_up_and_decays_to_zero_in_every_stage(name: str) -> None:
    recipe, first = RECIPES[name], 0
    for stage in recipe.stages:
        rates = [learning_rate(recipe, first + step) for step in range(stage.steps)]
        assert rates[: recipe.warmup] == pytest.approx(
            [stage.lr * (step + 1) / recipe.warmup for step in range(recipe.warmup)]
        )
        assert max(rates) == rates[recipe.warmup] == stage.lr
        assert all(a > b for a, b in zip(rates[recipe.warmup :], rates[recipe.warmup + 1 :], strict=False))
        assert rates[(recipe.warmup + stage.steps) // 2] == pytest.approx(stage.lr / 2, rel=0.01)
        assert rates[-1] < 1e-5 * stage.lr
        first += stage.steps
    assert first == recipe.steps
    assert learning_rate(recipe, recipe.steps) == pytest.approx(0, abs=1e-12)
    assert learning_rate(recipe, 10 * recipe.steps) == pytest.approx(0, abs=1e-12)


def test_the_learning_rate_of_odd_recipes_is_defined(recipe: Recipe) -> None:
    assert learning_rate(replace(recipe, warmup=0), 0) == 5e-3
    assert learning_rate(replace(recipe, warmup=20), 12) == pytest.approx(5e-3 * 13 / 20)
    assert learning_rate(replace(recipe, warmup=12), 12) == 5e-3


def test_steps_are_counted_within_their_stage(recipe: Recipe) -> None:
    three = staged(recipe, {"steps": 3}, {"steps": 1}, {"steps": 2})
    assert three.steps == 6
    assert [three.stage(step) for step in range(8)] == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3)]


def test_a_shortened_recipe_ends_in_the_stage_in_which_its_last_step_is(recipe: Recipe) -> None:
    three = staged(recipe, {"steps": 3}, {"steps": 1, "lr": 1.0}, {"steps": 2, "lr": 2.0})
    assert [[stage.steps for stage in three.shortened(steps).stages] for steps in range(1, 9)] == [
        [1],
        [2],
        [3],
        [3, 1],
        [3, 1, 1],
        [3, 1, 2],
        [3, 1, 3],
        [3, 1, 4],
    ]
    for steps in range(1, 9):
        short = three.shortened(steps)
        assert short.steps == steps
        assert [stage.lr for stage in short.stages] == [5e-3, 1.0, 2.0][: len(short.stages)]
        assert replace(short, stages=three.stages) == three


def test_every_stage_has_its_own_puzzles_on_their_sides_of_the_split(recipe: Recipe, tmp_path: Path) -> None:
    mix = ((30, {"givens": 5}), (10, {"givens": (10, 11)}))
    run = Run(staged(recipe, {"steps": 2}, {"steps": 2, "mix": mix}), tmp_path, CPU, resume=False)
    seen = []
    for _ in range(4):
        run.one_step()
        givens = [(puzzles > 0).sum(1) for puzzles in (run.pool[0], run.held_out)]
        seen.append([set(some.tolist()) for some in givens])
        assert not is_held_out(run.pool[0], 4).any()
        assert is_held_out(run.held_out, 4).all()
        assert run.task.right(*run.pool).all()
    assert seen[0] == seen[1]
    assert seen[0][0] == {8, 9, 10, 11, 12}
    assert seen[0][1] <= {8, 9, 10, 11, 12}
    assert seen[2] == seen[3] == [{5, 10, 11}] * 2
    assert (givens[0] == 5).sum() == 30
    assert len(givens[0]) == 40
    assert (givens[1] == 5).sum() == 8  # three quarters of ten, rounded up
    assert len(givens[1]) == 11


def test_a_finished_run_is_carried_on_by_another_stage(recipe: Recipe, tmp_path: Path) -> None:
    """Two stages at once, and one stage followed by a second one that nobody had thought of, are the same run."""
    both = staged(recipe, {}, {"lr": 2e-3, "mix": ((100, {"givens": (5, 9)}),), "loops": 3, "skip": (0, 2)})
    whole = Run(both, tmp_path / "whole", CPU, resume=False)
    whole.train()
    assert Run(recipe, tmp_path / "parts", CPU, resume=False).train() is True
    for stop in range(3):  # the second one is interrupted, too
        carried = Run(both, tmp_path / "parts", CPU, resume=True)
        assert carried.step == 12 + stop
        assert carried.train(minutes=0) is False
    carried = Run(both, tmp_path / "parts", CPU, resume=True)
    assert carried.train() is True
    assert carried.step == 24
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(carried)[name]), name


def test_a_stage_that_has_begun_must_not_change_and_a_later_one_may(recipe: Recipe, tmp_path: Path) -> None:
    first, later = {"steps": 3}, {"steps": 3, "lr": 1e-3}
    Run(staged(recipe, first, later), tmp_path, CPU, resume=False).train(minutes=0)
    harder = {"lr": 2e-3, "loops": 1, "mix": ((50, {"givens": 6}),)}
    assert Run(staged(recipe, first, harder), tmp_path, CPU, resume=True).step == 1  # only the first one has begun
    assert Run(staged(recipe, first), tmp_path, CPU, resume=True).train() is True
    before = (tmp_path / "state.safetensors").read_bytes()
    for change in (
        {"steps": 4},
        {"steps": 3, "lr": 1.0},
        {"steps": 3, "loops": 1},
        {"steps": 3, "skip": (1,)},
        {"steps": 3, "carry": 9},
        {"steps": 3, "mix": ((9, {"givens": 9}),)},
    ):
        with pytest.raises(ValueError, match=r"differs in stages; give another --out to start afresh\.$"):
            Run(staged(recipe, change, harder), tmp_path, CPU, resume=True)
    run = Run(staged(recipe, first, later), tmp_path, CPU, resume=True)  # finished, and yet the second may be any
    assert (tmp_path / "state.safetensors").read_bytes() == before
    run.train(minutes=0)
    with pytest.raises(ValueError, match="differs in stages"):
        Run(staged(recipe, first, harder), tmp_path, CPU, resume=True)
    with pytest.raises(ValueError, match="differs in stages"):
        Run(staged(recipe, first), tmp_path, CPU, resume=True)


def test_a_step_runs_the_loops_of_its_stage(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def remember(model: Model, tokens: torch.Tensor, targets: torch.Tensor, loops: int, skip: int) -> Any:
        seen.append((loops, skip))
        return loss_over_loops(model, tokens, targets, loops, skip)

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
        model: Model, tokens: torch.Tensor, targets: torch.Tensor, hidden: torch.Tensor, done: torch.Tensor, loops: int
    ) -> Any:
        if done.any():
            assert torch.equal(hidden[done > 0], seen[-1][2][done > 0])
        loss, logits, states = loss_over_window(model, tokens, targets, hidden, done, loops)
        seen.append((tokens.numpy().copy(), done.tolist(), states))
        return loss, logits, states

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


def test_a_run_that_carries_states_is_the_same_when_it_is_stopped(recipe: Recipe, tmp_path: Path) -> None:
    carrying = staged(recipe, {"steps": 3}, {"steps": 5, "loops": 2, "carry": 6}, {"steps": 3, "loops": 1, "carry": 4})
    whole = Run(carrying, tmp_path / "whole", CPU, resume=False)
    whole.train()
    for stop in range(11):
        run = Run(carrying, tmp_path / "parts", CPU, resume=stop > 0)
        run.train(minutes=0)
    assert run.step == 11
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(run)[name]), name


# ------------------------------------------------------------------------------------------------------- half precision


@pytest.mark.parametrize(("ratio", "pays"), [(0.2, True), (0.49, True), (0.51, False), (3.0, False)])
def test_half_precision_pays_where_it_is_twice_as_fast(
    monkeypatch: pytest.MonkeyPatch, ratio: float, pays: bool
) -> None:
    now, product = [0.0], torch.nn.functional.linear

    def linear(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        now[0] += ratio if a.dtype == torch.bfloat16 else 1.0
        return product(a, b)

    monkeypatch.setattr("looped.training.run.F.linear", linear)
    monkeypatch.setattr("looped.training.run.time.perf_counter", lambda: now[0])
    assert half_precision_pays.__wrapped__(CPU) is pays
    assert half_precision_pays.__wrapped__(torch.device("cuda")) is True


def test_half_precision_is_in_the_arithmetic_and_not_in_the_weights(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    for half in (False, True):
        monkeypatch.setattr("looped.training.run.half_precision_pays", lambda device, half=half: half)
        runs.append(Run(recipe, tmp_path / str(half), CPU, resume=False))
    steps = [[run.one_step()[0] for _ in range(4)] for run in runs]
    assert steps[0] != steps[1]
    assert steps[0] == pytest.approx(steps[1], rel=0.02)
    for p in runs[1].model.parameters():
        assert p.dtype == torch.float32
        assert all(value.dtype == torch.float32 for value in runs[1].optimizer_of(p).state[p].values())


# ------------------------------------------------------------------------------------------------------ a run as a whole


@pytest.mark.parametrize(
    ("device", "platform", "compilers", "done"),
    [
        ("cuda", "linux", {"gcc"}, True),
        ("cuda", "linux", {"clang"}, True),
        ("cuda", "linux", set(), False),
        ("cpu", "linux", {"g++"}, True),
        ("cpu", "linux", {"gcc"}, False),
        ("cpu", "darwin", {"g++"}, False),
    ],
)
def test_a_loop_is_compiled_where_there_is_a_compiler(
    monkeypatch: pytest.MonkeyPatch, device: str, platform: str, compilers: set[str], done: bool
) -> None:
    model = SimpleNamespace(
        parameters=lambda: iter([SimpleNamespace(device=torch.device(device))]),
        step="step",
        advance="advance",
        readout="readout",
    )
    monkeypatch.setattr("shutil.which", lambda name: name if name in compilers else None)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("torch.compile", lambda part: f"compiled {part}")
    assert compile_loop(model) is done  # type: ignore[arg-type]
    assert (model.step, model.advance, model.readout) == tuple(
        f"compiled {part}" if done else part for part in ("step", "advance", "readout")
    )


@pytest.mark.parametrize(("steps", "compiled"), [(LONG_RUN - 1, 0), (LONG_RUN, 1)])
def test_only_long_runs_are_compiled(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int, compiled: int
) -> None:
    models: list[Model] = []
    monkeypatch.setattr("looped.training.run.compile_loop", models.append)
    Run(staged(recipe, {"steps": steps}), tmp_path, CPU, resume=False)
    assert len(models) == compiled


@pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf"
)  # PyTorch's compiler looks at it itself
@pytest.mark.parametrize(
    "settings", [{"architecture": "tmlt"}, {"layers": 2, "injection": True, "state_norm": True}], ids=str
)
def test_compiled_loops_learn_what_others_learn(
    make_model: Make, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    """What the compiler sees of a loop, without the machine code that takes half a minute: the same loss, the same gradients, with
    loops that run without gradient and without them."""
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("torch.compile", partial(torch.compile, backend="eager"))
    tokens, targets = torch.randint(5, (2, 16)), torch.randint(5, (2, 16))
    gradients = []
    for compiled in (False, True):
        model = make_model(**settings)
        model.requires_grad_(True)
        if compiled:
            assert compile_loop(model)
        for skip in (0, 2):
            loss, _ = loss_over_loops(model, tokens, targets, 3, skip)
            loss.backward()  # type: ignore[no-untyped-call]
        hidden = torch.ones(2, 16, model.config.d_model)
        loss, *_ = loss_over_window(model, tokens, targets, hidden, torch.tensor([0, 5]), 2)
        loss.backward()  # type: ignore[no-untyped-call]
        gradients.append([p.grad for p in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_a_step_uses_the_learning_rate_of_its_number(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    for step in range(6):
        run.one_step()
        assert {group["lr"] for one in run.optimizers for group in one.param_groups} == {learning_rate(recipe, step)}
    assert run.step == 6


def test_training_and_held_out_puzzles_are_on_their_sides_of_the_split(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.pool[0].shape == run.pool[1].shape == (200, 16)
    assert run.held_out.shape == (10, 16)
    assert not is_held_out(run.pool[0], 4).any()
    assert is_held_out(run.held_out, 4).all()
    givens = (run.pool[0] > 0).sum(1)
    assert (givens.min(), givens.max()) == (8, 12)


def test_what_is_measured_while_training_is_logged(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.train() is True
    assert [row["step"] for row in run.log] == [5, 10, 12]
    for row in run.log:
        assert set(row["held_out"]) == {"1", "2", "4"}  # half, once and twice the trained loops
        assert all(0 <= share <= 1 for share in row["held_out"].values())
        assert row["loss"] > 0


@pytest.mark.parametrize(
    ("settings", "loops"),
    [({"trained_loops": 1}, {"1", "2"}), ({"architecture": "standard", "layers": 2, "injection": False}, {"2"})],
)
def test_a_model_is_measured_at_loops_it_can_run(
    recipe: Recipe, tmp_path: Path, settings: dict[str, Any], loops: set[str]
) -> None:
    assert (
        set(Run(replace(recipe, model=replace(recipe.model, **settings)), tmp_path, CPU, resume=False).measure())
        == loops
    )


def test_what_is_measured_is_the_average_of_the_weights(recipe: Recipe, tmp_path: Path) -> None:
    """From the first weights on, a quarter of what a step leads to joins what the average was."""
    run = Run(replace(recipe, average=0.75), tmp_path, CPU, resume=False)
    mean = weights(run)
    for _ in range(4):
        run.one_step()
        mean = {name: 0.75 * mean[name] + 0.25 * value for name, value in weights(run).items()}
    own = weights(run)
    with run.averaged():
        measured = weights(run)
    assert all(torch.allclose(measured[name], mean[name], rtol=0, atol=1e-6) for name in mean)
    assert any(not torch.equal(measured[name], own[name]) for name in own)
    assert all(torch.equal(weights(run)[name], own[name]) for name in own)  # training goes on with its own
    plain = Run(recipe, tmp_path / "plain", CPU, resume=False)
    with torch.no_grad():
        for p, q in zip(plain.model.parameters(), measured.values(), strict=True):
            p.copy_(q)
    assert run.measure() == plain.measure()


def test_a_run_may_be_averaged_from_some_step_on(recipe: Recipe, tmp_path: Path) -> None:
    first = Run(recipe, tmp_path, CPU, resume=False)
    first.train(minutes=0)
    assert first.average is None
    again = Run(replace(recipe, average=0.5), tmp_path, CPU, resume=True)
    assert again.average is not None
    assert all(torch.equal(mean, value) for mean, value in zip(again.average, weights(first).values(), strict=True))


# ------------------------------------------------------------------------------------------------- stopping and going on


@pytest.mark.parametrize(("optimizer", "average"), [("adamw", 0.0), ("adamw", 0.75), ("muon", 0.0)])
def test_a_run_that_was_stopped_and_resumed_is_the_run_that_was_not(
    recipe: Recipe, tmp_path: Path, optimizer: str, average: float
) -> None:
    recipe = replace(recipe, optimizer=optimizer, average=average)
    whole = Run(recipe, tmp_path / "whole", CPU, resume=False)
    assert whole.train() is True
    for stop in range(3):  # no time at all is one step
        part = Run(recipe, tmp_path / "parts", CPU, resume=stop > 0)
        assert part.train(minutes=0) is False
        assert part.step == stop + 1 == steps_saved(tmp_path / "parts")
    (pool,) = (tmp_path / "parts").glob("pool-*.safetensors")
    pool.unlink()  # it follows from the recipe
    rest = Run(recipe, tmp_path / "parts", CPU, resume=True)
    assert rest.step == 3
    assert rest.train() is True
    assert rest.step == 12
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(rest)[name], value, rtol=0, atol=1e-6)
    torch.testing.assert_close(rest.average, whole.average, rtol=0, atol=1e-6)
    assert [(row["step"], row["held_out"]) for row in rest.log] == [(row["step"], row["held_out"]) for row in whole.log]


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_the_moments_of_the_optimiser_are_part_of_the_state(recipe: Recipe, tmp_path: Path, optimizer: str) -> None:
    recipe = replace(recipe, optimizer=optimizer)
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.seconds == run.seconds > 0
    for (name, p), q in zip(run.model.named_parameters(), again.model.parameters(), strict=True):
        assert torch.equal(p, q), name
        kept, found = run.optimizer_of(p).state[p], again.optimizer_of(q).state[q]
        matrix = optimizer == "muon" and name.startswith("layers.") and p.ndim == 2
        assert kept.keys() == found.keys() == ({"momentum_buffer"} if matrix else {"step", "exp_avg", "exp_avg_sq"})
        for key, value in kept.items():
            assert torch.equal(value, found[key]), (name, key)


def test_another_seed_is_another_run(recipe: Recipe, tmp_path: Path) -> None:
    runs = [Run(replace(recipe, seed=seed), tmp_path / str(i), CPU, resume=False) for i, seed in enumerate((0, 0, 1))]
    for run in runs:
        run.one_step()
    assert torch.equal(runs[0].model.head.weight, runs[1].model.head.weight)
    assert not torch.equal(runs[0].model.head.weight, runs[2].model.head.weight)
    assert not np.array_equal(runs[0].pool[0], runs[2].pool[0])


def test_a_run_stops_when_its_time_is_over_and_has_saved_its_state(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.training.run.compile_loop", lambda model: False)
    run = Run(staged(recipe, {"steps": 10**6}), tmp_path, CPU, resume=False)
    started = time.monotonic()
    assert run.train(minutes=0.5 / 60) is False
    assert 0.5 <= time.monotonic() - started < 5
    assert 1 < run.step < 10**6
    assert steps_saved(tmp_path) == run.step
    assert 0.5 <= run.seconds < 5


def test_the_state_is_saved_in_between_and_replaced_at_once(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.training.run.SAVE_EVERY", 0.0)
    seen: list[int] = []
    run = Run(recipe, tmp_path, CPU, resume=False)
    one_step = run.one_step

    def look() -> tuple[float, float]:
        if run.step:
            seen.append(steps_saved(tmp_path))
        return one_step()

    monkeypatch.setattr(run, "one_step", look)
    run.train()
    assert seen == list(range(1, 12))
    assert sorted(file.name.partition("-")[0] for file in tmp_path.iterdir()) == ["pool", "state.safetensors"]


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_good_state(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    good = (tmp_path / "state.safetensors").read_bytes()
    with torch.no_grad():
        run.model.gain.fill_(math.nan)
    with pytest.raises(FloatingPointError, match="the last saved state is good"):
        run.train()
    assert (tmp_path / "state.safetensors").read_bytes() == good


def test_a_finished_run_that_is_resumed_stays_as_it_is(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train()
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.train() is True
    assert again.step == 12
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(run).items())


# ----------------------------------------------------------------------------------------------------------- complaints


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"clip": 0.1}, "clip"),
        ({"stages": (Stage(13, 5e-3, ((200, {"givens": (8, 12)}),), 2),)}, "stages"),
        ({"batch": 4, "seed": 5}, "batch, seed"),
    ],
)
def test_a_run_is_not_resumed_with_another_recipe(
    recipe: Recipe, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    before = (tmp_path / "state.safetensors").read_bytes()
    with pytest.raises(
        ValueError, match=rf"was made by a recipe that differs in {named}; give another --out to start afresh\.$"
    ):
        Run(replace(recipe, **change), tmp_path, CPU, resume=True)
    assert (tmp_path / "state.safetensors").read_bytes() == before


def test_a_run_is_not_resumed_with_another_model(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(ValueError, match="differs in model"):
        Run(replace(recipe, model=replace(recipe.model, heads=4)), tmp_path, CPU, resume=True)


def test_how_often_a_run_is_measured_may_change(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    assert Run(replace(recipe, evaluate_every=2, evaluate_count=3), tmp_path, CPU, resume=True).step == 1


def test_an_earlier_run_is_not_overwritten(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(
        ValueError, match=r"holds an earlier run; add --resume to go on with it, or give another --out\.$"
    ):
        Run(recipe, tmp_path, CPU, resume=False)


def test_nothing_to_resume_is_said_and_nothing_is_made(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^nothing to resume: .* does not exist; leave out --resume to start afresh\.$"
    ):
        Run(recipe, tmp_path / "new", CPU, resume=True)
    assert not (tmp_path / "new").exists()


def test_a_damaged_state_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    state = tmp_path / "state.safetensors"
    state.write_bytes(b"not a state")
    with pytest.raises(ValueError, match="is damaged"):
        Run(recipe, tmp_path, CPU, resume=True)
    save_file({"some": torch.zeros(2)}, state)
    with pytest.raises(ValueError, match="is not the state of a training run"):
        Run(recipe, tmp_path, CPU, resume=True)


def test_a_folder_that_cannot_be_made_is_said(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"cannot be made: .*; give another --out\.$"):
            Run(recipe, folder, CPU, resume=False)


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == pick_device("cpu") == CPU
    with pytest.raises(ValueError, match="PyTorch sees no GPU here"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device() == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == CPU


def test_every_recipe_names_itself_and_fits_its_task() -> None:
    from looped import tasks

    assert {"sudoku4-looped", "sudoku4-tmlt", "sudoku9-looped", "sudoku9-tmlt"} <= RECIPES.keys()
    for name, recipe in RECIPES.items():
        task = tasks.get(recipe.task)
        assert (recipe.name, recipe.model.vocab, recipe.model.length) == (name, task.vocab, task.length)
        with torch.device("meta"):
            assert Model(recipe.model).parameters_count < 12_000_000  # and of those for two cores none has two million
            assert Model(recipe.model).parameters_count < 2_000_000 or recipe.model.d_model == 256
        standard = recipe.model.architecture == "standard"
        for stage in recipe.stages:
            assert max(stage.loops + max(stage.skip), stage.carry) <= recipe.model.trained_loops
            assert not stage.carry or (stage.skip, stage.carry % stage.loops) == ((0,), 0)
            assert not standard or (stage.loops, stage.skip, stage.carry) == (recipe.model.layers, (0,), 0)
            assert stage.steps > recipe.warmup


KINDS = {
    f"{recipe.task} {json.dumps(sampling)}": (recipe.task, sampling)
    for recipe in RECIPES.values()
    for stage in recipe.stages
    for _, sampling in stage.mix
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_there_are_puzzles_of_every_kind_that_a_recipe_asks_for(kind: str) -> None:
    from looped import tasks

    task, sampling = KINDS[kind]
    puzzles, solutions = tasks.get(task).sample(2, seed=0, split="train", **sampling)
    assert tasks.get(task).right(puzzles, solutions).all()


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_can_be_run_stopped_and_gone_on_with(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    easy = (
        (
            4,
            {"givens": {"sudoku4": 10, "sudoku6": 18, "sudoku9": 36}[recipe.task]}
            if recipe.task.startswith("sudoku")
            else {},
        ),
    )
    small = replace(
        recipe,
        model=replace(recipe.model, d_model=16, heads=2),
        batch=2,
        evaluate_count=2,
        stages=tuple(replace(stage, steps=1, mix=easy) for stage in recipe.stages),
    )
    whole = Run(small, tmp_path / "whole", CPU, resume=False)
    assert whole.train() is True
    for resume in range(small.steps):
        run = Run(small, tmp_path / "parts", CPU, resume=resume > 0)
        assert run.step == resume
        run.train(minutes=0)
    assert run.step == small.steps
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(run)[name]), name


@pytest.mark.parametrize(
    "task",
    [
        "sudoku4",
        "sudoku6",
        "sudoku9",
        *{recipe.task: 0 for recipe in RECIPES.values() if not recipe.task.startswith("sudoku")},
    ],
)
def test_looped_model_and_tmlt_of_a_task_differ_in_nothing_but_the_architecture(task: str) -> None:
    one, other = RECIPES[f"{task}-looped"], RECIPES[f"{task}-tmlt"]
    # A looped model has no timestep to clamp beyond its trained loops, where no step of training goes.
    assert (
        replace(
            one,
            name=other.name,
            model=replace(one.model, architecture="tmlt", clamp_timestep=other.model.clamp_timestep),
        )
        == other
    )
    if task.startswith("sudoku"):  # the standard transformer of 9 × 9 has stages of its own, with the same puzzles
        return
    plain = RECIPES[f"{task}-standard"]  # the same data and steps, but its layers in place of the loops
    assert [replace(stage, loops=0, skip=(), carry=0) for stage in plain.stages] == [
        replace(stage, loops=0, skip=(), carry=0) for stage in one.stages
    ]
    assert (plain.batch, plain.warmup, plain.seed) == (one.batch, one.warmup, one.seed)
