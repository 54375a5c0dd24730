// Settled and changed answers, entropy and rank of all blanks together.

import { beforeAll, clamp, passing, plural, short } from "../core/words.js";
import { ABOVE, AXIS, BY_HAND, curve, loopAxis } from "../draw/axis.js";
import { caption, legendAbove } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const LEFT = 108; // pixels for the name of a curve, its value, and the ends of its scale
const WHOLE = ["entropy", "rank", "flips", "settled"];
const DRAWN = { "settled after": "settled", "changed in": "changed" }; // strips of curves that lessons ask for

// Why the curve of settled answers ends flat below its top, where it does.
function whyNot({ loops, meta: { quiet, unsettled } }) {
  if (!unsettled) return "";
  if (loops <= quiet) return ` (none can: ${plural(loops, "{loop}")} cannot tell)`;
  return ` (none can after {loop} ${loops - quiet}: one that changes in the last ${quiet} {loops} never counts)`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "whole",
  title: "Readout of the {input}",
  question: "When does the {input} make up its mind?",
  about: "run",
  needs: "whole",
  help:
    "All {asked_many} together, {loop} by {loop}: how many have settled (one that still changed in the last " +
    "quarter of a run of loops, at least its last four, does not count: more loops may change it); how many answers " +
    "this {loop} changed; how uncertain they are (entropy, in bits {a asked}); and how high the final answer stood " +
    "among all tokens (its mean rank, 1 is the top). Each curve has a scale of its own, whose ends are printed: from " +
    "nothing, a rank from 1, to its largest value. Click to set the clock.",
  formula:
    "H = −Σ p log₂ p, mean over {asked_many}; rank = 1 + number of tokens with a larger logit than the " +
    "last {loop}'s answer; settled at t: the answer never changes after {loop} t, nor, where " +
    "more loops could follow, in the last quarter of the run, at least its last four loops.",
  drawing: "Settled {asked_many}, changed answers, entropy and rank of the final answer, over the {loops}",
  // [name, value after a loop, its words, the words of an end of its scale] of each curve.
  strips(view) {
    const { values } = view.arrays.whole;
    const { loops } = view;
    const row = (name) => (s) => values[WHOLE.indexOf(name) * loops + s - 1];
    return [
      ["settled", row("settled"), (v) => `${v} of ${view.blanks}`, String],
      ["changed", row("flips"), String, String],
      ["entropy", row("entropy"), (v) => `${short(v)} bits`, short],
      ["rank", row("rank"), (v) => v.toFixed(2), (v) => (v === 1 ? "1" : v.toFixed(2))],
    ];
  },
  draw(pen, seen, width, height) {
    const { view, t, colours } = seen;
    const { loops } = view;
    const now = view.at(t);
    const strips = this.strips(view);
    const key = seen.drawn?.of in DRAWN ? [[seen.drawn.whose, colours.text, BY_HAND]] : [];
    const top = ABOVE + (key.length ? legendAbove(pen, seen, key, LEFT, width - AXIS.right) : 0);
    const bottom = height - 20;
    const high = (bottom - top) / strips.length;
    const left = LEFT;
    const x = (s) => left + (width - AXIS.right - left) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5);
    strips.forEach(([name, value, words, end], k) => {
      const floor = name === "rank" ? 1 : 0;
      const base = top + (k + 1) * high - 3;
      const drawn = seen.drawn && DRAWN[seen.drawn.of] === name ? seen.drawn.guess : null;
      let most = floor;
      for (let s = 1; s <= loops; s++) most = Math.max(most, value(s), drawn?.[s - 1] ?? floor);
      const y = (v) => base - ((high - 8) * (v - floor)) / (most - floor || 1);
      pen.strokeStyle = colours.line;
      segment(pen, left, base, width - AXIS.right, base);
      curve(pen, loops, x, (s) => y(value(s)), name === "changed" ? colours.warm : colours.accent, [], 1.8);
      if (drawn) curve(pen, loops, x, (s) => y(drawn[s - 1]), colours.text, BY_HAND, 2.5);
      caption(pen, seen, end(floor), left - 4, base + 1, "right");
      if (most > floor) caption(pen, seen, end(most), left - 4, y(most) + 7, "right");
      const dark = { ...seen, colours: { muted: colours.text } };
      caption(pen, seen, name, 0, base - high / 2 - 3);
      if (t) caption(pen, dark, words(value(now)), 0, base - high / 2 + 10);
    });
    loopAxis(pen, seen, width, top, bottom, loops, view.meta.trained_loops, now, x);
  },
  describe(seen) {
    const { view, t } = seen;
    const now = view.at(t);
    const strips = this.strips(view);
    if (!view.blanks) return "Every {place} is given: nothing is asked.";
    if (!t) return beforeAll("the lines show what will be read after every {loop}");
    const [settled, changed, entropy, rank] = strips.map(([, value]) => value(now));
    const first = "these are the first answers";
    const changes = now > 1 ? `${passing(view, t)} changed ${plural(changed, "answer")}` : first;
    return (
      `After ${plural(now, "{loop}")} ${settled} of ${plural(view.blanks, "{asked}")} have ` +
      `settled${whyNot(view)}; ${changes}. On average {a asked} is uncertain by ` +
      `${short(entropy)} bits and ranks the answer that it ends with at ${rank.toFixed(1)} (1: its first choice).`
    );
  },
  pick: (x, y, { view }, width) => ({
    loop: clamp(Math.round(1 + ((x - LEFT) / (width - AXIS.right - LEFT)) * (view.loops - 1)), 1, view.loops),
  }),
  table({ view }) {
    const { values } = view.arrays.whole;
    return {
      columns: [
        "{loop}",
        "mean entropy of {a asked}, bits",
        "mean rank of the final answer",
        "changed answers",
        "settled {asked_many}",
      ],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        ...WHOLE.map((_, v) => values[v * view.loops + s].toPrecision(5)),
      ]),
    };
  },
};
