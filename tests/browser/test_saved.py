"""What can be saved of the panels: pictures and the library's numbers."""

from __future__ import annotations

import csv
import io
import re
import struct
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
from hands import MEDIUM, PANELS, rows_of, saved, text_of
from library import run
from PIL import Image

from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import trajectory
from looped.tasks.sudoku.logic import order
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku9-tmlt", "sudoku9-looped"
LOOPS, LOOP, CELL = 6, 4, MEDIUM.index(".", 20)


def named(cell: int) -> str:
    """Name a cell as the page does."""
    return f"row {cell // 9 + 1}, column {cell % 9 + 1}"


PLACE = named(CELL)


def opened(scope: Scope, **query: object) -> Scope:
    return scope.open(**{"puzzle": MEDIUM, "checkpoint": A, "loops": LOOPS, "loop": LOOP, "cell": CELL, **query})


def test_every_panel_is_saved_as_svg(scope: Scope) -> None:
    """Each is XML with a size, a ground, shapes and words; the board's digits are the board's, the readout's rows are
    the digits."""
    opened(scope)
    words = {name: text_of(saved(scope, name, "SVG")) for name in PANELS}
    font = scope.panel("readout").evaluate(
        "(one) => getComputedStyle(one).fontFamily.split(/[\\s\"',]+/).find(Boolean)"
    )
    written = re.findall(r'style="font:([^"]*)"', saved(scope, "readout", "SVG").read_text("utf-8"))
    assert all(font in one for one in written)  # the page's own, whatever is saved
    assert written
    digits = run(A, MEDIUM, LOOPS).digits[LOOP - 1]
    assert [text for text in words["board"] if text.isdigit()] == [str(digit) for digit in digits]
    assert {"head 1", "head 2"} <= {text.partition(" ·")[0] for text in words["attention"]}
    signs = [text for text in words["trajectory"] if text.isdigit()]
    assert set(signs) == {str(digit) for digit in digits if digit}  # one sign for all cells with an answer
    assert len(signs) == 2 * len(set(signs))  # each with its ground below it
    names = {text.partition(" (")[0] for text in words["convergence"]}
    assert {"whole state, relative", "chosen cell, absolute"} <= names
    assert {"α1", "α2", "γ1", "γ2"} <= set(words["timestep"])
    assert {text.removeprefix("▸ ") for text in words["readout"]} >= {str(digit) for digit in range(1, 10)}
    assert len(words["order"]) > 2
    assert {texts[0] for texts in words.values()} == {f"{A}, loop {LOOP} of {LOOPS}"}
    assert (words["board"][1], words["convergence"][1]) == (
        "Sudoku board",
        "Residual of every loop on a logarithmic axis; chosen cell: row 3, column 3",
    )


def test_every_panel_is_saved_as_png(scope: Scope) -> None:
    """Each is a PNG of twice the size of its drawing and shows more than its ground."""
    opened(scope)
    for name in PANELS:
        data = saved(scope, name, "PNG").read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n", name
        assert struct.unpack(">II", data[16:24]) == ((804, 880) if name == "board" else (964, 680)), name
        shades = scope.page.evaluate(
            """async (base64) => {
              const image = new Image();
              image.src = `data:image/png;base64,${base64}`;
              await image.decode();
              const { width, height } = image;
              const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
              pen.drawImage(image, 0, 0);
              return new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer)).size;
            }""",
            b64encode(data).decode(),
        )
        assert shades > 20, name


