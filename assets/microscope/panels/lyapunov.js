// By how much small differences grow along the run.

import { entry } from "../core/arrays.js";
import { nearOne, nearZero, plural, short, signed } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, legendAbove } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const KINDS = {
  1: "on average nearby states part",
  0: "on average nearby states neither clearly part nor clearly meet",
  [-1]: "on average nearby states meet",
};

// An exponent, with the decimals that looped/lenses/lyapunov.py judges; a direction that a loop takes away has none.
const said = (x) => (x === -Infinity ? "−∞" : signed(x, nearZero));
// What several starts give: one number where they are written alike.
const ends = ([low, high], form) => (form(low) === form(high) ? form(low) : `${form(low)} to ${form(high)}`);

/** @type {import("../core/types.js").Panel} */
export default {
  name: "lyapunov",
  title: "Lyapunov exponents",
  question: "Do nearby states part or meet?",
  about: "run",
  needs: "steps",
  asks: { name: "lyapunov", words: "Carry small differences along" },
  blank: true,
  help:
    "A few small differences are carried along the run, and each loop makes them larger or smaller: above the " +
    "line at 0 they grow, below they shrink (natural logarithm: 0.69 is twice as large). The solid curve is the " +
    "direction that grows most in the last half of the loops. The exponent is the mean over these: above zero " +
    "nearby states part, below they meet; where random starts lie on both sides of 1 % a loop, it is said that " +
    "they do neither clearly. Unlike the spectral radius it is about the loops of this run one after the other. " +
    "It is no bound: over a few loops some difference may grow more. It is about tiny differences and says " +
    "nothing of whether the answer is right. Click to set the clock.",
  formula:
    "Q[t+1] R[t+1] = J[t] Q[t], orthonormal Q of four random directions, J[t] = ∂h[t+1] / ∂h[t] at the state of " +
    "this run; drawn: ln |Rᵢᵢ[t]| of the first of three random starts, sorted by the exponents. Exponent i: the mean " +
    "over the last half of the loops (2505.19458).",
  drawing: "Growth of small differences in every loop",
  scale({ asked }, height, top) {
    const { local } = asked.arrays;
    const drawn = local.values.subarray(0, local.shape[1] * local.shape[2]); // of the first start
    const values = [...drawn].filter(Number.isFinite);
    const bottom = height - 20;
    const high = Math.max(0.1, ...values);
    const low = Math.min(-0.1, ...values);
    return { bottom, high, low, y: (v) => bottom - ((bottom - top) * (v - low)) / (high - low) };
  },
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { local } = asked.arrays;
    const directions = local.shape[2];
    const looks = [
      [colours.accent, []],
      [colours.warm, [6, 3]],
      [colours.cool, [2, 3]],
      [colours.muted, [8, 3, 2, 3]],
    ].slice(0, directions);
    const entries = looks.map(([colour, dash], i) => [i ? `${i + 1}.` : "1. direction", colour, dash]);
    const top = legendAbove(pen, seen, entries, AXIS.left, width - AXIS.right) + ABOVE;
    const { y, bottom, high, low } = this.scale(seen, height, top);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    segment(pen, AXIS.left, y(0), width - AXIS.right, y(0));
    for (const v of [high, 0, low])
      if (v === 0 || Math.abs(y(v) - y(0)) > 14) caption(pen, seen, signed(v), AXIS.left - 5, y(v) + 4, "right");
    const x = loopAxis(pen, seen, width, top, bottom, view.loops, view.meta.trained_loops, view.at(t));
    looks.forEach(([colour, dash], i) => {
      curve(pen, view.loops, x, (s) => y(entry(local, 0, s - 1, i)), colour, dash, i ? 1.8 : 2.2);
    });
  },
  describe({ view, t, asked }) {
    if (!asked?.arrays) return "Carries four small differences along this run and measures how each loop changes them.";
    const { growth, largest, factor, local } = asked.arrays;
    const { done, kind } = asked.meta;
    const all = done < view.loops ? `, as far as ${plural(done, "loop")} ${done === 1 ? "tells" : "tell"}` : "";
    const whole =
      `Largest exponent ${ends(largest.values, said)}, over the last half of the loops and from ` +
      `${plural(local.shape[0], "random start")} (a factor of ${ends(factor.values, nearOne)} a loop): ` +
      `${KINDS[kind]}${all}.`;
    const now = view.at(t);
    const here = now ? growth.values[now - 1] : NaN;
    if (Number.isNaN(here)) return whole;
    return `${whole} Loop ${now} multiplies the difference of the first curve by ${short(here)}.`;
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table({ asked }) {
    const columns = ["start", "loop", "direction", "ln of its growth"];
    if (!asked?.arrays) return { columns, rows: [] };
    const { local } = asked.arrays;
    const [starts, loops, directions] = local.shape;
    const rows = [];
    for (let start = 0; start < starts; start++)
      for (let s = 0; s < loops; s++)
        for (let i = 0; i < directions; i++)
          rows.push([start + 1, s + 1, i + 1, entry(local, start, s, i).toPrecision(5)]);
    return { columns, rows };
  },
};
