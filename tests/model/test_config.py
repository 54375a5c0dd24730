"""A config that makes no sense is refused with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.model import Config, Model

Make = Callable[..., Model]
Weights = dict[str, np.ndarray]


GOOD: dict[str, Any] = {
    "architecture": "looped",
    "vocab": 5,
    "length": 16,
    "trained_loops": 3,
    "d_model": 8,
    "heads": 2,
}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"architecture": "rnn"}, "architecture is 'rnn'; it must be one of"),
    ({"attention": "linear"}, "attention is 'linear'; it must be one of"),
    ({"positions": "alibi"}, "positions is 'alibi'; it must be one of"),
    ({"init": "zero"}, "init is 'zero'; it must be one of ('released', 'scaled', 'specialised')."),
    ({"init": "specialised"}, "init 'specialised' is of the biases that heads have for relations; it needs relations."),
    ({"activation": "tanh"}, "activation is 'tanh'; it must be one of ('gelu', 'relu')."),
    ({"values": "none"}, "values is 'none'; it must be 'normalised' or 'as released'."),
    *(
        ({name: value}, f"{name} is {value!r}; it must be a whole number from 1 to 100,000.")
        for name in ("vocab", "length", "trained_loops", "d_model", "heads", "layers", "mlp")
        for value in (0, -1, 2.0, True, "8", 10**25)
    ),
    *(
        ({name: "no"}, f"{name} is 'no'; it must be true or false.")
        for name in ("injection", "feedback", "state_norm", "causal", "relations", "clamp_timestep")
    ),
    ({"clamp_timestep": True}, "clamp_timestep is for a TMLT: other models have no timesteps."),
    ({"d_model": 9}, "d_model = 9 does not divide into 2 heads."),
    ({"relations": True}, "relations are those of cells on a board; they need board positions."),
    ({"length": 15, "positions": "halves"}, "halves positions need an even length, not 15."),
    ({"d_model": 6, "positions": "rotary"}, "rotary positions need an even width per head."),
    ({"box": (2,)}, "box is (2,); it must be (rows, columns), two positive whole numbers."),
    ({"box": 4}, "box is 4; it must be (rows, columns), two positive whole numbers."),
    ({"box": (0.5, 8)}, "box is (0.5, 8); it must be (rows, columns), two positive whole numbers."),
    (
        {"box": (-2, -2), "positions": "board"},
        "box is (-2, -2); it must be (rows, columns), two positive whole numbers.",
    ),
    (
        {"positions": "board"},
        "board positions need box = (rows, columns) with (rows · columns)² = length, not None and 16.",
    ),
    (
        {"positions": "board", "box": (2, 3)},
        "board positions need box = (rows, columns) with (rows · columns)² = length, not (2, 3) and 16.",
    ),
    ({"architecture": "tmlt", "values": "as released"}, "values 'as released' exist for the looped baseline only."),
    (
        {"architecture": "standard", "layers": 3, "injection": True},
        "a standard transformer has no loops, so nothing to inject the input into.",
    ),
    ({"feedback": True}, "feedback joins the input that is injected at every loop; it needs injection."),
    (
        {"architecture": "standard", "layers": 2},
        "a standard transformer applies each layer once: trained_loops must equal layers.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), BAD, ids=[str(change)[:60] for change, _ in BAD])
def test_a_config_that_makes_no_sense_is_refused_with_one_sentence(change: dict[str, Any], sentence: str) -> None:
    Config(**GOOD)
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        Config(**GOOD | change)
    assert str(caught.value).startswith(sentence)
