// One layer of linear attention, trained here and looped: its errors, its matrices, and its way over the loss.

import { entry } from "../core/arrays.js";
import { clamp, percent, plural, short } from "../core/words.js";
import { AXIS, curve, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, legendAbove } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

const [BELOW, LEAST, MOST] = [22, 1e-6, 1e2]; // of an axis of errors
const DASHES = [[1, 3], [2, 3], [5, 3], [9, 3], []]; // of the loops of training, from few to many
const WAYS = ["gradient descent, best step", "one matrix, looped", "a matrix for each loop"];
const NAMES = 58; // pixels for what the numbers of a matrix are called
const CHAIN = 3; // the row of a chain of thought

// The loops of an axis of errors, 0 … last, and the heights of errors on a logarithmic scale.
function scales(asked, width, height, top = 8) {
  const last = asked.arrays.errors.shape[2] - 1;
  const bottom = height - BELOW;
  const right = width - AXIS.right;
  const [low, high] = [Math.log10(LEAST), Math.log10(MOST)];
  return {
    last,
    bottom,
    right,
    top,
    x: (loop) => AXIS.left + ((right - AXIS.left) * loop) / last,
    y: (share) => bottom - ((bottom - top) * (clamp(Math.log10(share), low, high) - low)) / (high - low),
    at: (px) => Math.round(((px - AXIS.left) / (right - AXIS.left)) * last),
  };
}

function drawErrors(pen, seen, width, height) {
  const { asked, colours, view, t } = seen;
  const { errors } = asked.arrays;
  const { trained } = asked.meta;
  const top = legendAbove(
    pen,
    seen,
    [
      ["one matrix", colours.accent, []],
      ["a matrix for each loop", colours.warm, []],
      ["trained loops", colours.text, "●"],
    ],
    AXIS.left,
    width - AXIS.right,
  );
  const axis = scales(asked, width, height, top);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (let power = Math.log10(LEAST); power <= Math.log10(MOST); power += 2) {
    const y = axis.y(10 ** power);
    segment(pen, AXIS.left, y, axis.right, y);
    caption(pen, seen, power === 0 ? "1" : `1e${power}`, AXIS.left - 4, y + 4, "right");
  }
  const every = tickStep(axis.last, 8);
  for (let loop = 0; loop <= axis.last; loop += every)
    caption(pen, seen, loop || "loop 0", axis.x(loop), axis.bottom + 14, "center");
  trained.forEach((loops, column) => {
    for (const [row, tint] of [colours.accent, colours.warm].entries()) {
      const share = (loop) => entry(errors, row, column, loop);
      const inside = (loop) => (share(loop) > MOST || share(loop) < LEAST ? NaN : axis.y(share(loop)));
      curve(pen, axis.last + 1, (i) => axis.x(i - 1), (i) => inside(i - 1), tint, DASHES[column], 1.8);
      pen.fillStyle = tint;
      if (Number.isFinite(inside(loops))) disc(pen, axis.x(loops), inside(loops), 3.5);
    }
    if (Number.isFinite(entry(errors, 0, column, loops)))
      caption(pen, seen, loops, axis.x(loops) + 6, axis.y(entry(errors, 0, column, loops)) - 5);
  });
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1.5;
  const now = Math.min(view.at(t), axis.last);
  segment(pen, axis.x(now), axis.top, axis.x(now), axis.bottom);
}

// The contours of the loss are ellipses around the true weights.
function drawWays(pen, seen, width, height) {
  const { asked, colours, view, t } = seen;
  const { ways, ellipse } = asked.arrays;
  if (!Number.isFinite(ellipse.values[0])) return;
  const [wx, wy, angle, flat, steep] = ellipse.values;
  const tints = [colours.muted, colours.accent, colours.warm];
  const lines = [
    ...WAYS.map((words, row) => [words, tints[row], row ? [] : [4, 3]]),
    ["chain of thought", colours.text, "○"],
  ];
  const top = legendAbove(pen, seen, lines, 8, width - 8);
  const reach = 1.15 * Math.hypot(wx, wy);
  const scale = Math.min(width, height - top) / (2 * reach);
  const x = (u) => width / 2 + (u - wx) * scale;
  const y = (v) => (top + height) / 2 - (v - wy) * scale;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (const level of [0.05, 0.2, 0.45, 0.8]) {
    pen.beginPath();
    for (let step = 0; step <= 72; step++) {
      const turn = (step * Math.PI) / 36;
      const [a, b] = [Math.sqrt(level / flat) * Math.cos(turn), Math.sqrt(level / steep) * Math.sin(turn)];
      const [u, v] = [a * Math.cos(angle) - b * Math.sin(angle), a * Math.sin(angle) + b * Math.cos(angle)];
      if (step) pen.lineTo(x(wx + reach * u), y(wy + reach * v));
      else pen.moveTo(x(wx + reach * u), y(wy + reach * v));
    }
    pen.stroke();
  }
  pen.fillStyle = colours.text;
  disc(pen, x(wx), y(wy), 4);
  caption(pen, seen, "true weights", x(wx) + 7, y(wy) - 6);
  const now = Math.min(view.at(t), ways.shape[1] - 1);
  tints.forEach((tint, row) => {
    const spot = (loop) => [x(entry(ways, row, loop, 0)), y(entry(ways, row, loop, 1))];
    if (!Number.isFinite(spot(0)[0])) return;
    curve(pen, now + 1, (i) => spot(i - 1)[0], (i) => spot(i - 1)[1], tint, row ? [] : [4, 3], 2);
    pen.fillStyle = tint;
    for (let loop = 0; loop <= now; loop++) disc(pen, ...spot(loop), loop === now ? 5 : 2.5);
  });
  pen.strokeStyle = colours.text;
  for (let written = 0; written <= now; written++) {
    pen.beginPath();
    pen.arc(x(entry(ways, CHAIN, written, 0)), y(entry(ways, CHAIN, written, 1)), written === now ? 8 : 5, 0, 7);
    pen.stroke();
  }
}

