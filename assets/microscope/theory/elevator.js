// The elevator: every token's value follows the table, loop by loop, and stops for good at the token's own ID.

import { clamp, small } from "../core/words.js";
import { caption } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { dots, line, plot, rulings, tokenColour, tokenName, upright } from "./plot.js";

const NEAR = 20; // entries of the table on each side of the clock, where it is looked at closely
const HALVES = [
  ["modulated", "a step of its own in every loop"],
  ["tied", "steps of one size, shared by all loops"],
];

// How many entries of the table have been reached after loop t.
function entriesOf({ meta }, t) {
  return clamp(t - meta.stages[0] - meta.stages[1], 0, meta.stages[2]);
}

function plots(seen, width, height) {
  const { arrays, meta, zoom } = seen;
  const all = [...arrays.table.values, ...arrays.walk.values, ...arrays.wanted.values];
  const room = 0.06 * (Math.max(...all) - Math.min(...all)) || 0.1;
  const range = [Math.min(...all) - room, Math.max(...all) + room];
  const last = meta.stages[2];
  const now = entriesOf(seen, seen.t);
  const first = clamp(now - NEAR, 0, Math.max(0, last - 2 * NEAR));
  const across = zoom ? [first, Math.min(last, first + 2 * NEAR)] : [0, last];
  const side = width < 560 ? 1 : 2; // side by side, or one below the other
  const [wide, high] = [width / side, height / (3 - side)];
  return HALVES.map((_, i) => {
    const [left, top] = side === 2 ? [i * wide, 0] : [0, i * high];
    return plot({ left: left + 34, right: left + wide - 8, top: top + 20, bottom: top + high - 22 }, across, range);
  });
}

// The entries between the ends of a plot, as points of a curve.
function curveOf(at, values, to = values.length - 1) {
  const first = Math.max(0, Math.ceil(at.value(at.left)));
  const last = Math.min(to, Math.floor(at.value(at.right)));
  const points = [];
  for (let k = first; k <= last; k++) points.push([at.x(k), at.y(values[k])]);
  return points;
}

// Where a token's value went: along entries 0, 1, … as far as its ID, after each loop of the third stage.
function drawWay(pen, seen, at, name, n) {
  const { arrays, meta, t } = seen;
  const before = meta.stages[0] + meta.stages[1];
  const now = entriesOf(seen, t);
  const stop = Math.min(now, Math.floor(arrays.ids.values[n]));
  const values = Array.from({ length: stop + 1 }, (_, j) => arrays[name].values[(before + j) * meta.tokens + n]);
  const points = curveOf(at, values);
  const dense = points.length > (at.right - at.left) / 3; // a zigzag of the whole table is a band
  pen.globalAlpha = dense ? 0.6 : 1;
  line(pen, points, tokenColour(seen, n), [], dense ? 0.7 : 2);
  pen.globalAlpha = 1;
}

const APART = 30; // pixels that two names of tokens take

// How far to the side the name of a token stands, where the IDs of two lie close together: the smaller to the left.
function aside({ arrays }, at, n) {
  const spots = Array.from(arrays.ids.values, at.x);
  const near = spots.filter((x, i) => i !== n && Math.abs(x - spots[n]) < APART);
  const left = near.filter((x) => x > spots[n] || (x === spots[n] && n > 0)).length;
  return ((near.length - 2 * left) * APART) / 2;
}

function drawToken(pen, seen, at, name, n) {
  const { arrays, meta, t, colours } = seen;
  const k = arrays.ids.values[n];
  const stop = Math.min(entriesOf(seen, t), k);
  const tint = arrays.wrong.values[n] ? colours.wrong : tokenColour(seen, n);
  const within = (value) => value >= at.value(at.left) && value <= at.value(at.right);
  if (within(k)) {
    upright(pen, at, at.x(k), tint, [3, 3]);
    pen.fillStyle = tint;
    pen.textAlign = "center";
    pen.fillText(`${arrays.wrong.values[n] ? "✕ " : ""}${tokenName(n)}`, at.x(k) + aside(seen, at, n), at.bottom + 13);
    pen.strokeStyle = tint;
    pen.lineWidth = 2.5;
    segment(pen, at.x(k) - 6, at.y(arrays.wanted.values[n]), at.x(k) + 6, at.y(arrays.wanted.values[n]));
  }
  if (!within(stop)) return;
  pen.fillStyle = tint;
  disc(pen, at.x(stop), at.y(arrays[name].values[t * meta.tokens + n]), 5);
}

