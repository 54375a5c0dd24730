// The question of a step: what a guess is made with, until it is committed. A guess is the number of an answer, a
// number, a loop, "never", the cells that were chosen on the board, or a curve (lessoncurve.js).

import { h } from "../core/elements.js";
import { plural } from "../core/words.js";
import { curve } from "./lessoncurve.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {{ root: Element, value: () => unknown, leave?: () => void }} Asked */

const NEVER = "never"; // that it does not happen in the run
let made = 0;

/** @type {(near: number, unit: string) => Element[]} how far off a guess may be, where it may be */
const tolerance = (near, unit) => (near ? [h("p", { class: "ls-note" }, `Near enough: ${unit} off.`)] : []);

/** @type {Object<string, (ask: object, page: Page, changed: () => void) => Asked>} */
const KINDS = { choice, number, loop, cells, curve };

/** @type {(ask: object, page: Page, changed: () => void) => Asked} */
export const askOf = (ask, page, changed) => KINDS[ask.kind](ask, page, changed);

function choice({ options }, page, changed) {
  const name = `ls-lesson-${++made}`;
  const inputs = options.map((_, i) => h("input", { type: "radio", name, value: i, onchange: changed }));
  const lines = options.map((text, i) => h("label", { class: "ls-option" }, inputs[i], h("span", {}, text)));
  const chosen = () => inputs.findIndex((input) => input.checked);
  return {
    root: h("div", { role: "radiogroup", "aria-label": "Answers", class: "ls-options" }, ...lines),
    value: () => (chosen() < 0 ? null : chosen()),
  };
}

function number({ low, high, step, near }, page, changed) {
  const value = () => (input.value !== "" && input.validity.valid ? Number(input.value) : null);
  const oninput = () => {
    const unfit = value() === null && (input.value !== "" || input.validity.badInput);
    const what = step === 1 ? "a whole number" : "a number";
    bounds.textContent = unfit ? `Only ${what} from ${low} to ${high} can be committed.` : `${low} to ${high}`;
    changed();
  };
  const attributes = { type: "number", min: low, max: high, step, inputmode: "decimal", oninput };
  const input = h("input", { ...attributes, "aria-label": "Your guess" });
  const bounds = h("span", { class: "ls-note", "aria-live": "polite" }, `${low} to ${high}`);
  return { root: h("div", { class: "ls-guess" }, input, bounds, ...tolerance(near, `up to ${near}`)), value };
}

function loop({ low, high, near }, page, changed) {
  let touched = false;
  const said = h("output", { class: "ls-guessed-loop" }, "no loop yet");
  const move = () => {
    touched = true;
    never.checked = false;
    slider.classList.remove("ls-untouched");
    said.textContent = `loop ${slider.value}`;
    slider.setAttribute("aria-valuetext", `loop ${slider.value}`);
    changed();
  };
  const middle = Math.round((low + high) / 2);
  const end = (at) => h("span", { class: "ls-note" }, String(at));
  const bounds = { min: low, max: high, step: 1, value: middle };
  const about = { "aria-label": "Your guess: a loop", class: "ls-untouched", oninput: move };
  const slider = h("input", { type: "range", ...bounds, ...about });
  slider.setAttribute("aria-valuetext", "no loop yet");
  // The middle is a guess, too: a press or Enter on the slider takes it as it stands.
  slider.addEventListener("pointerup", move);
  slider.addEventListener("keydown", (event) => event.key === "Enter" && move());
  const refuse = () => {
    said.textContent = never.checked ? NEVER : touched ? `loop ${slider.value}` : "no loop yet";
    changed();
  };
  const never = h("input", { type: "checkbox", onchange: refuse });
  const none = h("label", { class: "ls-option" }, never, h("span", {}, "never in this run"));
  const value = () => (never.checked ? NEVER : touched ? Number(slider.value) : null);
  return {
    root: h(
      "div",
      { class: "ls-guess" },
      h("div", { class: "ls-guess-line" }, end(low), slider, end(high)),
      h("div", { class: "ls-guess-line" }, said, none),
      ...tolerance(near, `up to ${plural(near, "loop")}`),
    ),
    value,
  };
}

// While it is asked, a press on a cell, or Enter on it, takes the cell into the guess or out of it.
function cells(ask, page, changed) {
  const chosen = new Set();
  const said = h("p", { class: "ls-note", "aria-live": "polite" });
  const tell = () => {
    const names = [...chosen].map((cell) => page.state.run.geometry.name(cell));
    const how = "Press cells on the board; with the keys, move to one and press Enter.";
    said.textContent = names.length ? `${plural(names.length, "cell")}: ${names.join("; ")}.` : how;
    page.lesson.markCells({ guess: [...chosen], truth: [] });
    changed();
  };
  const toggle = (cell, event) => {
    event.preventDefault();
    event.stopPropagation();
    page.state.choose(cell);
    const given = !page.state.run.views[0].asked[cell];
    if (!given && !chosen.delete(cell)) chosen.add(cell);
    tell();
    if (given) said.textContent += ` ${page.state.run.geometry.name(cell)} is given: the model does not fill it.`;
    page.changed();
  };
  const press = (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (!cell) return;
    toggle(Number(cell.dataset.cell), event);
    cell.focus({ preventScroll: true }); // the keys go on from there
  };
  const key = (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (cell && event.key === "Enter") toggle(Number(cell.dataset.cell), event);
  };
  const face = page.facePanel.root;
  face.addEventListener("pointerdown", press, true);
  face.addEventListener("keydown", key, true);
  const leave = () => {
    face.removeEventListener("pointerdown", press, true);
    face.removeEventListener("keydown", key, true);
  };
  queueMicrotask(tell);
  return { root: said, value: () => (chosen.size ? [...chosen] : null), leave };
}
