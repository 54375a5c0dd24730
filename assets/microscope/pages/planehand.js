// The pointer on a plane: it adds, drags and removes examples, draws many of them freehand, and chooses the query. A
// whole drag or stroke is one step of undo.

import { clamp } from "../core/words.js";
import { textOf } from "./prompttext.js";

/** @typedef {import("./face.js").Face} Face */
/** @typedef {{ px: number, py: number, frame: object, out: boolean, point: number[] }} Spot under the pointer */

const NEAR = { touch: 24, pen: 16, mouse: 12 }; // pixels within which a press means the example there
const SPACING = 18; // pixels between two examples of a stroke
const OUT = 26; // pixels beyond the edge of the plane where a dragged example is let go for good
const AGAIN = 600; // milliseconds in which a second press is part of the first

/** The pointer on a plane. */
export class Hand {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.listening = new WeakSet(); // faces
  }

  // What the pointer does, null for nothing: { what, index, before, points, out, last, heights, geometry, choice }.
  // before, points, choice: the prompt, its examples and what was chosen before it, in this geometry; heights: those of
  // the plane, which stay as they are meanwhile.
  /** @type {object|null} */
  get now() {
    return this.page.state.draft.gesture;
  }

  // Let the pointer work on a face.
  /** @type {(face: Face) => void} */
  listen(face) {
    if (this.listening.has(face)) return;
    this.listening.add(face);
    const { grid } = face;
    grid.addEventListener("pointerdown", (event) => this.begin(event, face), { capture: true });
    grid.addEventListener("pointermove", (event) => this.now && this.goOn(this.spot(event, face)));
    grid.addEventListener("pointerup", () => this.end());
    grid.addEventListener("pointercancel", () => this.cancel());
    grid.addEventListener("dblclick", (event) => this.twice(event, face), { capture: true });
  }

  // Where the pointer is: on the screen as drawn, and as x and y of the plane.
  /** @type {(event: PointerEvent, face: Face) => Spot} */
  spot(event, face) {
    const { page } = this;
    const box = face.grid.getBoundingClientRect();
    const [px, py] = [(event.clientX - box.left) / page.zoom, (event.clientY - box.top) / page.zoom];
    const frame = page.frame(box.width / page.zoom, box.height / page.zoom);
    const { left, right, top, bottom } = frame;
    const inside = [clamp(px, left, right), clamp(py, top, bottom)];
    const out = px < left - OUT || px > right + OUT || py < top - OUT || py > bottom + OUT;
    return { px, py, frame, out, point: frame.at(...inside) };
  }

  // The example under the pointer, −1 for none.
  /** @type {(spot: Spot, type: string) => number} */
  hit({ px, py, frame }, type) {
    let [best, nearest] = [-1, (NEAR[type] ?? NEAR.mouse) ** 2];
    this.page.points.forEach(([x, y], i) => {
      const away = (frame.x(x) - px) ** 2 + (frame.y(y) - py) ** 2;
      if (away <= nearest) [best, nearest] = [i, away];
    });
    return best;
  }

  /** @type {(event: PointerEvent, face: Face) => void} */
  begin(event, face) {
    const { page } = this;
    if (!event.isPrimary) this.cancel(); // a second finger zooms the page
    if (!event.isPrimary || !page.form.frameOf || event.button || !page.host.send) return;
    const spot = this.spot(event, face);
    const { typed, draft } = page.state;
    const { tool, entry } = typed;
    const below = spot.py > spot.frame.bottom;
    const stroke = tool === "draw"; // which may begin at an example
    const index = below || stroke ? -1 : this.hit(spot, event.pointerType);
    if ((below || tool === "look") && index < 0 && page.dims > 1) return; // a press on a cell, as on every face
    event.preventDefault();
    event.stopPropagation();
    face.grid.setPointerCapture(event.pointerId);
    const heights = [spot.frame.low, spot.frame.high];
    const { choice, run } = page.state;
    const was = { before: entry, points: textOf(page.points), geometry: run.geometry, choice: { ...choice } };
    draft.gesture = { what: "drag", index, ...was, out: false, last: spot, heights };
    if (index >= 0) page.state.select(index);
    else if (below || tool === "look") this.now.what = "query";
    else this.put(spot, tool);
    if (this.now.what === "query") this.goOn(spot);
    page.changed();
    face.focus();
  }

  /** @type {(spot: Spot, tool: string) => void} */
  put(spot, tool) {
    const { page, now } = this;
    now.what = tool === "draw" ? "stroke" : "drag";
    now.index = page.add(spot.point) ? page.points.length - 1 : -1;
    page.state.draft.added = performance.now();
  }

  /** @type {(spot: Spot) => void} */
  goOn(spot) {
    const { page, now } = this;
    const far = (spot.px - now.last.px) ** 2 + (spot.py - now.last.py) ** 2;
    if (now.what === "query") page.select(page.nearest(spot.point));
    else if (now.what === "stroke" && far >= SPACING ** 2 && !spot.out) {
      now.last = spot;
      page.add(spot.point);
    } else if (now.what === "drag" && now.index >= 0) {
      now.out = spot.out;
      page.place(now.index, spot.point);
    }
  }

  end() {
    const { page, now } = this;
    if (!now) return;
    page.state.draft.gesture = null;
    if (now.out) page.remove(now.index);
    // In the end nothing is another: a prompt that was sampled stays the one that was sampled.
    if (textOf(page.points) === now.points) this.restore(now);
    if (now.before !== page.state.typed.entry) page.keep(now.before);
    page.changed();
  }

  // The browser took the pointer over, for instance to scroll: take back what it did here.
  cancel() {
    const { page, now } = this;
    if (!now) return;
    page.state.draft.gesture = null;
    this.restore(now);
    if (now.geometry === page.state.run.geometry) Object.assign(page.state.choice, now.choice);
    page.changed();
  }

  // The prompt as it was before a gesture.
  /** @type {(now: { before: string }) => void} */
  restore({ before }) {
    const { page } = this;
    if (before === page.state.typed.entry) return;
    page.state.draft.wish = null;
    page.change(before);
  }

  // A double click removes an example; not the one that its first click has put there.
  twice(event, face) {
    const { page } = this;
    const fresh = performance.now() - page.state.draft.added < AGAIN;
    if (!page.form.frameOf || !page.host.send || fresh) return;
    const index = this.hit(this.spot(event, face), "mouse");
    if (index < 0) return;
    event.stopPropagation();
    page.editing(() => page.remove(index));
  }
}