export default {
  name: "elevator",
  moves: true,
  title: "The elevator",
  help:
    "The table holds a value for every contextual ID (grey; dots are IDs that an input can reach). Loop by loop " +
    "every token rides along it and leaves for good at its own ID (dashed). With modulated weights each loop has a " +
    "step of its own and the ride is exact; with tied weights every step has one size and only its sign is chosen, " +
    "so that the ride is a zigzag which is never further from the table than its largest jump. The short bar is what " +
    "f says of this input: the rest of the error is that of the cells.",
  formula:
    "v ← v + η(t)·[k ≥ j] in loop j of the third stage. Modulated (Theorem 4.2): η = y_j − y_{j−1}; tied (Lemma " +
    "4.1): η = ± the largest jump.",
  drawing: "The values of the tokens on their way along the table, modulated and tied",
  choices: () => [
    ["all", "the whole table"],
    ["near", "around the clock"],
  ],
  chosen: (seen) => (seen.zoom ? "near" : "all"),
  choose(page, choice) {
    page.state.view.zoom = choice === "near";
    page.changed();
  },
  describe(seen) {
    const { arrays, meta, t } = seen;
    const now = entriesOf(seen, t);
    if (!now) return "The third stage has not begun: every value is the first entry of the table.";
    const stopped = Array.from(arrays.ids.values).filter((k) => k <= now).length;
    const [all, last] = [meta.tokens, meta.stages[2]];
    if (stopped < all) return `Entry ${now} of ${last}: ${stopped} of ${all} tokens have stopped.`;
    const far = (name) => {
      const at = meta.lost.indexOf(name) * meta.tokens;
      return small(Math.max(...arrays.missed.values.slice(at, at + meta.tokens)));
    };
    const wrong = arrays.wrong.values.some(Boolean) ? " An ID is wrong, so that its token stopped elsewhere." : "";
    return `All tokens have stopped, at most ${far("modulated")} (modulated) and ${far("tied")} (tied) from f.${wrong}`;
  },
  draw(pen, seen, width, height) {
    const { arrays, meta, colours } = seen;
    plots(seen, width, height).forEach((at, i) => {
      const [name, words] = HALVES[i];
      const [low, high] = [at.height(at.bottom), at.height(at.top)];
      rulings(pen, seen, at, [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2].filter((tick) => tick > low && tick < high));
      const table = Array.from(arrays.table.values);
      line(pen, curveOf(at, table), colours.muted, [], 1);
      const first = at.value(at.left);
      const reached = table.map((value, k) => [k, value]).filter(([k]) => arrays.reached.values[k]);
      const visible = reached.filter(([k]) => k >= first && k <= at.value(at.right));
      const spots = visible.map(([k, value]) => [at.x(k), at.y(value)]);
      dots(pen, spots, colours.muted, 1.8);
      for (let n = 0; n < meta.tokens; n++) drawWay(pen, seen, at, name, n);
      const now = entriesOf(seen, seen.t);
      upright(pen, at, at.x(now), colours.text);
      for (let n = 0; n < meta.tokens; n++) drawToken(pen, seen, at, name, n);
      pen.font = `12px ${seen.font}`;
      caption(pen, seen, `${name}: ${words}`, at.left, at.top - 8);
      caption(pen, seen, `entry ${Math.round(first)}`, at.left - 4, at.bottom + 13);
    });
  },
  table({ arrays }) {
    const rows = Array.from(arrays.table.values, (value, k) => [
      k,
      value,
      arrays.walk.values[k],
      arrays.reached.values[k],
    ]);
    return { columns: ["ID", "table (modulated)", "tied", "reached by an input"], rows };
  },
};
