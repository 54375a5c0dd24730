"""The state of a page stands in one place, typed by JSDoc: assets/microscope/core/state.js, of the page Theory
assets/microscope/theory/state.js.

The other classes of the browser hold parts that are made once, when the page is: elements, and each other. A field that
begins as a plain value, or that changes later, is state, except where a line of `ALLOWED` says what else it is:

element   elements that are made anew for another input, or lists of them
drawn     what an element shows now, or the size and style measured of it, kept so that nothing is done twice
timer     a handle on a timer or a frame, or how long something has been waited for
store     a store of its own, beside the state
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MICROSCOPE = Path(__file__).resolve().parents[1] / "assets" / "microscope"
STATE = MICROSCOPE / "core" / "state.js"
MODULES = sorted(file for folder in ("ask", "panels", "pages") for file in (MICROSCOPE / folder).glob("*.js"))
ONCE = {
    "constructor",
    "build",
    "inputs",
    "listen",
    "addModes",
    "addTurn",
    "addHeads",
    "addTools",
    "tableButton",
    "exporting",
}
CLASS = re.compile(r"^(?:export )?class \w+.*? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
METHOD = re.compile(r"^  (?:async |get |set |static )*(\w+)\(.*?\) \{\n(.*?)^  \}", re.MULTILINE | re.DOTALL)
ASSIGNED = re.compile(r"\bthis\.(\w+)(?: (?:[-+|&?]{0,2}=) (?!=)|\+\+|--)(.*)")
CHANGED = re.compile(r"\bthis\.(\w+)(?:\.length = |\.(?:push|set|add|delete)\()")
AT_ONCE = re.compile(r"Object\.assign\(this, \{ (.*?) \}\)")
KEY = re.compile(r"(?:^|, )(\w+)(?=[:,]|$)")
PLAIN = re.compile(r"(?:\{ \w+: |\[)?(?:null|true|false|-?\d|-?Infinity|[\"'`]|\[\]|\{\}|new (?:Weak)?(?:Map|Set)\b)")

ALLOWED = {
    "ask/answers.js": {"known": "store"},
    "ask/row.js": {"answer": "drawn"},
    "pages/address.js": {"resting": "timer"},
    "pages/bar.js": {"questionButtons": "element"},
    "pages/clockbar.js": {"labels": "element", "made": "drawn", "passes": "drawn", "playing": "drawn", "runs": "drawn"},
    "pages/face.js": {"box": "drawn", "cells": "element", "said": "drawn", "view": "drawn"},
    "pages/facepanel.js": {"faces": "element"},
    "pages/figure.js": {"drawn": "element", "form": "element"},
    "pages/firstminute.js": {"before": "drawn", "number": "drawn"},
    "pages/incontext.js": {"made": "drawn", "pointsOf": "drawn"},
    "pages/lesson.js": {"drawn": "drawn"},
    "pages/lessoncolumn.js": {
        "asked": "element",
        "commit": "element",
        "head": "element",
        "refusal": "element",
        "result": "element",
        "waits": "element",
    },
    "pages/page.js": {"marked": "drawn"},
    "pages/painter.js": {
        "colours": "drawn",
        "everything": "timer",
        "fading": "timer",
        "font": "drawn",
        "frame": "timer",
        "painted": "drawn",
        "shown": "drawn",
        "zoom": "drawn",
    },
    "pages/planehand.js": {"listening": "element"},
    "pages/pointing.js": {"cells": "drawn", "loops": "drawn", "marked": "element", "names": "drawn"},
    "pages/requests.js": {"waiting": "timer"},
    "pages/resending.js": {"looks": "timer", "lost": "timer", "next": "timer", "watching": "timer"},
    "pages/flips.js": {"made": "drawn"},
    "pages/sampled.js": {"fields": "element", "lists": "element", "made": "drawn"},
    "pages/stage.js": {"origin": "element"},
    "pages/strokes.js": {"listening": "element"},
    "pages/theory.js": {"colours": "drawn", "font": "drawn", "frame": "timer", "resting": "timer", "zoom": "drawn"},
    "pages/theorypanel.js": {"box": "drawn"},
    "pages/together.js": {"hearing": "timer", "telling": "timer"},
    "pages/truth.js": {"seen": "drawn"},
    "panels/inputs.js": {
        "columns": "drawn",
        "data": "drawn",
        "headed": "drawn",
        "known": "drawn",
        "lines": "element",
        "order": "drawn",
        "puzzle": "drawn",
        "rows": "drawn",
        "shown": "drawn",
        "t": "drawn",
    },
    "panels/whatif.js": {"before": "drawn", "filledFor": "drawn", "listed": "drawn", "recalled": "drawn"},
}


def name_of(file: Path) -> str:
    return file.relative_to(MICROSCOPE).as_posix()


def fields_that_change(source: str) -> set[str]:
    """Name the fields of a module's classes that hold more than a part which is made once."""
    found: set[str] = set()
    for body in CLASS.findall(source):
        for method, lines in METHOD.findall(body):
            assigned = ASSIGNED.findall(lines)
            found |= {field for field, value in assigned if method not in ONCE or PLAIN.match(value)}
            found |= {*CHANGED.findall(lines), *KEY.findall(", ".join(AT_ONCE.findall(lines)))}
    return found


