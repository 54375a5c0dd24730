// How far a change of one place of the input reaches, loop by loop.

import { entry } from "../core/arrays.js";
import { percent, plural, short } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { cellAt, smallBoard } from "../draw/board.js";
import { fitting, legendAbove } from "../draw/legend.js";
import { levelLines, levels, underMarks } from "../draw/levels.js";

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [1, 4]];

// The width of the chart over loops; the drawing of the input stands beside it.
const chartWide = (width) => width * 0.58;
const boardAt = (width, height) => {
  const side = Math.max(20, Math.min(height - 22, width - chartWide(width) - 10));
  return [width - side - 4, 16, side];
};

function bandWords({ bands }, k) {
  const [low, high] = [entry(bands, k, 0), entry(bands, k, 1)];
  if (low === 0) return "itself";
  if (low === high) return low === 1 ? "1 step" : `${low} steps`;
  return `${low}–${high} steps`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "locality",
  title: "Locality of influence",
  question: "How far does this {place} reach?",
  about: "place",
  needs: "distances",
  asks: { name: "locality", cell: true, words: "Change this {place}" },
  blank: true,
  help:
    "Other tokens are put at the chosen {place}, one after the other; each of these {inputs} runs from the first " +
    "{loop} on, and after every {loop} its states are compared with those of the true one. They are the tokens that " +
    "stand there as {clues} of other {inputs}, or the first nine of them. Left: how much the states " +
    "change, by the distance from the chosen {place}, over the {loops}. Right: the change of every {place} at the " +
    "clock's {loop}. A step leads from {a place} to another of a group that both are in; where there are no groups, " +
    "to one beside it. Where the curves come up one after the other, influence travels {loop} by {loop}; where they " +
    "come up together, every {place} reads all others at once. Click {a place} to go there, or the chart to set the " +
    "clock.",
  formula:
    "cᵢ[t] = ‖h′ᵢ[t] − hᵢ[t]‖ over the root mean square of ‖hⱼ[t]‖, root mean square over the other tokens (after " +
    "2605.20784). Reached: c above 0.1. Next to it: Σ c² one step away over Σ c² of all but the {place} itself.",
  drawing: "Change of the states by distance from the chosen {place} in every {loop}, and of every {place} now",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { mean, change, bands } = asked.arrays;
    const wide = chartWide(width);
    const looks = [colours.accent, colours.warm, colours.cool, colours.text, colours.muted, colours.accent];
    const names = Array.from({ length: bands.shape[0] }, (_, k) => [bandWords(asked.arrays, k), looks[k], DASHES[k]]);
    const top = legendAbove(pen, seen, names, AXIS.left, wide - AXIS.right) + ABOVE;
    const bottom = height - 20;
    const scale = levels([...mean.values.subarray(bands.shape[0])], top, bottom, 1e-4); // from loop 1 on
    levelLines(pen, seen, scale, wide);
    const x = loopAxis(pen, seen, wide, top, bottom, view.loops, view.meta.trained_loops, view.at(t));
    const at = Array.from({ length: view.loops }, (_, s) => x(s + 1));
    names.forEach(([, colour, dash], k) => {
      curve(pen, view.loops, x, (s) => scale.y(entry(mean, s, k)), colour, dash, k ? 1.8 : 2.4);
      underMarks(pen, scale, at, (s) => entry(mean, s + 1, k), colour, k);
    });
    const now = view.at(t);
    const [left, up, side] = boardAt(width, height);
    const places = change.shape[1];
    const row = change.values.subarray(now * places, (now + 1) * places);
    const most = Math.max(...[...row].filter(Number.isFinite), 1e-9);
    const cell = asked.meta.cell;
    const shade = (i) => (Number.isFinite(row[i]) ? (0.9 * row[i]) / most : 0);
    const words = now ? [`change now; full blue: ${short(most)}`, `blue: ${short(most)}`] : ["no change yet"];
    smallBoard(pen, left, up, side, seen, shade, cell, fitting(pen, seen, words, side));
  },
  describe({ view, t, asked, geometry }) {
    if (!asked?.arrays) return "Puts other tokens at the chosen {place} and follows the change through the {input}.";
    const { near, reach } = asked.arrays;
    const { cell, chosen, tried, possible, even, kind } = asked.meta;
    const now = view.at(t);
    const where = chosen ? "" : ", as nothing else can stand at the chosen {place}";
    const tokens = tried < possible ? `the first ${tried} of ${possible} other tokens` : plural(tried, "other token");
    const changed = `With ${tokens} at ${geometry.name(cell)}${where}`;
    if (!now) return `${changed}; before the first {loop} the change has reached no other {place}.`;
    const far = reach.values[now];
    const step = { group: "sharing a row, column or box", grid: "beside it", sequence: "next to it" }[kind];
    const reached =
      far < 0
        ? "no state changes by more than a tenth of its length"
        : far === 0
          ? "only its own state changes by more than a tenth of its length"
          : `the farthest state that changes by more than a tenth of its length is ${plural(far, "step")} away`;
    const share = near.values[now];
    const next = Number.isFinite(share)
      ? ` Of all change elsewhere ${percent(share)} is in {places} ${step}; spread evenly it would be ${percent(even)}.`
      : " Nothing changes elsewhere.";
    const each = `each in a run of its own from the first {loop} on, compared after {loop} ${now}`;
    return `${changed}, ${each}: ${reached}.${next}`;
  },
  pick(x, y, { view, geometry }, width, height) {
    if (x <= chartWide(width)) return { loop: loopAt(x, chartWide(width), view.loops) };
    const cell = cellAt(x, y, boardAt(width, height), geometry);
    return cell == null ? null : { cell };
  },
  table({ asked, geometry }) {
    const columns = ["{loop}", "steps away, or {place}", "change", "share reached"];
    if (!asked?.arrays) return { columns, rows: [] };
    const { mean, change, touched } = asked.arrays;
    const [loops, count] = mean.shape;
    const rows = [];
    for (let s = 1; s < loops; s++)
      for (let k = 0; k < count; k++)
        rows.push([
          s,
          bandWords(asked.arrays, k),
          entry(mean, s, k).toPrecision(5),
          entry(touched, s, k).toPrecision(5),
        ]);
    for (let s = 1; s < loops; s++)
      for (let i = 0; i < change.shape[1]; i++)
        rows.push([s, geometry.name(i), entry(change, s, i).toPrecision(5), ""]);
    return { columns, rows };
  },
};
