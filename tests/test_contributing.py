"""The recipes of CONTRIBUTING.md: each is a list of files, and its example does what it says when it is put in."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import expect, sync_playwright

from looped import lenses
from looped.bench.server import CHROMIUM_ARGUMENTS, chromium
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.export import page as saved
from looped.export.bundle import read
from looped.export.folder import export
from looped.figures.saving import save
from looped.runs.trace import Trace, record
from looped.serving import packing
from looped.serving.engine import Engine
from looped.serving.message import Packed, pack_trace
from looped.serving.request import shown_by
from looped.serving.views import message_bytes
from looped.tasks import registry
from looped.tasks.protocol import Task

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (Add [^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
LENS, TASK, MODEL, FIGURE = RECIPES
SHOWN = "document.querySelector('[data-testid=microscope]')?.dataset.traces > 0"
PAINTED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}"""


def example(recipe: str, language: str = "python") -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", RECIPES[recipe], re.DOTALL)
    return str(code)


def test_every_member_of_a_task_is_in_the_recipe() -> None:
    """In the small example, in the table of what else a task may have, or as part of an offer."""
    told = set(re.findall(r"\w+", example(TASK))) | set(re.findall(r"`(\w+)`", RECIPES[TASK]))
    members = {*Task.__annotations__, *(name for name in vars(Task) if not name.startswith("_"))}
    offered = {name for name in members if re.match(r"[A-Z_]+: ", getattr(Task, name, None).__doc__ or "")}
    assert {"verdicts", "points", "splits"} <= members
    assert "sizes" in offered
    assert members - offered - told == set()


def run(recipe: str) -> dict[str, Any]:
    """What the Python of a recipe defines."""
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(example(recipe), "CONTRIBUTING.md", "exec", dont_inherit=True), space)
    return space


def shown_in_chromium(file: Path, panel: str | None) -> list[str]:
    """Open a saved page; the sentence below its face, and of a panel, which has drawn something. No error is told."""
    errors: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        tab = browser.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
        tab.goto(file.as_uri())
        tab.wait_for_function(SHOWN)
        names = ["board", *([panel] if panel else [])]
        for name in names:
            expect(tab.locator(f"[data-panel={name}] .ls-says")).not_to_be_empty()
            assert tab.locator(f"[data-panel={name}] canvas").evaluate(PAINTED)
        said = [tab.locator(f"[data-panel={name}] .ls-says").inner_text() for name in names]
        browser.close()
    assert errors == []
    return said


@pytest.fixture
def fresh_page() -> Iterator[None]:
    saved.template.cache_clear()
    yield
    saved.template.cache_clear()


def test_there_are_four_recipes_each_with_a_short_list_of_files() -> None:
    files = {recipe: re.findall(r"^\d+\. `([\w./]+)`", text, re.MULTILINE) for recipe, text in RECIPES.items()}
    assert len(files) == 4
    assert len(files[LENS]) <= 4
    assert len([file for file in files[TASK] if not file.startswith("looped/tasks/NAME/")]) <= 5
    root = Path(__file__).resolve().parents[1]
    for file in (file for names in files.values() for file in names):
        place = root / file
        assert place.exists() or ("NAME" in place.name and place.parent.exists()) or place.name == "NAME", file


@pytest.mark.parametrize("file", [*re.findall(r"^\d+\. `([\w./]*NAME[\w./]*)`", RECIPES[TASK], re.MULTILINE)])
def test_paths_has_the_files_of_the_recipe_for_a_task(file: str) -> None:
    assert (Path(__file__).resolve().parents[1] / file.replace("NAME", "paths")).exists()


