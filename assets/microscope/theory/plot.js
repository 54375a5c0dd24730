// A rectangle with a scale from left to right and one from bottom to top, and what is drawn in it.

import { clamp } from "../core/words.js";
import { levels, tickText } from "../draw/levels.js";
import { caption } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */

/**
 * @typedef {object} Plot
 * @property {number} left @property {number} right @property {number} top @property {number} bottom in pixels
 * @property {(value: number) => number} x @property {(value: number) => number} y value → pixels
 */

/**
 * @param {{ left: number, right: number, top: number, bottom: number }} box
 * @param {[number, number]} across the values at its left and right
 * @param {[number, number]} up the values at its bottom and top
 * @returns {Plot}
 */
export function plot(box, [first, last], [low, high]) {
  const { left, right, top, bottom } = box;
  return {
    ...box,
    x: (value) => left + ((right - left) * (value - first)) / (last - first),
    y: (value) => bottom - ((bottom - top) * (value - low)) / (high - low),
    value: (px) => clamp(first + ((px - left) / (right - left)) * (last - first), first, last),
    height: (px) => clamp(low + ((bottom - px) / (bottom - top)) * (high - low), low, high),
  };
}

/**
 * A plot with logarithmic scales.
 * @param {{ left: number, right: number, top: number, bottom: number }} box
 * @param {number[]} across values, all positive
 * @param {number[]} up values
 * @returns {Plot & { ticks: number[], tickName: (tick: number) => string }}
 */
export function logPlot(box, across, up) {
  const [first, last] = [Math.log10(Math.min(...across)), Math.log10(Math.max(...across))];
  const { y, ticks, tickName } = levels(up, box.top, box.bottom);
  return {
    ...box,
    ticks,
    tickName,
    x: (value) => box.left + ((box.right - box.left) * (Math.log10(value) - first)) / (last - first),
    y,
  };
}

/** @type {(pen: Pen, seen: object, at: Plot & { ticks?: number[], tickName?: (tick: number) => string },
 *   ticks?: number[]) => void} */
export function rulings(pen, seen, at, ticks = at.ticks) {
  pen.strokeStyle = seen.colours.line;
  pen.lineWidth = 1;
  const name = at.tickName ?? ((tick) => (tick < 0 ? `−${tickText(-tick)}` : tickText(tick)));
  for (const tick of ticks) {
    pen.globalAlpha = 0.5;
    segment(pen, at.left, at.y(tick), at.right, at.y(tick));
    pen.globalAlpha = 1;
    caption(pen, seen, name(tick), at.left - 5, at.y(tick) + 4, "right");
  }
}

/** @type {(pen: Pen, points: [number, number][], colour: string, dash?: number[], thick?: number) => void} */
export function line(pen, points, colour, dash = [], thick = 2) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
  pen.setLineDash([]);
}

/** @type {(pen: Pen, points: [number, number][], colour: string, radius?: number) => void} */
export function dots(pen, points, colour, radius = 3) {
  pen.fillStyle = colour;
  for (const [x, y] of points) disc(pen, x, y, radius);
}

/** @type {(seen: object, n: number) => string} the colour of token n */
export const tokenColour = ({ colours }, n) => colours.groups[[2, 3, 8][n]];

/** @type {(n: number) => string} what token n is called */
export const tokenName = (n) => `x${"₁₂₃"[n]}`;

/** @type {(array: { values: ArrayLike<number>, shape: number[] }, row: number) => number[]} a row of a table */
export function row({ values, shape }, i) {
  return Array.from(values.slice(i * shape.at(-1), (i + 1) * shape.at(-1)));
}

const KIND = { sequence: 4, contextual: 6, token: 5 }; // among the colours of groups

/** @type {(seen: object, kind: string) => string} the colour of a modulus */
export const kindColour = ({ colours }, kind) => colours.groups[KIND[kind]];

/** @type {(pen: Pen, at: Plot, x: number, colour: string, dash?: number[]) => void} a line from top to bottom */
export function upright(pen, at, x, colour, dash = []) {
  line(
    pen,
    [
      [x, at.top],
      [x, at.bottom],
    ],
    colour,
    dash,
    1.2,
  );
}
