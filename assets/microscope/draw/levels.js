// A scale of positive numbers from bottom to top: logarithmic where they span more than a factor of thirty.

import { AXIS } from "./axis.js";
import { caption } from "./legend.js";
import { segment } from "./surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */

const WIDE = 30; // the factor from which on a scale is logarithmic
const [SPAN, ROOM] = [8, 24]; // powers of ten at most; pixels between two ticks at least
const MARK = 4.5; // half of the side of a ▾, in pixels

/**
 * @typedef {object} Levels a scale
 * @property {(value: number) => number} y NaN for what cannot be drawn
 * @property {number[]} ticks
 * @property {(tick: number) => string} tickName
 * @property {boolean} log
 * @property {(value: number) => boolean} lower whether a value is smaller than the scale reaches: it lies at the bottom
 * @property {number} top
 * @property {number} bottom
 */

/**
 * @param {number[]} values those that are not positive and finite are left out
 * @param {number} [floor] the scale need not reach what is smaller
 * @returns {Levels}
 */
export function levels(values, top, bottom, floor = 0) {
  const shown = values.filter((value) => value > 0 && value >= floor && Number.isFinite(value));
  const [low, high] = shown.length ? [Math.min(...shown), Math.max(...shown)] : [0.1, 1];
  const most = Math.max(1, Math.floor((bottom - top) / ROOM));
  const scale = high / low > WIDE ? powers(low, high, most, top, bottom) : plain(high, most, top, bottom);
  const under = values.some(scale.lower);
  const tickName = (tick) => (under && tick === scale.ticks[0] ? `≤${tickText(tick)}` : tickText(tick));
  return { ...scale, tickName };
}

function powers(low, high, most, top, bottom) {
  const last = Math.ceil(Math.log10(high));
  const first = Math.max(Math.floor(Math.log10(low)), last - SPAN);
  const every = Math.max(1, Math.ceil((last - first) / most));
  const y = (value) => {
    if (!Number.isFinite(value) || value < 0) return NaN;
    const power = Math.max(first, Math.log10(value || 1e-300));
    return bottom - ((bottom - top) * (power - first)) / (last - first);
  };
  const ticks = [];
  for (let power = first; power <= last; power += every) ticks.push(10 ** power);
  const lower = (value) => value >= 0 && value < 10 ** first;
  return { y, ticks, log: true, lower, top, bottom };
}

function plain(high, most, top, bottom) {
  const power = 10 ** Math.floor(Math.log10(high));
  const step = [0.1, 0.2, 0.5, 1, 2, 5].map((part) => part * power).find((one) => high / one <= most) ?? 5 * power;
  const end = Math.ceil(high / step - 1e-9) * step;
  const y = (value) => (Number.isFinite(value) ? bottom - ((bottom - top) * Math.max(0, value)) / end : NaN);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, k) => k * step);
  return { y, ticks, log: false, lower: () => false, top, bottom };
}

// The ticks of a scale, with thin lines across.
/** @type {(pen: Pen, seen: Seen, scale: Levels, width: number) => void} */
export function levelLines(pen, seen, { y, ticks, tickName }, width) {
  pen.strokeStyle = seen.colours.line;
  pen.lineWidth = 1;
  for (const tick of ticks) {
    pen.globalAlpha = 0.5;
    segment(pen, AXIS.left, y(tick), width - AXIS.right, y(tick));
    pen.globalAlpha = 1;
    caption(pen, seen, tickName(tick), AXIS.left - 6, y(tick) + 4, "right");
  }
}

// A ▾ on the foot of a scale wherever a line leaves it, or ends there: the line is not at that level, but below it.
/** @type {(pen: Pen, scale: Levels, xs: number[], value: (i: number) => number, colour: string, k?: number) => void}
 *   value i stands at xs[i]; k: the number of the line, by which marks of lines with the same end stand side by side */
export function underMarks(pen, scale, xs, value, colour, k = 0) {
  pen.fillStyle = colour;
  xs.forEach((at, i) => {
    if (!scale.lower(value(i)) || (i + 1 < xs.length && scale.lower(value(i + 1)))) return;
    const [x, y] = [at - 2 * MARK * k, scale.bottom];
    pen.beginPath();
    pen.moveTo(x - MARK, y - MARK);
    pen.lineTo(x + MARK, y - MARK);
    pen.lineTo(x, y + MARK);
    pen.closePath();
    pen.fill();
  });
}

// The number of a tick, as short as can be.
/** @type {(tick: number) => string} */
export function tickText(tick) {
  if (tick && (tick < 0.01 || tick >= 1000)) return tick.toExponential(0);
  return String(Number(tick.toPrecision(3)));
}

const DASHES = [[6, 4], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2], [1, 4], [7, 2]];

// Method b as it is drawn everywhere: its colour among the groups of the page, its dashes.
/** @type {(colours: { groups: string[] }, b: number) => [string, number[]]} */
export function methodStyle({ groups }, b) {
  return [groups[(b + 1) % groups.length], DASHES[b % DASHES.length]];
}
