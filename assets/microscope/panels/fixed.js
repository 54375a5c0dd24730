// Whether the steps lead to a fixed point, and the spectral radius of the loop map.

import { entry, nearest } from "../core/arrays.js";
import { nearOne, plural, short, signed } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, fitting, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const NAME = "↑ a step against the one before"; // of the axis
const ROW = 14; // pixels above the legend for it

// What a loop does to a tiny difference, as looped/lenses/fixed_point.py numbers it (long_run).
const STAYS = 1;
const LONG_RUN = ["would shrink", "would stay about as large as it is", "would grow", "would change"];

function radiusWords({ at: { values: at }, radius, settled: { values: settled }, long_run: { values: kinds } }, now) {
  const { values: found } = radius;
  const here = nearest(at, Math.max(0, now - 1));
  if (!Number.isFinite(found[here])) return "";
  const [long, most] = [found[here], found[at.length + here]];
  // An estimate that has not converged is a lower bound.
  const factor = `a factor of ${settled[here] ? "" : "at least "}${nearOne(long)} a loop`;
  const run = kinds[here] === STAYS ? `${LONG_RUN[STAYS]} (${factor})` : `${LONG_RUN[kinds[here]]} by ${factor}`;
  const reach = settled[at.length + here] ? `by ${nearOne(most)} at most` : `by ${nearOne(most)} or more`;
  const bound = Number.isFinite(most) ? `; one loop stretches it ${reach} (its Lipschitz constant)` : "";
  return ` If every loop were loop ${at[here] + 1}, a tiny difference ${run} in the long run${bound}.`;
}

// The three numbers that are drawn of the step at the clock; the first step has none before it.
function stepWords(view, now) {
  const [cosine, length, two] = [0, 1, 2].map((k) => view.arrays.steps.values[k * view.loops + now - 1]);
  if (!now || !Number.isFinite(cosine)) return "";
  const direction = signed(Number(cosine.toFixed(2)) || 0); // no zero below zero
  return (
    ` The step of {loop} ${now} against the one before: direction ${direction} (cosine), ` +
    `length ${short(length)}, two {loops} ${short(two)}.`
  );
}

// The whole number above all that is drawn of any run that is compared, at least 2; a cosine is never below −1.
const highest = (views) =>
  Math.ceil(Math.max(2, ...views.flatMap((view) => [...view.arrays.steps.values].filter(Number.isFinite))));

// The width of the chart of steps. An answer is drawn beside it; both compared runs leave the same room.
const stepsWide = ({ anyAsked }, width) => (anyAsked ? width * 0.6 : width);

