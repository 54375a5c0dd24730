"""Clues: which positions are weighed, and that the weights are the lens's."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.attribution import ablation, integrated_gradients
from looped.questions import Asked
from looped.runs.trace import record
from questions.replies import LOOPS, last


@pytest.mark.parametrize(("name", "clues"), [("lcs6", [*range(6), 9, 10, 11]), ("countdown3", [0, 1, 2, 3])])
def test_clues_are_letters_or_numbers_and_no_marks(name: str, clues: list[int], others: dict[str, Asked]) -> None:
    asked = others[name]
    answer = last("clues", asked)["arrays"]["clues"]
    assert np.flatnonzero(np.isfinite(answer[0])).tolist() == np.flatnonzero(np.isfinite(answer[1])).tolist() == clues
    *_, wanted = integrated_gradients(asked.checkpoint.model, asked.tokens, asked.cell, asked.loop, np.array(clues))
    np.testing.assert_allclose(answer[0, clues], wanted.scores, rtol=1e-6)


def test_a_letter_that_is_taken_away_is_still_asked(others: dict[str, Asked]) -> None:
    """The chosen letter is a clue for its own answer: with padding in its place, something else is answered there."""
    words = others["lcs6"]
    asked = Asked(words.checkpoint, words.tokens, LOOPS, cell=2, loop=4)
    answer = last("clues", asked)
    *_, wanted = ablation(asked.checkpoint.model, asked.tokens, 2, 4, np.array([2]))
    assert answer["arrays"]["clues"][1, 2] == pytest.approx(wanted.scores[0], rel=1e-5)
    assert wanted.scores[0] != 0
    trace = record(asked.checkpoint.model, asked.tokens, LOOPS)
    assert answer["meta"]["token"] == trace.answers[3, 2]
