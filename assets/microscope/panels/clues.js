// How much each clue speaks for an answer.

import { beforeFirst, percent, plural, short, signed } from "../core/words.js";
import { cellAt, drawings, largest, smallBoard } from "../draw/board.js";
import { fitting } from "../draw/legend.js";

const METHODS = ["gradients", "taken away"];

// The scores of all positions by each of the two methods; NaN where there is no clue.
function clueScores(asked, n) {
  const { values } = asked.arrays.clues;
  return METHODS.map((_, row) => Array.from(values.subarray(row * n, (row + 1) * n)));
}

// What the clue with the largest score is called, and that score; two empty texts where none is known.
function clueWords({ geometry, view }, scores, best) {
  if (best == null) return ["", ""];
  const digit = geometry.units ? `the ${geometry.sign(view.tokens[best])} {at} ` : "";
  return [`${digit}${geometry.name(best)}`, `${signed(scores[best], short)} bits`];
}

function agreement(meta, [second, bits]) {
  if (meta.same == null) return "";
  const both = "; rank correlation of the two over all clues: ";
  const correlation = meta.correlation == null ? "" : `${both}${signed(meta.correlation)}`;
  const named = `Taken away alone, ${meta.same ? "the same clue" : second} matters most${meta.same ? ", too" : ""}`;
  const also = meta.rollout == null ? "" : ` Rank correlation of rollout with taking away: ${signed(meta.rollout)}.`;
  return ` ${named} (${bits})${correlation}.${also}`;
}

// The method, and what the fullest tints stand for.
const keyWords = (method, bits) => [
  `${method}; full blue: ${bits} bits, orange: −${bits}`,
  `${method}: blue ${bits} bits`,
  `${method} · ±${bits} bits`,
];

/** @type {import("../core/types.js").Panel} */
export default {
  name: "clues",
  title: "Which clue decided",
  question: "Which clue decided this {place}?",
  about: "place",
  needs: "probabilities",
  asks: { name: "clues", cell: true, loop: true, free: true, words: "Weigh the clues" },
  blank: true,
  help:
    "How much each clue speaks for the model's answer in the chosen {place} after this {loop}, in bits: a " +
    "score of 1 doubles the odds. Blue speaks for it, orange against. Left: integrated gradients, " +
    "which share out the whole difference between the {input} with its clues and without; how nearly " +
    "they add up to it is said below. Right: each clue taken away alone. The two often disagree: " +
    "where several clues say the same, taking one away changes nothing. Ask at the {loop} where the " +
    "{place} settled; later the state remembers its answer, and the clues hardly matter. Click a clue " +
    "to go to its {place}.",
  formula:
    "Evidence E = log₂ p/(1 − p) of the answer at this {loop}. Integrated gradients: Σ over channels " +
    "of (P − P₀) · ∫ ∂E/∂P dα along P₀ + α(P − P₀) (Sundararajan et al., 1703.01365, with Captum); " +
    "P₀ has the {asked} in place of every clue. Error of completeness: Σ scores − (E(P) − E(P₀)). " +
    "Clues are taken away in the last 6 loops, before them the run is the true one: over many more " +
    "loops the way from P₀ to P is chaotic.",
  drawing: "Evidence of every clue for the answer in the chosen {place}, by two methods",
  draw(pen, seen, width, height) {
    const { asked, geometry } = seen;
    if (!asked) return;
    const rows = clueScores(asked, geometry.n);
    drawings(2, width, height, geometry).forEach((square, row) => {
      const scores = rows[row];
      const top = largest(scores.filter(Number.isFinite)) || 1;
      smallBoard(
        pen,
        ...square,
        seen,
        (i) => (Number.isFinite(scores[i]) ? Math.sign(scores[i]) * 0.85 * Math.sqrt(Math.abs(scores[i]) / top) : 0),
        asked.cell,
        asked.meta.best[row] == null ? METHODS[row] : fitting(pen, seen, keyWords(METHODS[row], short(top)), square[2]),
      );
    });
  },
  describe(seen) {
    const { asked, geometry, chosen, t } = seen;
    if (!asked)
      return (
        `${beforeFirst(t)}Asks which clues the answer {at} ${geometry.name(chosen)} rests on after ` +
        `${plural(Math.max(1, t), "{loop}")}, in two ways.`
      );
    const { meta } = asked;
    const [first, second] = clueScores(asked, geometry.n).map((scores, row) => clueWords(seen, scores, meta.best[row]));
    const share = meta.relative == null ? "" : `, ${percent(meta.relative)} of it`;
    const when = meta.window < meta.loop ? ` in the last ${plural(meta.window, "{loop}")}` : "";
    const [output, baseline, whole] = [meta.output, meta.baseline, meta.difference].map((bits) => signed(bits, short));
    const missing = `up to ${short(Math.abs(meta.error))} bits${share}`;
    return (
      `${beforeFirst(t, meta.loop)}For the ${geometry.called(meta.token)} {at} ${geometry.name(meta.cell)} after ` +
      `${plural(meta.loop, "{loop}")} the evidence, log₂ of its odds, is ${output} bits; without clues${when} it is ` +
      `${baseline}. Gradients share this difference of ${whole} bits out over the clues (${missing}): most, ` +
      `${first[1]}, to ${first[0]}.${agreement(meta, second)} Blue speaks for the answer, orange against.`
    );
  },
  pick(x, y, { geometry }, width, height) {
    for (const square of drawings(2, width, height, geometry)) {
      const cell = cellAt(x, y, square, geometry);
      if (cell != null) return { cell };
    }
    return null;
  },
  table({ asked, view, geometry }) {
    const rows = [];
    for (let i = 0; asked && i < geometry.n; i++) {
      const scores = [0, 1].map((row) => asked.arrays.clues.values[row * geometry.n + i]);
      if (scores.some(Number.isFinite))
        rows.push([geometry.name(i), geometry.sign(view.tokens[i]), ...scores.map((score) => score.toPrecision(5))]);
    }
    return { columns: ["{place}", "clue", "integrated gradients, bits", "one clue taken away, bits"], rows };
  },
};
