// The grid of the Paths page, as it is painted.

import { meanWeight } from "../core/arrays.js";
import { foldCorner, ringCell } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { disc } from "../draw/surface.js";
import { REACHED, SOURCE, WALL } from "./gridtext.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */

function lines(pen, side, size, colours) {
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i <= size; i++) {
    const at = (i * side) / size;
    pen.moveTo(at, 0);
    pen.lineTo(at, side);
    pen.moveTo(0, at);
    pen.lineTo(side, at);
  }
  pen.stroke();
}

function cross(pen, x, y, step, colours) {
  pen.strokeStyle = colours.wrong;
  pen.lineWidth = Math.max(1.5, 0.08 * step);
  pen.beginPath();
  pen.moveTo(x + 0.25 * step, y + 0.25 * step);
  pen.lineTo(x + 0.75 * step, y + 0.75 * step);
  pen.moveTo(x + 0.75 * step, y + 0.25 * step);
  pen.lineTo(x + 0.25 * step, y + 0.75 * step);
  pen.stroke();
}

// How strongly each cell is filled, and with which colour, from 0 to 1.
function filling(seen) {
  const { view, t, show, active, geometry, layer } = seen;
  if (show === "attention" && view.arrays.attention) {
    const heads = headsShown(seen);
    const weights = Array.from({ length: geometry.n }, (_, j) => meanWeight(view, t, layer, heads, active, j));
    const top = Math.max(...weights) || 1;
    return { colour: "accent", share: (i) => 0.7 * Math.sqrt(weights[i] / top) };
  }
  if (show === "settle")
    return { colour: "warm", share: (i) => 0.06 + (0.6 * (view.settledCell[i] - 1)) / Math.max(1, view.loops - 1) };
  return { colour: "accent", share: (i) => 0.55 * view.probability(t, i, REACHED) };
}

// Cell i as it is drawn: where it stands, the sign that is typed there, whether the model is asked about it.
function cellOf({ view, geometry, cells }, step, i) {
  const [row, column] = geometry.spot(i);
  const sign = cells[i];
  return { i, x: column * step, y: row * step, step, sign, asked: sign !== WALL && !!view.asked[i] };
}

function paintGround(pen, { show, colours, fade = 1 }, { i, x, y, step, sign, asked }, fill, changed) {
  if (sign === WALL) {
    pen.fillStyle = colours.text;
    pen.globalAlpha = 0.72;
    pen.fillRect(x, y, step, step);
  } else if (fill && (asked || show === "attention")) {
    pen.fillStyle = colours[fill.colour];
    pen.globalAlpha = fill.share(i) * (changed[i] ? fade : 1);
    pen.fillRect(x, y, step, step);
  }
  pen.globalAlpha = 1;
}

function write(pen, { colours, font }, { x, y, step }, text, style) {
  pen.font = `${style}px ${font}`;
  pen.fillStyle = colours.text;
  pen.fillText(text, x + step / 2, y + 0.54 * step);
}

// What the model answers at a cell: a dot where it is reached, or when it settled; crossed where that is wrong.
function paintAnswer(pen, seen, cell, changed) {
  const { view, views, t, show, colours, solution } = seen;
  const { i, x, y, step } = cell;
  if (show === "settle" && step >= 14) write(pen, seen, cell, view.settledSign(i), (0.42 * step).toFixed(1));
  else if (view.digit(t, i) === REACHED && show !== "attention") {
    pen.fillStyle = colours.text;
    disc(pen, x + step / 2, y + step / 2, Math.max(1, 0.11 * step));
  }
  const differs = show === "versus" && views.length > 1 && view.differs(t, i);
  const wrong = show === "solution" && solution && solution[i] !== view.digit(t, i);
  if (wrong || differs) cross(pen, x, y, step, colours);
  if (changed[i]) foldCorner(pen, x + step, y, Math.max(3, 0.25 * step), colours);
}

// `cells`: the signs of the grid as it is typed, which may be ahead of the run that is shown.
/** @type {(pen: Pen, side: number, seen: Seen & { cells: string[] }) => void} */
export function paintGrid(pen, side, seen) {
  const { view, t, colours, geometry, selected, hover, chosen } = seen;
  const size = geometry.rows;
  const step = side / size;
  const changed = t ? view.changesIn(t) : null;
  const fill = t ? filling(seen) : null;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0; i < geometry.n; i++) {
    const cell = cellOf(seen, step, i);
    paintGround(pen, seen, cell, fill, changed);
    if (cell.sign === SOURCE) write(pen, seen, cell, SOURCE, `bold ${Math.max(8, 0.66 * step).toFixed(1)}`);
    else if (cell.asked && t) paintAnswer(pen, seen, cell, changed);
  }
  lines(pen, side, size, colours);
  for (const i of selected) if (i !== chosen) ringCell(pen, 0, 0, step, seen, i);
  if (hover != null && hover !== chosen) ringCell(pen, 0, 0, step, seen, hover);
  ringCell(pen, 0, 0, step, seen, chosen);
  pen.textBaseline = "alphabetic";
}
