// The Paths page: a grid of free cells and walls with one source, drawn by mouse, touch, keys or as text; and how far
// the model says that a flood from the source comes.

import { button, h } from "../core/elements.js";
import { clamp, percent } from "../core/words.js";
import { openText } from "./dialog.js";
import { paintGrid } from "./grid.js";
import { cellsOf, FREE, GridGeometry, randomGrid, resized, SOURCE, WALL, WALLS, withCell } from "./gridtext.js";
import { describeGrid, tableOfGrid, wordsOfGrid } from "./gridwords.js";
import { DrawnPage } from "./drawn.js";
import { CLOCK_KEYS, STAGE_KEYS } from "./keys.js";
import { Strokes } from "./strokes.js";

/** @typedef {import("../core/types.js").PageParts} PageParts */

const [SMALLEST, LARGEST] = [2, 32]; // sides, as looped/tasks/paths/grid.py reads them
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const PAUSE = 120; // milliseconds that a hand may rest before the model is asked again

/**
 * The Paths page.
 * @implements {PageParts}
 */
export class PathsPage extends DrawnPage {
  static page = "paths";
  static drawsTyped = true;
  static many = false;
  static shows = [
    ["answer", "Answer"],
    ["settle", "Settle {loop}"],
    ["attention", "Attention"],
    ["solution", "Check answer"],
    ["versus", "A against B"],
  ];
  static panels = ["flood", "convergence", "attention", "trajectory", "readout", "distances"];
  static questions = [
    "inputs",
    "flood",
    "whatif",
    "clues",
    "effect",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "similarity",
    "lyapunov",
    "linear",
    "recovery",
    "locality",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "calibration",
    "resting",
    "compute",
    "scaling",
  ];
  static keys = [
    ["← →", "one {loop} back or on (on the grid: move)"],
    ...CLOCK_KEYS,
    ["arrows", "move on the grid"],
    ["Enter or #", "on the grid: build or remove a wall"],
    [". or Delete", "on the grid: remove a wall"],
    ["S", "on the grid: put the source here"],
    ["Ctrl + Z, Ctrl + Y", "undo, redo"],
    ["Ctrl + C, Ctrl + V", "copy and paste the grid as text"],
    ["point, click, Esc", "preview a cell, hold it, let it go"],
    ...STAGE_KEYS,
  ];
  static touch = [["drag with Draw", "build or remove walls; drag the source to move it"]];

  // What is typed: entry is the grid as text; tool is what a press on the grid does.
  inputs() {
    const tools = {
      draw: ["Draw", "Drag to build or remove walls; drag the source to move it"],
      look: ["Look", "Choose a cell, which the panels are about"],
    };
    this.addTools("What a press on the grid does", tools, "draw");
    this.strokes = new Strokes(this);
    const onchange = () => this.chooseSize();
    const bounds = { min: SMALLEST, max: LARGEST, step: 1 };
    this.sizeInput = h("input", { id: "ls-size", type: "number", ...bounds, onchange });
    const run = () => this.ask({ loops: this.loopsNeeded() });
    this.enough = h("button", { type: "button", class: "ls-primary", hidden: true, onclick: run });
    this.toolGroup.append(this.enough);
    return {
      labelled: [
        h("label", { for: "ls-example" }, "Grid ", this.bar.example),
        h("label", { for: "ls-size" }, "Side ", this.sizeInput),
      ],
      buttons: [
        button("As text…", "Type or paste a grid as text", () => this.openText(), "paste"),
        button("Random", `A new grid, ${percent(WALLS)} of it walls`, () => this.drawAnother()),
        button("Clear", "Remove all walls", () => this.edit(this.state.typed.entry.replaceAll(WALL, FREE))),
        ...this.undoing.buttons,
      ],
      below: [this.toolGroup],
    };
  }

  get face() {
    return {
      title: "Grid",
      drawing: "Grid with walls, a source and what the model says is reached",
      help:
        "Grey cells are walls, S is the source. A cell is filled the more, the surer the model is that " +
        "it can be reached from the source by steps up, down, left and right; a dot says that this is its " +
        "answer. A folded corner shows an answer that changed in this {loop}. Draw: drag to build or remove " +
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
    for (const face of this.faces) this.strokes.listen(face);
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

  arrived(meta, first) {
    const { typed, draft } = this.state;
    const entry = meta.entry ?? (first || draft.resized ? meta.puzzle : typed.entry);
    const rejected = meta.message?.kind === "error" ? draft.pasted : null;
    if (entry !== typed.entry && typed.entry && !draft.ours) this.keep(typed.entry);
    Object.assign(draft, { rejected, pasted: null, ours: false });
    typed.entry = entry;
  }

  fillControls(current) {
    super.fillControls(current);
    const { meta, views, geometry } = this.state.run;
    const needed = this.loopsNeeded();
    this.undoing.tell();
    this.use(this.state.typed.tool);
    if (current) this.sizeInput.value = geometry.rows;
    this.enough.hidden = views[0].loops >= needed || needed > meta.most_loops;
    this.enough.textContent = this.words(`Run ${needed} {loops}`);
    this.enough.title = this.words("As many {loops} as the farthest cell needs, and two more");
  }

  // As many loops as the flood takes to the farthest cell, and two in which nothing more should change.
  loopsNeeded() {
    return this.state.run.meta.needed + 2;
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  // A grid like this one in size, drawn at random.
  drawAnother() {
    this.edit(randomGrid(this.state.run.geometry.rows));
    this.state.draft.fresh = true;
  }

  /** @type {(text: string) => void} */
  edit(text) {
    if (text === this.state.typed.entry || this.refused()) return;
    this.keep(this.state.typed.entry);
    this.change(text);
  }

  // The grid shows the edit at once; the model is asked at once, too, and then whenever the hand pauses.
  /** @type {(text: string) => void} */
  change(text) {
    const { typed, draft } = this.state;
    draft.ours = true;
    if (text.length !== typed.entry.length) {
      this.ask({ puzzle: text });
      return;
    }
    typed.entry = text;
    this.changed();
    this.requests.soon(PAUSE, () => this.ask({ puzzle: typed.entry }));
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

  openText() {
    const { draft, typed } = this.state;
    const text = (draft.rejected ?? typed.entry).replaceAll("/", "\n");
    const sides = `sides of ${SMALLEST} to ${LARGEST} cells`;
    const help = `Rows of dots for free cells, # for walls and one S for the source; ${sides}.`;
    const words = { title: "Type or paste a grid", help, label: "Grid as text", text, use: "Use this grid" };
    openText(this, words, { "data-testid": "grid-text", style: "font-family: monospace" });
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

  // Does what a key without Ctrl means on the grid; false when it means nothing here.
  /** @type {(event: KeyboardEvent) => boolean} */
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

  /** @type {(move: [number, number]) => number} */
  neighbour([down, right]) {
    const { geometry } = this.state.run;
    const [row, column] = geometry.spot(this.state.choice.cell);
    return geometry.at(clamp(row + down, 0, geometry.rows - 1), clamp(column + right, 0, geometry.columns - 1));
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  describeFace(seen) {
    return describeGrid(seen);
  }

  drawFace(pen, seen, width) {
    paintGrid(pen, width, { ...seen, cells: cellsOf(seen.entry) });
  }

  faceWords(seen) {
    return wordsOfGrid(seen);
  }

  faceTable(seen) {
    return tableOfGrid(seen);
  }
}
