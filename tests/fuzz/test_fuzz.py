"""A few inputs for every reader, and those kept; `python -m tests.fuzz` tries a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.__main__ import tried
from tests.fuzz.made import Target
from tests.fuzz.targets import attempt, targets


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, make_checkpoint: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    make_checkpoint(folder / "shelf" / "good", architecture="tmlt")
    return folder


@pytest.fixture(scope="module")
def readers(shelf: Path) -> dict[str, Target]:
    return targets(shelf / "shelf", shelf / "fuzzed")


def test_every_reader_takes_what_is_kept_or_says_what_is_wrong(readers: dict[str, Target], shelf: Path) -> None:
    for target in readers.values():
        for given in target.corpus:
            attempt(target.read, given, shelf)


def test_every_reader_takes_what_is_new_or_says_what_is_wrong(readers: dict[str, Target], shelf: Path) -> None:
    counts = {name: tried(target, 5, shelf) for name, target in readers.items()}
    assert all(count >= 5 for count in counts.values())
    assert len(counts) >= 20


def test_a_reader_that_falls_is_found(shelf: Path) -> None:
    def says(text: str) -> None:
        raise ValueError(text)

    for said in (f"{shelf} cannot be read", "two\nlines", "", "x" * 5000):
        with pytest.raises(AssertionError):
            attempt(says, said, shelf)
    with pytest.raises(AssertionError):
        attempt(lambda data: data.decode(), b"\xff", shelf)  # a UnicodeDecodeError is a ValueError, but no sentence
    with pytest.raises(AttributeError):
        attempt(lambda text: text.nothing, "text", shelf)
