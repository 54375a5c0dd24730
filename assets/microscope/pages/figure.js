// A panel on the page: its heading, lists and notes, and for each run a canvas with its sentence and the row of its
// question.
//
// A repaint has three steps for all figures together: `tell` changes elements, `measure` reads sizes, `draw` paints.
// So a figure is painted at the size that it has after everything around it has changed.

import { button, h, options } from "../core/elements.js";
import { clamp } from "../core/words.js";
import { canvasPen, measured } from "../draw/surface.js";
import { isBlank } from "../ask/asking.js";
import { AskRow } from "../ask/row.js";
import { refusal } from "./asked.js";
import { blankWords } from "./facewords.js";
import { tellTerms } from "./glossary.js";
import { heading } from "./heading.js";
import { partWords, savedWords } from "./telling.js";

/** @typedef {import("../core/types.js").Panel} Panel */
/** @typedef {import("../core/view.js").View} View */
/** @typedef {Object<string, Element|object|null>} Part of a figure: the elements for one run, its box, what it shows */

const STEEPEST = 1.5; // radians of tilt
const DRAG = 120; // pixels of a drag that turn by one radian
const CLICK = 4; // pixels that a hand may move in a click

/** A panel on the page. */
export class Figure {
  /** @param {import("../core/types.js").Panel} panel @param {import("./page.js").Page} page */
  constructor(panel, page) {
    this.panel = panel;
    this.page = page;
    this.drawn = [];
    this.parts = h("div", { class: "ls-parts" });
    this.picks = h("div", { class: "ls-picks" });
    const about = { class: `ls-panel ls-${panel.name}`, "data-panel": panel.name };
    this.root = h("section", about, this.heading(), this.parts);
    this.root.ariaLabel = page.words(panel.title);
    if (panel.modes) this.addModes();
    if (panel.turns) this.addTurn();
    if (panel.choosesHead) this.addHeads();
  }

  /** @type {() => HTMLElement} */
  heading() {
    return heading(this.page, this.panel.name, this.panel, this.picks, !this.panel.build);
  }

  // The words of the page have changed: those that are made once are made anew.
  retell() {
    const { page, panel, root } = this;
    root.firstChild.replaceWith(this.heading());
    root.ariaLabel = page.words(panel.title);
    if (!this.modeSelect) return;
    this.modeSelect.ariaLabel = this.modesLabel;
    this.fillModes();
  }

  get modesLabel() {
    return `${this.page.words(this.panel.title)}: what to show`;
  }

  // ── the lists above ─────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(label: string, chosen: (value: string) => void) => HTMLSelectElement} */
  select(label, chosen) {
    const select = h("select", { class: "ls-heads", "aria-label": label, onchange: () => chosen(select.value) });
    this.picks.append(select);
    return select;
  }

  addModes() {
    const { panel, page } = this;
    const { look } = page.state;
    this.modeSelect = this.select(this.modesLabel, (mode) => {
      look.modes[panel.name] = mode;
      page.changed();
    });
    this.fillModes();
  }

  // Make the list of modes anew: which there are depends on the task and on the models.
  fillModes() {
    const { panel, page } = this;
    const pairs = page.panels.modesOf(panel).map(([name, words]) => [name, page.words(words)]);
    options(this.modeSelect, pairs, page.panels.modeOf(panel));
    this.modeSelect.hidden = pairs.length < 2;
  }

  addTurn() {
    const { panel, page } = this;
    this.turnSlider = h("input", {
      type: "range",
      class: "ls-turn",
      min: -180,
      max: 180,
      step: 5,
      "aria-label": `${page.words(panel.title)}: turn`,
      title: "Turn, as by dragging",
      oninput: () => this.turn((Number(this.turnSlider.value) * Math.PI) / 180, page.state.look.camera[1]),
    });
    const why = page.words("A large figure that turns and zooms and names every {place}");
    this.largeButton = button("⤢", why, () => page.openSpace(), "space");
    this.picks.append(this.turnSlider, this.largeButton);
  }

