// Which numbers of the table probes read from the states.

import { entry, known } from "../core/arrays.js";
import { between, clamp, gainWords, listed, percent, plural } from "../core/words.js";
import { accuracyCurves } from "../draw/accuracy.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, fitting, legendAbove } from "../draw/legend.js";
import { tableAt, tableGrid, tableLetters, tableNumbers, tableRing } from "../draw/letters.js";
import { segment } from "../draw/surface.js";

// The table as the probes read it after this loop: what is right and what is wrong.
function drawTable(pen, seen, grid) {
  const { view, t, asked, colours } = seen;
  const { x, y, rows, columns, step } = grid;
  const table = view.arrays.table.values;
  const first = view.at(t) * (rows - 1);
  const at = (i, j) => (first + i - 1) * (columns - 1) + j - 1;
  const said = (i, j) => asked.arrays.read.values[at(i, j)];
  const hit = (i, j) => asked.arrays.hit.values[at(i, j)];
  const shade = (i, j) => (!i || !j || hit(i, j) < 0 ? 0 : hit(i, j) ? 0.4 : -0.4);
  const written = (i, j) => (!i || !j ? table[i * columns + j] : said(i, j) < 0 ? "" : said(i, j));
  heat(pen, x, y, columns * step, rows * step, rows, columns, shade, colours);
  tableLetters(pen, seen, grid);
  tableNumbers(pen, seen, grid, written, (i, j) => (i && j ? colours.text : colours.muted));
  tableRing(pen, seen, grid);
}

// How often the probes are right on each diagonal of tables, by loop.
function drawDiagonals(pen, { asked, colours }, left, top, wide, high) {
  const { values, shape } = asked.arrays.diagonals;
  const [lines, states] = shape;
  const dark = (v) => (Number.isFinite(v) ? 0.03 + 0.92 * v * v : 0);
  heat(pen, left, top, wide, high, lines, states, (d, s) => dark(values[d * states + s]), colours);
  const alone = asked.arrays.diagonals_without.values;
  heat(pen, left - ALONE, top, ALONE - 4, high, lines, 1, (d) => dark(alone[d]), colours);
}

// The diagonals of fresh tables, from 1, on which the states tell more than place and input do, as in “2–4 and 7”.
function aboveWords(asked, now) {
  const { values, shape } = asked.arrays.above;
  const [lines, states] = shape;
  const known = Array.from({ length: lines }, (_, d) => d + 1).filter((d) => values[(d - 1) * states + now]);
  if (known.length === lines) return "on every diagonal";
  if (!known.length) return "on no diagonal";
  const starts = known.filter((d) => !known.includes(d - 1));
  const runs = starts.map((first) => {
    const last = known.find((d) => d >= first && !known.includes(d + 1));
    return last === first ? `${first}` : `${first}–${last}`;
  });
  return `on diagonal${known.length > 1 ? "s" : ""} ${listed(runs)} of ${lines}`;
}

const ALONE = 14; // pixels of the column without any loop, and of the gap after it
const COLUMNS = ["{loop}", "probe", "control task", "place alone", "embedded input"];

