"""The script that a cell of a notebook loads, run as anywidget runs it: `render` is given a model and an element."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from looped.export.message import message
from looped.export.notebook import script

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RENDER = """async ([script, data]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const cell = await import(url);
  const model = { get: (name) => ({ data, query: "loop=2&cell=5" })[name] };
  window.leave = cell.default.render({ model, el: document.body });
}"""


def test_a_cell_shows_a_run_and_leaves_when_it_goes(browser: Browser) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    data = base64.b64encode(message("sudoku4-tmlt", ".3244..32.3..1.2", loops=4)).decode()
    page.evaluate(RENDER, [script(), data])
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "2")
    expect(page.locator("[data-panel=readout] .ls-says")).to_contain_text("Row 2, column 2")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    page.evaluate("window.leave()")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    assert errors == []
    page.close()
