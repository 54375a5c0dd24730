// The error outside of what was trained on: over each setting of the data, beside other methods, and where they cross.

import { entry, nearest } from "../core/arrays.js";
import { beforeFirst, plural, sentence, small, withEnds } from "../core/words.js";
import { caption } from "../draw/legend.js";
import { methodStyle } from "../draw/levels.js";
import { drawOver } from "../draw/over.js";
import { segment } from "../draw/surface.js";

const RING = 4.5; // radius of the mark of a crossing

const rowOf = ({ asked, mode }) => asked.meta.settings.indexOf(mode);

// The values of the chosen setting, ascending.
function valuesOf(seen) {
  const { values, shape } = seen.asked.arrays.values;
  const row = rowOf(seen);
  return [...values.subarray(row * shape[1], (row + 1) * shape[1])].filter(Number.isFinite);
}

// The lines that are drawn: [words, colour, dash, error at a value].
function linesOf(seen, now) {
  const { asked, colours } = seen;
  const { error, others } = asked.arrays;
  const row = rowOf(seen);
  return [
    [`model, {loop} ${now}`, colours.accent, [], (i) => entry(error, row, i, now - 1)],
    ...asked.meta.methods.map((label, b) => [label, ...methodStyle(colours, b), (i) => entry(others, row, i, b)]),
  ];
}

// The values at which the errors of model and method cross, after a loop: { label, at, ahead, colour }. ahead: the
// model has the smaller error at the usual value.
function crossingsOf(seen, now) {
  const { asked, colours } = seen;
  const { crossing, ahead } = asked.arrays;
  const row = rowOf(seen);
  return asked.meta.methods
    .map((label, b) => ({
      label,
      at: entry(crossing, row, b, now - 1),
      ahead: !!entry(ahead, row, b, now - 1),
      colour: methodStyle(colours, b)[0],
    }))
    .filter(({ at }) => Number.isFinite(at));
}

// What the chosen setting is called, and the value that the prompt on screen has of it.
function settingOf({ meta, mode }) {
  const { label, usual } = meta.settings.find(({ name }) => name === mode);
  return { label, value: meta.sampled?.[mode] || usual };
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "shifts",
  title: "Beyond its data",
  page: "in-context",
  question: "Where does it break outside of its training?",
  about: "model",
  needs: "reach_distance",
  asks: { name: "shifts", words: "Run held-out {inputs} of other data", board: false },
  blank: true,
  modes: [
    ["noise", "noise"],
    ["scale", "scale of x"],
    ["wscale", "scale of y"],
    ["skew", "skew"],
    ["nonzero", "sparsity"],
    ["examples", "number of {clues}"],
    ["quadrant", "another quadrant"],
  ],
  offered: (mode, { settings }) => !!settings?.some(({ name }) => name === mode),
  help:
    "The error on fresh {inputs} as one thing about the data is changed, after the {loop} of the clock, and what " +
    "known methods make of the same {inputs}. The dashed upright line is what training had; upright strokes are 95 % " +
    "intervals. Rings mark where the model and a method cross over: on one side the model is the better of the two, " +
    "on the other the method. The sliders below the {input} set the same things for the {input} on screen.",
  formula:
    "Sum over all {asked_many} of 48 held-out {inputs} of (predicted − true)², divided by that of answering zero; " +
    "the truth has no noise. A crossing is where the logarithms of both errors, taken as straight between two " +
    "values, are equal; of several the one nearest to the usual value.",
  drawing: "Error over a setting of the data, with the errors of other methods",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays.error) return;
    const now = Math.max(1, view.at(t));
    const row = rowOf(seen);
    const at = valuesOf(seen);
    const interval = (i, end) => entry(asked.arrays.interval, row, i, now - 1, end);
    const { label } = settingOf(seen);
    const shown = { at, lines: linesOf(seen, now), interval, from: Math.min(0, at[0]), below: label };
    const { x, top, bottom } = drawOver(pen, seen, shown, width, height);
    const usual = asked.meta.usual[row];
    pen.strokeStyle = colours.muted;
    pen.setLineDash([4, 4]);
    segment(pen, x(usual), top, x(usual), bottom);
    pen.setLineDash([]);
    const late = x(usual) > width / 2;
    caption(pen, seen, "trained", x(usual) + (late ? -4 : 4), top + 9, late ? "right" : "left");
    pen.lineWidth = 2;
    for (const one of crossingsOf(seen, now)) {
      pen.strokeStyle = one.colour;
      pen.beginPath();
      pen.arc(x(one.at), bottom, RING, 0, 7);
      pen.stroke();
    }
  },
  describe(seen) {
    const { view, t, asked } = seen;
    if (!asked?.arrays?.error)
      return (
        "Changes the data step by step, runs 48 held-out {inputs} at each, and measures the error after every " +
        "{loop}, beside other methods."
      );
    const now = Math.max(1, view.at(t));
    const row = rowOf(seen);
    const at = valuesOf(seen);
    const { label, value } = settingOf(seen);
    const i = nearest(at, value);
    const error = entry(asked.arrays.error, row, i, now - 1);
    const lead = `${sentence(label)} ${Number(at[i].toFixed(3))}`;
    if (!Number.isFinite(error)) return `${lead}: not measured yet.`;
    const best = entry(asked.arrays.best, row, i);
    const crossings = crossingsOf(seen, now).map(
      (one) => `${one.label} at ${small(one.at)} (${one.ahead ? "worse" : "better"} beyond)`,
    );
    const across = crossings.length ? `It crosses ${crossings.join("; ")}.` : "It crosses none of them.";
    return (
      `${beforeFirst(t)}${lead}, after ${plural(now, "{loop}")}: ` +
      `error ${small(error)} on ${asked.meta.count} {inputs}; the best other ` +
      `method, ${asked.meta.methods[best]}, has ${small(entry(asked.arrays.others, row, i, best))}. ${across}`
    );
  },
  pick: () => null,
  table({ asked, view }) {
    const { settings = [], methods = [] } = asked?.meta ?? {};
    const rows = [];
    settings.forEach((name, row) => {
      const { values, error, interval, others, crossing, ahead } = asked.arrays;
      const crossed = (t) =>
        methods.flatMap((_, b) =>
          Number.isFinite(entry(crossing, row, b, t - 1))
            ? [entry(crossing, row, b, t - 1), entry(ahead, row, b, t - 1) ? "worse" : "better"]
            : ["", ""],
        );
      for (let i = 0; i < values.shape[1] && Number.isFinite(entry(values, row, i)); i++)
        for (let t = 1; t <= view.loops; t++)
          rows.push([
            name,
            Number(entry(values, row, i).toFixed(3)),
            t,
            entry(error, row, i, t - 1),
            ...[0, 1].map((end) => entry(interval, row, i, t - 1, end)),
            ...methods.map((_, b) => entry(others, row, i, b)),
            ...crossed(t),
          ]);
    });
    const errors = [...withEnds("error"), ...methods.map((label) => `error of ${label}`)];
    const crossings = methods.flatMap((label) => [`crosses ${label} at`, `beyond it, than ${label}`]);
    return { columns: ["setting", "value", "{loop}", ...errors, ...crossings], rows };
  },
};
