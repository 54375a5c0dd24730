// The three moduli of continuity of the function over δ, and the pairs of inputs that attain them.

import { small } from "../core/words.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { kindColour, line, logPlot, plot, row, rulings, upright } from "./plot.js";

const WORDS = { sequence: "sequence w", contextual: "contextual w_cont", token: "token w_tok" };
const PAIRS = 210; // pixels for the pairs

const NARROW = 520; // below it the pairs stand under the chart

const tints = (seen) => seen.meta.kinds.map((kind) => kindColour(seen, kind));
// A distance with three digits that count: 0.125 beside 1/δ = 8.
const distance = (delta) => String(Number(delta.toPrecision(3)));

const deltas = ({ arrays }) => Array.from(arrays.deltas.values);

function legend(seen) {
  const lines = seen.meta.kinds.map((kind, i) => [WORDS[kind], tints(seen)[i], []]);
  return [...lines, ["found: at least", seen.colours.muted, []], ["proved: at most", seen.colours.muted, [5, 4]]];
}

const roomOf = (width) => (width < NARROW ? width : width - PAIRS);

function chart(seen, width, height) {
  const right = roomOf(width);
  const low = width < NARROW ? height - PAIRS : height;
  const top = legendHeight(seen, legend(seen), 6, right) + 6;
  const values = [...seen.arrays.least.values, ...seen.arrays.most.values];
  return logPlot({ left: 36, right: right - 12, top, bottom: low - 26 }, deltas(seen), values);
}

// The pair of a kind at a δ: the numbers of X and of X'.
function pairOf({ arrays, meta }, kind, at) {
  const each = 2 * meta.tokens;
  const from = (kind * arrays.deltas.values.length + at) * each;
  const numbers = Array.from(arrays.pairs.values.slice(from, from + each));
  return [numbers.slice(0, meta.tokens), numbers.slice(meta.tokens)];
}

// Two tokens: X and X' are points of a square.
function drawSquare(pen, seen, left, top, side) {
  const { colours, meta, delta } = seen;
  const at = plot({ left: left + 18, right: left + side - 4, top: top + 14, bottom: top + side - 18 }, [0, 1], [0, 1]);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(at.left, at.top, at.right - at.left, at.bottom - at.top);
  caption(pen, seen, "x₁", at.right, at.bottom + 14, "right");
  caption(pen, seen, "x₂", at.left - 4, at.top + 10, "right");
  meta.kinds.forEach((_, kind) => {
    const spots = pairOf(seen, kind, delta).map(([a, b]) => [at.x(a), at.y(b)]);
    line(pen, spots, tints(seen)[kind], [], 2.5);
    pen.fillStyle = tints(seen)[kind];
    disc(pen, ...spots[1], 4.5);
    pen.fillStyle = colours.background;
    disc(pen, ...spots[0], 4.5);
    pen.strokeStyle = tints(seen)[kind];
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(...spots[0], 4.5, 0, 7);
    pen.stroke();
  });
}

// Three tokens: X above X' on a line for each kind.
function drawLines(pen, seen, left, top, side) {
  const { colours, meta, delta } = seen;
  meta.kinds.forEach((kind, i) => {
    const y = top + 24 + (i * (side - 20)) / 3;
    const at = plot({ left: left + 8, right: left + side - 8, top: y, bottom: y + 26 }, [0, 1], [0, 1]);
    caption(pen, seen, WORDS[kind], at.left, y - 4);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const height of [y + 6, y + 26]) segment(pen, at.left, height, at.right, height);
    const [here, there] = pairOf(seen, i, delta);
    here.forEach((x, n) => {
      pen.strokeStyle = tints(seen)[i];
      pen.lineWidth = 2;
      segment(pen, at.x(x), y + 6, at.x(there[n]), y + 26);
      pen.fillStyle = tints(seen)[i];
      disc(pen, at.x(there[n]), y + 26, 4);
    });
  });
}

export default {
  name: "moduli",
  title: "Three moduli of continuity",
  help:
    "How much f can change when its input changes by at most δ: everything at once (sequence), one token while the " +
    "others stay (token), or the others while the token stays (contextual). Solid lines were found by search: f " +
    "really changes by so much, and the pair of inputs is drawn beside. Dashed lines are proved: it cannot change by " +
    "more. Click the chart to choose δ.",
  formula:
    "Suprema over pairs X (hollow), X' (filled) with |X − X'|₂ ≤ δ, of |f(X) − f(X')|₂ or, for the last two, of " +
    "|f(X)ₙ − f(X')ₙ|. Search: 32 starts a δ, 40 steps of projected gradient ascent each.",
  drawing: "Three moduli over δ and the pairs that attain them",
  describe(seen) {
    const { arrays, meta, delta } = seen;
    const values = meta.kinds.map((kind, i) => `${WORDS[kind]} ≥ ${small(row(arrays.least, i)[delta])}`);
    const growing = meta.kinds.filter((_, i) => row(arrays.growing, i)[delta]);
    const effort = growing.length
      ? `the last tenth of the search still found larger ones (${growing.join(", ")})`
      : "the last tenth of the search found nothing larger";
    const pairs = `${meta.tried.toLocaleString("en")} pairs each, and ${effort}`;
    return `At δ = ${distance(deltas(seen)[delta])}: ${values.join(", ")}; ${pairs}.`;
  },
  draw(pen, seen, width, height) {
    const at = chart(seen, width, height);
    const all = deltas(seen);
    legendAbove(pen, seen, legend(seen), 6, roomOf(width));
    rulings(pen, seen, at);
    seen.meta.kinds.forEach((_, i) => {
      const points = (array) => row(array, i).map((value, k) => [at.x(all[k]), at.y(value)]);
      line(pen, points(seen.arrays.most), tints(seen)[i], [5, 4], 1.3);
      line(pen, points(seen.arrays.least), tints(seen)[i], [], 2.2);
    });
    upright(pen, at, at.x(all[seen.delta]), seen.colours.text);
    [0, all.length - 1].forEach((k, i) =>
      caption(pen, seen, `δ = ${distance(all[k])}`, at.x(all[k]), at.bottom + 16, i ? "right" : "left"),
    );
    const below = [(width - PAIRS) / 2, height - PAIRS];
    const spot = width < NARROW ? below : [width - PAIRS, Math.max(0, (height - PAIRS) / 2)];
    if (seen.meta.tokens === 2) drawSquare(pen, seen, ...spot, PAIRS);
    else drawLines(pen, seen, ...spot, PAIRS);
  },
  pick(seen, px, py, width, height) {
    const at = chart(seen, width, height);
    if (px > at.right + 12 || py > at.bottom + 20) return null;
    const apart = deltas(seen).map((delta) => Math.abs(at.x(delta) - px));
    return { delta: apart.indexOf(Math.min(...apart)) };
  },
  table(seen) {
    const { meta, arrays } = seen;
    const columns = ["delta", ...meta.kinds.flatMap((kind) => [`${kind}: at least`, `${kind}: at most`])];
    const rows = deltas(seen).map((delta, k) => [
      delta,
      ...meta.kinds.flatMap((_, i) => [row(arrays.least, i)[k], row(arrays.most, i)[k]]),
    ]);
    return { columns, rows };
  },
};
