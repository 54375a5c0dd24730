// The true table of two words beside the attention between their letters.

import { entry, headIndex, meanWeight } from "../core/arrays.js";
import { percent } from "../core/words.js";
import { heat } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { caption, fitting } from "../draw/legend.js";
import { tableAt, tableGrid, tableLetters, tableNumbers, tableRing } from "../draw/letters.js";

// Mean attention, of the heads shown, between letter i of the first word and letter j of the second, both from 0.
function wordWeight(seen, i, j) {
  const { view, t, layer, mode, geometry } = seen;
  const a = geometry.at(0, i);
  const b = geometry.at(1, j);
  const [from, to] = mode === "back" ? [b, a] : [a, b];
  return meanWeight(view, t, layer, headsShown(seen), from, to);
}

function halves(seen, width, height) {
  return [
    tableGrid(seen, 0, 0, width / 2 - 14, height - 4),
    tableGrid(seen, width / 2 + 6, 0, width / 2 - 14, height - 4),
  ];
}

// In place of the attention before the first loop: the frame that it will stand in, and why it is empty.
function sayNothingYet(pen, seen, { x, y, step, rows, columns }) {
  const wide = step * columns;
  pen.strokeStyle = seen.colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(x + step, y + step, wide - step, step * (rows - 1));
  const words = ["attention: from {loop} 1 on", "from {loop} 1 on", "{loop} 1 on"];
  const said = fitting(pen, seen, words, wide - step);
  caption(pen, seen, said, x + (wide + step) / 2, y + (step * (rows + 1)) / 2, "center");
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "table",
  title: "Table and attention",
  page: "sequences",
  question: "Do the letters find each other?",
  about: "run",
  needs: "table",
  modes: [
    ["forth", "first → second"],
    ["back", "second → first"],
  ],
  help:
    "Left: the true table of dynamic programming, which no one has shown to the model. The number in " +
    "a square belongs to the first letters of one word down to this row and of the other up to this " +
    "column; it follows from its three neighbours, and the last one, framed, is the answer: of an edit " +
    "distance, where a letter put in or taken out costs 2 and one replaced 3, or the letters in common. Squares " +
    "of equal letters are shaded. Right, on the same letters: how much every letter of one word " +
    "looks at every letter of the other in this {loop}, by the head that is chosen above the panel " +
    "“Attention”, or the mean of all. Equal letters that find each other make the same pattern as " +
    "the shaded squares. Click a row or a column to choose its letter.",
  formula:
    "Edit distance: D[i, j] = min(D[i−1, j] + 2, D[i, j−1] + 2, D[i−1, j−1] + (3 where the letters " +
    "differ)). Longest common subsequence: L[i, j] = L[i−1, j−1] + 1 where the letters are equal, " +
    "else max(L[i−1, j], L[i, j−1]). Attention: A[i, j] at the {loop} on the clock, recorded from " +
    "the run.",
  drawing: "The table of the two words, and the attention between their letters",
  draw(pen, seen, width, height) {
    const { view, t, colours } = seen;
    const [left, right] = halves(seen, width, height);
    const { rows, columns, first, second, step } = left;
    const table = view.arrays.table.values;
    const equal = (i, j) => i > 0 && j > 0 && first[i - 1] === second[j - 1];
    heat(pen, left.x, left.y, columns * step, rows * step, rows, columns, (i, j) => (equal(i, j) ? 0.22 : 0), colours);
    tableLetters(pen, seen, left);
    tableNumbers(pen, seen, left, (i, j) => table[i * columns + j]);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 2;
    pen.strokeRect(left.x + (columns - 1) * step + 1, left.y + (rows - 1) * step + 1, step - 2, step - 2);
    tableLetters(pen, seen, right);
    if (t) {
      let top = 0;
      for (let i = 1; i < rows; i++)
        for (let j = 1; j < columns; j++) top = Math.max(top, wordWeight(seen, i - 1, j - 1));
      heat(
        pen,
        right.x,
        right.y,
        columns * step,
        rows * step,
        rows,
        columns,
        (i, j) => (i && j ? 0.9 * Math.sqrt(wordWeight(seen, i - 1, j - 1) / (top || 1)) : 0),
        colours,
      );
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1;
      for (let i = 1; i < rows; i++)
        for (let j = 1; j < columns; j++)
          if (equal(i, j)) pen.strokeRect(right.x + j * step + 1, right.y + i * step + 1, step - 2, step - 2);
    }
    for (const grid of [left, right]) tableRing(pen, seen, grid);
    if (!t) sayNothingYet(pen, seen, right);
  },
  describe(seen) {
    const { view, t, mode, layer, meta } = seen;
    const [first, second] = meta.words;
    if (!t) return "No attention yet: the first {loop} has not run.";
    const back = mode === "back";
    const head = headIndex(seen);
    const where = [view.at(t) - 1, layer, head];
    const [across, same, weight] = [0, 1, 2].map((k) => entry(view.arrays.across, Number(back), k, ...where));
    const [i, j] = [0, 1].map((word) => entry(view.arrays.across_most, Number(back), ...where, word));
    const one = `${first[i]} (${i + 1})`;
    const two = `${second[j]} (${j + 1})`;
    const heads = head === view.meta.heads ? "Mean of all heads" : `Head ${head + 1}`;
    const most = `most from ${back ? `${two} to ${one}` : `${one} to ${two}`} (${percent(weight)}, full blue)`;
    const even = view.meta.across_even;
    const equal = even
      ? `Of what goes across ${percent(same || 0)} joins equal letters; spread evenly it would be ${percent(even)}.`
      : "The words have no letter in common.";
    return (
      `${heads}: ${percent(across)} of the attention of the ${back ? "second" : "first"} word's ` +
      `letters goes to the other word's, ${most}. ${equal}`
    );
  },
  pick(x, y, seen, width, height) {
    for (const grid of halves(seen, width, height)) {
      const at = tableAt(x, y, grid);
      if (!at) continue;
      const [i, j] = at;
      const row = seen.geometry.spot(seen.chosen)?.[0] === 0;
      // A second click goes to the other word.
      if (i && j) return { cell: row ? seen.geometry.at(1, j - 1) : seen.geometry.at(0, i - 1) };
      if (i || j) return { cell: i ? seen.geometry.at(0, i - 1) : seen.geometry.at(1, j - 1) };
    }
    return null;
  },
  table(seen) {
    const { view } = seen;
    const {
      shape: [rows, columns],
      values,
    } = view.arrays.table;
    const lines = [];
    for (let t = 1; t <= view.loops; t++)
      for (let i = 1; i < rows; i++)
        for (let j = 1; j < columns; j++)
          lines.push([t, i, j, values[i * columns + j], wordWeight({ ...seen, t }, i - 1, j - 1).toPrecision(4)]);
    return {
      columns: ["{loop}", "letters of the first word", "letters of the second word", "table", "attention"],
      rows: lines,
    };
  },
};
