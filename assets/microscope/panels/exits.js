// Where exit rules would stop the loop.

import { between, clamp, percent, plural, sentence, small } from "../core/words.js";
import { curve, loopAxis } from "../draw/axis.js";
import { caption, label } from "../draw/legend.js";
import { levels } from "../draw/levels.js";
import { segment } from "../draw/surface.js";

// Whether the model predicts numbers: then there is an error in place of right and wrong.
const ofNumbers = ({ view }) => !!view.arrays.predictions;

function errorWords({ view }) {
  const { halting: rules, halting_best: first } = view.meta;
  if (first == null) return `None of the ${rules.length} rules would have stopped this run.`;
  const { name, exit } = rules[first];
  const error = view.arrays.error?.values;
  const cost = `${sentence(name)} would have stopped first, at {loop} ${exit} of ${view.loops}`;
  if (!Number.isFinite(error?.[exit - 1])) return `${cost}; the true function is not known, so there is no error.`;
  return `${cost}, with error ${small(error[exit - 1])}; at the end it is ${small(error[view.loops - 1])}.`;
}

function stopWords({ view, judged }) {
  const { halting: rules, halting_best: best, halting_stops: stops } = view.meta;
  if (!view.blanks) return "Every {place} is given: nothing is asked.";
  const { loop, right, equal } = view.meta.halting_peak;
  const there = judged ? `, where it is ${right ? "right" : "wrong"}` : "";
  const also = equal ? `, and as confident at ${plural(equal, "more {loop}", "more {loops}")}` : "";
  const surest = ` It is most confident at {loop} ${loop}${there}${also}.`;
  if (!stops) return `None of the ${rules.length} rules would have stopped this run.${surest}`;
  if (view.meta.unjudged)
    return `${plural(stops, "rule")} would have stopped it. What was run is a copy, so none is called right.${surest}`;
  if (!judged)
    return (
      `${plural(stops, "rule")} would have stopped it; the {input} has no one solution, so nobody ` +
      `can say who was right.${surest}`
    );
  if (best == null) return `${plural(stops, "rule")} would have stopped, none with the right answer.${surest}`;
  const { name, exit, saved } = rules[best];
  if (!saved) return `${sentence(name)} would have stopped with the right answer, but at the last {loop}.${surest}`;
  return (
    `${sentence(name)} would have stopped at {loop} ${exit} with the right answer and saved ` +
    `${plural(saved, "{loop}")} of ${view.loops}.${surest}`
  );
}

// What the cheapest rule costs, and whether it surely saves anything.
function ruleWords(name, within, least, fewest, saves) {
  const cost = `gets there${within} with ${least.toFixed(1)} loops on average`;
  const everywhere = `stopping everywhere after the same number takes ${fewest}`;
  if (saves) return `On these, the rule “${name}” ${cost}; ${everywhere}.`;
  return `No rule surely saves anything: ${everywhere}, and “${name}” ${cost}.`;
}

function cheapestWords(asked, loops, numbers) {
  const { rule, loops: least, everywhere, saves, whole: ends, peak, peak_interval: peakEnds } = asked.meta.cheapest;
  const whole = asked.arrays.fixed.values[loops - 1];
  const name = asked.meta.rules[rule];
  if (numbers)
    return (
      `${asked.meta.runs} held-out {inputs}, ${asked.meta.data}: error ${small(whole)} ` +
      `(95\u00a0%: ${small(ends[0])} to ${small(ends[1])}) after ${plural(loops, "loop")}. ` +
      ruleWords(name, ", or within 5\u00a0%,", least, everywhere, saves)
    );
  return (
    `${asked.meta.runs} held-out {inputs} with ${asked.meta.data}: ${percent(whole)} right after ` +
    `${plural(loops, "loop")} ${between(...ends)}. ${ruleWords(name, "", least, everywhere, saves)} Taken where each ` +
    `run is most confident, which costs all loops: ${percent(peak)} ${between(...peakEnds)}.`
  );
}