@pytest.mark.usefixtures("fresh_page")
def test_a_lens_with_its_panel_is_computed_sent_and_drawn(
    make_model: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by = run(LENS)
    straightness = made_by["straightness"]

    def packed(trace: Trace, facts: Any = None) -> Packed:  # the line that the recipe adds to `pack_trace`
        made = pack_trace(trace, facts)
        extra = {"straightness": straightness(trace.hidden).astype(np.float32)}
        return made | {"arrays": made["arrays"] | extra}

    modules = read()
    panels = modules["panels/registry.js"]
    panels = panels.replace("\nimport ", '\nimport straightness from "./straightness.js";\nimport ', 1)
    panels = panels.replace("[\n", "[\n  straightness,\n", 1)
    added = modules | {"panels/straightness.js": example(LENS, "javascript"), "panels/registry.js": panels}
    monkeypatch.setattr(saved, "read", lambda: added)
    monkeypatch.setattr(packing, "pack_trace", packed)
    board = make_model(architecture="tmlt", positions="board", box=(2, 2), injection=True)
    save_checkpoint(tmp_path / "sudoku4-tmlt", board, "sudoku4", training={}, scores=[])
    engine = Engine(tmp_path)
    shown = shown_by(engine, {"checkpoint": "sudoku4-tmlt", "puzzle": ".3244..32.3..1.2", "loops": "5"})
    (tmp_path / "run.html").write_text(saved.page(message_bytes(engine, shown), "loop=4&panels=straightness"), "utf-8")
    trace = engine.trace("sudoku4-tmlt", engine.checkpoint("sudoku4-tmlt").task.encode(shown.input), 5)
    percent = 100 * straightness(trace.hidden)[3]
    monkeypatch.setattr(lenses, "NAMES", (*lenses.NAMES, "straightness"))
    monkeypatch.setitem(sys.modules, "looped.lenses.straightness", SimpleNamespace(**made_by))
    assert (lenses.missing("straightness", board), lenses.missing("straightness", trace)) == (None, None)
    _, said = shown_in_chromium(tmp_path / "run.html", "straightness")
    assert said == f"The state is {percent:.0f} % as far as it went.".replace(" %", "\N{NO-BREAK SPACE}%")


@pytest.mark.usefixtures("fresh_page")
def test_a_task_is_checked_measured_exported_and_shown(
    make_model: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parity = run(TASK)["Parity"]
    known = registry.makers()
    monkeypatch.setattr(registry, "makers", lambda: known | {"parity": parity})
    model = make_model(vocab=3, length=9, injection=True)
    save_checkpoint(tmp_path / "toys" / "parity-looped", model, "parity", training={}, scores=[], dtype=torch.float32)
    checkpoint = load_checkpoint(str(tmp_path / "toys" / "parity-looped"))
    assert 0 <= evaluate(checkpoint, loops=[3], limit=40)["accuracy"][0] <= 1
    export(checkpoint, "0110 1000", tmp_path / "out", loops=2)
    assert (tmp_path / "out" / "figures" / "readout.svg").is_file()
    engine = Engine(tmp_path / "toys")
    shown = shown_by(engine, {"checkpoint": "parity-looped", "puzzle": "0110 1000"})
    (tmp_path / "run.html").write_text(saved.page(message_bytes(engine, shown), "loop=3&panels=readout"), "utf-8")
    face, readout = shown_in_chromium(tmp_path / "run.html", "readout")
    answer = record(model, parity().encode(shown.input), 3).answers[-1]
    right = "is right" if parity().right(parity().encode(shown.input), answer) else "is not right"
    assert face.startswith(f"The answer {right}.")
    assert readout.startswith("The answer: ")
    registry.get.cache_clear()


def test_a_model_is_built_from_its_config_and_recorded() -> None:
    made = run(MODEL)
    trace = made["trace"]
    assert (trace.output_kind, trace.hidden.shape) == ("numbers", (31, 5, 8))
    assert trace.difference == 0


def test_a_figure_is_saved_in_every_format(tmp_path: Path) -> None:
    chart = run(FIGURE)["draw_straightness"](
        run(LENS)["straightness"](np.cumsum(np.ones((5, 3, 2)), axis=0)), "Straight"
    )
    written = save(chart, tmp_path / "straightness")
    assert {file.suffix for file in written} == {".svg", ".png", ".csv"}
    assert "Straight" in (tmp_path / "straightness.svg").read_text("utf-8")
