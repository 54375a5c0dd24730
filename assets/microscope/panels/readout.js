// What the output head says of one position after every loop.

import { entry } from "../core/arrays.js";
import { beforeAll, clamp, plural, sentence, short } from "../core/words.js";
import { ABOVE, AXIS, loopAxis } from "../draw/axis.js";
import { legendAbove } from "../draw/legend.js";

// The tokens that are drawn: of a board all digits, and “blank” where the model ever answers it; of a large vocabulary
// those that are the answer after some loop; else all.
function readTokens(view, i) {
  const { tokens } = view.geometry;
  const last = view.entry("answers", view.loops, i);
  if (tokens) {
    const blank = entry(view.arrays.blank_read, i) && !tokens.includes(0);
    return { tokens: blank ? [0, ...tokens] : tokens, last };
  }
  const { readable } = view.arrays;
  if (!readable) return { tokens: Array.from({ length: view.vocab }, (_, token) => token), last };
  const {
    values,
    shape: [, count],
  } = readable;
  return { tokens: [...values.subarray(i * count, (i + 1) * count)], last };
}

// What the signs of the rows stand for, as the entries of a legend; none where they say so themselves.
function signsOf({ geometry, colours }, tokens) {
  return tokens.flatMap((token) => {
    const sign = geometry.sign(token);
    const meaning = geometry.meaning?.(sign);
    return meaning ? [[meaning, colours.text, sign]] : [];
  });
}

// Whether and when the answer changed, up to loop `now`.
function settlingWords(view, now, i) {
  if (!view.asked[i]) return "It is part of the input: nothing is asked of it.";
  const flips = view.entry("flips", now, i);
  if (flips) return `The answer has changed ${plural(flips, "time")}; ${view.settling(i)}.`;
  return `The answer has not changed${view.settledCell[i] > now ? ` yet; ${view.settling(i)}` : ""}.`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "readout",
  title: "Readout",
  needs: "probabilities",
  help:
    "What the output head would say of the chosen {place} after every {loop}: one row per {token}, one " +
    "column per {loop}, the larger the square the more probable. Blue: the most probable {token} of that " +
    "{loop}, orange: the others. A triangle marks the answer after the last {loop}, the frame the " +
    "present one. Click to set the clock.",
  formula:
    "p[t] = softmax(W N(h[t])) with the model's own output head; entropy −Σ p log₂ p in bits. It is " +
    "the answer the model would give if it stopped after {loop} t.",
  drawing: "Probability of every {token} in the chosen {place} after every {loop}",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, geometry } = seen;
    const { loops } = view;
    const { tokens, last } = readTokens(view, active);
    const now = view.at(t);
    const signs = signsOf(seen, tokens);
    const top = ABOVE + (signs.length ? legendAbove(pen, seen, signs, 4, width) - 4 : 0);
    const bottom = height - 20;
    const row = (bottom - top) / tokens.length;
    const step = (width - AXIS.left - AXIS.right) / loops;
    const x = (s) => AXIS.left + (s - 0.5) * step;
    loopAxis(pen, seen, width, top, bottom, loops, view.meta.trained_loops, now, x);
    tokens.forEach((d, k) => {
      const middle = bottom - (k + 0.5) * row;
      pen.fillStyle = d === last ? colours.accent : colours.muted;
      pen.textAlign = "right";
      pen.fillText(`${d === last ? "▸ " : ""}${geometry.sign(d)}`, 38, middle + 4);
      for (let s = 1; s <= loops; s++) {
        const p = view.probability(s, active, d);
        const reach = Math.min(step, row) * 0.46 * Math.sqrt(p);
        if (reach < 0.3) continue;
        const best = view.answers[(s - 1) * geometry.n + active] === d;
        pen.fillStyle = best ? colours.accent : colours.warm;
        pen.fillRect(x(s) - reach, middle - reach, 2 * reach, 2 * reach);
      }
    });
    const best = tokens.indexOf(view.answers[(now - 1) * geometry.n + active]);
    if (t && best >= 0) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1.5;
      pen.strokeRect(x(now) - step / 2, bottom - (best + 1) * row, step, row);
    }
  },
  describe({ view, t, active, geometry }) {
    if (!t) return beforeAll("the squares show what will be read after every {loop}");
    const { last } = readTokens(view, active);
    const now = view.at(t);
    const [first, second] = ["answers", "runner_up"].map((name) => view.entry(name, now, active));
    const [p1, p2] = [first, second].map((token) => view.chance(now, active, token));
    const rank = view.entry("ranks", now, active);
    const tied = view.tied(now, active);
    const order =
      tied > 1
        ? `${tied} {tokens} are equally probable, at ${p1} each, the answer ${geometry.called(first)} among them`
        : `${geometry.called(first)} at ${p1}, then ${geometry.called(second)} at ${p2}`;
    const entropy = short(view.entry("entropy", now, active));
    const read = `${sentence(geometry.name(active))}: ${order} (entropy ${entropy} bits).`;
    const end = `The last {loop}'s answer, ${geometry.called(last)},`;
    const later = rank > tied ? ` ${end} stands at rank ${rank} now.` : "";
    return `${read}${later} ${settlingWords(view, now, active)}`;
  },
  pick: (x, y, { view }, width) => ({
    loop: clamp(Math.ceil(((x - AXIS.left) / (width - AXIS.left - AXIS.right)) * view.loops), 1, view.loops),
  }),
  table({ view, active, geometry }) {
    const { tokens } = readTokens(view, active);
    return {
      columns: ["{loop}", ...tokens.map((d) => `probability of ${geometry.called(d)} in ${geometry.name(active)}`)],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        ...tokens.map((d) => view.probability(s + 1, active, d).toPrecision(4)),
      ]),
    };
  },
};
