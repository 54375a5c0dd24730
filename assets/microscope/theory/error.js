// The error of the construction over δ, beside the bound of the theorem and its terms; the loops that it takes.

import { percent } from "../core/words.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { dots, kindColour, line, logPlot, rulings, upright } from "./plot.js";

const list = ({ arrays }, name) => Array.from(arrays[name].values);

// What is drawn: array, words, colour, dashes, thickness.
function curvesOf(seen) {
  const { colours } = seen;
  return [
    ["error_tied", "error, tied", colours.warm, [], 2.5],
    ["error_modulated", "error, modulated", colours.accent, [], 2.5],
    ["bound_certified", "bound, proved", colours.text, [6, 4], 2],
    ["bound_token", "its token term", kindColour(seen, "token"), [2, 3], 1.5],
    ["bound_contextual", "contextual term", kindColour(seen, "contextual"), [2, 3], 1.5],
    ["bound_sequence", "sequence term", kindColour(seen, "sequence"), [2, 3], 1.5],
    ["bound_orders", "orders, for constant 1", colours.muted, [1, 4], 1.5],
  ];
}

const legend = (seen) => curvesOf(seen).map(([, words, colour, dash]) => [words, colour, dash]);
const WAYS = [
  ["cells", "over cells 1/δ"],
  ["loops", "over loops r"],
];
const byLoops = ({ over }) => over === "loops";
// Where a curve stands from left to right: over r an error at the loops that the machine spent, what the theorem allows
// at the loops r for which it states this δ.
const acrossOf = (seen, name) => {
  if (!byLoops(seen)) return list(seen, "swept");
  return list(seen, name.startsWith("error") ? "spent" : "stated");
};
const wideOf = (width) => (width < 560 ? width : 0.66 * width);

function charts(seen, width, height) {
  const narrow = width < 560;
  const right = wideOf(width);
  const top = legendHeight(seen, legend(seen), 6, right) + 6;
  const cells = list(seen, "swept");
  const low = narrow ? 0.6 * height : height;
  const errors = curvesOf(seen).flatMap(([name]) => list(seen, name));
  const loops = [...list(seen, "spent"), ...list(seen, "stated")];
  return [
    logPlot({ left: 40, right: right - 12, top, bottom: low - 26 }, byLoops(seen) ? loops : cells, errors),
    logPlot(
      { left: narrow ? 40 : right + 44, right: width - 12, top: narrow ? low + 34 : top, bottom: height - 26 },
      cells,
      loops,
    ),
  ];
}

function across(pen, seen, at) {
  const cells = list(seen, "swept");
  cells.forEach((one, k) => {
    if (k % 2 === 0) caption(pen, seen, k ? one : `1/δ = ${one}`, at.x(one), at.bottom + 16, k ? "center" : "left");
  });
}

// Loops from left to right: powers of a hundred.
function acrossLoops(pen, seen, at) {
  const loops = [...list(seen, "spent"), ...list(seen, "stated")];
  const [least, most] = [Math.min(...loops), Math.max(...loops)];
  const ticks = [1, 2, 3, 4, 5, 6].map((power) => 100 ** power).filter((tick) => tick >= least && tick <= most);
  ticks.forEach((tick) => caption(pen, seen, tick.toLocaleString("en"), at.x(tick), at.bottom + 16, "center"));
  caption(pen, seen, "r", at.left, at.bottom + 16, "left");
}

function drawLoops(pen, seen, at) {
  const { colours } = seen;
  const cells = list(seen, "swept");
  rulings(pen, seen, at);
  const lines = [
    ["loops spent", colours.accent, []],
    ["loops stated", colours.text, [6, 4]],
  ];
  for (const [words, colour, dash] of lines) {
    const loops = list(seen, words.slice("loops ".length));
    const points = loops.map((value, k) => [at.x(cells[k]), at.y(value)]);
    line(pen, points, colour, dash, 2.2);
  }
  pen.save();
  pen.translate(at.left, at.top - 30);
  legendAbove(pen, seen, lines, 0, at.right - at.left + 12);
  pen.restore();
  across(pen, seen, at);
}

export default {
  name: "error",
  title: "Error against the bound",
  help:
    "The error of the machine over the number of cells, on 500 random inputs, beside what Theorem 3.6 allows. The " +
    "three dotted terms are made of moduli that were found; the dashed bound is made of what was proved of them, so " +
    "that it holds. Over r, an error stands at the loops that its machine spends, the bound and its terms at the r " +
    "for which the theorem states them. The orders for two tokens in one cell and for the slope M have unknown " +
    "constants and are no part of it. Right: loops that the three stages spend, beside the loops r for which the " +
    "theorem states this δ.",
  formula:
    "|network − f|_L2 ≤ √(Nd) (w_tok(δ√d) + w_cont(δ√(Nd))) + w(δ√(Nd)) + O(N√δ) + O(√(dN/(Mδ))). One note on " +
    "the paper sets w inside the bracket, which is weaker, another outside, as here. Loops: (1/δ − 1) + N + " +
    "(2δ⁻⁽ᴺ⁺¹⁾ᵈ − 1) spent; r = N + 2δ⁻⁽ᴺ⁺¹⁾ᵈ⁻¹ stated: an inequality, 1/δ times as many.",
  choices: () => WAYS,
  chosen: (seen) => seen.over,
  choose: (page, way) => page.look({ over: way }),
  drawing: "Error of the construction and the bound of Theorem 3.6 over the number of cells; loops spent and stated",
  describe(seen) {
    const { meta } = seen;
    const at = list(seen, "swept").indexOf(meta.cells);
    const loops = `${meta.loops.toLocaleString("en")} loops spent, ${meta.stated_loops.toLocaleString("en")} stated.`;
    if (at < 0) return `${meta.cells} cells lie between those that are measured here. ${loops}`;
    const value = (name) => list(seen, name)[at].toPrecision(2); // as exact as each other, zeros too
    const right = list(seen, "right")[at];
    const ids = right === 1 ? "All IDs are right." : `${percent(right)} of the IDs are right.`;
    const where = byLoops(seen) ? `Over r, 1/δ = ${meta.cells}` : `1/δ = ${meta.cells}`;
    return (
      `${where}: error ${value("error_modulated")} modulated, ${value("error_tied")} tied; ` +
      `the bound is ${value("bound_certified")}. ${ids} ${loops}`
    );
  },
  draw(pen, seen, width, height) {
    const [at, loops] = charts(seen, width, height);
    legendAbove(pen, seen, legend(seen), 6, wideOf(width));
    rulings(pen, seen, at);
    for (const [name, , colour, dash, thick] of curvesOf(seen)) {
      const points = list(seen, name).map((value, k) => [at.x(acrossOf(seen, name)[k]), at.y(value)]);
      line(pen, points, colour, dash, thick);
      if (!dash.length) dots(pen, points, colour, 3);
    }
    if (byLoops(seen)) acrossLoops(pen, seen, at);
    else across(pen, seen, at);
    drawLoops(pen, seen, loops);
    upright(pen, at, at.x(byLoops(seen) ? seen.meta.loops : seen.meta.cells), seen.colours.text);
    upright(pen, loops, loops.x(seen.meta.cells), seen.colours.text);
  },
  table(seen) {
    const names = [...curvesOf(seen).map(([name]) => name), "jumps", "right", "spent", "stated"];
    const rows = list(seen, "swept").map((cells, k) => [cells, ...names.map((name) => list(seen, name)[k])]);
    return { columns: ["cells", ...names.map((name) => name.replace("_", " "))], rows };
  },
};
