// Attention rollout, and the whole attention matrix.

import { entry, meanWeight } from "../core/arrays.js";
import { clamp, percent, plural } from "../core/words.js";
import { cellAt, heat, smallBoard, squares } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { caption } from "../draw/legend.js";

export default {
  name: "flow",
  title: "Flow of attention",
  question: "Where does information flow from?",
  about: "place",
  needs: "attention",
  asks: { name: "rollout", auto: true },
  help:
    "Left: where the chosen {place}'s state was put together from, over all loops so far, by attention " +
    "rollout, drawn on the {input}. Middle: the same for all {places} (a row per {place}, a column per {place} " +
    "it came from). Right: attention of this loop alone, the whole matrix, of the chosen head or the " +
    "mean of all. Blue is more than an even share, orange less, white an even one. Point at a square " +
    "of the left {input} to preview its {place}, click to choose it.",
  formula:
    "Rollout (Abnar and Zuidema, 2005.00928) with the gates of a TMLT: R[t+1] = norm(I + g(t) · " +
    "Ā[t]) · R[t], R[0] = I; Ā is the mean over heads, g(t) the root mean square of α1(t), or 1; " +
    "norm makes rows sum to one. It leaves out values, the MLP and input injection: an estimate of " +
    "the way, not of the weight.",
  drawing: "Rollout of the chosen {place} on the {input}, rollout of all {places}, attention of all {places}",
  draw(pen, seen, width, height) {
    const { view, t, layer, head, active, asked, colours, geometry } = seen;
    const { n } = geometry;
    const [board, whole, now] = squares(3, width, height);
    const loop = view.at(t);
    const flow = asked?.arrays.rollout?.values;
    const from = (i, j) => flow[(loop * n + i) * n + j];
    const heads = headsShown(seen);
    const weight = (i, j) => meanWeight(view, t, layer, heads, i, j);
    const lift = (p) => {
      const v = Math.log2(Math.max(p, 1e-4) * n) / 4;
      return Math.abs(v) < 0.04 ? 0 : clamp(v, -1, 1) * 0.9;
    }; // against an even share: 16 times as much is full blue
    const drawn = (value, square, words) => {
      heat(pen, ...square, square[2], n, n, (r, c) => lift(value(r, c)), colours);
      pen.strokeStyle = colours.warm;
      pen.strokeRect(square[0], square[1] + (active * square[2]) / n, square[2], square[2] / n);
      caption(pen, seen, words, square[0], square[1] - 4);
    };
    if (flow) {
      smallBoard(pen, ...board, seen, (j) => 0.8 * lift(from(active, j)), active, "rollout, this {place}");
      drawn(from, whole, "rollout, all {places}");
    } else {
      caption(pen, seen, "rollout, this {place}", board[0], board[1] - 4);
      caption(pen, seen, "rollout, all {places}", whole[0], whole[1] - 4);
    }
    if (t) drawn(weight, now, head == null ? "attention, all heads" : `attention, head ${head + 1}`);
    else caption(pen, seen, "attention", now[0], now[1] - 4);
  },
  describe({ view, t, active, asked, geometry, live }) {
    const { n } = geometry;
    const loop = view.at(t);
    const flow = asked?.arrays.rollout?.values;
    if (!flow) return live ? "The rollout is being computed." : "The rollout was not computed before this was saved.";
    if (!t) return "Before the first loop every {place} holds only itself.";
    const from = (j) => flow[(loop * n + active) * n + j];
    const other = entry(asked.arrays.sources, loop, active);
    return (
      `After ${plural(loop, "loop")} rollout traces ${percent(from(active))} of ` +
      `${geometry.name(active)} to itself and ${percent(from(other))} to ${geometry.name(other)}; ` +
      `spread evenly it would be ${percent(1 / n)}.`
    );
  },
  pick(x, y, { geometry }, width, height) {
    const cell = cellAt(x, y, squares(3, width, height)[0], geometry);
    return cell == null ? null : { cell };
  },
  table({ view, active, asked, geometry }) {
    const { n } = geometry;
    const flow = asked?.arrays.rollout?.values;
    const from = (_, j) => `rollout of ${geometry.name(active)} from ${geometry.name(j)}`;
    return {
      columns: ["loop", ...Array.from({ length: n }, from)],
      rows: flow
        ? Array.from({ length: view.loops + 1 }, (_, s) => [
            s,
            ...Array.from({ length: n }, (_, j) => flow[(s * n + active) * n + j].toPrecision(4)),
          ])
        : [],
    };
  },
};
