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
  const el = document.createElement("div");
  document.body.append(el);
  window.leave = cell.default.render({ model, el });
}"""
COPIED = """(from) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", "a line of code");
  const event = new ClipboardEvent("copy", { clipboardData, bubbles: true, composed: true, cancelable: true });
  document.querySelector(from).dispatchEvent(event);
  return [clipboardData.getData("text/plain"), event.defaultPrevented];
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
    page.get_by_role("gridcell").first.focus()
    page.keyboard.press("PageDown")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    page.evaluate("window.leave()")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "3")
    assert errors == []
    page.close()


def test_a_notebook_keeps_its_address_its_keys_and_its_clipboard(browser: Browser, address: str) -> None:
    """Two cells of one notebook, which has an address with a search of its own."""
    page = browser.new_page()
    notebook = f"{address}/_stcore/health?loop=7&cell=1"
    page.goto(notebook)
    page.evaluate("document.body.innerHTML = '<div id=code tabindex=0>code</div>'")
    page.add_style_tag(content="body > div { transform: translateX(20px) }")  # as a notebook's own scrolling may
    for text, view in ((".3244..32.3..1.2", "loop=2&cell=5"), ("4.3..342......2.", "loop=3")):
        widget = looped.show("sudoku4-tmlt", text, loops=8, view=view)
        page.add_style_tag(content=widget._css)
        page.evaluate(RENDER, [widget._esm, {"data": widget.data, "query": widget.query}])
    clocks = page.get_by_test_id("loop-clock")

    def loops(*wanted: int) -> None:
        for clock, loop in zip(clocks.all(), wanted, strict=True):
            expect(clock).to_have_attribute("data-loop", str(loop))

    loops(2, 3)
    page.locator("#code").focus()
    for key in ("PageDown", "End", "p"):
        page.keyboard.press(key)
    loops(2, 3)
    assert page.evaluate(COPIED, "#code") == ["a line of code", False]
    second = page.get_by_test_id("microscope").nth(1)
    second.locator(".ls-says").first.click()  # no control: the keys are its own behind any click
    page.keyboard.press("End")
    loops(2, 8)
    page.keyboard.press("p")
    box = second.bounding_box()
    assert box == {"x": 0, "y": 0, **(page.viewport_size or {})}
    page.keyboard.press("Escape")
    expect(second).not_to_have_attribute("popover", "manual")
    assert page.evaluate(COPIED, "[data-testid=microscope]") == [".3244..32.3..1.2", True]
    second.locator("summary", has_text="Share").click()
    expect(second.get_by_role("button", name="Copy link")).to_have_count(0)
    page.wait_for_timeout(500)  # longer than a page's address rests before it follows
    assert page.url == notebook
    page.close()
