// The accuracy of probes over the loops, beside that of their control task and without any loop.

import { percent } from "../core/words.js";
import { curve } from "./axis.js";
import { caption } from "./legend.js";
import { segment } from "./surface.js";

/**
 * Draw the accuracy of probes, of their control task and without any loop, from 0 to 1.
 * @param {import("../core/types.js").Pen} pen
 * @param {import("../core/types.js").Seen} seen
 * @param {{ left: number, right: number, x: (s: number) => number, y: (share: number) => number }} frame s is 0 before
 *   the first loop
 * @param {{ states: number, accuracy: (s: number) => number, control: (s: number) => number, without: number }} numbers
 */
export function accuracyCurves(pen, seen, { left, right, x, y }, { states, accuracy, control, without }) {
  const { colours } = seen;
  const along = (s) => x(s - 1);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (const v of [0, 0.5, 1]) {
    segment(pen, left, y(v), right, y(v));
    caption(pen, seen, percent(v), left - 4, y(v) + 4, "right");
  }
  curve(pen, states, along, () => y(without), colours.muted, [6, 3], 1.2);
  curve(pen, states, along, (s) => y(control(s - 1)), colours.warm, [2, 3], 1.8);
  curve(pen, states, along, (s) => y(accuracy(s - 1)), colours.accent);
}