  addHeads() {
    const { page } = this;
    const { look } = page.state;
    this.headSelect = this.select("Attention head", (value) => {
      look.head = value === "" ? null : Number(value);
      page.changed();
    });
    this.layerSelect = this.select("Layer", (value) => {
      look.layer = Number(value);
      page.changed();
    });
  }

  turn(angle, tilt) {
    this.page.state.look.camera = [angle, clamp(tilt, -STEEPEST, STEEPEST)];
    this.page.changed(false);
  }

  // Set the lists to what the state says.
  /** @type {(run: { heads: number, layers: number }) => void} */
  fillLists(run) {
    const { look } = this.page.state;
    if (this.modeSelect) this.fillModes();
    if (!this.headSelect) return;
    const heads = Array.from({ length: run.heads }, (_, i) => [String(i), `Head ${i + 1}`]);
    const layers = Array.from({ length: run.layers }, (_, i) => [String(i), `Layer ${i + 1}`]);
    options(this.headSelect, [["", "All heads"], ...heads], look.head == null ? "" : String(look.head));
    options(this.layerSelect, layers, String(look.layer));
    this.layerSelect.hidden = run.layers < 2;
  }

  // ── a part for each run ─────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(views: View[]) => void} */
  layOut(views) {
    if (this.panel.build) {
      this.layOutForm();
      return;
    }
    while (this.drawn.length < views.length) this.drawn.push(this.part(this.drawn.length));
    this.drawn.length = views.length;
    this.observe();
    this.parts.replaceChildren(...this.drawn.map((part) => part.root));
    this.drawn.forEach((part, i) => this.label(part, views[i]));
  }

  layOutForm() {
    if (this.form || this.parts.childElementCount) return;
    if (!this.page.host.ask) {
      this.picks.hidden = true;
      this.parts.append(h("p", { class: "ls-none" }, savedWords(this.page, this.panel)));
      return;
    }
    this.form = this.panel.build(this.page.panels.formHost(this.panel));
    this.parts.append(this.form.root);
  }

  part(i) {
    const { panel } = this;
    const canvas = h("canvas", { role: "img" });
    const title = h("h3", { class: "ls-caption" });
    const says = h("p", { class: "ls-says" });
    const none = h("p", { class: "ls-none" });
    const row = panel.asks ? new AskRow(() => this.page.askQuestion(panel, i)) : null;
    this.point(canvas, i);
    if (panel.turns) this.dragging(canvas);
    const root = h("div", { class: "ls-part" }, title, canvas, none, ...(row ? [row.root] : []), says);
    return { canvas, says, title, none, row, root, box: null };
  }

  /** @type {(part: Part, view: View) => void} */
  label(part, view) {
    const served = !!view.arrays[this.panel.needs];
    part.title.textContent = view.letter ? view.label : "";
    part.canvas.ariaLabel = this.page.wordsOf(view, this.panel.drawing);
    part.canvas.hidden = !served;
    part.says.hidden = !served;
    part.none.hidden = served;
    part.none.textContent = this.page.words(view.meta.missing?.[this.panel.needs] ?? "");
    if (part.row) part.row.root.hidden = !served;
  }

  // What lies under the pointer can be previewed and chosen.
  /** @type {(canvas: HTMLCanvasElement, i: number) => void} */
  point(canvas, i) {
    const { page } = this;
    canvas.addEventListener("click", (event) => {
      const at = this.under(canvas, i, event);
      if (at?.loop != null) page.clock.go(at.loop);
      if (at?.cell != null) page.select(at.cell, "only");
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = this.under(canvas, i, event);
      canvas.style.cursor = at ? "pointer" : "";
      page.preview(at?.cell ?? null);
    });
    canvas.addEventListener("pointerleave", () => page.preview(null));
  }

