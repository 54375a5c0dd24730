// The grid of the Paths page, as it is painted.

import { meanWeight } from "../core/arrays.js";
import { ringCell } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { disc } from "../draw/surface.js";
import { REACHED } from "./gridtext.js";

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

function corner(pen, x, y, step, colours) {
  const fold = Math.max(3, 0.25 * step);
  pen.fillStyle = colours.warm;
  pen.beginPath();
  pen.moveTo(x + step, y);
  pen.lineTo(x + step, y + fold);
  pen.lineTo(x + step - fold, y);
  pen.closePath();
  pen.fill();
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

// `cells`: the signs of the grid as it is typed, which may be ahead of the run that is shown.
/** @type {(pen: Pen, side: number, seen: Seen & { cells: string[] }) => void} */
export function paintGrid(pen, side, seen) {
  const { view, views, t, colours, font, geometry, show, solution, selected, hover, chosen, cells, fade = 1 } = seen;
  const size = geometry.rows;
  const step = side / size;
  const other = views.find((one) => one !== view);
  const changed = t ? view.changesIn(t) : null;
  const fill = t ? filling(seen) : null;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0; i < geometry.n; i++) {
    const x = (i % size) * step;
    const y = Math.floor(i / size) * step;
    const asked = cells[i] !== "#" && view.asked[i];
    if (cells[i] === "#") {
      pen.fillStyle = colours.text;
      pen.globalAlpha = 0.72;
      pen.fillRect(x, y, step, step);
    }
    if (fill && (asked || (show === "attention" && cells[i] !== "#"))) {
      pen.fillStyle = colours[fill.colour];
      pen.globalAlpha = fill.share(i) * (changed[i] ? fade : 1);
      pen.fillRect(x, y, step, step);
    }
    pen.globalAlpha = 1;
    if (cells[i] === "S") {
      pen.font = `bold ${Math.max(8, 0.66 * step).toFixed(1)}px ${font}`;
      pen.fillStyle = colours.text;
      pen.fillText("S", x + step / 2, y + 0.54 * step);
    } else if (asked && t) {
      const reached = view.digit(t, i) === REACHED;
      if (show === "settle" && step >= 14) {
        pen.font = `${(0.42 * step).toFixed(1)}px ${font}`;
        pen.fillStyle = colours.text;
        pen.fillText(view.settledSign(i), x + step / 2, y + 0.54 * step);
      } else if (reached && show !== "attention") {
        pen.fillStyle = colours.text;
        disc(pen, x + step / 2, y + step / 2, Math.max(1, 0.11 * step));
      }
      const differs = other && view.differs(t, i);
      const wrong = show === "solution" && solution && solution[i] !== view.digit(t, i);
      if (wrong || (differs && show === "versus")) cross(pen, x, y, step, colours);
      if (changed[i]) corner(pen, x, y, step, colours);
    }
  }
  lines(pen, side, size, colours);
  for (const i of selected) if (i !== chosen) ringCell(pen, 0, 0, step, seen, i);
  if (hover != null && hover !== chosen) ringCell(pen, 0, 0, step, seen, hover);
  ringCell(pen, 0, 0, step, seen, chosen);
  pen.textBaseline = "alphabetic";
}
