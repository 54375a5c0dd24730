// Agreement with the plain run at other temperatures of the softmax.

import { clamp, percent } from "../core/words.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, everyRow, fitting } from "../draw/legend.js";

const TOP = 18; // pixels, for the name of the rows

/** @type {import("../core/types.js").Panel} */
export default {
  name: "temperature",
  title: "Softmax to hardmax",
  question: "What if attention were sharper?",
  about: "whatif",
  needs: "attention",
  asks: { name: "temperature", words: "Run ten temperatures" },
  blank: true,
  help:
    "The same weights with sharper or flatter attention: a row for each temperature, a column for " +
    "each {loop}. The bluer, the more {asked_many} have the answer of the plain run after as many {loops}; an " +
    "outlined square is {a input} that is right. 0 is hardmax, which looks only at the best match, as " +
    "in the constructions of the theory; 1 is that of training. Click to set the " +
    "clock; compare with “temperature” under What if to see it on the {input}.",
  formula:
    "Attention = softmax(q·k / (√d · temperature)); 0: all weight on the largest score, shared " +
    "between equals (2410.01405, Theorem 3.6).",
  drawing: "Agreement with the plain run at ten temperatures, over the {loops}",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked) return;
    const { same, right } = asked.arrays;
    const { temperatures } = asked.meta;
    const rows = temperatures.length;
    const { loops } = view;
    const left = 44;
    const bottom = height - 20;
    const wide = (width - AXIS.right - left) / loops;
    const high = (bottom - TOP) / rows;
    const now = view.at(t);
    heat(
      pen,
      left,
      TOP,
      width - AXIS.right - left,
      bottom - TOP,
      rows,
      loops,
      (r, c) => 0.85 * same.values[r * loops + c] ** 2,
      colours,
    );
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < loops; c++)
        if (right.values[r * loops + c]) pen.strokeRect(left + c * wide + 1, TOP + r * high + 1, wide - 2, high - 2);
    temperatures.forEach((value, r) => {
      if (r % everyRow(high) === 0) caption(pen, seen, value, left - 6, TOP + (r + 0.5) * high + 4, "right");
    });
    loopName(pen, seen, left, bottom);
    const alike = "temperature; full blue: all answers as in the plain run";
    const key = [`${alike}; outlined: right`, alike, "temperature; blue: as plain", "temperature"];
    caption(pen, seen, fitting(pen, seen, key, width - 4), 4, 11);
    const every = tickStep(loops, 9);
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, left + (s - 0.5) * wide, bottom + 14, "center");
    if (t) {
      pen.lineWidth = 2;
      pen.strokeRect(left + (now - 1) * wide, TOP, wide, bottom - TOP);
    }
  },
  describe({ view, asked }) {
    if (!asked)
      return (
        "Runs the same weights on this {input} at ten temperatures of the softmax, from hardmax (0) to " +
        "nearly even attention (4)."
      );
    const { right_at: good, hard } = asked.meta;
    const first = good.length
      ? `After the last {loop} the {input} is right at temperature${good.length > 1 ? "s" : ""} ${good.join(", ")}.`
      : "After the last {loop} the {input} is right at no temperature that was tried.";
    const right = view.meta.unjudged ? "What was run is a copy, so it is called right at no temperature." : first;
    if (!hard) return right;
    if (hard.first == null) return `${right} Hardmax never answers differently.`;
    return (
      `${right} Hardmax answers differently from {loop} ${hard.first} on; at the end ` +
      `${percent(hard.agree)} of the {asked_many} agree.`
    );
  },
  pick: (x, y, { view }, width) =>
    x < 44 ? null : { loop: clamp(Math.ceil(((x - 44) / (width - AXIS.right - 44)) * view.loops), 1, view.loops) },
  table({ view, asked }) {
    const rows = [];
    if (asked)
      asked.meta.temperatures.forEach((value, r) => {
        for (let c = 0; c < view.loops; c++)
          rows.push([
            value,
            c + 1,
            asked.arrays.same.values[r * view.loops + c].toPrecision(4),
            asked.arrays.right.values[r * view.loops + c],
          ]);
      });
    return { columns: ["temperature", "{loop}", "{asked_many} with the plain run's answer", "right"], rows };
  },
};
