"""What lenses refuse, in one sentence, instead of a number that means nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.locality import locality
from looped.runs.trace import record

TOKENS = np.arange(16) % 5


def test_a_model_whose_weights_are_nan_is_not_recorded(make_model: Callable[..., Any]) -> None:
    model = make_model()
    with torch.no_grad():
        next(model.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(ValueError, match="weights of this model are NaN"):
        record(model, TOKENS, 2)


def test_a_token_outside_the_vocabulary_is_not_put_at_a_place(make_model: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="tokens must be whole numbers from 0 to"):
        locality(make_model(), TOKENS, 0, [99], np.arange(16), 2)
