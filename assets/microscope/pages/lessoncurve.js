// A curve over the loops that is drawn by hand, with pointer or keys; and, after the guess, the real one over it.
// Numbers stand for loops from 1; null is a loop at which nothing was drawn.

import { button, h } from "../core/elements.js";
import { clamp } from "../core/words.js";

/** @typedef {{ low: number, high: number, loops: number, known: (number|null)[], words: string,
 *   passes: { loop: string, loops: string }, near?: number }} CurveAsk */
/** @typedef {(number|null)[]} Line one number for each loop */

export const OWN_CURVE = "your curve"; // what the key of a figure calls it
const WIDE = 300;
const HIGH = 190;
const BOX = { left: 34, right: WIDE - 10, top: 18, bottom: HIGH - 34 };
const STEPS = 40; // heights that a curve can take, where its numbers are not few and whole
const LEAP = 5; // of these for Page Up and Page Down

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** @type {(ask: CurveAsk) => number} by how much a curve can go up or down */
export const stepOf = ({ low, high }) => (high - low <= STEPS ? 1 : (high - low) / STEPS);

// What was drawn, filled in straight from loop to loop, at heights that a curve can take.
/** @type {(line: Line, from: number, to: number, ask: { low: number, high: number }) => Line} */
export function joined(line, from, to, ask) {
  const full = [...line];
  let last = null;
  for (let loop = from; loop <= to; loop++) {
    if (line[loop - 1] == null) continue;
    for (let t = (last ?? loop) + 1; t < loop; t++) {
      const between = line[last - 1] + ((line[loop - 1] - line[last - 1]) * (t - last)) / (loop - last);
      full[t - 1] = heightAt(ask, between);
    }
    last = loop;
  }
  return full;
}

const roundTo = (value, step) => Number((Math.round(value / step) * step).toFixed(3));
// The height that a curve can take nearest to a number.
const heightAt = ({ low, high }, value) => clamp(roundTo(value, stepOf({ low, high })), low, high);
const write = (value) => String(Number(value.toPrecision(3)));

// Where loops and numbers stand, and back.
function scales({ low, high, loops }) {
  const { left, right, top, bottom } = BOX;
  return {
    x: (loop) => left + ((right - left) * (loop - 1)) / (loops - 1),
    y: (value) => bottom - ((bottom - top) * (clamp(value, low, high) - low)) / (high - low),
    loop: (x) => clamp(Math.round(1 + ((x - left) / (right - left)) * (loops - 1)), 1, loops),
    value: (y) => heightAt({ low, high }, low + ((bottom - y) / (bottom - top)) * (high - low)),
  };
}

function axes(ask, at) {
  const { low, high, loops, passes, words } = ask;
  const { left, right, top, bottom } = BOX;
  const every = [1, 2, 4, 5, 8, 16, 32, 64].find((step) => loops / step <= 8) ?? 64;
  const text = (x, y, anchor, value) => s("text", { x, y, "text-anchor": anchor }, value);
  const group = s("g", { class: "ls-curve-axes" });
  for (const value of [low, (low + high) / 2, high]) {
    group.append(s("path", { d: `M${left} ${at.y(value)}H${right}` }));
    group.append(text(left - 5, at.y(value) + 4, "end", write(value)));
  }
  for (let loop = every; loop <= loops; loop += every) group.append(text(at.x(loop), bottom + 14, "middle", loop));
  group.append(text((left + right) / 2, HIGH - 4, "middle", passes.loop), text(left, top - 3, "start", words));
  return group;
}

function path(line, at) {
  let pen = "M";
  let d = "";
  line.forEach((value, i) => {
    if (value == null) {
      pen = "M";
      return;
    }
    d += `${pen}${at.x(i + 1).toFixed(1)} ${at.y(value).toFixed(1)}`;
    pen = "L";
  });
  return d;
}

// What is drawn, and where the hand is, at the beginning: behind what is known, else in the middle.
const blank = ({ low, high, loops, known }) => ({
  line: Array(loops).fill(null),
  loop: known.length + 1,
  value: known.at(-1) ?? (low + high) / 2,
});

