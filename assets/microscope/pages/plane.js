// One dimension: the plane of examples with the function that the model predicts, as it is painted, and where
// everything stands on it.

import { meanWeight } from "../core/arrays.js";
import { clamp, signed } from "../core/words.js";
import { tickStep } from "../draw/axis.js";
import { headsShown } from "../draw/heads.js";
import { label, legendAbove, legendHeight } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { axisText, coordinate, linesOn, OTHER, predicted, truth, TRUE } from "./promptruns.js";

const [LEFT, RIGHT, BELOW] = [34, 10, 38]; // pixels around the plane: its numbers, and the strip of the queries
const TAIL = 12; // earlier loops whose function is drawn
const STRIPE = 12; // pixels, the least width of a query's cell
const POINT = 6; // radius of an example

/**
 * What stands where. `points`: rows [x, y] of the examples as they are typed.
 * @returns {{ left: number, right: number, top: number, bottom: number, x: (value: number) => number,
 *   y: (value: number) => number, at: (x: number, y: number) => [number, number], low: number, high: number,
 *   from: number, to: number }}
 */
function frameOf(seen, width, height) {
  const { meta, points, dragged, view } = seen;
  const [from, to] = spread(meta.range, points.map(([x]) => x));
  const heights = [...points.map((row) => row[1]), ...truth(view)];
  const [low, high] = dragged?.heights ?? spread(meta.heights, heights);
  const [left, right, bottom] = [LEFT, width - RIGHT, height - BELOW];
  const top = legendHeight(seen, legend(seen), left, right) + 4;
  const x = (value) => left + ((right - left) * (value - from)) / (to - from);
  const y = (value) => bottom - ((bottom - top) * (value - low)) / (high - low);
  const at = (px, py) => [
    from + ((px - left) / (right - left)) * (to - from),
    low + ((bottom - py) / (bottom - top)) * (high - low),
  ];
  return { left, right, top, bottom, x, y, at, low, high, from, to };
}

// A range that is wide enough for some values, too.
function spread([low, high], values) {
  const margin = 0.04 * (high - low);
  for (const value of values)
    if (Number.isFinite(value)) {
      if (value < low) low = value - margin;
      if (value > high) high = value + margin;
    }
  return [low, high];
}

function legend(seen) {
  const { views, view, colours, show } = seen;
  const entries = [["prediction", colours.accent, []]];
  if (truth(view).length) entries.push(["true function", colours.text, TRUE]);
  const other = views.find((one) => one !== view);
  if (other && show === "versus") entries.push([other.letter, colours.warm, OTHER]);
  for (const { name, colour, dash } of linesOn(seen)) entries.push([name, colour, dash]);
  return entries;
}

function draw(pen, seen, width, height) {
  const frame = frameOf(seen, width, height);
  axes(pen, seen, frame);
  legendAbove(pen, seen, legend(seen), frame.left, frame.right);
  if (seen.show === "solution") misses(pen, seen, frame);
  const curves = curvesOf(seen, frame);
  curves.methods(pen);
  curves.truth(pen);
  curves.path(pen);
  query(pen, seen, frame);
  examples(pen, seen, frame);
  cross(pen, seen, frame);
}

function axes(pen, { colours }, frame) {
  const { left, right, top, bottom, x, y, low, high, from, to } = frame;
  pen.lineWidth = 1;
  pen.fillStyle = colours.muted;
  for (const [start, end, at, ends, across] of [
    [low, high, y, [left, right], false],
    [from, to, x, [top, bottom], true],
  ]) {
    const step = tickStep(end - start, 8, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]);
    pen.textAlign = across ? "center" : "right";
    for (let k = Math.ceil(start / step); k * step <= end; k++) {
      const place = at(k * step);
      pen.strokeStyle = colours.line;
      pen.globalAlpha = k ? 0.4 : 1;
      if (across) segment(pen, place, ends[0], place, ends[1]);
      else segment(pen, ends[0], place, ends[1], place);
      pen.globalAlpha = 1;
      if (across) pen.fillText(axisText(k * step), place, bottom + 23);
      else pen.fillText(axisText(k * step), left - 5, place + 4);
    }
  }
  pen.textAlign = "right";
  pen.fillText("x", right, bottom + 35);
  pen.textAlign = "left";
  pen.fillText("y", 2, top + 4);
}

