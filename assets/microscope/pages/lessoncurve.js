// A curve over the loops that is drawn by hand, with pointer or keys; and, after the guess, the real one over it.
// Numbers stand for loops from 1; null is a loop at which nothing was drawn.

import { button, h } from "../core/elements.js";
import { clamp } from "../core/words.js";

/** @typedef {{ low: number, high: number, loops: number, known: (number|null)[], words: string }} CurveAsk */
/** @typedef {(number|null)[]} Line one number for each loop */

const WIDE = 300;
const HIGH = 190;
const BOX = { left: 34, right: WIDE - 10, top: 12, bottom: HIGH - 34 };
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

/** @type {(line: Line, from: number, to: number) => Line} what was drawn, filled in between straight from loop to loop */
export function joined(line, from, to) {
  const full = [...line];
  let last = null;
  for (let loop = from; loop <= to; loop++) {
    if (line[loop - 1] == null) continue;
    for (let t = (last ?? loop) + 1; t < loop; t++) {
      full[t - 1] = line[last - 1] + ((line[loop - 1] - line[last - 1]) * (t - last)) / (loop - last);
    }
    last = loop;
  }
  return full;
}

const roundTo = (value, step) => Number((Math.round(value / step) * step).toFixed(3));
const write = (value) => String(Number(value.toPrecision(3)));

// Where loops and numbers stand, and back.
function scales({ low, high, loops }) {
  const { left, right, top, bottom } = BOX;
  const step = stepOf({ low, high });
  return {
    x: (loop) => left + ((right - left) * (loop - 1)) / (loops - 1),
    y: (value) => bottom - ((bottom - top) * (clamp(value, low, high) - low)) / (high - low),
    loop: (x) => clamp(Math.round(1 + ((x - left) / (right - left)) * (loops - 1)), 1, loops),
    value: (y) => clamp(roundTo(low + ((bottom - y) / (bottom - top)) * (high - low), step), low, high),
  };
}

function axes(ask, at) {
  const { low, high, loops, words } = ask;
  const { left, right, top, bottom } = BOX;
  const every = [1, 2, 4, 5, 8, 16, 32, 64].find((step) => loops / step <= 8) ?? 64;
  const text = (x, y, anchor, value) => s("text", { x, y, "text-anchor": anchor }, value);
  const group = s("g", { class: "ls-curve-axes" });
  for (const value of [low, (low + high) / 2, high]) {
    group.append(s("path", { d: `M${left} ${at.y(value)}H${right}` }));
    group.append(text(left - 5, at.y(value) + 4, "end", write(value)));
  }
  for (let loop = every; loop <= loops; loop += every) group.append(text(at.x(loop), bottom + 14, "middle", loop));
  group.append(text((left + right) / 2, HIGH - 4, "middle", "loop"), text(left, top - 3, "start", words));
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

/** @type {(ask: CurveAsk, page: object, changed: () => void) => { root: Element, value: () => Line|null }} */
export function curve(ask, page, changed) {
  const { low, high, loops, known, words } = ask;
  const at = scales(ask);
  const first = known.length + 1;
  const begin = known.at(-1) ?? null;
  let line = Array(loops).fill(null);
  let here = first; // the loop at which the keys draw
  let height = begin ?? (low + high) / 2;
  const shown = s("path", { class: "ls-curve-real", d: path(known, at) });
  const drawn = s("path", { class: "ls-curve-drawn" });
  const hand = s("circle", { class: "ls-curve-hand", r: 5 });
  const picture = s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, axes(ask, at), shown, drawn, hand);
  const pad = h("div", { class: "ls-curve", role: "slider", tabindex: 0, "data-testid": "curve-pad" }, picture);
  pad.setAttribute("aria-label", `Your guess: ${words}, loop by loop. Left and right choose the loop, up and down draw.`);
  const said = h("p", { class: "ls-note", "aria-live": "polite" });
  const clear = button("Clear", "Take the drawn curve away", () => reset());
  const whole = () => line[loops - 1] != null;

  const full = () => joined([...known.slice(0, first - 1), ...line.slice(first - 1)], Math.max(1, first - 1), loops);
  function tell() {
    drawn.setAttribute("d", path(full().map((value, i) => (i < first - 2 ? null : value)), at));
    hand.setAttribute("cx", String(at.x(here)));
    hand.setAttribute("cy", String(at.y(height)));
    pad.setAttribute("aria-valuemin", String(low));
    pad.setAttribute("aria-valuemax", String(high));
    pad.setAttribute("aria-valuenow", String(height));
    pad.setAttribute("aria-valuetext", `loop ${here}: ${line[here - 1] == null ? "nothing drawn" : write(height)}`);
    said.textContent = whole() ? "Drawn to the last loop." : `Draw from loop ${first} to loop ${loops}.`;
    clear.hidden = line.every((value) => value == null);
    changed();
  }
  // Draw at a loop, and at those that the hand passed over since it was at `from`.
  function draw(loop, value, from = loop) {
    const old = line[from - 1] ?? value;
    for (let t = Math.min(from, loop); t <= Math.max(from, loop); t++) {
      if (t >= first) line[t - 1] = from === loop ? value : old + ((value - old) * (t - from)) / (loop - from);
    }
    [here, height] = [loop, value];
    tell();
  }
  function reset() {
    line = Array(loops).fill(null);
    [here, height] = [first, begin ?? (low + high) / 2];
    tell();
    pad.focus();
  }

  let last = null; // the loop at which the pointer was, while it draws
  const under = (event) => {
    const box = picture.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((each) => (each * WIDE) / box.width);
    return [Math.max(first, at.loop(x)), at.value(y)];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    pad.focus({ preventScroll: true });
    pad.setPointerCapture(event.pointerId);
    const [loop, value] = under(event);
    draw(loop, value);
    last = loop;
  });
  pad.addEventListener("pointermove", (event) => {
    if (last == null) return;
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const [loop, value] = under(each);
      draw(loop, value, last);
      last = loop;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => (last = null));
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const go = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: first, End: loops }[event.key];
    const step = stepOf(ask);
    const rise = { ArrowUp: step, ArrowDown: -step, PageUp: LEAP * step, PageDown: -LEAP * step, Enter: 0 }[event.key];
    if (go != null) {
      here = clamp(go, first, loops);
      height = line[here - 1] ?? height;
      tell();
    } else if (rise != null) {
      draw(here, clamp(roundTo(height + rise, step), low, high));
    } else if (event.key === "Delete" || event.key === "Backspace") reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  queueMicrotask(tell);
  const value = () => {
    if (!whole()) return null;
    const all = full();
    const start = all.find((each) => each != null); // before the first that was drawn it goes on level
    return all.map((each) => each ?? start);
  };
  return { root: h("div", { class: "ls-guess" }, pad, h("div", { class: "ls-curve-line" }, said, clear)), value };
}

/** @type {(ask: CurveAsk, curves: { guess: Line, truth: Line }, says: string) => Element} both curves, one over the other */
export function curveAfter(ask, { guess, truth }, says) {
  const at = scales(ask);
  const picture = s(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": says },
    axes(ask, at),
    s("path", { class: "ls-curve-drawn", d: path(guess, at) }),
    s("path", { class: "ls-curve-real", d: path(truth, at) }),
  );
  const key = (name, words) => h("span", { class: `ls-curve-key ls-curve-key-${name}` }, words);
  const keys = h("p", { class: "ls-note ls-curve-line" }, key("drawn", "your curve"), key("real", "the model"));
  return h("div", { class: "ls-curve ls-curve-after", "data-testid": "curve-after" }, picture, keys);
}
