// What linear probes read from the states.

import { entry } from "../core/arrays.js";
import { between, clamp, gainWords, percent, plural, sentence } from "../core/words.js";
import { accuracyCurves } from "../draw/accuracy.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { cellAt, smallBoard } from "../draw/board.js";
import { caption, legendAbove } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const COLUMNS = ["{loop}", "probe", "control task", "place alone", "embedded input"];

// The kind of labels that the mode shows: its row, its first label among all, and how many it has.
function kindOf({ asked, mode }) {
  const row = asked.meta.kinds.findIndex(([name]) => name === mode);
  const [, first, count] = asked.meta.kinds[row];
  return { row, first, count };
}

// Accuracy of the probes of the chosen kind and of their control task, by loop, and of the most frequent label.
function series(seen) {
  const { accuracy, control, place, embedded, without, control_baseline: easy } = seen.asked.arrays;
  const { row } = kindOf(seen);
  return {
    states: accuracy.shape[1],
    accuracy: (s) => entry(accuracy, row, s),
    control: (s) => entry(control, row, s),
    place: entry(place, row),
    embedded: entry(embedded, row),
    without: entry(without, row), // what place and input tell without any loop
    easy: entry(easy, row),
  };
}

// The labels of the chosen kind at position i: those that are read in the present loop, and the true ones or null.
function labelsAt(seen, i) {
  const { view, t, asked } = seen;
  const { first, count } = kindOf(seen);
  const labels = (at) => Array.from({ length: count }, (_, k) => at(first + k));
  const truth = labels((label) => entry(asked.arrays.truth, i, label));
  return {
    read: labels((label) => entry(asked.arrays.read, view.at(t), i, label)),
    truth: truth.some((label) => label < 0) ? null : truth,
  };
}

