// What linear probes read from the states.

import { entry } from "../core/arrays.js";
import { between, clamp, gainWords, percent, plural, sentence, withEnds } from "../core/words.js";
import { accuracyCurves } from "../draw/accuracy.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { cellAt, smallBoard } from "../draw/board.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const COLUMNS = ["{loop}", ...withEnds("probe"), "control task", "place alone", "embedded input"];
const WHOLE = [...withEnds("all right"), "all right, place alone", "all right, embedded input"];
const GAP = 16; // pixels between the curves and the drawing of this input

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

// The share of the asked places of other inputs with all labels of the chosen kind right, by loop, and without any.
function wholes(seen) {
  const { whole, whole_interval: ends, whole_place: place, whole_embedded: embedded } = seen.asked.arrays;
  const { row } = kindOf(seen);
  return {
    whole: (s) => entry(whole, row, s),
    ends: (s) => [0, 1].map((end) => entry(ends, row, s, end)),
    place: entry(place, row),
    embedded: entry(embedded, row),
  };
}

// The tint of a place with this share of its labels right: blue for all, orange the darker the more are wrong.
const tint = (share) => (share === 1 ? 0.5 : -0.3 - 0.6 * (1 - share));

// What the tints mean: [words, colour, sign, opacity].
function tints(seen) {
  const { accent, warm } = seen.colours;
  const one = (words, colour, share) => [words, colour, "■", Math.abs(tint(share))];
  const { count } = kindOf(seen);
  if (count === 1) return [one("right", accent, 1), one("wrong", warm, 0)];
  return [one("all right", accent, 1), one("some wrong", warm, 0.5), one("all wrong", warm, 0)];
}

// Where the drawing of this input stands, below its name and the key of its tints: [x, y, side].
function spot(seen, width, height) {
  const room = width * 0.36;
  const top = 10 + legendHeight(seen, tints(seen), width - room - 6, width);
  const side = Math.min(height - top - 10, room);
  return [width - room - 6, top + 4, side];
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

// How many places have all of their labels right.
function wholeWords(seen, now, count) {
  const { whole, ends, place, embedded } = wholes(seen);
  return (
    ` All ${count} decisions are right in ${percent(whole(now))} of the {asked_many} ${between(...ends(now))}; ` +
    `by the most frequent answer at each place in ${percent(place)}, by the probe on the embedded input in ` +
    `${percent(embedded)}.`
  );
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
    "seen. Which {tokens} are left is one decision, yes or no, for each {token}, and the curves count decisions; how " +
    "often all decisions of {a place} are right is said below. Dotted: the same for a control task, whose answers " +
    "depend on the place alone; only what lies above it was read and not remembered. Dashed: what place and input " +
    "tell without any {loop}. {Input}: " +
    "this {input}, {asked_many} that the probe gets right (blue) and wrong (orange, the darker the more of its " +
    "decisions are wrong) after this {loop}. What a probe can read the model need not use.",
  formula:
    "Least squares with a ridge, W = (C + λ diag C)⁻¹ c, one class against all others, for each {loop} " +
    "alone; three quarters of 96 {inputs} to fit, the others to measure. Where a model has a position for each " +
    "candidate, the state of {a place} is the states of all its candidates side by side. Control task: a label drawn " +
    "once at random for every position (Hewitt and Liang, 1909.03368). Without any {loop}: the better of the label " +
    "most frequent at each position and of the same probe fitted to the embedded input.",
  drawing: "Accuracy of linear probes over the {loops}, against a control task",
  draw(pen, seen, width, height) {
    const { view, t, asked, active, colours } = seen;
    if (!asked?.arrays.accuracy) return;
    const numbers = series(seen);
    const { states } = numbers;
    const [left, high, side] = spot(seen, width, height);
    const half = left - GAP;
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
    const shade = (i) => (Number.isNaN(hit(i)) ? 0 : tint(hit(i)));
    caption(pen, seen, "read from this {input}:", left, 11);
    legendAbove(pen, seen, tints(seen), left, width, 12);
    smallBoard(pen, left, high, side, seen, shade, active, "");
  },
  describe(seen) {
    const { view, t, asked, mode, active, geometry } = seen;
    const now = view.at(t);
    if (!asked)
      return (
        "Fits linear probes to the states of three quarters of 96 other {inputs}, every {loop} for itself, tries " +
        "them on the rest, and reads this {input} with them. The first time takes seconds to a minute; then they are " +
        "kept."
      );
    if (!asked.arrays.accuracy) return "The probes are being fitted.";
    const { accuracy, control, place, embedded, easy } = series(seen);
    const { row, count } = kindOf(seen);
    const ends = (array) => [0, 1].map((end) => entry(array, row, now, end));
    const counted = count > 1 ? "yes-or-no decisions (one for each {token} and {asked})" : "{asked_many}";
    const general =
      `Fitted to ${asked.meta.fitted} other {inputs}, after ${plural(now, "{loop}")} the probe is right on ` +
      `${percent(accuracy(now))} of the ${counted} of ${asked.meta.held_out} more ` +
      `${between(...ends(asked.arrays.interval))}, ` +
      `${gainWords(entry(asked.arrays.gain, row, now))}: the most frequent answer at each place ` +
      `${percent(place)}, the same probe on the embedded input ${percent(embedded)}. Control task ` +
      `${percent(control(now))}, of which ${percent(easy)} is its most frequent label.` +
      (count > 1 ? wholeWords(seen, now, count) : "");
    const { read, truth } = labelsAt(seen, active);
    if (!truth) return general;
    return (
      `${general} ${sentence(geometry.name(active))}: it reads ` +
      `“${labelWords(mode, read)}”, true is “${labelWords(mode, truth)}”.`
    );
  },
  pick(x, y, seen, width, height) {
    const { asked, geometry } = seen;
    if (!asked?.arrays.accuracy) return null;
    const board = spot(seen, width, height);
    const cell = cellAt(x, y, board, geometry);
    const half = board[0] - GAP;
    if (cell != null) return { cell };
    const states = asked.arrays.accuracy.shape[1];
    return x < half
      ? { loop: clamp(Math.round(((x - AXIS.left) / (half - AXIS.right - AXIS.left)) * (states - 1)), 0, states - 1) }
      : null;
  },
  table(seen) {
    if (!seen.asked?.arrays.accuracy) return { columns: COLUMNS, rows: [] };
    const { states, accuracy, control, place, embedded } = series(seen);
    const { hits, interval } = seen.asked.arrays;
    const { row, count } = kindOf(seen);
    const { whole, ends, place: placed, embedded: alone } = wholes(seen);
    const places = Array.from({ length: hits.shape[2] }, (_, i) => i);
    const right = (s, i) => entry(hits, row, s, i);
    const number = (value) => value.toPrecision(4);
    return {
      columns: [
        ...COLUMNS,
        ...(count > 1 ? WHOLE : []),
        ...places.map((i) => `${count > 1 ? "share of decisions right" : "right"} at ${seen.geometry.name(i)}`),
      ],
      rows: Array.from({ length: states }, (_, s) => [
        s,
        ...[accuracy(s), ...[0, 1].map((end) => entry(interval, row, s, end)), control(s), place, embedded].map(number),
        ...(count > 1 ? [whole(s), ...ends(s), placed, alone].map(number) : []),
        ...places.map((i) => (Number.isFinite(right(s, i)) ? right(s, i).toPrecision(3) : "")),
      ]),
    };
  },
};
