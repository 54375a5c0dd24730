"""The registry: a config is read as its architecture's own, and what cannot be read is named in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from looped.model import Config, Model, registry
from tests.model.toys import Ring, ToyConfig, registered

FAMILY: dict[str, Any] = {"vocab": 5, "length": 16, "trained_loops": 3, "d_model": 8, "heads": 2}


@pytest.fixture
def toys_registered() -> Iterator[None]:
    with registered():
        yield


@pytest.mark.parametrize("architecture", ["standard", "looped", "tmlt"])
def test_the_family_is_built_from_its_config(architecture: str) -> None:
    layers = 3 if architecture == "standard" else 1
    config = registry.read(FAMILY | {"architecture": architecture, "layers": layers})
    assert config == Config(architecture, **FAMILY, layers=layers)
    assert isinstance(registry.build(config), Model)


def test_lists_of_a_file_are_read_as_tuples() -> None:
    config = registry.read(FAMILY | {"architecture": "looped", "positions": "board", "box": [2, 2]})
    assert config == Config("looped", **FAMILY, positions="board", box=(2, 2))


@pytest.mark.parametrize("clamped", [False, True])
def test_a_field_that_had_another_name_is_read_under_it(clamped: bool) -> None:
    config = registry.read(FAMILY | {"architecture": "tmlt", "held": clamped})
    assert config == Config("tmlt", **FAMILY, clamp_timestep=clamped)


@pytest.mark.usefixtures("toys_registered")
def test_another_architecture_has_a_config_of_its_own() -> None:
    config = registry.read({"architecture": "ring", "channels": 4})
    assert config == ToyConfig("ring", channels=4)
    assert isinstance(registry.build(config), Ring)
    assert registry.architectures() == (
        "standard",
        "looped",
        "tmlt",
        "candidates",
        "lattice",
        "in-context",
        "regression",
        "causal",
        "two states",
        "ring",
        "pencil marks",
    )


@pytest.mark.usefixtures("toys_registered")
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"architecture": "rnn"}, "architecture is 'rnn'; it must be one of ('standard', 'looped', 'tmlt', "),
        ({"architecture": ["looped"]}, "architecture is ['looped']; it must be one of ('standard', "),
        (FAMILY, '"model" lacks architecture.'),
        ({"architecture": "ring", "vocab": 5}, '"model" has vocab, which this version does not know.'),
        ({"architecture": "looped", "vocab": 5}, '"model" lacks length, trained_loops.'),
        ({"architecture": "ring", "trained_loops": 0}, "trained_loops is 0; a toy runs at least one loop."),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        registry.read(settings)
    assert str(caught.value).startswith(sentence)


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^there is an architecture called 'tmlt' already\.$"):
        registry.register("tmlt", ToyConfig, Ring)
