"""The script that a cell of a notebook loads, run as anywidget runs it: `render` is given a model and an element."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

import looped

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RENDER = """async ([script, traits]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const cell = await import(url);
  const model = { get: (name) => traits[name] };
  window.leave = cell.default.render({ model, el: document.body });
}"""


def test_a_cell_shows_a_run_and_leaves_when_it_goes(browser: Browser) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    checkpoint = looped.load("sudoku4-tmlt")
    board = checkpoint.task.encode(checkpoint.task.parse(".3244..32.3..1.2"))
    widget = looped.show(looped.record(checkpoint.model, board, loops=4), checkpoint, view="loop=2&cell=5")
    page.add_style_tag(content=widget._css)
    page.evaluate(RENDER, [widget._esm, {"data": widget.data, "query": widget.query}])
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "2")
    expect(page.locator("[data-panel=readout] .ls-says")).to_contain_text("Row 2, column 2")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    page.evaluate("window.leave()")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    assert errors == []
    page.close()
