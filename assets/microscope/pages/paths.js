// The Paths page: a grid of free cells and walls with one source, drawn by mouse, touch, keys or as text; and how far the
// model says that a flood from the source comes.

import { button, h } from "../core/elements.js";
import { SequenceGeometry } from "../core/geometry.js";
import { clamp, percent, plural } from "../core/words.js";
import { Microscope } from "./page.js";
import { paintGrid } from "./grid.js";

const FREE = ".";
const WALL = "#";
const SOURCE = "S";
const SMALLEST = 5;
const LARGEST = 32;
const WALLS = 0.38; // the share of walls in a grid that is drawn at random
const PAUSE = 120; // milliseconds that a hand may rest before the model is asked again
const KEPT = 100; // grids that can be brought back

// What the panels say of a board, said of a grid. Longer ones first.
const SAID = [
  ["blank cells", "cells"],
  ["a blank", "a free cell"],
  ["A blank", "A free cell"],
  ["blanks", "free cells"],
  ["blank", "free cell"],
  ["digits", "answers"],
  ["digit", "answer"],
  ["Boards", "Grids"],
  ["boards", "grids"],
  ["Board", "Grid"],
  ["board", "grid"],
];
const SAYING = new RegExp(`\\b(${SAID.map(([from]) => from).join("|")})\\b`, "g");
const MEANT = new Map(SAID);

// A square grid, row by row.
export class GridGeometry extends SequenceGeometry {
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

// ── grids as text: rows joined by "/" ─────────────────────────────────────────────────────────────────────────────────

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

export class PathsPage extends Microscope {
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
    "lengths",
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

  words(text) {
    return text.replace(SAYING, (found) => MEANT.get(found));
  }

