// The Paths page: a grid of free cells and walls with one source, drawn by mouse, touch, keys or as text; and how far
// the model says that a flood from the source comes.

import { button, h } from "../core/elements.js";
import { SequenceGeometry } from "../core/geometry.js";
import { clamp, percent, plural } from "../core/words.js";
import { overthinkingWords } from "./facewords.js";
import { paintGrid } from "./grid.js";
import { Page } from "./page.js";

const FREE = ".";
const WALL = "#";
const SOURCE = "S";
const REACHED = 3; // the token that says so
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const SMALLEST = 5;
const LARGEST = 32;
const WALLS = 0.38; // the share of walls in a grid that is drawn at random
const PAUSE = 120; // milliseconds that a hand may rest before the model is asked again
const IDLE = 400; // milliseconds without an edit after which the next is asked at once
const KEPT = 100; // grids that can be brought back

// A square grid, row by row.
export class GridGeometry extends SequenceGeometry {
  // What an answer can be.
  get tokens() {
    return [0, REACHED];
  }

  frame(pen, x, y, step) {
    const side = step * this.rows;
    pen.beginPath();
    for (const at of [0, side]) {
      pen.moveTo(x, y + at);
      pen.lineTo(x + side, y + at);
      pen.moveTo(x + at, y);
      pen.lineTo(x + at, y + side);
    }
    pen.stroke();
  }
}

// ── grids as text: rows joined by "/" ───────────────────────────────────────────────────────────────────────────────

export const cellsOf = (text) => [...text.replaceAll("/", "")];

export const textOf = (cells) => {
  const size = Math.round(Math.sqrt(cells.length));
  const rows = Array.from({ length: size }, (_, r) => cells.slice(r * size, (r + 1) * size).join(""));
  return rows.join("/");
};

// The same grid with other sides: what lies outside goes, what is new is free; the source stays on the grid.
export function resized(text, size) {
  const rows = text.split("/");
  const cells = Array.from({ length: size * size }, (_, i) => rows[Math.floor(i / size)]?.[i % size] ?? FREE);
  if (!cells.includes(SOURCE)) {
    const at = rows.join("").indexOf(SOURCE);
    const row = Math.min(Math.floor(at / rows.length), size - 1);
    const column = Math.min(at % rows.length, size - 1);
    cells[row * size + column] = SOURCE;
  }
  return textOf(cells);
}

// The grid after `cell` was made free, a wall or the source; the source is moved, never lost.
export function withCell(text, cell, what) {
  const cells = cellsOf(text);
  if (what === SOURCE) cells[cells.indexOf(SOURCE)] = FREE;
  else if (cells[cell] === SOURCE) return text;
  cells[cell] = what;
  return textOf(cells);
}

export function randomGrid(size, random = Math.random) {
  const cells = Array.from({ length: size * size }, () => (random() < WALLS ? WALL : FREE));
  cells[Math.floor(random() * cells.length)] = SOURCE;
  return textOf(cells);
}

export class PathsPage extends Page {
  static page = "paths";
  static many = false;
  static shows = [
    ["answer", "Answer"],
    ["settle", "Settle loop"],
    ["attention", "Attention"],
    ["solution", "Check answer"],
    ["versus", "A against B"],
  ];
  static panels = ["flood", "convergence", "attention", "trajectory", "readout", "distances"];
  static questions = [
    "flood",
    "whatif",
    "clues",
    "effect",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "scaling",
  ];
  static keys = [
    ["← →", "one loop back or on (on the grid: move)"],
    ["Space", "play or pause"],
    ["Home, End", "first and last loop (of the range, if there is one)"],
    ["Page Up, Page Down", "one loop back or on, from anywhere (also a presenter's remote)"],
    ["[ and ] and \\", "start, end and clear the range that is played"],
    ["arrows", "move on the grid"],
    ["Enter or #", "on the grid: build or remove a wall"],
    [". or Delete", "on the grid: remove a wall"],
    ["S", "on the grid: put the source here"],
    ["Ctrl + Z, Ctrl + Y", "undo, redo"],
    ["Ctrl + C, Ctrl + V", "copy and paste the grid as text"],
    ["point, click, Esc", "preview a cell, hold it, let it go"],
    ["P", "presenter mode: one large panel"],
    ["N", "the next panel in presenter mode"],
    ["?", "this list"],
  ];
  static touch = [["drag with Draw", "build or remove walls; drag the source to move it"]];

