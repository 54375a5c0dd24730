// The error of the predictions by loop, beside that of other methods; where no truth is known, how far the
// predictions are from those of each.

import { beforeAll, plural, small } from "../core/words.js";
import { ABOVE, AXIS, BY_HAND, curve, loopAt, loopAxis } from "../draw/axis.js";
import { legendAbove } from "../draw/legend.js";
import { disc } from "../draw/surface.js";
import { methodStyle, levels, levelLines, underMarks } from "../draw/levels.js";

const FAR = 1000; // the axis reaches so many times below the model's least error; a smaller one is marked there

// The error of a method in words; what is exact but for rounding is not given digits.
const inWords = ({ arrays }, b) =>
  arrays.method_exact.values[b] ? "none but rounding" : small(arrays.method_errors.values[b]);

// What is drawn: lines over the loops and levels, [words, colour, dash, value of a loop].
function linesOf(seen) {
  const { view, views, meta, colours, mode } = seen;
  const { error, method_errors: errors, method_apart: apart } = view.arrays;
  const known = Number.isFinite(error.values[0]);
  const methods = meta.methods.map(({ label }, b) => [label, ...methodStyle(colours, b), b]);
  if (mode === "apart" || !known)
    return methods.map(([label, colour, dash, b]) => {
      return [`from ${label}`, colour, dash, (s) => apart.values[b * view.loops + s - 1]];
    });
  const drawn = seen.drawn?.of === "error after" ? seen.drawn.guess : null; // in percent
  const guess = drawn ? [[seen.drawn.whose, colours.text, BY_HAND, (s) => drawn[s - 1] / 100]] : [];
  const other = views.find((one) => one !== view);
  const theirs = other && [
    [`${other.letter}`, colours.warm, [2, 3], (s) => (s > other.loops ? NaN : other.arrays.error.values[s - 1])],
  ];
  return [
    ["model", colours.accent, [], (s) => error.values[s - 1]],
    ...guess,
    ...(theirs ?? []),
    ...methods.map(([label, colour, dash, b]) => [label, colour, dash, () => errors.values[b]]),
  ];
}

// What is said where the known methods cannot be told apart. Without examples they have nothing to go by, and predict 0
// (looped/tasks/regression/methods.py).
const alikeWords = (none) =>
  none
    ? "There are no {clues}: every known method predicts 0, so nothing can be told apart."
    : "Known methods all say the same of this {input}.";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "error",
  title: "Error by {loop}",
  page: "in-context",
  question: "How good is it, beside known methods?",
  about: "run",
  needs: "error",
  modes: [
    ["error", "error"],
    ["apart", "distance"],
  ],
  offered: (mode, { runs }) => mode !== "error" || runs[0].least_error !== null,
  help:
    "The error of the predictions after every {loop}, and what known methods make of the same examples (level " +
    "lines). " +
    "1 is what the mean of y over all functions scores on average, 0 is perfect; a method whose error is smaller " +
    "than the axis reaches has a ▾ at its foot. The dashed upright line marks how many {loops} training used. " +
    "Where the true function is not known, the lines are how far the predictions are from those of each method. " +
    "Click to set the clock.",
  formula:
    "Mean over the {asked_many} of (predicted − true)², divided by the variance of y on which the task is drawn " +
    "(evaluate and the cards divide by that of answering zero, Σ true² of the same {asked_many}); " +
    "“distance”, from a method: the same with its prediction in place of the truth.",
  drawing: "Error of the predictions by {loop} on a logarithmic axis, with the errors of known methods",
  draw(pen, seen, width, height) {
    const { view, t, colours } = seen;
    const { loops } = view;
    const lines = linesOf(seen);
    const top = legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right) + ABOVE;
    const bottom = height - 20;
    const values = lines.map(([, , , value]) => Array.from({ length: loops }, (_, s) => value(s + 1)));
    const least = Math.min(...values[0].filter((value) => value > 0));
    const scale = levels(values.flat(), top, bottom, least / FAR);
    levelLines(pen, seen, scale, width);
    const now = view.at(t);
    const axis = { ...seen, words: seen.shared }; // both runs are drawn over it
    const x = loopAxis(pen, axis, width, top, bottom, loops, view.meta.trained_loops, now);
    for (const [, colour, dash, value] of lines.slice(1).reverse())
      curve(pen, loops, x, (s) => scale.y(value(s)), colour, dash, 1.6);
    const at = Array.from({ length: loops }, (_, s) => x(s + 1));
    lines.forEach(([, tint, , of], k) => underMarks(pen, scale, at, (s) => of(s + 1), tint, k));
    const [, colour, dash, value] = lines[0];
    curve(pen, loops, x, (s) => scale.y(value(s)), colour, dash, 2.6);
    if (!now || !Number.isFinite(scale.y(value(now)))) return;
    pen.fillStyle = colour;
    disc(pen, x(now), scale.y(value(now)), 4);
  },
  describe({ view, t, meta, mode, geometry }) {
    const { error, nearest } = view.arrays;
    const { least_error: least, best_method: b } = view.meta;
    const apart = mode === "apart" || !Number.isFinite(error.values[0]);
    const lines = apart ? "how far every {loop} will be from each method" : "the error after every {loop}";
    if (!t) return beforeAll(`the lines show ${lines}`);
    const now = view.at(t);
    const here = error.values[now - 1];
    const close = nearest.values[now - 1];
    const none = !geometry.examples;
    const nearer = close < 0 ? "" : `Its predictions are nearest to those of ${meta.methods[close].label}.`;
    const like = nearer || alikeWords(none);
    const unknown = none ? "no true function is known" : "the true function of these {clues} is not known";
    if (!Number.isFinite(here)) return `${like} There is no error: ${unknown}.`;
    if (mode === "apart") return `After ${plural(now, "{loop}")}: ${like}`;
    const [written, low] = [small(here), small(error.values[least - 1])];
    const other = written === low ? "about as low as at its least" : `the least is ${low}`;
    const lead = least === now ? "the least of this run" : `${other}, at {loop} ${least}`;
    const than = b < 0 ? "" : ` The best known method, ${meta.methods[b].label}, has ${inWords(view, b)}.`;
    return `Error ${written} after ${plural(now, "{loop}")}; ${lead}.${than}`;
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table({ view, meta }) {
    const { error, method_errors: errors, method_apart: apart } = view.arrays;
    const labels = meta.methods.map(({ label }) => label);
    const from = (b, s) => apart.values[b * view.loops + s];
    return {
      columns: [
        "{loop}",
        "error",
        ...labels.map((label) => `error of ${label}`),
        ...labels.map((label) => `distance from ${label}`),
      ],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        error.values[s].toPrecision(5),
        ...labels.map((_label, b) => errors.values[b].toPrecision(5)),
        ...labels.map((_label, b) => from(b, s).toPrecision(5)),
      ]),
    };
  },
};
