// The four scales that the timestep encoding of a TMLT sets.

import { SCALES, clamp, short } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { disc, segment } from "../draw/surface.js";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "timestep",
  title: "Timestep scales",
  needs: "scales",
  help:
    "Only a TMLT has these. In every loop the timestep encoding sets how strongly the attention " +
    "branch (α1) and the MLP branch (α2) are added, and how their inputs are scaled (γ1, γ2). Lines: " +
    "root mean square over all channels. Strips: the values of all channels in this loop, teal below " +
    "zero, orange above. A checkpoint may be given its last timestep again beyond its trained loops, " +
    "as its card says; then the lines end flat. Click to set the clock.",
  formula:
    "x ← x + α1(t) · Attention(γ1(t) · N(x)); x ← x + α2(t) · MLP(γ2(t) · N(x)) (2410.01405, section " +
    "4). Lines: √(mean over channels of the square).",
  drawing: "Strength of the four timestep vectors in every loop",
  draw(pen, { view, t, layer, colours }, width, height) {
    const { scales, strengths } = view.arrays;
    const { loops } = view;
    const now = view.at(t);
    const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
    const [, layers, , channels] = scales.shape;
    const tints = [colours.accent, colours.warm, colours.cool, colours.text];
    const line = clamp((height - 60) / 8, 13, 30); // of a strip
    const strips = 4 * line + 6;
    const top = ABOVE;
    const bottom = height - 20 - strips;
    const strength = (s, v) => strengths.values[((s - 1) * layers + layer) * 4 + v];
    let high = 0;
    for (let s = 1; s <= loops; s++) for (let v = 0; v < 4; v++) high = Math.max(high, strength(s, v));
    const y = (value) => bottom - ((bottom - top) * value) / (high || 1);
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    pen.fillText(short(high), 38, y(high) + 4);
    pen.fillText("0", 38, bottom);
    const x = loopAxis(pen, colours, width, top, bottom, loops, view.meta.trained_loops, now);
    SCALES.forEach((name, v) => {
      curve(pen, loops, x, (s) => y(strength(s, v)), tints[v], dashes[v]);
      pen.fillStyle = tints[v];
      if (t) {
        disc(pen, x(now), y(strength(now, v)), 3);
      }
      pen.textAlign = "left";
      const atY = height - strips + 4 + v * line + line / 2 + 3;
      pen.fillText(name, 4, atY);
      pen.strokeStyle = tints[v];
      pen.setLineDash(dashes[v]);
      segment(pen, 22, atY - 4, 40, atY - 4);
      pen.setLineDash([]);
      if (!t) return;
      const step = (width - AXIS.right - AXIS.left) / channels;
      const from = (((now - 1) * layers + layer) * 4 + v) * channels;
      for (let c = 0; c < channels; c++) {
        const value = scales.values[from + c];
        pen.fillStyle = value < 0 ? colours.cool : colours.warm;
        pen.globalAlpha = Math.min(1, Math.abs(value) / (2 * high || 1));
        pen.fillRect(AXIS.left + c * step, atY - line / 2 - 2, step + 0.5, line - 2);
      }
      pen.globalAlpha = 1;
    });
  },
  describe({ view, t, layer }) {
    const { strengths, scales } = view.arrays;
    const [, layers, , channels] = scales.shape;
    const now = view.at(t);
    const strength = (s, v) => strengths.values[((s - 1) * layers + layer) * 4 + v];
    if (!t) return "No loop has run yet; the lines show what every loop will use.";
    return (
      `In this loop attention is added at strength ${short(strength(now, 0))} and the MLP at ` +
      `${short(strength(now, 1))}; their inputs are scaled by ${short(strength(now, 2))} and ` +
      `${short(strength(now, 3))} (root mean square over ${channels} channels).`
    );
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table({ view, layer }) {
    const { strengths } = view.arrays;
    const [, layers] = strengths.shape;
    return {
      columns: ["loop", ...SCALES.map((name) => `${name}, root mean square`)],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        ...SCALES.map((_, v) => strengths.values[(s * layers + layer) * 4 + v].toPrecision(6)),
      ]),
    };
  },
};