  under(canvas, i, event) {
    if (canvas.hidden) return null;
    const { page, panel } = this;
    const zoom = page.scale;
    const [x, y] = [event.offsetX / zoom, event.offsetY / zoom];
    return panel.pick(x, y, page.seen(i, panel), canvas.clientWidth / zoom, canvas.clientHeight / zoom);
  }

  // What is drawn in space is turned by dragging, or with the slider beside its mode.
  /** @type {(canvas: HTMLCanvasElement) => void} */
  dragging(canvas) {
    const { look } = this.page.state;
    let last = null;
    let moved = 0;
    const release = () => {
      last = null;
    };
    // The end of a drag chooses no position.
    const click = (event) => {
      if (moved > CLICK) event.stopImmediatePropagation();
    };
    canvas.addEventListener("click", click, { capture: true });
    canvas.addEventListener("pointerdown", (event) => {
      moved = 0;
      last = null;
      if (!event.isPrimary) return; // a second finger zooms the page
      if (this.page.panels.modeOf(this.panel) !== this.panel.turns) return;
      last = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const [x, y] = [event.clientX - last[0], event.clientY - last[1]];
      moved += Math.hypot(x, y);
      last = [event.clientX, event.clientY];
      this.turn(look.camera[0] + x / DRAG, look.camera[1] + y / DRAG);
    });
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
  }

  // ── a repaint ───────────────────────────────────────────────────────────────────────────────────────────────────

  // Change the elements to what is seen; nothing is measured.
  tell() {
    const { panel, page, drawn } = this;
    const { look } = page.state;
    if (this.turnSlider) {
      const turned = (Math.atan2(Math.sin(look.camera[0]), Math.cos(look.camera[0])) * 180) / Math.PI;
      this.turnSlider.hidden = page.panels.modeOf(panel) !== panel.turns;
      this.largeButton.hidden = this.turnSlider.hidden;
      if (document.activeElement !== this.turnSlider) this.turnSlider.value = Math.round(turned);
    }
    drawn.forEach((part, i) => this.tellPart(part, i));
  }

  tellPart(part, i) {
    const { panel, page } = this;
    const seen = page.seen(i, panel);
    const served = !!seen.view.arrays[panel.needs];
    part.seen = seen;
    if (!served) return;
    const bare = isBlank(panel, seen.mode) && !seen.asked; // nothing to draw before the question is answered
    if (panel.blank) part.canvas.hidden = bare;
    this.tellSaved(part, bare && !page.host.ask);
    const why = refusal(page, panel, i, seen);
    const says = seen.words(panel.describe(seen));
    tellTerms(part.says, why ?? `${partWords(seen.asked)}${blankWords(seen, says)}${says}`);
    if (!part.row) return;
    page.tellQuestion(panel, i, part.row);
    part.row.root.hidden ||= !!why;
  }

  // On a saved page: say that the answer is lacking, in place of the offer to ask.
  tellSaved(part, lacking) {
    part.none.hidden = !lacking;
    part.says.hidden = lacking;
    if (lacking) part.none.textContent = savedWords(this.page, this.panel);
  }

  measure() {
    for (const part of this.drawn) part.box = part.canvas.hidden ? null : measured(part.canvas);
  }

  // Have the page told when a canvas changes its size.
  observe() {
    for (const { canvas } of this.drawn) this.page.fitter.observe(canvas);
  }

  // Whether a canvas is shown at another size than it was measured at.
  /** @type {boolean} */
  get misfit() {
    return this.drawn.some(({ canvas, box }) => box && measured(canvas).some((side, i) => side && side !== box[i]));
  }

  /** @type {(zoom: number, font: string) => void} */
  draw(zoom, font) {
    for (const { canvas, box, seen } of this.drawn) {
      if (!box) continue;
      const { pen, width, height } = canvasPen(canvas, box, zoom, font);
      this.panel.draw(pen, seen, width, height);
    }
  }
}