// A curve that is being drawn, over the loops from `first` on: what the hand has drawn, and where it is.
class Drawing {
  constructor(ask) {
    this.ask = ask;
    this.first = ask.known.length + 1;
    this.now = blank(ask);
  }

  reset() {
    Object.assign(this.now, blank(this.ask));
  }

  // Go on with what was drawn before; anything else is let be.
  /** @type {(line: *) => void} */
  goOnWith(line) {
    const { loops, low, high, known } = this.ask;
    if (!Array.isArray(line) || line.length !== loops) return;
    const fits = (value, i) => i >= known.length && Number.isFinite(value) && value >= low && value <= high;
    this.now.line = line.map((value, i) => (fits(value, i) ? value : null));
    if (!this.empty) this.go(this.next - 1);
  }

  get drawn() {
    return this.now.line[this.now.loop - 1] != null;
  }

  // The first loop behind what was drawn; where nothing was, the first that can be.
  get next() {
    return Math.max(this.first, 2 + this.now.line.findLastIndex((value) => value != null));
  }

  get empty() {
    return this.now.line.every((value) => value == null);
  }

  // What is known and what was drawn, filled in from the last known loop on.
  get full() {
    const { known, loops } = this.ask;
    return joined([...known, ...this.now.line.slice(known.length)], Math.max(1, known.length), loops, this.ask);
  }

  // The guess: a number for every loop, level before the first that was drawn; null before the last loop is there.
  get guess() {
    if (this.now.line.at(-1) == null) return null;
    const { full } = this;
    const start = full.find((value) => value != null);
    return full.map((value) => value ?? start);
  }

  /** @type {(loop: number) => void} */
  go(loop) {
    const { now } = this;
    now.loop = clamp(loop, this.first, this.ask.loops);
    now.value = now.line[now.loop - 1] ?? now.value;
  }

  // Draw at a loop, and at those that the hand passed over since it was at `from`.
  /** @type {(loop: number, value: number, from?: number) => void} */
  draw(loop, value, from = loop) {
    const { line } = this.now;
    const old = line[from - 1] ?? value;
    for (let t = Math.min(from, loop); t <= Math.max(from, loop); t++) {
      line[t - 1] = from === loop ? value : heightAt(this.ask, old + ((value - old) * (t - from)) / (loop - from));
    }
    Object.assign(this.now, { loop, value });
  }

  /** @type {(by: number) => void} */
  rise(by) {
    this.draw(this.now.loop, heightAt(this.ask, this.now.value + by));
  }
}

// The pointer draws; a fast one passes over loops. Where the browser takes it over, or a second finger zooms, what it
// drew is taken back.
function listenPointer(pad, picture, at, drawing, tell) {
  let last = null; // the loop at which it was, while it draws
  let before = null; // what was there then
  const draw = (event, from) => {
    const box = picture.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((each) => (each * WIDE) / box.width);
    const loop = Math.max(drawing.first, at.loop(x));
    drawing.draw(loop, at.value(y), from ?? loop);
    last = loop;
    tell();
  };
  const cancel = () => {
    if (last == null) return;
    last = null;
    Object.assign(drawing.now, before);
    tell();
  };
  pad.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) cancel();
    if (!event.isPrimary || event.button) return;
    event.preventDefault();
    before = { ...drawing.now, line: [...drawing.now.line] };
    pad.focus({ preventScroll: true });
    pad.setPointerCapture(event.pointerId);
    draw(event, null);
  });
  pad.addEventListener("pointermove", (event) => {
    if (last != null) draw(event, last);
  });
  pad.addEventListener("pointerup", () => (last = null));
  pad.addEventListener("pointercancel", cancel);
}

