"""The Sudoku page: what a visitor asks for, checked; what the browser is sent."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from looped.checkpoints import CheckpointError
from looped.engine import Engine
from looped.figures.microscope import Packed, pack, share_basis
from looped.interventions import given_t
from looped.lenses.fixed_point import verdict
from looped.lenses.solver import solver_view
from looped.lenses.timestep import encodings
from looped.model import Config
from looped.tasks.sudoku import BOXES, EXAMPLES, Board, SudokuError, parse
from looped.tasks.sudoku_logic import order
from looped.ui.component import microscope
from looped.ui.state import engine, pack_board
from looped.variants import VARIANTS, variants, words

LINK_VERSION = "1"
WELCOME = {"kind": "info", "text": "A looped transformer applies one and the same block again and again. Press play and watch it fill this board, "
           "loop by loop; click any cell to follow it, or type a board of your own."}
FIRST = ("sudoku9-tmlt", "Easy")  # what a newcomer sees


@dataclass(frozen=True)
class Request:
    """What a visitor asks for, unchecked: it comes from a browser or from a link."""

    puzzle: Any
    checkpoint: Any
    loops: Any
    versus: Any = ""  # the checkpoint to compare with; "" for none
    number: int = 0  # counts the requests of one browser tab; 0 is the first picture


@dataclass(frozen=True)
class Shown:
    """What is on screen: a board that could be run, and what was said about the last request."""

    board: Board
    checkpoint: str
    loops: int
    versus: str = ""
    number: int = 0
    message: dict[str, str] | None = None
    entry: str | None = None  # what the person's board should hold; None leaves it as it is


def trouble(shared: Engine, name: Any) -> str | None:
    """Why this is not the name of a checkpoint, or of a variant of one, that plays Sudoku here; None when it is."""
    unknown = f"There is no checkpoint called {str(name)[:60]!r}; choose one from the list."
    if not isinstance(name, str) or not name.startswith("sudoku"):
        return unknown
    try:
        shared.checkpoint(name.partition("~")[0])
    except CheckpointError:
        return unknown
    try:
        shared.checkpoint(name)
    except CheckpointError as error:
        return f"This change cannot be made: {str(error).partition(': ')[2] or error}"
    return None


def usable(shared: Engine, name: Any) -> bool:
    return trouble(shared, name) is None


def label(name: str, size: int = 9) -> str:
    """A checkpoint's name as people read it: sudoku9-tmlt~frozen → sudoku9-tmlt, timestep frozen at 0."""
    base, mark, text = name.partition("~")
    many = text.count(",") + 1
    return base if not mark else f"{base}, {many} changes" if many > 1 else f"{base}, {words(text, lambda cell: place(cell, size))}"


def size_of(shared: Engine, checkpoint: str) -> int:
    return int(shared.checkpoint(checkpoint).task.length ** 0.5)


def place(cell: int, size: int) -> str:
    """The screen's name of a cell.

    >>> place(40, 9)
    'row 5, column 5'
    """
    return f"row {cell // size + 1}, column {cell % size + 1}"


def example(size: int, name: str | None = None) -> str:
    """The text of an example; the first of that size when no name is given."""
    return dict(EXAMPLES[size])[name] if name else EXAMPLES[size][0][1]


def first_view(shared: Engine) -> Shown:
    """The picture of somebody who comes without a link. Raises ValueError when there is no checkpoint to show."""
    names = [name for name in shared.names() if name.startswith("sudoku")]
    if not names:
        raise ValueError("There is no Sudoku checkpoint; make one with: python -m looped train sudoku4-looped")
    wanted, name = FIRST
    checkpoint = wanted if wanted in names else names[-1]
    size = size_of(shared, checkpoint)
    board = parse(example(size, name if checkpoint == wanted else None))
    return Shown(board, checkpoint, default_loops(shared, checkpoint), message=WELCOME, entry=board.text)


def default_loops(shared: Engine, checkpoint: str) -> int:
    """Twice the trained loops, to show what happens beyond them; but not beyond 32, which a first visit would wait for."""
    config = shared.checkpoint(checkpoint).config
    trained = config.trained_loops
    return config.layers if config.architecture == "standard" else min(2 * trained, max(32, trained))


