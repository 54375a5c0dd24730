// Attention rollout, and the whole attention matrix.

import { entry, meanWeight } from "../core/arrays.js";
import { clamp, percent, plural, signed } from "../core/words.js";
import { cellAt, heat, smallBoard } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { caption, fitting } from "../draw/legend.js";

/** @typedef {import("../core/types.js").Geometry} Geometry */

const LINE = 16; // pixels above each of the three, for its words
const GAP = 10;
const TALL = 0.3; // of the height: the most that a wide input takes above the matrices
const READABLE = 18; // pixels of a square of the input, on which its sign is written

// Layout 1: the input and the two square matrices side by side, all of one height.
function inOneRow(width, height, { rows, columns }) {
  const side = Math.min(height - LINE - 4, (width - 2 * GAP) / (columns / rows + 2));
  const across = (side * columns) / rows;
  const left = (width - across - 2 * (side + GAP)) / 2;
  const top = LINE + (height - LINE - side) / 2;
  const square = (k) => [left + across + GAP + k * (side + GAP), top, side, side];
  return { board: [left, top, Math.max(side, across)], across, side, whole: square(0), now: square(1) };
}

// Layout 2: a wide input above the two matrices.
function inTwoRows(width, height, { rows, columns }) {
  const step = Math.min(width / columns, (TALL * height) / rows);
  const side = Math.min((width - GAP) / 2, height - step * rows - 2 * LINE - 4);
  const top = step * rows + 2 * LINE;
  const left = (width - 2 * side - GAP) / 2;
  const board = [(width - step * columns) / 2, LINE, step * Math.max(rows, columns)];
  const square = (k) => [left + k * (side + GAP), top, side, side];
  return { board, across: step * columns, side, whole: square(0), now: square(1) };
}

// Layout 3: the two matrices as high as the figure, the input beside them with squares that can still be read.
function besideMatrices(width, height, { rows, columns }) {
  const side = Math.min(height - LINE - 4, (width - 2 * GAP - READABLE * columns) / 2);
  if (side <= 0) return null;
  const step = Math.min((width - 2 * GAP - 2 * side) / columns, side / rows);
  const across = step * columns;
  const left = (width - across - 2 * (side + GAP)) / 2;
  const top = LINE + (height - LINE - side) / 2;
  const square = (k) => [left + across + GAP + k * (side + GAP), top, side, side];
  const board = [left, top + (side - step * rows) / 2, step * Math.max(rows, columns)];
  return { board, across, side, whole: square(0), now: square(1) };
}

// The layout whose drawings cover the largest area.
/** @type {(width: number, height: number, geometry: Geometry) => { board: number[], across: number, side: number,
 *   whole: number[], now: number[] }} where the three stand */
export function layout(width, height, geometry) {
  const { rows, columns } = geometry;
  const covered = ({ across, side }) => (across * across * rows) / columns + 2 * side * side;
  const layouts = [inOneRow, inTwoRows, besideMatrices].map((one) => one(width, height, geometry)).filter(Boolean);
  const areas = layouts.map(covered);
  return layouts[areas.indexOf(Math.max(...areas))];
}

// Whether rollout traces back to the input, which a model with input injection adds in every loop.
const fromInput = (asked) => asked?.meta.origin === "input";

const HOW = " The {input} that every {loop} adds and the state count by their lengths.";

