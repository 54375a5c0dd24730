// Far beyond the trained loops: residual, length and error under several changes, beside the layers of a standard one.

import { plural, withEnds } from "../core/words.js";
import { entry } from "../core/arrays.js";
import { estimate, drawLines } from "../draw/intervals.js";
import { methodStyle } from "../draw/levels.js";
import { caption } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const MODES = {
  residual: "how far a loop moves the state, over its length",
  length: "length of the state over that at the trained depth",
  error: "error",
};

function linesOf({ asked, colours, mode }) {
  const { [mode]: array, layer_residual: beside, layer_error: layers } = asked.arrays;
  const alone = (value) => [value, NaN, NaN];
  const found = asked.meta.changes.map((words, row) => {
    const [colour, dash] = row ? methodStyle(colours, row - 1) : [colours.accent, []];
    const at = mode === "error" ? (i) => estimate(array, row, i) : (i) => alone(entry(array, row, i));
    return { words, colour, dash, at, thick: row ? 1.6 : 2.6 };
  });
  if (!asked.meta.standard || mode === "length") return found;
  const inside = (i) => i < asked.meta.layers;
  const at = mode === "error" ? (i) => estimate(layers, i) : (i) => alone(beside.values[i]);
  const words = `layers of ${asked.meta.standard}`;
  return [...found, { words, colour: colours.text, dash: [], at: (i) => (inside(i) ? at(i) : alone(NaN)) }];
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "farther",
  title: "Far beyond training",
  page: "in-context",
  question: "Does it rest far beyond its trained loops?",
  about: "model",
  needs: "predictions",
  asks: { name: "farther", words: "Run ten times the trained loops", board: false },
  blank: true,
  modes: [
    ["residual", "relative residual"],
    ["length", "length of the state"],
    ["error", "error"],
  ],
  help:
    "Fresh {inputs} run for ten times as many loops as were trained: like those of training, noisier, larger, " +
    "longer, from a random start, and with the input taken away from the trained depth on. A relative residual " +
    "that falls while the length stays means that the state comes to rest; one that falls while the length grows " +
    "does not. The layers of the standard transformer of the task are each applied once, so their line ends.",
  formula:
    "‖h[t] − h[t−1]‖ / ‖h[t−1]‖ and ‖h[t]‖ over that at the trained depth, medians over the {inputs}. Error: " +
    "squared, over that of answering zero, with its 95 % interval (bootstrap over {inputs}). At rest: as the " +
    "panel Convergence says it. Rate: the mean factor between two steps beyond the trained depth.",
  drawing: "Residual, length or error over ten times the trained loops, under several changes",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const { loops, trained } = asked.meta;
    const mode = seen.mode ?? "residual";
    const xs = Array.from({ length: loops }, (_, i) => i + 1);
    const words = `${MODES[mode]}, by loop`;
    const lines = linesOf({ ...seen, mode });
    const { x, top, bottom } = drawLines(pen, seen, width, height, { xs, lines, words, log: true });
    pen.strokeStyle = colours.muted;
    pen.setLineDash([4, 4]);
    segment(pen, x(trained), top, x(trained), bottom);
    pen.setLineDash([]);
    caption(pen, seen, "trained", x(trained) + 4, top + 10);
  },
  describe({ asked, view }) {
    if (!asked) return `Runs fresh {inputs} ten times as long as ${plural(view.meta.trained_loops, "loop")}.`;
    return asked.meta.told[0] ?? "Not all is known: one change comes after the other.";
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    for (const [row, words] of (asked?.meta.changes ?? []).entries())
      for (let i = 0; i < asked.meta.loops; i++) {
        const { residual, length, error } = asked.arrays;
        rows.push([words, i + 1, entry(residual, row, i), entry(length, row, i), ...estimate(error, row, i)]);
      }
    if (asked?.meta.standard) {
      const { layer_residual: residual, layer_error: error } = asked.arrays;
      const words = `layers of ${asked.meta.standard}`;
      for (let i = 0; i < asked.meta.layers; i++)
        rows.push([words, i + 1, residual.values[i], "", ...estimate(error, i)]);
    }
    return { columns: ["change", "loop or layer", "relative residual", "length", ...withEnds("error")], rows };
  },
};
