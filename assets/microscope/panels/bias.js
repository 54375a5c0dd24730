// Which functions does it take for likely? Its lead over others by sparsity and noise, and the peak of double descent.

import { small, withEnds } from "../core/words.js";
import { entry } from "../core/arrays.js";
import { estimate, drawLines } from "../draw/intervals.js";
import { methodStyle } from "../draw/levels.js";
import { caption, fitting } from "../draw/legend.js";

const SIGNS = { "-1": "−", 0: "=", 1: "+" };
const others = ({ other }) => [other ?? "itself", "best ridge", "best lasso"];

// Three tables: how the error compares with that of another model, of ridge and of lasso.
function drawGrid(pen, seen, width, height) {
  const { asked } = seen;
  const { nonzero, noises } = asked.meta;
  const [left, top, gap] = [72, 40, 12];
  const wide = (width - left - 2 * gap) / 3;
  const [across, down] = [wide / noises.length, (height - top - 22) / nonzero.length];
  nonzero.forEach((count, r) => {
    const words = fitting(pen, seen, [`${count} non-zero`, `${count}`], left);
    caption(pen, seen, words, left - 6, top + (r + 0.5) * down, "right");
  });
  others(asked.meta).forEach((name, k) => {
    const x = left + k * (wide + gap);
    caption(pen, seen, fitting(pen, seen, [`beside ${name}`, name, name.split(" ").at(-1)], wide), x, 14);
    noises.forEach((noise, c) => {
      const words = fitting(pen, seen, [`noise ${noise}`, `${noise}`], across);
      caption(pen, seen, words, x + (c + 0.5) * across, top - 6, "center");
      nonzero.forEach((_, r) => {
        drawCell(pen, seen, k, r, c, [x + c * across, top + r * down, across - 2, down - 2]);
      });
    });
  });
  caption(pen, seen, "− lower error, + higher, = not told apart", width / 2, height - 4, "center");
}

function drawCell(pen, seen, k, r, c, [x, y, wide, high]) {
  const { asked, colours } = seen;
  const side = entry(asked.arrays.lead_side, k, r, c);
  if (!Number.isFinite(side) || (k === 0 && !asked.meta.other)) return;
  pen.globalAlpha = side ? 0.35 : 0.6;
  pen.fillStyle = side < 0 ? colours.cool : side > 0 ? colours.warm : colours.soft;
  pen.fillRect(x, y, wide, high);
  pen.globalAlpha = 1;
  const own = fitting(pen, seen, [small(entry(asked.arrays.error, 0, r, c, 0)), ""], wide);
  pen.textAlign = "center";
  pen.fillStyle = colours.text;
  pen.fillText(SIGNS[side], x + wide / 2, y + high / 2 - 2);
  pen.fillText(own, x + wide / 2, y + high / 2 + 13);
}

function drawDescent(pen, seen, width, height) {
  const { asked, colours } = seen;
  const { counts, methods } = asked.meta;
  const names = [...methods.slice(0, -1), "least squares"];
  const lines = names.map((words, row) => {
    const [colour, dash] = row ? methodStyle(colours, row - 1) : [colours.accent, []];
    return { words, colour, dash, at: (i) => estimate(asked.arrays.descent, row, i), thick: row ? 1.6 : 2.6 };
  });
  const words = `median error, by number of {clues}; noise ${asked.meta.noise}`;
  drawLines(pen, seen, width, height, { xs: counts, lines, words });
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "bias",
  title: "Inductive bias",
  page: "in-context",
  question: "Which functions does it take for likely?",
  about: "model",
  needs: "predictions",
  asks: { name: "bias", words: "Run it on sparse and noisy functions", board: false },
  blank: true,
  modes: [
    ["grid", "sparsity and noise"],
    ["descent", "double descent"],
  ],
  // Of linear functions alone: a sampled {input} of others cannot be told how many weights are not zero.
  offered: (mode, { settings }) => settings.some(({ name }) => name === "nonzero"),
  help:
    "Where the {clues} leave the function open, what is predicted is the model's own choice. With fewer {clues} " +
    "than x has numbers its error stands beside that of another model of the task and of ridge and lasso, both " +
    "with the penalty that is best on these very {inputs}: a sign says which is lower, where the 95 % interval of " +
    "the difference excludes zero; the small number is the model's error. Double descent: with noise, least " +
    "squares is worst where there are as many {clues} as numbers, and better again with more.",
  formula:
    "Squared error over that of answering zero; differences prompt by prompt, intervals by bootstrap. Double " +
    "descent: the median over {inputs} of squared errors over their mean when answering zero, as those of least " +
    "squares have no finite mean at its peak.",
  drawing: "Errors by sparsity and noise beside other methods, or by number of examples around the peak",
  draw(pen, seen, width, height) {
    if (!seen.asked) return;
    if (seen.mode === "descent") drawDescent(pen, seen, width, height);
    else drawGrid(pen, seen, width, height);
  },
  describe({ asked, mode }) {
    if (!asked) return "Runs functions with few weights and with noise, beside methods that say their bias openly.";
    const [grid, descent] = asked.meta.told;
    const before = "Not all is known: sparsity and noise come first, then the numbers of {clues}.";
    return (mode === "descent" ? descent : grid) ?? before;
  },
  pick: () => null,
  table({ asked }) {
    const rows = [];
    const { methods = [], nonzero = [], noises = [], counts = [], examples, noise } = asked?.meta ?? {};
    methods.forEach((name, m) => {
      nonzero.forEach((count, r) => {
        noises.forEach((one, c) => {
          rows.push([name, examples, count, one, ...estimate(asked.arrays.error, m, r, c)]);
        });
      });
    });
    [...methods.slice(0, -1), "least squares"].forEach((name, m) => {
      counts.forEach((count, i) => {
        rows.push([`${name}, median`, count, "", noise, ...estimate(asked.arrays.descent, m, i)]);
      });
    });
    return { columns: ["method", "examples", "non-zero weights", "noise", ...withEnds("error")], rows };
  },
};
