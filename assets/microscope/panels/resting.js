// Whether rest means right: at rest or not, right or wrong, and what a small step tells.

import { entry } from "../core/arrays.js";
import { listed, plural, withEnds } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, fitting, legendAbove } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const NAMES = ["a small step", "a high confidence"];
const TELLS = { 1: "speaks for a right answer", 0: "tells nothing sure", [-1]: "speaks for a wrong answer" };

// The entries of the table of four, [row, column, name].
const FOUR = ["at rest", "not at rest"].flatMap((rest, r) =>
  ["right", "wrong"].map((verdict, c) => [r, c, `${rest} and ${verdict} at the end`]),
);

// The width of the chart over loops; the table of four stands beside it.
const chartWide = (width) => width * 0.56;

// What the area under the ROC curve of number k says after loop s + 1.
function tellWords({ area, tells }, k, s) {
  const value = entry(area, k, s, 0);
  if (!Number.isFinite(value)) return null;
  const ends = `95\u00a0%: ${entry(area, k, s, 1).toFixed(2)} to ${entry(area, k, s, 2).toFixed(2)}`;
  return `${NAMES[k]} ${TELLS[entry(tells, k, s)]} (AUC ${value.toFixed(2)}, ${ends})`;
}

// How many of the runs that are at rest, or not, are wrong, and how many there are of each verdict.
function partWords(what, right, wrong, verdicts) {
  if (!right && !wrong) return `none ${what}`;
  const named = `${right + wrong} ${what} (${verdicts.map(([kind, many]) => `${kind} ${many}`).join(", ")})`;
  if (!right || !wrong) return `${named}, all ${right ? "right" : "wrong"}`;
  return `${named}, ${wrong} of them wrong`;
}

// Where there are no curves, and why.
function bareWords({ alike, runs }) {
  const where = ([first, last]) => (first === last ? `after loop ${first}` : `after loops ${first} to ${last}`);
  const told = alike.map((one) => `${where(one)} (all ${runs} are ${one[2] ? "right" : "wrong"})`);
  return told.length ? ` There are no curves ${listed(told)}.` : "";
}

