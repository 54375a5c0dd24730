// The question of a step: what a guess is made with, until it is committed. A guess is the number of an answer, a
// number, a loop, "never", the cells that were chosen on the board, or a curve (lessoncurve.js). What was begun is as
// much of it as was made, in the form that the browser's memory keeps: it may be anything, for anybody may write there.

import { h } from "../core/elements.js";
import { plural } from "../core/words.js";
import { curve, curveAfter } from "./lessoncurve.js";
import { onPress } from "./taps.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {{ root: Element, value: () => unknown, begun: () => unknown, leave?: () => void }} Asked */

const NEVER = "never"; // that it does not happen in the run; `ask.never` is how that is said
let made = 0;

/** @type {(near: number, unit: string) => Element[]} how far off a guess may be, where it may be */
const tolerance = (near, unit) => (near ? [h("p", { class: "ls-note" }, `Near enough: ${unit} off.`)] : []);

/** @type {Object<string, (ask: object, page: Page, changed: () => void, begun: *) => Asked>} */
const KINDS = { choice, number, loop, cells, curve };

/** @type {(ask: object, page: Page, changed: () => void, begun: *) => Asked} */
export const askOf = (ask, page, changed, begun) => KINDS[ask.kind](ask, page, changed, begun);

function choice({ options }, page, changed, begun) {
  const name = `ls-lesson-${++made}`;
  const input = (_, i) => h("input", { type: "radio", name, value: i, checked: i === begun, onchange: changed });
  const inputs = options.map(input);
  const lines = options.map((text, i) => h("label", { class: "ls-option" }, inputs[i], h("span", {}, text)));
  const chosen = () => inputs.findIndex((one) => one.checked);
  const value = () => (chosen() < 0 ? null : chosen());
  queueMicrotask(changed);
  const root = h("div", { role: "radiogroup", "aria-label": "Answers", class: "ls-options" }, ...lines);
  return { root, value, begun: value };
}

function number({ low, high, step, near }, page, changed, begun) {
  const value = () => (input.value !== "" && input.validity.valid ? Number(input.value) : null);
  const oninput = () => {
    const unfit = value() === null && (input.value !== "" || input.validity.badInput);
    const what = step === 1 ? "a whole number" : "a number";
    bounds.textContent = unfit ? `Only ${what} from ${low} to ${high} can be committed.` : `${low} to ${high}`;
    changed();
  };
  const attributes = { type: "number", min: low, max: high, step, inputmode: "decimal", oninput };
  const input = h("input", { ...attributes, value: begun ?? "", "aria-label": "Your guess" });
  const bounds = h("span", { class: "ls-note", "aria-live": "polite" }, `${low} to ${high}`);
  queueMicrotask(oninput);
  const root = h("div", { class: "ls-guess" }, input, bounds, ...tolerance(near, `up to ${near}`));
  return { root, value, begun: () => input.value || null };
}

function loop({ low, high, near, passes, never: without }, page, changed, begun) {
  const one = passes.loop;
  let touched = Number.isInteger(begun) && begun >= low && begun <= high;
  const said = h("output", { class: "ls-guessed-loop" }, `no ${one} yet`);
  const move = () => {
    touched = true;
    never.checked = false;
    slider.classList.remove("ls-untouched");
    said.textContent = `${one} ${slider.value}`;
    slider.setAttribute("aria-valuetext", `${one} ${slider.value}`);
    changed();
  };
  const middle = touched ? begun : Math.round((low + high) / 2);
  const end = (at) => h("span", { class: "ls-note" }, String(at));
  const bounds = { min: low, max: high, step: 1, value: middle };
  const about = { "aria-label": `Your guess: a ${one}`, class: touched ? "" : "ls-untouched", oninput: move };
  const slider = h("input", { type: "range", ...bounds, ...about });
  slider.setAttribute("aria-valuetext", touched ? `${one} ${begun}` : `no ${one} yet`);
  // The middle is a guess, too: a press or Enter on the slider takes it as it stands; only the next Enter commits.
  slider.addEventListener("pointerup", move);
  slider.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || value() !== null) return;
    event.preventDefault();
    move();
  });
  const refuse = () => {
    said.textContent = never.checked ? `no ${one}` : touched ? `${one} ${slider.value}` : `no ${one} yet`;
    changed();
  };
  const never = h("input", { type: "checkbox", checked: begun === NEVER, onchange: refuse });
  const none = h("label", { class: "ls-option" }, never, h("span", {}, without));
  const value = () => (never.checked ? NEVER : touched ? Number(slider.value) : null);
  queueMicrotask(refuse);
  return {
    root: h(
      "div",
      { class: "ls-guess" },
      h("div", { class: "ls-guess-line" }, end(low), slider, end(high)),
      h("div", { class: "ls-guess-line" }, said, none),
      ...tolerance(near, `up to ${plural(near, one)}`),
    ),
    value,
    begun: value,
  };
}

// While it is asked, a press on a cell, or Enter on it, takes the cell into the guess or out of it.
function cells(ask, page, changed, begun) {
  const { asked } = page.state.run.views[0];
  const known = (cell) => Number.isInteger(cell) && cell in asked;
  const chosen = new Set(Array.isArray(begun) ? begun.filter(known) : []);
  const said = h("p", { class: "ls-note", "aria-live": "polite" });
  const tell = () => {
    const names = [...chosen].map((cell) => page.state.run.geometry.name(cell));
    const keys = page.painter.touch.matches ? "" : "; with the keys, move to one and press Enter";
    const how = `Press cells on the board${keys}.`;
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
  const deaf = onPress(face, press, true);
  face.addEventListener("keydown", key, true);
  const leave = () => {
    deaf();
    face.removeEventListener("keydown", key, true);
  };
  queueMicrotask(tell);
  const value = () => (chosen.size ? [...chosen] : null);
  return { root: said, value, begun: value, leave };
}

// ── what was answered and waits for its reveal ──────────────────────────────────────────────────────────────────────

// The question as it was answered: its answers with the chosen one marked, or what was said instead. Of cells the board
// outlines those that were chosen.
/** @type {(ask: object, page: Page, guess: *) => Element} */
export function answered(ask, page, guess) {
  const about = { class: "ls-guess", "data-testid": "answered" };
  if (ask.kind === "choice") {
    const options = ask.options.map((text, i) => markedOption(text, i === guess ? "your answer" : ""));
    return h("ul", { ...about, class: "ls-options" }, ...options);
  }
  if (ask.kind === "curve") return h("div", about, curveAfter(ask, { guess, truth: null }, "Your curve"));
  if (ask.kind === "cells") page.lesson.markCells({ guess, truth: [] });
  const name = (cell) => page.state.run.geometry.name(cell);
  const bounds = ` (asked: ${ask.low} to ${ask.high})`;
  const said = {
    cells: () => [`${plural(guess.length, "cell")}: ${guess.map(name).join("; ")}`, ""],
    loop: () => (guess === NEVER ? [ask.never, ""] : [`${ask.passes.loop} ${guess}`, bounds]),
    number: () => [String(guess), bounds],
  };
  const [answer, among] = said[ask.kind]();
  return h("p", { ...about, class: "ls-said" }, "Your answer: ", h("strong", {}, answer), `${among}.`);
}

// One of the answers, with what is said of it.
/** @type {(text: string, said: string, style?: string) => Element} */
export function markedOption(text, said, style = "") {
  return h("li", { class: style }, text, said ? h("span", { class: "ls-note" }, ` (${said})`) : "");
}