// A line through the queries in the order of x; what lies beyond the plane runs along its edge.
function line(pen, seen, frame, value, colour, dash, thick, alpha) {
  const { view } = seen;
  const { x, y, top, bottom } = frame;
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.globalAlpha = alpha;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  for (let q = 0; q < view.blanks; q++) {
    const at = y(value(q));
    if (!Number.isFinite(at)) {
      drawing = false;
      continue;
    }
    const here = [x(coordinate(view, view.geometry.examples + q, 0)), clamp(at, top - 2, bottom + 2)];
    if (drawing) pen.lineTo(...here);
    else pen.moveTo(...here);
    drawing = true;
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

function curvesOf(seen, frame) {
  const { view, views, t, colours, show } = seen;
  const now = view.at(t);
  const other = views.find((one) => one !== view);
  const known = truth(view);
  return {
    truth(pen) {
      if (known.length) line(pen, seen, frame, (q) => known[q], colours.text, TRUE, 1.5, 0.8);
    },
    methods(pen) {
      for (const { colour, dash, values } of linesOn(seen))
        line(pen, seen, frame, (q) => values[q], colour, dash, 2, 1);
    },
    path(pen) {
      for (let s = Math.max(1, now - TAIL); s < now; s++) {
        const alpha = 0.08 + 0.3 * (1 - (now - s) / TAIL);
        line(pen, seen, frame, (q) => predicted(view, s, q), colours.accent, [], 1, alpha);
      }
      if (now) line(pen, seen, frame, (q) => predicted(view, now, q), colours.accent, [], 3, 1);
      if (t && other && show === "versus")
        line(pen, seen, frame, (q) => predicted(other, t, q), colours.warm, OTHER, 2, 1);
    },
  };
}

// How far the prediction is from the true function at every query.
function misses(pen, { view, t, colours }, { x, y, top, bottom }) {
  const known = truth(view);
  if (!t || !known.length) return;
  pen.strokeStyle = colours.wrong;
  pen.lineWidth = 2;
  pen.globalAlpha = 0.45;
  for (let q = 0; q < view.blanks; q++) {
    const at = x(coordinate(view, view.geometry.examples + q, 0));
    const [one, other] = [predicted(view, t, q), known[q]].map((value) => clamp(y(value), top, bottom));
    segment(pen, at, one, at, other);
  }
  pen.globalAlpha = 1;
}

// The query that the panels are about: a line, a mark on the axis, and what the model says there.
function query(pen, { view, t, active, colours }, { x, y, top, bottom }) {
  const q = active - view.geometry.examples;
  if (q < 0) return;
  const at = x(coordinate(view, active, 0));
  pen.strokeStyle = pen.fillStyle = colours.warm;
  pen.lineWidth = 1;
  pen.setLineDash([3, 3]);
  segment(pen, at, top, at, bottom);
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(at, bottom + 1);
  pen.lineTo(at - 6, bottom + 12); // above the numbers of the axis
  pen.lineTo(at + 6, bottom + 12);
  pen.closePath();
  pen.fill();
  if (t) disc(pen, at, clamp(y(predicted(view, t, q)), top, bottom), 4.5);
}

function examples(pen, seen, { x, y, top, bottom }) {
  const { view, t, layer, active, colours, font, show, points, dragged } = seen;
  const weighed = show === "attention" && t && view.arrays.attention && points.length === view.geometry.examples;
  const heads = headsShown(seen);
  points.forEach(([px, py], i) => {
    const [across, down] = [x(px), clamp(y(py), top, bottom)];
    if (weighed) {
      pen.fillStyle = colours.warm;
      pen.globalAlpha = 0.35;
      disc(pen, across, down, POINT + 22 * Math.sqrt(meanWeight(view, t, layer, heads, active, i)));
      pen.globalAlpha = 1;
    }
    pen.fillStyle = colours.background;
    disc(pen, across, down, POINT + 1.5);
    pen.fillStyle = colours.text;
    pen.globalAlpha = dragged?.index === i && dragged.out ? 0.25 : 1;
    disc(pen, across, down, POINT);
    pen.globalAlpha = 1;
    if (i === active || i === dragged?.index) {
      pen.strokeStyle = colours.warm;
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.arc(across, down, POINT + 4, 0, 7);
      pen.stroke();
    }
    if (dragged?.index !== i || dragged.out) return;
    pen.font = `12px ${font}`;
    pen.textAlign = across > (x(seen.meta.range[0]) + x(seen.meta.range[1])) / 2 ? "right" : "left";
    const text = `${signed(px)}, ${signed(py)}`;
    label(pen, colours, text, across + (pen.textAlign === "left" ? 14 : -14), down - 10, colours.text);
  });
}

// Where Enter puts an example.
function cross(pen, { view, cross: height, active, colours }, { x, y, top, bottom }) {
  if (height == null || active < view.geometry.examples) return;
  const [across, down] = [x(coordinate(view, active, 0)), clamp(y(height), top, bottom)];
  pen.strokeStyle = colours.text;
  pen.lineWidth = 2;
  segment(pen, across - 9, down, across + 9, down);
  segment(pen, across, down - 9, across, down + 9);
}

/** @returns {([number, number, number, number]|null)[]} left, top, width and height of the cell of every position */
function boxes(seen, width, height) {
  const { view, points } = seen;
  const frame = frameOf(seen, width, height);
  const queries = view.blanks;
  const stripe = Math.max(STRIPE, (frame.right - frame.left) / Math.max(1, queries));
  return Array.from({ length: view.geometry.n }, (_, i) => {
    if (i >= view.geometry.examples) {
      const at = frame.x(coordinate(view, i, 0));
      return [at - stripe / 2, frame.top, stripe, height - frame.top];
    }
    const point = points[i];
    if (!point) return null;
    const [at, down] = [frame.x(point[0]), clamp(frame.y(point[1]), frame.top, frame.bottom)];
    return [at - 2 * POINT, down - 2 * POINT, 4 * POINT, 4 * POINT];
  });
}

/** @type {import("../core/types.js").PromptForm} a prompt of one dimension */
export const plane = { ratio: 1.3, draw, boxes, frameOf };
