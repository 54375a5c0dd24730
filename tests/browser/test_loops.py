"""Loops and checkpoints are chosen; what a run says of itself; a laptop's screen and a phone's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from hands import CANVASES, EASY, PANELS, SOLUTION, inside, put
from playwright.sync_api import expect

from looped.catalogue import checkpoints

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext


def test_loops_can_be_chosen_and_wrong_numbers_are_told(scope: Scope) -> None:
    """More loops than trained are marked as such, in words; a number out of bounds is said and changes nothing."""
    scope.open(checkpoint="sudoku9-looped", loops=3)
    field = scope.page.get_by_role("spinbutton", name="Loops")
    beyond = "() => getComputedStyle(document.querySelector('[data-testid=loop-clock] .ls-now'), '::after').content"
    expect(scope.clock).not_to_have_class(re.compile("ls-beyond"))
    assert "beyond" not in scope.page.evaluate(beyond)

    def choose(loops: str) -> None:
        field.fill(loops)
        field.press("Enter")

    trained = checkpoints.load_checkpoint("sudoku9-looped").config.trained_loops
    scope.asking(lambda: choose(str(trained + 4)))
    scope.at_loop(trained + 4)  # the clock was at the end and stays there
    expect(scope.clock).to_have_class(re.compile("ls-beyond"))
    assert "beyond training" in scope.page.evaluate(beyond)
    expect(scope.page.locator(".ls-bar > .ls-note")).to_have_text(f"{trained} trained")
    expect(scope.page.locator(".ls-bar > .ls-note")).to_have_attribute(
        "title", f"4 loops beyond the {trained} that training used"
    )
    scope.slider.fill(str(trained))
    scope.at_loop(trained)
    expect(scope.clock).not_to_have_class(re.compile("ls-beyond"))
    for wrong in ("0", "257", "-1", "2.5", ""):
        choose(wrong)
        expect(scope.message).to_contain_text("from 1 to 256")
        expect(field).to_have_value(str(trained + 4))
    scope.wait_for_query(loops=trained + 4, loop=trained)


def test_truth_badge(scope: Scope) -> None:
    """The page says how far the recorded run is from the plain one, which weights ran, and on what."""
    scope.open(checkpoint="sudoku9-looped", loops=8)
    badge = scope.page.get_by_test_id("truth-badge")
    expect(badge).to_contain_text("Recorded; held against the plain forward when this line is on screen.")
    badge.scroll_into_view_if_needed()
    expect(badge).to_contain_text("Recorded = computed:")
    text = badge.inner_text()
    assert float(re.search(r"max \|Δ\| ([\d.e+-]+)", text)[1]) < 1e-3
    checkpoint = checkpoints.load_checkpoint("sudoku9-looped")
    assert checkpoint.sha256[:12] in text
    assert "sudoku9-looped" in text
    assert f"{checkpoint.model.parameters_count:,} parameters" in text
    assert re.search(r"on (cpu|cuda)", text)


def test_timestep_panel_explains_itself(scope: Scope) -> None:
    """A looped checkpoint has no scales: words instead of an empty picture.
    A TMLT draws them, and the page goes from one to the other."""
    scope.open(checkpoint="sudoku9-looped", loops=4)
    words = scope.panel("timestep").get_by_text("This checkpoint has no timestep encoding")
    expect(words).to_contain_text("every loop applies exactly the same function")
    expect(scope.canvas("timestep")).to_be_hidden()
    scope.asking(lambda: scope.pick("Checkpoint", "sudoku9-standard"))
    expect(words).to_contain_text("layers with weights of their own")
    expect(scope.page.locator(".ls-bar > .ls-note")).to_have_text("6 layers")
    scope.asking(lambda: scope.pick("Checkpoint", "sudoku9-tmlt"))
    expect(scope.canvas("timestep")).to_be_visible()
    expect(words).to_be_hidden()
    expect(scope.panel("timestep")).to_contain_text("strength")
    colours = scope.canvas("timestep").evaluate(
        """(canvas) => {
             const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
             return new Set(new Uint32Array(image.data.buffer)).size;
           }"""
    )
    assert colours > 20  # curves and strips, not an empty frame
    assert scope.entry == EASY  # the board stays when it fits


def test_laptop_shows_board_and_clock_without_scrolling(scope: Scope) -> None:
    """1366×768: the whole board and the whole clock are on the screen, before and after a message, and beside every
    panel."""
    scope.open()
    assert scope.panels == list(PANELS)
    for name in CANVASES:
        scope.panel(name).scroll_into_view_if_needed()
        assert inside(scope.page.get_by_role("grid")), name
        assert inside(scope.clock), name
    scope.page.get_by_test_id("paste").scroll_into_view_if_needed()
    assert scope.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    scope.choose(0)
    scope.asking(lambda: scope.press(EASY[2]))
    expect(scope.message).to_be_visible()
    assert inside(scope.message)
    assert inside(scope.clock)


def test_phone_held_upright(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """390×844, touch: nothing scrolls sideways, the clock is always on screen, and the key pad enters digits."""
    phone = new_scope(
        address,
        new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2),
    )
    phone.open(loops=4)
    narrow = """document.documentElement.scrollWidth <= document.documentElement.clientWidth
      && [...document.querySelectorAll("[data-testid=microscope] *")]
           .every((part) => !part.checkVisibility() || part.getBoundingClientRect().right <= innerWidth + 1)"""
    assert phone.page.evaluate(narrow)
    assert inside(phone.clock)
    phone.cell(0).tap()
    phone.asking(lambda: phone.button(f"Enter {SOLUTION[0]}").tap())
    phone.wait_for_entry(put(EASY, 0, SOLUTION[0]))
    phone.asking(lambda: phone.button("Erase").tap())
    phone.wait_for_entry(EASY)
    phone.canvas("timestep").scroll_into_view_if_needed()
    assert inside(phone.clock)
    assert phone.page.evaluate(narrow)
    for name in ("attention", "Panels", "Share"):
        phone.summary(name).scroll_into_view_if_needed()
        phone.summary(name).tap()
        assert phone.page.evaluate(narrow), name
        expect(phone.summary(name).locator("..").get_by_role("button").first).to_be_visible()
        phone.summary(name).tap()
    for query in (
        {"versus": "sudoku9-looped", "range": "1-3"},
        {"present": "board"},
        {"present": "attention", "versus": "sudoku9-looped"},
    ):
        phone.open(loops=4, **query)
        assert phone.page.evaluate(narrow), query
        assert inside(phone.clock), query