// What the numbers tell after the loop on the clock.
function nowWords({ arrays, meta }, t) {
  if (!t) return "Before the first loop there is nothing to tell right from wrong by.";
  const told = [0, 1].map((k) => tellWords(arrays, k, t - 1)).filter(Boolean);
  const good = meta.alike.find(([first, last]) => first <= t && t <= last)?.[2];
  const none = `all ${meta.runs} are ${good ? "right" : "wrong"}, so nothing can tell them apart`;
  return `After ${plural(t, "loop")}: ${told.join("; ") || none}.`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "resting",
  title: "Rest and rightness",
  question: "Does rest mean right?",
  about: "model",
  needs: "probabilities",
  asks: ({ mode }) => ({
    name: mode === "minimal" ? "resting_minimal" : "resting",
    words: mode === "minimal" ? "Run hard {inputs}" : "Run 64 held-out {inputs}",
    board: false,
  }),
  modes: [
    ["ordinary", "ordinary {inputs}"],
    ["minimal", "hard {inputs}", "hardest inputs"],
  ],
  blank: true,
  help:
    "Right: how many runs are at rest or not when they end, and how many of each are right. Left, by " +
    "loop: how well a small step, and how well a high confidence, tells right runs from wrong ones. 1: every " +
    "right run moves less than every wrong one; 0.5: it tells nothing; there is no curve where all are right or " +
    "all wrong. Only where the curve is near 1 may “it hardly moves” be read as “it is right”, for this model and " +
    "such {inputs}. Click to set the clock.",
  formula:
    "AUC: the share of pairs of a right and a wrong run in which the right one has the smaller ‖h[t+1] − h[t]‖ / " +
    "‖h[t]‖, or the higher mean of the largest probability; ties count one half. Intervals: bootstrap over " +
    "{inputs}, 95 %. At rest: where the verdict of the panel Fixed point is reached or converged; the sentence " +
    "counts the verdicts.",
  drawing: "How well small steps and confidence tell right runs from wrong ones; at rest against right",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { area } = asked.arrays;
    const wide = chartWide(width);
    const lines = [
      [NAMES[0], colours.accent, []],
      [NAMES[1], colours.warm, [6, 3]],
    ];
    const top = legendAbove(pen, seen, lines, AXIS.left, wide) + ABOVE;
    const bottom = height - 20;
    const y = (value) => bottom - (bottom - top) * value;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const value of [0, 0.5, 1]) {
      segment(pen, AXIS.left, y(value), wide - AXIS.right, y(value));
      caption(pen, seen, value, AXIS.left - 5, y(value) + 4, "right");
    }
    const x = loopAxis(pen, seen, wide, top, bottom, view.loops, view.meta.trained_loops, view.at(t));
    curve(pen, view.loops, x, (s) => y(entry(area, 1, s - 1, 0)), colours.warm, [6, 3], 1.8);
    curve(pen, view.loops, x, (s) => y(entry(area, 0, s - 1, 0)), colours.accent);
    for (const [first, last, good] of asked.meta.alike) {
      const words = fitting(pen, seen, [`all ${good ? "right" : "wrong"}`, ""], x(last) - x(first) - 4);
      caption(pen, seen, words, (x(first) + x(last)) / 2, y(0.5) - 4, "center");
    }
    this.four(pen, seen, wide + 20, top, width - wide - 20 - AXIS.right, bottom - top);
  },
  // The table of four: at rest or not by right or wrong.
  four(pen, seen, left, top, wide, high) {
    const { asked, colours } = seen;
    const label = Math.min(72, wide * 0.36);
    const [cell, row] = [(wide - label) / 2, (high - 16) / 2];
    ["right", "wrong"].forEach((name, c) => {
      caption(pen, seen, name, left + label + (c + 0.5) * cell, top + 10, "center");
    });
    ["at rest", "not at rest"].forEach((name, r) => {
      const y = top + 16 + r * row;
      caption(pen, seen, name, left + label - 6, y + row / 2 + 4, "right");
      for (const c of [0, 1]) {
        const count = entry(asked.arrays.table, r, c);
        pen.fillStyle = c ? colours.warm : colours.accent;
        pen.globalAlpha = (0.6 * count) / asked.meta.runs;
        pen.fillRect(left + label + c * cell, y, cell, row);
        pen.globalAlpha = 1;
        pen.strokeStyle = colours.line;
        pen.strokeRect(left + label + c * cell, y, cell, row);
        pen.fillStyle = colours.text;
        pen.textAlign = "center";
        pen.fillText(count, left + label + (c + 0.5) * cell, y + row / 2 + 4);
      }
    });
  },
  describe({ view, t, asked, mode }) {
    const which = mode === "minimal" ? "hard {inputs} ({hardest})" : "64 held-out {inputs}";
    if (!asked?.arrays) return `Runs ${which} and counts which come to rest and which are right.`;
    const { arrays, meta } = asked;
    const of = (r, c) => entry(arrays.table, r, c);
    const lost = arrays.lost.values[view.loops - 1];
    return (
      `Of ${plural(meta.runs, "{input}", "{inputs}")} (${meta.data}), after ${plural(view.loops, "loop")}: ` +
      `${partWords("at rest", of(0, 0), of(0, 1), meta.verdicts[0])}; ` +
      `${partWords("not at rest", of(1, 0), of(1, 1), meta.verdicts[1])}; ` +
      `${lost || "none"} ${lost > 1 ? "were" : "was"} right and lost. ` +
      `${nowWords(asked, view.at(t))}${bareWords(meta)}`
    );
  },
  pick: (x, y, { view }, width) => (x > chartWide(width) ? null : { loop: loopAt(x, chartWide(width), view.loops) }),
  table({ asked }) {
    const measured = NAMES.flatMap((name) => withEnds(`AUC of ${name}`));
    const columns = ["loop", "right and lost", ...measured, ...FOUR.map(([, , name]) => name)];
    if (!asked?.arrays) return { columns, rows: [] };
    const { area, lost, table } = asked.arrays;
    const last = lost.values.length - 1; // the table of four is of the end of the run
    const rows = [...lost.values].map((count, s) => [
      s + 1,
      count,
      ...[0, 1].flatMap((k) => [0, 1, 2].map((end) => entry(area, k, s, end).toPrecision(4))),
      ...FOUR.map(([r, c]) => (s === last ? entry(table, r, c) : "")),
    ]);
    return { columns, rows };
  },
};
