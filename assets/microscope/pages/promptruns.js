// Looking up what a message says of a prompt: where its points stand, what was predicted, what is true.

import { methodStyle } from "../draw/levels.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/view.js").View} View */

/** @type {(view: View, i: number, k: number) => number} coordinate k of the x of a position */
export function coordinate(view, i, k) {
  const { values, shape } = view.arrays.vectors;
  return values[i * shape[1] + k];
}

/** @type {(view: View, i: number) => number} the y of an example */
export const height = (view, i) => coordinate(view, i, view.arrays.vectors.shape[1] - 2);

/** @type {(view: View, t: number, q: number) => number} what is predicted for query q after loop t, from 1 on */
export function predicted(view, t, q) {
  const { values, shape } = view.arrays.predictions;
  return values[((view.at(t) - 1) * shape[1] + view.geometry.examples + q) * shape[2]];
}

/** @type {(view: View) => Float32Array|number[]} the true values of the queries; none where they are unknown */
export function truth(view) {
  const { truth: known } = view.arrays;
  return known && !Number.isNaN(known.values[0]) ? known.values : [];
}

/** @type {number[]} dashes of what is true */
export const TRUE = [6, 4]; // dashes of what is true
/** @type {number[]} dashes of the run that it is compared with */
export const OTHER = [2, 3]; // of the run that it is compared with

/** @type {(seen: Seen) => { name: string, colour: string, dash: number[], values: Float32Array }[]} the methods that
 *   are shown */
export function linesOn({ view, meta, lines, colours }) {
  const { method_predictions: said } = view.arrays;
  if (!said) return [];
  const [, queries] = said.shape;
  return meta.methods
    .map(({ name, label }, b) => {
      const [colour, dash] = methodStyle(colours, b);
      const values = said.values.subarray(b * queries, (b + 1) * queries);
      return { key: name, name: label, colour, dash, values };
    })
    .filter(({ key }) => lines.has(key));
}

// A number of an axis: as many decimals as it needs, and a true minus sign.
/** @type {(value: number) => string} */
export const axisText = (value) => String(Number(value.toFixed(3)) + 0).replace("-", "−");
