// A model beside known methods by number of examples, on the same prompts.

import { withEnds } from "../core/words.js";
import { estimate, drawLines } from "../draw/intervals.js";
import { methodStyle } from "../draw/levels.js";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "methods",
  title: "Beside known methods",
  page: "in-context",
  question: "Is it better than known methods?",
  about: "model",
  needs: "predictions",
  asks: { name: "methods", words: "Fit them to the same prompts", board: false },
  blank: true,
  modes: [
    ["error", "error"],
    ["relative", "over each method"],
  ],
  help:
    "Fresh {inputs} of every number of {clues}: the error of the model after its trained {loops}, and that of known " +
    "methods which are fitted to the same {clues}. Over each method: below 1 the model is better. Bands are 95 % " +
    "intervals over the {inputs}, compared one by one, so that lines with overlapping bands may still be told apart.",
  formula:
    "Sum over {inputs} of squared errors over that of answering zero, or over that of the method; 95 % intervals by " +
    "bootstrap over {inputs}. A method whose error is below 10⁻⁹ is exact: nothing is divided by it.",
  drawing: "Error by number of {clues} beside known methods",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const relative = seen.mode === "relative";
    const lines = asked.meta.methods.map((words, row) => {
      const [colour, dash] = row ? methodStyle(colours, row - 1) : [colours.accent, []];
      return { words, colour, dash, at: (i) => estimate(asked.arrays[relative ? "relative" : "error"], row, i) };
    });
    const words = relative ? "error over that of the method, by examples" : "error, by examples";
    drawLines(pen, seen, width, height, { xs: asked.meta.sizes, lines: relative ? lines.slice(1) : lines, words });
  },
  describe({ asked }) {
    if (!asked) return "Runs fresh {inputs} of every number of {clues}, and fits known methods to each.";
    return asked.meta.told[0] ?? "Not all is known: few {clues} come first.";
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    const { methods = [], sizes = [] } = asked?.meta ?? {};
    sizes.forEach((size, column) => {
      methods.forEach((method, row) => {
        const { error, relative } = asked.arrays;
        rows.push([size, method, ...estimate(error, row, column), ...estimate(relative, row, column)]);
      });
    });
    return { columns: ["examples", "method", ...withEnds("error"), ...withEnds("model over it")], rows };
  },
};
