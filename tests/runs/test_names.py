"""Names of checkpoints with their changes, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from looped.runs.names import CheckpointName

TEXTS = ["sudoku9-tmlt", "sudoku9-tmlt~frozen", "sudoku9-tmlt~freeze=8,cut=1_mlp@4-10", "a~", "~", "~x", "a~b~c", ""]


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_written_as_it_was_read(text: str) -> None:
    assert str(CheckpointName.read(text)) == text


def test_a_name_is_split_at_its_first_mark() -> None:
    read = CheckpointName.read("sudoku9-tmlt~freeze=8,ones")
    assert (read.base, read.changes, read.parts) == ("sudoku9-tmlt", "freeze=8,ones", ["freeze=8", "ones"])
    assert (read.task, read.model) == ("sudoku9", "tmlt")
    assert CheckpointName.read("a~b~c") == CheckpointName("a", "b~c")


def test_a_name_without_a_mark_has_no_changes_and_one_with_nothing_behind_it_is_another() -> None:
    assert CheckpointName.read("a").changes is None
    assert CheckpointName.read("a~").changes == ""
    assert CheckpointName.read("a").parts == CheckpointName.read("a~").parts == []


def test_other_changes_of_the_same_checkpoint() -> None:
    assert str(CheckpointName.read("a-b~x").changed("ones")) == "a-b~ones"


def test_a_folder_keeps_the_changes_even_if_its_own_name_holds_a_mark() -> None:
    assert str(CheckpointName.of_folder("mine", Path("/somewhere/mine"))) == "/somewhere/mine"
    assert str(CheckpointName.of_folder("my~own~frozen", Path("/somewhere/my~own"))) == "/somewhere/my~own~frozen"