function drawMatrices(pen, seen, width, height) {
  const { asked, colours } = seen;
  const { matrices, best } = asked.arrays;
  const { trained } = asked.meta;
  const side = matrices.shape[1];
  // The number of squares in a row that makes them largest, right of the names of the numbers.
  const sizes = trained.map((_, i) => {
    const rows = Math.ceil(trained.length / (i + 1));
    return Math.min((width - NAMES) / (i + 1) - 12, height / rows - 62);
  });
  const across = sizes.indexOf(Math.max(...sizes)) + 1;
  const [size, wide] = [sizes[across - 1], (width - NAMES) / across];
  const high = height / Math.ceil(trained.length / across);
  trained.forEach((loops, k) => {
    const [left, top] = [NAMES + (k % across) * wide + (wide - size) / 2, Math.floor(k / across) * high];
    const known = Number.isFinite(entry(matrices, k, 0, 0));
    const numbers = known ? [entry(best, 4, k).toFixed(2), entry(best, 0, k).toFixed(2)] : [];
    const lines = [14, size + 38, size + 54].map((down) => top + down);
    [loops, ...numbers].forEach((text, i) => caption(pen, seen, text, left + size / 2, lines[i], "center"));
    if (k % across === 0)
      ["loops", "diagonal", "best step"].forEach((text, i) => caption(pen, seen, text, 0, lines[i]));
    if (!k) ["blue: 1", "none: 0"].forEach((text, i) => caption(pen, seen, text, 0, top + 34 + 14 * i));
    if (known) heat(pen, left, top + 22, size, size, side, side, (r, c) => entry(matrices, k, r, c), colours);
  });
}

// The column of the largest number of trained loops that is at most the clock's.
const columnAt = (trained, now) => Math.max(0, trained.findLastIndex((loops) => loops <= now));

function describeErrors({ asked, view, t }) {
  const { errors, best, away: bold } = asked.arrays;
  const { trained, runs_away: away } = asked.meta;
  const last = errors.shape[2] - 1;
  const now = Math.min(view.at(t), last);
  const column = columnAt(trained, Math.max(1, now));
  const loops = trained[column];
  const own = entry(errors, 0, column, loops);
  if (!Number.isFinite(own)) return "Not trained yet: fewer loops come first.";
  const [later, each, ran] = [entry(errors, 0, column, last), entry(errors, 1, column, loops), entry(bold, column)];
  const end =
    away[column]
      ? `after ${last} it is ${short(later)}: on ${percent(ran)} of the prompts the step is too bold and runs away`
      : `after ${last} it is ${short(later)}`;
  const timed = Number.isFinite(each) ? ` With a matrix for each loop it is ${short(each)}.` : "";
  return (
    `Trained for ${plural(loops, "loop")}, one matrix has the error ${short(own)} (1 before the first loop); ${end}. ` +
    `The best constant step has ${short(entry(best, 1, column))}; no steps have less than ` +
    `${short(entry(best, 2, column))}.${timed}`
  );
}

function describeMatrices({ asked }) {
  const { errors, best } = asked.arrays;
  const { trained, one_loop_step: exact } = asked.meta;
  const column = trained.length - 1;
  const [own, straight] = [entry(errors, 0, column, trained[column]), entry(best, 3, column)];
  if (!Number.isFinite(own)) return "Not trained yet: fewer loops come first.";
  const gain = asked.meta.turning_gains[column] ? "The rotation is a gain" : "Here the rotation brings nothing";
  return (
    `For one loop the best matrix is n / (n + d + 1) = ${exact.toFixed(3)} times the identity, over all prompts; ` +
    `training found ${entry(best, 4, 0).toFixed(3)} on its diagonal. With ${trained[column]} loops it also turns: ` +
    `the error is ${short(own)}, and ${short(straight)} when that is taken away. ${gain}.`
  );
}

