// A panel of the page Theory: heading, canvas, sentence; points that a hand or the keyboard can move.

import { AskRow } from "../ask/row.js";
import { button, h, icon, options } from "../core/elements.js";
import { clamp } from "../core/words.js";
import { canvasPen, measured } from "../draw/surface.js";
import { note } from "./heading.js";

const KINDS = ["png", "svg", "csv"];
const ARROWS = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 };

/** @type {(page: object, panel: object, ...picks: Element[]) => HTMLElement} */
export function heading(page, panel, ...picks) {
  const title = h("div", { class: "ls-title" }, h("h2", {}, panel.title), h("div", { class: "ls-picks" }, ...picks));
  return h("header", {}, title, note(panel.title, panel.help, panel.formula), menu(page, panel));
}

function menu(page, panel) {
  const kinds = panel.draw ? KINDS : ["csv"];
  const entries = kinds.map((kind) =>
    button(kind.toUpperCase(), `Save ${panel.title} as ${kind.toUpperCase()}`, () => page.save(panel, kind)),
  );
  const why = `Save ${panel.title} as an animation, loop by loop`;
  const moving = panel.moves && page.host.exportTheory ? [button("GIF", why, () => page.saveAnimation(panel))] : [];
  const present = panel.draw ? [presenting(page, panel)] : [];
  const about = { "aria-label": `${panel.title}: export, present`, title: "Export, present" };
  const summary = h("summary", about, icon("more"));
  const list = h("div", { class: "ls-list" }, ...entries, ...moving, ...present);
  return h("details", { class: "ls-menu", name: "ls-menu" }, summary, list);
}

const presenting = (page, panel) =>
  button("Present", `Present ${panel.title} alone and large (P)`, () => page.stage.present(panel.name));

/** A panel on the page. */
export class TheoryPanel {
  /** @param {import("../theory/registry.js").TheoryPanel} panel @param {import("./theory.js").TheoryPage} page */
  constructor(panel, page) {
    this.panel = panel;
    this.page = page;
    this.canvas = h("canvas", { role: "img", "aria-label": panel.drawing });
    this.says = h("p", { class: "ls-says" });
    this.select = panel.choices ? this.choosing() : null;
    const picks = this.select ? [this.select] : [];
    const about = { class: `ls-panel ls-t-${panel.name}`, "data-panel": panel.name, "aria-label": panel.title };
    this.row = panel.asks && page.host.ask ? new AskRow(() => page.askRate()) : null;
    this.beyond = panel.beyond ? h("p", { class: "ls-beyond" }) : null;
    const below = [this.row?.root, this.beyond].filter(Boolean);
    this.root = h("section", about, heading(page, panel, ...picks), this.canvas, this.says, ...below);
    if (panel.pick) this.point();
    if (panel.grab) this.dragging();
    if (panel.grips) this.keyboard();
  }

  /** @type {() => HTMLSelectElement} */
  choosing() {
    const onchange = () => this.panel.choose(this.page, this.select.value);
    return h("select", { class: "ls-heads", "aria-label": `${this.panel.title}: what to show`, onchange });
  }

  // The list above as the setting has it; made anew only where its entries are others.
  /** @type {(seen: object) => void} */
  fillChoices(seen) {
    const pairs = this.panel.choices(seen.meta);
    if (this.select.length !== pairs.length) options(this.select, pairs, pairs[0][0]);
    this.select.value = this.panel.chosen(seen);
  }

  // Where a pointer is, as the drawing counts pixels.
  /** @type {(event: MouseEvent) => [number, number, number, number]} */
  spot(event) {
    const { zoom } = this.page;
    const size = [this.canvas.clientWidth / zoom, this.canvas.clientHeight / zoom];
    return [event.offsetX / zoom, event.offsetY / zoom, ...size];
  }

  point() {
    this.canvas.style.cursor = "pointer";
    this.canvas.addEventListener("click", (event) => {
      const found = this.panel.pick(this.page.seen(), ...this.spot(event));
      if (found?.loop != null) this.page.clock.go(found.loop);
      if (found?.delta != null) this.page.state.view.delta = found.delta;
      this.page.changed();
    });
  }

  dragging() {
    const { canvas, panel, page } = this;
    let held = null;
    let before = null; // the setting, when it was taken hold of
    const moved = (event) => page.draw(panel.drag(page.seen(), held, ...this.spot(event)));
    const release = () => {
      held = null;
    };
    // A second finger zooms, or the browser took the pointer over: take back what it did here.
    const cancel = () => {
      if (held == null) return;
      release();
      page.undraw(before);
    };
    canvas.classList.add("ls-draggable");
    canvas.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary) cancel();
      if (!event.isPrimary || event.button) return;
      before = page.setting;
      held = panel.grab(page.seen(), ...this.spot(event));
      canvas.setPointerCapture(event.pointerId);
      moved(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held != null) moved(event);
    });
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", cancel);
  }

  // The points are one slider for the keyboard: left and right choose, up and down move.
  keyboard() {
    const { canvas, page } = this;
    canvas.setAttribute("role", "slider");
    canvas.tabIndex = 0;
    canvas.addEventListener("focus", () => this.hold(0));
    canvas.addEventListener("blur", () => {
      page.state.view.grip = null;
      page.soon();
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** @type {number} */
  get gripCount() {
    const { grips } = this.panel;
    return typeof grips === "function" ? grips(this.page.seen()) : grips;
  }

  /** @type {(at: number) => void} */
  hold(at) {
    this.page.state.view.grip = { panel: this.panel.name, at: clamp(at, 0, this.gripCount - 1) };
    this.page.soon();
  }

  /** @type {(event: KeyboardEvent) => void} */
  key(event) {
    const { page, panel } = this;
    const { grip } = page.state.view;
    if (!grip) return;
    const by = ARROWS[event.key];
    if (event.key === "ArrowLeft") this.hold(grip.at - 1);
    else if (event.key === "ArrowRight") this.hold(grip.at + 1);
    else if (by) page.draw(panel.nudge(page.seen(), grip.at, by));
    else return;
    event.preventDefault();
  }

  /** @type {(seen: object) => void} */
  tell(seen) {
    const { panel, canvas } = this;
    this.root.dataset.loop = seen.t;
    this.says.textContent = panel.describe(seen);
    if (this.select) this.fillChoices(seen);
    if (this.beyond) this.beyond.textContent = panel.beyond(seen);
    this.row?.update(panel.asks, seen.answer, null, null);
    if (!panel.grips) return;
    const at = seen.grip?.panel === panel.name ? seen.grip.at : 0;
    canvas.setAttribute("aria-valuenow", at + 1);
    canvas.setAttribute("aria-valuemin", 1);
    canvas.setAttribute("aria-valuemax", this.gripCount);
    canvas.setAttribute("aria-valuetext", panel.gripWords(seen, at));
  }

  measure() {
    this.box = measured(this.canvas);
  }

  /** @type {(seen: object, zoom: number, font: string) => void} */
  draw(seen, zoom, font) {
    if (!this.box[0]) return;
    const { pen, width, height } = canvasPen(this.canvas, this.box, zoom, font);
    this.panel.draw(pen, seen, width, height);
  }
}
