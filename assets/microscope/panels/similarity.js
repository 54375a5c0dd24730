// How alike the states of each pair of loops are.

import { entry, nearest } from "../core/arrays.js";
import { signed } from "../core/words.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

const [TOP, BELOW] = [20, 22]; // pixels above the map for its key, and below it for the numbers of the loops

// Where the map stands: [left, side].
const square = (width, height) => {
  const side = Math.max(20, Math.min(height - TOP - BELOW, width - AXIS.left - AXIS.right));
  return [AXIS.left, side];
};

function endWords({ end, few }, last) {
  if (few) return "The {input} has too few {places} to compare.";
  if (end === null) return last ? " The run does not stay with the state that it ends in (at least 0.99)." : "";
  return ` From ${end} ${end === 1 ? "{loop}" : "{loops}"} on every state is like the last one (at least 0.99).`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "similarity",
  title: "Similarity of {loops}",
  question: "Which {loops} hold the same state?",
  about: "run",
  needs: "distances",
  asks: { name: "similarity", words: "Compare all {loops}" },
  blank: true,
  help:
    "Every state against every other, from before the first {loop} to the last: the bluer, the more alike (linear " +
    "CKA). Alike means that the {places} are related to each other in the same way; a rotation of all states " +
    "together or a common factor changes nothing. A blue square is a stage in which {loops} do not change what " +
    "stands where; a blue corner at the lower right is a run that has come to an end; stripes are a run that " +
    "swings. The faintest are the least alike of this run, orange are less alike than chance; squares without any " +
    "colour are of a state in which all {places} are equal, as before the first {loop}. Click to set the clock.",
  formula:
    "CKA(s, t) = HSIC(K[s], K[t]) / √(HSIC(K[s], K[s]) HSIC(K[t], K[t])), K[t] = H[t] H[t]ᵀ over the {places}, " +
    "with the unbiased estimate of HSIC (1905.00414, 2010.15327). 1: equal up to rotation and size; 0: what " +
    "unrelated states have on average. Empty where all {places} are equal.",
  drawing: "Similarity of the hidden states of each pair of {loops}",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { at, cka } = asked.arrays;
    const count = at.values.length;
    const [left, side] = square(width, height);
    const known = [...cka.values].filter(Number.isFinite);
    const least = Math.min(1, ...known);
    const floor = least < 0 ? 0 : Math.min(least, 0.999); // from the least alike to equal, so that differences show
    const shade = (v) => (v < 0 ? v : 0.02 + (0.93 * (v - floor)) / (1 - floor));
    heat(pen, left, TOP, side, side, count, count, (r, c) => shade(entry(cka, r, c)), colours);
    if (known.length) {
      const faintest = `faintest: ${signed(Math.max(0, least))}`;
      const key = [`full blue: 1; ${faintest}`, `blue: 1; ${faintest}`, faintest];
      caption(pen, seen, fitting(pen, seen, key, width - left), left, 12);
    }
    const step = side / count;
    const here = nearest([...at.values], view.at(t));
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 1.5;
    pen.strokeRect(left + here * step, TOP, step, side);
    pen.strokeRect(left, TOP + here * step, side, step);
    const every = tickStep(count, 9);
    for (let k = 0; k < count; k += every) {
      caption(pen, seen, at.values[k], left + (k + 0.5) * step, TOP + side + 14, "center");
      caption(pen, seen, at.values[k], left - 5, TOP + (k + 0.5) * step + 4, "right");
    }
    if (every > 1 || step > 30) loopName(pen, seen, left, TOP + side);
  },
  describe({ view, t, asked }) {
    if (!asked?.arrays) return "Compares the state after each {loop} of this run with that after each other.";
    const { at, cka } = asked.arrays;
    const last = at.values.length - 1;
    if (asked.meta.few) return endWords(asked.meta, last);
    const here = nearest([...at.values], view.at(t));
    const name = at.values[here] === 0 ? "Before the first {loop}" : `After {loop} ${at.values[here]}`;
    const own = entry(cka, here, here);
    if (!Number.isFinite(own)) return `${name} all {places} are equal: there is nothing to compare.`;
    const to = here === last ? here - 1 : last;
    const like = to < 0 ? NaN : entry(cka, here, to);
    const of = here === last ? "the state before it in the map" : "the last one";
    const said = Number.isFinite(like) ? `has a similarity of ${signed(like)} with ${of}` : "has none to compare with";
    return `The state ${name[0].toLowerCase()}${name.slice(1)} ${said}.${endWords(asked.meta, last)}`;
  },
  pick(x, y, { asked }, width, height) {
    const [left, side] = square(width, height);
    if (!asked?.arrays || x < left || x >= left + side || y < TOP || y >= TOP + side) return null;
    const { values } = asked.arrays.at;
    return { loop: values[Math.floor(((x - left) / side) * values.length)] };
  },
  table({ asked }) {
    if (!asked?.arrays) return { columns: ["{loops}", "similarity"], rows: [] };
    const { at, cka } = asked.arrays;
    const loops = [...at.values];
    return {
      columns: ["{loops}", ...loops.map((s) => `similarity with the state after ${s}`)],
      rows: loops.map((s, r) => [s, ...loops.map((_, c) => entry(cka, r, c).toPrecision(4))]),
    };
  },
};
