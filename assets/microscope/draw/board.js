// Small drawings of the input, with a value at every position.

import { caption } from "./legend.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/types.js").Geometry} Geometry */
/** @typedef {Object<string, string>} Colours by name */

// rows × columns of rectangles; value(r, c) from −1 to 1: blue above zero, orange below, nothing for NaN.
/** @type {(pen: Pen, x: number, y: number, width: number, height: number, rows: number, columns: number,
 *   value: (row: number, column: number) => number, colours: Colours) => void} */
export function heat(pen, x, y, width, height, rows, columns, value, colours) {
  const high = height / rows;
  const wide = width / columns;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const v = value(r, c);
      if (!v || Number.isNaN(v)) continue;
      pen.fillStyle = v < 0 ? colours.warm : colours.accent;
      pen.globalAlpha = Math.min(1, Math.abs(v));
      pen.fillRect(x + c * wide, y + r * high, wide + 0.4, high + 0.4);
    }
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(x, y, width, height);
}

// What stands in every cell, where there is room for it.
/** @type {(pen: Pen, x: number, y: number, step: number, seen: Seen) => void} */
export function cellSigns(pen, x, y, step, { view, t, colours, font, geometry }) {
  if (step < 12) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.text;
  for (let j = 0; j < geometry.n; j++) {
    const text = view.text(t, j);
    const spot = geometry.spot(j);
    if (!text || !spot) continue;
    const [row, column] = spot;
    pen.font = `${Math.round(step * Math.min(0.6, 1.2 / text.length))}px ${font}`;
    pen.fillText(text, x + (column + 0.5) * step, y + (row + 0.54) * step);
  }
  pen.textBaseline = "alphabetic";
}

// A folded corner at the upper right: the answer changed in this loop.
/** @type {(pen: Pen, right: number, top: number, size: number, colours: Colours) => void} */
export function foldCorner(pen, right, top, size, colours) {
  pen.fillStyle = colours.warm;
  pen.beginPath();
  pen.moveTo(right, top);
  pen.lineTo(right, top + size);
  pen.lineTo(right - size, top);
  pen.closePath();
  pen.fill();
}

/** @type {(pen: Pen, x: number, y: number, step: number, seen: Seen, cell: number) => void} */
export function ringCell(pen, x, y, step, { colours, geometry }, cell) {
  const spot = geometry.spot(cell);
  if (!spot) return;
  const [row, column] = spot;
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 2;
  pen.strokeRect(x + column * step + 1, y + row * step + 1, step - 2, step - 2);
}

// One value a cell on a small drawing of the input, whose longer side is `side`; signs on it where there is room, the
// chosen cell ringed.
/** @type {(pen: Pen, x: number, y: number, side: number, seen: Seen, value: (i: number) => number,
 *   cell: number|null, words: string) => void} */
export function smallBoard(pen, x, y, side, seen, value, cell, words) {
  const { colours, geometry } = seen;
  const { rows, columns } = geometry;
  const step = side / Math.max(rows, columns);
  heat(
    pen,
    x,
    y,
    step * columns,
    step * rows,
    rows,
    columns,
    (r, c) => {
      const i = geometry.at(r, c);
      return i == null ? 0 : value(i);
    },
    colours,
  );
  cellSigns(pen, x, y, step, seen);
  pen.strokeStyle = colours.line;
  geometry.frame(pen, x, y, step);
  if (cell != null) ringCell(pen, x, y, step, seen, cell);
  caption(pen, seen, words, x, y - 4);
}

// Boxes side by side that fill a canvas below a line of words: [x, y, width, height] of each.
/** @type {(count: number, left: number, width: number, height: number) => number[][]} */
export function boxes(count, left, width, height) {
  const wide = (width - left - 10 * (count - 1)) / count;
  return Array.from({ length: count }, (_, i) => [left + i * (wide + 10), 16, wide, height - 20]);
}

// The largest drawings of the input that fit side by side and below each other, with a line above each: [x, y, side]
// of each.
/** @type {(count: number, width: number, height: number, geometry: Geometry) => number[][]} */
export function drawings(count, width, height, { rows, columns }) {
  let best = { step: 0, across: 1 };
  for (let across = 1; across <= count; across++) {
    const step = Math.min(
      (width - 10 * (across - 1)) / across / columns,
      (height / Math.ceil(count / across) - 18) / rows,
    );
    if (step > best.step) best = { step, across };
  }
  const { step, across } = best;
  const wide = step * columns;
  const high = step * rows;
  const left = (width - across * wide - (across - 1) * 10) / 2;
  const top = 16 + Math.max(0, (height - Math.ceil(count / across) * (high + 18)) / 2);
  return Array.from({ length: count }, (_, i) => [
    left + (i % across) * (wide + 10),
    top + Math.floor(i / across) * (high + 18),
    step * Math.max(rows, columns),
  ]);
}

// The cell under the pointer on a drawing of the input, whose longer side is `side`.
/** @type {(x: number, y: number, drawing: number[], geometry: Geometry) => number|null} */
export function cellAt(x, y, [left, top, side], geometry) {
  const { rows, columns } = geometry;
  const step = side / Math.max(rows, columns);
  const column = Math.floor((x - left) / step);
  const row = Math.floor((y - top) / step);
  return row >= 0 && column >= 0 && row < rows && column < columns ? geometry.at(row, column) : null;
}

// The largest magnitude of some numbers, 0 for none.
/** @type {(values: Iterable<number>) => number} */
export const largest = (values) => {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
};
