// A small board for each digit: where it may stand.

import { entry } from "../core/arrays.js";
import { passing, percent, sentence, short } from "../core/words.js";
import { cellAt, drawings, heat, ringCell } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

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
      ? `${name} is most likely ${geometry.called(digit)}, at ${percent(view.confidence(t, active))}.`
      : `${name} is given: ${geometry.called(digit)}.`;
    if (!view.arrays.field_most) return own;
    const s = view.at(t) - 1;
    const most = view.arrays.field_most.values[s];
    if (!most) return `${own} No field moved in ${passing(view, t)}.`;
    const size = short(entry(view.arrays.field_mean, s, most - 1));
    return `${own} In ${passing(view, t)} the field of ${geometry.sign(most)} moved most, by ${size} of its size.`;
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
