// Accuracy by number of loops, of all checkpoints of a task.

import { entry } from "../core/arrays.js";
import {
  beforeFirst,
  between,
  clamp,
  passesOf,
  passesOfAll,
  percent,
  plural,
  tenths,
  told,
  withEnds,
} from "../core/words.js";
import { AXIS, curve, loopName } from "../draw/axis.js";
import { caption, legendAbove, tick } from "../draw/legend.js";
import { seriesStyle } from "../draw/series.js";
import { disc, segment } from "../draw/surface.js";

// The cards whose loops are numbers; others were measured after as many loops as each input needs.
const onAxis = (cards) => cards.filter((card) => card.loops.every((s) => typeof s === "number"));

// Those that a figure shows of a run: a changed model has no card, and that of its checkpoint is not its own.
const shownCards = ({ meta, view }) => meta.cards.filter((card) => !isChanged(view) || card.name !== view.meta.base);
const isChanged = (view) => view.meta.changes?.length > 0;

const NEEDED = " Needed: as many as each {input} needs, one a step; longest: as the one that needs most.";

// Whether more are right than after the trained loops, by the 95 % interval of the difference.
function gainWords({ arrays, meta }, loop) {
  if (loop === meta.trained) return "";
  const found = ["fewer", "not surely more or fewer", "more"][1 + arrays.gain.values[loop - 1]];
  return `, ${found} than after ${plural(meta.trained, "{loop}")}`;
}

