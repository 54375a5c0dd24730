// Attention that goes to a few neighbours only: their squares, large, with the rows and columns that they are in.

import { percent } from "../core/words.js";
import { headsShown, LINE, LOW } from "./heads.js";
import { caption, fitting, wordsWide } from "./legend.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/types.js").Geometry} Geometry */
/** @typedef {{ head: number, x: number, y: number, step: number, size: number, top: number, left: number,
 *   first: boolean, strip: number }} Window on the input around the chosen place: size × size squares from row `top`
 *   and column `left` on; `first` of its line, which names the rows; `strip` is the height that is left below, 0 where
 *   that is too low for a curve */

const [BETWEEN, BELOW] = [10, 18]; // pixels between windows; below the squares, for the names of columns

// The part of the input that the chosen place looks at: { size, top, left }; null where that is no small square of it.
function around({ view, active, geometry }) {
  const { neighbours } = view.arrays;
  const here = geometry.spot(active);
  if (!neighbours || !here) return null;
  const wide = neighbours.shape[1];
  const spots = Array.from(neighbours.values.subarray(active * wide, (active + 1) * wide), (j) => geometry.spot(j));
  const away = spots.filter(Boolean).map((spot) => Math.max(...spot.map((at, axis) => Math.abs(at - here[axis]))));
  const reach = Math.max(1, ...away);
  const size = 2 * reach + 1;
  return size * size > wide ? null : { size, top: here[0] - reach, left: here[1] - reach };
}

// The window of each head that is shown, as large as they fit; null where attention goes to all places or to some that
// are no neighbourhood.
/** @type {(seen: Seen, width: number, height: number) => Window[]|null} */
export function windows(seen, width, height) {
  const area = around(seen);
  if (!area) return null;
  const heads = headsShown(seen);
  const { size } = area;
  const names = wordsWide(seen, `r${seen.geometry.rows}`) + 6; // left of the first window of every line
  let best = { step: 0, across: 1 };
  for (let across = 1; across <= heads.length; across++) {
    const wide = (width - names - BETWEEN * (across - 1)) / across;
    const high = height / Math.ceil(heads.length / across) - LINE - BELOW;
    const step = Math.min(wide, high) / size;
    if (step > best.step) best = { step, across };
  }
  const { step, across } = best;
  const line = height / Math.ceil(heads.length / across);
  const spare = line - LINE - size * step - BELOW;
  const strip = spare >= LOW ? spare : 0;
  const pitch = size * step + BETWEEN;
  const x = names + (width - names - across * pitch + BETWEEN) / 2;
  return heads.map((head, i) => {
    const y = Math.floor(i / across) * line + LINE - 2 + (strip ? 0 : Math.max(0, spare / 2));
    return { head, x: x + (i % across) * pitch, y, step, ...area, first: i % across === 0, strip };
  });
}

// Every square of a window that is on the input: its place and its corner.
function squares({ x, y, step, size, top, left }, geometry) {
  const { rows, columns } = geometry;
  const found = [];
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const inside = top + r >= 0 && top + r < rows && left + c >= 0 && left + c < columns;
      const j = inside ? geometry.at(top + r, left + c) : null;
      if (j != null) found.push([j, x + c * step, y + r * step]);
    }
  return found;
}

// `weight(j)` is how much the chosen place looks at place j; the fuller a square, the larger it is beside `most`.
/** @type {(pen: Pen, seen: Seen, window: Window, weight: (j: number) => number, most: number) => void} */
export function drawWindow(pen, seen, window, weight, most) {
  const { view, t, geometry, colours, font, active } = seen;
  const { step } = window;
  for (const [j, left, top] of squares(window, geometry)) {
    pen.fillStyle = colours.accent;
    pen.globalAlpha = t ? 0.75 * Math.sqrt(weight(j) / (most || 1)) : 0;
    pen.fillRect(left, top, step, step);
    pen.globalAlpha = 1;
    const chosen = j === active;
    pen.strokeStyle = chosen ? colours.warm : colours.line;
    pen.lineWidth = chosen ? 2 : 1;
    pen.strokeRect(left + 1, top + 1, step - 2, step - 2);
    pen.fillStyle = colours.text;
    pen.font = `${Math.round(Math.max(9, 0.26 * step))}px ${font}`;
    pen.textAlign = "left";
    pen.fillText(view.text(t, j), left + 0.1 * step, top + 0.34 * step);
    pen.textAlign = "center";
    if (t) share(pen, weight(j), left + step / 2, top + 0.8 * step, step);
  }
  names(pen, seen, window);
}

// A share in the middle of a square; its sign of per cent where there is room.
function share(pen, value, x, y, step) {
  const whole = percent(value);
  pen.fillText(pen.measureText(whole).width <= step - 4 ? whole : whole.replace(/\u00a0?%/, ""), x, y);
}

// Which row and which column of the input each line of squares is.
function names(pen, seen, { x, y, step, size, top, left, first }) {
  const { rows, columns } = seen.geometry;
  for (let k = 0; k < size; k++) {
    const [row, column] = [top + k, left + k];
    const middle = (k + 0.5) * step + 4;
    const said = (word, line) => fitting(pen, seen, [`${word} ${line + 1}`, `${word[0]}${line + 1}`], step);
    if (first && row >= 0 && row < rows) caption(pen, seen, `r${row + 1}`, x - 4, y + middle, "right");
    if (column >= 0 && column < columns)
      caption(pen, seen, said("column", column), x + middle - 4, y + size * step + 12, "center");
  }
}

// The place under the pointer.
/** @type {(px: number, py: number, window: Window, geometry: Geometry) => number|null} */
export function windowAt(px, py, window, geometry) {
  const { step } = window;
  const under = ([, x, y]) => px >= x && px < x + step && py >= y && py < y + step;
  return squares(window, geometry).find(under)?.[0] ?? null;
}
