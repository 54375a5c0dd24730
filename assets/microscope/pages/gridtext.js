// Grids of the Paths page as text (rows joined by "/", one sign a cell), and where their cells stand.

import { SequenceGeometry } from "../core/geometry.js";

/** @type {string} signs of a cell */
export const FREE = ".";
/** @type {string} */
export const WALL = "#";
/** @type {string} */
export const SOURCE = "S";
/** @type {number} the token that says so */
export const REACHED = 3; // the token that says so
/** @type {number} the share of walls in a grid that is drawn at random */
export const WALLS = 0.38; // the share of walls in a grid that is drawn at random

/** A square grid, row by row. */
export class GridGeometry extends SequenceGeometry {
  // What an answer can be.
  /** @type {number[]} */
  get tokens() {
    return [0, REACHED];
  }

  frame(pen, x, y, step) {
    const side = step * this.rows;
    pen.beginPath();
    for (const at of [0, side]) {
      pen.moveTo(x, y + at);
      pen.lineTo(x + side, y + at);
      pen.moveTo(x + at, y);
      pen.lineTo(x + at, y + side);
    }
    pen.stroke();
  }
}

/** @type {(text: string) => string[]} the sign of every cell */
export const cellsOf = (text) => [...text.replaceAll("/", "")];

/** @type {(cells: string[]) => string} */
const textOf = (cells) => {
  const size = Math.round(Math.sqrt(cells.length));
  const rows = Array.from({ length: size }, (_, r) => cells.slice(r * size, (r + 1) * size).join(""));
  return rows.join("/");
};

// The same grid with other sides: what lies outside goes, what is new is free; the source stays on the grid.
/** @type {(text: string, size: number) => string} */
export function resized(text, size) {
  const rows = text.split("/");
  const cells = Array.from({ length: size * size }, (_, i) => rows[Math.floor(i / size)]?.[i % size] ?? FREE);
  if (!cells.includes(SOURCE)) {
    const at = rows.join("").indexOf(SOURCE);
    const row = Math.min(Math.floor(at / rows.length), size - 1);
    const column = Math.min(at % rows.length, size - 1);
    cells[row * size + column] = SOURCE;
  }
  return textOf(cells);
}

// The grid after `cell` was made free, a wall or the source; the source is moved, never lost.
/** @type {(text: string, cell: number, what: string) => string} */
export function withCell(text, cell, what) {
  const cells = cellsOf(text);
  if (what === SOURCE) cells[cells.indexOf(SOURCE)] = FREE;
  else if (cells[cell] === SOURCE) return text;
  cells[cell] = what;
  return textOf(cells);
}

/** @type {(size: number, random?: () => number) => string} */
export function randomGrid(size, random = Math.random) {
  const cells = Array.from({ length: size * size }, () => (random() < WALLS ? WALL : FREE));
  cells[Math.floor(random() * cells.length)] = SOURCE;
  return textOf(cells);
}
