// How much the chosen position attends to every other, by head.

import { entry, headIndex, headWeights, looksMost, share } from "../core/arrays.js";
import { percent, sentence } from "../core/words.js";
import { curve } from "../draw/axis.js";
import { cellAt, cellSigns, ringCell } from "../draw/board.js";
import { headBoards, headsShown } from "../draw/heads.js";
import { caption, fitting } from "../draw/legend.js";
import { drawWindow, windowAt, windows } from "../draw/nearby.js";
import { segment } from "../draw/surface.js";

const [ABOVE, EDGE] = [18, 6]; // pixels of the strip below a drawing: its words, and the edge
const [NUMBERED, NUMBERS] = [50, 17]; // how high a strip must be for the numbers of its loops, and their pixels
const NAMES = 14; // pixels of the names of columns, between a neighbourhood and its strip

// The largest weight of the chosen place by one head, after every loop.
function largestBy({ view, layer, active }, head) {
  const { strongest } = view.arrays;
  return (t) => view.weight(t, layer, head, active, entry(strongest, t - 1, layer, head, active));
}

// The largest weight of any head that is shown and of any loop: the upper end of every strip, one for runs compared.
function largestOf(seen) {
  const within = (view) => {
    const here = { ...seen, view, layer: Math.min(seen.layer, view.meta.layers - 1) };
    const every = Array.from({ length: view.loops }, (_, s) => s + 1);
    return headsShown(here).flatMap((head) => every.map(largestBy(here, head)));
  };
  return Math.max(...seen.views.filter((view) => view.arrays.strongest).flatMap(within));
}

// Below the drawing of a head, in a strip from `low` on: its largest weight over the loops, from 0 to `most`.
function drawStrip(pen, seen, { head, x, strip }, wide, low, most) {
  const { view, t, colours } = seen;
  const top = low + ABOVE;
  const numbered = strip >= NUMBERED;
  const high = strip - ABOVE - (numbered ? NUMBERS : EDGE);
  const { loops } = view;
  const across = (s) => x + (loops > 1 ? (wide * (s - 1)) / (loops - 1) : wide / 2);
  const weight = largestBy(seen, head);
  const end = `0 to ${percent(most)}`;
  const words = [`largest weight by {loop}, ${end}`, `largest by {loop}, ${end}`, `by {loop}, ${end}`, end];
  caption(pen, seen, fitting(pen, seen, words, wide), x, top - 4);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(x, top, wide, high);
  curve(pen, loops, across, (s) => top + high * (1 - weight(s) / (most || 1)), colours.accent);
  if (numbered) caption(pen, seen, fitting(pen, seen, ["{loop} 1", "1"], wide / 2), x, top + high + 13);
  if (numbered && loops > 1) caption(pen, seen, loops, x + wide, top + high + 13, "right");
  if (!t) return;
  pen.strokeStyle = colours.text;
  segment(pen, across(view.at(t)), top, across(view.at(t)), top + high);
}

// A model whose places look at a few neighbours: those, large.
function drawNear(pen, seen, near) {
  const { view, t, layer, active } = seen;
  const end = largestOf(seen);
  for (const window of near) {
    const { head, x, y, step, size } = window;
    const weight = (j) => view.weight(t, layer, head, active, j);
    const most = t ? largestBy(seen, head)(view.at(t)) : 0;
    caption(pen, seen, headWords(head, size * step, t, most), x, y - 4);
    drawWindow(pen, seen, window, weight, most);
    if (window.strip) drawStrip(pen, seen, window, size * step, y + size * step + NAMES, end);
  }
}

