"""Half precision, compiled code and the device, where there are any."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from looped.model import Model
from looped.training.device import compile_loop, half_precision_pays, pick_device
from looped.training.losses import loss_over_loops, loss_over_window
from looped.training.recipes import Recipe
from looped.training.run import LONG_RUN, Run
from tests.training.helpers import CPU, Make, staged


@pytest.mark.parametrize(("ratio", "pays"), [(0.2, True), (0.49, True), (0.51, False), (3.0, False)])
def test_half_precision_pays_where_it_is_twice_as_fast(
    monkeypatch: pytest.MonkeyPatch, ratio: float, pays: bool
) -> None:
    now, product = [0.0], torch.nn.functional.linear

    def linear(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        now[0] += ratio if a.dtype == torch.bfloat16 else 1.0
        return product(a, b)

    monkeypatch.setattr("looped.training.device.F.linear", linear)
    monkeypatch.setattr("looped.training.device.time.perf_counter", lambda: now[0])
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
    """The same loss and gradients, with and without loops that have no gradient.

    The compiler's view of a loop is run, without the machine code that takes half a minute to make.
    """
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
        loss, *_ = loss_over_window(
            model, tokens, targets, hidden, torch.tensor([0, 5]), torch.tensor([True, False]), 2
        )
        loss.backward()  # type: ignore[no-untyped-call]
        gradients.append([p.grad for p in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == pick_device("cpu") == CPU
    with pytest.raises(ValueError, match="PyTorch sees no GPU here"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device() == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == CPU
