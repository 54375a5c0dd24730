// The heads that are shown, and a small drawing of the input for each.

import { drawings } from "./board.js";

// The numbers of the chosen head, or of all heads.
export function headsShown({ view, head }) {
  return head == null || head >= view.meta.heads ? [...Array(view.meta.heads).keys()] : [head];
}

// { head, x, y, side, step } of the drawing of each head that is shown.
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
