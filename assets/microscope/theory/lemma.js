// Lemma 4.1 and Theorem 4.2 alone: a sequence of values that a person draws, followed with tied and modulated steps.

import { small } from "../core/words.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { dots, line, plot, rulings } from "./plot.js";

const valuesOf = (seen) => seen.draft.y ?? Array.from(seen.arrays.y.values);

function legend({ colours }) {
  return [
    ["values y", colours.muted, "●"],
    ["tied steps", colours.warm, []],
    ["modulated steps", colours.accent, [6, 4]],
  ];
}

function plotOf(seen, width, height) {
  const values = valuesOf(seen);
  const top = legendHeight(seen, legend(seen), 6, width) + 8;
  const all = [...seen.arrays.y.values, ...seen.arrays.y_tied.values];
  const reach = Math.max(1, ...all.map(Math.abs));
  return plot({ left: 34, right: width - 12, top, bottom: height - 24 }, [0, values.length - 1], [-reach, reach]);
}

export default {
  name: "lemma",
  title: "The lemma alone",
  help:
    "Draw a sequence of values: drag a point up or down (with the keyboard, left and right choose it, up and down " +
    "move it). Steps of one size and a sign of their own follow it and are never further away than the largest jump; " +
    "that is what Lemma 4.1 promises of shared weights. Steps of their own stand on it: the timestep buys that.",
  formula:
    "Lemma 4.1: |v_k − y_k| ≤ max |y_k − y_{k−1}| with v_k = v_{k−1} ± that maximum. Theorem 4.2: v_k = v_{k−1} + " +
    "(y_k − y_{k−1}) = y_k.",
  drawing: "A sequence of values, followed with steps of one size and with steps of their own",
  describe({ meta }) {
    const { jump, tied, modulated } = meta.lemma;
    const away = `Tied steps are at most ${small(tied)} away, modulated ones ${small(modulated)}.`;
    return `The largest jump is ${small(jump)}. ${away}`;
  },
  draw(pen, seen, width, height) {
    const { arrays, colours, draft } = seen;
    const at = plotOf(seen, width, height);
    legendAbove(pen, seen, legend(seen), 6, width);
    rulings(pen, seen, at, [-1, -0.5, 0, 0.5, 1]);
    const points = (values) => Array.from(values, (value, k) => [at.x(k), at.y(value)]);
    if (!draft.y) {
      line(pen, points(arrays.y_tied.values), colours.warm, [], 2);
      line(pen, points(arrays.y_modulated.values), colours.accent, [6, 4], 2);
    }
    const spots = points(valuesOf(seen));
    dots(pen, spots, colours.muted, 4);
    if (seen.grip?.panel === "lemma" && spots[seen.grip.at]) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(...spots[seen.grip.at], 8, 0, 7);
      pen.stroke();
    }
    caption(pen, seen, "k = 0", at.left, at.bottom + 16);
    caption(pen, seen, spots.length - 1, at.right, at.bottom + 16, "right");
  },
  grab: () => 0,
  drag(seen, _, px, py, width, height) {
    const at = plotOf(seen, width, height);
    const y = [...valuesOf(seen)];
    const k = Math.round(at.value(px));
    y[k] = Number(at.height(py).toFixed(2));
    return { y };
  },
  grips: (seen) => valuesOf(seen).length,
  gripWords: (seen, k) => `value ${k} is ${valuesOf(seen)[k].toFixed(2)}`,
  nudge(seen, k, by) {
    const y = [...valuesOf(seen)];
    y[k] = Number((y[k] + 0.05 * by).toFixed(2));
    return { y };
  },
  table({ arrays }) {
    const rows = Array.from(arrays.y.values, (value, k) => [
      k,
      value,
      arrays.y_tied.values[k],
      arrays.y_modulated.values[k],
    ]);
    return { columns: ["k", "value", "tied", "modulated"], rows };
  },
};
