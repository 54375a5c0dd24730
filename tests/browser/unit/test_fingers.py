"""Fingers: a tap chooses, a swipe scrolls, two fingers zoom; the last two change neither the input nor the choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sudokus import message, run, tiny

from looped.serving.engine import Engine
from looped.serving.request import opening

Module = Callable[..., Any]
TOUCHED = """
const touched = (element, type, at = {}) => element.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0,
  cancelable: true, pointerId: 7, isPrimary: true, pointerType: "touch", ...at }));
const face = { grid: document.createElement("div"), focus: () => null };
face.grid.style.cssText = "position: absolute; left: 0; top: 0; width: 100px; height: 100px";
face.grid.setPointerCapture = () => null; // a finger that a test makes up cannot be captured
document.body.replaceChildren(face.grid);
const at = (x, y, more = {}) => ({ clientX: x, clientY: y, ...more });
"""
GRID = """
const cell = { cell: 3, selected: new Set([3]), held: true, hover: null };
const typed = { entry: "S.../..../..../....", tool: "draw" };
const kept = [];
const page = { changed: () => null, refused: () => false, keep: (text) => kept.push(text),
  change: (text) => (typed.entry = text),
  state: { typed, draft: {}, choice: cell, choose: (i) => Object.assign(cell, { cell: i, selected: new Set([i]) }),
    run: { geometry: { rows: 4, columns: 4, at: (row, column) => 4 * row + column } } } };
new m.Strokes(page).listen(face);
"""
PLANE = """
const { rowsOf, textOf } = await import("http://modules.test/pages/prompttext.js");
const sampled = [[-1, 0.5], [1, -0.5]];
const typed = { entry: "seed=7 examples=2", tool: "add" };
const kept = [];
const frame = { left: 10, right: 90, top: 10, bottom: 80, low: 0, high: 1, x: (x) => 50 + 30 * x, y: (y) => 45 - 30 * y,
  at: (px, py) => [(px - 50) / 30, (45 - py) / 30] };
const page = { changed: () => null, keep: (text) => kept.push(text), zoom: 1, frame: () => frame, dims: 1,
  host: { send: 1 }, form: { frameOf: 1 }, change: (text) => (typed.entry = text),
  get points() { return typed.entry.includes("=") ? sampled : rowsOf(typed.entry); },
  add: (point) => !!page.change(textOf([...page.points, point])),
  place: (index, point) => page.change(textOf(page.points.map((one, i) => (i === index ? point : one)))),
  remove: (index) => page.change(textOf(page.points.filter((_, i) => i !== index))),
  state: { typed, draft: {}, choice: { cell: 2 }, run: { geometry: {} },
    select: (i) => (page.state.choice.cell = i) } };
new m.Hand(page).listen(face);
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return tiny(tmp_path_factory.mktemp("checkpoints"))


def test_only_a_tap_chooses_a_cell_of_the_board(module: Module, engine: Engine) -> None:
    """A finger that begins to scroll or to zoom neither chooses nor previews; a second tap lets go."""
    body = """
    receive(0);
    page.state.choose(0);
    const cells = page.faces[0].cells;
    const { choice } = page.state;
    const on = (cell, ...types) => {
      for (const type of types) cells[cell].dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true,
        pointerType: "touch", isPrimary: true }));
      return [choice.cell, choice.held, choice.hover];
    };
    const found = [on(5, "pointerover", "pointerdown", "pointercancel"),
      on(6, "pointerover", "pointerdown", "pointerup", "click"),
      on(9, "pointerdown", "pointercancel"), on(6, "pointerdown", "pointerup", "click")];
    cells[9].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, pointerType: "mouse" }));
    return [...found, [choice.cell, choice.held, choice.hover]];
    """
    found = run(module, [message(engine, opening(engine, "sudoku4-looped"))], body)
    assert found == [[0, False, None], [6, True, None], [6, True, None], [6, False, None], [9, True, None]]


def test_cells_of_a_guess_are_tapped_and_not_swiped(module: Module) -> None:
    body = """
    const face = document.createElement("div");
    face.innerHTML = "<i data-cell=0></i><i data-cell=1></i>";
    document.body.replaceChildren(face);
    const geometry = { name: (i) => `cell ${i}` };
    const page = { facePanel: { root: face }, painter: { touch: { matches: true } }, changed: () => null,
      lesson: { markCells: () => null }, state: { choose: () => null, run: { geometry, views: [{ asked: [1, 1] }] } } };
    const asked = m.askOf({ kind: "cells" }, page, () => null, null);
    const on = (i, ...types) => {
      for (const type of types)
        face.children[i].dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: "touch" }));
      return asked.value();
    };
    const found = [on(0, "pointerdown", "pointercancel"), on(1, "pointerdown", "pointerup", "click")];
    asked.leave();
    return [...found, on(0, "pointerdown", "pointerup", "click")];
    """
    assert module("pages/lessonask.js", body) == [None, [1], [1]]


