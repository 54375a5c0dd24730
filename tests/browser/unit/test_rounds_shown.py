"""A search around a looped net on the Sudoku page: its clock, its sets and its sentences, from the message alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sudokus import Module, message, run, tiny

from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.lenses.rounds import rounds
from looped.model.lattice import Lattice, LatticeConfig
from looped.runs.trace import record
from looped.serving.engine import Engine
from looped.serving.request import from_link
from looped.serving.rounds import told
from looped.tasks.sudoku.page import PAGE

BOARD, LOOPS, ROUND = "4......2...33...", 12, 2
LOOK = """
receive(0);
const { view } = page.seen(0), n = 16, out = [];
const shows = () => [...page.facePanel.showSelect.options].map((one) => one.value);
const choices = shows();
page.state.look.show = "sets";
for (let t = 0; t <= view.loops; t++) {
  page.clock.go(t);
  await painted();
  const { round, slider } = page.clockBar;
  const one = { round: round.hidden ? null : round.textContent, slider: slider.getAttribute("aria-valuetext"),
    said: page.describeFace(page.seen(0)), cells: page.faceWords(page.seen(0)) };
  if (t && view.arrays.sets) Object.assign(one, { left: Array.from({ length: n }, (_, i) => view.left(t, i)),
    guess: Array.from({ length: n }, (_, i) => view.guess(t, i)) });
  out.push(one);
}
return { choices, out };
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The tiny models, and a small search that removes, guesses and takes back."""
    tiny(tmp_path)
    torch.manual_seed(0)
    net = Lattice(LatticeConfig("lattice", LOOPS, (2, 2), width=8, contests=2, hidden=8, round=ROUND))
    with torch.no_grad():
        for head in (net.stays, net.clash):
            head.weight.normal_(std=0.5)
    save_checkpoint(tmp_path / "sudoku4-lattice", net, "sudoku4", {}, [], torch.float32)
    return Engine(tmp_path)


def looked(module: Module, engine: Engine, checkpoint: str) -> Any:
    shown = from_link(engine, PAGE, {"checkpoint": checkpoint, "puzzle": BOARD, "loops": str(LOOPS)})
    return run(module, [message(engine, shown)], LOOK)


def test_the_page_tells_rounds_and_sets_as_the_run_has_them(module: Module, engine: Engine, tmp_path: Path) -> None:
    found = looked(module, engine, "sudoku4-lattice")
    checkpoint = load_checkpoint(str(tmp_path / "sudoku4-lattice"))
    tokens = checkpoint.task.encode(checkpoint.task.parse(BOARD))
    trace = record(checkpoint.model, tokens, LOOPS)
    searched = rounds(trace)
    assert searched is not None
    assert len(set(searched.event.tolist())) > 2, "the run does nothing that could be told wrongly"
    assert "sets" in found["choices"]
    before, *loops = found["out"]
    assert before["round"] is None
    assert before["slider"] == f"loop 0 of {LOOPS}"
    for t, one in enumerate(loops, start=1):
        number = (t - 1) // ROUND
        words = f"round {number + 1} · loop {(t - 1) % ROUND + 1} of {ROUND}"
        assert one["round"] == words
        assert one["slider"] == f"loop {t} of {LOOPS}, {words}"
        assert told(searched, number, checkpoint.task, tokens) in one["said"]
        left = [(1 + np.flatnonzero(cell)).tolist() for cell in searched.left[number]]
        assert one["left"] == left
        assert one["guess"] == searched.guessed[number].tolist()
        assert ("In a dashed frame: a guess." in one["said"]) == bool(searched.guessed[number].any())
        for cell in np.flatnonzero(tokens == 0):
            words = f"left: {' '.join(map(str, left[cell]))}" if left[cell] else "no candidate left"
            assert words in one["cells"][cell]
            assert ("guessed" in one["cells"][cell]) == bool(searched.guessed[number][cell] and left[cell])


def test_of_another_model_nothing_is_said_of_rounds(module: Module, engine: Engine) -> None:
    found = looked(module, engine, "sudoku4-looped")
    assert "sets" not in found["choices"]
    for one in found["out"]:
        assert one["round"] is None
        assert "round" not in one["slider"]
        assert "Before round" not in one["said"]
        assert not any("left" in words for words in one["cells"])