  // What is typed: entry is the grid as text; done and undone are grids before and after each edit; tool is what a
  // press on the grid does.
  inputs() {
    Object.assign(this.state.typed, { done: [], undone: [], tool: "draw" });
    const onchange = () => this.chooseSize();
    const bounds = { min: SMALLEST, max: LARGEST, step: 1 };
    this.sizeInput = h("input", { id: "ls-size", type: "number", ...bounds, onchange });
    this.undoButton = button("↶", "Undo (Ctrl+Z)", () => this.undo());
    this.redoButton = button("↷", "Redo (Ctrl+Y)", () => this.redo());
    const tool = (name, words, title) =>
      h("button", { type: "button", title, onclick: () => this.use(name) }, words);
    this.tools = {
      draw: tool("draw", "Draw", "Drag to build or remove walls; drag the source to move it"),
      look: tool("look", "Look", "Choose a cell, which the panels are about"),
    };
    const run = () => this.ask({ loops: this.loopsNeeded() });
    this.enough = h("button", { type: "button", class: "ls-primary", hidden: true, onclick: run });
    const group = { class: "ls-buttons", role: "group", "aria-label": "What a press on the grid does" };
    return {
      labelled: [
        h("label", { for: "ls-example" }, "Grid ", this.bar.example),
        h("label", { for: "ls-size" }, "Side ", this.sizeInput),
      ],
      buttons: [
        button("As text…", "Type or paste a grid as text", () => this.openText(), "paste"),
        button("Random", `A new grid, ${percent(WALLS)} of it walls`, () => this.edit(this.anotherGrid())),
        button("Clear", "Remove all walls", () => this.edit(this.state.typed.entry.replaceAll(WALL, FREE))),
        this.undoButton,
        this.redoButton,
      ],
      below: [h("div", group, this.tools.draw, this.tools.look, this.enough)],
    };
  }

  get face() {
    return {
      title: "Grid",
      drawing: "Grid with walls, a source and what the model says is reached",
      help:
        "Dark cells are walls, S is the source. A cell is filled the more, the surer the model is that " +
        "it can be reached from the source by steps up, down, left and right; a dot says that this is its " +
        "answer. A folded corner shows an answer that changed in this loop. Draw: drag to build or remove " +
        "walls, drag the source to move it; the model runs again at once. Look: click a cell to follow it in " +
        "all panels.",
    };
  }

  get faceRatio() {
    return 1;
  }

  // ── a grid arrives ──────────────────────────────────────────────────────────────────────────────────────────────

  geometryOf(meta, before) {
    return before?.n === meta.layout.names.length ? before : new GridGeometry(meta.layout);
  }

  resize() {
    super.resize();
    this.state.choose(this.state.run.meta.layout.cell);
  }

  layOut() {
    super.layOut();
    for (const face of this.faces) this.drawOn(face);
  }

  // What the chosen cell can be told to hold: [value in a change, words].
  settable() {
    return this.state.run.meta.layout.settable.map((token) => [String(token), token ? "a wall" : "free"]);
  }

  // Other grids whose states the chosen cell can be given: [value in a change, words].
  donors() {
    const { meta, geometry } = this.state.run;
    const same = meta.examples.filter((one) => cellsOf(one.text).length === geometry.n);
    const digits = (text) => cellsOf(text).map((sign) => [FREE, WALL, SOURCE].indexOf(sign));
    return same.map((one) => [digits(one.text).join(""), `that of ${one.name}`]);
  }

  firstCell() {
    return this.state.run.meta.layout.cell;
  }

  arrived(meta, first, resized) {
    const { typed } = this.state;
    const entry = meta.entry ?? (first || resized ? meta.puzzle : typed.entry);
    this.rejected = meta.message?.kind === "error" ? this.pasted : null; // the dialog offers it again, to be mended
    this.pasted = null;
    if (entry !== typed.entry && typed.entry && !this.undoing) this.keep(typed.entry);
    this.undoing = false;
    typed.entry = entry;
  }

  fillControls(current) {
    super.fillControls(current);
    const { meta, views, geometry } = this.state.run;
    const needed = this.loopsNeeded();
    this.tellUndo();
    this.use(this.state.typed.tool);
    if (current) this.sizeInput.value = geometry.rows;
    this.enough.hidden = views[0].loops >= needed || needed > meta.most_loops;
    this.enough.textContent = `Run ${needed} loops`;
    this.enough.title = "As many loops as the farthest cell needs, and two more";
  }

  // As many loops as the flood takes to the farthest cell, and two in which nothing more should change.
  loopsNeeded() {
    return this.state.run.meta.needed + 2;
  }

