"""A Sudoku page without a server: tiny models, messages as Python packs them, and the page that paints them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Config, Model
from looped.questions import unanswerable
from looped.serving.engine import Engine
from looped.serving.request import Shown
from looped.serving.views import message_bytes

Module = Callable[..., Any]
LOOPS, LAYERS = 6, 3
BEGIN = """
const bytes = (data) => Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
const { readMessage } = await import("http://modules.test/core/message.js");
const sent = [];
document.body.replaceChildren();
const host = { ask: async function* () {}, send: (request) => sent.push(request), memory: null, links: false };
const page = new m.SudokuPage(document.body, host, readMessage(bytes(x[0])).meta);
page.attach();
const receive = (i) => page.receive(bytes(x[i]));
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""


def tiny(catalogue: Path) -> Engine:
    """Tiny untrained models of two sizes, one with two layers in its loop, and a standard transformer."""
    torch.manual_seed(0)
    for name, size, layers in (("looped", 4, 1), ("standard", 4, LAYERS), ("looped", 9, 1), ("deep", 4, 2)):
        kind, box = "looped" if name == "deep" else name, {4: (2, 2), 9: (3, 3)}[size]
        config = Config(
            kind,
            vocab=size + 1,
            length=size * size,
            trained_loops=layers if kind == "standard" else LOOPS,
            layers=layers,
            d_model=16,
            heads=2,
            injection=kind != "standard",
            positions="board",
            box=box,
        )
        save_checkpoint(catalogue / f"sudoku{size}-{name}", Model(config), f"sudoku{size}", training={}, scores=[])
    return Engine(catalogue)


def message(engine: Engine, shown: Shown) -> str:
    return base64.b64encode(message_bytes(engine, shown, unanswerable)).decode()


def run(module: Module, messages: list[str], body: str) -> Any:
    return module("pages/sudoku.js", BEGIN + body, messages)
