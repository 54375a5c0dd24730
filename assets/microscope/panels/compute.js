// What more compute brings at the time of asking, and what it costs.

import { entry } from "../core/arrays.js";
import { between, percent, plural, sentence, withEnds } from "../core/words.js";
import { caption, fitting } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const [TOP, COST] = [18, 64]; // pixels above the rows, and for the cost at the right

const loopsOf = (asked, way) => Math.round(asked.arrays.loops.values[way]);

/** @type {import("../core/types.js").Panel} */
export default {
  name: "compute",
  title: "Test-time compute",
  question: "What does more compute bring?",
  about: "model",
  needs: "answers",
  asks: { name: "compute", words: "Run 24 held-out {inputs} in every way", board: false },
  blank: true,
  help:
    "The same model with the same weights, asked in several ways: one run to its end; one run whose answer is taken " +
    "where it was most sure, or that stops as soon as its answers stay or go to and fro; several runs from random " +
    "starts, or of the {input} written in other ways, of which one is chosen: by the rules, which need no answer, by " +
    "a vote at every {place}, or the run that moves least at its end. A dot is the share that is right, with its " +
    "95 % interval; at the right stands the cost, the loops that are run of one {input}.",
  formula:
    "Peak confidence: the loop with the largest mean of the largest probability, which is known after the whole run. " +
    "To and fro: a[t] = a[t−2] and a[t−1] = a[t−3]. Residual: ‖h[t] − h[t−1]‖ / ‖h[t−1]‖ of the last loop. " +
    "Intervals: Wilson.",
  drawing: "Share right and cost of every way to spend compute",
  draw(pen, seen, width, height) {
    const { asked, colours, font } = seen;
    if (!asked?.arrays.loops) return;
    const { words, cheapest } = asked.meta;
    const high = (height - TOP - 4) / words.length;
    const [left, right] = [8, width - COST];
    const x = (share) => left + (right - left) * share;
    caption(pen, seen, fitting(pen, seen, ["right, 0 to 100 %", "right"], right - left), left, 11);
    caption(pen, seen, fitting(pen, seen, ["loops run", "loops"], COST - 4), width - 4, 11, "right");
    words.forEach((said, way) => {
      const y = TOP + (way + 0.5) * high;
      const [share, low, upper] = [0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k));
      const colour = way === cheapest ? colours.accent : colours.text;
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      segment(pen, x(0), y + high / 4, x(1), y + high / 4);
      pen.strokeStyle = colour;
      pen.lineWidth = 2;
      segment(pen, x(low), y + high / 4, x(upper), y + high / 4);
      pen.fillStyle = colour;
      disc(pen, x(share), y + high / 4, 4);
      pen.font = `${way === cheapest ? "bold " : ""}12px ${font}`;
      pen.textAlign = "left";
      const parts = said.split(", ");
      const choices = [said, parts.slice(1).join(", "), parts.at(-1)];
      pen.fillText(choices.find((text) => pen.measureText(text).width < right - left) ?? parts.at(-1), left, y);
      pen.textAlign = "right";
      pen.fillText(loopsOf(asked, way), width - 4, y + high / 4 + 4);
    });
  },
  describe({ asked }) {
    if (!asked?.arrays.loops)
      return "Runs 24 held-out {inputs} in several ways and says what each brings, and what it costs.";
    const { words, cheapest, runs } = asked.meta;
    const said = (way) => {
      const [share, low, high] = [0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k));
      const cost = plural(loopsOf(asked, way), "loop");
      return `${words[way]}: ${percent(share)} right ${between(low, high)} for ${cost} an {input}`;
    };
    const of = `${plural(runs, "held-out {input}", "held-out {inputs}")} (${asked.meta.data})`;
    if (cheapest === 0) return `On ${of} nothing brings more at a lower cost than ${said(0)}.`;
    return `On ${of}: ${said(0)}. Most at the least cost: ${sentence(said(cheapest))}.`;
  },
  pick: () => null,
  table({ asked }) {
    const columns = ["way", ...withEnds("share right"), "loops run of an {input}"];
    if (!asked?.arrays.loops) return { columns, rows: [] };
    const rows = asked.meta.words.map((said, way) => [
      said,
      ...[0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k).toPrecision(4)),
      asked.arrays.loops.values[way].toPrecision(4),
    ]);
    return { columns, rows };
  },
};
