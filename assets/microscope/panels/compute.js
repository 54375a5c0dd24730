// What more compute brings at the time of asking, and what it costs.

import { entry } from "../core/arrays.js";
import { between, percent, plural, sentence, withEnds } from "../core/words.js";
import { caption, fitting } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const [TOP, BELOW, COST] = [18, 20, 64]; // pixels above the rows, below them, and for the cost at the right
const [NAMES, GAP] = [8, 12]; // where the names of the rows begin, and pixels between them and the shares
const NARROW = 60; // pixels of the axis below which three ticks would meet
const TICKS = [
  [0, "0"],
  [0.5, "50"],
  [1, "100\u00a0%"],
];

// How wide the widest name is, each in the font of its row.
const widest = (pen, names, fontOf) =>
  Math.max(
    ...names.map((name, way) => {
      pen.font = fontOf(way);
      return pen.measureText(name).width;
    }),
  );

// The names of the rows: whole where they leave the shares enough room, else in few words.
const namesIn = (pen, { words, names }, room, fontOf) => (widest(pen, words, fontOf) <= room ? words : names);

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
    const { cheapest } = asked.meta;
    const fontOf = (way) => `${way === cheapest ? "bold " : ""}12px ${font}`;
    const names = namesIn(pen, asked.meta, width / 2, fontOf);
    const high = (height - TOP - BELOW) / names.length;
    const [left, right, bottom] = [NAMES + widest(pen, names, fontOf) + GAP, width - COST, height - BELOW];
    const x = (share) => left + (right - left) * share;
    caption(pen, seen, fitting(pen, seen, ["share right", "right"], right - left), left, 11);
    caption(pen, seen, fitting(pen, seen, ["loops run", "loops"], COST - 4), width - 4, 11, "right");
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const [share, words] of TICKS) {
      segment(pen, x(share), TOP, x(share), bottom);
      if (share !== 0.5 || right - left > NARROW) caption(pen, seen, words, x(share), bottom + 14, "center");
    }
    names.forEach((name, way) => {
      const y = TOP + (way + 0.5) * high;
      const [share, low, upper] = [0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k));
      pen.strokeStyle = pen.fillStyle = way === cheapest ? colours.accent : colours.text;
      pen.lineWidth = 2;
      segment(pen, x(low), y, x(upper), y);
      disc(pen, x(share), y, 4);
      pen.font = fontOf(way);
      pen.textAlign = "left";
      pen.fillText(name, NAMES, y + 4);
      pen.textAlign = "right";
      pen.fillText(loopsOf(asked, way), width - 4, y + 4);
    });
  },
  describe({ asked }) {
    if (!asked?.arrays.loops)
      return "Runs 24 held-out {inputs} in several ways and says what each brings, and what it costs.";
    const { words, cheapest, more, runs } = asked.meta;
    const said = (way) => {
      const [share, low, high] = [0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k));
      const cost = plural(loopsOf(asked, way), "loop");
      return `${words[way]}: ${percent(share)} right ${between(low, high)} for ${cost} per {input}`;
    };
    const of = `${plural(runs, "held-out {input}", "held-out {inputs}")} (${asked.meta.data})`;
    if (cheapest === 0) return `On ${of} no way brings more than ${said(0)}, and none as much at a lower cost.`;
    const most = "The most right of all ways, at the least cost of those equally good";
    const best = more ? most : "As many right at the least cost";
    return `On ${of}: ${said(0)}. ${best}: ${sentence(said(cheapest))}.`;
  },
  pick: () => null,
  table({ asked }) {
    const columns = ["way", ...withEnds("share right"), "loops run per {input}"];
    if (!asked?.arrays.loops) return { columns, rows: [] };
    const rows = asked.meta.words.map((said, way) => [
      said,
      ...[0, 1, 2].map((k) => entry(asked.arrays.accuracy, way, k).toPrecision(4)),
      asked.arrays.loops.values[way].toPrecision(4),
    ]);
    return { columns, rows };
  },
};