def test_a_second_finger_takes_back_the_walls_of_the_first(module: Module) -> None:
    body = f"""{TOUCHED}{GRID}
    touched(face.grid, "pointerdown", at(60, 40));
    touched(face.grid, "pointermove", at(60, 70));
    const drawn = typed.entry;
    touched(face.grid, "pointerdown", at(20, 20, {{ pointerId: 8, isPrimary: false }}));
    touched(face.grid, "pointermove", at(60, 95));
    touched(face.grid, "pointermove", at(10, 10, {{ pointerId: 8, isPrimary: false }}));
    for (const pointerId of [7, 8]) touched(face.grid, "pointercancel", {{ pointerId, isPrimary: pointerId === 7 }});
    const pinched = [typed.entry, cell.cell, cell.held, kept.length];
    touched(face.grid, "pointerdown", at(60, 40));
    touched(face.grid, "pointerup", at(60, 40));
    return [drawn, pinched, typed.entry, kept];
    """
    drawn, pinched, wall, kept = module("pages/strokes.js", body)
    assert drawn == "S.../..#./..#./...."
    assert pinched == ["S.../..../..../....", 3, True, 0]
    assert (wall, kept) == ("S.../..#./..../....", ["S.../..../..../...."])


@pytest.mark.parametrize("tool", ["add", "draw"])
def test_a_second_finger_takes_back_the_points_of_the_first(module: Module, tool: str) -> None:
    body = f"""{TOUCHED}{PLANE}
    typed.tool = x;
    touched(face.grid, "pointerdown", at(50, 20));
    touched(face.grid, "pointermove", at(50, 60));
    const drawn = page.points.length;
    touched(face.grid, "pointerdown", at(20, 20, {{ pointerId: 8, isPrimary: false }}));
    touched(face.grid, "pointermove", at(70, 75));
    touched(face.grid, "pointerup", at(70, 75));
    return [drawn > 2, typed.entry, kept, page.state.choice.cell];
    """
    assert module("pages/planehand.js", body, tool) == [True, "seed=7 examples=2", [], 2]


def test_a_point_that_is_put_and_dragged_off_again_leaves_the_sampled_prompt(module: Module) -> None:
    """The seed, with which the true function is known, stays; a point of the prompt that is dragged off is gone."""
    body = f"""{TOUCHED}{PLANE}
    const drag = (from, ...to) => {{
      touched(face.grid, "pointerdown", at(...from));
      for (const spot of to) touched(face.grid, "pointermove", at(...spot));
      touched(face.grid, "pointerup", at(...to.at(-1)));
      return [typed.entry, kept.length];
    }};
    const put = drag([50, 60], [50, 30], [50, -30]);
    const away = drag([20, 30], [20, -30]);
    return [put, away];
    """
    assert module("pages/planehand.js", body) == [["seed=7 examples=2", 0], ["1 -0.5", 1]]


def test_a_second_finger_takes_back_the_curve_of_the_first(module: Module) -> None:
    """What was drawn by an earlier stroke stays; and a finger that the browser takes over draws nothing either."""
    body = f"""{TOUCHED}
    const ask = {{ low: 0, high: 20, loops: 6, known: [18, 12], words: "wrong answers",
      passes: {{ loop: "loop", loops: "loops" }} }};
    const made = m.curve(ask, {{}}, () => null);
    document.body.replaceChildren(made.root);
    await null;
    const pad = document.querySelector("[role=slider]");
    pad.setPointerCapture = () => null;
    const box = pad.firstChild.getBoundingClientRect();
    const on = (type, x, y, more) =>
      touched(pad, type, at(box.left + x * box.width, box.top + y * box.height, more));
    const stroke = (end, ...more) => {{
      on("pointerdown", 0.6, 0.5);
      on("pointermove", 0.7, 0.4);
      on("pointermove", 0.97, 0.3);
      const drawn = made.begun()?.filter((value) => value != null).length ?? 0;
      on(...end);
      on("pointermove", 0.97, 0.9);
      return [drawn, made.begun() && [...made.begun()]];
    }};
    const second = ["pointerdown", 0.2, 0.2, {{ pointerId: 8, isPrimary: false }}];
    const pinched = [stroke(second), stroke(["pointercancel", 0.97, 0.3])];
    const [, kept] = stroke(["pointerup", 0.97, 0.3]);
    const [, after] = stroke(second);
    return [pinched, kept, after, made.value().length];
    """
    pinched, kept, after, loops = module("pages/lessoncurve.js", body)
    assert [(drawn > 1, line) for drawn, line in pinched] == [(True, None)] * 2
    assert kept[-1] is not None
    assert (after, loops) == (kept, 6)


