// Strokes of the pointer on a grid: they build or remove walls, or move the source. A whole stroke is one step of undo.

import { clamp } from "../core/words.js";
import { cellsOf, FREE, SOURCE, WALL, withCell } from "./gridtext.js";

/** @typedef {import("./face.js").Face} Face */

/** The pointer on a grid. */
export class Strokes {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.listening = new WeakSet(); // faces
  }

  // { what, cell, before, choice }: what is drawn, the cell it came to, the grid and what was chosen before it; null
  // while nothing is drawn.
  /** @type {{ what: string, cell: number|null, before: string, choice: object }|null} */
  get now() {
    return this.page.state.draft.gesture;
  }

  // What a stroke of the pointer on a face does while walls are drawn.
  /** @type {(face: Face) => void} */
  listen(face) {
    if (this.listening.has(face)) return;
    this.listening.add(face);
    const { grid } = face;
    grid.addEventListener("pointerdown", (event) => this.begin(event, face), { capture: true });
    grid.addEventListener("pointermove", (event) => this.now && this.goOn(this.cellUnder(event, face)));
    grid.addEventListener("pointerup", () => this.end());
    grid.addEventListener("pointercancel", () => this.cancel());
  }

  /** @type {(event: PointerEvent, face: Face) => void} */
  begin(event, face) {
    const { page } = this;
    const { state } = page;
    const { entry, tool } = state.typed;
    if (!event.isPrimary) this.cancel(); // a second finger zooms the page
    if (!event.isPrimary || tool !== "draw" || event.button || page.refused()) return;
    event.preventDefault();
    event.stopPropagation();
    face.grid.setPointerCapture(event.pointerId);
    const cell = this.cellUnder(event, face);
    const here = cellsOf(entry)[cell];
    const what = here === SOURCE ? SOURCE : here === WALL ? FREE : WALL;
    state.draft.gesture = { what, cell: here === SOURCE ? cell : null, before: entry, choice: { ...state.choice } };
    state.choose(cell);
    if (here !== SOURCE) this.goOn(cell);
    page.changed();
    face.focus();
  }

  // The cell under the pointer, the nearest one where it has left the grid.
  cellUnder(event, face) {
    const box = face.grid.getBoundingClientRect();
    const { geometry } = this.page.state.run;
    const { rows, columns } = geometry;
    const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
    const column = clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), 0, columns - 1);
    return geometry.at(row, column);
  }

  /** @type {(cell: number) => void} */
  goOn(cell) {
    const { page, now } = this;
    if (cell === now.cell) return;
    now.cell = cell;
    const { entry } = page.state.typed;
    const text = withCell(entry, cell, now.what);
    if (text !== entry) page.change(text);
  }

  end() {
    const { page, now } = this;
    if (now && now.before !== page.state.typed.entry) page.keep(now.before);
    page.state.draft.gesture = null;
  }

  // The browser took the pointer over, to scroll or to zoom: take back what it did here.
  cancel() {
    const { page, now } = this;
    if (!now) return;
    page.state.draft.gesture = null;
    Object.assign(page.state.choice, now.choice);
    if (now.before !== page.state.typed.entry) page.change(now.before);
    page.changed();
  }
}