function describeWays({ asked, view, t }) {
  const { ways, chain_apart: apart } = asked.arrays;
  const now = Math.min(view.at(t), ways.shape[1] - 1);
  if (!Number.isFinite(entry(ways, 1, 0, 0))) return "Not trained yet: the ways come last.";
  const beyond = view.at(t) > now ? ` The ways end there, at loop ${now}.` : "";
  return (
    `After ${plural(now, "loop")}, each way from the weights 0: gradient descent with the best constant step, and ` +
    `what one layer learned when it was looped ${asked.meta.plane_loops} times. A chain of thought with the same ` +
    `matrix, which writes the weights down as a token in every step, goes the way of the loop: the two are never ` +
    `more than ${short(apart.values[0])} apart.${beyond}`
  );
}

function tableOfWays(asked) {
  const rows = [];
  if (asked)
    for (const [row, words] of [...WAYS, "chain of thought"].entries())
      for (let loop = 0; loop < asked.arrays.ways.shape[1]; loop++)
        rows.push([words, loop, ...[0, 1].map((k) => entry(asked.arrays.ways, row, loop, k).toPrecision(4))]);
  if (asked) {
    const [w1, w2, angle, flat, steep] = asked.arrays.ellipse.values;
    rows.push(["true weights", "", w1, w2], ["contours: angle of the first axis", "", angle, ""]);
    rows.push(["contours: curvature along both axes", "", flat, steep]);
  }
  return { columns: ["way", "loop", "w1", "w2"], rows };
}

function tableOfMatrices(asked) {
  const rows = [];
  const columns = ["trained loops", "mean of the diagonal", "best step", "row", "numbers of the row"];
  if (!asked) return { columns, rows };
  const { matrices, best } = asked.arrays;
  asked.meta.trained.forEach((loops, k) => {
    for (let r = 0; r < matrices.shape[1]; r++) {
      const numbers = Array.from({ length: matrices.shape[2] }, (_, c) => entry(matrices, k, r, c).toPrecision(4));
      rows.push([loops, entry(best, 4, k).toPrecision(4), entry(best, 0, k).toPrecision(4), r + 1, numbers.join(" ")]);
    }
  });
  return { columns, rows };
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "multistep",
  title: "Learned steps of descent",
  question: "Can one layer learn to descend?",
  about: "model",
  page: "in-context",
  needs: "predictions",
  asks: { name: "multistep", words: "Train ten small layers", board: false },
  blank: true,
  modes: [
    ["errors", "error by loops"],
    ["ways", "ways of the weights"],
    ["matrices", "matrices"],
  ],
  help:
    "The smallest looped model there is: one layer of linear attention whose only weights are a matrix A. It is " +
    "trained here and now, in seconds, on linear functions of five inputs. One loop is one step of gradient descent. " +
    "Few trained loops buy a bold step, which may run away later; many a careful one, which goes on converging. The " +
    "best constant step is fitted to the very prompts that errors are measured on: with many loops the rarest of " +
    "them decide, and training, which has not met those, ends more careful.",
  formula:
    "w ← w − A · (1/n) Σ (w·x − y) x (2502.21212). Error: |w − w*|² / d, by its closed form tr(MᵀM)/d with " +
    "M = Π (I − A C) and C = XᵀX/n, the mean over 2,048 fresh prompts of 20 examples. Contours: those of the loss.",
  drawing: "Errors, matrices and ways of layers that learned to descend",
  draw(pen, seen, width, height) {
    if (!seen.asked) return;
    if (seen.mode === "ways") drawWays(pen, seen, width, height);
    else if (seen.mode === "matrices") drawMatrices(pen, seen, width, height);
    else drawErrors(pen, seen, width, height);
  },
  describe(seen) {
    if (!seen.asked)
      return "Trains one layer of linear attention, looped 1 to 16 times, with one matrix and with one for each loop.";
    if (seen.mode === "ways") return describeWays(seen);
    return seen.mode === "matrices" ? describeMatrices(seen) : describeErrors(seen);
  },
  pick(x, y, seen, width, height) {
    if (!seen.asked || (seen.mode ?? "errors") !== "errors" || x < AXIS.left) return null;
    return { loop: clamp(scales(seen.asked, width, height).at(x), 0, seen.view.loops) };
  },
  table({ asked, mode }) {
    if (mode === "ways") return tableOfWays(asked);
    if (mode === "matrices") return tableOfMatrices(asked);
    const rows = [];
    if (asked)
      asked.meta.trained.forEach((loops, column) => {
        for (const [row, words] of WAYS.slice(1).entries())
          for (let loop = 0; loop < asked.arrays.errors.shape[2]; loop++)
            rows.push([loops, words, loop, entry(asked.arrays.errors, row, column, loop).toPrecision(4)]);
      });
    return { columns: ["trained loops", "matrices", "loop", "error"], rows };
  },
};
