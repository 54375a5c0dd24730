// What a change of one cell or head in one loop does to an answer.

import { entry, nearest } from "../core/arrays.js";
import { plural, short, signed } from "../core/words.js";
import { AXIS, loopName } from "../draw/axis.js";
import { cellAt, heat, largest, smallBoard } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

const TOP = 20; // pixels above the map for its key

// What the fullest tints stand for, in fewer and fewer words.
const keyWords = (most) => [
  `full blue: ${most} gained, full orange: ${most} lost (margin)`,
  `blue: up to ${most} gained, orange: lost`,
  `blue +${most}, orange −${most}`,
  `blue +${most}`,
];

// A head by its number, and by its layer where a block has several: `thing` counts the heads of all its layers.
function headName(thing, things, heads) {
  const layer = things > heads ? `, layer ${Math.floor(thing / heads) + 1}` : "";
  return `${(thing % heads) + 1}${layer}`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "effect",
  title: "What causes this answer",
  question: "What causes the answer in this {place}?",
  about: "place",
  needs: "attention",
  asks: ({ mode }) => ({
    name: mode,
    cell: true,
    free: true,
    words: mode === "heads" ? "Cut every head in every {loop}" : "Knock every {place} back at every {loop}",
  }),
  modes: [
    ["cells", "{places}"],
    ["heads", "heads"],
  ],
  blank: true,
  help:
    "One thing is changed in one {loop}, the run goes on to its end, and the answer in the chosen {place} " +
    "is compared: “{places}” puts the hidden state of one {place} back to its start after that {loop}, " +
    "“heads” cuts one head in that {loop}. Orange: the answer lost ground (its logit against the best " +
    "other one); blue: it gained. An outlined square: at the end the answer in some {place} is another " +
    "one. Heat map: a column for each {loop} that was tried. Left: the {input} at the tried {loop} that is " +
    "nearest to the clock. Click to choose {a place} or set the clock.",
  formula:
    "Δ margin = (z[answer] − max over others z) after the changed run − the same after the plain " +
    "run; z are the logits of the chosen {place} after the last {loop}. What was taken away for one {loop} " +
    "may be written again by the next.",
  drawing: "Effect on the chosen {place}'s answer of a change in every {loop} and {place}, or head",
  layout(width, height, mode) {
    return mode === "heads"
      ? { board: null, left: 62 }
      : { board: [4, 16, Math.min(height - 22, width * 0.36)], left: Math.min(height - 22, width * 0.36) + 48 };
  },
  draw(pen, seen, width, height) {
    const { view, t, asked, mode, colours, geometry } = seen;
    const { board, left } = this.layout(width, height, mode);
    if (!asked) return;
    const { margin, changed, at } = asked.arrays;
    const [loops, things] = margin.shape;
    const top = largest([...margin.values].filter(Number.isFinite)) || 1;
    if (!margin.values.some(Number.isFinite)) return;
    const strength = (v) =>
      Number.isNaN(v)
        ? NaN
        : Math.sign(v) * Math.max(Math.abs(v) / top < 0.01 ? 0 : 0.1, Math.sqrt(Math.abs(v) / top) * 0.95);
    const right = width - AXIS.right;
    const bottom = height - 20;
    const here = nearest(at.values, Math.max(0, view.at(t) - 1));
    const wide = (right - left) / loops;
    const high = (bottom - TOP) / things;
    caption(pen, seen, fitting(pen, seen, keyWords(short(top)), right - left), left, 12);
    heat(
      pen,
      left,
      TOP,
      right - left,
      bottom - TOP,
      things,
      loops,
      (r, c) => strength(margin.values[c * things + r]),
      colours,
    );
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    for (let c = 0; c < loops; c++)
      for (let r = 0; r < things; r++)
        if (changed.values[c * things + r] > 0)
          pen.strokeRect(left + c * wide + 0.5, TOP + r * high + 0.5, wide - 1, high - 1);
    pen.lineWidth = 2;
    pen.strokeRect(left + here * wide, TOP, wide, bottom - TOP);
    for (let c = 0; c < loops; c += Math.ceil(loops / 8))
      caption(pen, seen, at.values[c] + 1, left + (c + 0.5) * wide, bottom + 14, "center");
    loopName(pen, seen, left, bottom);
    if (mode === "heads") {
      for (let r = 0; r < things; r++) {
        const head = `head ${headName(r, things, view.meta.heads)}`;
        caption(pen, seen, head, left - 6, TOP + (r + 0.5) * high + 4, "right");
      }
    } else {
      caption(pen, seen, "{places}", left - 6, TOP + 10, "right");
      smallBoard(
        pen,
        ...board,
        seen,
        (i) => strength(margin.values[here * things + i]),
        asked.cell,
        `after {loop} ${at.values[here]}`,
      );
    }
  },
  describe({ view, asked, mode, geometry, chosen }) {
    if (!asked) {
      return (
        `Asks for the answer {at} ${geometry.name(chosen)}: every ${mode === "heads" ? "head" : "{place}"} is ` +
        "changed in up to 16 {loops}, one at a time, and the run is run to its end each time."
      );
    }
    const { margin, at } = asked.arrays;
    const { worst, turned, tried } = asked.meta;
    if (!tried) return "The first change is being tried.";
    const [row, thing] = worst;
    const loop = at.values[row];
    const what =
      mode === "heads"
        ? `cutting head ${headName(thing, margin.shape[1], view.meta.heads)} in {loop} ${loop + 1}`
        : `putting ${geometry.name(thing)} back after {loop} ${loop}`;
    const left = turned
      ? `${plural(turned, "change")} of ${tried} left another answer somewhere on the {input}.`
      : "None of them left another answer on the {input}.";
    return (
      `For the ${geometry.called(asked.meta.answer)} {at} ${geometry.name(asked.cell)} the worst of ` +
      `${plural(tried, "change")} was ${what}: its margin moved by ` +
      `${signed(entry(margin, row, thing), short)}. ${left}`
    );
  },
  pick(x, y, { asked, mode, geometry }, width, height) {
    if (!asked) return null;
    const { board, left } = this.layout(width, height, mode);
    const cell = board && cellAt(x, y, board, geometry);
    if (cell != null) return { cell };
    const { at } = asked.arrays;
    const column = Math.floor(((x - left) / (width - AXIS.right - left)) * at.values.length);
    return column >= 0 && column < at.values.length ? { loop: at.values[column] + 1 } : null;
  },
  table({ view, asked, mode, geometry }) {
    const rows = [];
    if (asked) {
      const { margin, probability, changed, at } = asked.arrays;
      const [loops, things] = margin.shape;
      for (let c = 0; c < loops; c++)
        for (let r = 0; r < things; r++)
          rows.push([
            ...(mode === "heads"
              ? [at.values[c] + 1, headName(r, things, view.meta.heads)]
              : [at.values[c], geometry.name(r)]),
            ...[margin, probability, changed].map((array) => array.values[c * things + r].toPrecision(5)),
          ]);
    }
    return {
      columns: [
        ...(mode === "heads" ? ["{loop}", "head"] : ["after {loops}", "{place}"]),
        "change of the margin",
        "change of the probability",
        "positions with another answer",
      ],
      rows,
    };
  },
};
