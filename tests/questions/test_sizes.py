"""The error by number of examples: what it is measured on, and that it is what `evaluate` measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped.catalogue.evaluate import HELD_OUT_SEED
from looped.questions import QUESTIONS, Asked, sizes
from looped.runs.trace import record
from looped.serving.engine import Engine
from tests.serving.prompt_models import make_catalogue

LOOPS = 3


def test_errors_are_those_of_held_out_prompts_of_each_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "PROMPTS", 4)
    checkpoint = Engine(make_catalogue(tmp_path)).checkpoint("linear5-looped")
    task = checkpoint.task
    tokens = task.encode(task.parse("seed=1 examples=2"))
    steps = list(QUESTIONS["sizes"].ask(Asked(checkpoint, tokens, LOOPS, 3, 1)))
    assert len(steps) == len(task.sizes())
    assert np.isnan(steps[0]["arrays"]["error"][1:]).all()
    arrays, meta = steps[-1]["arrays"], steps[-1]["meta"]
    assert (meta["sizes"], meta["count"]) == (list(task.sizes()), 4)
    row = meta["sizes"].index(2)
    inputs, answers = task.sample(4, HELD_OUT_SEED, "held-out", **task.of_size(2))
    said = np.stack([record(checkpoint.model, one, LOOPS).predictions[..., 0] for one in inputs], 1)
    asked = task.asked(inputs)
    wanted = np.square(said[:, asked] - answers[asked]).sum(-1) / np.square(answers[asked]).sum()
    np.testing.assert_allclose(arrays["error"][row], wanted, rtol=1e-4)
    assert (arrays["interval"][row, :, 0] <= wanted * 1.001).all()
    assert (arrays["interval"][row, :, 1] >= wanted * 0.999).all()
    errors = task.method_errors(inputs, answers)
    assert meta["methods"] == list(errors)
    np.testing.assert_allclose(arrays["others"][row], list(errors.values()), rtol=1e-4)
