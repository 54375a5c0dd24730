"""A search around a looped net on the Sudoku page: its clock, its sets and its sentences, from the message alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sudokus import Module, message, run, tiny

from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.lenses.rounds import AGAIN, BEGUN, GUESSED, REMOVED, STAYED, TAKEN_BACK, rounds
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


def test_the_table_of_the_board_holds_what_is_drawn(module: Module, engine: Engine, tmp_path: Path) -> None:
    """With “Candidates left”: the sets, the guess and the conflict of every loop, and what the search did."""
    body = """
    receive(0);
    page.state.look.show = "sets";
    const table = page.faceTable(page.seen(0));
    page.state.look.show = "answer";
    return [table, page.faceTable(page.seen(0)).columns];"""
    shown = from_link(engine, PAGE, {"checkpoint": "sudoku4-lattice", "puzzle": BOARD, "loops": str(LOOPS)})
    table, usual = run(module, [message(engine, shown)], body)
    checkpoint = load_checkpoint(str(tmp_path / "sudoku4-lattice"))
    trace = record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), LOOPS)
    searched = rounds(trace)
    assert searched is not None
    assert not {"candidates left", "guess", "probability of a conflict"} & set(usual)
    assert table["columns"][: len(usual)] == usual
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    assert len(rows) == LOOPS * 16
    words = {BEGUN: "begun", REMOVED: "removed", GUESSED: "guessed", TAKEN_BACK: "taken back"}
    words |= {AGAIN: "started again", STAYED: "stayed"}
    for k, row in enumerate(rows):
        t, i = divmod(k, 16)
        r = searched.number[t] - 1
        assert (row["loop"], row["round"]) == (t + 1, r + 1)
        assert row["candidates left"] == " ".join(str(d + 1) for d in np.flatnonzero(searched.left[r, i]))
        assert (row["guess"] or 0) == searched.guessed[r, i]
        assert float(row["probability of a conflict"]) == pytest.approx(searched.conflict[t], abs=1e-3)
        assert row["before the round"] == words[int(searched.event[r])]
        assert (row["removed"], row["open cells"]) == (searched.removed[r], searched.open[r])
        place, candidate = int(searched.place[r]), int(searched.candidate[r])
        named = (f"row {place // 4 + 1}, column {place % 4 + 1}", str(candidate + 1)) if place >= 0 else ("", "")
        assert (row["guessed or taken back in"], row["guessed or taken back"]) == named
    assert (searched.place >= 0).any()


def test_other_shows_have_their_numbers_in_the_table(module: Module, engine: Engine) -> None:
    body = """
    receive(0);
    const { view } = page.seen(0);
    const of = (show) => {
      page.state.look.show = show;
      const { columns, rows } = page.faceTable(page.seen(0));
      return [columns.slice(8), rows.map((row) => row.slice(8))];
    };
    const { solution } = page.seen(0);
    const n = 16, cells = Array.from({ length: view.loops * n }, (_, k) => [Math.floor(k / n) + 1, k % n]);
    const digits = [1, 2, 3, 4];
    const wanted = {
      candidates: cells.map(([t, i]) => digits.map((d) => (view.asked[i] ? view.probability(t, i, d) : null))),
      settle: cells.map(([, i]) => [view.asked[i] ? view.settledSign(i) : ""]),
    };
    return [of("candidates"), of("settle"), of("attention"), of("solution"), wanted, solution];"""
    shown = from_link(engine, PAGE, {"checkpoint": "sudoku4-looped", "puzzle": BOARD, "loops": "3"})
    candidates, settle, attention, solution, wanted, one = run(module, [message(engine, shown)], body)
    assert candidates[0] == [f"probability of {d}" for d in (1, 2, 3, 4)]
    for row, probabilities in zip(candidates[1], wanted["candidates"], strict=True):
        if probabilities[0] is None:
            assert row == [""] * 4
        else:
            assert [float(text) for text in row] == pytest.approx(probabilities, rel=1e-3)
    assert (settle[0], settle[1]) == (["settle loop"], wanted["settle"])
    ((column,), weights) = attention
    assert column.startswith("attention from row ")
    for t in range(3):
        assert sum(float(row[0]) for row in weights[16 * t : 16 * t + 16]) == pytest.approx(1, abs=0.02)
    blanks = [i for i, sign in enumerate(BOARD) if sign == "."]
    for i in blanks:
        assert solution[1][i] == [str(one[i]) if one else ""]


def test_of_another_model_nothing_is_said_of_rounds(module: Module, engine: Engine) -> None:
    found = looked(module, engine, "sudoku4-looped")
    assert "sets" not in found["choices"]
    for one in found["out"]:
        assert one["round"] is None
        assert "round" not in one["slider"]
        assert "Before round" not in one["said"]
        assert not any("left" in words for words in one["cells"])
