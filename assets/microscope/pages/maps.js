// Two dimensions: the predicted surface beside the true one as maps on one scale of colours, and where they differ.

import { clamp, signed, small } from "../core/words.js";
import { heat, largest } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";
import { disc } from "../draw/surface.js";
import { axisText, coordinate, linesOn, predicted, truth } from "./promptruns.js";

const [ABOVE, BELOW, GAP] = [18, 30, 14]; // pixels: words above a map, its numbers below, between two maps
const MOST = 4; // maps side by side
const POINT = 4.5; // radius of an example

// The maps that are shown: the prediction; the truth, or what “Show” has in its place; then the chosen methods, as many
// as there is room for. Each has a title and the value at a query, null before the first loop; the map of the error has
// a scale of its own.
function shown(seen) {
  const { view, t, show, views } = seen;
  const known = truth(view);
  const said = t ? (q) => predicted(view, t, q) : null;
  const maps = [["predicted", said]];
  const other = views.find((one) => one !== view);
  if (show === "versus" && other) maps.push([`${other.letter} predicts`, t ? (q) => predicted(other, t, q) : null]);
  else if (known.length && show === "solution") maps.push(errorMap(view, t, known));
  else if (known.length) maps.push(["true", (q) => known[q]]);
  for (const { name, values } of linesOn(seen).slice(0, MOST - maps.length)) maps.push([name, (q) => values[q]]);
  return maps;
}

// Where the prediction differs from what is true, on the scale of the largest difference after this loop.
function errorMap(view, t, known) {
  if (!t) return ["predicted − true", null];
  const error = (q) => predicted(view, t, q) - known[q];
  const most = largest(Array.from(known, (_, q) => error(q))) || 1;
  return [`error, to ±${small(most)}`, error, most];
}

// Left, top and side of each map.
function squares(count, width, high) {
  const side = Math.min((width - 26 - (count - 1) * GAP) / count, high - ABOVE - BELOW);
  const left = 26 + (width - 26 - count * side - (count - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, i) => [left + i * (side + GAP), ABOVE, side]);
}

// Where a point of the plane stands in a map.
function spot({ meta }, [left, top, side]) {
  const [low, high] = meta.range;
  const share = (value) => clamp((value - low) / (high - low), 0, 1);
  return (x1, x2) => [left + share(x1) * side, top + (1 - share(x2)) * side];
}

function draw(pen, seen, width, high) {
  const { view, meta, colours } = seen;
  const maps = shown(seen);
  // One scale for all maps but that of errors.
  const most = largest([...truth(view), ...seen.points.map((row) => row.at(-1))]) || 1;
  const across = Math.round(Math.sqrt(view.blanks));
  const gridded = across * across === view.blanks && across > 2;
  squares(maps.length, width, high).forEach((box, m) => {
    const [left, top, side] = box;
    const [title, value, own = most] = maps[m];
    const at = spot(seen, box);
    if (value && gridded) tiles(pen, seen, box, across, (q) => clamp(value(q) / own, -1, 1));
    else if (value) dots(pen, seen, at, (q) => clamp(value(q) / own, -1, 1));
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, side, side);
    const titles = value ? [title] : [`${title}: nothing yet`, title];
    caption(pen, seen, fitting(pen, seen, titles, side), left, top - 5);
    caption(pen, seen, axisText(meta.range[0]), left, top + side + 13);
    caption(pen, seen, axisText(meta.range[1]), left + side, top + side + 13, "right");
    caption(pen, seen, "x1", left + side / 2, top + side + 13, "center");
    if (!m) caption(pen, seen, "x2", left - 5, top + side / 2, "right");
    examples(pen, seen, at, most);
    ring(pen, seen, at);
  });
  const scale = `blue ${signed(most, small)}, blank 0, orange ${signed(-most, small)}; discs are the examples`;
  caption(pen, seen, scale, 26, high - 3);
}

function tiles(pen, { view, colours }, [left, top, side], across, value) {
  const ordered = order(view, across);
  heat(pen, left, top, side, side, across, across, (r, c) => value(ordered[(across - 1 - r) * across + c]), colours);
}

// The query of each tile, row by row from the lowest x2 on.
function order(view, across) {
  const found = new Array(across * across).fill(0);
  const { examples } = view.geometry;
  const ends = [0, 1].map((k) => [examples, examples + view.blanks - 1].map((i) => coordinate(view, i, k)));
  for (let q = 0; q < view.blanks; q++) {
    const [column, row] = ends.map(([low, high], k) =>
      Math.round(((coordinate(view, examples + q, k) - low) / (high - low || 1)) * (across - 1)),
    );
    found[row * across + column] = q;
  }
  return found;
}

function dots(pen, { view, colours }, at, value) {
  const { examples } = view.geometry;
  for (let q = 0; q < view.blanks; q++) {
    pen.fillStyle = value(q) < 0 ? colours.warm : colours.accent;
    pen.globalAlpha = Math.abs(value(q));
    disc(pen, ...at(...[0, 1].map((k) => coordinate(view, examples + q, k))), 7);
  }
  pen.globalAlpha = 1;
}

// Each example in the colour of its y, in a dark ring.
function examples(pen, { points, colours, dragged }, at, most) {
  points.forEach(([x1, x2, y], i) => {
    const here = at(x1, x2);
    pen.globalAlpha = dragged?.index === i && dragged.out ? 0.25 : 1;
    pen.fillStyle = colours.text;
    disc(pen, ...here, POINT + 2);
    pen.fillStyle = colours.background;
    disc(pen, ...here, POINT);
    pen.fillStyle = y < 0 ? colours.warm : colours.accent;
    pen.globalAlpha *= clamp(Math.abs(y) / most, 0, 1);
    disc(pen, ...here, POINT);
    pen.globalAlpha = 1;
  });
}

function ring(pen, { view, active, colours }, at) {
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(...at(...[0, 1].map((k) => coordinate(view, active, k))), POINT + 5, 0, 7);
  pen.stroke();
}

/** @returns {([number, number, number, number]|null)[]} left, top, width and height of the cell of every position */
function boxes(seen, width, high) {
  const { view, points } = seen;
  const { examples, n } = view.geometry;
  const [box] = squares(shown(seen).length, width, high);
  const at = spot(seen, box);
  const step = Math.max(9, box[2] / Math.max(1, Math.round(Math.sqrt(view.blanks)) - 1));
  return Array.from({ length: n }, (_, i) => {
    if (i < examples && !points[i]) return null;
    const [x, y] = i < examples ? at(...points[i]) : at(...[0, 1].map((k) => coordinate(view, i, k)));
    const size = i < examples ? 4 * POINT : step;
    return [x - size / 2, y - size / 2, size, size];
  });
}

/** What stands where on the first map, for the pointer: as `frameOf` of a plane. */
function frameOf(seen, width, high) {
  const [[left, top, side]] = squares(shown(seen).length, width, high);
  const [from, to] = seen.meta.range;
  const at = spot(seen, [left, top, side]);
  return {
    left,
    right: left + side,
    top,
    bottom: top + side,
    from,
    to,
    low: from,
    high: to,
    x: (value) => at(value, from)[0],
    y: (value) => at(from, value)[1],
    at: (px, py) => [
      from + ((px - left) / side) * (to - from),
      from + ((top + side - py) / side) * (to - from),
    ],
  };
}

/** @type {import("../core/types.js").PromptForm} a prompt of two dimensions */
export const maps = { ratio: 1.75, draw, boxes, frameOf, shown };
