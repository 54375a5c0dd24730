"""The tests that drive the app wait for what they look at, instead of reading it at once."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# What these read may be of the moment before; expect() of the same place waits until it is so.
READINGS = {
    "count",
    "input_value",
    "get_attribute",
    "inner_text",
    "all_inner_texts",
    "text_content",
    "all_text_contents",
}


def read_at_once(source: str) -> list[int]:
    """Return the lines of assertions that compare a reading of the page directly."""
    lines = []
    for statement in ast.walk(ast.parse(source)):
        if not (isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare)):
            continue
        for side in (statement.test.left, *statement.test.comparators):
            reads = isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute) and side.func.attr in READINGS
            if reads and not (side.func.attr == "count" and side.args):  # text.count("word") reads no page
                lines.append(statement.lineno)
    return lines


def test_assertions_about_the_page_wait() -> None:
    assert read_at_once("assert page.locator('.x').count() == 1") == [1]
    assert read_at_once("expect(page.locator('.x')).to_have_count(1)\nassert words.count('x') == 1") == []
    found = {
        f"{file.relative_to(TESTS)}:{line}"
        for file in TESTS.rglob("*.py")
        if "unit" not in file.parts
        for line in read_at_once(file.read_text(encoding="utf-8"))
    }
    assert not found, "use expect(place).to_have_count, to_have_text, to_have_value or to_have_attribute"
