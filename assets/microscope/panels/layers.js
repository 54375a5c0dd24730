// How many layers is a loop worth? The error by loop of one layer beside the error by layer of a standard transformer.

import { withEnds } from "../core/words.js";
import { estimate, drawLines } from "../draw/intervals.js";

const NAMES = { fitted: ["loop_error", "layer_error"], own: ["own_loop_error", "own_layer_error"] };

/** @type {import("../core/types.js").Panel} */
export default {
  name: "layers",
  title: "Loops against layers",
  page: "in-context",
  question: "How many layers is a loop worth?",
  about: "model",
  needs: "predictions",
  asks: { name: "layers", words: "Read out every loop and every layer", board: false },
  blank: true,
  modes: [
    ["fitted", "readouts of their own"],
    ["own", "the models' readouts"],
  ],
  help:
    "One layer that is looped beside a standard transformer of distinct layers, trained for the same task on as much " +
    "data. Where its line passes the height of a layer's dot, so many loops are worth so many layers. A plain " +
    "transformer was trained to be read after its last layer only; so every loop and every layer gets a linear " +
    "map of its own to the answers, fitted to other {inputs}. The models' own readout is the other choice above.",
  formula:
    "Squared error over that of answering zero, on fresh {inputs}, with its 95 % interval. Readouts: least " +
    "squares on the state of the {asked}, divided by its root mean square. Worth: where the error by layer first " +
    "is as low, interpolated on logarithms.",
  drawing: "Error by number of loops and by number of layers",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const { loops, layers, checkpoint, standard } = asked.meta;
    const [own, beside] = NAMES[seen.mode ?? "fitted"].map((name) => asked.arrays[name]);
    const xs = Array.from({ length: loops }, (_, i) => i + 1);
    const lines = [
      { words: `loops of ${checkpoint}`, colour: colours.accent, dash: [], at: (i) => estimate(own, i), thick: 2.6 },
      {
        words: `layers of ${standard}`,
        colour: colours.warm,
        dash: [6, 3],
        at: (i) => (i < layers ? estimate(beside, i) : [NaN, NaN, NaN]),
      },
    ];
    drawLines(pen, seen, width, height, { xs, lines, words: "error, by number of loops or layers", log: true });
  },
  describe({ asked }) {
    if (!asked) return "Reads out every loop, and every layer of the standard transformer, on the same fresh {inputs}.";
    return asked.meta.told[0] ?? "Fitting readouts and measuring: the layers first.";
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    for (const [words, count, names] of asked
      ? [
          ["loop", asked.meta.loops, ["loop_error", "own_loop_error", "worth"]],
          ["layer", asked.meta.layers, ["layer_error", "own_layer_error", "needed"]],
        ]
      : [])
      for (let i = 0; i < count; i++)
        rows.push([words, i + 1, ...names.flatMap((name) => estimate(asked.arrays[name], i))]);
    const measures = ["error", "error by own readout", "worth of the other"];
    return { columns: ["of", "number", ...measures.flatMap(withEnds)], rows };
  },
};
