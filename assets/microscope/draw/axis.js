// The loop axis, curves over it, and ticks.

import { clamp } from "../core/words.js";
import { caption, label, wordsWide } from "./legend.js";
import { disc, segment } from "./surface.js";

/** The dash of a curve that a person drew in a lesson; `.ls-curve-drawn` of microscope.css has it, too. */
export const BY_HAND = [2, 4];

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {Object<string, string>} Colours by name */

/** @type {{ left: number, right: number }} */
export const AXIS = { left: 44, right: 12 };
/** @type {number} */
export const ABOVE = 14; // pixels above a chart for the word “trained”, which no curve crosses there
const TICK = 26; // pixels that the number below a tick takes at least, so that two do not meet

/** @type {(width: number, loops: number) => (t: number) => number} */
export const loopX = (width, loops) => (t) =>
  AXIS.left + (width - AXIS.right - AXIS.left) * (loops > 1 ? (t - 1) / (loops - 1) : 0.5);
/** @type {(x: number, width: number, loops: number) => number} */
export const loopAt = (x, width, loops) =>
  clamp(Math.round(1 + ((x - AXIS.left) / (width - AXIS.right - AXIS.left)) * (loops - 1)), 1, loops);

// The loop axis under a chart: ticks, the trained loops, named in the pixels over `top`, the clock's hand. Returns
// loop → x.
/** @type {(pen: Pen, seen: import("../core/types.js").Seen, width: number, top: number, bottom: number, loops: number,
 *   trained: number, t: number, x?: (t: number) => number) => (t: number) => number} */
export function loopAxis(pen, seen, width, top, bottom, loops, trained, t, x = loopX(width, loops)) {
  const { colours } = seen;
  const right = width - AXIS.right;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  segment(pen, AXIS.left, bottom, right, bottom);
  const taken = loopName(pen, seen, AXIS.left, bottom);
  pen.textAlign = "center";
  const room = Math.floor((x(loops) - x(1)) / TICK);
  const every = tickStep(loops, clamp(room, 2, 9), [1, 2, 4, 5, 8, 16, 32, 64]);
  for (let s = every; s <= loops; s += every) if (x(s) > taken) pen.fillText(s, x(s), bottom + 14);
  if (trained <= loops) {
    pen.setLineDash([4, 4]);
    pen.strokeStyle = colours.muted;
    segment(pen, x(trained), top, x(trained), bottom);
    pen.setLineDash([]);
    const atEnd = x(trained) > right - 60;
    pen.textAlign = atEnd ? "right" : "left";
    label(pen, colours, "trained", x(trained) + (atEnd ? 2 : -2), top - 3, colours.muted);
  }
  if (t) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    segment(pen, x(t), top, x(t), bottom);
  }
  return x;
}

// The name of the loop axis, left of its first number below `bottom`. A longer one ("loop or layer") begins at the edge
// of the figure. Returns from where on there is room for a number, whose middle it is.
/** @type {(pen: Pen, seen: import("../core/types.js").Seen, left: number, bottom: number) => number} */
export function loopName(pen, seen, left, bottom) {
  const wide = wordsWide(seen, "{loop}");
  const fits = wide <= left - 6;
  caption(pen, seen, "{loop}", fits ? left - 6 : 0, bottom + 14, fits ? "right" : "left");
  return fits ? 0 : wide + TICK / 2;
}

// A curve through y(1) … y(count), broken where a value is not finite; a value alone is a dot.
/** @type {(pen: Pen, count: number, x: (t: number) => number, y: (t: number) => number, colour: string,
 *   dash?: number[], thick?: number) => void} */
export function curve(pen, count, x, y, colour, dash = [], thick = 2) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  for (let t = 1; t <= count; t++) {
    const at = y(t);
    if (!Number.isFinite(at)) {
      drawing = false;
      continue;
    }
    if (drawing) pen.lineTo(x(t), at);
    else pen.moveTo(x(t), at);
    drawing = true;
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = colour;
  const known = (t) => t >= 1 && t <= count && Number.isFinite(y(t));
  for (let t = 1; t <= count; t++) if (known(t) && !known(t - 1) && !known(t + 1)) disc(pen, x(t), y(t), 1.5 * thick);
}

// How many loops lie between two ticks, so that there are at most `most` of them.
/** @type {(loops: number, most: number, steps?: number[]) => number} */
export function tickStep(loops, most, steps = [1, 2, 4, 8, 16, 32, 64]) {
  return steps.find((step) => loops / step <= most) ?? 64;
}
