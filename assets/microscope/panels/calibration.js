// How far the probabilities of the readout may be believed, loop by loop.

import { entry } from "../core/arrays.js";
import { beforeFirst, inPoints, percent, plural, points, withEnds } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const SURE = {
  1: "more right answers than there are: it is too sure",
  0: "about as many right answers as there are",
  [-1]: "fewer right answers than there are: it is not sure enough",
};

// The width of the chart over loops; the diagram of the loop on the clock stands beside it.
const chartWide = (width) => width * 0.58;

/** @type {import("../core/types.js").Panel} */
export default {
  name: "calibration",
  title: "Calibration",
  question: "Can its probabilities be believed?",
  about: "model",
  needs: "probabilities",
  asks: { name: "calibration", words: "Run 64 held-out {inputs}", board: false },
  blank: true,
  help:
    "Of all answers given with a probability of 80 %, four in five should be right. Left, by {loop}: the " +
    "calibration error (how far off that is), the share of answers that the model is committed to (above 90 %), " +
    "and the share of wrong ones among those. Right, after the {loop} on the clock: answers sorted by probability, " +
    "a dot for each tenth, its height the share that is right; on the dashed line a probability is what it says. " +
    "The larger the dot, the more answers. Measured on 64 held-out {inputs}; other {inputs} may be different. " +
    "Click to set the clock.",
  formula:
    "Calibration error (ECE, 1706.04599): Σ over ten bins of n/N · |mean probability − share right|, over all " +
    "answers asked. Committed: largest probability above 0.9. Interval: bootstrap over {inputs}.",
  drawing: "Calibration error, commitment and wrong commitments over {loops}; share right by probability",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { error, committed, wrong } = asked.arrays;
    const wide = chartWide(width);
    const lines = [
      ["error", colours.accent, []],
      ["committed", colours.cool, [2, 3]],
      ["wrong of those", colours.warm, [6, 3]],
    ];
    const top = legendAbove(pen, seen, lines, AXIS.left, wide) + ABOVE;
    const bottom = height - 20;
    const y = (share) => bottom - (bottom - top) * share;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const share of [0, 0.5, 1]) {
      segment(pen, AXIS.left, y(share), wide - AXIS.right, y(share));
      caption(pen, seen, percent(share), AXIS.left - 4, y(share) + 4, "right");
    }
    const x = loopAxis(pen, seen, wide, top, bottom, view.loops, view.meta.trained_loops, view.at(t));
    curve(pen, view.loops, x, (s) => y(committed.values[s - 1]), colours.cool, [2, 3], 1.8);
    curve(pen, view.loops, x, (s) => y(wrong.values[s - 1]), colours.warm, [6, 3], 1.8);
    curve(pen, view.loops, x, (s) => y(error.values[s - 1]), colours.accent);
    this.diagram(pen, seen, [wide + 34, top, width - wide - 34 - AXIS.right, bottom - top]);
  },
  // Share right against probability, after the loop on the clock.
  diagram(pen, { view, t, asked, colours, ...rest }, [left, top, wide, high]) {
    const seen = { colours, ...rest };
    const { counts, probability, accuracy } = asked.arrays;
    const s = Math.max(1, view.at(t)) - 1;
    const bins = counts.shape[1];
    const x = (p) => left + wide * p;
    const y = (p) => top + high * (1 - p);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, wide, high);
    pen.setLineDash([4, 4]);
    segment(pen, x(0), y(0), x(1), y(1));
    pen.setLineDash([]);
    pen.fillStyle = colours.accent;
    for (let k = 0; k < bins; k++) {
      if (!entry(counts, s, k)) continue;
      const share = entry(counts, s, k) / asked.meta.answers;
      disc(pen, x(entry(probability, s, k)), y(entry(accuracy, s, k)), 2.5 + 6 * Math.sqrt(share));
    }
    caption(pen, seen, "0", x(0), y(0) + 14, "center");
    caption(pen, seen, wide > 110 ? "probability" : "p", x(0.5), y(0) + 14, "center");
    caption(pen, seen, "1", x(1), y(0) + 14, "center");
    caption(pen, seen, wide > 80 ? "right" : "", x(0) + 4, y(1) + 13);
  },
  describe({ view, t, asked }) {
    if (!asked?.arrays) return "Runs 64 held-out {inputs} and compares how sure answers are with how many are right.";
    const { error, gap, too_sure: sure, committed, wrong, decimals } = asked.arrays;
    const s = Math.max(1, view.at(t)) - 1;
    const digits = decimals.values[s];
    const off = wrong.values[s];
    const [mean, low, high] = [0, 1, 2].map((k) => entry(gap, s, k));
    const less = sure.values[s] < 0; // fewer by a positive number
    const by = points(less ? [-mean, -high, -low] : [mean, low, high], digits);
    const lost = Number.isFinite(off) ? `, ${percent(off)} of them wrong` : "";
    return (
      `${beforeFirst(t)}After ${plural(s + 1, "{loop}")}, ` +
      `on ${plural(asked.meta.runs, "held-out {input}", "held-out {inputs}")} ` +
      `(${asked.meta.data}): ` +
      `calibration error ${inPoints(error.values[s], digits)} points. ` +
      `The probabilities promise ${SURE[sure.values[s]]} (by ${by}). ` +
      `The model is committed (above 90\u00a0%) to ${percent(committed.values[s])} of the answers${lost}.`
    );
  },
  pick: (x, y, { view }, width) => (x > chartWide(width) ? null : { loop: loopAt(x, chartWide(width), view.loops) }),
  table({ asked }) {
    const columns = ["{loop}", "calibration error, points", ...withEnds("mean probability − share right, points")];
    columns.push("share committed", "share wrong of those");
    if (!asked?.arrays) return { columns, rows: [] };
    const { error, gap, committed, wrong } = asked.arrays;
    const rows = [...error.values].map((value, s) => [
      s + 1,
      ...[value, ...[0, 1, 2].map((k) => entry(gap, s, k))].map((share) => (100 * share).toPrecision(4)),
      ...[committed.values[s], wrong.values[s]].map((share) => share.toPrecision(4)),
    ]);
    return { columns, rows };
  },
};