// What a card says: of validation inputs, on which choices were made, and of test inputs, on which none was.
function cardWords({ name, tests, passes, ...validation }) {
  const list = ({ loops, accuracy }) => loops.map((s, i) => `${tenths(accuracy[i])} at ${s}`).join(", ");
  const many = passesOf({ meta: { passes } }).loops;
  const tested = tests.map((test) => `; on ${test.n} test inputs: ${list(test)}`).join("");
  const needed = validation.loops.every((s) => typeof s === "number") ? "" : NEEDED;
  return `The card of ${name}, on ${validation.n} validation inputs: ${list(validation)} ${many}${tested}.${needed}`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "scaling",
  title: "Accuracy by loops",
  question: "What do more loops bring?",
  about: "model",
  needs: "probabilities",
  asks: { name: "scaling", words: "Run 200 held-out inputs", board: false },
  help:
    "Whole answers right, by number of loops, of all checkpoints of this task: looped models, TMLTs " +
    "and standard transformers, as measured for their cards (dots and thin lines; a standard transformer " +
    "has one dot, at its layers). Thick, when asked for: this checkpoint after every number of " +
    "loops, measured now on 200 held-out inputs. Compare two checkpoints to have both measured side " +
    "by side. The loop axis is logarithmic. Click to set the clock.",
  formula:
    "Share of inputs whose whole answer is right after t loops, as `python -m looped evaluate` " +
    "counts it: cards on generated held-out inputs (drawn: validation, on which choices were made), the live curve " +
    "on the first 200 of them. Intervals: Wilson, " +
    "95 %; one number of loops is called better than another if the interval of their difference (bootstrap over " +
    "the same inputs) is above zero.",
  drawing: "Share of right answers by number of loops",
  axis({ meta, view }, width) {
    const most = Math.max(view.loops, ...onAxis(meta.cards).flatMap((card) => card.loops));
    const right = width - 8;
    return {
      most,
      x: (s) => AXIS.left + ((right - AXIS.left) * Math.log2(s)) / (Math.log2(most) || 1),
      at: (px) => clamp(Math.round(2 ** (((px - AXIS.left) / (right - AXIS.left)) * Math.log2(most))), 1, view.loops),
      right,
    };
  },
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    const cards = onAxis(seen.meta.cards);
    const { most, x, right } = this.axis(seen, width);
    const now = view.at(t);
    const found = cards.findIndex((card) => card.name === view.meta.base);
    const [own] = seriesStyle(colours, found < 0 ? cards.length : found); // one of its own without a card on this axis
    const styleOf = (card) => seriesStyle(colours, cards.indexOf(card)); // the same beside a changed model
    const drawn = onAxis(shownCards(seen));
    const lines = drawn.map((card) => [card.name, ...styleOf(card)]);
    if (asked?.arrays.accuracy) lines.push(["measured now", own, []]);
    const top = legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right) + 4;
    const bottom = height - 20;
    const y = (v) => bottom - (bottom - top) * v;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const v of [0, 0.5, 1]) {
      segment(pen, AXIS.left, y(v), right, y(v));
      caption(pen, seen, percent(v), AXIS.left - 4, y(v) + 4, "right");
    }
    const passes = passesOfAll([view, ...drawn.map((card) => ({ meta: card }))]); // of all that is drawn over the axis
    const taken = loopName(pen, { ...seen, words: (text) => told(text, passes) }, AXIS.left, bottom);
    for (let s = 1; s <= most; s *= 2) if (x(s) > taken) tick(pen, seen, s, x(s), bottom + 14, width);
    drawn.forEach((card) => {
      const [tint, dash] = styleOf(card);
      pen.strokeStyle = pen.fillStyle = tint;
      pen.lineWidth = 1.4;
      pen.setLineDash(dash);
      pen.beginPath();
      card.loops.forEach((s, i) => (i ? pen.lineTo(x(s), y(card.accuracy[i])) : pen.moveTo(x(s), y(card.accuracy[i]))));
      pen.stroke();
      pen.setLineDash([]);
      card.loops.forEach((s, i) => {
        disc(pen, x(s), y(card.accuracy[i]), 3);
      });
    });
    if (asked?.arrays.accuracy) {
      const { values } = asked.arrays.accuracy;
      curve(pen, values.length, x, (s) => y(values[s - 1]), own, [], 3);
    }
    if (t) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1.5;
      segment(pen, x(now), top, x(now), bottom);
    }
  },
  describe({ view, t, asked, meta }) {
    const mine = view.meta.base;
    const card = meta.cards.find((one) => one.name === mine);
    const none = isChanged(view) ? "A changed model has no card." : `There is no card of ${mine}.`;
    const words = card && !isChanged(view) ? cardWords(card) : none;
    if (!asked?.arrays.accuracy) return words;
    const loop = Math.max(1, view.at(t));
    const { accuracy, interval } = asked.arrays;
    const ends = between(entry(interval, loop - 1, 0), entry(interval, loop - 1, 1));
    return (
      `${beforeFirst(t)}${view.meta.label}, measured now on ${asked.meta.runs} held-out inputs: ` +
      `${percent(accuracy.values[loop - 1])} ` +
      `right after ${plural(loop, "{loop}")} ${ends}${gainWords(asked, loop)}. ${words}`
    );
  },
  pick(x, y, seen, width) {
    return { loop: this.axis(seen, width).at(x) };
  },
  table({ asked, view, meta }) {
    const rowsOf = (name, kind, { loops, accuracy, interval }) =>
      loops.map((s, i) => [name, `card, ${kind}`, s, accuracy[i], ...(interval?.[i] ?? ["", ""])]);
    const rows = shownCards({ meta, view }).flatMap((card) => [
      ...rowsOf(card.name, "validation", card),
      ...card.tests.flatMap((test) => rowsOf(card.name, "test", test)),
    ]);
    if (asked?.arrays.accuracy)
      asked.arrays.accuracy.values.forEach((share, s) =>
        rows.push([
          view.meta.name,
          "now",
          s + 1,
          share.toPrecision(4),
          ...[0, 1].map((end) => entry(asked.arrays.interval, s, end).toPrecision(4)),
        ]),
      );
    return { columns: ["checkpoint", "measured", "loops", ...withEnds("right")], rows };
  },
};
