// Linear probes for the weights of least squares and for Xᵀy: variance explained by loop, and readings of this prompt.

import { entry } from "../core/arrays.js";
import { clamp, percent, plural, signed, small } from "../core/words.js";
import { AXIS, curve, tickStep } from "../draw/axis.js";
import { largest } from "../draw/board.js";
import { caption, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const NEEDED = "numbers for probes";
const WORDS = { weights: "least-squares weights", moments: "Xᵀy / k" };
const SHARE = 0.6; // of the width that the chart over the loops has
const GAP = 34; // pixels between the two charts
const SHARES = ["explained", "low", "high", "control", "embedded input"];
const COLUMNS = ["{loop}", "kind", ...SHARES, "read from this {input}", "true", "off by"];

// The row of a kind of numbers.
const rowOf = ({ meta }, mode) => meta.kinds.indexOf(mode);

// The lines over the loops: [words, colour, dash, value at a state], the chosen kind first.
function linesOf({ asked, mode, colours }) {
  const { explained, control, embedded } = asked.arrays;
  const [other] = asked.meta.kinds.filter((kind) => kind !== mode);
  const [row, beside] = [mode, other].map((kind) => rowOf(asked, kind));
  return [
    [WORDS[mode], colours.accent, [], (s) => entry(explained, row, s)],
    ["control", colours.warm, [2, 3], (s) => entry(control, row, s)],
    ["embedded input", colours.muted, [6, 3], () => entry(embedded, row)],
    [WORDS[other], colours.cool, [9, 3, 2, 3], (s) => entry(explained, beside, s)],
  ];
}

// Where a state and a share stand.
function chart(states, top, width, height) {
  const right = width * SHARE - AXIS.right;
  const bottom = height - 20;
  return {
    bottom,
    right,
    x: (s) => AXIS.left + ((right - AXIS.left) * s) / Math.max(1, states - 1),
    y: (share) => bottom - (bottom - top) * clamp(share, 0, 1),
  };
}

// What a probe explains beside its control: 1 more, −1 less, 0 unsure.
const BESIDE = ["less than", "not surely more than", "more than"];

function drawShares(pen, seen, width, height) {
  const { view, t, asked, colours } = seen;
  const [, states] = asked.arrays.explained.shape;
  const lines = linesOf(seen);
  const top = legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right);
  const { x, y, bottom, right } = chart(states, top, width, height);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (const share of [0, 0.5, 1]) {
    segment(pen, AXIS.left, y(share), right, y(share));
    caption(pen, seen, percent(share), AXIS.left - 5, y(share) + 4, "right");
  }
  const every = tickStep(states, 6, [1, 2, 4, 5, 10, 20, 50]);
  for (let s = 0; s < states; s += every) caption(pen, seen, s, x(s), bottom + 14, "center");
  for (const [, colour, dash, value] of [...lines].reverse())
    curve(pen, states, (s) => x(s - 1), (s) => y(value(s - 1)), colour, dash, dash.length ? 1.6 : 2.6);
  const now = view.at(t);
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1.5;
  segment(pen, x(now), top, x(now), bottom);
  return top;
}

