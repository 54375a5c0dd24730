// More dimensions: the queries with what is predicted over what is true, and the examples as a table of colours.

import { clamp, signed, small } from "../core/words.js";
import { tickStep } from "../draw/axis.js";
import { heat, largest } from "../draw/board.js";
import { caption, legendAbove, legendHeight, wordsWide } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { axisText, linesOn, predicted, truth, TRUE } from "./promptruns.js";

const [LEFT, ABOVE, BELOW] = [34, 18, 32]; // pixels around the chart
const SHARE = 0.58; // of the width that the chart has
const POINT = 5;

// What the signs stand for, [words, colour, dash or sign].
function legend(seen) {
  const { views, view, colours, show } = seen;
  const entries = [["prediction", colours.accent, "●"]];
  if (truth(view).length) {
    entries.push(["predicted = true", colours.text, TRUE]);
    entries.push(["error", colours.wrong, []]);
  }
  const other = views.find((one) => one !== view);
  if (other && show === "versus") entries.push([`prediction of ${other.letter}`, colours.warm, "□"]);
  for (const { name, colour } of linesOn(seen)) entries.push([name, colour, []]);
  return entries;
}

// Where chart and table begin, below the key and the words above them.
const topOf = (seen, width) => legendHeight(seen, legend(seen), LEFT, width) + ABOVE - 4;

function frameOf(seen, width, height) {
  const { view } = seen;
  const known = truth(view);
  const values = known.length ? known : [...seen.points.map((row) => row.at(-1)), 1];
  const most = 1.25 * (largest(values) || 1);
  const [left, right, top, bottom] = [LEFT, width * SHARE, topOf(seen, width), height - BELOW];
  const y = (value) => clamp(bottom - ((bottom - top) * (value + most)) / (2 * most), top, bottom);
  const over = known.length ? (value) => left + ((right - left) * (value + most)) / (2 * most) : null;
  const column = (q) => left + ((right - left) * (q + 0.5)) / Math.max(1, view.blanks);
  const x = (q) => (over ? over(known[q]) : column(q));
  return { left, right, top, bottom, x, y, over, most, known };
}

function draw(pen, seen, width, height) {
  const frame = frameOf(seen, width, height);
  legendAbove(pen, seen, legend(seen), LEFT, width);
  axes(pen, seen, frame);
  if (frame.known.length) misses(pen, seen, frame);
  methods(pen, seen, frame);
  queries(pen, seen, frame);
  table(pen, seen, width, height);
}

function axes(pen, seen, { left, right, top, bottom, y, over, most }) {
  const { colours, view } = seen;
  pen.lineWidth = 1;
  const step = tickStep(2 * most, 8, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]);
  for (let k = Math.ceil(-most / step); k * step <= most; k++) {
    pen.strokeStyle = colours.line;
    pen.globalAlpha = k ? 0.4 : 1;
    segment(pen, left, y(k * step), right, y(k * step));
    if (over) segment(pen, over(k * step), top, over(k * step), bottom);
    pen.globalAlpha = 1;
    caption(pen, seen, axisText(k * step), left - 5, y(k * step) + 4, "right");
    if (over) caption(pen, seen, axisText(k * step), over(k * step), bottom + 13, "center");
  }
  caption(pen, seen, "predicted", left, top - 6);
  if (!over) caption(pen, seen, `the ${view.blanks} {asked_many};`, left, bottom + 13); // where no numbers stand
  caption(pen, seen, over ? "true" : "their true values are unknown", left, bottom + 27);
  if (!over) return;
  pen.strokeStyle = colours.text;
  pen.setLineDash(TRUE);
  segment(pen, over(-most), y(-most), over(most), y(most));
  pen.setLineDash([]);
}

// From each prediction to what is true.
function misses(pen, { view, t, colours }, { x, y, known }) {
  if (!t) return;
  pen.strokeStyle = colours.wrong;
  pen.globalAlpha = 0.5;
  for (let q = 0; q < view.blanks; q++) segment(pen, x(q), y(predicted(view, t, q)), x(q), y(known[q]));
  pen.globalAlpha = 1;
}

