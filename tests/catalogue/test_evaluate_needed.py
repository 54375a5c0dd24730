"""Evaluation at as many loops as an input needs, on inputs of a chosen size, with the largest residual."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped.__main__ import main
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import LoopCount, default_loops, evaluate, measure
from looped.catalogue.inputs import read_puzzles
from looped.model import Model
from looped.tasks import get

PATHS = get("paths")


@pytest.fixture
def checkpoint(tmp_path: Path, make_model: Callable[..., Model]) -> Checkpoint:
    model = make_model(
        vocab=4, length=1024, trained_loops=6, positions="none", attention_to="neighbourhood", injection=True
    )
    save_checkpoint(tmp_path / "near", model, "paths", training={}, scores=[])
    return load_checkpoint(str(tmp_path / "near"))


@pytest.mark.parametrize(
    ("text", "factor", "more"),
    [("16", 0, 16), (16, 0, 16), ("needed", 1, 0), ("needed+2", 1, 2), (" 2*needed + 4 ", 2, 4), ("3*needed", 3, 0)],
)
def test_numbers_of_loops_are_read_and_written(text: str | int, factor: int, more: int) -> None:
    count = LoopCount.read(text)
    assert count == LoopCount(factor, more)
    assert LoopCount.read(str(count)) == count
    assert count.of(np.array([0, 5])).tolist() == [max(1, more) if factor else more, factor * 5 + more]


def test_the_longest_way_sets_the_loops_of_all_inputs() -> None:
    count = LoopCount.read("2*longest + 4")
    assert (count, str(count)) == (LoopCount(2, 4, longest=True), "2*longest+4")
    assert count.of(np.array([0, 5, 3])).tolist() == [14, 14, 14]


@pytest.mark.parametrize("text", ["", "needed2", "needed+", "2*16", "+3", "loops", "needed-1"])
def test_what_is_no_number_of_loops_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number of loops; write whole numbers of at least 1, like 16\.$"):
        LoopCount.read(text)


def test_every_input_is_looked_at_after_its_own_loops(checkpoint: Checkpoint) -> None:
    tokens, _ = PATHS.sample(12, seed=1, split=None, size=5)
    needed = PATHS.loops_needed(tokens)
    wanted = np.stack([needed + 2, 2 * needed + 4])
    found = measure(checkpoint.model, PATHS, tokens, wanted, batch=5, residual=True)
    for column, row in enumerate(tokens):
        one = torch.as_tensor(row.astype(np.int64))[None]
        for number, loops in enumerate(wanted[:, column]):
            *_, before, last = checkpoint.model.unroll(one, int(loops))
            answer = checkpoint.model.readout(last.hidden)[0].argmax(-1).numpy()
            assert found.right[number, column] == PATHS.right(row, answer)
            moved = float((last.hidden - before.hidden).norm() / before.hidden.norm())
            assert found.residual[number, column] == pytest.approx(moved, rel=1e-3)


def test_the_loops_that_an_input_needs_are_the_default_and_the_residual_is_said(checkpoint: Checkpoint) -> None:
    assert default_loops(checkpoint) == ["needed+2", "2*needed+4", "2*longest+4"]
    result = evaluate(checkpoint, limit=6, size=4)
    assert (result["loops"], result["size"], result["n"]) == (["needed+2", "2*needed+4", "2*longest+4"], 4, 6)
    assert len(result["residual"]) == len(result["accuracy"]) == 3
    assert "residual" not in evaluate(checkpoint, loops=[3], limit=6, size=4)


def test_sizes_and_needs_that_a_task_does_not_have_are_refused(
    tmp_path: Path, make_checkpoint: Callable[..., Any], checkpoint: Checkpoint
) -> None:
    sudoku = load_checkpoint(str(make_checkpoint(tmp_path / "tiny")))
    with pytest.raises(ValueError, match=r"^the boards of sudoku4 have one size; leave out --size\.$"):
        evaluate(sudoku, size=9)
    with pytest.raises(ValueError, match=r"^sudoku4 does not say how many loops an input needs; give --loops numbers"):
        evaluate(sudoku, loops=["needed+2"], limit=2)
    file = tmp_path / "grids.txt"
    file.write_text("S./..\n", "utf-8")
    with pytest.raises(ValueError, match=r"^a file brings inputs of its own sizes; leave out --size, or --data\.$"):
        evaluate(checkpoint, str(file), size=4)


def test_a_file_holds_grids_of_one_size_and_walls_are_no_comments(tmp_path: Path) -> None:
    file = tmp_path / "grids.txt"
    file.write_text("# two grids\n#S/..\nS./.#\n", "utf-8")
    assert read_puzzles(file, PATHS).tolist() == [[1, 2, 0, 0], [2, 0, 0, 1]]
    file.write_text("S./..\nS../.../...\n", "utf-8")
    with pytest.raises(ValueError, match=r"line 2: the input has another size than the first; give each size its own"):
        read_puzzles(file, PATHS)


def test_the_command_line_says_accuracy_and_residual(
    checkpoint: Checkpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(checkpoint.folder)
    assert main(["evaluate", folder, "--size", "4", "--limit", "5", "--loops", "4,needed+2,longest"]) == 0
    said = capsys.readouterr().out
    assert "on generated held-out grids of size 4" in said
    assert "4 loops" in said
    assert "largest relative residual: 4 loops" in said
    with pytest.raises(SystemExit):
        main(["evaluate", folder, "--loops", "soon"])
