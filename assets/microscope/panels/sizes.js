// The error by number of examples, after the loop of the clock, beside other methods.

import { entry, nearest } from "../core/arrays.js";
import { beforeFirst, plural, small, withEnds } from "../core/words.js";
import { methodStyle } from "../draw/levels.js";
import { drawOver } from "../draw/over.js";

// The lines that are drawn: [words, colour, dash, value at a row of sizes].
function linesOf({ asked, colours }, now) {
  const { error, others } = asked.arrays;
  return [
    [`model, {loop} ${now}`, colours.accent, [], (row) => entry(error, row, now - 1)],
    ...asked.meta.methods.map((label, b) => [label, ...methodStyle(colours, b), (row) => entry(others, row, b)]),
  ];
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "sizes",
  title: "Error by examples",
  page: "in-context",
  question: "How many {clues} does it need?",
  about: "model",
  needs: "reach_distance",
  asks: { name: "sizes", words: "Run held-out prompts of every size", board: false },
  blank: true,
  help:
    "The error on fresh prompts by the number of their examples, after the {loop} of the clock, and what known " +
    "methods " +
    "make of the same prompts. The upright lines are 95 % intervals over the prompts. Step the clock to see which " +
    "{loops} bring what. 1 is what answering zero would score.",
  formula:
    "Sum over all queries of 64 held-out prompts of (predicted − true)², divided by that of answering zero, as " +
    "`python -m looped evaluate` counts it; intervals by bootstrap over the prompts.",
  drawing: "Error by number of examples, with the errors of other methods",
  draw(pen, seen, width, height) {
    const { view, t, asked } = seen;
    if (!asked?.arrays.error) return;
    const { sizes } = asked.meta;
    const now = Math.max(1, view.at(t));
    const interval = (row, end) => entry(asked.arrays.interval, row, now - 1, end);
    drawOver(pen, seen, { at: sizes, lines: linesOf(seen, now), interval }, width, height);
  },
  describe({ view, t, asked, geometry }) {
    if (!asked?.arrays.error)
      return "Runs 64 held-out prompts of every number of {clues} and measures the error after every {loop}.";
    const { sizes, count } = asked.meta;
    const now = Math.max(1, view.at(t));
    const row = nearest(sizes, geometry.examples);
    const error = entry(asked.arrays.error, row, now - 1);
    if (!Number.isFinite(error)) return `${plural(sizes[row], "{clue}", "{clues}")}: not measured yet.`;
    const [low, high] = [0, 1].map((end) => entry(asked.arrays.interval, row, now - 1, end));
    return (
      `${beforeFirst(t)}${count} prompts of ${plural(sizes[row], "{clue}", "{clues}")} ` +
      `after ${plural(now, "{loop}")}: error ` +
      `${small(error)} (95 % interval ${small(low)} to ${small(high)}).`
    );
  },
  pick: () => null,
  table({ asked, view }) {
    const rows = [];
    const { sizes = [], methods = [] } = asked?.meta ?? {};
    const others = (row) => methods.map((_, b) => entry(asked.arrays.others, row, b));
    const endsOf = (row, s) => [0, 1].map((end) => entry(asked.arrays.interval, row, s, end));
    sizes.forEach((size, row) => {
      for (let t = 1; t <= view.loops; t++)
        rows.push([size, t, entry(asked.arrays.error, row, t - 1), ...endsOf(row, t - 1), ...others(row)]);
    });
    const errors = [...withEnds("error"), ...methods.map((label) => `error of ${label}`)];
    return { columns: ["examples", "{loop}", ...errors], rows };
  },
};