/** @type {import("../core/types.js").Panel} */
export default {
  name: "wavefront",
  title: "What is known of the table",
  page: "sequences",
  question: "Which part of the table does the model know?",
  about: "run",
  needs: "table",
  asks: { name: "wavefront", words: "Fit linear probes" },
  blank: true,
  help:
    "A linear probe is fitted to the states after every {loop}: given those of two letters, one of " +
    "each word, it must say the number of the table where they meet. Left: what it reads from this " +
    "input after this {loop}; blue is right, orange wrong. Upper right: how often it is right on pairs " +
    "it has not seen (solid), and the same for a control task whose answers depend on the place in " +
    "the table alone (dotted); dashed, what place and input tell without any {loop}; only what lies above " +
    "all of them was worked out by the model. Lower right: the same by anti-diagonals, from the first " +
    "letters (top) to the last (bottom), the bluer the more often right: if the table were filled as a " +
    "program fills it, the blue would grow downwards with the {loops}. The narrow column beside it: what place and " +
    "input tell of each diagonal without any {loop}. What a probe can read the model need not use.",
  formula:
    "Features of entry (i, j): the state of letter i, that of letter j, and their product channel by " +
    "channel (for whether two letters are equal is no linear map of the two); least squares with a " +
    "ridge, one class against all others, for each {loop} alone; fitted to pairs of the training side, " +
    "measured on held-out ones. Control task: a label drawn once at random for every place (Hewitt " +
    "and Liang, 1909.03368). Diagonals: 32 fresh pairs of the greatest length; {a loop} knows more of one than place " +
    "and input tell if the 95 % interval of the difference (bootstrap over pairs) lies above zero.",
  drawing: "Numbers of the table that probes read from the states, and how often they are right",
  layout(seen, width, height) {
    const grid = tableGrid(seen, 0, 0, width * 0.52, height - 4);
    const left = Math.max(width * 0.4, grid.x + grid.columns * grid.step + 52 + ALONE);
    return { grid, left, right: width - AXIS.right, middle: height * 0.52, bottom: height - 20 };
  },
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays.accuracy) return;
    const { grid, left, right, middle, bottom } = this.layout(seen, width, height);
    const { accuracy, control } = asked.arrays;
    const states = accuracy.shape[0];
    const x = (s) => left + (right - left) * (states > 1 ? s / (states - 1) : 0.5);
    const lines = [
      ["probe", colours.accent, []],
      ["control task", colours.warm, [2, 3]],
      ["place and input", colours.muted, [6, 3]],
    ];
    const top = legendAbove(pen, seen, lines, left, width) + 2;
    const y = (v) => middle - 16 - (middle - 16 - top) * v;
    drawTable(pen, seen, grid);
    accuracyCurves(pen, seen, { left, right, x, y }, {
      states,
      accuracy: (s) => accuracy.values[s],
      control: (s) => control.values[s],
      without: asked.meta.without,
    });
    drawDiagonals(pen, seen, left, middle, right - left, bottom - middle);
    if (left - ALONE - grid.x - grid.columns * grid.step > 58)
      caption(pen, seen, "diagonals", left - ALONE - 4, middle + 12, "right");
    const key = ["right by diagonal; full blue: all", "full blue: all right", ""];
    caption(pen, seen, fitting(pen, seen, key, right - left), left, middle - 4);
    loopName(pen, seen, left, bottom);
    for (let s = 0; s < states; s += tickStep(states, 6)) caption(pen, seen, s, x(s), bottom + 14, "center");
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    segment(pen, x(view.at(t)), top, x(view.at(t)), bottom);
  },
  describe(seen) {
    const { view, t, asked } = seen;
    const now = view.at(t);
    if (!asked)
      return (
        "Fits linear probes to the states of other pairs of words, every {loop} for itself, and reads the " +
        "table of this input with them. The first time takes some seconds; then they are kept."
      );
    if (!asked.arrays.accuracy) return "The probes are being fitted.";
    const {
      accuracy: { values: accuracy },
      control: { values: control },
    } = asked.arrays;
    const { place, embedded, control_baseline: easy } = asked.meta;
    if (!Number.isFinite(accuracy[now])) return "The probes of this {loop} are not fitted yet.";
    const hits = asked.arrays.hits.values[now];
    const [rows, columns] = view.arrays.table.shape;
    const entries = (rows - 1) * (columns - 1);
    const ends = (array) => [0, 1].map((end) => entry(array, now, end));
    const interval = place == null ? "" : ` ${between(...ends(asked.arrays.interval))}`;
    const without =
      place == null
        ? "."
        : `, ${gainWords(asked.arrays.gain.values[now])}: the most frequent number at each place ` +
          `${percent(place)}, the same probe on the ` +
          `embedded input ${percent(embedded)}. Control task ${percent(control[now])}, of which ${percent(easy)} ` +
          "is its most frequent number.";
    return (
      `After ${plural(now, "{loop}")} the probe reads ${hits} of ${entries} numbers of this table ` +
      `rightly (blue; wrong ones are orange). On other pairs it is right on ${percent(accuracy[now])}${interval}` +
      `${without} On the longest pairs it knows more than place and input tell ${aboveWords(asked, now)}.`
    );
  },
  pick(px, py, seen, width, height) {
    if (!seen.asked?.arrays.accuracy) return null;
    const { grid, left, right } = this.layout(seen, width, height);
    const at = tableAt(px, py, grid);
    const states = seen.asked.arrays.accuracy.shape[0];
    if (at)
      return at[0] ? { cell: seen.geometry.at(0, at[0] - 1) } : at[1] ? { cell: seen.geometry.at(1, at[1] - 1) } : null;
    return px >= left - 6
      ? { loop: clamp(Math.round(((px - left) / (right - left)) * (states - 1)), 0, states - 1) }
      : null;
  },
  table({ asked }) {
    if (!asked?.arrays.accuracy) return { columns: COLUMNS, rows: [] };
    const { place, embedded } = asked.meta;
    const { accuracy, control, diagonals, diagonals_without: alone, read, hit } = asked.arrays;
    const [, high, wide] = read.shape;
    const placeOf = (_, i) => `entry ${1 + Math.floor(i / wide)}, ${1 + (i % wide)}`;
    const places = Array.from({ length: high * wide }, placeOf);
    const at = (s, i) => s * high * wide + i;
    const [lines, states] = diagonals.shape;
    return {
      columns: [
        ...COLUMNS,
        ...Array.from({ length: lines }, (_, d) => `diagonal ${d + 1}`),
        ...Array.from({ length: lines }, (_, d) => `diagonal ${d + 1} without any {loop}`),
        ...places.flatMap((name) => [`${name}, read`, `${name}, right`]),
      ],
      rows: Array.from({ length: states }, (_, s) => [
        s,
        accuracy.values[s].toPrecision(4),
        control.values[s].toPrecision(4),
        place?.toPrecision(4) ?? "",
        embedded?.toPrecision(4) ?? "",
        ...Array.from({ length: lines }, (_, d) => diagonals.values[d * states + s].toPrecision(4)),
        ...Array.from({ length: lines }, (_, d) => alone.values[d].toPrecision(4)),
        ...places.flatMap((_, i) => [known(read.values[at(s, i)]), known(hit.values[at(s, i)])]),
      ]),
    };
  },
};
