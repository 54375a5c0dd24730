"""Probes for the numbers of least squares: what they are fitted to, and what is read of the prompt on screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from looped.questions import QUESTIONS, Asked, weights
from looped.serving.engine import Engine
from tests.serving.prompt_models import make_catalogue

LOOPS = 3


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Asked]:
    """Ask a tiny model about a prompt."""
    checkpoint = Engine(Path(make_catalogue(tmp_path_factory.mktemp("prompts")))).checkpoint("linear5-looped")

    def ask(text: str) -> Asked:
        return Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse(text)), LOOPS, 0, 1)

    return ask


def test_probes_are_fitted_to_prompts_of_as_many_examples_and_read_this_one(
    asking: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "PROMPTS", 48)
    asked = asking("seed=3 examples=9")
    *before, last = QUESTIONS["weights"].ask(asked)
    assert [step["arrays"] for step in before] == [{}]
    arrays, meta = last["arrays"], last["meta"]
    assert (meta["kinds"], meta["examples"]) == (["moments", "weights"], 9)
    assert meta["fitted"] + meta["held_out"] == 48
    assert arrays["read"].shape == (2, LOOPS + 1, 5)
    x, y = asked.tokens[:9, :5].astype(float), asked.tokens[:9, 5].astype(float)
    np.testing.assert_allclose(arrays["truth"], [x.T @ y / 9, np.linalg.lstsq(x, y)[0]], atol=1e-4)
    off = np.sqrt(np.square(arrays["read"] - arrays["truth"][:, None]).mean(-1))
    np.testing.assert_allclose(arrays["off"], off, rtol=1e-4)
    np.testing.assert_allclose(arrays["explained"][:, 0], 0, atol=0.2)  # the state before the first loop is zero
    assert arrays["embedded"].max() < 0.5
    low, high = np.moveaxis(arrays["interval"], -1, 0)
    assert (low <= arrays["explained"] + 1e-6).all()
    assert (arrays["explained"] <= high + 1e-6).all()
    above = arrays["explained"] - arrays["control"]
    assert (arrays["gain"] * above >= 0).all()
    assert arrays["gain"].dtype == np.int8
    assert (high - low)[:, 1:].min() > 0.01  # sixteen prompts say little


def test_a_prompt_without_examples_is_refused_in_a_sentence(asking: Callable[..., Asked]) -> None:
    with pytest.raises(ValueError, match="no example that a function could be learned from"):
        next(QUESTIONS["weights"].ask(asking("seed=1 examples=0")))


def test_functions_without_weights_are_not_asked(asking: Callable[..., Asked], tmp_path: Path) -> None:
    other = Engine(make_catalogue(tmp_path)).checkpoint("curves1-looped")
    assert QUESTIONS["weights"].why_not(other) == (
        "This cannot be asked of curves1: the task has no numbers for probes."
    )