// The radius and the Lipschitz constant of a loop, from 0, each with whether it was found; blank where not computed.
function measuredAt({ at, radius, settled }, loop) {
  const i = at.values.indexOf(loop);
  if (i < 0 || !Number.isFinite(entry(radius, 0, i))) return ["", "", "", ""];
  return [0, 1].flatMap((row) => [entry(radius, row, i).toPrecision(5), entry(settled, row, i)]);
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "fixed",
  title: "Fixed point",
  question: "Is there a fixed point?",
  about: "run",
  needs: "steps",
  asks: { name: "spectrum", words: "Compute the spectral radius" },
  saysWhy: ({ meta }) => !meta.verdict.one_map,
  help:
    "Left: how each step h[t+1] − h[t] follows the one before. Solid: its direction (cosine: 1 " +
    "straight on, −1 straight back). Dashed: its length over that of the one before (below 1 the steps " +
    "shrink). Dotted: how far both together go, over the length of the one before (0: the second undoes the first, " +
    "a period of two). Right, when asked for: by how much tiny differences grow in one loop, in the long run " +
    "(spectral radius, dots) and at most (local Lipschitz constant, squares). A radius above 1 does " +
    "not mean that answers are lost; its trend over the loops tells more. The sentence is a verdict " +
    "on movement only.",
  formula:
    "cosine = ⟨Δ[t], Δ[t−1]⟩ / ‖Δ[t]‖‖Δ[t−1]‖; contraction = ‖Δ[t]‖ / ‖Δ[t−1]‖; two loops = ‖Δ[t] + " +
    "Δ[t−1]‖ / ‖Δ[t−1]‖. Spectral radius: largest |eigenvalue| of the Jacobian J of one loop, by " +
    "Arnoldi's method with products Jᵀv; Lipschitz: its largest singular value, with Jᵀ(Jv). J is " +
    "never formed.",
  drawing: "Direction and length of every step against the one before; spectral radius of the loop map",
  draw(pen, seen, width, height) {
    const { view, views, t, asked, anyAsked, colours } = seen;
    const { loops } = view;
    const { values } = view.arrays.steps;
    const now = view.at(t);
    const half = stepsWide(seen, width);
    const of = (k, s) => values[k * loops + s - 1];
    const lines = [
      ["direction (cosine)", colours.accent, []],
      ["length (ratio)", colours.warm, [6, 3]],
      ["two {loops} (ratio)", colours.cool, [2, 3]],
    ];
    const signs = [
      ["radius", colours.accent, "●"],
      ["Lipschitz", colours.warm, "■"],
    ];
    const entries = anyAsked ? [...lines, ...signs] : lines;
    caption(pen, seen, NAME, 4, 11);
    const top = legendAbove(pen, seen, entries, AXIS.left, width - AXIS.right, ROW) + ABOVE;
    const bottom = height - 20;
    const high = highest(views);
    const y = (v) => bottom - ((bottom - top) * (v + 1)) / (high + 1);
    pen.strokeStyle = colours.line;
    for (const v of high > 6 ? [-1, 0, 1, high] : Array.from({ length: high + 2 }, (_, i) => i - 1)) {
      pen.globalAlpha = v === 0 || v === 1 ? 1 : 0.5;
      segment(pen, AXIS.left, y(v), half - AXIS.right, y(v));
      pen.globalAlpha = 1;
      caption(pen, seen, String(v).replace("-", "−"), 38, y(v) + 4, "right");
    }
    const x = loopAxis(pen, seen, half, top, bottom, loops, view.meta.trained_loops, now);
    curve(pen, loops, x, (s) => y(of(2, s)), colours.cool, [2, 3], 1.8);
    curve(pen, loops, x, (s) => y(of(1, s)), colours.warm, [6, 3], 1.8);
    curve(pen, loops, x, (s) => y(of(0, s)), colours.accent);
    if (asked) this.drawRadius(pen, seen, half, top, bottom, width);
    else if (anyAsked) caption(pen, seen, "not asked", (half + width) / 2, (top + bottom) / 2, "center");
  },
  // The spectral radius and the Lipschitz constant at the loops that were asked for, on a logarithmic axis.
  drawRadius(pen, seen, half, top, bottom, width) {
    const { asked, colours } = seen;
    const at = asked.arrays.at.values;
    const found = asked.arrays.radius.values;
    const count = at.length;
    const drawn = (v) => Number.isFinite(v) && v > 0; // zero has no place on a logarithmic axis
    const known = [...found].filter(drawn);
    const low = Math.log10(Math.min(0.5, ...known));
    const top10 = Math.log10(Math.max(2, ...known));
    const up = (v) => bottom - ((bottom - top) * (Math.log10(v) - low)) / (top10 - low);
    const begin = half + 34;
    const along = (i) => begin + (width - AXIS.right - begin) * (count > 1 ? at[i] / (at[count - 1] || 1) : 0.5);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    pen.setLineDash([4, 4]);
    segment(pen, begin, up(1), width - AXIS.right, up(1));
    pen.setLineDash([]);
    caption(pen, seen, "1", begin - 5, up(1) + 4, "right");
    const most = Math.max(...known);
    if (Math.abs(up(most) - up(1)) >= 12) caption(pen, seen, short(most), begin - 5, up(most) + 4, "right");
    for (let i = 0; i < count; i++) {
      pen.fillStyle = colours.accent;
      if (drawn(found[i])) {
        disc(pen, along(i), up(found[i]), 3);
      }
      pen.fillStyle = colours.warm;
      if (drawn(found[count + i])) pen.fillRect(along(i) - 2.5, up(found[count + i]) - 2.5, 5, 5);
    }
    const right = width - AXIS.right;
    caption(pen, seen, at[0] + 1, begin, bottom + 14, "center");
    if (count > 1) caption(pen, seen, at[count - 1] + 1, right, bottom + 14, "center");
    caption(pen, seen, "{loop}", count > 1 ? (begin + right) / 2 : begin + 24, bottom + 14, "center");
    const names = ["growth of a tiny difference, logarithmic", "growth, logarithmic", "growth, log"];
    caption(pen, seen, fitting(pen, seen, names, width - begin), begin, top - 7);
  },
  describe({ view, t, asked }) {
    const over = view.lost ? ` ${view.lost.sentence}` : "";
    const whole = view.at(t) < view.loops ? `The run to its end (${plural(view.loops, "{loop}")}). ` : "";
    const now = view.at(t);
    const radius = asked ? radiusWords(asked.arrays, now) : "";
    return `${whole}${view.meta.verdict.sentence}${over}${stepWords(view, now)}${radius}`;
  },
  pick(x, y, seen, width) {
    const wide = stepsWide(seen, width);
    return x > wide ? null : { loop: loopAt(x, wide, seen.view.loops) };
  },
  // What was computed of some loops has its columns once it is known; "found" is 0 for a lower bound.
  table({ view, asked }) {
    const { values } = view.arrays.steps;
    const columns = ["{loop}", "cosine with the step before", "length over the step before", "two loops over one"];
    if (asked)
      for (const measure of ["spectral radius", "Lipschitz constant"]) columns.push(measure, `${measure}, found`);
    const rows = Array.from({ length: view.loops }, (_, s) => [
      s + 1,
      ...[0, 1, 2].map((k) => values[k * view.loops + s].toPrecision(5)),
      ...(asked ? measuredAt(asked.arrays, s) : []),
    ]);
    return { columns, rows };
  },
};
