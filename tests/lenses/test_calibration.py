"""Calibration: bins counted by hand, and a model whose probabilities are what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.calibration import calibration, survey
from looped.runs.numerics import softmax
from looped.runs.trace import record


def test_bins_are_counted() -> None:
    sure = np.array([[0.35, 0.35, 0.95, 0.95, 1.0], [0.5, 0.5, 0.5, 0.5, 0.5]])
    right = np.array([[True, False, True, False, True], [True, False, True, False, True]])
    found = calibration(sure, right)
    assert found.counts[0].tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 3]
    assert found.accuracy[0][[3, 9]].round(2).tolist() == [0.5, 0.67]
    np.testing.assert_allclose(found.probability[0][[3, 9]], [0.35, 2.9 / 3])
    np.testing.assert_allclose(found.error, [(abs(0.7 - 1) + abs(2.9 - 2)) / 5, 0.1])
    np.testing.assert_allclose(found.gap, [(3.6 - 3) / 5, -0.1])
    assert found.committed.tolist() == [0.6, 0]
    np.testing.assert_allclose(found.wrong, [1 / 3, np.nan])
    with pytest.raises(ValueError, match="nothing is asked"):
        calibration(np.zeros((2, 0)), np.zeros((2, 0), bool))


def test_probabilities_that_come_true_have_no_error_and_exaggerated_ones_have() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(size=(1, 100_000))
    right = rng.uniform(size=sure.shape) < sure
    assert calibration(sure, right).error[0] < 0.01
    assert calibration(np.minimum(1, sure + 0.2), right).gap[0] > 0.1


def test_answers_of_a_model_are_kept_where_something_is_asked(make_model: Callable[..., Any]) -> None:
    model, rng = make_model(), np.random.default_rng(1)
    tokens, targets = rng.integers(0, 5, (3, 16)), rng.integers(-1, 5, (3, 16))
    *_, found = survey(model, tokens, targets, loops=2, batch=2)
    assert found.probability.shape == (2, (targets >= 0).sum())
    assert found.run.tolist() == np.nonzero(targets >= 0)[0].tolist()
    p = softmax(record(model, tokens[2], 2).logits)[1][targets[2] >= 0]
    np.testing.assert_allclose(found.probability[1, found.run == 2], p.max(-1), rtol=1e-4)
    np.testing.assert_array_equal(found.right[1, found.run == 2], p.argmax(-1) == targets[2][targets[2] >= 0])
