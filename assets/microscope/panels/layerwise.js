// Whether each layer of the loop comes to rest, and at a state of its own.

import { entry } from "../core/arrays.js";
import { fine, listed, plural } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { legendAbove } from "../draw/legend.js";
import { levelLines, levels, underMarks } from "../draw/levels.js";
import { seriesStyle } from "../draw/series.js";

const BOUND = " (moving by at most 0.1\u00a0% of its length a loop)";
const SHORT_OF = ", which takes four loops that each move it by at most 0.1\u00a0% of its length";

// Which layers rest, and since when.
function restWords({ since, moved }, rests) {
  const layers = [...since.values];
  if (!rests) return `No layer rests${SHORT_OF}: in the last loop they move by ${spread(moved)} of their length.`;
  const told = layers.map((loop, l) => loop && `layer ${l + 1} from loop ${loop} on`).filter(Boolean);
  const rest = layers.length - rests;
  const which = `${listed(told)}${rest ? `; ${plural(rest, "layer")} not` : ""}`;
  return `At rest${BOUND} ${rests === 1 ? "is" : "are"} ${which}.`;
}

// The least and the largest of the last row of an array.
function spread({ values, shape: [loops, layers] }) {
  const last = [...values.slice((loops - 1) * layers)];
  if (!last.every(Number.isFinite)) return "an unknown share";
  const [low, high] = [fine(Math.min(...last)), fine(Math.max(...last))];
  return low === high ? low : `${low} to ${high}`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "layerwise",
  title: "Layer by layer",
  question: "Does every layer come to rest?",
  about: "run",
  needs: "steps",
  asks: { name: "layerwise", words: "Follow every layer" },
  blank: true,
  help:
    "For models whose loop has several layers. By how much does the stream behind each layer differ from what it " +
    "was there a loop before? Where a curve stays below a thousandth to the end, for four loops at least, the layer " +
    "is at rest: it hands on the same state in every loop. The states of different layers need not be alike. At rest " +
    "the stream then goes round through as many states as there are layers, the same ones in every loop: a cycle, " +
    "though the state between loops stands still. Click to set the clock.",
  formula:
    "‖x_l[t] − x_l[t−1]‖ / ‖x_l[t]‖, x_l[t] the stream behind layer l in loop t, every {place} divided by its " +
    "root mean square. Within the loop: ‖x_l[t] − x_{l−1}[t]‖ / ‖x_l[t]‖, of the first layer to the last of the " +
    "loop before (2604.11791). At rest: at most 0.001 in each of the last four loops or more.",
  drawing: "How much the stream behind every layer changes from loop to loop",
  draw(pen, seen, width, height) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays) return;
    const { moved } = asked.arrays;
    const [, layers] = moved.shape;
    const entries = Array.from({ length: layers }, (_, l) => [`layer ${l + 1}`, ...seriesStyle(colours, l)]);
    const top = legendAbove(pen, seen, entries, AXIS.left, width - AXIS.right) + ABOVE;
    const scale = levels([...moved.values], top, height - 20, 1e-6);
    levelLines(pen, seen, scale, width);
    const x = loopAxis(pen, seen, width, top, height - 20, view.loops, view.meta.trained_loops, view.at(t));
    const at = Array.from({ length: view.loops }, (_, s) => x(s + 1));
    entries.forEach(([, colour, dash], l) => {
      curve(pen, view.loops, x, (s) => scale.y(entry(moved, s - 1, l)), colour, dash, l ? 1.8 : 2.4);
      underMarks(pen, scale, at, (s) => entry(moved, s, l), colour, l);
    });
  },
  describe({ view, asked }) {
    if (!asked?.arrays) return "Follows the stream behind every layer through the loops of this run.";
    const within = view.loops > 1 ? ` From one layer to the next it moves by ${spread(asked.arrays.within)}` : "";
    const cycle = asked.meta.rests === asked.arrays.since.values.length ? ": the loop at rest is a cycle" : "";
    return `${restWords(asked.arrays, asked.meta.rests)}${within ? `${within}${cycle}.` : ""}`;
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table({ asked }) {
    const columns = ["loop", "layer", "change from the loop before", "change from the layer before"];
    if (!asked?.arrays) return { columns, rows: [] };
    const { moved, within } = asked.arrays;
    const [loops, layers] = moved.shape;
    const rows = [];
    for (let s = 0; s < loops; s++)
      for (let l = 0; l < layers; l++)
        rows.push([s + 1, l + 1, entry(moved, s, l).toPrecision(5), entry(within, s, l).toPrecision(5)]);
    return { columns, rows };
  },
};