EXAMPLE = """class A {
  constructor(page) {
    this.page = page;
    this.root = h("div", {});
    this.list = [button("a"), button("b")];
    this.from = null;
    this.look = { head: 0 };
  }

  async move(by) {
    if (this.page === by || this.root.open === true) return;
    this.to = by;
    this.times++;
    this.kept.add(by);
    Object.assign(this, { at: 0, by });
  }
}
"""


def test_fields_that_change_are_recognised() -> None:
    assert fields_that_change(EXAMPLE) == {"from", "look", "to", "times", "kept", "at", "by"}


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_what_changes_on_a_page_is_in_its_state(file: Path) -> None:
    assert fields_that_change(file.read_text("utf-8")) == ALLOWED.get(name_of(file), {}).keys()


def test_every_part_of_the_state_has_its_type_and_no_name_has_two() -> None:
    source = STATE.read_text("utf-8")
    body = CLASS.findall(source)[0]
    constructor = dict(METHOD.findall(body))["constructor"]
    assert {
        "run",
        "choice",
        "look",
        "layout",
        "typed",
        "draft",
        "asking",
        "travel",
        "learning",
        "together",
        "forms",
    } == {name for name, _ in ASSIGNED.findall(constructor)}
    typed = dict(re.findall(r"/\*\* @type \{(.+)\}.* \*/\n    this\.\w+ = (.*)", constructor))
    assert len(typed) == len(ASSIGNED.findall(constructor))
    defined = re.findall(r"@typedef \{object\} (\w+)", source)
    assert [name for name in typed if name in defined] == defined
    names = re.findall(r"@property \{.+\} \[?(\w+)", source)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("part", ["choice", "look", "draft", "asking", "travel"])
def test_pages_keep_nothing_in_the_state_that_it_does_not_name(part: str) -> None:
    source = STATE.read_text("utf-8")
    defined = re.split(rf"@typedef \{{object\}} {part.capitalize()}\b", source)[1]
    named = set(re.findall(r"@property \{.+\} \[?(\w+)", defined.partition("*/")[0]))
    pages = "\n".join(file.read_text("utf-8") for file in [STATE, *MODULES] if file.parent.name != "panels")
    used = set(re.findall(rf"(?<!/)\b{part}\.(\w+)", pages))
    taken = re.findall(rf"const \{{ (.*?) \}} = (?:\w+\.)*{part};", pages)
    assigned = re.findall(rf"Object\.assign\((?:\w+\.)*{part}, \{{ (.*?) \}}\)", pages)
    assert used | set(KEY.findall(", ".join([*taken, *assigned]))) == named
