"""Which example decided a prediction: what integrated gradients add up to, and what is run anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from looped.lenses.influence import gradients, taken_away
from looped.questions import QUESTIONS, Asked
from looped.runs.trace import record
from looped.serving.engine import Engine
from tests.serving.prompt_models import make_catalogue

QUERY, LOOP = 3 + 12, 4


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Asked]:
    """Ask about a prompt of three examples, as the page does."""
    checkpoint = Engine(Path(make_catalogue(tmp_path_factory.mktemp("prompts")))).checkpoint("curves1-looped")

    def ask(text: str = "-1 0.5; 0 -0.25; 1.5 1", cell: int = QUERY) -> Asked:
        return Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse(text)), LOOP, cell, LOOP)

    return ask


def predicted(asked: Asked, vectors: np.ndarray, place: int) -> float:
    found: Any = record(asked.checkpoint.model, vectors, LOOP).predictions[LOOP - 1, place, 0]
    return float(found)


def test_gradients_add_up_to_the_difference_from_values_of_zero(asking: Callable[..., Asked]) -> None:
    asked = asking()
    known = asked.checkpoint.task.clues(asked.tokens)
    found = gradients(asked.checkpoint.model, asked.tokens, known, QUERY, LOOP)
    flat = asked.tokens.copy()
    flat[known, -2] = 0
    assert found.output == pytest.approx(predicted(asked, asked.tokens, QUERY), abs=1e-5)
    assert found.baseline == pytest.approx(predicted(asked, flat, QUERY), abs=1e-5)
    assert found.scores.sum() == pytest.approx(found.output - found.baseline, abs=1e-3)
    assert np.abs(found.scores).max() > 1e-3


def test_an_example_that_is_taken_away_is_not_in_the_prompt_that_is_run(asking: Callable[..., Asked]) -> None:
    asked = asking()
    known = asked.checkpoint.task.clues(asked.tokens)
    *_, away = taken_away(asked.checkpoint.model, asked.tokens, known, QUERY, LOOP)
    whole = predicted(asked, asked.tokens, QUERY)
    wanted = [whole - predicted(asked, np.delete(asked.tokens, i, 0), QUERY - 1) for i in range(3)]
    np.testing.assert_allclose(away.scores, wanted, atol=1e-5)
    assert (away.done, away.total) == (3, 3)


def test_the_answer_holds_both_and_names_the_largest(asking: Callable[..., Asked]) -> None:
    steps = list(QUESTIONS["influence"].ask(asking()))
    assert [step["share"] for step in steps] == [0.5, 1]
    assert np.isnan(steps[0]["arrays"]["influence"][1]).all()
    scores, meta = steps[-1]["arrays"]["influence"], steps[-1]["meta"]
    assert meta["best"] == np.abs(scores).argmax(1).tolist()
    assert (meta["cell"], meta["loop"]) == (QUERY, LOOP)
    assert meta["same"] == (meta["best"][0] == meta["best"][1])
    assert steps[0]["meta"]["same"] is False  # the second method names none yet


@pytest.mark.parametrize(("text", "cell", "part"), [("", 5, "no example that"), ("0 1", 0, "choose a query")])
def test_what_cannot_be_asked_is_said(asking: Callable[..., Asked], text: str, cell: int, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        next(QUESTIONS["influence"].ask(asking(text, cell)))
