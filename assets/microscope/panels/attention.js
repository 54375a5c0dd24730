// How much the chosen position attends to every other, by head.

import { entry, headIndex, headWeights, looksMost, share } from "../core/arrays.js";
import { percent, sentence } from "../core/words.js";
import { cellAt, cellSigns, ringCell } from "../draw/board.js";
import { headBoards, headsShown } from "../draw/heads.js";
import { caption } from "../draw/legend.js";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "attention",
  title: "Attention",
  needs: "attention",
  choosesHead: true,
  help:
    "How much the chosen {place} (ringed) looks at every other {place} in the loop that led here, one " +
    "{small} per head, each drawn from nothing to its own largest weight, which is printed above " +
    "it. All weights of a head sum to 100 %. Attention shows where information may come from, not " +
    "why an answer is given. Point at a square to preview its {place}, click to choose it.",
  formula:
    "A[i, j] = softmaxⱼ(qᵢ · kⱼ / √(d / heads)), for the chosen {place} i, of the layer and loop shown; " +
    "recorded from the run itself. Sent in 8 bits of √A.",
  drawing: "Attention of the chosen {place}, drawn on the {input}, one {input} per head",
  draw(pen, seen, width, height) {
    const { view, t, active, layer, colours, geometry } = seen;
    const boards = headBoards(seen, width, height);
    for (const { head, step, side, x, y } of boards) {
      let words = side < 84 ? `h${head + 1}` : `head ${head + 1}`;
      if (t) {
        const weights = headWeights(view, t, layer, head, active);
        const top = Math.max(...weights);
        words += ` · ${percent(top)}`;
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
      caption(pen, seen, words, x, y - 4);
      cellSigns(pen, x, y, step, seen);
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      geometry.frame(pen, x, y, step);
      ringCell(pen, x, y, step, seen, active);
    }
  },
  describe(seen) {
    const { view, t, active, layer, geometry } = seen;
    const heads = view.meta.heads;
    if (!t) return "No attention yet: the first loop has not run.";
    const shown = headsShown(seen);
    const { head, cell, weight } = looksMost(seen, active);
    const target = cell === active ? "itself" : geometry.name(cell);
    const most = `${sentence(geometry.name(active))} looks most at ${target} (head ${head + 1}, ${percent(weight)}).`;
    const where = [view.at(t) - 1, layer, headIndex(seen), active];
    const { near: nearby, near_even: evenly, unseen } = view.arrays;
    if (!nearby) {
      const hidden = unseen ? share(unseen, ...where) : 0;
      const padding = hidden > 0 ? ` ${percent(hidden)} goes to padding, which is not drawn.` : "";
      return `${most} Spread evenly each position would have ${percent(entry(view.arrays.even, active))}.${padding}`;
    }
    const near = share(nearby, ...where);
    const even = entry(evenly, active);
    const all = heads > 1 && shown.length === heads;
    return (
      `${most} ${percent(near)} of its attention${all ? "" : " in this head"} stays in its own ` +
      `{groups}; spread evenly it would be ${percent(even)}.`
    );
  },
  pick(x, y, seen, width, height) {
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
    return { columns: ["loop", "head", ...targets], rows };
  },
};
