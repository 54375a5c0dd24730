"""A run as one file: it steps, plays, selects and shows panels with no server; made in the browser and by Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

SHOWN = "document.querySelector('[data-testid=microscope]')?.dataset.traces > 0"


@pytest.fixture
def saved(scope: Scope, new_context: Callable[..., BrowserContext], tmp_path: Path) -> Iterator[Page]:
    """The file that Share, Save as page gives for a board at loop 5, opened where there is no network."""
    scope.open(loop=5, cell=40)
    says = scope.says("board")
    with scope.page.expect_download() as download:
        scope.menu("Share", "Save as page: One file that steps, plays and shows every panel without a server")
    file = tmp_path / "run.html"
    download.value.save_as(file)
    context = new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    page.wait_for_function(SHOWN)
    expect(page.locator("[data-panel=board] .ls-says")).to_have_text(says, use_inner_text=True)
    yield page
    assert errors == []


def test_a_saved_page_steps_plays_and_selects(saved: Page) -> None:
    clock = saved.get_by_test_id("loop-clock")
    expect(clock).to_have_attribute("data-loop", "5")
    before = saved.locator("[data-panel=attention] .ls-says").inner_text()
    saved.keyboard.press("ArrowRight")
    expect(clock).to_have_attribute("data-loop", "6")
    expect(saved.locator("[data-panel=attention] .ls-says")).not_to_have_text(before)
    saved.locator("[role=gridcell]").nth(3).click()
    expect(saved.locator("[data-panel=readout] .ls-says")).to_contain_text("Row 1, column 4")
    saved.get_by_role("combobox", name="Speed").select_option("16")
    saved.get_by_test_id("play").click()
    expect(clock).to_have_attribute("data-loop", "32")


def test_a_saved_page_shows_every_panel_that_needs_no_server(saved: Page) -> None:
    saved.locator(".ls-bar summary:text-is('Panels')").click()
    for title in ("Attention by rule", "Distance to the end", "Orbits", "Fixed point", "Timesteps compared", "Halting"):
        saved.get_by_title(f"Show {title}", exact=True).check()
    for name in ("rules", "distances", "orbits", "fixed", "encoding", "exits"):
        expect(saved.locator(f"[data-panel={name}] canvas")).to_be_visible()
        expect(saved.locator(f"[data-panel={name}] .ls-says")).not_to_be_empty()
    saved.locator(".ls-bar summary:text-is('Ask')").click()
    questions = saved.locator(".ls-why .ls-list button:not([hidden])").all_inner_texts()
    assert "Do the heads know the rules?" in questions
    assert "What if the run were different?" not in questions
    assert "Which clue decided this cell?" not in questions
    expect(saved.locator(".ls-begin:visible")).to_have_count(0)
    saved.locator(".ls-bar summary:text-is('Panels')").click()
    for title, name in (("Probes", "probes"), ("What if", "whatif")):
        expect(saved.get_by_title(f"Show {title}", exact=True)).to_be_disabled()
        expect(saved.locator(f"#ls-why-{name}")).to_have_text("It is not in this saved page.")


def test_a_saved_page_says_that_it_shows_one_run(saved: Page) -> None:
    saved.locator("[role=gridcell]").nth(3).click()
    saved.keyboard.press("4")
    expect(saved.get_by_test_id("message")).to_contain_text("This page is saved: it shows one run.")
    expect(saved.get_by_test_id("paste")).to_be_hidden()
    expect(saved.locator("#ls-checkpoint")).to_be_disabled()
