"""A task that no room but its own knows: asked for, run, packed and exported as every other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.export.folder import export
from looped.serving.engine import Engine
from looped.serving.request import Request, answer, first_view, from_link, shown_by
from looped.serving.views import message_bytes
from looped.tasks import registry
from looped.tasks.protocol import Layout, Terms
from tests.tasks.repeating import Repeating, toy_page

PAGE = toy_page("lights", "lights-tmlt", "Three lamps, each with two wires.", "lamps")


@dataclass(frozen=True)
class Lamps:
    wires: tuple[int, ...]
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(map(str, self.wires))


class Lights(Repeating[Lamps]):
    """Three lamps with two wires each: a lamp is a place, its wires are positions; the answer repeats the wires."""

    name = kind = "lights"
    length, vocab = 6, 2
    usual, things, columns = "any wires", "rows of lamps", ("wires",)
    verifiable, many_tokens = True, False
    examples = (("on", "010101"),)
    page = PAGE
    terms = Terms(place="lamp", places="lamps", face="row of lamps")

    def parse(self, text: str) -> Lamps:
        if len(text) != 6 or not set(text) <= {"0", "1"}:
            raise ValueError("Type six wires, each 0 or 1.")
        return Lamps(tuple(map(int, text)))

    def encode(self, parsed: Lamps) -> np.ndarray:
        return np.array(parsed.wires)

    def sign(self, token: int) -> str:
        return "○●"[token]

    def place(self, tokens: Any, position: int) -> str:
        return f"wire {position % 2 + 1} of lamp {position // 2 + 1}"

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Any, Any]:
        wires = np.random.default_rng(seed).integers(2, size=(count, 6))
        return wires, wires

    def facts(self, parsed: Lamps) -> dict[str, Any]:
        return {"solution": list(parsed.wires), "judged": True, "lamps": 3}

    def layout(self, tokens: Any) -> Layout:
        names = ("lamp 1", "lamp 2", "lamp 3")
        return Layout(((0, 1, 2),), ("the lamps",), names, ("○", "●"), 0, tokens=((0, 1), (2, 3), (4, 5)))


@pytest.fixture
def engine(make_model: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine with checkpoints of the new task, and one of Sudoku."""
    known = registry.makers()
    monkeypatch.setattr(registry, "makers", lambda: known | {"lights": Lights})
    for kind in ("looped", "tmlt"):
        model = make_model(architecture=kind, vocab=2, length=6, trained_loops=3, d_model=16, injection=True)
        save_checkpoint(tmp_path / f"lights-{kind}", model, "lights", training={}, scores=[])
    board = make_model(architecture="tmlt", positions="board", box=(2, 2), injection=True)
    save_checkpoint(tmp_path / "sudoku4-tmlt", board, "sudoku4", training={}, scores=[])
    yield Engine(tmp_path)
    registry.get.cache_clear()


def meta_of(message: bytes) -> dict[str, Any]:
    length = int.from_bytes(message[:8], "little")
    found: dict[str, Any] = json.loads(json.loads(message[8 : 8 + length])["__metadata__"]["meta"])
    return found


def test_its_first_view_is_an_example_with_its_welcome(engine: Engine) -> None:
    now = first_view(engine, PAGE)
    assert (now.checkpoint, now.input.text, now.message) == (
        "lights-tmlt",
        "010101",
        {"kind": "info", "text": PAGE.welcome},
    )


def test_its_message_says_its_words(engine: Engine) -> None:
    now = from_link(engine, PAGE, {"checkpoint": "lights-looped", "puzzle": "110011", "versus": "lights-tmlt"})
    message = message_bytes(engine, now)
    meta = meta_of(message)
    assert (meta["page"], meta["puzzle"], meta["lamps"]) == ("lights", "110011", 3)
    assert (meta["terms"]["place"], meta["terms"]["face"]) == ("lamp", "row of lamps")
    assert [run["name"] for run in meta["runs"]] == ["lights-looped", "lights-tmlt"]
    assert [entry["name"] for entry in meta["checkpoints"] if "~" not in entry["name"]] == [
        "lights-looped",
        "lights-tmlt",
    ]
    assert "0/unseen" not in load(message)  # every position stands on the screen: none is padding


def test_wrong_text_is_answered_with_its_own_sentence(engine: Engine) -> None:
    before = first_view(engine, PAGE)
    now = answer(engine, PAGE, before, Request("lamp", "lights-tmlt", 3, number=1))
    assert now.message == {"kind": "error", "text": "Type six wires, each 0 or 1."}
    assert now.input == before.input


def test_a_checkpoint_of_another_page_is_none_of_its_own(engine: Engine) -> None:
    before = first_view(engine, PAGE)
    now = answer(engine, PAGE, before, Request("010101", "sudoku4-tmlt", 3, number=1))
    assert now.message is not None
    assert now.message["text"] == (
        "'sudoku4-tmlt' is on the page Sudoku; choose a checkpoint of this page from the list."
    )
    assert shown_by(engine, {"checkpoint": "lights-tmlt"}).input.text == "010101"


def test_it_is_exported_with_what_every_run_has(engine: Engine, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(str(engine.catalogue / "lights-looped"))
    export(checkpoint, "110011", tmp_path / "out", loops=2)
    names = {file.stem for file in (tmp_path / "out" / "figures").glob("*.csv")}
    assert names == {"hidden-states", "convergence", "readout", "attention-matrix"}
    with pytest.raises(ValueError, match=r"^there is no lamp 6: lamps are counted from 0 to 5\.$"):
        export(checkpoint, "110011", tmp_path / "other", cell=6)


def test_an_unknown_kind_is_an_error_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^there is no task called 'lights'"):
        tasks.get("lights")
