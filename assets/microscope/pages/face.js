// The face: what is asked and answered, painted on a canvas (the same strokes export it), with a transparent grid of
// cells over it that holds the focus, the pointer and the words for screen readers. `page` is the microscope, which
// holds what is typed and chosen.

import { h } from "../core/elements.js";
import { canvasPen } from "../draw/surface.js";

export class Face {
  constructor(page) {
    this.page = page;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.grid = h("div", {
      class: "ls-grid",
      role: "grid",
      "aria-label": page.face.drawing,
      "aria-multiselectable": String(page.about.many),
    });
    this.frame = h("div", { class: "ls-frame" }, this.canvas, this.grid);
    this.grid.addEventListener("keydown", (event) => page.faceKey(event));
    this.grid.addEventListener("pointerover", (event) => {
      const cell = this.cellOf(event);
      if (event.buttons === 1 && event.pointerType === "mouse" && cell != null && this.dragging && page.about.many)
        page.select(cell, "add");
      else page.preview(cell);
    });
    this.grid.addEventListener("pointerleave", () => page.preview(null));
    this.grid.addEventListener("pointerdown", (event) => {
      const cell = this.cellOf(event);
      if (cell == null) return;
      event.preventDefault();
      if (event.pointerType === "touch" && page.held && page.selected.size === 1 && cell === page.cell)
        return page.release(); // what Esc does
      this.dragging = true;
      page.select(
        cell,
        !page.about.many ? "only" : event.ctrlKey || event.metaKey ? "toggle" : event.shiftKey ? "add" : "only",
      );
      this.focus();
    });
    this.grid.addEventListener("pointerup", () => {
      if (this.dragging) this.focus();
      this.dragging = false;
    });
    this.grid.addEventListener("dblclick", (event) => {
      const cell = this.cellOf(event);
      if (cell != null) page.selectAlike?.(cell, this.view);
    });
  }

  cellOf(event) {
    const cell = event.target.closest("[data-cell]");
    return cell ? Number(cell.dataset.cell) : null;
  }

  focus() {
    this.cells[this.page.cell].focus({ preventScroll: true });
  }

  build(geometry) {
    const { rows, columns, n } = geometry;
    const focused = this.grid.contains(document.activeElement);
    const list = (length, at) => Array.from({ length }, (_, i) => at(i));
    this.said = Array(n).fill("");
    this.cells = list(n, (i) => h("div", { role: "gridcell", "data-cell": i, tabindex: -1, class: "ls-cell" }));
    this.grid.style.setProperty("--size", columns);
    this.frame.style.setProperty("--ratio", this.page.faceRatio); // width over height
    this.grid.replaceChildren(
      ...list(rows, (r) =>
        h(
          "div",
          { role: "row", class: "ls-row" },
          ...list(columns, (c) => {
            const i = geometry.at(r, c);
            return i == null ? h("div", { role: "presentation" }) : this.cells[i];
          }),
        ),
      ),
    );
    if (focused) requestAnimationFrame(() => this.focus());
  }

  draw(seen, zoom) {
    const { pen, width, height } = canvasPen(this.canvas, zoom, seen.font);
    return this.page.paintFace(pen, width, height, seen);
  }

  paint(seen, zoom) {
    this.view = seen.view;
    const { page } = this;
    const says = this.draw(seen, zoom);
    const words = page.faceWords(seen);
    for (let i = 0; i < seen.geometry.n; i++) {
      const cell = this.cells[i];
      const chosen = page.selected.has(i);
      if (words[i] !== this.said[i]) {
        cell.setAttribute("aria-label", words[i]);
        this.said[i] = words[i];
      }
      if (cell.getAttribute("aria-selected") !== String(chosen)) cell.setAttribute("aria-selected", chosen);
      const stop = i === page.cell ? 0 : -1;
      if (cell.tabIndex !== stop) cell.tabIndex = stop;
    }
    return says;
  }
}