def test_numbers_that_are_saved_are_the_library_s(scope: Scope) -> None:
    """The CSV of every panel against `looped.record` and the lenses, every loop of it."""
    opened(scope)
    found = run(A, MEDIUM, LOOPS)
    trace, close = found.trace, {"rtol": 2e-3, "atol": 1e-4}
    read, moved, board = readout(trace.logits), residual(trace.hidden), parse(MEDIUM)
    loops = np.arange(1, LOOPS + 1)

    columns, rows = rows_of(saved(scope, "convergence", "CSV"))
    assert columns == ["loop", "whole state, relative", f"{PLACE}, absolute", "length of the state"]
    length = np.linalg.norm(trace.hidden[1:], axis=(1, 2))
    wanted = np.stack([loops, moved.relative, moved.per_position[:, CELL], length], 1)
    np.testing.assert_allclose(rows, wanted, **close)

    columns, rows = rows_of(saved(scope, "readout", "CSV"))
    assert columns == ["loop", *(f"probability of {digit} in {PLACE}" for digit in range(1, 10))]
    np.testing.assert_allclose(rows[:, 0], loops)
    np.testing.assert_allclose(rows[:, 1:], trace.probabilities[:, CELL, 1:], **close)

    columns, rows = rows_of(saved(scope, "timestep", "CSV"))
    assert columns == ["loop", *(f"{name}, root mean square" for name in ("α1", "α2", "γ1", "γ2"))]
    wanted = strengths(trace)
    assert wanted is not None
    np.testing.assert_allclose(rows, np.column_stack([loops, wanted[:, 0]]), **close)

    columns, rows = rows_of(saved(scope, "attention", "CSV"))
    heads = trace.attention.shape[2]
    assert columns == ["loop", "head", *(f"to {named(cell)}" for cell in range(81))]
    np.testing.assert_allclose(rows[:, :2], [(loop, head + 1) for loop in loops for head in range(heads)])
    np.testing.assert_allclose(rows[:, 2:], trace.attention[:, 0, :, CELL].reshape(-1, 81), atol=0.004)

    columns, rows = rows_of(saved(scope, "trajectory", "CSV"))
    assert columns == ["loop", "cell", *(f"component {part}" for part in range(1, 7))]
    points = trajectory(trace.hidden, 6).points
    np.testing.assert_allclose(rows[:, 2:], points.reshape(-1, 6), rtol=1e-3, atol=1e-3 * float(np.abs(points).max()))

    columns, rows = rows_of(saved(scope, "order", "CSV"))
    assert columns == [
        "cell",
        "row",
        "column",
        "given",
        "round of logic",
        "technique",
        "last change at loop",
        "settled",
        "last answer",
    ]
    rounds = np.where(order(board.givens, 9).rounds < 0, np.nan, order(board.givens, 9).rounds)  # no round: nothing
    np.testing.assert_array_equal(
        rows[:, 1:5], [(i // 9 + 1, i % 9 + 1, board.givens[i], rounds[i]) for i in range(81)]
    )
    np.testing.assert_array_equal(rows[:, 6], np.where(board.givens > 0, np.nan, read.settled))
    np.testing.assert_array_equal(rows[:, 7], np.where(board.givens > 0, np.nan, ~read.unsettled))
    np.testing.assert_array_equal(rows[:, 8], np.where(board.givens > 0, np.nan, trace.answers[-1]))
    wrong = int(((trace.answers[-1] != board.solution) & (board.givens == 0)).sum())
    assert board.unique
    assert wrong > 1  # an untrained model
    empty = int(((trace.answers[-1] == 0) & (board.givens == 0)).sum())
    said = [f"{wrong - empty} blanks end on a wrong digit", f"{empty} blanks end on no digit"]
    assert f"{', '.join(said[: 2 if empty else 1])} (red)." in scope.says("order").replace(
        "1 blank ends", "1 blanks end"
    )

    columns, rows = rows_of(saved(scope, "board", "CSV"))
    assert columns == ["loop", "cell", "row", "column", "given", "answer", "probability", "changed"]
    blank = np.tile(board.givens == 0, LOOPS)
    places = [(loop, cell // 9 + 1, cell % 9 + 1) for loop in loops for cell in range(81)]
    np.testing.assert_array_equal(rows[:, [0, 2, 3]], places)
    np.testing.assert_array_equal(rows[:, 5], found.digits.reshape(-1))
    np.testing.assert_allclose(rows[blank, 6], read.confidence.reshape(-1)[blank], **close)
    np.testing.assert_array_equal(rows[blank, 7], read.changed.reshape(-1)[blank])


def test_two_runs_are_saved_side_by_side(scope: Scope) -> None:
    """The picture holds both, with their names; the table has a column that says whose row it is;
    what only one has is told of one."""
    opened(scope, versus=B)
    svg = saved(scope, "board", "SVG")
    words = text_of(svg)
    assert [text for text in words if text.startswith(("A:", "B:"))] == [
        f"{letter}: {name}, loop {LOOP} of {LOOPS}" for letter, name in (("A", A), ("B", B))
    ]
    assert ElementTree.fromstring(svg.read_text("utf-8")).get("width") == "822"
    of_a, of_b = ElementTree.fromstring(saved(scope, "convergence", "SVG").read_text("utf-8")).findall(
        "{http://www.w3.org/2000/svg}g"
    )
    strokes = [[part.get("stroke-width") for part in run if part.tag.endswith("path")] for run in (of_a, of_b)]
    assert strokes[0] == strokes[1]  # of the first run nothing is left when the second is drawn
    with saved(scope, "convergence", "CSV").open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)
    assert columns[:2] == ["checkpoint", "loop"]
    assert [row[0] for row in rows] == [A] * LOOPS + [B] * LOOPS
    for name in (A, B):
        relative = residual(run(name, MEDIUM, LOOPS).trace.hidden).relative
        np.testing.assert_allclose([float(row[2]) for row in rows if row[0] == name], relative, rtol=2e-3)
    with saved(scope, "timestep", "CSV").open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)
    assert (columns[0], {row[0] for row in rows}) == ("checkpoint", {A})
    assert [text for text in text_of(saved(scope, "timestep", "SVG")) if text.startswith(("A:", "B:"))] == [
        f"A: {A}, loop {LOOP} of {LOOPS}"
    ]


def test_saving_names_the_view(scope: Scope) -> None:
    """Loop and checkpoint are in the file's name; before the first loop there is a picture, too."""
    opened(scope, loop=0)
    assert "head 1" in text_of(saved(scope, "attention", "SVG"))
    digits = [text for text in text_of(saved(scope, "board", "SVG")) if text.isdigit()]
    assert digits == [digit for digit in MEDIUM if digit != "."]


def test_a_panel_is_saved_as_an_animation(scope: Scope) -> None:
    """A frame for every loop, and before the first: of the face, and of a panel. The clock stays where it is."""
    opened(scope, panels="convergence")
    for press in (
        lambda: (scope.summary("Share").click(), scope.page.get_by_test_id("save-animation").click()),
        lambda: scope.menu(
            "convergence", "GIF: Save the Convergence figure as an animation of the run or of its range"
        ),
    ):
        with scope.page.expect_download() as download:
            press()
        image = Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
        assert (image.format, image.n_frames) == ("GIF", LOOPS + 1)  # type: ignore[attr-defined]
        frames = []
        for frame in range(LOOPS + 1):
            image.seek(frame)
            frames.append(image.convert("RGB").tobytes())
        assert len(set(frames)) == LOOPS + 1
    assert scope.loop == LOOP
