"""Errors outside of training: what is run for each value of a setting, and where the model and a method cross."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped.catalogue.shifted import shifted
from looped.lenses.crossing import crossing
from looped.questions import QUESTIONS, Asked, shifts
from looped.serving.engine import Engine
from looped.tasks.protocol import Shift
from tests.serving.prompt_models import make_catalogue

LOOPS = 2
TRIED = {"noise": Shift((0.0, 0.5, 2.0), 0.0), "scale": Shift((0.5, 1.0), 1.0)}


def test_each_value_of_a_setting_is_measured_beside_the_other_methods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Engine(make_catalogue(tmp_path)).checkpoint("curves1-looped")
    monkeypatch.setattr(shifts, "PROMPTS", 4)
    monkeypatch.setattr(checkpoint.task, "shifts", lambda: TRIED)
    asked = Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse("")), LOOPS, 0, 1)
    first, *_, last = QUESTIONS["shifts"].ask(asked)
    assert np.isfinite(first["arrays"]["error"]).any(-1).sum() == 1
    arrays, meta = last["arrays"], last["meta"]
    assert (meta["settings"], meta["usual"], meta["count"]) == (["noise", "scale"], [0.0, 1.0], 4)
    assert np.isnan(arrays["values"][1, 2])
    wanted = shifted(checkpoint, {"noise": 2.0}, [1, 2], 4)
    np.testing.assert_allclose(arrays["error"][0, 2], wanted["error"], rtol=1e-5)
    np.testing.assert_allclose(arrays["interval"][0, 2], wanted["interval"], rtol=1e-5)
    np.testing.assert_allclose(arrays["others"][0, 2], list(wanted["methods"].values()), rtol=1e-5)
    assert meta["methods"][arrays["best"][0, 2]] == min(wanted["methods"], key=lambda name: wanted["methods"][name])
    np.testing.assert_array_equal(arrays["error"][1, 1], arrays["error"][0, 0])  # the usual data, once
    for method in range(len(meta["methods"])):
        at = crossing(np.array([0, 0.5, 2]), arrays["error"][0, :, 1], arrays["others"][0, :, method], 0.0)
        assert arrays["crossing"][0, method, 1] == pytest.approx(at.at, rel=1e-3, nan_ok=True)
        assert arrays["ahead"][0, method, 1] == at.ahead


@pytest.mark.parametrize("name", ["curves1-looped", "relu2-looped", "linear5-looped"])
def test_every_setting_has_values_that_can_be_sampled_with_the_usual_one_among_them(tmp_path: Path, name: str) -> None:
    task = Engine(make_catalogue(tmp_path)).checkpoint(name).task
    for setting, shift in task.shifts().items():
        assert shift.usual in shift.values
        assert list(shift.values) == sorted(shift.values)
        for value in shift.values:
            inputs, _ = task.sample(2, seed=1, **{setting: value})
            assert task.clues(inputs[0]).any()
