"""What crosses a module's border in the browser has a type, by JSDoc, and somebody on the other side asks for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looped.export.bundle import read

TESTS = Path(__file__).parent
MODULES = read()
EXPORT = re.compile(r"^export (?:async )?(?P<kind>function\*?|class|const|let) (?P<name>\w+)(?P<rest>.*)", re.MULTILINE)
JSDOC = re.compile(r"/\*\*(?:[^*]|\*(?!/))*\*/\n$")
# For whoever stands outside of the modules: Streamlit, a saved page, a notebook.
FOR_OTHERS = {"main.js": {"show"}}


def exports(source: str) -> dict[str, tuple[str, str]]:
    """List what a module exports by name: its JSDoc, "" where it has none, and what takes arguments: "()" or ""."""
    found = {}
    for one in EXPORT.finditer(source):
        above = JSDOC.search(source[: one.start()])
        function = one["kind"].startswith("function") or re.match(r" = (?:async )?(?:\([^=]*\)|\w+) =>", one["rest"])
        takes = bool(function) and not re.match(r"\(\)| = (?:async )?\(\)", one["rest"])
        found[one["name"]] = (above[0].strip() if above else "", "()" if takes else "")
    return found


EXAMPLE = """// A module.
/** @type {(a: number) => number} */
export const one = (a) => a;
export function two(a) {}
/** Three. */
export class Three {}
/** @returns {number} */
export async function four() {}
"""


def test_exports_are_found_with_what_is_said_of_them() -> None:
    assert exports(EXAMPLE) == {
        "one": ("/** @type {(a: number) => number} */", "()"),
        "two": ("", "()"),
        "Three": ("/** Three. */", ""),
        "four": ("/** @returns {number} */", ""),
    }


@pytest.mark.parametrize("name", MODULES)
def test_what_crosses_a_module_s_border_has_its_type(name: str) -> None:
    source = MODULES[name]
    for export, (said, takes) in exports(source).items():
        assert said, f"{export} has no JSDoc right above it"
        assert not takes or "@type {(" in said or "@param {" in said, f"the JSDoc of {export} names no arguments"
    assert "@param {object} page" not in source  # its class is the type
    for made in re.finditer(r"^export class .*\n(?:(?!^\}).*\n)*?  constructor\(.+\) \{$", source, re.MULTILINE):
        assert re.search(r"\*/\n  constructor\(.+$", made[0]), f"{made[0].splitlines()[0]} is made of what?"


def test_what_is_exported_is_asked_for() -> None:
    """By another module, or by a unit test that imports it as `m`."""
    imported = {
        (name, word.strip())
        for source in MODULES.values()
        for words, name in re.findall(
            r'^import \{([^}]*)\} from "(?:\.{1,2}/)(?:\w+/)*([\w]+\.js)";', source, re.MULTILINE
        )
        for word in words.split(",")
    }
    tests = "\n".join(file.read_text("utf-8") for file in (TESTS / "browser" / "unit").glob("*.py"))
    tested = set(re.findall(r"\bm\.(\w+)", tests))
    unasked = [
        f"{name}: {export}"
        for name, source in MODULES.items()
        for export in exports(source)
        if (name.split("/")[-1], export) not in imported
        and export not in tested
        and export not in FOR_OTHERS.get(name, ())
    ]
    assert unasked == []