def answer(shared: Engine, before: Shown, request: Request) -> Shown:
    """What to show after a request. Bad input keeps the last good picture and says in a sentence what is wrong."""
    now = replace(before, number=request.number, message=None, entry=None)

    def refused(text: str) -> Shown:
        return replace(now, message={"kind": "error", "text": text})

    checkpoint, versus = request.checkpoint, request.versus or ""
    if (why := trouble(shared, checkpoint)) is not None:
        return refused(why)
    if not isinstance(request.puzzle, str):
        return refused("The board did not arrive as text; reload the page.")
    size, wrong, entry = size_of(shared, checkpoint), None, None
    try:
        board = parse(request.puzzle)
        entry = board.text
    except SudokuError as error:  # the last good board goes on, with the checkpoint and the loops that were asked for
        if size != before.board.size:
            return refused(str(error))
        board, wrong = before.board, str(error)
    loops, notes = request.loops, list(board.warnings)
    if board.size != size and size != before.board.size:  # a checkpoint was chosen, and the board is from before
        board, notes = parse(example(size)), [f"{checkpoint} plays {size}×{size} boards, so here is one."]
        entry = board.text
    elif board.size != size:  # a board of another size was given
        fitting = [name for name in shared.names() if name.startswith("sudoku") and size_of(shared, name) == board.size]
        if not fitting:
            return refused(f"No checkpoint plays {board.size}×{board.size} boards yet; {checkpoint} plays {size}×{size}.")
        kind = checkpoint.partition("~")[0].partition("-")[2]
        checkpoint = next((name for name in fitting if name.partition("-")[2] == kind), fitting[0])
        notes.append(f"This is a {board.size}×{board.size} board, so {checkpoint} was chosen.")
    most = shared.most_loops(checkpoint)
    if not isinstance(loops, int) or isinstance(loops, bool) or not 1 <= loops <= most:
        notes.append(f"The number of loops must be a whole number from 1 to {most}; {before.loops} is kept.")
        loops = min(before.loops, most)
    if versus and (why := trouble(shared, versus)) is not None:
        notes.append(why)
        versus = ""
    elif versus and size_of(shared, versus) != board.size:
        notes.append(f"{label(versus)} plays another size of board, so nothing is compared.")
        versus = ""
    elif versus == checkpoint:
        notes.append(f"{label(versus)} beside itself shows nothing; choose another to compare with.")
        versus = ""
    said = wrong or " ".join(notes)
    message = {"kind": "error" if wrong else "warning", "text": said} if said else None
    return replace(now, board=board, checkpoint=checkpoint, loops=loops, versus=versus, message=message, entry=entry)


def from_link(shared: Engine, query: dict[str, str]) -> Shown:
    """The picture that a link asks for; what it leaves out is as a newcomer sees it."""
    first = first_view(shared)
    if not query.keys() & {"puzzle", "checkpoint", "versus", "loops"}:
        return first
    if query.get("v", LINK_VERSION) != LINK_VERSION:
        return replace(first, message={"kind": "error", "text": "This link was made by another version of Loopscope; the first board is shown."})
    checkpoint = query.get("checkpoint", first.checkpoint)
    base = first
    if usable(shared, checkpoint):
        size = size_of(shared, checkpoint)
        base = Shown(first.board if first.board.size == size else parse(example(size)), checkpoint, default_loops(shared, checkpoint))
    text, puzzle = query.get("loops", str(base.loops)), query.get("puzzle", base.board.text)
    loops = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text
    shown = answer(shared, base, Request(puzzle, checkpoint, loops, query.get("versus", "")))
    if shown.message and shown.message["kind"] == "error":
        cells = puzzle.replace("0", ".")
        if usable(shared, checkpoint) and len(cells) == base.board.size**2 and set(cells) <= set(".123456789"):  # what was typed is not lost: it can be mended
            return replace(base, message=shown.message, entry=cells)
        return replace(first, message=shown.message)
    if "loops" not in query and shown.checkpoint != base.checkpoint:
        shown = replace(shown, loops=default_loops(shared, shown.checkpoint))
    return replace(shown, entry=shown.board.text)


