// Errors over values of something, such as the number of examples: the model's, with its interval, and those of others.

import { AXIS } from "./axis.js";
import { caption, legendAbove } from "./legend.js";
import { levelLines, levels, underMarks } from "./levels.js";
import { disc, segment } from "./surface.js";

const FAR = 1000; // the scale reaches so many times below the model's least error; what is smaller is marked there
const NARROW = 26; // pixels between two numbers on the axis, at least

// A line through the values that are known.
function line(pen, at, x, y, colour, dash, thick) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  at.forEach((value, i) => {
    const here = y(i);
    if (Number.isFinite(here) && drawing) pen.lineTo(x(value), here);
    else if (Number.isFinite(here)) pen.moveTo(x(value), here);
    drawing = Number.isFinite(here);
  });
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @typedef {object} Over what is drawn over an axis
 * @property {number[]} at the values, ascending
 * @property {[string, string, number[], (i: number) => number][]} lines words, colour, dash and the error at value i;
 *   the first is the model's
 * @property {(i: number, end: 0|1) => number} interval the ends of the model's interval
 * @property {number} [from] where the axis begins
 * @property {string} [below] what the values are of
 */

/**
 * @type {(pen: import("../core/types.js").Pen, seen: import("../core/types.js").Seen, over: Over, width: number,
 *   height: number) => { x: (value: number) => number, y: (error: number) => number, top: number, bottom: number }}
 */
export function drawOver(pen, seen, { at, lines, interval, from = 0, below = "" }, width, height) {
  const right = width - AXIS.right;
  const top = legendAbove(pen, seen, lines, AXIS.left, right);
  const bottom = height - (below ? 34 : 22);
  const values = lines.map(([, , , value]) => at.map((_, i) => value(i)));
  const least = Math.min(...values[0].filter((value) => value > 0));
  const scale = levels(values.flat(), top, bottom, least / FAR);
  levelLines(pen, seen, scale, width);
  const x = (value) => AXIS.left + 4 + ((right - AXIS.left - 8) * (value - from)) / (at.at(-1) - from || 1);
  let last = -Infinity;
  for (const value of at) {
    if (x(value) - last < NARROW && value !== at.at(-1)) continue;
    last = x(value);
    caption(pen, seen, String(Number(value.toFixed(3))), last, bottom + 14, "center");
  }
  if (below) caption(pen, seen, below, (AXIS.left + right) / 2, bottom + 28, "center");
  for (const [, tint, dashes, other] of lines.slice(1))
    line(pen, at, x, (i) => scale.y(other(i)), tint, dashes, 1.6);
  lines.forEach(([, tint, , of], k) => underMarks(pen, scale, at.map(x), of, tint, k));
  const [, colour, dash, value] = lines[0];
  line(pen, at, x, (i) => scale.y(value(i)), colour, dash, 2.6);
  pen.fillStyle = pen.strokeStyle = colour;
  pen.lineWidth = 1;
  at.forEach((here, i) => {
    if (!Number.isFinite(value(i))) return;
    segment(pen, x(here), scale.y(interval(i, 0)), x(here), scale.y(interval(i, 1)));
    disc(pen, x(here), scale.y(value(i)), 3.2);
  });
  return { x, y: scale.y, top, bottom };
}