  inputs() {
    this.done = []; // grids before each edit
    this.undone = [];
    this.tool = "draw";
    this.sizeInput = h("input", {
      id: "ls-size",
      type: "number",
      min: SMALLEST,
      max: LARGEST,
      step: 1,
      onchange: () => this.chooseSize(),
    });
    const tool = (name, words, title) =>
      h("button", { type: "button", title, "aria-pressed": name === this.tool, onclick: () => this.use(name) }, words);
    this.tools = {
      draw: tool("draw", "Draw", "Drag to build or remove walls; drag the source to move it"),
      look: tool("look", "Look", "Choose a cell, which the panels are about"),
    };
    this.undoButton = button("Undo", "Undo (Ctrl + Z)", () => this.undo());
    this.redoButton = button("Redo", "Redo (Ctrl + Y)", () => this.redo());
    this.enough = h("button", {
      type: "button",
      class: "ls-primary",
      hidden: true,
      onclick: () => this.ask({ loops: this.loopsNeeded() }),
    });
    return {
      labelled: [
        h("label", { for: "ls-example" }, "Grid ", this.exampleSelect),
        h("label", { for: "ls-size" }, "Side ", this.sizeInput),
      ],
      buttons: [
        button("As text…", "Type or paste a grid as text", () => this.openText(), "paste"),
        button("Random", `A new grid, ${percent(WALLS)} of it walls`, () => this.edit(randomGrid(this.geometry.rows))),
        button("Clear", "Remove all walls", () => this.edit(this.entry.replaceAll(WALL, FREE))),
        this.undoButton,
        this.redoButton,
      ],
      below: [
        h(
          "div",
          { class: "ls-buttons", role: "group", "aria-label": "What a press on the grid does" },
          this.tools.draw,
          this.tools.look,
          this.enough,
        ),
      ],
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

  place(meta) {
    const before = this.geometry;
    if (before?.n === meta.layout.names.length) return false;
    this.geometry = new GridGeometry(meta.layout);
    return true;
  }

  resize() {
    super.resize();
    this.cell = this.meta.layout.cell;
    this.selected = new Set([this.cell]);
  }

  layOut() {
    super.layOut();
    for (const board of this.boards) this.drawOn(board);
  }

  settable() {
    return this.meta.layout.settable.map((token) => [String(token), token ? "a wall" : "free"]);
  }

  donors() {
    const same = this.meta.examples.filter((one) => cellsOf(one.text).length === this.geometry.n);
    const digits = (text) => cellsOf(text).map((sign) => (sign === SOURCE ? 2 : sign === WALL ? 1 : 0));
    return same.map((one) => [digits(one.text).join(""), `that of ${one.name}`]);
  }

  firstCell() {
    return this.meta.layout.cell;
  }

  arrived(meta, first, resized) {
    const entry = meta.entry ?? (first || resized ? meta.puzzle : this.entry);
    this.rejected = meta.message?.kind === "error" ? this.pasted : null; // the dialog offers it again, to be mended
    this.pasted = null;
    if (entry !== this.entry && this.entry && this.rejected == null && !this.undoing) this.keep(this.entry);
    this.undoing = false;
    if (this.rejected == null) this.entry = entry;
    this.sizeInput.value = this.geometry.rows;
  }

  fillControls(current) {
    super.fillControls(current);
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
    const needed = this.loopsNeeded();
    this.enough.hidden = this.views[0].loops >= needed || needed > this.meta.most_loops;
    this.enough.textContent = `Run ${needed} loops`;
    this.enough.title = "As many loops as the farthest cell needs, and two more";
  }

  // As many loops as the flood takes to the farthest cell, and two in which nothing more should change.
  loopsNeeded() {
    return this.meta.needed + 2;
  }

  kept() {
    return { entry: this.entry, done: this.done, undone: this.undone, tool: this.tool };
  }

  recall({ done, undone, tool }) {
    Object.assign(this, { done, undone });
    this.use(tool);
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  use(tool) {
    this.tool = tool;
    for (const [name, one] of Object.entries(this.tools)) one.setAttribute("aria-pressed", name === tool);
    this.root?.classList.toggle("ls-drawing", tool === "draw");
  }

  // What a stroke of the pointer on a face does while walls are drawn.
  drawOn(board) {
    if (board.draws) return;
    board.draws = true;
    this.use(this.tool);
    const { grid } = board;
    const at = (event) => {
      const box = grid.getBoundingClientRect();
      const { rows, columns } = this.geometry;
      const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
      const column = clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), 0, columns - 1);
      return this.geometry.at(row, column);
    };
    grid.addEventListener(
      "pointerdown",
      (event) => {
        if (this.tool !== "draw" || event.button) return;
        event.preventDefault();
        event.stopPropagation();
        grid.setPointerCapture(event.pointerId);
        const cell = at(event);
        const here = cellsOf(this.entry)[cell];
        this.stroke = { what: here === SOURCE ? SOURCE : here === WALL ? FREE : WALL, cell, before: this.entry };
        this.cell = cell;
        this.selected = new Set([cell]);
        if (this.stroke.what !== SOURCE) this.write(cell, this.stroke.what);
        board.focus();
      },
      { capture: true },
    );
    grid.addEventListener("pointermove", (event) => {
      if (!this.stroke) return;
      const cell = at(event);
      if (cell === this.stroke.cell) return;
      this.stroke.cell = cell;
      this.write(cell, this.stroke.what);
    });
    for (const end of ["pointerup", "pointercancel"])
      grid.addEventListener(end, () => {
        if (this.stroke && this.stroke.before !== this.entry) this.keep(this.stroke.before);
        this.stroke = null;
      });
  }

  // Change one cell during a stroke; the whole stroke is one step of undo.
  write(cell, what) {
    const text = withCell(this.entry, cell, what);
    if (text !== this.entry) this.entered(text);
  }

  edit(text) {
    if (text === this.entry) return;
    this.keep(this.entry);
    this.entered(text);
  }

  keep(text) {
    this.done = [...this.done, text].slice(-KEPT);
    this.undone = [];
    this.undoButton.disabled = false;
    this.redoButton.disabled = true;
  }

  undo() {
    if (!this.done.length) return;
    this.undone.push(this.entry);
    this.entered(this.done.pop());
  }

  redo() {
    if (!this.undone.length) return;
    this.done.push(this.entry);
    this.entered(this.undone.pop());
  }

  // The grid shows the edit at once; the model is asked at once, too, and then whenever the hand pauses.
  entered(text) {
    const same = text.length === this.entry.length;
    this.undoing = true;
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
    if (!same) return this.ask({ puzzle: text });
    this.entry = text;
    this.changed(false);
    this.request++;
    clearTimeout(this.typing);
    const idle = !this.root.hasAttribute("data-busy") && performance.now() - (this.edited ?? -Infinity) > 400;
    this.edited = performance.now();
    this.typing = setTimeout(() => this.ask({ puzzle: this.entry }), idle ? 0 : PAUSE);
  }

  chooseSize() {
    const size = Number(this.sizeInput.value);
    if (!Number.isInteger(size) || size < SMALLEST || size > LARGEST) {
      this.sizeInput.value = this.geometry.rows;
      return this.say({ kind: "error", text: `A side has ${SMALLEST} to ${LARGEST} cells.` });
    }
    this.edit(resized(this.entry, size));
  }

  chooseExample() {
    const example = this.examples[Number(this.exampleSelect.value)];
    if (this.exampleSelect.value !== "" && example) this.paste(example.text);
  }

  // Text in any form: the server reads it and answers with the grid, or says what is wrong with it.
  paste(text) {
    this.ask({ puzzle: text });
    this.pasted = text;
  }

  openText() {
    const area = h("textarea", {
      rows: 12,
      spellcheck: "false",
      "aria-label": "Grid as text",
      "data-testid": "grid-text",
      style: "font-family: monospace",
    });
    area.value = (this.rejected ?? this.entry).replaceAll("/", "\n");
    const close = this.openDialog(
      "Type or paste a grid",
      h(
        "form",
        {
          onsubmit: (event) => {
            event.preventDefault();
            const text = area.value;
            close();
            this.paste(text);
          },
        },
        h("p", {}, "Rows of dots for free cells, # for walls and one S for the source; sides of 2 to 32 cells."),
        area,
        h(
          "div",
          { class: "ls-buttons" },
          h("button", { type: "submit", class: "ls-primary" }, "Use this grid"),
          h("button", { type: "button", onclick: () => close() }, "Cancel"),
        ),
      ),
    );
    area.select();
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

  inputKey(event) {
    // Undo means the grid wherever the focus is.
    if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) this.faceKey(event);
  }

  faceKey(event) {
    const { cell, geometry } = this;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const here = cellsOf(this.entry)[cell];
    if (event.getModifierState("AltGraph") && event.key !== WALL) return;
    if (step && !command && !event.altKey) {
      const [row, column] = geometry.spot(cell);
      const to = [clamp(row + step[0], 0, geometry.rows - 1), clamp(column + step[1], 0, geometry.columns - 1)];
      this.select(geometry.at(...to));
      this.focusBoard(event);
    } else if (command && key === "z" && !event.shiftKey) this.undo();
    else if (command && (key === "y" || (key === "z" && event.shiftKey))) this.redo();
    else if (command) return;
    else if (event.key === "Enter" || event.key === WALL) this.edit(withCell(this.entry, cell, here === WALL ? FREE : WALL));
    else if (event.key === FREE || event.key === "Delete" || event.key === "Backspace")
      this.edit(withCell(this.entry, cell, FREE));
    else if (key === "s") this.edit(withCell(this.entry, cell, SOURCE));
    else if (event.key === "Escape" && !this.root.querySelector("details[open]") && !this.presenting) {
      if (this.held) this.release();
      else this.clock.playButton.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  paintFace(pen, width, height, seen) {
    paintGrid(pen, width, { ...seen, cells: cellsOf(this.entry) });
    return this.faceSentence(seen);
  }

  faceSentence({ view, t, show }) {
    const { meta } = this;
    if (this.entry !== this.puzzle) return "The panels still show the last grid that was run.";
    const cells = plural(view.blanks, "free cell");
    if (!t)
      return `Before the first loop: ${cells}, the farthest that can be reached is ${plural(meta.needed, "step")} away.`;
    const now = view.at(t);
    const { values, shape } = view.arrays.flood;
    const [, said, ahead, behind] = values.subarray((now - 1) * shape[1], now * shape[1]);
    const verdict = view.right[now - 1]
      ? `Right: every cell that can be reached is marked, and no other (${said} of ${cells}).`
      : `The model says that ${said} of ${cells} can be reached.`;
    const front =
      behind || ahead
        ? ` Within ${plural(now, "step")} of the source ${plural(behind, "cell is", "cells are")} not marked yet; ` +
          `${ahead} beyond ${ahead === 1 ? "is" : "are"} marked already.`
        : ` That is all within ${plural(now, "step")} of the source, and nothing beyond.`;
    const steady = t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
    const short =
      now === view.loops && now < meta.needed
        ? ` The farthest cell is ${meta.needed} steps away: more than these ${plural(now, "loop")} can carry the flood.`
        : "";
    const check =
      show === "solution" && !view.right[now - 1] ? " Crossed cells differ from what is true in the end." : "";
    return `${verdict}${view.right[now - 1] ? steady : front}${short}${check}`;
  }

  faceWords(seen) {
    const { view, views, t, geometry } = seen;
    const other = views.find((one) => one !== view);
    const own = cellsOf(this.entry);
    const stale = this.entry !== this.puzzle;
    const named = { [FREE]: "free", [WALL]: "wall", [SOURCE]: "source" };
    const said = (token) => (token === 3 ? "reached" : "not reached");
    return own.map((sign, i) => {
      if (sign === WALL || stale || !t || !view.asked[i]) return `${geometry.name(i)}, ${named[sign]}`;
      const answer = view.digit(t, i);
      const changed = view.changes[view.at(t) - 1][i] ? ", changed in this loop" : "";
      const differs = other && view.digit(t, i) !== other.digit(t, i);
      const theirs = differs ? `, ${other.letter} says ${said(other.digit(t, i))}` : "";
      const says = `model says ${said(answer)} at ${percent(view.confidence(t, i))}`;
      return `${geometry.name(i)}, ${named[sign]}, ${says}${changed}${theirs}`;
    });
  }

  faceTable(view) {
    const { geometry } = this;
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
