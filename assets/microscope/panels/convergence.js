// How far each loop moves the state.

import { beforeAll, clamp, passing, sentence, short, small } from "../core/words.js";
import { ABOVE, AXIS, BY_HAND, curve, loopAt, loopAxis } from "../draw/axis.js";
import { caption, fitting, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

// The kinds of trend, in the order of looped/lenses/residual.py.
const TRENDS = [
  ...["undefined", "rounding", "first", "least", "only grows", "as little", "not closer"],
  ...["only grows, as long", "only grows, longer"],
];

// The name of the axis, which the lessons' word and the glossary's share; on paper the same.
const NAME = "↑ step (residual)";
const ROW = 14; // pixels above the legend for it
const SAMPLE = 24; // pixels of the line before the words of an entry

// The trend at the clock as a sentence, of steps alone: a short one does not tell how far a fixed point is.
function trendWords(view, clock) {
  const { residual_relative: relative, residual_absolute: absolute, trend, trend_loop: compared } = view.arrays;
  const now = view.at(clock);
  const kind = TRENDS[trend.values[now - 1]];
  const { round } = view.arrays;
  const which = round && now > 1 ? "The search went back: this" : "The first";
  if (kind === "undefined") return `${which} {loop} starts from a state of zero, so no relative change can be told.`;
  const looped = view.meta.looped !== false;
  const within = round ? " since the state began" : " so far";
  const moved = `moved the whole state by ${short(relative.values[now - 1])} of its length`;
  const said = `${sentence(passing(view, clock))} ${moved}`;
  const before = compared.values[now - 1];
  const at = (array) => (before ? `{loop} ${before} (${short(array.values[before - 1])})` : "");
  const grows = (than) =>
    `${said}, the least${within}, but only because the state grows: the step itself ` +
    `(${short(absolute.values[now - 1])}) is ${than} ${at(absolute)}.${looped ? " It does not come to rest." : ""}`;
  const reached = ` The fixed point${round ? " for these candidates" : ""} is reached.`;
  return {
    rounding: `${said}: rounding is all that moves.${looped ? reached : ""}`,
    first: `${said}.`,
    least: `${said}, the least${within}.`,
    "only grows": grows("hardly shorter than at"),
    "only grows, as long": grows("as long as at"),
    "only grows, longer": grows("longer than at"),
    "as little": `${said}, about as little as at ${at(relative)}.`,
    "not closer": `${said}, which is not less than at ${at(relative)}.`,
  }[kind];
}

// The words of the whole state's line; where it begins at the second loop, why it does.
function wholeWords(pen, seen, width) {
  const name = "whole state, relative";
  if (Number.isFinite(seen.view.arrays.residual_relative.values[0])) return name;
  const reasons = [`${name} (from {loop} 2 on: it starts at zero)`, `${name} (starts at zero)`, name];
  return fitting(pen, seen, reasons, width - AXIS.left - AXIS.right - SAMPLE);
}

// The name of the axis, and the legend below it. Returns where the chart may begin.
function nameAbove(pen, seen, lines, width) {
  caption(pen, seen, NAME, 4, 11);
  return legendAbove(pen, seen, lines, AXIS.left, width - AXIS.right, ROW);
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "convergence",
  title: "Convergence",
  needs: "residual_relative",
  modes: [
    ["steps", "steps"],
    ["length", "and length"],
  ],
  help:
    "How far each {loop} moves the whole state, its step or residual: the length of h[t+1] − h[t], relative to the " +
    "length of h[t] (solid; not of a state that is zero, as some are before the first {loop}) and for the chosen " +
    "{place}, absolute (dotted). At a fixed point of a loop one more changes nothing. Short steps alone do not tell " +
    "how far one is: Fixed point does. When only the " +
    "state grows, the solid line falls, too, and the sentence says so; the length of the state can be drawn beside " +
    "it. The dashed upright line marks how many {loops} training used. Click to set the clock.",
  formula:
    "Whole state: ‖h[t+1] − h[t]‖ / ‖h[t]‖ over all {places}; chosen {place}: ‖h[t+1] − h[t]‖ of its own " +
    "state; length of the state: ‖h[t+1]‖. Euclidean norms.",
  drawing: "Residual of every {loop} on a logarithmic axis",
  draw(pen, seen, width, height) {
    const { view, views, t, active, colours, mode } = seen;
    const { loops } = view;
    const { n } = view.geometry;
    const own = (s, of = view) => of.arrays.residual_cell.values[(s - 1) * n + active];
    const whole = (s, of = view) => of.arrays.residual_relative.values[s - 1];
    const length = (s, of = view) => of.arrays.length.values[s - 1];
    const shown = mode === "length" ? [whole, own, length] : [whole, own];
    let low = Infinity;
    let high = -Infinity; // of all runs that are compared: one scale for both
    for (const of of views)
      for (let s = 1; s <= of.loops; s++)
        for (const value of shown.map((measure) => measure(s, of)))
          if (value > 0 && Number.isFinite(value)) {
            low = Math.min(low, value);
            high = Math.max(high, value);
          }
    if (low > high) {
      low = 0.1;
      high = 1;
    }
    low = Math.floor(Math.log10(low));
    high = Math.max(low + 1, Math.ceil(Math.log10(high)));
    const lines = [
      [wholeWords(pen, seen, width), colours.accent, []],
      ["chosen {place}, absolute", colours.warm, [2, 3]],
    ];
    const drawn = seen.drawn?.of === "step of" ? seen.drawn.guess : null; // in percent
    if (drawn) lines.push([seen.drawn.whose, colours.text, BY_HAND]);
    if (mode === "length") lines.push(["length of the state", colours.cool, [6, 3]]);
    const top = nameAbove(pen, seen, lines, width) + ABOVE;
    const bottom = height - 20;
    const y = (value) => (value > 0 ? bottom - ((bottom - top) * (Math.log10(value) - low)) / (high - low) : NaN);
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    const every = Math.max(1, Math.ceil((high - low) / (height / 28)));
    for (let power = low; power <= high; power += every) {
      const at = y(10 ** power);
      pen.globalAlpha = 0.5;
      segment(pen, AXIS.left, at, width - AXIS.right, at);
      pen.globalAlpha = 1;
      pen.fillText(power >= -2 && power <= 2 ? String(Number((10 ** power).toFixed(2))) : `1e${power}`, 38, at + 4);
    }
    const now = view.at(t);
    const x = loopAxis(pen, seen, width, top, bottom, loops, view.meta.trained_loops, now);
    if (mode === "length") curve(pen, loops, x, (s) => y(length(s)), colours.cool, [6, 3], 1.5);
    curve(pen, loops, x, (s) => y(own(s)), colours.warm, [2, 3], 1.5);
    curve(pen, loops, x, (s) => y(whole(s)), colours.accent);
    if (drawn) curve(pen, loops, x, (s) => clamp(y(drawn[s - 1] / 100), top, bottom), colours.text, BY_HAND, 2.5);
    if (!t) return;
    for (const [value, colour] of [
      [own(now), colours.warm],
      [whole(now), colours.accent],
    ]) {
      if (!(value > 0)) continue;
      pen.fillStyle = colour;
      disc(pen, x(now), y(value), 4);
    }
  },
  describe({ view, t, mode }) {
    if (!t) return beforeAll("the lines show how far every {loop} will move the state");
    const words = trendWords(view, t);
    if (mode !== "length") return words;
    return `${words} The state is ${small(view.arrays.length.values[view.at(t) - 1])} long.`;
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table({ view, active, geometry }) {
    const { n } = geometry;
    return {
      columns: ["{loop}", "whole state, relative", `${geometry.name(active)}, absolute`, "length of the state"],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        view.arrays.residual_relative.values[s].toPrecision(6),
        view.arrays.residual_cell.values[s * n + active].toPrecision(6),
        view.arrays.length.values[s].toPrecision(6),
      ]),
    };
  },
};
