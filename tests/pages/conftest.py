"""A visitor without a browser: opens the app's router as `streamlit run app.py` does and reads the bytes it sends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from messages import read_meta, read_runs
from streamlit.testing.v1 import AppTest

from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Config, Model
from looped.serving.engine import Engine
from looped.tasks import get

ROOT = Path(__file__).resolve().parents[2]


class Visit:
    """One browser tab, as the server sees it. Every run of a page must end without an exception."""

    page = "sudoku"

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "looped/ui/router.py"), default_timeout=120)
        for key, value in query.items():
            self.app.query_params[key] = value
        self.run()

    def run(self) -> Visit:
        self.app.run()
        assert [exception.message for exception in self.app.exception] == []
        return self

    def ask(self, request: Any) -> Visit:
        """What the browser's component does: set its state value `request`."""
        self.app.session_state[f"{self.page}-microscope"] = {"request": request}
        return self.run()

    def open(self, page: str) -> Visit:
        self.page = page
        self.app.switch_page(str(ROOT / "pages" / f"{page}.py"))
        return self.run()

    @property
    def bytes(self) -> bytes:
        (component,) = self.app.get("bidi_component")
        sent: bytes = component.proto.bytes
        return sent

    @property
    def meta(self) -> dict[str, Any]:
        return read_meta(self.bytes)

    @property
    def runs(self) -> list[dict[str, np.ndarray]]:
        """The arrays of every run, by name."""
        return read_runs(self.bytes)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Those of the first run."""
        return self.runs[0]

    @property
    def about(self) -> dict[str, Any]:
        """What the metadata says of the first run."""
        found: dict[str, Any] = self.meta["runs"][0]
        return found

    @property
    def view(self) -> tuple[str, str, int]:
        """What the picture is of: input, checkpoint, loops."""
        return self.meta["puzzle"], self.about["name"], self.meta["loops"]


@pytest.fixture(scope="session")
def visit() -> Callable[..., Visit]:
    """Open the app with query parameters, in a session of its own."""
    return Visit


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine with tiny untrained checkpoints of both kinds and sizes, and a standard transformer of three layers."""
    catalogue = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for size, box in ((4, (2, 2)), (9, (3, 3))):
        for kind in ("looped", "tmlt", "standard"):
            layers = 3 if kind == "standard" else 1
            loops = layers if kind == "standard" else 4 + size
            config = Config(
                kind,
                vocab=size + 1,
                length=size * size,
                trained_loops=loops,
                layers=layers,
                d_model=16,
                heads=2,
                injection=kind != "standard",
                positions="board",
                box=box,
            )
            save_checkpoint(catalogue / f"sudoku{size}-{kind}", Model(config), f"sudoku{size}", training={}, scores=[])
    return Engine(catalogue)


@pytest.fixture(scope="session")
def sequences(tmp_path_factory: pytest.TempPathFactory, make_model: Callable[..., Model]) -> Engine:
    """An engine with tiny random checkpoints of two words and of Countdown, of all architectures, and one of Sudoku."""
    catalogue = tmp_path_factory.mktemp("sequences")
    for name in ("lcs6", "lcs8", "edit_distance6", "countdown3", "countdown4"):
        task = get(name)
        for kind in ("looped", "tmlt", "standard"):
            layers = 3 if kind == "standard" else 1
            model = make_model(
                architecture=kind,
                vocab=task.vocab,
                length=task.length,
                trained_loops=layers if kind == "standard" else 5,
                layers=layers,
                d_model=16,
                injection=kind != "standard",
                positions="halves" if task.kind == "words" else "learned",
            )
            save_checkpoint(catalogue / f"{name}-{kind}", model, name, training={}, scores=[])
    board = make_model(architecture="tmlt", positions="board", box=(2, 2), injection=True)
    save_checkpoint(catalogue / "sudoku4-tmlt", board, "sudoku4", training={}, scores=[])
    return Engine(catalogue)


@pytest.fixture
def page(visit: Callable[..., Visit], sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Visit]:
    """Open the Sequences page with query parameters, in a session of its own."""
    monkeypatch.setattr("looped.ui.view.engine", lambda: sequences)

    def come(**query: str) -> Visit:
        here = visit()
        for key, value in query.items():
            here.app.query_params[key] = value
        return here.open("sequences")

    return come
