"""What crosses a module's border in the browser has a type, by JSDoc, and somebody on the other side asks for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looped.export.bundle import ASSETS, read

TESTS = Path(__file__).parent
MODULES = read()
EXPORT = re.compile(r"^export (?:async )?(?P<kind>function\*?|class|const|let) (?P<name>\w+)(?P<rest>.*)", re.MULTILINE)
JSDOC = re.compile(r"/\*\*(?:[^*]|\*(?!/))*\*/\n$")
# For whoever stands outside of the modules: Streamlit, a saved page, a notebook.
FOR_OTHERS = {"main.js": {"withoutMicroscope", "show"}}


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


CLASS = re.compile(
    r"^(?P<open>export )?class (?P<name>\w+)(?: extends (?P<base>\w+))? \{\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL
)
METHOD = re.compile(
    r"^  (?:static )?(?:async )?\*?(?P<get>get )?(?P<name>(?!constructor|set )\w+)\((?P<arguments>.*)\) \{"
    r"(?P<body>.*\}$|\n(?:.*\n)*?  \}$)",
    re.MULTILINE,
)
TYPEDEF = re.compile(r"@typedef \{object\} (?P<name>\w+).*?\*/", re.DOTALL)
GIVES = re.compile(r"^    (?:if \(.*\) )?return [^;]", re.MULTILINE)


def methods(body: str) -> dict[str, tuple[str, bool]]:
    """List the methods of a class by name: the JSDoc, "" where it has none, and whether there is anything to tell."""
    found = {}
    for one in METHOD.finditer(body):
        above = JSDOC.search(body[: one.start()])
        tells = bool(one["get"] or one["arguments"] or GIVES.search(one["body"]))
        found[one["name"]] = (above[0].strip() if above else "", tells)
    return found


CLASSES = {one["name"]: (module, one) for module, source in MODULES.items() for one in CLASS.finditer(source)}
TYPEDEFS = {one["name"]: one[0] for source in MODULES.values() for one in TYPEDEF.finditer(source)}


def told_above(module: str, one: re.Match[str]) -> set[str]:
    """List the members that the bases of a class and the types that it implements say the types of."""
    found = set()
    above = JSDOC.search(MODULES[module][: one.start()])
    for name in re.findall(r"@implements \{[^}]*?(\w+)\}", above[0] if above else ""):
        found.update(re.findall(r"@property \{.*\} \[?(\w+)", TYPEDEFS[name]))
    if one["base"]:
        file, base = CLASSES[one["base"]]
        found |= told_above(file, base) | {name for name, (said, _) in methods(base["body"]).items() if said}
    return found


def untyped(module: str, one: re.Match[str], others: str) -> list[str]:
    """List the methods of a class that other modules ask for and of which nobody says what they take and give."""
    above = told_above(module, one)
    return [
        name
        for name, (said, tells) in methods(one["body"]).items()
        if tells and name not in above and re.search(rf"\.{name}\b", others)
        if not re.search(r"@type \{|@param \{|@returns \{", said)
    ]


METHODS = """export class Four extends Three {
  constructor(a) {
    this.a = a;
  }

  /** @type {(b: number) => void} */
  typed(b) {
    this.b = b;
  }

  // Not said.
  bare(b) {
    this.b = b;
  }
  get there() {
    return this.b;
  }
  nothing() {}
  gives() {
    if (this.b) return 1;
  }
  plain() {
    this.list.map((one) => {
      return one;
    });
  }
}
"""


def test_methods_are_found_with_what_is_said_of_them() -> None:
    found = {name: (bool(said), tells) for name, (said, tells) in methods(CLASS.search(METHODS)["body"]).items()}
    typed, bare, there, gives = (True, True), (False, True), (False, True), (False, True)
    quiet = {"nothing": (False, False), "plain": (False, False)}
    assert found == {"typed": typed, "bare": bare, "there": there, "gives": gives} | quiet


@pytest.mark.parametrize("name", [name for name, (_, one) in CLASSES.items() if one["open"]])
def test_the_methods_that_other_modules_ask_for_have_their_types(name: str) -> None:
    module, one = CLASSES[name]
    others = "\n".join(
        re.sub(r"(?<=\s)//.*$", "", text, flags=re.MULTILINE) for file, text in MODULES.items() if file != module
    )
    assert untyped(module, one, others) == []


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


def test_a_curve_drawn_by_hand_looks_the_same_in_the_column_and_in_a_panel() -> None:
    (dash,) = re.findall(r"BY_HAND = \[(.*?)\];", (ASSETS / "draw/axis.js").read_text("utf-8"))
    (rule,) = re.findall(r"^\.ls-curve-drawn \{(.*?)\}", (ASSETS / "microscope.css").read_text("utf-8"), re.M)
    assert f"stroke-dasharray: {dash.replace(',', '')};" in rule
    assert "stroke: var(--ls-text);" in rule
    panels = [file.read_text("utf-8") for file in (ASSETS / "panels").glob("*.js")]
    drawing = [text for text in panels if "seen.drawn" in text]
    assert len(drawing) == 3
    assert all("colours.text, BY_HAND" in text for text in drawing)
    assert not any("your guess" in text for text in panels)
