"""Models unlike the family on a page that needs no server: what applies is drawn, and what does not says why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from looped.export.page import page
from looped.serving.engine import Engine
from looped.serving.request import from_link
from looped.serving.views import message_bytes
from looped.tasks import registry
from tests.model.toys import TOYS, registered
from tests.serving.toy_tasks import PAGE, folder_of, make_catalogue, text_of

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

SHOWN = "document.querySelector('[data-testid=microscope]')?.dataset.traces > 0"
PAINTED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}"""
ALWAYS = ["trajectory", "convergence", "distances", "orbits", "fixed"]
DRAWN = {  # of the panels that need no server
    "regression": [*ALWAYS, "exits"],
    "causal": [*ALWAYS, "attention", "readout", "whole", "exits", "rules"],
    "two states": [*ALWAYS, "readout", "whole", "exits"],
    "ring": [*ALWAYS, "attention", "readout", "whole", "exits", "rules"],
    "pencil marks": [*ALWAYS, "readout", "whole", "exits"],
}
ATTENTION = (
    "There is nothing to draw: this panel needs attention from every position to every position "
    "or attention kept for each neighbour, which was not observed in this run."
)
LOGITS = "There is nothing to draw: this panel needs classes or next tokens as output; this model predicts numbers."
SCALES = "This checkpoint has no timestep encoding"
EMPTY = {
    "regression": {"attention": ATTENTION, "readout": LOGITS, "whole": LOGITS, "timestep": "timestep"},
    "causal": {"timestep": "timestep", "encoding": SCALES},
    "two states": {"attention": ATTENTION, "rules": ATTENTION, "timestep": "timestep"},
    "ring": {"timestep": "timestep", "encoding": SCALES},
    "pencil marks": {"attention": ATTENTION, "rules": ATTENTION, "timestep": "timestep"},
}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with registered():
        yield Engine(make_catalogue(tmp_path / "toys", monkeypatch))
    registry.get.cache_clear()


@pytest.fixture
def show(engine: Engine, new_context: Callable[..., BrowserContext], tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open the saved page of a toy with some panels, where there is no network; no error is reported there."""
    errors: list[str] = []

    def open_page(name: str, panels: list[str], **query: str) -> Page:
        asked = {"checkpoint": folder_of(name), "puzzle": text_of(name)} | query
        file = tmp_path / "run.html"
        message = message_bytes(engine, from_link(engine, PAGE, asked))
        file.write_text(page(message, f"loop=3&panels={','.join(panels)}"), "utf-8")
        shown = new_context(offline=True).new_page()
        shown.on("pageerror", lambda error: errors.append(str(error)))
        shown.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        shown.goto(file.as_uri())
        shown.wait_for_function(SHOWN)
        return shown

    yield open_page
    assert errors == []


@pytest.mark.parametrize("name", TOYS)
def test_panels_that_apply_are_drawn_and_the_others_say_why(name: str, show: Callable[..., Page]) -> None:
    shown = show(name, [*DRAWN[name], *EMPTY[name]])
    for panel in DRAWN[name]:
        expect(shown.locator(f"[data-panel={panel}] .ls-says")).not_to_be_empty()
        assert shown.locator(f"[data-panel={panel}] canvas").evaluate(PAINTED), panel
    for panel, reason in EMPTY[name].items():
        expect(shown.locator(f"[data-panel={panel}] .ls-none")).to_contain_text(reason)
        expect(shown.locator(f"[data-panel={panel}] canvas")).to_be_hidden()


@pytest.mark.parametrize("name", TOYS)
def test_the_clock_steps_and_the_face_says_what_is_answered(name: str, show: Callable[..., Page]) -> None:
    shown = show(name, ["convergence"])
    clock, first = shown.get_by_test_id("loop-clock"), shown.locator("[role=gridcell]").first
    expect(clock).to_have_attribute("data-loop", "3")
    expect(first).to_have_attribute("aria-label", re.compile(r"^place 1, model says "))
    for key, loop in (("Home", "0"), ("ArrowRight", "1"), ("End", "4")):
        shown.keyboard.press(key)
        expect(clock).to_have_attribute("data-loop", loop)
    says = shown.locator("[data-panel=board] .ls-says")
    expect(says).to_contain_text("The answer is ")
    if name == "regression":
        expect(says).to_contain_text("the model gives a number at 9 positions.")


def test_the_face_shows_the_numbers_that_were_sent(show: Callable[..., Page], engine: Engine) -> None:
    shown = show("regression", ["convergence"])
    task = engine.checkpoint("regression").task
    said = engine.trace("regression", task.encode(task.parse(text_of("regression"))), 8).predictions[2, :, 0]
    words = shown.locator("[role=gridcell]").evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    assert words == [f"place {i + 1}, model says {number:.2f}" for i, number in enumerate(said)], json.dumps(words)


def test_two_runs_that_answer_with_numbers_are_compared(show: Callable[..., Page]) -> None:
    shown = show("regression", ["trajectory", "convergence"], versus="regression~untrained")
    expect(shown.get_by_test_id("verdict")).to_contain_text("They first disagree at loop 1")
    shown.get_by_label("Show on the input and answer").select_option("versus")
    assert shown.locator("[data-panel=board] canvas").nth(1).evaluate(PAINTED)