THEORY = """
const { TheoryState } = await import("http://modules.test/theory/state.js");
const sent = [];
const page = Object.create(m.TheoryPage.prototype);
Object.assign(page, { state: new TheoryState(), soon: () => null, root: document.createElement("div"),
  host: { send: ({ number, query }) => sent.push([number, query]) }, resending: { begin: () => null } });
page.state.run = { meta: { query: { cells: "8", seed: "1", x: "0.1" } } };
"""


def test_a_second_finger_takes_back_what_the_first_moved_in_the_theory(module: Module) -> None:
    """Where the answer to what it moved is under way, the setting before is asked for behind it."""
    body = f"""{TOUCHED}{THEORY}
    const {{ TheoryPanel }} = await import("http://modules.test/pages/theorypanel.js");
    const canvas = document.createElement("canvas");
    canvas.setPointerCapture = () => null;
    page.seen = () => ({{}});
    const panel = {{ grab: () => 0, drag: (seen, held, x) => ({{ x: [x] }}) }};
    const own = {{ canvas, panel, page, spot: (event) => [event.clientX, 0, 100, 100] }};
    TheoryPanel.prototype.dragging.call(own);
    touched(canvas, "pointerdown", at(30, 0));
    touched(canvas, "pointermove", at(40, 0));
    const moved = [page.state.hand.x, page.lastAsked.x];
    touched(canvas, "pointerdown", at(60, 0, {{ pointerId: 8, isPrimary: false }}));
    touched(canvas, "pointermove", at(70, 0));
    const back = [page.state.hand, page.lastAsked];
    page.state.asked.answered = 1;
    page.ask();
    return [moved, back, sent.map(([number, query]) => [number, query.x])];
    """
    moved, back, sent = module("pages/theory.js", body)
    assert moved == [[40], "40"]
    assert back == [{}, {"cells": "8", "seed": "1", "x": "0.1"}]
    assert sent == [[1, "30"], [2, "0.1"]]


def test_a_change_in_the_theory_keeps_the_one_whose_answer_is_under_way(module: Module) -> None:
    body = f"""{THEORY}
    page.change({{ cells: "9" }});
    page.change({{ seed: "2" }});
    const waiting = page.busy;
    page.state.asked.answered = 1;
    page.ask();
    return [waiting, sent];
    """
    first, both = {"cells": "9", "seed": "1", "x": "0.1"}, {"cells": "9", "seed": "2", "x": "0.1"}
    assert module("pages/theory.js", body) == [True, [[1, first], [2, both]]]


def test_a_figure_of_the_theory_that_was_dragged_leaves_the_page_its_keys(module: Module) -> None:
    """Space plays, P presents, Esc lets go; the arrows are those of the figure, and Home is nobody's."""
    body = f"""{THEORY}
    const done = [];
    page.clock = {{ toggle: () => done.push("plays"), ends: [0, 9], go: () => done.push("moves") }};
    page.stage = {{ begin: () => done.push("presents") }};
    page.clockBar = {{ slider: null }};
    const figure = document.createElement("canvas");
    figure.setAttribute("role", "slider");
    figure.tabIndex = 0;
    page.root.append(figure);
    document.body.replaceChildren(page.root);
    page.root.addEventListener("keydown", (event) => page.key(event));
    figure.focus();
    const press = (key, code = "") =>
      figure.dispatchEvent(new KeyboardEvent("keydown", {{ key, code, bubbles: true, cancelable: true }}));
    press(" ", "Space");
    press("p");
    press("Home");
    const held = document.activeElement === figure;
    press("Escape");
    return [done, held, document.activeElement === figure];
    """
    assert module("pages/theory.js", body) == [["plays", "presents"], True, False]
