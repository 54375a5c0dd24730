// How much each example has to do with the prediction at the chosen query, by two methods.

import { beforeFirst, plural, sentence, signed, small } from "../core/words.js";
import { AXIS } from "../draw/axis.js";
import { largest } from "../draw/board.js";
import { caption, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

// The scores of all examples by a method: 0 gradients, 1 taken away; NaN where not known yet.
function scoresOf(asked, row) {
  const { values, shape } = asked.arrays.influence;
  return values.subarray(row * shape[1], (row + 1) * shape[1]);
}

// Where an example and a score stand.
function chart({ asked, geometry }, top, width, height) {
  const most = largest([0, 1].flatMap((row) => [...scoresOf(asked, row)].filter(Number.isFinite))) || 1;
  const bottom = height - 20;
  const slot = (width - AXIS.right - AXIS.left) / Math.max(1, geometry.examples);
  return {
    most,
    bottom,
    slot,
    x: (i) => AXIS.left + (i + 0.5) * slot,
    y: (score) => (top + bottom) / 2 - ((bottom - top) / 2) * (score / most),
  };
}

const TOP = 24; // pixels above the chart where it is only pointed at

/** @type {import("../core/types.js").Panel} */
export default {
  name: "influence",
  title: "Which example decided",
  page: "in-context",
  question: "Which {clue} decided this prediction?",
  about: "place",
  needs: "reach_distance",
  asks: { name: "influence", cell: true, loop: true, free: true, words: "Weigh the examples" },
  blank: true,
  help:
    "How much each example moves the prediction at the chosen query after this {loop}, in the units of y. Bars: " +
    "integrated gradients, which share out the whole difference to a prompt whose examples are all at y = 0. Dots: " +
    "what the prediction loses when the example is taken away alone. The two differ where examples stand in for " +
    "each other: one of two near neighbours can be taken away without harm. Point at a bar for its example, click " +
    "to choose it.",
  formula:
    "Bar: yᵢ · ∫ ∂ŷ/∂yᵢ dα along the values α · y of all examples (1703.01365; 32 points, midpoint rule). Dot: ŷ of " +
    "all examples − ŷ without example i, whose prompt is run anew.",
  drawing: "Share of every example in the prediction at the chosen query, by two methods",
  draw(pen, seen, width, height) {
    const { asked, colours, geometry, hover } = seen;
    if (!asked?.arrays.influence) return;
    const lines = [
      ["gradients", colours.accent, []],
      ["taken away", colours.warm, "●"],
    ];
    const top = legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right);
    const { most, bottom, slot, x, y } = chart(seen, top, width, height);
    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    for (const score of [-most, 0, most]) {
      segment(pen, AXIS.left, y(score), width - AXIS.right, y(score));
      caption(pen, seen, signed(score, small), AXIS.left - 5, y(score) + 4, "right");
    }
    const [shares, losses] = [scoresOf(asked, 0), scoresOf(asked, 1)];
    for (let i = 0; i < geometry.examples; i++) {
      pen.globalAlpha = hover == null || hover === i || hover >= geometry.examples ? 0.85 : 0.35;
      pen.fillStyle = colours.accent;
      pen.fillRect(x(i) - 0.3 * slot, Math.min(y(0), y(shares[i])), 0.6 * slot, Math.abs(y(shares[i]) - y(0)));
      pen.fillStyle = colours.warm;
      if (Number.isFinite(losses[i])) disc(pen, x(i), y(losses[i]), Math.min(4, 0.3 * slot + 1.5));
    }
    pen.globalAlpha = 1;
    const every = Math.max(1, Math.ceil(22 / slot));
    for (let i = 0; i < geometry.examples; i += every) caption(pen, seen, i + 1, x(i), bottom + 14, "center");
  },
  describe({ asked, geometry, chosen, t }) {
    if (!asked?.arrays.influence)
      return (
        `${beforeFirst(t)}Asks which {clues} the prediction of ${geometry.name(chosen)} rests on after ` +
        `${plural(Math.max(1, t), "{loop}")}, in two ways.`
      );
    const { cell, loop, output, baseline, error, best, same } = asked.meta;
    const named = (row) => `${geometry.name(best[row])} (${signed(scoresOf(asked, row)[best[row]], small)})`;
    const away = best[1] == null ? "" : ` Taken away alone, ${named(1)} changes most${same ? ": the same one" : ""}.`;
    return (
      `${beforeFirst(t, loop)}${sentence(geometry.name(cell))} after ${plural(loop, "{loop}")}: ` +
      `predicted ${signed(output)}, and ` +
      `${signed(baseline)} with all {clues} at 0. Gradients name ${named(0)}; they add up to the difference within ` +
      `${small(Math.abs(error))}.${away}`
    );
  },
  pick(px, py, seen, width, height) {
    if (!seen.asked?.arrays.influence) return null;
    const { slot } = chart(seen, TOP, width, height);
    const i = Math.floor((px - AXIS.left) / slot);
    return i >= 0 && i < seen.geometry.examples ? { cell: i } : null;
  },
  table({ asked, geometry }) {
    const rows = [];
    for (let i = 0; asked?.arrays.influence && i < geometry.examples; i++)
      rows.push([geometry.name(i), ...[0, 1].map((row) => scoresOf(asked, row)[i].toPrecision(5))]);
    return { columns: ["example", "integrated gradients", "taken away"], rows };
  },
};
