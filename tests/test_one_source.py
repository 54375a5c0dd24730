"""One source of science: statements about a model are computed by lenses; the browser decodes, scales, draws and words.

What can be checked of that without running it: the panels and pages take no logarithm, exponential, norm, sum or order
of numbers, except where a line of the allow list says what for.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MICROSCOPE = ROOT / "assets" / "microscope"
MODULES = sorted(
    file
    for folder in ("core", "draw", "panels", "ask", "theory", "pages")
    for file in (MICROSCOPE / folder).glob("*.js")
)
# The last three: an even share, the larger of two numbers of an answer, and a share that is cut off at zero.
MATHS = re.compile(
    r"Math\.(?:exp|log|log2|log10|hypot)\b|\.(?:reduce|sort)\(|\b(?:softmax|argmax|entropy|cosines)\("
    r"|(?<![.\d])1 / [a-z]|Math\.max\((?:0, )?(?:entry\(|asked\.)"
)
# Module → what it may use, and what for.
ALLOWED = {
    "core/arrays.js": {".reduce(": "where an entry stands; the mean over heads of an attention map that is drawn"},
    "core/glossary.js": {".sort(": "words of the glossary, the longest first"},
    "core/rows.js": {".sort(": "rows of a table in the order that is asked for"},
    "core/view.js": {".reduce(": "how many marks are set"},
    "pages/board.js": {".sort(": "pencil marks in their order"},
    "pages/boardtext.js": {".sort(": "pencil marks in their order"},
    "pages/clockbar.js": {".sort(": "marks of the clock in their order"},
    "pages/figure.js": {"Math.hypot": "distance that a pointer has dragged"},
    "draw/intervals.js": {"Math.log10": "a logarithmic axis"},
    "draw/levels.js": {"Math.log10": "a logarithmic axis, and the steps of a plain one"},
    "pages/sudoku.js": {".sort(": "pencil marks in their order"},
    "panels/convergence.js": {"Math.log10": "a logarithmic axis"},
    "panels/descent.js": {"Math.log10": "a logarithmic scale of colours"},
    "panels/fixed.js": {"Math.log10": "a logarithmic axis"},
    "panels/flow.js": {"Math.log2": "a logarithmic scale of colours"},
    "panels/multistep.js": {
        "Math.hypot": "the scale of the plane",
        "Math.log10": "a logarithmic axis",
    },
    "panels/order.js": {"Math.hypot": "distance of the pointer"},
    "panels/scaling.js": {"Math.log2": "a logarithmic axis"},
    "panels/trajectory.js": {
        "Math.hypot": "the largest coordinate, for the scale; distance of the pointer",
        ".sort(": "signs in their order; where a sign stands among its points",
    },
    "theory/plot.js": {"Math.log10": "a logarithmic axis"},
}


LINES = {
    "percent(1 / n)": True,
    "percent(1 / reach(view, active))": True,
    "without: Math.max(entry(place, row), entry(embedded, row))": True,
    "Math.max(asked.meta.place, asked.meta.embedded)": True,
    "percent(Math.max(0, entry(array, row, ...at)))": True,
    "Math.max(view.loops, distances)": False,
    "1.1 / words.length": False,
}


@pytest.mark.parametrize(("line", "computes"), LINES.items())
def test_a_baseline_that_is_computed_is_recognised(line: str, computes: bool) -> None:
    assert bool(MATHS.search(line)) == computes


# A number above or below which something else is said of a model. What is a matter of drawing or writing is allowed.
# The last: whether an interval lies beside zero.
THRESHOLD = re.compile(r"\b[A-Z_]+ = \d*\.?\d+e-\d+|(?<!=)[<>]=? (?:0?\.\d*[1-9]|\d+e-\d+)|\b(?:low|high) [<>] 0\b")
DRAWN = {
    "core/words.js": {"< 0.01", "< 0.005", ">= 0.995", "< 1e-4", "< 0.1"},  # how a number is written
    "draw/levels.js": {"< 0.01"},
    "pages/board.js": {"< 0.01"},  # candidates that are too small to be read
    "panels/effect.js": {"< 0.01"},  # a colour
    "panels/flow.js": {"< 0.04"},
    "panels/readout.js": {"< 0.3"},  # pixels
}
COMPARED = {
    "const STILL = 1e-6; // rounding": True,
    "if (moved < 1e-6) return": True,
    "part < 0.99 ? words : nothing": True,
    "if (low > 0) return more": True,
    "later > own": False,
    "if (share < 1) return": False,
    "x > 0.5 * width": True,
}


@pytest.mark.parametrize(("line", "decides"), COMPARED.items())
def test_a_threshold_is_recognised(line: str, decides: bool) -> None:
    assert bool(THRESHOLD.search(line)) == decides


@pytest.mark.parametrize("name", [file.relative_to(MICROSCOPE).as_posix() for file in MODULES])
def test_the_browser_decides_nothing_about_a_model_by_a_threshold(name: str) -> None:
    """Whether something is rounding, exact or at rest is said by a lens; the browser chooses the words."""
    assert set(THRESHOLD.findall(code(MICROSCOPE / name))) == DRAWN.get(name, set())


def code(file: Path) -> str:
    """Return a module without its comments and strings."""
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', file.read_text("utf-8"))
    return re.sub(r"^\s*(?://|\*|/\*).*$|(?<=\s)//.*$", "", text, flags=re.MULTILINE)


def name_of(file: Path) -> str:
    return file.relative_to(MICROSCOPE).as_posix()


def test_there_are_modules() -> None:
    assert {"core/view.js", "panels/attention.js", "panels/probes.js", "pages/board.js"} <= set(map(name_of, MODULES))
    assert ALLOWED.keys() <= set(map(name_of, MODULES))


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_the_browser_computes_nothing_about_a_model(file: Path) -> None:
    assert set(MATHS.findall(code(file))) <= ALLOWED.get(name_of(file), {}).keys()


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_used(name: str) -> None:
    assert set(MATHS.findall(code(MICROSCOPE / name))) == ALLOWED[name].keys()


@pytest.mark.parametrize("file", [file for file in MODULES if file.parent.name == "panels"], ids=name_of)
def test_a_description_only_looks_up(file: Path) -> None:
    """Words are chosen by what arrays say: a description has no loop over loops, positions or tokens."""
    found = re.search(r"^  describe\(.*?^  },$", code(file), re.MULTILINE | re.DOTALL)
    assert not re.search(r"\bfor \(|\bwhile \(", found[0] if found else "")
