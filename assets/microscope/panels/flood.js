// Breadth-first search beside the model: what each has reached after t steps and t loops; and loops against distance.

import { known } from "../core/arrays.js";
import { plural, sentence, whereNoWay } from "../core/words.js";
import { ABOVE, AXIS, tickStep } from "../draw/axis.js";
import { cellAt, drawings, ringCell } from "../draw/board.js";
import { caption, fitting, label, legendAbove, legendHeight } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

// What the colours of the two grids mean.
/** @type {(seen: import("../core/types.js").Seen) => [string, string, string][]} */
const key = ({ colours }) => [
  ["reached; stronger: just now", colours.accent, "■"],
  ["ahead of the search", colours.cool, "■"],
  ["behind it", colours.warm, "■"],
  ["no way leads there", colours.wrong, "■"],
];

// Two small grids below the key: breadth-first search after t steps, and the model after t loops.
function grids(seen, width, height) {
  const { geometry } = seen;
  const top = legendHeight(seen, key(seen), 0, width);
  const placed = drawings(2, width, height - top, geometry);
  return placed.map(([x, y, side]) => ({ x, y: y + top, side, step: side / geometry.rows }));
}

function drawGrid(pen, seen, { x, y, step }, words, fill) {
  const { view, colours, geometry, active } = seen;
  for (let i = 0; i < geometry.n; i++) {
    const [row, column] = geometry.spot(i);
    const [colour, alpha] = view.asked[i] ? fill(i) : ["text", 0.72];
    if (!alpha) continue;
    pen.fillStyle = colours[colour];
    pen.globalAlpha = alpha;
    pen.fillRect(x + column * step, y + row * step, step, step);
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  geometry.frame(pen, x, y, step);
  ringCell(pen, x, y, step, seen, active);
  caption(pen, seen, words, x, y - 4);
}

// Colour and strength of a cell of the model, as looped/tasks/paths/search.py numbers it (against): reached by neither,
// like the search, before it, not yet, where no way leads.
const FILLS = [
  ["accent", 0],
  ["accent", 0.5],
  ["cool", 0.6],
  ["warm", 0.45],
  ["wrong", 0.55],
];
const compared = (view, t, i) => FILLS[view.entry("against", t, i)];

function drawBoards(pen, seen, width, height) {
  const { view, t, colours } = seen;
  const now = view.at(t);
  const away = view.arrays.steps_away.values;
  const [search, model] = grids(seen, width, height);
  legendAbove(pen, seen, key(seen), 0, width);
  drawGrid(pen, seen, search, `search, ${plural(now, "step")}`, (i) => {
    if (away[i] < 0 || away[i] > now) return ["accent", 0];
    return ["accent", away[i] === now ? 0.95 : 0.5];
  });
  const filled = (i) => (t ? compared(view, now, i) : ["text", 0]);
  drawGrid(pen, seen, model, `model, ${plural(now, "{loop}")}`, filled);
  if (!t) return;
  pen.fillStyle = colours.text;
  for (let i = 0; i < seen.geometry.n; i++) {
    // a dot where the two disagree, so that it is seen without colour
    if (!view.asked[i] || compared(view, now, i)[0] === "accent") continue;
    const [row, column] = seen.geometry.spot(i);
    const [x, y] = [model.x + (column + 0.5) * model.step, model.y + (row + 0.5) * model.step];
    disc(pen, x, y, Math.max(1, 0.14 * model.step));
  }
}

/** @type {(seen: import("../core/types.js").Seen) => [string, string, string|number[]][]} */
const signs = ({ colours, t }) => [
  ["mean of a distance", colours.accent, "●"],
  ["first to last cell", colours.accent, []],
  ["one step {a loop}", colours.muted, [4, 4]],
  ["chosen cell", colours.warm, "●"],
  ...(t ? [/** @type {[string, string, number[]]} */ (["the clock", colours.text, []])] : []),
];

// Where a distance and a loop stand in the chart.
function chart(seen, width, height) {
  const { view } = seen;
  const distances = Math.max(1, view.arrays.arrivals.shape[0] - 1);
  const top = legendHeight(seen, signs(seen), AXIS.left, width - AXIS.right) + ABOVE;
  const bottom = height - 22;
  return {
    distances,
    top,
    bottom,
    x: (distance) => AXIS.left + ((width - AXIS.left - AXIS.right) * distance) / distances,
    y: (loop) => bottom - (bottom - top) * (loop / Math.max(view.loops, distances)),
  };
}

function drawChart(pen, seen, width, height) {
  const { view, t, colours, active } = seen;
  const { distances, top, bottom, x, y } = chart(seen, width, height);
  const { values } = view.arrays.arrivals;
  legendAbove(pen, seen, signs(seen), AXIS.left, width - AXIS.right);
  caption(pen, seen, "{loop}", AXIS.left - 6, top - 8, "right");
  const names = ["steps from the source", "steps"];
  caption(pen, seen, fitting(pen, seen, names, (width - AXIS.left) / 2), width - AXIS.right, bottom - 5, "right");
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  segment(pen, AXIS.left, bottom, width - AXIS.right, bottom);
  segment(pen, AXIS.left, top, AXIS.left, bottom);
  pen.fillStyle = colours.muted;
  pen.textAlign = "center";
  const every = tickStep(distances, 8, [1, 2, 4, 5, 8, 16, 32, 64, 128]);
  for (let distance = 0; distance <= distances; distance += every) pen.fillText(distance, x(distance), bottom + 14);
  pen.textAlign = "right";
  const most = Math.max(view.loops, distances);
  const step = tickStep(most, 5, [1, 2, 4, 5, 8, 16, 32, 64, 128]);
  for (let loop = step; loop <= most; loop += step) pen.fillText(loop, AXIS.left - 6, y(loop) + 4);
  pen.strokeStyle = colours.muted;
  pen.setLineDash([4, 4]);
  segment(pen, x(0), y(0), x(distances), y(distances));
  pen.setLineDash([]);
  if (t) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    segment(pen, AXIS.left, y(view.at(t)), width - AXIS.right, y(view.at(t)));
  }
  for (let distance = 0; distance <= distances; distance++) {
    const [first, mean, last] = values.subarray(3 * distance, 3 * distance + 3);
    if (!Number.isFinite(mean)) continue;
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 2;
    pen.globalAlpha = 0.5;
    segment(pen, x(distance), y(first), x(distance), y(last));
    pen.globalAlpha = 1;
    pen.fillStyle = colours.accent;
    disc(pen, x(distance), y(mean), 2.6);
  }
  const own = view.arrays.steps_away.values[active];
  if (own >= 0) {
    pen.textAlign = "center";
    label(pen, colours, "●", x(own), y(view.settledCell[active]) + 4, colours.warm);
  }
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "flood",
  title: "Flood and search",
  page: "paths",
  question: "How many {loops} does a distance need?",
  about: "run",
  needs: "steps_away",
  modes: [
    ["grids", "beside search"],
    ["loops", "{loops} against distance"],
  ],
  help:
    "Left: breadth-first search, which reaches all cells one step farther from the source at every step; its front " +
    "is stronger. Right: the model after as many {loops}. Filled: reached in both. A dot marks where they " +
    "disagree: teal, the model is ahead of the search; orange, the search is there and the model is not yet; red, " +
    "the model says reached of a cell that no way leads to. {Loops} against distance: for all cells at a distance, " +
    "the {loop} after which their answer never changed again, first to last, with the mean as a dot; the dashed " +
    "line is one step {a loop}.",
  formula:
    "Distance: the fewest steps up, down, left or right from the source, by breadth-first search. A cell counts in " +
    "the chart when its last answer is right and did not change in the last quarter of a run of loops, and in its " +
    "last four.",
  drawing: "Cells that breadth-first search and the model have reached",
  draw(pen, seen, width, height) {
    if (seen.mode === "loops") drawChart(pen, seen, width, height);
    else drawBoards(pen, seen, width, height);
  },
  describe({ view, t, active, geometry, mode }) {
    const now = view.at(t);
    const away = view.arrays.steps_away.values[active];
    const name = sentence(geometry.name(active));
    const own = !view.asked[active]
      ? `${name} is a wall.`
      : away < 0
        ? `No way leads to ${geometry.name(active)}.`
        : `${name} is ${plural(away, "step")} away; ${view.settling(active)}.`;
    if (mode === "loops") {
      const pace = view.arrays.pace.values[0];
      const more = `${pace?.toFixed(2)} {loops} more (least squares)`;
      const line = Number.isFinite(pace) ? ` A step farther takes ${more}.` : "";
      return `${own}${line}`;
    }
    if (!t) return "Before the first {loop} neither has moved: the search stands on the source.";
    const { values, shape } = view.arrays.flood;
    const [due, , ahead, behind, astray] = values.subarray((now - 1) * shape[1], now * shape[1]);
    return (
      `After ${plural(now, "step")} the search has reached ${plural(due, "cell")}; the model lacks ${behind} of ` +
      `them and marks ${ahead} beyond${whereNoWay(ahead, astray)}. ${own}`
    );
  },
  pick(x, y, seen, width, height) {
    if (seen.mode === "loops") {
      const { bottom, y: high } = chart(seen, width, height);
      const loop = Math.round(((bottom - y) / (bottom - high(seen.view.loops))) * seen.view.loops);
      return loop >= 1 && loop <= seen.view.loops ? { loop } : null;
    }
    for (const grid of grids(seen, width, height)) {
      const cell = cellAt(x, y, [grid.x, grid.y, grid.side], seen.geometry);
      if (cell != null) return { cell };
    }
    return null;
  },
  table({ view, geometry }) {
    return {
      columns: ["cell", "row", "column", "steps from the source", "settled at {loop}", "last answer"],
      rows: Array.from({ length: geometry.n }, (_, i) => [
        geometry.name(i),
        ...geometry.spot(i).map((at) => at + 1),
        known(view.arrays.steps_away.values[i]),
        ...(view.asked[i] ? [view.settledSign(i), geometry.sign(view.digit(view.loops, i))] : ["", ""]),
      ]),
    };
  },
};
