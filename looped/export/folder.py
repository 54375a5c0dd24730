"""A view as a folder that a researcher can keep: figures, every array, what was run, and a script that makes it all again."""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import looped
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import Checkpoint
from looped.figures.attention import draw_attention, draw_attention_matrix
from looped.figures.board import draw_board, draw_candidates, draw_difference, draw_settled
from looped.figures.convergence import draw_convergence
from looped.figures.readout import draw_readout
from looped.figures.saving import save
from looped.figures.theme import Chart, place
from looped.figures.timestep import draw_channels, draw_timestep
from looped.figures.trajectory import draw_trajectory
from looped.figures.words import draw_table
from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import trajectory
from looped.runs.trace import SCALES, Trace, record
from looped.tasks import Task
from looped.tasks.countdown.task import Countdown
from looped.tasks.sudoku.task import BOXES, Board, conflicts
from looped.tasks.words.strings import Strings

MOST_LOOPS = 1024  # of a run that is drawn
MOST_SIGNS = 10  # whose probabilities are drawn, of a vocabulary of many
SCRIPT = '''"""Makes the figures and the arrays of this folder again: python regenerate.py [FOLDER]

Needs the library of Loopscope {version} (in its folder: PYTHONPATH=. python path/to/regenerate.py), made with PyTorch {torch} and NumPy {numpy}; other versions may differ in the last digits.
"""
import sys
from pathlib import Path

import looped
from looped.export.folder import {draw}
from looped.figures.saving import save

checkpoint = looped.load({source!r}, device={device!r})
if checkpoint.sha256 != {sha256!r}:
    sys.exit(f"{{checkpoint.name}} is not the checkpoint of this export: its sha256 is {{checkpoint.sha256[:12]}}…, not {short}….")

{parsed} = checkpoint.task.parse({text!r})
trace = looped.record(checkpoint.model, checkpoint.task.encode({parsed}), loops={loops})

folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
folder.mkdir(parents=True, exist_ok=True)
trace.save(folder / "trace.npz")
# One of them alone, or in another light: see looped/figures and how `{draw}` calls it; dark=True is for dark slides.
for name, chart in {draw}({arguments}, checkpoint.config.trained_loops, loop={loop}, cell={cell}, head={head}).items():
    save(chart, folder / "figures" / name)
'''


def figures(
    trace: Trace, board: Board, trained_loops: int, loop: int, cell: int, head: int | None = None, dark: bool = False
) -> dict[str, Chart]:
    """Everything the app shows of a Sudoku run after `loop` loops (1 … loops), as charts by file name: lens by lens, figure by figure.

    `cell` counts from 0 in reading order, `head` from 0; None draws all heads. A block of several layers gives a figure of each for
    attention and timestep.
    """
    at, box, given, here = loop - 1, BOXES[board.size], board.givens > 0, place(cell, board.size)
    read, moved, path = readout(trace.logits), residual(trace.hidden), trajectory(trace.hidden)
    digits = np.where(given, board.givens, read.answers[at])
    now, probabilities = f"after loop {loop} of {trace.loops}", trace.probabilities[..., 1:]  # token 0 is the blank
    charts = {
        "board": draw_board(
            digits,
            given,
            box,
            read.confidence[at],
            read.changed[at],
            conflicts(digits, board.size),
            cell,
            f"Board {now}",
            dark,
        ),
        "candidates": draw_candidates(
            probabilities[at], digits, given, box, cell, f"What each blank might hold {now}", dark
        ),
        "settled": draw_settled(
            read.settled, given, box, trace.loops, cell, f"When each blank settled, of {trace.loops} loops", dark
        ),
        "trajectory": draw_trajectory(
            path.points, path.explained, loop, cell, digits, given, f"Hidden states up to loop {loop}", dark
        ),
        "convergence": draw_convergence(
            moved.relative, moved.per_position[:, cell], trained_loops, loop, f"Convergence; chosen cell: {here}", dark
        ),
        "readout": draw_readout(probabilities[:, cell], trained_loops, loop, f"Readout of {here}", dark),
    }
    if board.unique:
        charts["difference"] = draw_difference(
            digits, given, board.solution, box, cell, f"Board {now} and the solution", dark
        )
    heads = range(trace.attention.shape[2]) if head is None else [head]
    for layer, name, which in layers(trace):
        weights = trace.attention[at, layer, heads]
        charts["attention" + name] = draw_attention(
            weights[:, cell], heads, box, cell, digits, f"Attention of {here} in loop {loop}{which}", dark
        )
        charts["attention-matrix" + name] = draw_attention_matrix(
            weights, heads, board.size, cell, f"Attention of all cells in loop {loop}{which}", dark
        )
    return charts | draw_scales(trace, trained_loops, loop, dark)


