// The gates and scales that the timestep encoding of a TMLT sets.

import { beforeAll, clamp, listed, short } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, fitting } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

// The strength of vector v in loop s, from 1, and how many vectors and channels there are.
function strengthsOf({ view, layer }) {
  const { strengths, scales } = view.arrays;
  const [, layers, count, channels] = scales.shape;
  const strength = (s, v) => strengths.values[((s - 1) * layers + layer) * count + v];
  return { strength, layers, count, channels };
}

// The largest strength of any loop, one for runs that are compared: equal heights are equal strengths.
function largestOf({ views, layer }) {
  const within = (view) => {
    const own = Math.min(layer, view.arrays.scales.shape[1] - 1);
    const { strength, count } = strengthsOf({ view, layer: own });
    return Array.from({ length: view.loops * count }, (_, k) => strength(1 + Math.floor(k / count), k % count));
  };
  return Math.max(0, ...views.filter((view) => view.arrays.scales).flatMap(within));
}

// What the tints of the strips stand for, from the longest wording to the shortest; full colour is at twice the height.
/** @type {(high: number) => string[]} */
const stripWords = (high) => [
  `All channels in this {loop}: orange above zero, teal below; full colour: ${short(2 * high || 1)} and more`,
  `Channels now: orange > 0, teal < 0; full: ${short(2 * high || 1)}`,
  `orange > 0, teal < 0; full: ${short(2 * high || 1)}`,
];

/** @type {import("../core/types.js").Panel} */
export default {
  name: "timestep",
  title: "Timestep scales",
  needs: "scales",
  help:
    "Only a TMLT has these. In every loop the timestep encoding sets how strongly each branch of the block is " +
    "added (its gate α), and how the input of the branch is scaled (γ): in a transformer α1 and γ1 belong to the " +
    "attention, α2 and γ2 to the MLP. Lines: " +
    "root mean square over all channels. Strips: the values of all channels in this loop, teal below " +
    "zero, orange above. A checkpoint may be given its last timestep again beyond its trained loops, " +
    "as its card says; then the lines end flat. Click to set the clock.",
  formula:
    "x ← x + α1(t) · Attention(γ1(t) · N(x)); x ← x + α2(t) · MLP(γ2(t) · N(x)) (2410.01405, section " +
    "4). Lines: √(mean over channels of the square).",
  drawing: "Strength of the timestep vectors in every loop",
  draw(pen, seen, width, height) {
    const { view, t, layer, colours } = seen;
    const { scales } = view.arrays;
    const { loops } = view;
    const { strength, layers, count, channels } = strengthsOf(seen);
    const now = view.at(t);
    const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
    const tints = [colours.accent, colours.warm, colours.cool, colours.text];
    const line = clamp((height - 60) / 8, 13, 30); // of a strip
    const strips = count * line + 22; // with a line of words above them
    const top = ABOVE;
    const bottom = height - 20 - strips;
    const high = largestOf(seen);
    const y = (value) => bottom - ((bottom - top) * value) / (high || 1);
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    pen.fillText(short(high), 38, y(high) + 4);
    pen.fillText("0", 38, bottom);
    const x = loopAxis(pen, seen, width, top, bottom, loops, view.meta.trained_loops, now);
    view.meta.vectors.forEach(({ symbol }, v) => {
      curve(pen, loops, x, (s) => y(strength(s, v)), tints[v], dashes[v]);
      pen.fillStyle = tints[v];
      if (t) {
        disc(pen, x(now), y(strength(now, v)), 3);
      }
      pen.textAlign = "left";
      const atY = height - strips + 20 + v * line + line / 2 + 3;
      pen.fillText(symbol, 4, atY);
      pen.strokeStyle = tints[v];
      pen.setLineDash(dashes[v]);
      segment(pen, 22, atY - 4, 40, atY - 4);
      pen.setLineDash([]);
      if (!t) return;
      const step = (width - AXIS.right - AXIS.left) / channels;
      const from = (((now - 1) * layers + layer) * count + v) * channels;
      for (let c = 0; c < channels; c++) {
        const value = scales.values[from + c];
        pen.fillStyle = value < 0 ? colours.cool : colours.warm;
        pen.globalAlpha = Math.min(1, Math.abs(value) / (2 * high || 1));
        pen.fillRect(AXIS.left + c * step, atY - line / 2 - 2, step + 0.5, line - 2);
      }
      pen.globalAlpha = 1;
    });
    if (t) caption(pen, seen, fitting(pen, seen, stripWords(high), width - AXIS.left), AXIS.left, height - strips + 14);
  },
  describe(seen) {
    const { view, t } = seen;
    if (!t) return beforeAll("the lines show what every {loop} will use");
    const { strength, channels } = strengthsOf(seen);
    const all = view.meta.vectors.map((vector, v) => ({ ...vector, size: short(strength(view.at(t), v)) }));
    const gates = all.filter(({ gate }) => gate);
    const scales = all.filter(({ gate }) => !gate).map(({ size }) => size);
    const added = gates.map(({ branch, size }) => `${branch} at strength ${size}`);
    return (
      `In this loop the block adds ${listed(added)}; ${gates.length > 1 ? "their inputs are" : "its input is"} ` +
      `scaled by ${listed(scales)} (root mean square over ${channels} channels).`
    );
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table(seen) {
    const { strength } = strengthsOf(seen);
    const { vectors } = seen.view.meta;
    return {
      columns: ["loop", ...vectors.map(({ symbol }) => `${symbol}, root mean square`)],
      rows: Array.from({ length: seen.view.loops }, (_, s) => [
        s + 1,
        ...vectors.map((_, v) => strength(s + 1, v).toPrecision(6)),
      ]),
    };
  },
};
