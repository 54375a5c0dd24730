"""The page Theory in Chromium: the clock, hands on the input and the function, links, files, and axe."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from safetensors.numpy import load
from test_accessibility import examined

from looped.experiments.rates import RATES, run
from looped.theory.lab import Lab, read, show

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

SMALL = {"v": "1", **Lab(cells=4).query()}  # 132 loops
SHOWN = """(loop) => document.querySelector("[data-testid=microscope]")?.dataset.loop === String(loop)
  && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """
LOOPS = 132


@pytest.fixture
def theory(address: str, new_scope: Callable[..., Scope]) -> Callable[..., Scope]:
    """Open a link to the page, and wait until it is painted."""

    def come(**query: Any) -> Scope:
        scope = new_scope(address)
        asked = "&".join(f"{name}={value}" for name, value in (SMALL | query).items())
        scope.page.goto(f"{address}/theory?{asked}")
        scope.page.wait_for_function(SHOWN, arg=query.get("loop", 0))
        scope.painted()
        return scope

    return come


def rested(scope: Scope) -> Lab:
    """The setting in the address bar, once the server has answered and the clock rests."""
    scope.painted()
    scope.page.wait_for_function(
        "!document.querySelector('[data-testid=microscope]').matches('[data-busy], [data-writing]')"
    )
    return read(scope.query)


def test_one_clock_drives_the_machine_and_asks_the_server_nothing(theory: Callable[..., Scope]) -> None:
    scope = theory()
    before = len([one for one in scope.frames if one[0] == "sent"])
    assert scope.says("stages") == "Nothing has run yet. Press play."
    assert scope.says("tokens") == "No cell is read yet: x₁ = 0.70 and x₂ = 0.20 start at 0."
    scope.press("ArrowRight", "ArrowRight")
    assert scope.says("tokens") == "Cells so far: 2 for x₁ = 0.70 and 0 for x₂ = 0.20."
    scope.press("ArrowRight")
    assert scope.says("tokens") == "x₁ = 0.70 is in cell 2 and x₂ = 0.20 is in cell 0."
    scope.press("End")
    assert "All 132 loops have run" in scope.says("stages")
    found = show(Lab(cells=4)).arrays["missed"]
    told = [float(number) for number in re.findall(r"0\.\d+", scope.says("elevator"))]
    assert told == pytest.approx([found[1].max(), found[0].max()], rel=0.05)  # two digits are written
    ends = scope.pixels("elevator", "error")
    scope.press("Home")
    starts = scope.pixels("elevator", "error")
    assert starts["elevator"] != ends["elevator"]
    assert starts["error"] == ends["error"]
    assert len([one for one in scope.frames if one[0] == "sent"]) == before
    scope.press("p")
    scope.wait_for_query(present="elevator")
    assert scope.panels == ["elevator"]
    scope.press("n")
    assert scope.panels == ["context"]
    scope.press("Escape")
    assert len(scope.panels) == 11


def test_hands_on_the_input_and_the_function_are_answered_and_a_link_keeps_them(theory: Callable[..., Scope]) -> None:
    scope = theory(loop=60)
    box = scope.canvas("tokens").bounding_box()
    assert box is not None
    scope.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    scope.page.mouse.down()
    scope.page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + box["height"] / 2, steps=4)
    scope.page.mouse.up()
    assert rested(scope).x[0] > 0.9
    scope.canvas("function").focus()
    scope.press("ArrowRight", "ArrowUp")
    scope.painted()
    expect(scope.canvas("function")).to_have_attribute("aria-valuetext", "g at 0.06 is 0.24")
    lab = rested(scope)
    assert lab.token.text.startswith("drawn,0,0.24,0.37")
    assert "one of your own" in scope.says("function")
    again = theory(**lab.query() | {"loop": 60})
    assert again.says("function") == scope.says("function")
    assert again.says("error") == scope.says("error")
    scope.page.go_back()
    scope.page.wait_for_function("!new URLSearchParams(location.search).get('g').startsWith('drawn')")
    assert rested(scope).x == lab.x
    assert "sine and cosine" in scope.says("function")
    assert scope.loop == 60


def test_what_breaks_the_machine_is_marked(theory: Callable[..., Scope]) -> None:
    scope = theory(cells=3, x="0.9,0.8,0.4", loop=10)
    assert "cannot tell them apart" in scope.says("tokens")
    assert scope.says("context").count("wrong") == 3
    assert "✕" not in scope.says("context")  # said in words; the cross is drawn
    scope = theory(slope=16, x="0.74,0.2", loop=10)
    assert "wrong" in scope.says("context")


def test_the_whole_view_is_taken_away(
    theory: Callable[..., Scope], new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    scope = theory(loop=20)
    what = "A zip with figures, numbers, the page and a script that makes them again"
    with scope.page.expect_download() as started:
        scope.menu("Share", f"Export this view: {what}")
    started.value.save_as(tmp_path / "view.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "view.zip").read_bytes())) as files:
        names = {name.partition("/")[2] for name in files.namelist()}
        arrays = load(files.read("theory-loop20/numbers.safetensors"))
        page = Path(files.extract("theory-loop20/page.html", tmp_path))
    assert {"make.py", "view.txt", "figures/elevator.svg", "figures/error.csv", "figures/moduli.png"} <= names
    np.testing.assert_array_equal(arrays["0/modulated"], show(Lab(cells=4)).arrays["modulated"])
    with scope.page.expect_download() as started:
        scope.menu("tokens", "GIF: Save Tokens and their cells as an animation, loop by loop")
    started.value.save_as(tmp_path / "tokens.gif")
    with Image.open(tmp_path / "tokens.gif") as moving:
        assert moving.n_frames > 5 + 60  # every loop in which IDs are found, then every second
    saved = new_context(offline=True).new_page()
    saved.goto(page.as_uri())
    root = saved.get_by_test_id("microscope")
    expect(root).to_have_attribute("data-loop", "20")
    saved.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-loop", "21")
    expect(saved.get_by_label("Cells 1/δ")).to_be_disabled()
    saved.locator("[data-panel=tokens] canvas").click()
    expect(saved.get_by_test_id("message")).to_contain_text("This page is saved: it shows one setting.")


@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(
    theory: Callable[..., Scope], width: int
) -> None:
    scope = theory(loop=LOOPS)
    scope.page.set_viewport_size({"width": width, "height": 800})
    assert examined(scope) == []
    assert scope.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_rate_experiment_is_made_on_the_page_and_can_be_cancelled(theory: Callable[..., Scope]) -> None:
    scope = theory(rate="precision", over="loops")
    panel = scope.page.locator("[data-panel=rates]")
    expect(panel.locator(".ls-says")).to_have_text("Can δ be halved by one loop more? Nothing is measured yet.")
    panel.get_by_role("button", name="Train and measure").click()
    expect(panel.locator(".ls-says")).to_have_text(run("precision").sentence())
    expect(panel.locator(".ls-beyond")).to_have_text(f"What this does not say: {RATES['precision'].beyond}")
    assert scope.says("error").startswith("Over r, 1/δ = 4")
    panel.get_by_role("combobox").select_option("modulus")
    scope.wait_for_query(rate=None, over="loops")
    panel.get_by_role("button", name="Train and measure").click()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name="Train and measure")).to_be_visible()
    panel.get_by_role("combobox").select_option("precision")
    expect(panel.locator(".ls-says")).to_contain_text("Binary search finds the IDs")
