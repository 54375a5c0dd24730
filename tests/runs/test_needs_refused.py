"""Why a lens is not made for a model is always told with its reason."""

from __future__ import annotations

import pytest

from looped import lenses
from looped.model.seam import CAPABILITIES
from looped.runs.needs import REFUSED
from tests.model.toys import make_toy

REFUSING = [name for name in lenses.NAMES if lenses.__getattr__(name).NEEDS.none_of]


@pytest.mark.parametrize("name", REFUSING)
def test_every_capability_that_a_lens_refuses_has_a_reason(name: str) -> None:
    for capability in lenses.__getattr__(name).NEEDS.none_of:
        assert capability in CAPABILITIES
        assert REFUSED[capability]


def test_the_sentence_begins_with_what_is_refused() -> None:
    needs = lenses.__getattr__("fixed_point").NEEDS
    model = make_toy("two states")
    why = "its hidden state alone does not say what the next loop gives"
    told = f"is not made for a model with several state tensors: {why}."
    assert needs.missing(model, "this panel") == f"this panel {told}"
    assert needs.missing(model) == f"it {told}"
