// The heads that are shown, and a small drawing of the input for each.

import { drawings } from "./board.js";

/** @typedef {import("../core/types.js").Seen} Seen */

// The numbers of the chosen head, or of all heads.
/** @type {(seen: Seen) => number[]} */
export function headsShown({ view, head }) {
  return head == null || head >= view.meta.heads ? [...Array(view.meta.heads).keys()] : [head];
}

/** @type {number} pixels above a drawing for its words */
export const LINE = 18;
/** @type {number} */
export const LOW = 30; // pixels that a curve below a drawing needs at least

// { head, x, y, side, step } of the drawing of each head that is shown; `strip` is the height that is left below it,
// 0 where that is too low for a curve.
/** @type {(seen: Seen, width: number, height: number) => { head: number, x: number, y: number, side: number,
 *   step: number, strip: number }[]} */
export function headBoards(seen, width, height) {
  const { geometry } = seen;
  const heads = headsShown(seen);
  const longer = Math.max(geometry.rows, geometry.columns);
  const found = drawings(heads.length, width, height, geometry);
  const step = found[0][2] / longer;
  const lines = [...new Set(found.map(([, y]) => Math.round(y)))];
  const spare = height / lines.length - step * geometry.rows - LINE;
  const strip = spare >= LOW ? spare : 0;
  return found.map(([x, y, side], i) => {
    const line = lines.indexOf(Math.round(y));
    return { head: heads[i], x, y: strip ? line * (height / lines.length) + 16 : y, side, step, strip };
  });
}
