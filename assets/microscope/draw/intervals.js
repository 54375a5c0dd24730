// Estimates with their 95 % intervals: lines with bands over numbers, and dots over groups. An estimate is [value, low,
// high].

import { clamp } from "../core/words.js";
import { AXIS } from "./axis.js";
import { caption, legendAbove } from "./legend.js";
import { levelLines, levels, underMarks } from "./levels.js";
import { disc, segment } from "./surface.js";

const [BELOW, LINE] = [36, 14]; // pixels for the numbers below an axis and its words, and for another line of them
const ROOM = 34; // pixels between two numbers

/**
 * @typedef {object} Line
 * @property {string} words
 * @property {string} colour
 * @property {number[]} dash
 * @property {(i: number) => number[]} at the estimate at number i
 * @property {number[]} [xs] its own numbers, where they are not those of the axis
 * @property {number} [thick]
 */

// The estimate that stands at some indices of an array whose last axis is [value, low, high].
/** @type {(array: import("../core/types.js").NamedArray, ...indices: number[]) => number[]} */
export function estimate({ values, shape }, ...indices) {
  let at = 0;
  indices.forEach((index, axis) => {
    at = at * shape[axis] + index;
  });
  return [values[3 * at], values[3 * at + 1], values[3 * at + 2]];
}

// Words as one line, or broken behind their first comma where they are wider than their room.
function lined(pen, { font, words }, text, room) {
  pen.font = `12px ${font}`;
  const [, first, rest] = /^([^,]+,) (.+)$/.exec(text) ?? [];
  return rest && pen.measureText(words(text)).width > room ? [first, rest] : [text];
}

// Legend, levels and the words below, and what stands at a height.
function frame(pen, seen, width, height, lines, xs, words) {
  const entries = lines.map(({ words: text, colour, dash }) => [text, colour, dash]);
  const top = legendAbove(pen, seen, entries, AXIS.left, width - AXIS.right);
  const said = lined(pen, seen, words, width - 8);
  const bottom = height - BELOW - LINE * (said.length - 1);
  const values = lines.flatMap(({ at, xs: own }) => (own ?? xs).map((_, i) => at(i)[0]));
  const scale = levels(values, top, bottom);
  levelLines(pen, seen, scale, width);
  pen.font = `12px ${seen.font}`;
  said.forEach((line, k) => {
    const half = pen.measureText(seen.words(line)).width / 2;
    const middle = clamp((AXIS.left + width - AXIS.right) / 2, half + 2, width - half - 2);
    caption(pen, seen, line, middle, bottom + 32 + LINE * k, "center");
  });
  return scale;
}

/**
 * Draws lines with bands over numbers that grow from left to right.
 * @param {import("../core/types.js").Pen} pen
 * @param {import("../core/types.js").Seen} seen
 * @param {number} width
 * @param {number} height
 * @param {{ xs: number[], lines: Line[], words: string, log?: boolean }} drawn words: what the numbers are; log: on a
 *   logarithmic axis
 */
export function drawLines(pen, seen, width, height, { xs, lines, words, log = false }) {
  const scale = frame(pen, seen, width, height, lines, xs, words);
  const place = (value) => (log ? Math.log10(value) : value);
  const [first, last] = [place(xs[0]), place(xs.at(-1))];
  const wide = width - AXIS.left - AXIS.right - 8;
  const x = (value) => AXIS.left + 4 + (wide * (place(value) - first)) / (last - first || 1);
  let written = -Infinity;
  xs.forEach((value) => {
    if (x(value) - written < ROOM) return;
    written = x(value);
    caption(pen, seen, value, x(value), scale.bottom + 14, "center");
  });
  const spots = lines.map((line) => (line.xs ?? xs).map(x));
  const inside = (value) => Math.max(scale.top, scale.y(value));
  lines.forEach((line, k) => band(pen, line, spots[k], inside));
  lines.forEach((line, k) => stroke(pen, line, spots[k], scale.y));
  lines.forEach(({ at, colour }, k) => underMarks(pen, scale, spots[k], (i) => at(i)[0], colour, k));
  return { x, y: scale.y, top: scale.top, bottom: scale.bottom };
}

function band(pen, { colour, at }, spots, y) {
  const inside = [...spots.keys()].filter((i) => at(i).slice(1).every(Number.isFinite));
  if (inside.length < 2) return;
  pen.beginPath();
  inside.forEach((i, k) => (k ? pen.lineTo(spots[i], y(at(i)[2])) : pen.moveTo(spots[i], y(at(i)[2]))));
  for (const i of inside.toReversed()) pen.lineTo(spots[i], y(at(i)[1]));
  pen.closePath();
  pen.globalAlpha = 0.14;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}

function stroke(pen, { colour, dash, at, thick = 2 }, spots, y) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  spots.forEach((x, i) => {
    const height = y(at(i)[0]);
    if (Number.isFinite(height) && drawing) pen.lineTo(x, height);
    else if (Number.isFinite(height)) pen.moveTo(x, height);
    drawing = Number.isFinite(height);
  });
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * Draws dots with upright intervals, side by side in each of some named groups.
 * @param {import("../core/types.js").Pen} pen
 * @param {import("../core/types.js").Seen} seen
 * @param {number} width
 * @param {number} height
 * @param {{ groups: string[], lines: Line[], words: string, level?: number }} drawn level: the value where a line is
 */
export function drawDots(pen, seen, width, height, { groups, lines, words, level }) {
  const scale = frame(pen, seen, width, height, lines, groups, words);
  const wide = (width - AXIS.left - AXIS.right) / groups.length;
  const apart = Math.min(16, wide / (lines.length + 1));
  if (level != null && Number.isFinite(scale.y(level))) {
    pen.strokeStyle = seen.colours.text;
    pen.lineWidth = 1.2;
    segment(pen, AXIS.left, scale.y(level), width - AXIS.right, scale.y(level));
  }
  groups.forEach((group, g) => {
    const middle = AXIS.left + (g + 0.5) * wide;
    caption(pen, seen, group, middle, scale.bottom + 14, "center");
    lines.forEach(({ colour, at }, k) => {
      const [value, low, high] = at(g);
      const x = middle + (k - (lines.length - 1) / 2) * apart;
      if (!Number.isFinite(scale.y(value))) return;
      pen.fillStyle = pen.strokeStyle = colour;
      pen.lineWidth = 1.6;
      const end = Math.max(scale.top, scale.y(high));
      if (Number.isFinite(low) && Number.isFinite(high)) segment(pen, x, scale.y(low), x, end);
      if (scale.lower(value)) underMarks(pen, scale, [x], () => value, colour);
      else disc(pen, x, scale.y(value), 3.6);
    });
  });
}
