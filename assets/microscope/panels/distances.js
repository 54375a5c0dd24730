// How far every hidden state is from where it ends.

import { plural, sentence, short } from "../core/words.js";
import { AXIS, loopName, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";

const TOP = 20; // pixels above the map for its key

/** @type {import("../core/types.js").Panel} */
export default {
  name: "distances",
  title: "Distance to the end",
  question: "Which {places} come to rest?",
  about: "run",
  needs: "distances",
  help:
    "One row for every {place} in reading order, one column for every {loop}: the bluer, the further its " +
    "hidden state still is from where it ends. A row that fades early is {a place} that came to rest " +
    "early; rows that stay blue until the last column never rest. Click to choose {a place} and set the " +
    "clock.",
  formula:
    "log₁₀ ‖h[t] − h[last]‖ of each {place}, for t = 0 … last, in Euclidean norm. The last column is " +
    "the end itself and is left out of the scale.",
  drawing: "Distance of every {place}'s hidden state to its end, over the {loops}",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, geometry } = seen;
    const { n } = geometry;
    const { loops } = view;
    const { values } = view.arrays.distances;
    const now = view.at(t);
    let low = Infinity;
    let high = -Infinity;
    for (let k = 0; k < loops * n; k++) {
      low = Math.min(low, values[k]);
      high = Math.max(high, values[k]);
    }
    const right = width - AXIS.right;
    const bottom = height - 20;
    const wide = (right - AXIS.left) / (loops + 1);
    heat(
      pen,
      AXIS.left,
      TOP,
      right - AXIS.left,
      bottom - TOP,
      n,
      loops + 1,
      (i, s) => (s === loops ? 0 : 0.04 + (0.9 * (values[s * n + i] - low)) / (high - low || 1)),
      colours,
    );
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2;
    pen.strokeRect(AXIS.left, TOP + (active * (bottom - TOP)) / n - 1, right - AXIS.left, (bottom - TOP) / n + 2);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.strokeRect(AXIS.left + now * wide, TOP, wide, bottom - TOP);
    const every = tickStep(loops, 9);
    for (let s = 0; s <= loops; s += every) caption(pen, seen, s, AXIS.left + (s + 0.5) * wide, bottom + 14, "center");
    loopName(pen, seen, AXIS.left, bottom);
    const choices = ["{places}", "all"];
    caption(pen, seen, fitting(pen, seen, choices, AXIS.left - 6), AXIS.left - 6, TOP + 10, "right");
    const [most, least] = [short(10 ** high), short(10 ** low)];
    const scale = `full blue: ${most} away; faintest: ${least}`;
    const key = [`${scale}; between them by powers of ten`, scale, `blue ${most}, faintest ${least}`];
    caption(pen, seen, fitting(pen, seen, key, right - AXIS.left), AXIS.left, 12);
  },
  describe(seen) {
    const { view, t, active, geometry } = seen;
    const { n } = geometry;
    const { loops } = view;
    const { values } = view.arrays.distances;
    const now = view.at(t);
    const here = 10 ** values[now * n + active];
    const first = 10 ** values[active];
    if (now === loops)
      return (
        `This is the end of the run. ${sentence(geometry.name(active))} started ${short(first)} away ` +
        `from here, and one {loop} before the end it was ${short(10 ** values[(loops - 1) * n + active])} ` +
        "away."
      );
    const nearer = view.arrays.nearer.values[now];
    return (
      `${sentence(geometry.name(active))} is ${short(here)} away from its end (${short(first)} at the ` +
      `start). ${plural(nearer, "{place}")} of ${n} ${nearer === 1 ? "has" : "have"} come ten times ` +
      "nearer than at the start."
    );
  },
  pick(x, y, { view, geometry }, width, height) {
    const s = Math.floor((x - AXIS.left) / ((width - AXIS.right - AXIS.left) / (view.loops + 1)));
    const cell = Math.floor((y - TOP) / ((height - 20 - TOP) / geometry.n));
    return s < 0 || s > view.loops || cell < 0 || cell >= geometry.n ? null : { cell, loop: s };
  },
  table({ view, geometry }) {
    const { n } = geometry;
    const { values } = view.arrays.distances;
    return {
      columns: ["{loop}", ...Array.from({ length: n }, (_, i) => `log10 distance of ${geometry.name(i)}`)],
      rows: Array.from({ length: view.loops + 1 }, (_, s) => [
        s,
        ...Array.from({ length: n }, (_, i) => values[s * n + i].toPrecision(4)),
      ]),
    };
  },
};