  recall({ done, undone, tool }) {
    Object.assign(this.state.typed, { done, undone, tool });
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  use(tool) {
    this.state.typed.tool = tool;
    for (const [name, one] of Object.entries(this.tools)) one.setAttribute("aria-pressed", name === tool);
    this.root.classList.toggle("ls-drawing", tool === "draw");
  }

  // What a stroke of the pointer on a face does while walls are drawn.
  drawOn(face) {
    if (face.draws) return;
    face.draws = true;
    face.grid.addEventListener("pointerdown", (event) => this.beginStroke(event, face), { capture: true });
    face.grid.addEventListener("pointermove", (event) => this.stroke && this.goOn(this.cellUnder(event, face)));
    for (const end of ["pointerup", "pointercancel"]) face.grid.addEventListener(end, () => this.endStroke());
  }

  beginStroke(event, face) {
    if (this.state.typed.tool !== "draw" || event.button || this.refused()) return;
    event.preventDefault();
    event.stopPropagation();
    face.grid.setPointerCapture(event.pointerId);
    const { entry } = this.state.typed;
    const cell = this.cellUnder(event, face);
    const here = cellsOf(entry)[cell];
    this.stroke = { what: here === SOURCE ? SOURCE : here === WALL ? FREE : WALL, cell: null, before: entry };
    this.state.choose(cell);
    if (here === SOURCE) this.stroke.cell = cell;
    else this.goOn(cell);
    this.changed();
    face.focus();
  }

  // The cell under the pointer, the nearest one where it has left the grid.
  cellUnder(event, face) {
    const box = face.grid.getBoundingClientRect();
    const { geometry } = this.state.run;
    const { rows, columns } = geometry;
    const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
    const column = clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), 0, columns - 1);
    return geometry.at(row, column);
  }

  goOn(cell) {
    if (cell === this.stroke.cell) return;
    this.stroke.cell = cell;
    const text = withCell(this.state.typed.entry, cell, this.stroke.what);
    if (text !== this.state.typed.entry) this.entered(text);
  }

  // The whole stroke is one step of undo.
  endStroke() {
    if (this.stroke && this.stroke.before !== this.state.typed.entry) this.keep(this.stroke.before);
    this.stroke = null;
  }

  // A grid like this one in size, drawn at random.
  anotherGrid() {
    return randomGrid(this.state.run.geometry.rows);
  }

  edit(text) {
    if (text === this.state.typed.entry || this.refused()) return;
    this.keep(this.state.typed.entry);
    this.entered(text);
  }

  keep(text) {
    const { typed } = this.state;
    typed.done = [...typed.done, text].slice(-KEPT);
    typed.undone = [];
    this.tellUndo();
  }

  undo() {
    const { done, undone, entry } = this.state.typed;
    if (!done.length) return;
    undone.push(entry);
    this.entered(done.pop());
  }

  redo() {
    const { done, undone, entry } = this.state.typed;
    if (!undone.length) return;
    done.push(entry);
    this.entered(undone.pop());
  }

  tellUndo() {
    const { done, undone } = this.state.typed;
    this.undoButton.disabled = !done.length;
    this.redoButton.disabled = !undone.length;
  }

  // The grid shows the edit at once; the model is asked at once, too, and then whenever the hand pauses.
  entered(text) {
    const { typed } = this.state;
    this.undoing = true; // what arrives is no new step of undo
    this.tellUndo();
    if (text.length !== typed.entry.length) {
      this.ask({ puzzle: text });
      return;
    }
    typed.entry = text;
    this.changed(false);
    typed.request++;
    clearTimeout(this.typing);
    const now = performance.now();
    const idle = !this.busy && now - (this.edited ?? -Infinity) > IDLE;
    this.edited = now;
    this.typing = setTimeout(() => this.ask({ puzzle: typed.entry }), idle ? 0 : PAUSE);
  }

  chooseSize() {
    const size = Number(this.sizeInput.value);
    if (Number.isInteger(size) && size >= SMALLEST && size <= LARGEST) {
      this.edit(resized(this.state.typed.entry, size));
      return;
    }
    this.sizeInput.value = this.state.run.geometry.rows;
    this.say({ kind: "error", text: `A side has ${SMALLEST} to ${LARGEST} cells.` });
  }

  useExample(example) {
    this.paste(example.text);
  }

  // Text in any form: the server reads it and answers with the grid, or says what is wrong with it.
  paste(text) {
    this.ask({ puzzle: text });
    this.pasted = text;
  }

  openText() {
    const about = { rows: 12, spellcheck: "false", "aria-label": "Grid as text", "data-testid": "grid-text" };
    const area = h("textarea", { ...about, style: "font-family: monospace" });
    area.value = (this.rejected ?? this.state.typed.entry).replaceAll("/", "\n");
    const use = (event) => {
      event.preventDefault();
      this.dialog.close();
      this.paste(area.value);
    };
    const help = "Rows of dots for free cells, # for walls and one S for the source; sides of 2 to 32 cells.";
    const submit = h("button", { type: "submit", class: "ls-primary" }, "Use this grid");
    const cancel = h("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel");
    const buttons = h("div", { class: "ls-buttons" }, submit, cancel);
    this.openDialog("Type or paste a grid", h("form", { onsubmit: use }, h("p", {}, help), area, buttons));
    area.select();
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

  // Undo means the grid wherever the focus is.
  inputKey(event) {
    if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) this.faceKey(event);
  }

  faceKey(event) {
    const done = event.ctrlKey || event.metaKey ? this.command(event) : this.press(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Undo and redo; false for another key.
  command({ key, shiftKey }) {
    const name = key.toLowerCase();
    if (name === "z" && !shiftKey) this.undo();
    else if (name === "y" || name === "z") this.redo();
    else return false;
    return true;
  }

  // Does what a key without Ctrl means on the grid; false when it means nothing here.
  press(event) {
    const { key } = event;
    const { cell } = this.state.choice;
    const { entry } = this.state.typed;
    if (event.altKey && key !== WALL) return false; // on many keyboards that is how [ and ] are written
    if (MOVES[key]) {
      this.select(this.neighbour(MOVES[key]));
      this.focusFace(event);
    } else if (key === "Enter" || key === WALL) {
      this.edit(withCell(entry, cell, cellsOf(entry)[cell] === WALL ? FREE : WALL));
    } else if (key === FREE || key === "Delete" || key === "Backspace") this.edit(withCell(entry, cell, FREE));
    else if (key.toLowerCase() === "s") this.edit(withCell(entry, cell, SOURCE));
    else return key === "Escape" && this.leave();
    return true;
  }

  neighbour([down, right]) {
    const { geometry } = this.state.run;
    const [row, column] = geometry.spot(this.state.choice.cell);
    return geometry.at(clamp(row + down, 0, geometry.rows - 1), clamp(column + right, 0, geometry.columns - 1));
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  describeFace({ view, t, show, meta, entry, puzzle }) {
    if (entry !== puzzle) return "The panels still show the last grid that was run.";
    const cells = plural(view.blanks, "free cell");
    const far = plural(meta.needed, "step");
    if (!t) return `Before the first loop: ${cells}; the farthest that can be reached is ${far} away.`;
    const now = view.at(t);
    const { values, shape } = view.arrays.flood;
    const [, said, ahead, behind] = values.subarray((now - 1) * shape[1], now * shape[1]);
    const right = view.right[now - 1];
    const lost = overthinkingWords(view, t);
    if (right) {
      const steady = t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
      return `Right: every cell that can be reached is marked, and no other (${said} of ${cells}).${steady}${lost}`;
    }
    const front =
      behind || ahead
        ? ` Within ${plural(now, "step")} ${plural(behind, "cell is", "cells are")} not marked yet; ` +
          `${ahead} farther ${ahead === 1 ? "one is" : "ones are"} marked already.`
        : ` That is all within ${plural(now, "step")} of the source, and nothing beyond.`;
    const short = now === view.loops && now < meta.needed ? ` The farthest cell is ${far} away.` : "";
    const check = show === "solution" ? " Crossed cells differ from what is true in the end." : "";
    return `The model says that ${said} of ${cells} can be reached.${front}${short}${lost}${check}`;
  }

  drawFace(pen, seen, width) {
    paintGrid(pen, width, { ...seen, cells: cellsOf(seen.entry) });
  }

  faceWords(seen) {
    const { view, views, t, geometry, entry, puzzle } = seen;
    const other = views.find((one) => one !== view);
    const named = { [FREE]: "free", [WALL]: "wall", [SOURCE]: "source" };
    const said = (token) => (token === REACHED ? "reached" : "not reached");
    return cellsOf(entry).map((sign, i) => {
      const name = `${geometry.name(i)}, ${named[sign]}`;
      if (sign === WALL || entry !== puzzle || !t || !view.asked[i]) return name;
      const changed = view.changes[view.at(t) - 1][i] ? ", changed in this loop" : "";
      const theirs = other && view.differs(t, i) ? `, ${other.letter} says ${said(other.digit(t, i))}` : "";
      return `${name}, model says ${said(view.digit(t, i))} at ${percent(view.confidence(t, i))}${changed}${theirs}`;
    });
  }

  faceTable(view) {
    const { geometry } = view;
    const rows = [];
    for (let t = 1; t <= view.loops; t++)
      for (let i = 0; i < geometry.n; i++) {
        const [row, column] = geometry.spot(i);
        rows.push([
          t,
          i,
          row + 1,
          column + 1,
          geometry.sign(view.tokens[i]),
          view.arrays.steps_away.values[i],
          view.asked[i] ? geometry.sign(view.digit(t, i)) : "",
          view.confidence(t, i).toPrecision(4),
          view.changes[t - 1][i],
        ]);
      }
    return {
      columns: ["loop", "cell", "row", "column", "input", "steps from the source", "answer", "probability", "changed"],
      rows,
    };
  }
}
