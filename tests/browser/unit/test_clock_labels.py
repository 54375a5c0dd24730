"""Labels of the clock on a phone: whatever marks a page has, no label is written over another or over the readout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from looped.export.bundle import ASSETS

Module = Callable[..., Any]
STYLE = (ASSETS / "microscope.css").read_text("utf-8")
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
BODY = """
const [style, loops, marks, runs] = x;
const { LoopClock } = await import("http://modules.test/core/clock.js");
const { View } = await import("http://modules.test/core/view.js");
const clock = new LoopClock(() => {});
clock.loops = loops;
const bar = new m.ClockBar(clock);
bar.runs = runs.map(([letter, loops, passes]) =>
  Object.assign(Object.create(View.prototype), { letter, loops, meta: { passes } }));
document.head.innerHTML = `<style>${style} body { margin: 0 20px; font-family: sans-serif }</style>`;
const root = document.createElement("div");
root.className = "ls";
root.append(bar.root);
document.body.replaceChildren(root);
bar.show(1);
bar.setMarks(marks);
bar.spread();
const box = (part) => {
  const text = document.createRange();
  text.selectNodeContents(part);
  const { left, right, top, bottom } = text.getBoundingClientRect();
  return [left, right, top, bottom];
};
const labels = [...bar.marks.querySelectorAll("b")].filter((text) => text.style.visibility !== "hidden");
const found = [bar.now, ...labels].map((part) => [part.innerText, ...box(part)]);
document.head.replaceChildren();
return [found, bar.root.getBoundingClientRect().bottom];
"""
LAYERS = {"loop": "layer", "loops": "layers"}
RIGHT, TRAINED = "first right behind “=”", [11, "trained", "trained"]
ALONE = [TRAINED, [4, "right", RIGHT], [4, "settled", "last change"], [4, "cell", "this position settled"]]
COMPARED = [
    *(TRAINED, [5, "right", f"A {RIGHT}"], [5, "settled", "A last change"], [5, "right", f"B {RIGHT}"]),
    *([6, "settled", "B last change"], [1, "versus", "disagree"]),
]
OF_PAGES: dict[str, tuple[int, list[Any], list[Any]]] = {
    "sequences": (12, ALONE, []),
    "sequences, compared": (12, COMPARED, [["A", 12, None], ["B", 6, LAYERS]]),
    "sequences, at the end": (12, [[12, *rest] for _, *rest in ALONE], []),
    "sudoku": (32, [[24, "trained", "trained"], [22, "right", "first right"], [22, "cell", "this cell settled"]], []),
    "paths": (32, [[30, kind, words] for _, kind, words in ALONE[1:]], []),
    "lost": (
        24,
        [*ALONE[1:], [9, "lost", "lost behind “=”"], [10, "guess", "your guess"], [11, "truth", "the model"]],
        [],
    ),
}


@pytest.fixture(params=[PHONE, LAPTOP], ids=["phone", "laptop"])
def screen(request: pytest.FixtureRequest, blank: Page) -> Page:
    blank.set_viewport_size(request.param)
    return blank


@pytest.mark.parametrize("page", OF_PAGES)
def test_no_label_runs_over_another_or_over_the_readout(module: Module, screen: Page, page: str) -> None:
    loops, marks, runs = OF_PAGES[page]
    found, end = module("pages/clockbar.js", BODY, [STYLE, loops, marks, runs])
    assert len(found) > 1
    for i, (words, left, right, top, bottom) in enumerate(found):
        assert left >= 0, words
        assert bottom <= end + 1, words
        for other, begin, stop, above, below in found[i + 1 :]:
            meet = min(right, stop) - max(left, begin), min(bottom, below) - max(top, above)
            assert meet[0] <= 0 or meet[1] <= 3, (words, other, meet)  # lines of text stand close, and lose no sign


@pytest.mark.parametrize("page", ["sequences", "sequences, compared"])
def test_labels_that_are_wider_than_the_track_are_wholly_said(module: Module, screen: Page, page: str) -> None:
    loops, marks, runs = OF_PAGES[page]
    found, _ = module("pages/clockbar.js", BODY, [STYLE, loops, marks, runs])
    said = " ".join(" ".join(words.split()) for words, *_ in found[1:])
    for _, _, words in marks:
        assert words in said