def run(shared: Engine, name: str, shown: Shown) -> Packed:
    """One run of one checkpoint on the board, with what the page says of the checkpoint."""
    checkpoint = shared.checkpoint(name)
    loops = min(shown.loops, shared.most_loops(name))  # a standard transformer beside a loop ends with its layers
    packed = shared.packed(name, checkpoint.task.encode(shown.board), loops, pack_board)
    about = {
        "name": name, "label": label(name, shown.board.size), "trained_loops": checkpoint.config.trained_loops, "sha256": checkpoint.sha256,
        "parameters": checkpoint.model.parameters_count, "changes": change_words(name, shown.board.size),
        "verdict": verdict_of(packed["kept"]["hidden"], checkpoint.config),
    }
    singles = order(shown.board.givens, shown.board.size)
    logic = solver_view(packed["arrays"]["settled"], singles.rounds)
    arrays = {"order": singles.rounds.astype(np.int8), "technique": np.select([singles.techniques == "naked", singles.techniques == "hidden"], [1, 2], 0).astype(np.uint8)}
    about["order_correlation"] = None if math.isnan(logic.correlation) else logic.correlation
    model = checkpoint.model
    encoded = encodings(model, [given_t(loop, [change for change in model.always if change.acts(loop)]) for loop in range(loops)])
    if encoded is not None:
        arrays["encodings"] = encoded.astype(np.float16)
    return {"arrays": packed["arrays"] | arrays, "meta": packed["meta"] | about, "kept": packed["kept"]}


def change_words(name: str, size: int) -> list[str]:
    """What is different in a variant, one by one."""
    text = name.partition("~")[2]
    return [words(part, lambda cell: place(cell, size)) for part in text.split(",")] if text else []


def verdict_of(hidden: np.ndarray, config: Config) -> dict[str, str]:
    """How a run ends, for the panel on fixed points."""
    if config.architecture == "standard":
        return {"kind": "no loop", "sentence": "A standard transformer applies every layer once: there is no map to have a fixed point."}
    found = verdict(hidden, config.trained_loops)
    return {"kind": found.kind, "sentence": found.sentence}


def changed(shared: Engine, name: str) -> list[tuple[str, str]]:
    """Names and labels of the variants of a checkpoint, or of the one that it is a variant of."""
    base, _, text = name.partition("~")
    size = size_of(shared, base)
    kinds = [*variants(shared.checkpoint(base).config), *([text] if text and text not in VARIANTS else [])]
    return [(f"{base}~{kind}", label(f"{base}~{kind}", size)) for kind in kinds]


def message_bytes(shared: Engine, shown: Shown) -> bytes:
    """Everything the browser needs to draw what is shown."""
    sizes = {name: size_of(shared, name) for name in shared.names() if name.startswith("sudoku")}
    fitting = [(name, name) for name, size in sizes.items() if size == shown.board.size]
    own = changed(shared, shown.checkpoint)
    if "~" in shown.versus and shown.versus not in dict(own):  # what somebody thought up, so that the list can show it
        own.append((shown.versus, label(shown.versus, shown.board.size)))
    rivals = {"Checkpoints": fitting, f"{shown.checkpoint.partition('~')[0]}, changed": own}
    return pack(
        share_basis([run(shared, name, shown) for name in (shown.checkpoint, shown.versus) if name]),
        size=shown.board.size, box=BOXES[shown.board.size], most_loops=shared.most_loops(shown.checkpoint), loops=shown.loops,
        versus=shown.versus, device=str(shared.device), request=shown.number, message=shown.message, entry=shown.entry,
        puzzle=shown.board.text, solution="".join(map(str, shown.board.solution)) if shown.board.unique else None,
        checkpoints=[{"name": name, "label": words} for name, words in [*((name, name) for name in sizes), *own]],
        rivals=[{"title": title, "names": [pair for pair in pairs if pair[0] != shown.checkpoint]} for title, pairs in rivals.items()],
        examples=[{"name": f"{size}×{size} {name}", "text": text}
                  for size in sorted(set(sizes.values()), reverse=True) for name, text in EXAMPLES[size]],
    )


def page() -> None:
    """Draw the page: read what was asked, check it, send the trace."""
    shared = engine()
    state = st.session_state
    asked = (state.get("microscope") or {}).get("request")
    if "sudoku" not in state:
        try:
            state["sudoku"] = from_link(shared, st.query_params.to_dict())
        except ValueError as error:  # there is nothing to show yet
            st.info(str(error))
            return
    if isinstance(asked, dict) and asked.get("number") != state["sudoku"].number:
        number = asked.get("number")
        request = Request(asked.get("puzzle"), asked.get("checkpoint"), asked.get("loops"), asked.get("versus", ""), number if isinstance(number, int) else 0)
        state["sudoku"] = answer(shared, state["sudoku"], request)
    microscope(key="microscope", data=message_bytes(shared, state["sudoku"]), on_request_change=lambda: None)
