"""What ARCHITECTURE.md says is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
NAMED = re.findall(r"`(\w+)`\s+in\s+`([\w./]+\.(?:py|js))`", TEXT)
FILES = sorted(set(re.findall(r"`((?:looped|assets|pages|tests|checkpoints)/[\w./]*)`", TEXT)))
ROOMS = re.findall(r"^\| .*?\]\((looped/\w+/)\)", TEXT, re.MULTILINE)


def test_the_way_of_the_data_is_ten_lines_each_naming_one_function() -> None:
    way = TEXT[TEXT.index("## The way of the data") : TEXT.index("## The three seams")]
    steps = re.findall(r"^(\d+)\. (.*)$", way, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, 11))
    for _, line in steps:
        assert len(re.findall(r"`\w+` in `[\w./]+`", line)) == 1, line


@pytest.mark.parametrize(("function", "file"), NAMED)
def test_every_function_named_is_in_its_file(function: str, file: str) -> None:
    source = (ROOT / file).read_text("utf-8")
    begun = (
        rf"^\s*(?:def|class) {function}\b|^(?:export )?(?:default )?(?:async )?function {function}\b|^  {function}\("
    )
    assert re.search(begun, source, re.MULTILINE)


@pytest.mark.parametrize("file", FILES)
def test_every_file_named_is_there(file: str) -> None:
    assert (ROOT / file).exists()


def test_every_room_has_its_row() -> None:
    rooms = {f"looped/{init.parent.name}/" for init in (ROOT / "looped").glob("*/__init__.py")}
    assert rooms <= {*ROOMS, *re.findall(r"\((looped/\w+/)\)", TEXT)}


def test_it_is_one_page() -> None:
    assert len(TEXT.splitlines()) <= 90
