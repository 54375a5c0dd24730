"""What all visitors share is made ready before the first of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from messages import read_meta
from threadpoolctl import threadpool_info, threadpool_limits

from looped import tasks
from looped.serving.engine import Engine
from looped.serving.packing import packer
from looped.ui.state import warm_up
from looped.ui.view import drawable, received, unanswered


@pytest.fixture
def threads() -> Iterator[None]:
    """Whatever a test says of cores, the next one has them all."""
    many = torch.get_num_threads()
    with threadpool_limits(os.cpu_count(), "blas"):
        yield
    torch.set_num_threads(many)


@pytest.mark.usefixtures("threads")
def test_every_checkpoint_has_been_run_once_and_nothing_takes_a_second_core(small: Engine) -> None:
    warm_up(small)
    for name in small.names():
        checkpoint = small.checkpoint(name)
        task = checkpoint.task
        tokens, loops = task.encode(task.parse(task.examples[0][1])), checkpoint.config.trained_loops
        first = small.packed(name, tokens, loops, packer(task.name))
        assert small.packed(name, tokens, loops, packer(task.name)) is first  # from memory
    assert torch.get_num_threads() == 1
    assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}


def test_a_page_that_stayed_open_while_the_server_was_started_anew_gets_its_board(small: Engine) -> None:
    """Its component sends the last request again; the address still holds the first view."""
    page, board = tasks.get("sudoku4").page, "1" + 15 * "."
    state = {"sudoku-microscope": {"request": {"puzzle": board, "checkpoint": "sudoku4-tmlt", "loops": 3, "number": 7}}}
    received(small, state, page, {"checkpoint": "sudoku9-looped"})
    shown = state["sudoku"]
    assert (shown.input.text, shown.checkpoint, shown.loops, shown.number) == (board, "sudoku4-tmlt", 3, 7)
    assert not unanswered(state, page)


def test_a_checkpoint_that_is_removed_while_it_is_shown_goes_on_and_is_offered_no_more(
    tmp_path: Path, make_checkpoint: Callable[..., Path]
) -> None:
    for name in ("sudoku4-tmlt", "sudoku4-looped"):
        make_checkpoint(tmp_path / name)
    engine, page = Engine(tmp_path, "cpu"), tasks.get("sudoku4").page
    request = {"puzzle": "1" + 15 * ".", "checkpoint": "sudoku4-tmlt", "loops": 3, "number": 1}
    state: dict[str, Any] = {"sudoku-microscope": {"request": request}}
    received(engine, state, page, {})
    drawable(engine, state, page)
    shutil.rmtree(tmp_path / "sudoku4-tmlt")
    state["sudoku-microscope"] = {"request": request | {"puzzle": "2" + 15 * ".", "number": 2}}
    received(engine, state, page, {})
    meta = read_meta(drawable(engine, state, page))
    assert (meta["puzzle"], meta["runs"][0]["name"]) == ("2" + 15 * ".", "sudoku4-tmlt")
    assert "sudoku4-tmlt" not in [one["name"] for one in meta["checkpoints"]]
    fresh: dict[str, Any] = {}
    received(engine, fresh, page, {})
    assert fresh["sudoku"].checkpoint == "sudoku4-looped"
