// The heads that are shown, and a small drawing of the input for each.

import { drawings } from "./board.js";

/** @typedef {import("../core/types.js").Seen} Seen */

// The numbers of the chosen head, or of all heads.
/** @type {(seen: Seen) => number[]} */
export function headsShown({ view, head }) {
  return head == null || head >= view.meta.heads ? [...Array(view.meta.heads).keys()] : [head];
}

// { head, x, y, side, step } of the drawing of each head that is shown.
/** @type {(seen: Seen, width: number, height: number) => { head: number, x: number, y: number, side: number,
 *   step: number }[]} */
export function headBoards(seen, width, height) {
  const { geometry } = seen;
  const heads = headsShown(seen);
  const longer = Math.max(geometry.rows, geometry.columns);
  return drawings(heads.length, width, height, geometry).map(([x, y, side], i) => ({
    head: heads[i],
    x,
    y,
    side,
    step: side / longer,
  }));
}