// How well rollout agrees with blanking clues, where the panel Clues has measured that for this place and loop.
function blankingWords({ beside, active, chosen }) {
  const found = active === chosen ? beside?.meta?.rollout : null;
  return found == null ? "" : ` Rank correlation with blanking clues: ${signed(found)}.`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "flow",
  title: "Flow of attention",
  question: "Where does information flow from?",
  about: "place",
  needs: "attention",
  asks: { name: "rollout", auto: true },
  beside: { name: "clues", cell: true, loop: true },
  help:
    "Left: where the chosen {place}'s state was put together from, over all {loops} so far, by attention " +
    "rollout, drawn on the {input}: from the {input} that every loop adds again, or, in a model without input " +
    "injection, from the states before the first {loop}. Middle: the same for all {places} (a row per {place}, a " +
    "column per {place} it came from). Right: attention of this {loop} alone, the whole matrix, of the chosen head " +
    "or the mean of all. Blue is more than an even share, orange less, no colour an even one; 16 times as much is " +
    "full blue, a sixteenth full orange. Point at a square " +
    "of the left {input} to preview its {place}, click to choose it.",
  formula:
    "Rollout (Abnar and Zuidema, 2005.00928) with the gates of a TMLT: R[t+1] = norm(I + g(t) · " +
    "Ā[t]) · R[t], R[0] = I; Ā is the mean over heads, g(t) the root mean square of α1(t), or 1; " +
    "norm makes rows sum to one. With input injection: " +
    "R[t+1] = norm(I + g(t) · Ā[t]) · ((I − e(t)) · R[t] + e(t)), " +
    "R[0] = 0, where e(t) = ‖P‖ / (‖P‖ + ‖h[t]‖) at each {place} is the share of the embedded {input} P in what " +
    "the {loop} reads. It leaves out values and the MLP: an estimate of the way, not of the weight.",
  drawing: "Rollout of the chosen {place} on the {input}, rollout of all {places}, attention of all {places}",
  draw(pen, seen, width, height) {
    const { view, t, layer, head, active, asked, colours, geometry } = seen;
    const { n } = geometry;
    const { board, across, whole, now } = layout(width, height, geometry);
    const loop = view.at(t);
    const flow = t || !fromInput(asked) ? asked?.arrays.rollout?.values : null;
    const from = (i, j) => flow[(loop * n + i) * n + j];
    const heads = headsShown(seen);
    const weight = (i, j) => meanWeight(view, t, layer, heads, i, j);
    const lift = (p) => {
      const v = Math.log2(Math.max(p, 1e-4) * n) / 4;
      return Math.abs(v) < 0.04 ? 0 : clamp(v, -1, 1) * 0.9;
    }; // against an even share: 16 times as much is full blue
    const named = ([left, top, wide], choices) =>
      caption(pen, seen, fitting(pen, seen, choices, wide), left, top - 4);
    const drawn = (value, box, choices) => {
      const [left, top, wide, high] = box;
      heat(pen, ...box, n, n, (r, c) => lift(value(r, c)), colours);
      pen.strokeStyle = colours.warm;
      pen.strokeRect(left, top + (active * high) / n, wide, high / n);
      named(box, choices);
    };
    const empty = (box, choices) => {
      pen.strokeStyle = colours.line;
      pen.strokeRect(...box);
      named(box, choices);
    };
    const own = ["rollout, this {place}", "this {place}"];
    const all = ["rollout, all {places}; full blue: 16 × even", "rollout, all {places}", "all {places}", "all"];
    const shown = head == null ? "all heads" : `head ${head + 1}`;
    const loopAlone = [`attention, ${shown}`, shown, "now"];
    if (flow) {
      smallBoard(pen, ...board, seen, (j) => 0.8 * lift(from(active, j)), active, fitting(pen, seen, own, across));
      drawn(from, whole, all);
    } else {
      smallBoard(pen, ...board, seen, () => 0, active, fitting(pen, seen, own, across));
      empty(whole, all);
    }
    if (t) drawn(weight, now, loopAlone);
    else empty(now, ["attention", "now"]);
  },
  describe(seen) {
    const { view, t, active, asked, geometry, live } = seen;
    const { n } = geometry;
    const loop = view.at(t);
    const flow = asked?.arrays.rollout?.values;
    if (!flow) return live ? "The rollout is being computed." : "The rollout was not computed before this was saved.";
    const entered = fromInput(asked);
    if (!t && entered) return `Before the first {loop} every state is zero, and nothing has come from anywhere.${HOW}`;
    if (!t) return "Before the first {loop} every {place} holds only itself.";
    const from = (j) => flow[(loop * n + active) * n + j];
    const other = entry(asked.arrays.sources, loop, active);
    return (
      `After ${plural(loop, "{loop}")} rollout traces ${percent(from(active))} of ` +
      `${geometry.name(active)} to itself and ${percent(from(other))} to ${geometry.name(other)}; ` +
      `spread evenly it would be ${percent(asked.meta.even)}.${entered ? HOW : ""}${blankingWords(seen)}`
    );
  },
  pick(x, y, { geometry }, width, height) {
    const cell = cellAt(x, y, layout(width, height, geometry).board, geometry);
    return cell == null ? null : { cell };
  },
  table({ view, active, asked, geometry }) {
    const { n } = geometry;
    const flow = asked?.arrays.rollout?.values;
    const from = (_, j) => `rollout of ${geometry.name(active)} from ${geometry.name(j)}`;
    return {
      columns: ["{loop}", ...Array.from({ length: n }, from)],
      rows: flow
        ? Array.from({ length: view.loops + 1 }, (_, s) => [
            s,
            ...Array.from({ length: n }, (_, j) => flow[(s * n + active) * n + j].toPrecision(4)),
          ])
        : [],
    };
  },
};
