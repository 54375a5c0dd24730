// The error by number of examples, after the loop of the clock, beside other methods.

import { entry, nearest } from "../core/arrays.js";
import { plural, small } from "../core/words.js";
import { AXIS } from "../draw/axis.js";
import { caption, legendAbove } from "../draw/legend.js";
import { baselineStyle, levelLines, levels } from "../draw/levels.js";
import { disc, segment } from "../draw/surface.js";

// The lines that are drawn: [words, colour, dash, value at a row of sizes].
function linesOf({ asked, colours }, now) {
  const { error, others } = asked.arrays;
  return [
    [`model, loop ${now}`, colours.accent, [], (row) => entry(error, row, now - 1)],
    ...asked.meta.methods.map((label, b) => [label, ...baselineStyle(colours, b), (row) => entry(others, row, b)]),
  ];
}

function line(pen, sizes, x, y, colour, dash, thick) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  sizes.forEach((size, row) => {
    const at = y(row);
    if (Number.isFinite(at) && drawing) pen.lineTo(x(size), at);
    else if (Number.isFinite(at)) pen.moveTo(x(size), at);
    drawing = Number.isFinite(at);
  });
  pen.stroke();
  pen.setLineDash([]);
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
    "The error on fresh prompts by the number of their examples, after the loop of the clock, and what known methods " +
    "make of the same prompts. The upright lines are 95 % intervals over the prompts. Step the clock to see which " +
    "loops bring what. 1 is what answering zero would score.",
  formula:
    "Sum over all queries of 64 held-out prompts of (predicted − true)², divided by that of answering zero, as " +
    "`python -m looped evaluate` counts it; intervals by bootstrap over the prompts.",
  drawing: "Error by number of examples, with the errors of other methods",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays.error) return;
    const { sizes } = asked.meta;
    const now = Math.max(1, view.at(t));
    const lines = linesOf(seen, now);
    const top = legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right);
    const bottom = height - 22;
    const values = lines.map(([, , , value]) => sizes.map((_, row) => value(row)));
    const least = Math.min(...values[0].filter((value) => value > 0));
    const scale = levels(values.flat(), top, bottom, least / 30);
    levelLines(pen, seen, scale, width);
    const right = width - AXIS.right;
    const x = (size) => AXIS.left + 4 + ((right - AXIS.left - 8) * size) / sizes.at(-1);
    for (const size of sizes) caption(pen, seen, size, x(size), bottom + 14, "center");
    for (const [, tint, dashes, other] of lines.slice(1))
      line(pen, sizes, x, (row) => scale.y(other(row)), tint, dashes, 1.6);
    const [, colour, dash, value] = lines[0];
    line(pen, sizes, x, (row) => scale.y(value(row)), colour, dash, 2.6);
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineWidth = 1;
    sizes.forEach((size, row) => {
      if (!Number.isFinite(value(row))) return;
      const [low, high] = [0, 1].map((end) => entry(asked.arrays.interval, row, now - 1, end));
      segment(pen, x(size), scale.y(low), x(size), scale.y(high));
      disc(pen, x(size), scale.y(value(row)), 3.2);
    });
  },
  describe({ view, t, asked, geometry }) {
    if (!asked?.arrays.error)
      return "Runs 64 held-out prompts of every number of {clues} and measures the error after every loop.";
    const { sizes, count } = asked.meta;
    const now = Math.max(1, view.at(t));
    const row = nearest(sizes, geometry.examples);
    const error = entry(asked.arrays.error, row, now - 1);
    if (!Number.isFinite(error)) return `${plural(sizes[row], "{clue}", "{clues}")}: not measured yet.`;
    const [low, high] = [0, 1].map((end) => entry(asked.arrays.interval, row, now - 1, end));
    return (
      `${count} prompts of ${plural(sizes[row], "{clue}", "{clues}")} after ${plural(now, "loop")}: error ` +
      `${small(error)} (95 % interval ${small(low)} to ${small(high)}).`
    );
  },
  pick: () => null,
  table({ asked, view }) {
    const rows = [];
    const { sizes = [], methods = [] } = asked?.meta ?? {};
    const others = (row) => methods.map((_, b) => entry(asked.arrays.others, row, b));
    sizes.forEach((size, row) => {
      for (let t = 1; t <= view.loops; t++)
        rows.push([size, t, entry(asked.arrays.error, row, t - 1), ...others(row)]);
    });
    return { columns: ["examples", "loop", "error", ...methods.map((label) => `error of ${label}`)], rows };
  },
};
