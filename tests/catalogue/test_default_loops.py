"""The loops that a checkpoint is measured at when none are named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from looped.catalogue import evaluate


def test_a_model_of_one_loop_is_measured_once_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "is_standard", lambda model: False)
    one: Any = SimpleNamespace(model=SimpleNamespace(trained_loops=1), task=SimpleNamespace(offers=()))
    assert evaluate.default_loops(one) == [1, 2, 4]
