// Accuracy by length of the words and number of loops.

import { entry } from "../core/arrays.js";
import { beforeFirst, between, clamp, percent, plural } from "../core/words.js";
import { loopName, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, everyRow, fitting } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const TOP = 18; // pixels, for the name of the rows

/** @type {import("../core/types.js").Panel} */
export default {
  name: "lengths",
  title: "Accuracy by length",
  page: "sequences",
  question: "What about longer words?",
  about: "model",
  needs: "table",
  asks: { name: "lengths", words: "Try every length", board: false },
  blank: true,
  help:
    "Pairs of words of every length that the model can read, generated afresh and run: a row for " +
    "each length, the longest on top, a column for each number of {loops}; the bluer, the more of " +
    "them are answered rightly. Above the dashed line words are longer than any in training. If " +
    "longer words need more {loops}, the edge of the blue leans to the right; if more {loops} do not " +
    "help beyond the line, the model has not learned the method but a table of some size. Click to " +
    "set the clock.",
  formula:
    "Share of pairs whose number behind “=” is right after t {loops}; both words have the same number " +
    "of letters, held-out pairs where the split leaves any of that length.",
  drawing: "Share of right answers by length of the words and number of {loops}",
  layout(width, height) {
    return { left: 40, right: width - 92, bottom: height - 20 };
  },
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays.right) return;
    const { left, right, bottom } = this.layout(width, height);
    const {
      values,
      shape: [rows, loops],
    } = asked.arrays.right;
    const { lengths, trained } = asked.meta;
    const high = (bottom - TOP) / rows;
    const now = view.at(t);
    const at = (r, s) => values[(rows - 1 - r) * loops + s];
    heat(
      pen,
      left,
      TOP,
      right - left,
      bottom - TOP,
      rows,
      loops,
      (r, s) => {
        const v = at(r, s);
        return Number.isFinite(v) ? 0.02 + 0.93 * v * v : 0;
      },
      colours,
    );
    for (let r = 0; r < rows; r++)
      if (r % everyRow(high) === 0)
        caption(pen, seen, lengths[rows - 1 - r], left - 6, TOP + (r + 0.5) * high + 4, "right");
    loopName(pen, seen, left, bottom);
    const key = ["letters; full blue: all are right, none: no tint", "letters; full blue: all right", "letters"];
    caption(pen, seen, fitting(pen, seen, key, width - 4), 4, 11);
    const every = tickStep(loops, 9);
    const wide = (right - left) / loops;
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, left + (s - 0.5) * wide, bottom + 14, "center");
    const beyond = lengths.filter((length) => length > trained).length;
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 4]);
    segment(pen, left, TOP + beyond * high, right + 6, TOP + beyond * high);
    pen.setLineDash([]);
    if (t) {
      pen.lineWidth = 2;
      pen.strokeRect(left + (now - 1) * wide, TOP, wide, bottom - TOP);
    }
    const column = Math.max(0, now - 1);
    for (let r = 0; r < rows; r++)
      if (Number.isFinite(at(r, column)) && r % everyRow(high) === 0)
        caption(
          pen,
          { ...seen, colours: { muted: colours.text } },
          percent(at(r, column)),
          right + 44,
          TOP + (r + 0.5) * high + 4,
          "right",
        );
    if (beyond) caption(pen, seen, "longer", right + 88, TOP + beyond * high - 5, "right");
  },
  describe({ view, t, asked }) {
    if (!asked?.arrays.right)
      return `Runs generated pairs of every length for ${plural(view.loops, "{loop}")} and counts the right answers.`;
    const loop = Math.max(1, view.at(t));
    const { trained, count, lengths } = asked.meta;
    const known = lengths.filter((_, row) => Number.isFinite(entry(asked.arrays.right, row, 0)));
    const far = known.length < lengths.length ? ` from ${known[0]} to ${known.at(-1)} so far` : "";
    const [inside, outside] = [0, 1].map((side) => entry(asked.arrays.means, side, loop - 1));
    const ends = (side) => between(...[0, 1].map((end) => entry(asked.arrays.interval, side, loop - 1, end)));
    const within = Number.isFinite(inside)
      ? `${percent(inside)} right ${ends(0)} up to ${Math.min(trained, known.at(-1))} letters`
      : "nothing is known yet";
    const beyond = Number.isFinite(outside)
      ? `, ${percent(outside)} ${ends(1)} beyond, where no word of training was`
      : "";
    const after = `${beforeFirst(t)}After ${plural(loop, "{loop}")}`;
    return `${after}, with ${count} pairs of each length${far}: ${within}${beyond}.`;
  },
  pick(x, y, { view, asked }, width, height) {
    const { left, right } = this.layout(width, height);
    return asked && x >= left && x <= right
      ? { loop: clamp(Math.ceil(((x - left) / (right - left)) * view.loops), 1, view.loops) }
      : null;
  },
  table({ asked }) {
    if (!asked?.arrays.right) return { columns: ["letters", "{loop}", "right"], rows: [] };
    const {
      values,
      shape: [rows, loops],
    } = asked.arrays.right;
    const lines = [];
    for (let r = 0; r < rows; r++)
      for (let s = 0; s < loops; s++) lines.push([asked.meta.lengths[r], s + 1, values[r * loops + s].toPrecision(4)]);
    return { columns: ["letters", "{loop}", "right"], rows: lines };
  },
};
