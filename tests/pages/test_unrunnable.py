"""A view that cannot be run, and folders of one's own: the page stays, with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import looped.ui.view
from looped.serving.engine import Engine
from looped.serving.request import Shown
from looped.serving.views import WhyNot, message_bytes

Open = Callable[..., Any]


def test_a_change_that_the_models_numbers_do_not_bear_keeps_the_last_picture(
    visit: Open, monkeypatch: pytest.MonkeyPatch, small: Engine
) -> None:
    def bearing(engine: Engine, shown: Shown, why_not: WhyNot) -> bytes:
        if "cut=1" in shown.checkpoint:
            raise ValueError("in loop 1 the numbers of the model are no longer finite.")
        return message_bytes(engine, shown, why_not)

    monkeypatch.setattr("looped.ui.view.engine", lambda: small)
    monkeypatch.setattr(looped.ui.view, "message_bytes", bearing)
    here = visit(checkpoint="sudoku4-looped~cut=1").open("sudoku")  # by a link: there is no last picture
    assert here.meta["message"]["text"].startswith("This cannot be run: in loop 1 the numbers")
    here = visit(checkpoint="sudoku4-looped", loops="2").open("sudoku")
    before = here.view
    request = {"puzzle": before[0], "checkpoint": "sudoku4-looped~cut=1", "loops": 2, "number": 1}
    here.ask(request)
    assert here.view == before
    assert here.meta["request"] == 1
    assert here.meta["message"]["text"].startswith("This cannot be run: in loop 1 the numbers")


def test_a_bad_folder_is_named_on_its_own_page_and_on_models(
    visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_checkpoint: Callable[..., Path]
) -> None:
    make_checkpoint(tmp_path / "sudoku4-good")
    (make_checkpoint(tmp_path / "sudoku4-bad") / "log.csv").write_text("not,a,log\n1,2,3\n", "utf-8")
    engine = Engine(tmp_path)
    for page in ("view", "models"):
        monkeypatch.setattr(f"looped.ui.{page}.engine", lambda: engine)
    said = 'sudoku4-bad/log.csv: it has no column called "step".'
    assert said in visit().open("sudoku").meta["message"]["text"]
    models = visit().open("models")
    assert [warning.value for warning in models.app.warning] == [said]
    assert models.app.selectbox(key="model").options == ["sudoku4-good"]


def test_a_card_loads_no_picture_from_elsewhere(
    visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_checkpoint: Callable[..., Path]
) -> None:
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    card = "# mine\n\n![a](https://x.example/a.png) !![b][ref] text!\n\n[ref]: https://x.example/b.png"
    (folder / "README.md").write_text(card, "utf-8")
    monkeypatch.setattr("looped.ui.models.engine", lambda: Engine(tmp_path))
    shown = visit().open("models").app.markdown[0].value
    assert "![" not in shown
    assert "[a](https://x.example/a.png) [b][ref] text!" in shown  # what is a link can still be followed
    assert json.dumps(shown).count("https://") == 2
