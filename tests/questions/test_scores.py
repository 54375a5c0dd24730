"""Scores by loops: of every length, and of the inputs of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from looped.catalogue.evaluate import evaluate
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.catalogue.intervals import wilson
from looped.questions import COUNT, INPUTS, QUESTIONS, Asked
from looped.runs.trace import record
from questions.replies import LOOPS, TASKS, last


def test_lengths(others: dict[str, Asked]) -> None:
    asked = others["lcs6"]
    task, steps = asked.checkpoint.task, list(QUESTIONS["lengths"].ask(asked))
    answer = steps[-1]
    inputs = f"{COUNT} generated pairs of words of each size, held-out ones where there are any, seed 13"
    assert answer["meta"] == {"lengths": [2, 3, 4, 5, 6, 7, 8], "count": COUNT, "inputs": inputs, "trained": 6}
    assert answer["arrays"]["right"].shape == (7, LOOPS)
    assert [int(np.isfinite(step["arrays"]["right"]).all(1).sum()) for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    for letters, shares in zip(answer["meta"]["lengths"], answer["arrays"]["right"], strict=True):
        tokens, _ = task.sample(COUNT, seed=13, split="held-out" if letters > 3 else None, letters=(letters, letters))
        assert (task.clues(tokens).sum(1) == 2 * letters).all()
        by_hand = [
            np.mean(
                [task.right(row, record(asked.checkpoint.model, row, LOOPS).answers[loop]) for row in tokens[:COUNT]]
            )
            for loop in (0, 5)
        ]
        np.testing.assert_allclose(shares[[0, 5]], by_hand, rtol=1e-6)
    right = answer["arrays"]["right"]
    assert right.max() > 0  # or nothing was compared
    np.testing.assert_allclose(answer["arrays"]["means"], [right[:5].mean(0), right[5:].mean(0)], rtol=1e-6)
    assert np.isnan(steps[0]["arrays"]["means"][1]).all()  # of longer words nothing is known yet
    assert np.isnan(steps[0]["arrays"]["interval"][1]).all()
    ends = answer["arrays"]["interval"]
    np.testing.assert_allclose(ends[0, 5], wilson(float(right[:5, 5].mean()), 5 * COUNT), rtol=1e-4)
    np.testing.assert_allclose(ends[1, 5], wilson(float(right[5:, 5].mean()), 2 * COUNT), rtol=1e-4)


@pytest.mark.parametrize("name", TASKS)
def test_scaling_is_the_first_part_of_what_evaluate_measures(name: str, about: dict[str, Asked]) -> None:
    answer = last("scaling", about[name])
    measured = evaluate(about[name].checkpoint, loops=[1, 3, LOOPS], limit=INPUTS)
    np.testing.assert_allclose(answer["arrays"]["accuracy"][[0, 2, 5]], measured["accuracy"], atol=1e-4)
    np.testing.assert_allclose(answer["arrays"]["interval"][[0, 2, 5]], measured["interval"], atol=1e-3)
    trained = min(LOOPS, about[name].checkpoint.model.trained_loops)
    gain, accuracy = answer["arrays"]["gain"], answer["arrays"]["accuracy"]
    assert (gain[trained - 1] == 0).all()
    assert (gain * (accuracy - accuracy[trained - 1]) >= 0).all()
    assert gain.dtype == np.int8
    assert answer["meta"]["runs"] == INPUTS
    assert str(HELD_OUT_SEED) in measured["data"]
    assert answer["meta"]["data"] in measured["data"]


def test_scores_of_a_standard_transformer_are_over_its_layers(standard: Asked) -> None:
    assert last("scaling", standard)["arrays"]["accuracy"].shape == (3,)
    assert last("wavefront", standard)["arrays"]["accuracy"].shape == (4,)
