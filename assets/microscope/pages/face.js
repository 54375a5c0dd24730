// The face: what is asked and answered, painted on a canvas (the same strokes export it), with a transparent grid of
// cells over it that holds the focus, the pointer and the words for screen readers.

import { h } from "../core/elements.js";
import { canvasPen, measured } from "../draw/surface.js";
import { onPress } from "./taps.js";

/** @typedef {import("../core/types.js").Geometry} Geometry */
/** @typedef {import("../core/types.js").Seen} Seen */

/** What is asked and answered in one run: a canvas under a grid of cells. */
export class Face {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.grid = h("div", {
      class: "ls-grid",
      role: "grid",
      tabindex: -1, // it holds the focus while its cells are made anew
      "aria-label": page.face.drawing,
      "aria-multiselectable": String(page.spec.many),
    });
    this.frame = h("div", { class: "ls-frame" }, this.canvas, this.grid);
    this.title = h("h3", { class: "ls-caption" });
    this.says = h("p", { class: "ls-says" });
    this.root = h("div", { class: "ls-part" }, this.title, this.frame, this.says);
    this.listen();
  }

  listen() {
    const { grid, page } = this;
    grid.addEventListener("keydown", (event) => page.faceKey(event));
    grid.addEventListener("pointerover", (event) => this.over(event));
    grid.addEventListener("pointerleave", () => page.preview(null));
    onPress(grid, (event) => (event.type === "click" ? this.tap(event) : this.down(event)));
    grid.addEventListener("pointerup", () => {
      const { draft } = page.state;
      if (draft.dragging) this.focus();
      draft.dragging = false;
    });
    grid.addEventListener("dblclick", (event) => {
      const cell = this.cellOf(event);
      if (cell != null) page.selectAlike?.(cell, this.view);
    });
  }

  /** @type {(event: PointerEvent) => void} */
  over(event) {
    if (event.pointerType === "touch") return; // a finger does not point, and may be about to scroll
    const { page } = this;
    const cell = this.cellOf(event);
    const draws = event.buttons === 1 && event.pointerType === "mouse" && page.state.draft.dragging && page.spec.many;
    if (draws && cell != null) page.select(cell, "add");
    else page.preview(cell);
  }

  /** @type {(event: PointerEvent) => void} */
  down(event) {
    const { page } = this;
    const cell = this.cellOf(event);
    if (cell == null) return;
    event.preventDefault();
    page.state.draft.dragging = true;
    page.select(cell, page.spec.many ? this.how(event) : "only");
    this.focus();
  }

  // A tap chooses a cell; on the one that is held it lets go.
  /** @type {(event: PointerEvent) => void} */
  tap(event) {
    const { page } = this;
    const { choice } = page.state;
    const cell = this.cellOf(event);
    if (cell == null) return;
    const again = choice.held && choice.selected.size === 1 && cell === choice.cell;
    if (again) page.release(); // what Esc does
    else page.select(cell, page.spec.many ? this.how(event) : "only");
    this.focus();
  }

  how(event) {
    if (event.ctrlKey || event.metaKey) return "toggle";
    return event.shiftKey ? "add" : "only";
  }

  cellOf(event) {
    const cell = event.target.closest("[data-cell]");
    return cell ? Number(cell.dataset.cell) : null;
  }

  focus() {
    this.cells[this.page.state.choice.cell].focus({ preventScroll: true });
  }

  /** @type {(geometry: Geometry) => void} */
  rebuild(geometry) {
    const { rows, columns, n } = geometry;
    const focused = this.grid.contains(document.activeElement);
    const list = (length, at) => Array.from({ length }, (_, i) => at(i));
    this.said = Array(n).fill("");
    this.cells = list(n, (i) => h("div", { role: "gridcell", "data-cell": i, tabindex: -1, class: "ls-cell" }));
    const cellAt = (r, c) => this.cells[geometry.at(r, c) ?? n] ?? h("div", { role: "presentation" });
    const row = (r) => h("div", { role: "row", class: "ls-row" }, ...list(columns, (c) => cellAt(r, c)));
    this.grid.style.setProperty("--size", columns);
    this.frame.style.setProperty("--ratio", this.page.faceRatio); // width over height
    // From nowhere, a script would give the focus with its frame, also to a hand that only uses the mouse.
    if (focused) this.grid.focus({ preventScroll: true });
    this.grid.replaceChildren(...list(rows, row));
    if (focused) requestAnimationFrame(() => this.focus());
  }

  // The sentence below, and the words and states of the cells; nothing is drawn.
  /** @type {(seen: Seen) => void} */
  tell(seen) {
    const { page } = this;
    const { choice } = page.state;
    this.view = seen.view;
    this.says.textContent = seen.words(page.describeFace(seen));
    page.faceWords(seen).map(seen.words).forEach((words, i) => {
      const cell = this.cells[i];
      const chosen = String(choice.selected.has(i));
      const stop = i === choice.cell ? 0 : -1;
      if (words !== this.said[i]) cell.setAttribute("aria-label", words);
      if (cell.getAttribute("aria-selected") !== chosen) cell.setAttribute("aria-selected", chosen);
      if (cell.tabIndex !== stop) cell.tabIndex = stop;
      this.said[i] = words;
    });
  }

  measure() {
    this.box = measured(this.canvas);
  }

  /** @type {(seen: Seen, zoom: number) => void} */
  draw(seen, zoom) {
    const { pen, width, height } = canvasPen(this.canvas, this.box, zoom, seen.font);
    this.page.drawFace(pen, seen, width, height);
    this.page.placeCells(this, seen, width, height);
  }
}
