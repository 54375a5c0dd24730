// The numbers of what “Show” draws of a run, beside its answers: columns of the table of the face.

import { meanWeight } from "../core/arrays.js";
import { headsShown } from "../draw/heads.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/**
 * @typedef {object} Numbers
 * @property {string[]} columns
 * @property {(t: number, i: number) => (string|number)[]} of the position i after loop t, one for each column
 */

const SETS = ["round", "candidates left", "guess", "probability of a conflict"];
const EVENT = ["before the round", "guessed or taken back in", "guessed or taken back", "removed", "open cells"];

/** @type {(columns: string[], of: Numbers["of"], there?: boolean) => Numbers} */
const numbers = (columns, of, there = true) => ({ columns, of: there ? of : () => columns.map(() => "") });

// Of the positions that are asked; the others are drawn as they are given.
const ofAsked = ({ view }, columns, of) =>
  numbers(columns, (t, i) => (view.asked[i] ? of(t, i) : columns.map(() => "")));

// Of a search: the candidates left, the number of the guess, what the net tells of a conflict; and what happened before
// the round, the same for all of its loops and cells.
function sets({ view, geometry }) {
  const events = (view.meta.events ?? []).map(({ event, place, candidate, removed, open }) => {
    const guess = place === null ? ["", ""] : [geometry.name(place), geometry.sign(candidate + 1)];
    return [event, ...guess, removed, open];
  });
  const of = (t, i) => {
    const r = view.roundOf(t);
    const left = view.left(t, i).map((d) => geometry.sign(d));
    const told = view.arrays.conflict.values[view.at(t) - 1].toPrecision(4);
    return [r + 1, left.join(" "), view.guess(t, i) || "", told, ...events[r]];
  };
  return numbers([...SETS, ...EVENT], of, !!view.arrays.sets);
}

function candidates(seen) {
  const { view, geometry } = seen;
  const digits = Array.from({ length: geometry.size }, (_, d) => d + 1);
  const columns = digits.map((d) => `probability of ${geometry.sign(d)}`);
  return ofAsked(seen, columns, (t, i) => digits.map((d) => view.probability(t, i, d).toPrecision(4)));
}

// The mean of the heads that are drawn, from the position that the drawing is about.
function attention(seen) {
  const { view, layer, active, geometry } = seen;
  const heads = headsShown(seen);
  const of = (t, i) => [meanWeight(view, t, layer, heads, active, i).toPrecision(4)];
  return numbers([`attention from ${geometry.name(active)}`], of, !!view.arrays.attention);
}

function solution(seen) {
  const { view, geometry, solution: one } = seen;
  const wanted = (t, i) => (view.arrays.solutions ? view.entry("solutions", t, i) || null : one?.[i]);
  return ofAsked(seen, ["solution"], (t, i) => [wanted(t, i) == null ? "" : geometry.sign(wanted(t, i))]);
}

function versus(seen) {
  const other = seen.views.find((one) => one !== seen.view);
  return ofAsked(seen, ["answer of the other run"], (t, i) => [other?.said(t, i) ?? ""]);
}

const settle = (seen) => ofAsked(seen, ["settle {loop}"], (t, i) => [seen.view.settledSign(i)]);

const SHOWN = { sets, candidates, settle, attention, solution, versus };

/** @type {(seen: Seen) => Numbers} of what is shown; no columns where that is the answer alone */
export function shownNumbers(seen) {
  return SHOWN[seen.show]?.(seen) ?? numbers([], () => []);
}
