// Real data: the error on small tables, over that of least squares.

import { withEnds } from "../core/words.js";
import { estimate, drawDots } from "../draw/intervals.js";
import { methodStyle } from "../draw/levels.js";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "tables",
  title: "Real data",
  page: "in-context",
  question: "Does it hold on real data?",
  about: "model",
  needs: "predictions",
  asks: { name: "tables", words: "Run it on four small tables", board: false },
  blank: true,
  modes: [
    ["relative", "over least squares"],
    ["error", "error"],
  ],
  help:
    "Four small tables of real measurements, of which the model has never seen one: columns standardised and " +
    "projected onto as many principal components as it reads numbers. Every {input} takes its {clues} and " +
    "{asked_many} from random rows. The line at 1 is least squares on the same {inputs}; what lies below it is " +
    "better.",
  formula:
    "Squared error over that of least squares of minimum norm, or over that of answering zero; 95 % intervals by " +
    "bootstrap over {inputs}. Ridge has the penalty that is best on these very {inputs}. Targets: disease " +
    "progression, kind of iris, kind of wine, malignant or benign, as numbers, standardised.",
  drawing: "Errors on four tables of real data beside least squares",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const mode = seen.mode ?? "relative";
    const shown = asked.meta.methods.slice(0, mode === "relative" ? -1 : undefined);
    const lines = shown.map((words, row) => {
      const [colour, dash] = row ? methodStyle(colours, row - 1) : [colours.accent, []];
      return { words, colour, dash, at: (i) => estimate(asked.arrays[mode], row, i) };
    });
    const words = mode === "relative" ? "error over that of least squares" : "error over that of answering zero";
    drawDots(pen, seen, width, height, { groups: asked.meta.tables, lines, words, level: 1 });
  },
  describe({ asked }) {
    if (!asked) return "Runs rows of four small tables of real data, beside least squares on the same rows.";
    return asked.meta.told[0] ?? "Not all is known: one table comes after the other.";
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    const { methods = [], tables = [] } = asked?.meta ?? {};
    tables.forEach((name, column) => {
      methods.forEach((method, row) => {
        const { error, relative } = asked.arrays;
        rows.push([name, method, ...estimate(error, row, column), ...estimate(relative, row, column)]);
      });
    });
    return { columns: ["table", "method", ...withEnds("error"), ...withEnds("over least squares")], rows };
  },
};
