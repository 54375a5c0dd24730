"""The timestep lens: how strong each loop's gates and scales are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.timestep import strengths
from looped.trace import record

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)


def test_a_strength_is_the_root_mean_square_over_channels(make_model: Make) -> None:
    trace = record(make_model(architecture="tmlt", layers=2), TOKENS, 5)
    found = strengths(trace)
    assert found.shape == (5, 2, 4)
    for t in range(5):
        for layer in range(2):
            for i, vectors in enumerate((trace.alpha1, trace.alpha2, trace.gamma1, trace.gamma2)):
                numbers = [float(x) for x in vectors[t, layer]]
                assert found[t, layer, i] == pytest.approx((sum(x * x for x in numbers) / len(numbers)) ** 0.5, rel=1e-5)
    assert len({round(float(x), 4) for x in found[:, 0, 0]}) == 5  # every loop has its own


def test_a_gate_of_zero_and_a_gain_of_one_show_as_zero_and_one(make_model: Make) -> None:
    model = make_model(architecture="tmlt")
    model.timestep.w5.weight.zero_()
    model.timestep.w5.bias.zero_()
    assert strengths(record(model, TOKENS, 3)).tolist() == [[[0, 0, 1, 1]]] * 3


def test_a_model_without_timestep_encoding_has_none(make_model: Make) -> None:
    assert strengths(record(make_model(), TOKENS)) is None