function headWords(head, side, t, most) {
  const name = side < 84 ? `h${head + 1}` : `head ${head + 1}`;
  return t ? `${name} · ${percent(most)}` : name;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "attention",
  title: "Attention",
  needs: "attention",
  choosesHead: true,
  help:
    "How much the chosen {place} (ringed) looks at every other {place} in the {loop} that led here, one " +
    "{small} per head, each drawn from nothing to its own largest weight, which is printed above " +
    "it; where the figure has room, a curve below says how large that was in every {loop}, from 0 to the largest of " +
    "all heads and {loops}. " +
    "Of a model whose {places} look at a few neighbours only, those are drawn large, each with its weight, " +
    "beside the numbers of their rows and columns. All weights of a head sum to 100 %. Attention shows where " +
    "information may come from, not why an answer is given. Point at a square to preview its {place}, click to " +
    "choose it.",
  formula:
    "A[i, j] = softmaxⱼ(qᵢ · kⱼ / √(d / heads)), for the chosen {place} i, at the {loop} on the clock; " +
    "recorded from the run itself. Sent in 8 bits of √A.",
  drawing: "Attention of the chosen {place}, drawn on the {input}, one {input} per head",
  draw(pen, seen, width, height) {
    const { view, t, active, layer, colours, geometry } = seen;
    const near = windows(seen, width, height);
    if (near) {
      drawNear(pen, seen, near);
      return;
    }
    const end = largestOf(seen);
    for (const board of headBoards(seen, width, height)) {
      const { head, step, side, x, y } = board;
      let top = 0;
      if (t) {
        const weights = headWeights(view, t, layer, head, active);
        top = Math.max(...weights);
        pen.fillStyle = colours.accent;
        weights.forEach((weight, j) => {
          if (!weight) return;
          pen.globalAlpha = 0.75 * Math.sqrt(weight / (top || 1)); // so that a digit on it stays readable
          const spot = geometry.spot(j);
          if (!spot) return;
          const [row, column] = spot;
          pen.fillRect(x + column * step, y + row * step, step, step);
        });
        pen.globalAlpha = 1;
      }
      caption(pen, seen, headWords(head, side, t, top), x, y - 4);
      cellSigns(pen, x, y, step, seen);
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      geometry.frame(pen, x, y, step);
      ringCell(pen, x, y, step, seen, active);
      const { rows, columns } = geometry;
      if (board.strip) drawStrip(pen, seen, board, step * columns, y + step * rows, end);
    }
  },
  describe(seen) {
    const { view, t, active, layer, geometry } = seen;
    const heads = view.meta.heads;
    if (!t) return "Before the first {loop} there is no attention to draw.";
    const { head, cell, weight, ties } = looksMost(seen, active);
    const target = cell === active ? "itself" : geometry.name(cell);
    const tied = ties > 1 ? `, one of ${ties} that are as large` : "";
    const most =
      `${sentence(geometry.name(active))} looks most at ${target} ` +
      `(head ${head + 1}, ${percent(weight)}${tied}).`;
    const where = [view.at(t) - 1, layer, headIndex(seen), active];
    const mean = heads > 1 && headIndex(seen) === heads; // over heads, while the place looked at most is one head's
    const { near: nearby, near_even: evenly, unseen } = view.arrays;
    if (!nearby) {
      const hidden = unseen ? share(unseen, ...where) : 0;
      const gone = `${mean ? "On average over heads " : ""}${percent(hidden)} goes to padding, which is not drawn.`;
      const padding = hidden > 0 ? ` ${gone}` : "";
      return `${most} Spread evenly each {place} would have ${percent(entry(view.arrays.even, active))}.${padding}`;
    }
    const near = share(nearby, ...where);
    const even = entry(evenly, active);
    return (
      `${most} ${mean ? "On average over heads " : ""}${percent(near)} of its attention` +
      `${mean ? "" : " in this head"} stays in its own ` +
      `{groups}; spread evenly it would be ${percent(even)}.`
    );
  },
  pick(x, y, seen, width, height) {
    const near = windows(seen, width, height);
    for (const window of near ?? []) {
      const cell = windowAt(x, y, window, seen.geometry);
      if (cell != null) return { cell };
    }
    if (near) return null;
    for (const board of headBoards(seen, width, height)) {
      const cell = cellAt(x, y, [board.x, board.y, board.side], seen.geometry);
      if (cell != null) return { cell };
    }
    return null;
  },
  table({ view, active, layer, geometry }) {
    const rows = [];
    for (let t = 1; t <= view.loops; t++)
      for (let head = 0; head < view.meta.heads; head++)
        rows.push([
          t,
          head + 1,
          ...Array.from({ length: geometry.n }, (_, j) => view.weight(t, layer, head, active, j).toPrecision(4)),
        ]);
    const targets = Array.from({ length: geometry.n }, (_, j) => `to ${geometry.name(j)}`);
    return { columns: ["{loop}", "head", ...targets], rows };
  },
};
