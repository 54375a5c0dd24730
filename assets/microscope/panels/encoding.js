// How alike the timesteps of two loops are.

import { alikeLoops, alikeMean, entry } from "../core/arrays.js";
import { beforeAll, clamp, listed, signed } from "../core/words.js";
import { drawings, heat } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

// What is alike but not equal is not said to be 1.
/** @type {(cosine: number) => string} */
const cosineWords = (cosine) => (cosine < 1 && signed(cosine) === "1.00" ? "more than 0.99" : signed(cosine));

/** @type {(view: import("../core/view.js").View) => string[]} what is compared: the encoding, and what is made of it */
const names = (view) => ["TE", ...view.meta.vectors.map(({ symbol }) => symbol)];

// Where the squares stand: [left, top, side] of each.
const squares = (view, width, height) => drawings(names(view).length, width, height, { rows: 1, columns: 1 });

// What stands above a square, as long as there is room for.
function titles(name, low) {
  if (Number.isNaN(low)) return [`${name}: zero, without a direction`, `${name}: zero`, name];
  const range = `${signed(low)} to 1`;
  const whole = name === "TE" ? "timestep encoding (TE)" : name;
  const key = `full blue 1, faintest ${signed(low)}`;
  return [`${whole}: ${key}`, `${name}: ${key}`, `${whole}: ${range}`, `${name}: ${range}`, `${name} ${range}`, name];
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "encoding",
  title: "Timesteps compared",
  question: "How alike are the timesteps?",
  about: "model",
  needs: "alike",
  help:
    "Each square compares every loop with every other: the bluer, the more their vectors point the " +
    "same way. No colour is the least alike of that square, whose cosine stands above it; orange is " +
    "opposite. TE is the timestep encoding itself, the others are the vectors made from it. A " +
    "square that is blue everywhere is a vector that hardly turns from loop to loop; blocks are " +
    "loops that do the same job. The lines mark the present loop.",
  formula:
    "cos(v(s), v(t)) for every pair of loops s, t; v is TE(t) ∈ ℝᵈ (2410.01405, section 4.2), or a gate α, or a " +
    "scale γ.",
  drawing: "Cosine of the timestep encoding and of the vectors made from it, for each pair of loops",
  draw(pen, seen, width, height) {
    const { view, t, colours } = seen;
    const { loops } = view;
    const now = view.at(t);
    squares(view, width, height).forEach(([left, top, side], k) => {
      const cosine = alikeLoops(seen, k);
      const step = Math.max(1, Math.ceil(loops / 64));
      const cells = Math.ceil(loops / step); // no more cells than pixels
      let [least, known] = [1, loops === 1]; // a vector of zero has no cosine
      for (let s = 2; s <= loops; s++)
        for (let u = 1; u < s; u++) {
          if (!Number.isNaN(cosine(s, u))) known = true;
          if (cosine(s, u) < least) least = cosine(s, u);
        }
      const floor = least < 0 ? 0 : Math.min(least, 0.999); // from the least alike to equal, so that differences show
      heat(
        pen,
        left,
        top,
        side,
        side,
        cells,
        cells,
        (r, c) => {
          const v = cosine(r * step + 1, c * step + 1);
          return v < 0 ? v : 0.02 + (0.9 * (v - floor)) / (1 - floor);
        },
        colours,
      );
      if (t) {
        pen.strokeStyle = colours.text;
        pen.lineWidth = 1;
        const at = (now - 0.5) / loops;
        segment(pen, left + at * side, top, left + at * side, top + side);
        segment(pen, left, top + at * side, left + side, top + at * side);
      }
      caption(pen, seen, fitting(pen, seen, titles(names(view)[k], known ? least : NaN), side), left, top - 4);
    });
  },
  describe(seen) {
    const { view, t, layer } = seen;
    if (!t) return beforeAll("the squares compare the {loops} that will");
    if (view.loops === 1) return "One {loop} was run: there is no other to compare it with.";
    const turns = entry(view.arrays.turns_most, view.at(t) - 1, layer);
    const { vectors } = view.meta;
    const mean = (v) => alikeMean(seen, 1 + v, t);
    const zero = vectors.filter((_, v) => Number.isNaN(mean(v))).map(({ symbol }) => symbol);
    const those = zero.length ? "the others" : vectors.length === 4 ? "the four vectors" : "the vectors";
    const none = zero.length ? ` ${listed(zero)} ${zero.length > 1 ? "are" : "is"} zero, without a direction.` : "";
    const least = turns < vectors.length ? ` Of ${those} ${vectors[turns].symbol} is least alike: a cosine of ` : "";
    const same = zero.length < vectors.length ? ` In ${those} nothing turns from {loop} to {loop}.` : "";
    const cosine = cosineWords(alikeMean(seen, 0, t));
    return (
      `The timestep encoding (TE) of this loop has a cosine of ${cosine} with that of the ` +
      `other loops on average.${none}${least ? `${least}${cosineWords(mean(turns))}.` : same}`
    );
  },
  pick(x, y, { view }, width, height) {
    for (const [left, top, side] of squares(view, width, height))
      if (x >= left && x <= left + side && y >= top && y <= top + side)
        return { loop: clamp(Math.ceil(((x - left) / side) * view.loops), 1, view.loops) };
    return null;
  },
  table(seen) {
    const { loops } = seen.view;
    const rows = [];
    names(seen.view).forEach((name, k) => {
      const cosine = alikeLoops(seen, k);
      for (let s = 1; s <= loops; s++)
        rows.push([name, s, ...Array.from({ length: loops }, (_, u) => cosine(s, u + 1).toPrecision(4))]);
    });
    return {
      columns: ["vector", "loop", ...Array.from({ length: loops }, (_, u) => `cosine with loop ${u + 1}`)],
      rows,
    };
  },
};