def sequence_figures(
    task: Task, trace: Trace, trained_loops: int, loop: int, cell: int, head: int | None = None, dark: bool = False
) -> dict[str, Chart]:
    """The same of a run on two words or a Countdown problem: what a run of any task has, and for words their table.

    `cell` is a position, from 0. The readout is of the answer after `loop` and of the other tokens that come nearest to being one.
    """
    at, here, half = loop - 1, task.place(trace.tokens, cell), len(trace.tokens) // 2
    read, moved, path = readout(trace.logits), residual(trace.hidden), trajectory(trace.hidden)
    given = task.clues(trace.tokens)
    shown = np.where(
        task.asked(trace.tokens) & ~given, read.answers[at], trace.tokens
    )  # a letter, though asked, stays a letter
    signs = np.array([task.sign(int(token)) for token in shown], np.str_)
    likely = trace.probabilities[:, cell].max(0)
    likely[read.answers[at, cell]] = np.inf
    tokens = np.sort(likely.argsort(kind="stable")[::-1][:MOST_SIGNS])
    charts = {
        "trajectory": draw_trajectory(
            path.points, path.explained, loop, cell, signs, given, f"Hidden states up to loop {loop}", dark, here
        ),
        "convergence": draw_convergence(
            moved.relative,
            moved.per_position[:, cell],
            trained_loops,
            loop,
            f"Convergence; chosen position: {here}",
            dark,
            "position",
        ),
        "readout": draw_readout(
            trace.probabilities[:, cell, tokens],
            trained_loops,
            loop,
            f"Readout of {here}",
            dark,
            [task.sign(int(token)) for token in tokens],
        ),
    }
    parts: list[int] = [half] if task.kind == "words" else []
    if isinstance(task, Countdown):
        parts = [*range(task.count + 1, task.length, 5)]
    if isinstance(task, Strings):
        said = task.decode(trace.tokens, read.answers[at]).rpartition(": ")[2]
        first, second = task.words(trace.tokens)
        charts["table"] = draw_table(
            task.table(first, second),
            first,
            second,
            f"The table; the model's answer after loop {loop} of {trace.loops}: {said}",
            dark,
        )
    heads = range(trace.attention.shape[2]) if head is None else [head]
    for layer, name, which in layers(trace):
        charts["attention-matrix" + name] = draw_attention_matrix(
            trace.attention[at, layer, heads],
            heads,
            len(signs),
            cell,
            f"Attention of all positions in loop {loop}{which}",
            dark,
            signs.tolist(),
            parts,
        )
    return charts | draw_scales(trace, trained_loops, loop, dark)


def layers(trace: Trace) -> Iterator[tuple[int, str, str]]:
    """Each layer of the block, what is added to the names of its figures, and to their titles; nothing where there is one layer."""
    count = trace.attention.shape[1]
    for layer in range(count):
        yield (layer, f"-layer-{layer + 1}", f", layer {layer + 1}") if count > 1 else (layer, "", "")


def draw_scales(trace: Trace, trained_loops: int, loop: int, dark: bool) -> dict[str, Chart]:
    """The gates and scales of a model with a timestep encoding, of others nothing."""
    scales, charts = strengths(trace), {}
    for layer, name, which in layers(trace):
        if scales is not None:
            vectors = np.stack([getattr(trace, scale)[:, layer] for scale in SCALES])
            charts["timestep" + name] = draw_timestep(
                scales[:, layer], trained_loops, loop, f"Timestep scales{which}", dark
            )
            charts["timestep-channels" + name] = draw_channels(
                vectors, loop, f"Timestep scales of every channel{which}", dark
            )
    return charts