// The scale of a survey: accuracy from a floor to 1, or errors on a logarithmic axis, with the numbers beside it.
function scaleOf(seen, bottom) {
  const { asked } = seen;
  const fixed = asked.arrays.fixed.values;
  if (ofNumbers(seen)) {
    const all = asked.meta.rules.flatMap((_, k) => [...asked.arrays[`rule${k}`].values.slice(ruleLength(asked, k))]);
    const { y, ticks, tickName } = levels([...fixed, ...all], 10, bottom);
    return { y, ticks: ticks.map((tick) => [tick, tickName(tick)]) };
  }
  const floor = Math.max(0, Math.min(0.9, fixed.at(-1)) - 0.5);
  const y = (v) => (v < floor ? NaN : bottom - ((bottom - 10) * (v - floor)) / (1 - floor || 1));
  return { y, ticks: [1, floor].map((share) => [share, percent(share)]) };
}

// How many thresholds a rule was tried with.
const ruleLength = (asked, k) => asked.arrays[`rule${k}`].shape[1];

// Accuracy or error against the mean number of loops, one curve for each rule.
function drawCurves(pen, seen, width, height, tints, dashes) {
  const { view, asked, colours } = seen;
  const { loops } = view;
  const fixed = asked.arrays.fixed.values;
  const [left, right, bottom] = [40, width - 150, height - 20];
  const along = (v) => left + ((right - left) * v) / loops;
  const { y, ticks } = scaleOf(seen, bottom);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left, 10);
  pen.lineTo(left, bottom);
  pen.lineTo(right, bottom);
  pen.stroke();
  for (const [value, text] of ticks) caption(pen, seen, text, left - 4, y(value) + 4, "right");
  for (const s of [0, Math.round(loops / 2), loops]) caption(pen, seen, s, along(s), bottom + 14, "center");
  caption(pen, seen, "mean loops", right + 12, bottom + 14);
  curve(pen, fixed.length, along, (s) => y(fixed[s - 1]), colours.text, [1, 3], 2.5);
  pen.textAlign = "left";
  label(pen, colours, "··· all at one loop", right + 8, 14, colours.text);
  asked.meta.rules.forEach((name, k) => {
    const { values } = asked.arrays[`rule${k}`];
    const points = ruleLength(asked, k);
    curve(pen, points, (i) => along(values[i - 1]), (i) => y(values[points + i - 1]), tints[k], dashes[k], 1.8);
    label(pen, colours, `${dashes[k].length ? "- -" : "—"} ${name}`, right + 8, 27 + 13 * k, tints[k]);
  });
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "exits",
  title: "Halting",
  question: "When could it have stopped?",
  about: "run",
  needs: "stops",
  asks: ({ mode }) =>
    ({
      boards: { name: "exits", words: "Try the rules on 64 {inputs}", board: false },
      minimal: { name: "exits_minimal", words: "Try the rules on hard {inputs}", board: false },
    })[mode] ?? null,
  modes: [
    ["run", "this run"],
    ["boards", "ordinary {inputs}"],
    ["minimal", "hard {inputs}", "hardest inputs"],
  ],
  blank: (mode) => mode !== "run",
  help:
    "Rules from the literature that would stop the loop by themselves. “This run”: where each would have " +
    "stopped; ✓ the answer was right by then, ✗ it was not, a dash: it never stops. “Ordinary” and “hard " +
    "{inputs}”: accuracy, or the error of predicted numbers, against the mean number of loops over 64 held-out " +
    "{inputs}, or over hard ones ({hardest}), all of the repository's file where it has one; one curve for each " +
    "rule as its threshold varies; the dotted line stops everywhere after the same number of loops, and only what is " +
    "better than it is worth a rule: one that saves loops is named where the 95 % interval of what it saves is " +
    "above zero. Click to set the clock.",
  formula:
    "Stop after the first loop at which the number watched has stayed at or below the threshold for as many " +
    "loops as the rule's patience. Entropy change |H[t] − H[t−1]|, latent change ‖h[t] − h[t−1]‖ / ‖h[t−1]‖, 1 − " +
    "cosine, KL(p[t−1] ‖ p[t]), share of changed answers (5 loops), 1 − confidence (2502.05171, 2409.15647), " +
    "second difference ‖h[t] − 2 h[t−1] + h[t−2]‖ / ‖h[t−1]‖ (2509.23314), answers unlike those two loops before " +
    "(2 loops). Of predicted numbers: root mean square of ŷ[t] − ŷ[t−1] over what is asked (once, and in 4 " +
    "loops), latent change and 1 − cosine.",
  drawing: "Where exit rules would have stopped this run",
  draw(pen, seen, width, height) {
    const { view, t, asked, mode, colours, judged } = seen;
    const { loops } = view;
    const rules = view.meta.halting;
    const left = 118;
    const bottom = height - 20;
    const high = (bottom - 4) / rules.length;
    const now = view.at(t);
    const { accent, warm, cool, text, muted, wrong } = colours;
    const tints = [accent, warm, cool, text, muted, wrong, accent, warm];
    const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [], [6, 3], [2, 3], [8, 3, 2, 3]];
    if (mode !== "run") {
      if (asked) drawCurves(pen, seen, width, height, tints, dashes);
      return;
    }
    const x = (s) => left + (width - 60 - left) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5);
    loopAxis(pen, seen, width - 48, 4, bottom, loops, Infinity, now, x);
    rules.forEach((rule, k) => {
      const y = 4 + (k + 0.5) * high;
      caption(pen, seen, rule.name, left - 8, y + 4, "right");
      pen.strokeStyle = tints[k];
      pen.lineWidth = 3;
      segment(pen, x(1), y, x(rule.exit), y);
      const verdict = !rule.stopped ? "–" : !judged ? "●" : rule.right ? "✓" : "✗";
      const words = `${verdict} ${rule.stopped ? rule.exit : "never"}`;
      const beside = x(rule.exit) + 4;
      pen.textAlign = "left";
      pen.fillStyle = colours.background;
      pen.fillRect(beside, y - 7, pen.measureText(words).width, 14); // the clock's hand does not cross the words
      pen.fillStyle = verdict === "✗" ? colours.wrong : colours.text;
      pen.fillText(words, beside, y + 4);
    });
  },
  describe(seen) {
    const { view, asked, mode } = seen;
    if (mode === "run") return ofNumbers(seen) ? errorWords(seen) : stopWords(seen);
    if (asked) return cheapestWords(asked, view.loops, ofNumbers(seen));
    const data = mode === "boards" ? "64 held-out {inputs}" : "hard {inputs} ({hardest})";
    return (
      `Runs ${data} for ${plural(view.loops, "loop")} and asks what each rule would have cost and ` +
      "brought, at every threshold."
    );
  },
  pick: (x, y, { view, mode }, width) =>
    mode !== "run"
      ? null
      : { loop: clamp(Math.round(1 + ((x - 118) / (width - 178)) * (view.loops - 1)), 1, view.loops) },
  table({ view, mode, asked }) {
    if (mode !== "run") {
      const rows = asked ? [...asked.arrays.fixed.values].map((share, s) => ["all at one loop", s + 1, share]) : [];
      if (asked)
        asked.meta.rules.forEach((name, k) => {
          const {
            values,
            shape: [, points],
          } = asked.arrays[`rule${k}`];
          for (let i = 0; i < points; i++)
            rows.push([name, values[i].toPrecision(4), values[points + i].toPrecision(4)]);
        });
      return { columns: ["rule", "mean loops", ofNumbers({ view }) ? "error" : "accuracy"], rows };
    }
    return {
      columns: ["rule", "watches", "threshold", "patience", "stops", "{loop}", "right"],
      rows: view.meta.halting.map((rule) => [
        rule.name,
        rule.watches,
        rule.threshold,
        rule.patience,
        rule.stopped,
        rule.exit,
        rule.right ?? "",
      ]),
    };
  },
};
