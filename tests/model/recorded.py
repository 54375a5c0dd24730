"""What the tests of interventions share: inputs, the kinds of models, and runs that check themselves."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from looped.model import Model
from looped.model.interventions import (
    Intervention,
)
from looped.runs.trace import Trace, record

Make = Callable[..., Model]
TOKENS = np.random.default_rng(0).integers(5, size=16)
OTHER = np.random.default_rng(1).integers(5, size=16)
LOOPS = 6

MODELS: dict[str, dict[str, Any]] = {
    "looped": {},
    "looped + injection, two layers": {"injection": True, "layers": 2, "state_norm": True},
    "looped + feedback": {"injection": True, "feedback": True, "state_norm": True},
    "looped + relations": {"relations": True, "positions": "board", "box": (2, 2)},
    "looped as released": {"values": "as released", "size": 0.3},
    "causal, rotary": {"causal": True, "positions": "rotary"},
    "tmlt": {"architecture": "tmlt"},
    "tmlt + injection, two layers": {"architecture": "tmlt", "injection": True, "layers": 2, "state_norm": True},
}
every_model = pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS.keys())


def same(a: Trace, b: Trace) -> bool:
    return a.arrays().keys() == b.arrays().keys() and all(
        np.array_equal(a.arrays()[name], b.arrays()[name]) for name in a.arrays()
    )


def run(model: Model, *interventions: Intervention, loops: int = LOOPS, tokens: np.ndarray = TOKENS) -> Trace:
    """Recorded; and the plain forward under the same interventions agrees, or the test fails."""
    trace = record(model, tokens, loops, interventions=interventions)
    assert trace.difference < 1e-4 * max(1, float(np.abs(trace.hidden).max()))
    return trace


def changed(model: Model, **parameters: Callable[[torch.Tensor], torch.Tensor]) -> Model:
    """A copy with some parameters computed from their old values; dots in names are written __."""
    other = copy.deepcopy(model)
    for name, change in parameters.items():
        parameter = other.get_parameter(name.replace("__", "."))
        parameter.copy_(change(parameter))
    return other
