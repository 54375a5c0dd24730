// Loops, window and width of training: small models that are trained side by side, and what their errors are.

import { withEnds } from "../core/words.js";
import { estimate, drawDots, drawLines } from "../draw/intervals.js";
import { methodStyle } from "../draw/levels.js";

const MODES = { own: 0, farther: 1 }; // index of the error after the trained loops, and after more

/** @type {import("../core/types.js").Panel} */
export default {
  name: "sweep",
  title: "Loops, window and width",
  page: "in-context",
  question: "What do loops and width bring?",
  about: "model",
  needs: "predictions",
  asks: { name: "sweep", words: "Train sixteen small models", board: false },
  blank: true,
  modes: [
    ["own", "after b loops"],
    ["farther", "after 4 b loops"],
    ["width", "by width"],
  ],
  help:
    "Small models like this one are trained here, a few steps each, from the same {inputs} in the same order: with b " +
    "loops of which the last T have gradients and are asked, and with several widths. Then all get the same fresh " +
    "{inputs}. It shows the beginning of training, not where a long one ends; each model is trained once, and the " +
    "intervals are over {inputs} only.",
  formula:
    "h[t+1] = M(h[t] + P) for t < b, loss on loops b − T + 1 … b, those before without gradient (2311.12424). " +
    "Squared error over that of answering zero, with its 95 % interval by bootstrap over {inputs}.",
  drawing: "Errors of small models over loops, window and width",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const { error, by_width: byWidth } = asked.arrays;
    const { loops, windows, widths } = asked.meta;
    const style = (row) => (row ? methodStyle(colours, row - 1) : [colours.accent, []]);
    if (seen.mode === "width") {
      const lines = ["after b loops", "after 4 b loops"].map((words, k) => {
        const [colour, dash] = style(k);
        return { words, colour, dash, at: (i) => estimate(byWidth, i, k) };
      });
      drawLines(pen, seen, width, height, { xs: widths, lines, words: "error, by width", log: true });
      return;
    }
    const when = MODES[seen.mode] ?? 0;
    const lines = windows.map((window, column) => {
      const [colour, dash] = style(column);
      return { words: `T = ${window}`, colour, dash, at: (row) => estimate(error, row, column, when) };
    });
    const words = `error after ${when ? "4 b" : "b"} loops`;
    drawDots(pen, seen, width, height, { groups: loops.map((b) => `b = ${b}`), lines, words });
  },
  describe({ asked, mode }) {
    if (!asked) return "Trains small models like this one with 2 to 16 loops, of width 8 to 64, for a minute or two.";
    return asked.meta.told[mode === "width" ? 1 : 0] ?? "Not all are trained: the cheapest come first.";
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    const { loops = [], windows = [], widths = [], width, of_widths: of = [] } = asked?.meta ?? {};
    loops.forEach((b, row) => {
      windows.forEach((window, column) => {
        if (window > b) return;
        const { error } = asked.arrays;
        rows.push([b, window, width, ...estimate(error, row, column, 0), ...estimate(error, row, column, 1)]);
      });
    });
    widths.forEach((wide, row) => {
      const { by_width: error } = asked.arrays;
      if (wide !== width) rows.push([...of, wide, ...estimate(error, row, 0), ...estimate(error, row, 1)]);
    });
    return { columns: ["b", "T", "width", ...withEnds("error after b"), ...withEnds("error after 4 b")], rows };
  },
};
