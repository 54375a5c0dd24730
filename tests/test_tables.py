"""What a panel draws of an answer is in the table that it saves: read off the panels' sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looped.places import resource

PANELS = sorted(resource("assets/microscope/panels").glob("*.js"))
ASKED = [panel for panel in PANELS if re.search(r"^  asks: ", panel.read_text("utf-8"), re.MULTILINE)]


def body(source: str, start: int) -> str:
    """Return a method from where it begins to its closing brace, which stands in the column of its name."""
    return source[start : source.index("\n  }", start)]


def methods(source: str) -> dict[str, str]:
    return {
        found[1]: body(source, found.start()) for found in re.finditer(r"^  (\w+)\([^\n]*\) \{$", source, re.MULTILINE)
    }


def arrays(source: str) -> set[str]:
    """Return the names of the arrays of an answer that a piece of source reads."""
    named = set(re.findall(r"asked\??\.arrays\??\.(\w+)", source))
    flat = re.sub(r"(\w+): \{[^{}]*\}", r"\1", source)
    for inner in re.findall(r"\{([^;={}]*)\} = (?:seen\.)?asked\??\.arrays;", flat):
        named |= {name.split(":")[0].strip() for name in inner.split(",")}
    return {name for name in named if name.isidentifier()}


def read_by(text: str, outside: dict[str, str]) -> set[str]:
    """Return the arrays that a method reads itself, or through the functions beside the panel that it calls."""
    named = arrays(text)
    for name, code in outside.items():
        if re.search(rf"\b{name}\(", text):
            named |= arrays(code)
        if f"{name}(asked.arrays" in text:
            (given,) = re.findall(r"\(\{([^{}]*)\}", code)[:1]
            named |= {part.split(":")[0].strip() for part in given.split(",")}
    return named


def test_names_of_arrays_are_found() -> None:
    source = "  draw({ asked }) {\n    const { a, b: c } = asked.arrays;\n    d(asked.arrays.e);\n  },\n"
    assert arrays(methods(source)["draw"]) == {"a", "b", "e"}
    assert len(ASKED) > 25


@pytest.mark.parametrize("panel", ASKED, ids=[panel.stem for panel in ASKED])
def test_a_table_holds_every_array_of_the_answer_that_is_drawn(panel: Path) -> None:
    source = panel.read_text("utf-8")
    known = methods(source)
    beside = re.finditer(r"^(?:export )?function (\w+)\(", source, re.MULTILINE)
    outside = {found[1]: source[found.start() : source.index("\n}", found.start())] for found in beside}
    drawing = [code for name, code in known.items() if name.startswith("draw") or name == "scale"]
    drawn = {name for code in drawing for name in read_by(code, outside)}
    assert drawn <= read_by(known["table"], outside)