// A short line at what each method says.
function methods(pen, seen, { x, y }) {
  for (const { colour, values } of linesOn(seen)) {
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    values.forEach((value, q) => segment(pen, x(q) - 8, y(value), x(q) + 8, y(value)));
  }
}

function queries(pen, { view, views, t, active, colours, show }, { x, y }) {
  const other = views.find((one) => one !== view);
  const now = view.at(t);
  const { examples } = view.geometry;
  for (let q = 0; q < view.blanks; q++) {
    const at = (s) => [x(q), y(s ? predicted(view, s, q) : 0)];
    pen.fillStyle = colours.accent;
    for (let s = Math.max(1, now - 8); s < now; s++) {
      pen.globalAlpha = 0.1 + 0.05 * (s - now + 8);
      disc(pen, ...at(s), 2.5);
    }
    pen.globalAlpha = t ? 1 : 0.3;
    disc(pen, ...at(now), POINT);
    pen.globalAlpha = 1;
    if (t && other && show === "versus") {
      pen.strokeStyle = colours.warm;
      pen.lineWidth = 2;
      pen.strokeRect(x(q) - 4, y(predicted(other, t, q)) - 4, 8, 8);
    }
    if (active !== examples + q) continue;
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.arc(...at(now), POINT + 4, 0, 7);
    pen.stroke();
  }
}

// Where the table of examples stands: left, top, width, height.
function tableBox(seen, width, height) {
  const top = topOf(seen, width);
  const more = 14 * (keyLines(seen, width).length - 1);
  return [width * SHARE + 22, top, width * (1 - SHARE) - 26, height - top - BELOW - more];
}

const largestX = ({ points }) => largest(points.flatMap((row) => row.slice(0, -1))) || 1;

// Both colours of the table side by side, or below each other where it is narrow.
function keyLines(seen, width) {
  const xs = largestX(seen);
  const both = [`blue ${small(xs)}`, `orange ${signed(-xs, small)}`];
  const room = width - (width * SHARE + 22);
  return wordsWide(seen, both.join(", ")) <= room ? [both.join(", ")] : both;
}

function table(pen, seen, width, height) {
  const { points, colours, active, view } = seen;
  const [left, top, wide, high] = tableBox(seen, width, height);
  const columns = view.arrays.vectors.shape[1] - 1; // x1 … xd and y
  caption(pen, seen, `{clues} (${points.length})`, left, top - 6);
  if (!points.length) return;
  const step = wide / (columns + 0.5); // y stands apart
  const xs = largestX(seen);
  const ys = largest(points.map((row) => row.at(-1))) || 1;
  const rows = points.length;
  heat(pen, left, top, step * (columns - 1), high, rows, columns - 1, (r, c) => points[r][c] / xs, colours);
  heat(pen, left + step * (columns - 0.5), top, step, high, rows, 1, (r) => points[r].at(-1) / ys, colours);
  caption(pen, seen, columns > 2 ? `x1 … x${columns - 1}` : "x1", left, top + high + 13);
  caption(pen, seen, "y", left + step * columns, top + high + 13, "center");
  keyLines(seen, width).forEach((words, i) => caption(pen, seen, words, left, top + high + 27 + 14 * i));
  if (active >= rows) return;
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 2;
  pen.strokeRect(left - 2, top + (active * high) / rows, wide + 2, high / rows);
}

/** @returns {([number, number, number, number]|null)[]} left, top, width and height of the cell of every position */
function boxes(seen, width, height) {
  const { view, t } = seen;
  const { examples, n } = view.geometry;
  const { x, y } = frameOf(seen, width, height);
  const [left, top, wide, high] = tableBox(seen, width, height);
  return Array.from({ length: n }, (_, i) => {
    const q = i - examples;
    if (q < 0) return [left, top + (i * high) / examples, wide, high / examples];
    return [x(q) - 9, y(t ? predicted(view, t, q) : 0) - 9, 18, 18];
  });
}

/** @type {import("../core/types.js").PromptForm} a prompt of more dimensions; nothing of it is dragged */
export const scatter = { ratio: 1.5, draw, boxes };
