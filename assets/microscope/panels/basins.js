// The answers that other starts and symmetric inputs end in.

import { plural, short } from "../core/words.js";
import { cellAt, smallBoard } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

/** @type {import("../core/types.js").Panel} */
export default {
  name: "basins",
  title: "Basins",
  question: "Where do other starts end?",
  about: "whatif",
  needs: "answers",
  asks: ({ mode }) => ({
    name: mode,
    words: mode === "noise" ? "Start 32 times with noise" : "Ask 32 ways of writing this {input}",
  }),
  modes: [
    ["turns", "turned and relabelled", "symmetries"],
    ["noise", "noisy starts"],
  ],
  blank: true,
  help:
    "The same {input} is run 32 times: with its {tokens} renamed and its rows, columns and boxes " +
    "exchanged (all of which a Sudoku allows, and which are undone afterwards), or from a start with " +
    "noise as large as the embedded input. Bars: the different answers they end in, the most " +
    "frequent first; ✓ right, ✗ wrong; the outlined bar holds the plain run. {Input}: how many runs " +
    "agree in each {place} with what most of them say. If all end in one answer, it has a wide basin; " +
    "if they do not, a vote may be right where one run is wrong.",
  formula:
    "Run i sees labels[tokens[source]] under symmetry i, and its logits are mapped back. Vote: the " +
    "answer of most runs, {place} by {place}. Equivariance: total variation distance ½ Σ |p − p₀| to the " +
    "plain run, mean over {asked_many} and runs.",
  drawing: "Distinct answers that 32 runs of the same {input} end in",
  draw(pen, seen, width, height) {
    const { asked, colours } = seen;
    if (!asked) return;
    const { sizes, ends_right: good, agreement } = asked.arrays;
    const { meta } = asked;
    const judged = !seen.view.meta.unjudged;
    const side = Math.min(height - 22, width * 0.4);
    const shown = Math.min(sizes.values.length, 10);
    const high = Math.min(20, (height - 24) / shown);
    for (let k = 0; k < shown; k++) {
      const y = 16 + k * high;
      const wide = ((width - side - 110) * sizes.values[k]) / meta.runs;
      pen.fillStyle = good.values[k] || !judged ? colours.accent : colours.warm;
      pen.globalAlpha = 0.8;
      pen.fillRect(30, y, Math.max(2, wide), high - 4);
      pen.globalAlpha = 1;
      if (k === meta.plain_end) {
        pen.strokeStyle = colours.text;
        pen.lineWidth = 2;
        pen.strokeRect(30, y, Math.max(2, wide), high - 4);
      }
      pen.textAlign = "right";
      pen.fillStyle = good.values[k] || !judged ? colours.text : colours.wrong;
      pen.fillText(!judged ? "●" : good.values[k] ? "✓" : "✗", 24, y + high / 2 + 2);
      pen.textAlign = "left";
      pen.fillStyle = colours.text;
      pen.fillText(sizes.values[k], 34 + Math.max(2, wide), y + high / 2 + 2);
    }
    caption(
      pen,
      seen,
      `${plural(sizes.values.length, "end")} of ` +
        `${plural(meta.runs, "run")}${sizes.values.length > shown ? `, ${shown} shown` : ""}`,
      30,
      11,
    );
    smallBoard(
      pen,
      width - side - 6,
      16,
      side,
      seen,
      (i) => 0.75 * (1 - agreement.values[i]) * -1,
      null,
      fitting(pen, seen, ["disagreement; full orange: all runs", "orange: runs that disagree", "disagreement"], side),
    );
  },
  describe({ view, asked, mode }) {
    if (!asked && mode === "noise")
      return "Runs this {input} from 32 starts, all but one with noise, and counts the answers they end in.";
    if (!asked) return "Runs 32 {inputs} that mean the same as this one, and counts the answers they end in.";
    const {
      meta,
      arrays: { sizes },
    } = asked;
    const some =
      `${plural(meta.right, "run is", "runs are")} right, the plain one ${meta.plain_right ? "too" : "is not"}`;
    const right =
      `; ${meta.right ? some : "no run is right"}. Their vote is ${meta.vote_right ? "right" : "wrong"}. `;
    return (
      `${plural(meta.runs, "run")} end in ${plural(sizes.values.length, "answer")}` +
      `${view.meta.unjudged ? ". What was run is a copy, so none is called right. " : right}` +
      `Probabilities differ from the plain run's by ${short(meta.distance)} on average (0 equal, 1 ` +
      "nothing in common)."
    );
  },
  pick(x, y, { geometry }, width, height) {
    const side = Math.min(height - 22, width * 0.4);
    const cell = cellAt(x, y, [width - side - 6, 16, side], geometry);
    return cell == null ? null : { cell };
  },
  table({ asked, geometry }) {
    const columns = ["answer or {place}", "runs", "right", "share of runs that answer as the vote does"];
    if (!asked) return { columns, rows: [] };
    const { ends, sizes, ends_right: good, agreement } = asked.arrays;
    const n = ends.shape[1];
    const answers = [...sizes.values].map((size, k) => [
      [...ends.values.slice(k * n, (k + 1) * n)].join(""),
      size,
      good.values[k],
      "",
    ]);
    const places = [...agreement.values].map((share, i) => [geometry.name(i), "", "", share.toPrecision(4)]);
    return { columns, rows: [...answers, ...places] };
  },
};
