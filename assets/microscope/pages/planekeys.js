// Keys on a prompt. On a query the arrows choose another one, or raise and lower the cross where Enter puts an
// example; on an example they move it.

import { clamp } from "../core/words.js";
import { predicted } from "./promptruns.js";

/** @typedef {import("./page.js").Page} Page */

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const FINE = 60; // steps across the plane; with Shift five at once
const HEIGHTS = { "+": 1, "=": 1, "-": -1 };

/** @type {(page: Page, event: KeyboardEvent) => boolean} whether a key without Ctrl means something on the
 *   prompt; what it means is done */
export function pressPrompt(page, event) {
  const { key } = event;
  if (event.altKey) return false;
  const at = page.point;
  if (MOVES[key]) move(page, MOVES[key], at, event.shiftKey ? 5 : 1);
  else if (/^e$/i.test(key)) turn(page, at, event.shiftKey ? -1 : 1);
  else if (key === "Escape") return leave(page, at);
  else if (/^[1-9]$/.test(key) && page.flips.flip(Number(key) - 1)) page.changed();
  else if (!page.form.frameOf) return false;
  else if (key === "Enter") put(page, at);
  else if ((key === "Delete" || key === "Backspace") && at != null) page.editing(() => page.remove(at));
  else if (HEIGHTS[key] && at != null && page.dims === 2) raise(page, at, HEIGHTS[key]);
  else return false;
  page.focusFace(event);
  return true;
}

function move(page, step, at, times) {
  const { form, dims } = page;
  if (!form.frameOf) page.select(page.beside(step[0] - step[1]));
  else if (at != null) shift(page, at, step, times);
  else if (dims === 1 && step[1]) raiseCross(page, step[1] * times);
  else page.select(page.onward(step.map((part) => part * times)));
}

function shift(page, at, [across, up], times) {
  const { from, to, low, high } = page.frame();
  const [x, y] = page.points[at];
  const point = [
    clamp(x + (across * times * (to - from)) / FINE, from, to),
    clamp(y + (up * times * (high - low)) / FINE, low, high),
  ];
  page.editing(() => page.place(at, point), `move ${at}`);
}

function raise(page, at, up) {
  const [low, high] = page.state.run.meta.heights;
  const row = [...page.points[at]];
  row[row.length - 1] += (up * (high - low)) / FINE;
  page.editing(() => page.change(page.textWith(at, row)), `move ${at}`);
}

function raiseCross(page, up) {
  const { low, high } = page.frame();
  page.state.typed.cross = clamp(crossAt(page) + (up * (high - low)) / FINE, low, high);
  page.changed(false);
}

// Where the cross is: at first on what is predicted.
function crossAt(page) {
  const { cell } = page.state.choice;
  const { views, geometry } = page.state.run;
  const t = page.clock.loop;
  return page.state.typed.cross ?? (t ? predicted(views[0], t, cell - geometry.examples) : 0);
}

function put(page, at) {
  if (at != null) return;
  const { cell } = page.state.choice;
  const here = page.positionOf(cell);
  page.editing(() => page.add(page.dims === 1 ? [here[0], crossAt(page)] : here));
  page.state.typed.cross = null;
}

// The next example, or the one before.
function turn(page, at, by) {
  const { examples } = page.state.run.geometry;
  if (!examples) return;
  const next = at == null ? (by > 0 ? 0 : examples - 1) : (at + by + examples) % examples;
  page.select(next);
}

// From an example back to the query beside it; from there off the prompt.
function leave(page, at) {
  if (page.root.querySelector("details[open]") || page.state.layout.presenting) return false;
  if (at != null && page.form.frameOf) page.select(page.nearest(page.points[at]));
  else if (page.state.typed.cross != null) page.state.typed.cross = null;
  else return page.leave();
  page.changed();
  return true;
}
