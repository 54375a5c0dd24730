// A grid of the numbers that belong to two words, with the letters along its sides.

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {{ x: number, y: number, step: number, rows: number, columns: number }} Grid of letters and numbers */

// A grid of (rows + 1) × (columns + 1) numbers with the letters along its sides, as large as fits into a box.
/** @type {(seen: Seen, left: number, top: number, width: number, height: number) => Grid} */
export function tableGrid({ meta, view }, left, top, width, height) {
  const [rows, columns] = view.arrays.table.shape;
  const step = Math.min((width - 16) / columns, (height - 16) / rows, 34);
  return { rows, columns, step, x: left + 16, y: top + 16, first: meta.words[0], second: meta.words[1] };
}

/** @type {(pen: Pen, seen: Seen, grid: Grid) => void} */
export function tableLetters(pen, { colours, font }, { rows, columns, step, x, y, first, second }) {
  pen.font = `${Math.min(13, Math.round(step * 0.7) + 2)}px ${font}`;
  pen.textAlign = "center";
  pen.fillStyle = colours.text;
  for (let j = 1; j < columns; j++) pen.fillText(second[j - 1], x + (j + 0.5) * step, y - 4);
  for (let i = 1; i < rows; i++) pen.fillText(first[i - 1], x - 8, y + (i + 0.5) * step + 4);
}

/** @type {(pen: Pen, seen: Seen, grid: Grid, text: (i: number, j: number) => string|number,
 *   colour?: (i: number, j: number) => string) => void} */
export function tableNumbers(pen, { font, colours }, { rows, columns, step, x, y }, text, colour = () => colours.text) {
  if (step < 10) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const words = String(text(i, j));
      pen.font = `${Math.round(step * Math.min(0.62, 1.1 / words.length))}px ${font}`;
      pen.fillStyle = colour(i, j);
      pen.fillText(words, x + (j + 0.5) * step, y + (i + 0.53) * step);
    }
  pen.textBaseline = "alphabetic";
}

// [i, j] of the table under the pointer, or null.
/** @type {(px: number, py: number, grid: Grid) => [number, number]|null} */
export function tableAt(px, py, { rows, columns, step, x, y }) {
  const i = Math.floor((py - y) / step);
  const j = Math.floor((px - x) / step);
  return i >= 0 && j >= 0 && i < rows && j < columns ? [i, j] : null;
}

// The chosen position in the table: a row for a letter of the first word, a column for one of the second.
/** @type {(pen: Pen, seen: Seen, grid: Grid) => void} */
export function tableRing(pen, seen, grid) {
  const spot = seen.geometry.spot(seen.active);
  if (!spot) return;
  const [word, place] = spot;
  const { rows, columns, step, x, y } = grid;
  pen.strokeStyle = seen.colours.warm;
  pen.lineWidth = 2;
  if (word === 0 && place + 1 < rows) pen.strokeRect(x, y + (place + 1) * step, columns * step, step);
  if (word === 1 && place + 1 < columns) pen.strokeRect(x + (place + 1) * step, y, step, rows * step);
}