// The true numbers of this prompt as bars, what is read as discs.
function drawOwn(pen, seen, top, width, height) {
  const { view, t, asked, mode, colours } = seen;
  const { read, truth } = asked.arrays;
  const row = rowOf(asked, mode);
  const [, count] = truth.shape;
  const own = Array.from({ length: count }, (_, i) => [entry(truth, row, i), entry(read, row, view.at(t), i)]);
  const most = largest(own.flat()) || 1;
  const [left, right, bottom] = [width * SHARE + GAP, width - AXIS.right, height - 20];
  const [slot, middle] = [(right - left) / count, (top + bottom) / 2];
  const y = (value) => middle - ((bottom - top) / 2) * (value / most);
  pen.lineWidth = 1;
  pen.strokeStyle = colours.line;
  for (const value of [-most, 0, most]) {
    segment(pen, left, y(value), right, y(value));
    caption(pen, seen, signed(value, small), left - 4, y(value) + 4, "right");
  }
  const every = Math.ceil(16 / slot);
  own.forEach(([true_, said], i) => {
    const at = left + (i + 0.5) * slot;
    pen.strokeStyle = colours.text;
    pen.strokeRect(at - 0.3 * slot, Math.min(y(0), y(true_)), 0.6 * slot, Math.abs(y(true_) - y(0)));
    pen.fillStyle = colours.accent;
    disc(pen, at, y(said), Math.min(4, 0.25 * slot + 1));
    if (i % every === 0) caption(pen, seen, i + 1, at, bottom + 14, "center");
  });
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "weights",
  title: "Probed weights",
  page: "in-context",
  question: "Does it hold the weights of the function?",
  about: "run",
  needs: "reach_distance",
  asks: { name: "weights", words: "Fit probes to 384 {inputs}" },
  blank: true,
  modes: [
    ["weights", WORDS.weights, NEEDED],
    ["moments", WORDS.moments, NEEDED],
  ],
  offered: (mode, { offers }) => offers.includes(NEEDED),
  help:
    "A linear probe is fitted to the mean state of the {clues} after every {loop} and asked for the weights that " +
    "least squares would find, or for Xᵀy, from which gradient descent begins. Solid: how much of their variance " +
    "it explains on {inputs} that it has not seen; 100 % is exact, and below 0 % their mean would do better. " +
    "Dotted: the same for a control, numbers of the same form that nobody needs; only what lies above it says that " +
    "the model keeps these numbers and not just any. Dashed: the same probe of the embedded input, without {a loop}. " +
    "At the right, of this {input}: bars are true, discs are read after this {loop}. What a probe can read the model " +
    "need not use.",
  formula:
    "1 − Σ (read − true)² / Σ (true − mean)² on 128 held-out {inputs} of as many {clues} as this one, by least " +
    "squares with a ridge on 256 others, for each {loop} alone. Xᵀy / k over the k {clues}; weights: the shortest of " +
    "least squared error. Control: both of |y| in place of y. As 2311.12424 asks, with a matrix in place of a network.",
  drawing: "Share of the variance that linear probes explain by {loop}, and the numbers that they read of this prompt",
  draw(pen, seen, width, height) {
    if (!seen.asked?.arrays.explained) return;
    const top = drawShares(pen, seen, width, height);
    drawOwn(pen, seen, top + 4, width, height);
  },
  describe({ view, t, asked, mode }) {
    if (!asked?.arrays?.explained)
      return (
        "Fits linear probes to the states of 256 other {inputs} of as many {clues}, every {loop} for itself, tries " +
        "them on 128 more, and reads this {input} with them."
      );
    const { explained, control, embedded, interval, gain, off } = asked.arrays;
    const now = view.at(t);
    const row = rowOf(asked, mode);
    const share = (array, ...at) => signed(entry(array, row, ...at), percent);
    const ends = (array) => [0, 1].map((end) => entry(array, row, now, end));
    return (
      `After ${plural(now, "{loop}")} a probe explains ${share(explained, now)} of the variance of the ` +
      `${WORDS[mode]} on ${asked.meta.held_out} other {inputs} that it was not fitted to (95\u00a0%: ` +
      `${ends(interval).map((end) => signed(end, percent)).join(" to ")}), ` +
      `${BESIDE[1 + entry(gain, row, now)]} the control of ${share(control, now)}; embedded input ` +
      `${share(embedded)}. Of this {input} it reads them ${small(entry(off, row, now))} off (root mean square).`
    );
  },
  pick(px, py, { asked }, width, height) {
    if (!asked?.arrays.explained || px > width * SHARE) return null;
    const [, states] = asked.arrays.explained.shape;
    const { right } = chart(states, 0, width, height);
    return { loop: clamp(Math.round(((px - AXIS.left) / (right - AXIS.left)) * (states - 1)), 0, states - 1) };
  },
  table({ asked }) {
    if (!asked?.arrays.explained) return { columns: COLUMNS, rows: [] };
    const { explained, control, embedded, interval, read, truth, off } = asked.arrays;
    const [, states, count] = read.shape;
    const listOf = (number) => Array.from({ length: count }, (_, i) => number(i).toPrecision(3)).join(" ");
    const rows = asked.meta.kinds.flatMap((kind, row) =>
      Array.from({ length: states }, (_, s) => [
        s,
        WORDS[kind],
        ...[
          entry(explained, row, s),
          ...[0, 1].map((end) => entry(interval, row, s, end)),
          ...[entry(control, row, s), entry(embedded, row)],
        ].map((one) => one.toPrecision(4)),
        listOf((i) => entry(read, row, s, i)),
        listOf((i) => entry(truth, row, i)),
        entry(off, row, s).toPrecision(4),
      ]),
    );
    return { columns: COLUMNS, rows };
  },
};
