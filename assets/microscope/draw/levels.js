// A scale of positive numbers from bottom to top: logarithmic where they span more than a factor of thirty.

import { AXIS } from "./axis.js";
import { caption } from "./legend.js";
import { segment } from "./surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */

const WIDE = 30; // the factor from which on a scale is logarithmic
const [SPAN, ROOM] = [8, 24]; // powers of ten at most; pixels between two ticks at least

/**
 * @param {number[]} values those that are not positive and finite are left out
 * @param {number} [floor] what is smaller lies at the bottom
 * @returns {{ y: (value: number) => number, ticks: number[], log: boolean, top: number, bottom: number }} y is NaN for
 *   what cannot be drawn
 */
export function levels(values, top, bottom, floor = 0) {
  const shown = values.filter((value) => value > 0 && value >= floor && Number.isFinite(value));
  const [low, high] = shown.length ? [Math.min(...shown), Math.max(...shown)] : [0.1, 1];
  const most = Math.max(1, Math.floor((bottom - top) / ROOM));
  return high / low > WIDE ? powers(low, high, most, top, bottom) : plain(high, most, top, bottom);
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
  return { y, ticks, log: true, top, bottom };
}

function plain(high, most, top, bottom) {
  const power = 10 ** Math.floor(Math.log10(high));
  const step = [0.1, 0.2, 0.5, 1, 2, 5].map((part) => part * power).find((one) => high / one <= most) ?? 5 * power;
  const end = Math.ceil(high / step - 1e-9) * step;
  const y = (value) => (Number.isFinite(value) ? bottom - ((bottom - top) * Math.max(0, value)) / end : NaN);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, k) => k * step);
  return { y, ticks, log: false, top, bottom };
}

// The ticks of a scale, with thin lines across.
/** @type {(pen: Pen, seen: Seen, scale: { y: (value: number) => number, ticks: number[] }, width: number) => void} */
export function levelLines(pen, seen, { y, ticks }, width) {
  pen.strokeStyle = seen.colours.line;
  pen.lineWidth = 1;
  for (const tick of ticks) {
    pen.globalAlpha = 0.5;
    segment(pen, AXIS.left, y(tick), width - AXIS.right, y(tick));
    pen.globalAlpha = 1;
    caption(pen, seen, tickText(tick), AXIS.left - 6, y(tick) + 4, "right");
  }
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