// What a probe says, in words: the candidates, a number, yes or no.
function labelWords(mode, values) {
  if (mode === "candidates") return values.map((value, d) => (value ? d + 1 : "")).join("") || "none";
  if (mode === "single") return values[0] ? "yes" : "no";
  return values[0];
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "probes",
  title: "Probes",
  page: "sudoku",
  question: "What is written in the states?",
  about: "model",
  needs: "probabilities",
  asks: { name: "probes", words: "Fit linear probes" },
  blank: true,
  modes: [
    ["candidates", "candidates left"],
    ["count", "how many are left"],
    ["single", "placed by a single"],
    ["digit", "the solution"],
  ],
  help:
    "A linear probe is fitted to the hidden states after every {loop} and asked for something that a " +
    "person would keep in mind: which {tokens} the clues leave for {a place}, how many, whether a single " +
    "places it at once, which {token} is right. Solid: how often it is right on {inputs} it has not " +
    "seen. Dotted: the same for a control task, whose answers depend on the place alone; only what " +
    "lies above it was read and not remembered. Dashed: what place and input tell without any {loop}. {Input}: " +
    "this {input}, {asked_many} that the probe gets right (blue) and wrong (orange) after this {loop}. What a " +
    "probe can read the model need not use.",
  formula:
    "Least squares with a ridge, W = (C + λ diag C)⁻¹ c, one class against all others, for each {loop} " +
    "alone; three quarters of 96 {inputs} to fit, the others to measure. Control task: a label drawn " +
    "once at random for every position (Hewitt and Liang, 1909.03368). Without any {loop}: the better of the label " +
    "most frequent at each position and of the same probe fitted to the embedded input.",
  drawing: "Accuracy of linear probes over the {loops}, against a control task",
  draw(pen, seen, width, height) {
    const { view, t, asked, active, colours } = seen;
    if (!asked?.arrays.accuracy) return;
    const numbers = series(seen);
    const { states } = numbers;
    const side = Math.min(height - 22, width * 0.36);
    const half = width - side - 16;
    const bottom = height - 20;
    const now = view.at(t);
    const x = (s) => AXIS.left + ((half - AXIS.right - AXIS.left) * s) / (states - 1);
    const lines = [
      ["probe", colours.accent, []],
      ["control task", colours.warm, [2, 3]],
      ["place and input", colours.muted, [6, 3]],
    ];
    const top = legendAbove(pen, seen, lines, 4, half) + 2;
    const y = (v) => bottom - (bottom - top) * v;
    loopName(pen, seen, AXIS.left, bottom);
    for (let s = 0; s < states; s += tickStep(states, 6)) caption(pen, seen, s, x(s), bottom + 14, "center");
    accuracyCurves(pen, seen, { left: AXIS.left, right: half - AXIS.right, x, y }, numbers);
    pen.strokeStyle = colours.text;
    segment(pen, x(now), top, x(now), bottom);
    const { row } = kindOf(seen);
    const hit = (i) => entry(asked.arrays.hits, row, now, i);
    smallBoard(
      pen,
      width - side - 6,
      16,
      side,
      seen,
      (i) => (Number.isNaN(hit(i)) ? 0 : hit(i) === 1 ? 0.5 : -0.3 - 0.6 * (1 - hit(i))),
      active,
      "read from this {input}",
    );
  },
  describe(seen) {
    const { view, t, asked, mode, active, geometry } = seen;
    const now = view.at(t);
    if (!asked)
      return (
        "Fits linear probes to the states of 96 other {inputs}, every {loop} for itself, and reads this " +
        "{input} with them. The first time takes some seconds; then they are kept."
      );
    if (!asked.arrays.accuracy) return "The probes are being fitted.";
    const { accuracy, control, place, embedded, easy } = series(seen);
    const { row } = kindOf(seen);
    const ends = (array) => [0, 1].map((end) => entry(array, row, now, end));
    const general =
      `After ${plural(now, "{loop}")} the probe is right on ${percent(accuracy(now))} of the {asked_many} of ` +
      `${asked.meta.held_out} other {inputs} ${between(...ends(asked.arrays.interval))}, ` +
      `${gainWords(entry(asked.arrays.gain, row, now))}: the most frequent answer at each place ` +
      `${percent(place)}, the same probe on the embedded input ${percent(embedded)}. Control task ` +
      `${percent(control(now))}, of which ${percent(easy)} is its most frequent label.`;
    const { read, truth } = labelsAt(seen, active);
    if (!truth) return general;
    return (
      `${general} ${sentence(geometry.name(active))}: it reads ` +
      `“${labelWords(mode, read)}”, true is “${labelWords(mode, truth)}”.`
    );
  },
  pick(x, y, { asked, geometry }, width, height) {
    if (!asked?.arrays.accuracy) return null;
    const side = Math.min(height - 22, width * 0.36);
    const cell = cellAt(x, y, [width - side - 6, 16, side], geometry);
    const half = width - side - 16;
    if (cell != null) return { cell };
    const states = asked.arrays.accuracy.shape[1];
    return x < half
      ? { loop: clamp(Math.round(((x - AXIS.left) / (half - AXIS.right - AXIS.left)) * (states - 1)), 0, states - 1) }
      : null;
  },
  table(seen) {
    if (!seen.asked?.arrays.accuracy) return { columns: COLUMNS, rows: [] };
    const { states, accuracy, control, place, embedded } = series(seen);
    const { hits } = seen.asked.arrays;
    const { row } = kindOf(seen);
    const places = Array.from({ length: hits.shape[2] }, (_, i) => i);
    const right = (s, i) => entry(hits, row, s, i);
    return {
      columns: [...COLUMNS, ...places.map((i) => `share right at ${seen.geometry.name(i)}`)],
      rows: Array.from({ length: states }, (_, s) => [
        s,
        accuracy(s).toPrecision(4),
        control(s).toPrecision(4),
        place.toPrecision(4),
        embedded.toPrecision(4),
        ...places.map((i) => (Number.isFinite(right(s, i)) ? right(s, i).toPrecision(3) : "")),
      ]),
    };
  },
};