def export(
    checkpoint: Checkpoint,
    text: str,
    folder: str | Path,
    loops: int | None = None,
    loop: int | None = None,
    cell: int | None = None,
    head: int | None = None,
    tell: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Run an input and write what can be seen of it into `folder`, which is made; the files that were written.

    figures/*.svg, *.png, *.csv   `figures`, of words and Countdown `sequence_figures`
    trace.npz                     every array, exactly as recorded (`Trace.load`)
    view.json                     what was run: checkpoint, sha256, input, loops, loop, cell, head, versions, recorded − plain; but for a
                                  Sudoku, whose board is a figure, also the answer after `loop` as text, and whether it is right
    regenerate.py                 makes figures and trace.npz again

    `loops` is as many as were trained when not given, `loop` the last, `cell` the first blank or the "=" after two words, `head` all. `tell` hears the name of
    each figure that was drawn. Raises ValueError for input that is wrong and for a folder that holds something, before anything is written.
    """
    folder, task = Path(folder), checkpoint.task
    parsed = task.parse(text)
    tokens = task.encode(parsed)
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name a new folder.")
    loops = checkpoint.config.trained_loops if loops is None else loops
    loop = loops if loop is None else loop
    if cell is None:
        asked = np.flatnonzero(task.asked(tokens))
        cell = int(asked[-1 if task.kind == "words" else 0]) if len(asked) else 0
    if not 1 <= loops <= MOST_LOOPS:
        raise ValueError(f"1 to {MOST_LOOPS} loops can be drawn, not {loops}.")
    if not 1 <= loop <= loops:
        raise ValueError(f"loop {loop} cannot be drawn: this run has the loops 1 to {loops}.")
    if not 0 <= cell < checkpoint.config.length:
        what, how = ("cell", ", row by row") if task.kind == "sudoku" else ("position", "")
        raise ValueError(
            f"there is no {what} {cell}: {what}s are counted from 0 to {checkpoint.config.length - 1}{how}."
        )
    if head is not None and not 0 <= head < checkpoint.config.heads:
        raise ValueError(
            f"there is no head {head}: {checkpoint.name} has the heads 0 to {checkpoint.config.heads - 1}."
        )
    trace = record(checkpoint.model, tokens, loops)
    view = {
        "checkpoint": checkpoint.name,
        "sha256": checkpoint.sha256,
        "input": text,
        "loops": loops,
        "loop": loop,
        "cell": cell,
        "head": head,
        "versions": {
            "looped": looped.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "device": str(next(checkpoint.model.parameters()).device),
        "difference": trace.difference,
    }
    if task.kind == "sudoku":
        charts = figures(trace, parsed, checkpoint.config.trained_loops, loop, cell, head)
    else:
        view |= {
            "answer": task.decode(tokens, trace.answers[loop - 1]),
            "right": bool(task.right(tokens, trace.answers[loop - 1])),
        }
        charts = sequence_figures(task, trace, checkpoint.config.trained_loops, loop, cell, head)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "view.json").write_text(json.dumps(view, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "regenerate.py").write_text(script(checkpoint, view), "utf-8")
    trace.save(folder / "trace.npz")
    written = [folder / name for name in ("view.json", "regenerate.py", "trace.npz")]
    for name, chart in charts.items():
        written += save(chart, folder / "figures" / name)
        tell(name)
    return written


def script(checkpoint: Checkpoint, view: dict[str, Any]) -> str:
    """The text of regenerate.py. A checkpoint of the catalogue is loaded by its name, any other from where it lay."""
    source = checkpoint.name
    if checkpoint.folder.resolve().parent != checkpoints.CATALOGUE.resolve():
        source = str(checkpoint.folder.resolve()) + source.removeprefix(
            checkpoint.folder.resolve().name
        )  # which leaves the variant
    versions = {
        "version": view["versions"]["looped"],
        "torch": view["versions"]["torch"],
        "numpy": view["versions"]["numpy"],
    }
    parsed = {"sudoku": "board", "words": "words", "countdown": "problem"}[checkpoint.task.kind]
    draw, arguments = (
        ("figures", "trace, board")
        if checkpoint.task.kind == "sudoku"
        else ("sequence_figures", "checkpoint.task, trace")
    )
    return SCRIPT.format(
        source=source,
        short=view["sha256"][:12],
        text=view["input"],
        parsed=parsed,
        draw=draw,
        arguments=arguments,
        **versions,
        **{name: view[name] for name in ("device", "sha256", "loops", "loop", "cell", "head")},
    )


def export_zip(
    checkpoint: Checkpoint,
    text: str,
    loops: int | None = None,
    loop: int | None = None,
    cell: int | None = None,
    head: int | None = None,
) -> bytes:
    """The same folder as one .zip, for a download. Raises ValueError as `export` does."""
    data = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for file in export(checkpoint, text, folder, loops, loop, cell, head):
            out.write(file, file.relative_to(folder))
    return data.getvalue()
