"""The Sudoku page: what a visitor asks for, checked; what the browser is sent."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from looped.lenses.solver import solver_view
from looped.serving.engine import Engine
from looped.serving.message import Packed, pack, with_solution
from looped.tasks.sudoku.logic import order
from looped.tasks.sudoku.task import BOXES, EXAMPLES, SudokuError, parse, solve
from looped.ui import view
from looped.ui.view import (
    LINK_VERSION,
    OTHER_VERSION,
    Place,
    Request,
    Shown,
    bounded,
    default_loops,
    loops_of,
    refused,
    rival,
)

KINDS = ("sudoku",)
WELCOME = {
    "kind": "info",
    "text": "A looped transformer applies one and the same block again and again. Press play and watch it fill this board, "
    "loop by loop; click any cell to follow it, or type a board of your own.",
}
FIRST = ("sudoku9-tmlt", "Easy")  # what a newcomer sees


def trouble(shared: Engine, name: Any) -> str | None:
    """Why this is not the name of a checkpoint, or of a variant of one, that plays Sudoku here; None when it is."""
    return view.trouble(shared, name, KINDS)


def usable(shared: Engine, name: Any) -> bool:
    return trouble(shared, name) is None


def label(name: str, size: int = 9) -> str:
    return view.label(name, places(size))


def size_of(shared: Engine, checkpoint: str) -> int:
    return int(shared.checkpoint(checkpoint).task.length ** 0.5)


def place(cell: int, size: int) -> str:
    """The screen's name of a cell.

    >>> place(40, 9)
    'row 5, column 5'
    """
    return f"row {cell // size + 1}, column {cell % size + 1}"


def places(size: int) -> Place:
    return Place(lambda cell: place(cell, size))


def example(size: int, name: str | None = None) -> str:
    """The text of an example; the first of that size when no name is given."""
    return dict(EXAMPLES[size])[name] if name else EXAMPLES[size][0][1]


def first_view(shared: Engine) -> Shown:
    """The picture of somebody who comes without a link. Raises ValueError when there is no checkpoint to show."""
    names = view.names(shared, KINDS)
    if not names:
        raise ValueError("There is no Sudoku checkpoint; make one with: python -m looped train sudoku4-looped")
    wanted, name = FIRST
    checkpoint = wanted if wanted in names else names[-1]
    size = size_of(shared, checkpoint)
    board = parse(example(size, name if checkpoint == wanted else None))
    return Shown(board, checkpoint, default_loops(shared, checkpoint), message=WELCOME, entry=board.text)


def answer(shared: Engine, before: Shown, request: Request) -> Shown:
    """What to show after a request. Bad input keeps the last good picture and says in a sentence what is wrong."""
    now = replace(before, number=request.number, message=None, entry=None)

    checkpoint, versus = request.checkpoint, request.versus or ""
    if (why := trouble(shared, checkpoint)) is not None:
        return refused(now, why)
    if not isinstance(request.puzzle, str):
        return refused(now, "The board did not arrive as text; reload the page.")
    size, wrong, entry = size_of(shared, checkpoint), None, None
    try:
        board = parse(request.puzzle)
        entry = board.text
    except SudokuError as error:  # the last good board goes on, with the checkpoint and the loops that were asked for
        if size != before.input.size and len(request.puzzle) != before.input.size**2:
            return refused(now, str(error))
        board = before.input
        wrong = (
            str(error) if size == board.size else None
        )  # what is wrong on a board that a new checkpoint does not play no longer matters
    loops, notes = request.loops, list(board.warnings)
    if board.size != size and size != before.input.size:  # a checkpoint was chosen, and the board is from before
        board, notes = parse(example(size)), [f"{checkpoint} plays {size}×{size} boards, so here is one."]
        entry = board.text
    elif board.size != size:  # a board of another size was given
        fitting = [name for name in view.names(shared, KINDS) if size_of(shared, name) == board.size]
        if not fitting:
            return refused(
                now, f"No checkpoint plays {board.size}×{board.size} boards yet; {checkpoint} plays {size}×{size}."
            )
        kind = checkpoint.partition("~")[0].partition("-")[2]
        checkpoint = next((name for name in fitting if name.partition("-")[2] == kind), fitting[0])
        notes.append(f"This is a {board.size}×{board.size} board, so {checkpoint} was chosen.")
    loops, said_of_loops = bounded(shared, checkpoint, loops, before.loops)
    size = board.size
    versus, said_of_versus = rival(
        shared,
        versus,
        checkpoint,
        KINDS,
        places(size),
        lambda name: (
            None
            if size_of(shared, name) == size
            else f"{label(name)} plays another size of board, so nothing is compared."
        ),
    )
    notes += said_of_loops + said_of_versus
    said = wrong or " ".join(notes)
    message = {"kind": "error" if wrong else "warning", "text": said} if said else None
    return replace(now, input=board, checkpoint=checkpoint, loops=loops, versus=versus, message=message, entry=entry)


def from_link(shared: Engine, query: dict[str, str]) -> Shown:
    """The picture that a link asks for; what it leaves out is as a newcomer sees it."""
    first = first_view(shared)
    if not query.keys() & {"puzzle", "checkpoint", "versus", "loops"}:
        return first
    if query.get("v", LINK_VERSION) != LINK_VERSION:
        return replace(first, message={"kind": "error", "text": OTHER_VERSION.format("board")})
    checkpoint = query.get("checkpoint", first.checkpoint)
    base = first
    if usable(shared, checkpoint):
        size = size_of(shared, checkpoint)
        base = Shown(
            first.input if first.input.size == size else parse(example(size)),
            checkpoint,
            default_loops(shared, checkpoint),
        )
    puzzle = query.get("puzzle", base.input.text)
    shown = answer(shared, base, Request(puzzle, checkpoint, loops_of(query, base.loops), query.get("versus", "")))
    if shown.message and shown.message["kind"] == "error":
        cells = puzzle.replace("0", ".")
        if (
            usable(shared, checkpoint) and len(cells) == base.input.size**2 and set(cells) <= set(".123456789")
        ):  # what was typed is not lost: it can be mended
            part = answer(
                shared,
                base,
                Request(
                    solvable(cells, base.input.size), checkpoint, loops_of(query, base.loops), query.get("versus", "")
                ),
            )
            return replace(part, message=shown.message, entry=cells)
        return replace(first, message=shown.message)
    if "loops" not in query and shown.checkpoint != base.checkpoint:
        shown = replace(shown, loops=default_loops(shared, shown.checkpoint))
    return replace(shown, entry=shown.input.text)


def solvable(cells: str, size: int) -> str:
    """A wrong board without the givens, from the left, that leave it no solution: answers of another board would mislead."""
    kept = [0] * len(cells)
    for i, cell in enumerate(cells):
        kept[i] = int(cell) if cell in "123456789"[:size] else 0
        if kept[i] and not solve(kept, size, limit=1)[0]:
            kept[i] = 0
    return "".join(map(str, kept))


def run(shared: Engine, name: str, shown: Shown) -> Packed:
    """One run of one checkpoint on the board, with what the page says of the checkpoint and of the order of logic."""
    board = shown.input
    packed = view.run(shared, name, shown, places(board.size))
    singles = order(board.givens, board.size)
    logic = solver_view(packed["arrays"]["settled"], singles.rounds)
    arrays = {
        "order": singles.rounds.astype(np.int8),
        "technique": np.select([singles.techniques == "naked", singles.techniques == "hidden"], [1, 2], 0).astype(
            np.uint8
        ),
    }
    found = {
        "order_correlation": None if math.isnan(logic.correlation) else logic.correlation,
        "order_reached": logic.reached,
    }
    packed = packed | {"arrays": packed["arrays"] | arrays, "meta": packed["meta"] | found}
    return with_solution(packed, np.array(board.solution)) if board.unique else packed


def message_bytes(shared: Engine, shown: Shown) -> bytes:
    """Everything the browser needs to draw what is shown."""
    board = shown.input
    sizes = {name: size_of(shared, name) for name in view.names(shared, KINDS)}
    return pack(
        view.runs(shared, shown, lambda name: run(shared, name, shown)),
        page="sudoku",
        size=board.size,
        box=BOXES[board.size],
        solution="".join(map(str, board.solution)) if board.unique else None,
        examples=[
            {"name": f"{size}×{size} {name}", "text": text}
            for size in sorted(set(sizes.values()), reverse=True)
            for name, text in EXAMPLES[size]
        ],
        **view.about(
            shared, shown, [name for name, size in sizes.items() if size == board.size], sizes, places(board.size)
        ),
    )


def page() -> None:
    view.page("sudoku", from_link, answer, message_bytes)
