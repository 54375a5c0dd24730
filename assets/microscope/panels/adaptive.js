// Does a rule that says when to stop spend loops where they are needed? Cost against error, and loops by difficulty.

import { withEnds } from "../core/words.js";
import { estimate, drawDots, drawLines } from "../draw/intervals.js";

const STYLE = [[], [6, 3]];
const MOST = 2; // times the error after all loops: larger errors are not drawn
const upTo = (found) => (found[0] <= MOST ? found : [NaN, NaN, NaN]);

function drawCost(pen, seen, width, height) {
  const { asked, colours } = seen;
  const { loops, rules, thresholds } = asked.meta;
  const xs = Array.from({ length: loops }, (_, i) => i + 1);
  const fixed = (i) => upTo(estimate(asked.arrays.fixed, i));
  const lines = [
    { words: "the same number for all", colour: colours.text, dash: [2, 3], at: fixed },
    ...rules.map((words, rule) => ({
      words,
      colour: [colours.accent, colours.warm][rule],
      dash: STYLE[rule],
      xs: thresholds.map((_, column) => estimate(asked.arrays.cost, rule, column)[0]),
      at: (column) => upTo(estimate(asked.arrays.error, rule, column)),
    })),
  ];
  drawLines(pen, seen, width, height, { xs, lines, words: "error over that of all loops, by mean number of loops" });
}

function drawExits(pen, seen, width, height) {
  const { asked, colours } = seen;
  const { sizes, rules } = asked.meta;
  const lines = rules.map((words, rule) => ({
    words,
    colour: [colours.accent, colours.warm][rule],
    dash: STYLE[rule],
    at: (i) => estimate(asked.arrays.exit, rule, i),
  }));
  const words = `mean loops until it stops, by number of {clues}; threshold ${asked.meta.chosen}`;
  drawDots(pen, seen, width, height, { groups: sizes, lines, words });
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "adaptive",
  title: "Adaptive looping",
  page: "in-context",
  question: "Does it pay to stop early?",
  about: "model",
  needs: "predictions",
  asks: { name: "adaptive", words: "Try exit rules on {inputs} of every size", board: false },
  blank: true,
  modes: [
    ["cost", "cost and error"],
    ["exits", "loops by difficulty"],
  ],
  help:
    "A rule watches how far a loop moves the predictions, or the state, and stops {a input} when that is at most " +
    "a threshold: more loops for the ones that need them, if it works. The dotted line is what the same number of " +
    "loops for every {input} brings: only a rule below it is worth its trouble. The other choice shows after how " +
    "many loops {inputs} of every size stop.",
  formula:
    "Prediction change: √ mean (ŷ[t] − ŷ[t−1])² over the {asked_many}, in standard deviations of y; latent " +
    "change: ‖h[t] − h[t−1]‖ / ‖h[t−1]‖. Error: the geometric mean, over the numbers of {clues}, of the squared " +
    "error over that after all trained loops. Intervals by bootstrap over {inputs}.",
  drawing: "Error by mean number of loops for two exit rules, or loops by number of examples",
  draw(pen, seen, width, height) {
    if (!seen.asked) return;
    if (seen.mode === "exits") drawExits(pen, seen, width, height);
    else drawCost(pen, seen, width, height);
  },
  describe({ asked }) {
    if (!asked) return "Runs {inputs} of every number of {clues} and asks what each rule costs and brings.";
    return asked.meta.told[0] ?? "Not all is known: few {clues} come first.";
  },
  pick: () => null,
  table({ asked, mode }) {
    const rows = [];
    if (mode === "exits") {
      const { rules: names = [], sizes = [] } = asked?.meta ?? {};
      names.forEach((name, rule) => {
        sizes.forEach((size, i) => rows.push([name, size, ...estimate(asked.arrays.exit, rule, i)]));
      });
      return { columns: ["rule", "{clues}", ...withEnds("mean loops until it stops")], rows };
    }
    const { rules = [], thresholds = [], loops = 0 } = asked?.meta ?? {};
    for (let i = 0; i < loops; i++) rows.push(["the same for all", "", i + 1, ...estimate(asked.arrays.fixed, i)]);
    rules.forEach((name, rule) => {
      thresholds.forEach((threshold, column) => {
        const [cost] = estimate(asked.arrays.cost, rule, column);
        rows.push([name, threshold, cost, ...estimate(asked.arrays.error, rule, column)]);
      });
    });
    return { columns: ["rule", "threshold", "mean loops", ...withEnds("error over that of all loops")], rows };
  },
};
