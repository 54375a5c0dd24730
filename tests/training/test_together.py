"""Two processes train what one would: the same data, gradients that are added up, a run that either can go on with."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from looped.places import ROOT
from looped.training.losses import LOSSES
from looped.training.recipes import Recipe
from looped.training.run import Run
from looped.training.together import Together
from tests.training.helpers import CPU, staged


def by_two(folders: dict[Path, Recipe]) -> str:
    """Train in folders, one after the other, in two processes."""
    for folder, recipe in folders.items():
        folder.mkdir(exist_ok=True)
        (folder / "recipe").write_bytes(pickle.dumps(recipe))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*command, "-m", "tests.training.two", *map(str, folders)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def apart(one: Run, other: Run) -> float:
    """How far the weights of two runs are apart, all together: Adam makes much of rounding where a gradient is none."""
    both = zip(one.model.parameters(), other.model.parameters(), strict=True)
    return float(torch.stack([(a - b).detach().norm() for a, b in both]).norm())


def test_two_processes_train_the_run_that_one_would(recipe: Recipe, tmp_path: Path) -> None:
    """Also where states are carried from step to step, and where one process began or ends the run."""
    leaving = {"steps": 4, "loops": 1, "carry": 3, "noise": 0.5, "leave": 0.5}
    both = staged(recipe, {"steps": 3}, {"steps": 3, "noise": 0.5, "skip": (0, 1)}, leaving)
    first = replace(both, stages=both.stages[:2])
    whole = Run(both, tmp_path / "whole", CPU, resume=False)
    whole.train()
    Run(first, tmp_path / "begun", CPU, resume=False).train()
    said = by_two({tmp_path / "two": both, tmp_path / "begun": both, tmp_path / "ended": first})
    assert sorted(said.split()) == sorted(["0", "True", "1", "True"] * 3)
    for name in ("two", "begun", "ended"):
        ended = Run(both, tmp_path / name, CPU, resume=True)
        assert ended.step == (6 if name == "ended" else 10)
        ended.train()
        assert {row["step"] for row in whole.log} <= {row["step"] for row in ended.log}
        assert apart(ended, whole) < 0.01 * apart(Run(both, tmp_path / "new", CPU, resume=False), whole)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_mean_over_processes_is_the_mean_over_all_that_is_asked(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little is asked of the rows of one process."""
    torch.manual_seed(0)
    outputs, targets = torch.randn(4, 5, 3), torch.randint(3, (4, 5))
    targets[:2, 1:] = -1
    if loss == "squared error":
        targets = torch.where(targets < 0, torch.nan, targets)[..., None].expand(4, 5, 3)
    whole = LOSSES[loss].of(outputs, targets)
    monkeypatch.setattr(Together, "summed", lambda self, *own: [12.0 * (3 if loss == "squared error" else 1)])
    parts: list[Tensor] = []
    for rank in range(2):
        one = Together(rank, 2)
        rows = one.rows(4)
        parts.append(one.weight(targets[rows]) * LOSSES[loss].of(outputs[rows], targets[rows]))
    torch.testing.assert_close(sum(parts) / 2, whole)


def test_a_batch_that_cannot_be_shared_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^3 processes cannot share 8 inputs evenly; start another number\.$"):
        Run(recipe, tmp_path, CPU, resume=False, together=Together(0, 3))