// Left and right choose a loop, up and down draw there.
function listenKeys(pad, drawing, tell) {
  const { ask, first, now } = drawing;
  const step = stepOf(ask);
  const moves = { ArrowLeft: () => now.loop - 1, ArrowRight: () => now.loop + 1 };
  Object.assign(moves, { Home: () => first, End: () => ask.loops });
  const rises = { ArrowUp: step, ArrowDown: -step, PageUp: LEAP * step, PageDown: -LEAP * step, Enter: 0 };
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (Object.hasOwn(moves, event.key)) drawing.go(moves[event.key]());
    else if (Object.hasOwn(rises, event.key)) drawing.rise(rises[event.key]);
    else if (event.key === "Delete" || event.key === "Backspace") drawing.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
    tell();
  });
}

/** @type {(ask: CurveAsk, page: object, changed: () => void, begun: *) => { root: Element, value: () => Line|null,
 *   begun: () => Line|null }} */
export function curve(ask, page, changed, begun) {
  const { low, high, loops, known, passes, words, near } = ask;
  const at = scales(ask);
  const drawing = new Drawing(ask);
  drawing.goOnWith(begun);
  const { now, first } = drawing;
  const shown = s("path", { class: "ls-curve-real", d: path(known, at) });
  const line = s("path", { class: "ls-curve-drawn" });
  const hand = s("circle", { class: "ls-curve-hand", r: 5 });
  const picture = s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, axes(ask, at), shown, line, hand);
  const about = { class: "ls-curve", role: "slider", tabindex: 0, "data-testid": "curve-pad" };
  const keys = `Left and right choose a ${passes.loop}, up and down draw.`;
  const pad = h("div", { ...about, "aria-label": `Your guess: ${words} over the ${passes.loops}. ${keys}` }, picture);
  pad.setAttribute("aria-valuemin", low);
  pad.setAttribute("aria-valuemax", high);
  const said = h("p", { class: "ls-note", "aria-live": "polite" });
  const tell = () => {
    line.setAttribute("d", path(drawing.full.map((value, i) => (i < first - 2 ? null : value)), at));
    hand.setAttribute("cx", at.x(now.loop));
    hand.setAttribute("cy", at.y(now.value));
    pad.setAttribute("aria-valuenow", now.value);
    const value = drawing.drawn ? write(now.value) : "nothing drawn";
    pad.setAttribute("aria-valuetext", `${passes.loop} ${now.loop}: ${value}`);
    const rest = `Draw from ${passes.loop} ${drawing.next} to ${passes.loop} ${loops}.`;
    said.textContent = drawing.guess ? `Drawn to the last ${passes.loop}.` : rest;
    clear.hidden = drawing.empty;
    changed();
  };
  const clear = button("Clear", "Take the drawn curve away", () => {
    drawing.reset();
    tell();
    pad.focus();
  });
  listenPointer(pad, picture, at, drawing, tell);
  listenKeys(pad, drawing, tell);
  queueMicrotask(tell);
  const enough = h("p", { class: "ls-note" }, `Near enough: up to ${near} off on average.`);
  const foot = h("div", { class: "ls-curve-line" }, said, clear);
  const root = h("div", { class: "ls-guess" }, pad, foot, ...(near ? [enough] : []));
  return { root, value: () => drawing.guess, begun: () => (drawing.empty ? null : drawing.now.line) };
}

// Both curves, one over the other; before the reveal the drawn one alone.
/** @type {(ask: CurveAsk, curves: { guess: Line, truth: Line|null, whose?: string }, says: string) => Element} */
export function curveAfter(ask, { guess, truth, whose = OWN_CURVE }, says) {
  const at = scales(ask);
  const name = says || `${whose}${truth ? " and the model’s" : ""}: ${ask.words} over the ${ask.passes.loops}`;
  const picture = s(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": name },
    axes(ask, at),
    s("path", { class: "ls-curve-drawn", d: path(guess, at) }),
    ...(truth ? [s("path", { class: "ls-curve-real", d: path(truth, at) })] : []),
  );
  const key = (name, words) => h("span", { class: `ls-curve-key ls-curve-key-${name}` }, words);
  const real = truth ? [key("real", "the model")] : [];
  const keys = h("p", { class: "ls-note ls-curve-line" }, key("drawn", whose), ...real);
  return h("div", { class: "ls-curve ls-curve-after", "data-testid": "curve-after" }, picture, keys);
}
