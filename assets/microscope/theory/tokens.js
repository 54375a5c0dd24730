// Each token on [0, 1], the threshold that sweeps, and the number of the token's cell, which climbs a stair.

import { clamp, listed } from "../core/words.js";
import { caption } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { line, plot, rulings, tokenColour, tokenName, upright } from "./plot.js";

const box = (width, height) => ({ left: 26, right: width - 10, top: 12, bottom: height - 34 });
const plotOf = ({ meta }, width, height) => plot(box(width, height), [0, 1], [-0.4, meta.cells - 0.6]);
const inputOf = (seen) => seen.draft.x ?? Array.from(seen.arrays.x.values);

// The stair as far as the threshold has swept.
function drawStair(pen, seen, at, swept) {
  const { meta, colours } = seen;
  const points = [];
  for (let cell = 0; cell <= swept; cell++) {
    points.push([at.x(cell / meta.cells), at.y(cell)]);
    points.push([at.x((cell + 1) / meta.cells), at.y(cell)]);
  }
  if (points.length) points[points.length - 1][0] = at.x(swept < meta.cells - 1 ? (swept + 1) / meta.cells : 1);
  line(pen, points, colours.muted, [], 1.5);
}

export default {
  name: "tokens",
  moves: true,
  title: "Tokens and their cells",
  help:
    "Below, each token on [0, 1), which is cut into 1/δ cells. Every loop moves the threshold on by one cell; a " +
    "token at or above it gains one, so that it climbs to the number of its cell, z. Drag a token to give another " +
    "input; with the keyboard, left and right choose a token, up and down move it.",
  formula:
    "z ← z + [x ≥ jδ] in loop j; the step is a ramp of slope M made of two ReLUs, so that just below a threshold the " +
    "number is blurred.",
  drawing: "Tokens on the line, the threshold and the stair of cells",
  describe(seen) {
    const { meta, arrays, t } = seen;
    const { tokens } = meta;
    const ids = Array.from({ length: tokens }, (_, n) => arrays.z.values[t * tokens + n]);
    const names = ids.map((_, n) => `${tokenName(n)} = ${arrays.x.values[n].toFixed(2)}`);
    const one = meta.repeated ? " Two tokens stand in one cell: the machine cannot tell them apart." : "";
    if (t === 0) return `No cell is read yet: ${listed(names)} start at 0.${one}`;
    if (t < meta.stages[0]) return `Cells so far: ${listed(ids.map((z, n) => `${written(z)} for ${names[n]}`))}.${one}`;
    return `${listed(ids.map((z, n) => `${names[n]} is in cell ${written(z)}`))}.${one}`;
  },
  draw(pen, seen, width, height) {
    const { meta, arrays, colours, t } = seen;
    const at = plotOf(seen, width, height);
    const swept = Math.min(t, meta.stages[0]);
    const every = Math.ceil(meta.cells / 8);
    rulings(pen, seen, at, Array.from({ length: meta.cells }, (_, i) => i).filter((i) => i % every === 0));
    pen.strokeStyle = colours.line;
    for (let cell = 0; cell <= meta.cells; cell++) {
      const x = at.x(cell / meta.cells);
      segment(pen, x, at.bottom - 4, x, at.bottom + 4);
    }
    segment(pen, at.left, at.bottom, at.right, at.bottom);
    drawStair(pen, seen, at, swept);
    if (t && t <= meta.stages[0]) upright(pen, at, at.x(t / meta.cells), colours.warm, [5, 3]);
    inputOf(seen).forEach((x, n) => {
      const tint = tokenColour(seen, n);
      const y = at.y(arrays.z.values[t * meta.tokens + n]);
      upright(pen, { top: y, bottom: at.bottom }, at.x(x), tint, [2, 3]);
      pen.fillStyle = tint;
      disc(pen, at.x(x), y, 5);
      disc(pen, at.x(x), at.bottom, seen.grip?.panel === "tokens" && seen.grip.at === n ? 8 : 6);
      caption(pen, seen, tokenName(n), at.x(x), at.bottom + 20, "center");
    });
    caption(pen, seen, "0", at.left, at.bottom + 30, "center");
    caption(pen, seen, "1", at.right, at.bottom + 30, "center");
  },
  grab(seen, px, py, width, height) {
    const at = plotOf(seen, width, height);
    const apart = inputOf(seen).map((x) => Math.abs(at.x(x) - px));
    return apart.indexOf(Math.min(...apart));
  },
  drag(seen, n, px, py, width, height) {
    const x = [...inputOf(seen)];
    x[n] = inside(plotOf(seen, width, height).value(px));
    return { x };
  },
  grips: (seen) => seen.meta.tokens,
  gripWords: (seen, n) => `${tokenName(n)} is ${inputOf(seen)[n].toFixed(2)}`,
  nudge(seen, n, by) {
    const x = [...inputOf(seen)];
    x[n] = inside(x[n] + 0.01 * by);
    return { x };
  },
  table({ arrays, meta }) {
    const names = Array.from({ length: meta.tokens }, (_, n) => `z of x${n + 1}`);
    const rows = Array.from({ length: meta.stages[0] + 1 }, (_, t) => [
      t,
      ...names.map((_, n) => arrays.z.values[t * meta.tokens + n]),
    ]);
    return { columns: ["loop", ...names], rows };
  },
};

const inside = (x) => Number(clamp(x, 0, 0.99).toFixed(2));
/** @type {(z: number) => string} the number of a cell or an ID, with decimals where it is blurred */
export const written = (z) => (Number.isInteger(z) ? String(z) : z.toFixed(2));
