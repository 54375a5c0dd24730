// A small board for each digit: where it may stand.

import { entry, fromBits } from "../core/arrays.js";
import { listed, passing, sentence, short } from "../core/words.js";
import { cellAt, drawings, heat, ringCell } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

// The answer of a cell that is asked, and how likely it is.
function likelyWords(view, t, i, answer) {
  const name = sentence(view.geometry.name(i));
  const sure = view.chance(t, i);
  const tied = view.tied(t, i);
  if (tied === 1) return `${name} is most likely ${answer}, at ${sure}.`;
  return `${name}: ${tied} {tokens} are equally likely, at ${sure} each, the answer ${answer} among them.`;
}

// How likely a digit, from 1, stands in cell i; what is given is certain.
function chance({ view, t }, i, digit) {
  if (!view.asked[i]) return view.given[i] === digit ? 1 : 0;
  return t ? view.probability(t, i, digit) : 0;
}

// By how much the loop moved the field of a digit in cell i; 0 for a model without such fields.
function moved({ view, t }, i, digit) {
  const { field_moved: array } = view.arrays;
  return array && t ? entry(array, view.at(t) - 1, i, digit - 1) : 0;
}

// A ring in the corner of a cell, the larger the more the state of the candidate moved in this loop.
function drawMoved(pen, { colours, geometry }, [x, y], step, i, size) {
  const [row, column] = geometry.spot(i);
  const radius = step * 0.42 * Math.min(1, size);
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 1.2;
  pen.beginPath();
  pen.arc(x + (column + 0.5) * step, y + (row + 0.5) * step, radius, 0, 7);
  pen.stroke();
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "fields",
  title: "One board a digit",
  page: "sudoku",
  needs: "probabilities",
  help:
    "One small board for each {token}: the bluer {a place}, the more likely the model puts this {token} there; what " +
    "is given is certain. In a net with one position for each candidate that is what it computes with: a field of " +
    "states for each {token}. There a ring says how much the state of the candidate moved in this {loop}: as large " +
    "as " +
    "{a place} where it moved by its own size or more. Click to choose {a place}.",
  formula: "Shade: softmax of the logits of the {place}. Ring: ‖x_i[t] − x_i[t−1]‖ / √width, whose own size is 1.",
  drawing: "For each {token} a board that shows where it may stand",
  boards({ view, geometry }, width, height) {
    return drawings(view.vocab - 1, width, height, geometry);
  },
  draw(pen, seen, width, height) {
    const { colours, geometry, active } = seen;
    this.boards(seen, width, height).forEach(([x, y, side], k) => {
      const { rows, columns } = geometry;
      const step = side / Math.max(rows, columns);
      const value = (r, c) => 0.9 * chance(seen, geometry.at(r, c), k + 1);
      heat(pen, x, y, step * columns, step * rows, rows, columns, value, colours);
      for (let i = 0; i < geometry.n; i++) drawMoved(pen, seen, [x, y], step, i, moved(seen, i, k + 1));
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1;
      geometry.frame(pen, x, y, step);
      if (active != null) ringCell(pen, x, y, step, seen, active);
      const sign = geometry.sign(k + 1);
      const where = `where ${sign} stands`;
      const names = [`${where}; full blue: 100\u00a0%`, where, sign];
      caption(pen, seen, fitting(pen, seen, names, step * columns), x, y - 4);
    });
  },
  describe(seen) {
    const { view, t, active, geometry } = seen;
    const name = sentence(geometry.name(active));
    if (!t) return "No {loop} has run yet: only what is given is known.";
    const digit = view.digit(t, active);
    const own = view.asked[active]
      ? likelyWords(view, t, active, geometry.called(digit))
      : `${name} is given: ${geometry.called(digit)}.`;
    if (!view.arrays.field_most) return own;
    const s = view.at(t) - 1;
    const [, digits] = view.arrays.field_mean.shape;
    const most = fromBits(view.arrays.field_most.values[s], digits);
    if (!most.length) return `${own} No field moved in ${passing(view, t)}.`;
    const size = short(entry(view.arrays.field_mean, s, most[0] - 1));
    const fields =
      most.length === digits
        ? "all fields moved alike"
        : `the field${most.length > 1 ? "s" : ""} of ${listed(most.map((d) => geometry.sign(d)))} moved most`;
    return `${own} In ${passing(view, t)} ${fields}, by ${size} of ${most.length > 1 ? "their" : "its"} size.`;
  },
  pick(x, y, seen, width, height) {
    for (const drawing of this.boards(seen, width, height)) {
      const cell = cellAt(x, y, drawing, seen.geometry);
      if (cell != null) return { cell };
    }
    return null;
  },
  table(seen) {
    const { view, t, geometry } = seen;
    const digits = Array.from({ length: view.vocab - 1 }, (_, k) => k + 1);
    return {
      columns: ["{place}", ...digits.map((digit) => `chance of ${geometry.sign(digit)}`)],
      rows: Array.from({ length: geometry.n }, (_, i) => [
        geometry.name(i),
        ...digits.map((digit) => chance({ view, t }, i, digit).toPrecision(4)),
      ]),
    };
  },
};
