// The paths of all hidden states through two or three principal components.

import { clamp, passing, short, tenths } from "../core/words.js";
import { largest } from "../draw/board.js";
import { caption, label, legendAbove, legendHeight } from "../draw/legend.js";
import { disc } from "../draw/surface.js";

const PAD = 14; // pixels between the outermost state and the edge
const [LEFT, ABOVE, BELOW] = [4, 16, 14]; // and for the names of the axes
const SIGN = 18; // pixels, the height of the sign of a group
const AROUND = [0, -1, 1, -2, 2, -3, 3].flatMap((down) => [1, -1, 0, 2, -2].map((across) => [across, down]));

// Where the state of cell i after loop t stands: in the plane of the first two components, or turned in the space of
// the first three.
function place(seen, width, height) {
  const { view, views, mode, camera } = seen;
  const {
    values: p,
    shape: [, n, parts],
  } = view.arrays.trajectory;
  const space = mode === "space" && parts > 2;
  const one = view.meta.shared_basis ? views : [view]; // one scale for runs in one basis: equal points are equal states
  if (!view.extent) {
    const extent = (view.extent = [Infinity, -Infinity, Infinity, -Infinity, 0]);
    for (const {
      arrays: {
        trajectory: { values },
      },
    } of one)
      for (let i = 0; i < values.length; i += parts) {
        extent[0] = Math.min(extent[0], values[i]);
        extent[1] = Math.max(extent[1], values[i]);
        extent[2] = Math.min(extent[2], values[i + 1]);
        extent[3] = Math.max(extent[3], values[i + 1]);
        extent[4] = Math.max(extent[4], Math.hypot(values[i], values[i + 1], values[i + 2] ?? 0));
      }
  }
  const [x0, x1, y0, y1, radius] = view.extent;
  const right = width - 2 * PAD - LEFT;
  const room = legendRoom(seen, width);
  const down = height - room - 2 * PAD - ABOVE - BELOW;
  const scale = (Math.min(width, height - room) / 2 - PAD) / (radius || 1); // in space one for all axes
  const [turn, tilt] = camera;
  const [c, s, ct, st] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return (t, i) => {
    const k = (view.at(t) * n + i) * parts;
    if (space) {
      const along = c * p[k] + s * p[k + 2];
      const deep = c * p[k + 2] - s * p[k];
      return [width / 2 + along * scale, (height + room) / 2 - (ct * p[k + 1] + st * deep) * scale];
    }
    const [across, under] = [(p[k] - x0) / (x1 - x0 || 1), (y1 - p[k + 1]) / (y1 - y0 || 1)];
    return [LEFT + PAD + across * right, room + ABOVE + PAD + under * down];
  };
}

// What the signs of the groups stand for, as the entries of a legend; none where they say so themselves.
function meanings(seen) {
  const { geometry, view } = seen;
  if (view.numbers || !geometry.meaning) return [];
  const tints = seen.colours.groups;
  return groups(seen).flatMap(([text], k) => {
    const meaning = geometry.meaning(text);
    return meaning ? [[meaning, tints[k % tints.length], text]] : [];
  });
}

// Pixels above the states for that legend.
function legendRoom(seen, width) {
  const entries = meanings(seen);
  return entries.length ? legendHeight(seen, entries, 4, width) : 0;
}

// The cells grouped by their answer: [answer, cells], in the order of the tokens.
function groups({ view, t, geometry }) {
  const found = new Map();
  for (let i = 0; i < geometry.n; i++) {
    const text = view.text(t, i);
    if (text) found.set(text, [...(found.get(text) ?? []), i]);
  }
  return [...found].sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
}

function groupsInColours(seen) {
  const { groups: tints } = seen.colours;
  return groups(seen).map(([text, cells], k) => [text, cells, tints[k % tints.length]]);
}

// Where answers are numbers: blue above zero, orange below, the fuller the farther from it; what is given is grey.
function markNumbers(pen, { view, t, colours, geometry }, spot) {
  const most = t ? largest(view.arrays.predictions.values) || 1 : 1;
  for (let i = 0; i < geometry.n; i++) {
    const said = t && view.asked[i] ? view.number(t, i) : 0;
    pen.fillStyle = view.asked[i] ? (said < 0 ? colours.warm : colours.accent) : colours.muted;
    pen.globalAlpha = view.asked[i] ? 0.25 + (0.75 * Math.abs(said)) / most : 0.8;
    mark(pen, ...spot(i), view.asked[i]);
  }
  pen.globalAlpha = 1;
}

const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

// A disc where an answer is asked, a square where the input gives it.
function mark(pen, x, y, asked) {
  if (asked) disc(pen, x, y, 3.5);
  else pen.fillRect(x - 3, y - 3, 6, 6);
}

// Whether all states stand at one point, as zero states do before the first loop.
function together(named, at) {
  const points = named.flatMap(([, cells]) => cells.map(at));
  return points.every(([x, y]) => Math.abs(x - points[0][0]) < 1 && Math.abs(y - points[0][1]) < 1);
}

// The point of a group that is nearest to its middle.
function central(points) {
  const [x, y] = [0, 1].map((axis) => middle(points.map((point) => point[axis])));
  const away = points.map((point) => Math.hypot(point[0] - x, point[1] - y));
  return points[away.indexOf(Math.min(...away))];
}

/**
 * Where one large sign for each group stands: beside the point that is in its middle, clear of the other signs, where
 * it covers the fewest points.
 * @param {[number, number][][]} groups the points of each
 * @param {number} [room] pixels above the figure that a legend takes
 * @returns {([number, number]|null)[]} null where there is no room
 */
export function signSpots(groups, width, height, room = 0) {
  const all = groups.flat();
  const covered = ([x, y]) => all.filter((at) => Math.abs(at[0] - x) < SIGN / 2 && Math.abs(at[1] - y + 6) < SIGN / 2);
  const taken = [];
  const clear = ([x, y]) => taken.every(([left, top]) => Math.abs(left - x) >= SIGN || Math.abs(top - y) >= SIGN);
  return groups.map((points) => {
    // While a message arrives, a larger input has places without states: their points are not finite.
    const known = points.filter((point) => point.every(Number.isFinite));
    if (!known.length) return null;
    const [x, y] = central(known);
    const free = AROUND.map(([across, down]) => [
      clamp(x + across * SIGN, LEFT + SIGN / 2, width - SIGN / 2),
      clamp(y + 6 + down * SIGN, room + SIGN + ABOVE, height - BELOW - 2),
    ]).filter(clear);
    const over = free.map((spot) => covered(spot).length);
    const best = free[over.indexOf(Math.min(...over))];
    if (best) taken.push(best);
    return best ?? null;
  });
}

// A group without room for its sign is named when it is pointed at.
function groupLabels(pen, named, at, seen, width, height) {
  const { colours, font } = seen;
  pen.font = `bold ${SIGN}px ${font}`;
  pen.textAlign = "center";
  const spots = signSpots(
    named.map(([, cells]) => cells.map(at)),
    width,
    height,
    legendRoom(seen, width),
  );
  named.forEach(([text, , colour], k) => spots[k] && label(pen, colours, text, ...spots[k], colour));
}

// The name of a cell and its answer beside its state.
function nameCell(pen, seen, cell, at, width) {
  const { view, t, geometry, colours, font } = seen;
  const sign = view.text(t, cell);
  const text = seen.words(`${geometry.name(cell)}: ${geometry.meaning?.(sign) ?? (sign || "no answer")}`);
  pen.font = `12px ${font}`;
  const half = pen.measureText(text).width / 2;
  const [x, y] = at(cell);
  pen.textAlign = "center";
  const [across, down] = [clamp(x, half + 5, width - half - 5), y < 34 ? y + 24 : y - 14];
  pen.fillStyle = colours.background; // signs and discs do not show through
  pen.fillRect(across - half - 5, down - 13, 2 * half + 10, 18);
  label(pen, colours, text, across, down, colours.text);
}

function axisNames(pen, seen, width, height) {
  const named = (k) => `component ${k + 1} (${tenths(seen.view.meta.explained[k])})`;
  caption(pen, seen, `${named(0)} →`, width - 4, height - 4, "right");
  caption(pen, seen, `↑ ${named(1)}, a scale of its own`, 4, legendRoom(seen, width) + 12);
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "trajectory",
  title: "Hidden states",
  needs: "trajectory",
  modes: [
    ["plane", "2-D"],
    ["space", "3-D"],
  ],
  turns: "space",
  help:
    "Every {place} has a hidden state of many numbers. This is their path, seen in the two directions " +
    "(principal components, fitted once to this whole run) in which the states differ most. A disc stands " +
    "where the state of {a place} is now (a square where the {token} is given); {places} with one answer share " +
    "a colour and a large sign (numbers: blue above zero, orange below, the fuller the farther). Thin lines are " +
    "the last 16 {loops} of a way; thick: the whole way of the chosen {place}. In 2-D each direction fills the " +
    "figure by itself, so distances along the two do not compare; in 3-D they do, and a drag turns it. Point at a " +
    "disc for its {place}, click to choose it.",
  formula:
    "The principal axes of the states h[t] of all {places} and {loops} together (of both runs, when two " +
    "are compared); a point is ((h[t] − mean) · a₁, (h[t] − mean) · a₂), in 3-D with a₃. Share of an " +
    "axis: its eigenvalue over the sum of all.",
  drawing: "Path of every {place}'s hidden state through two principal components",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, geometry } = seen;
    const { n } = geometry;
    const now = view.at(t);
    const at = place(seen, width, height);
    const path = (i, from, to) => {
      pen.beginPath();
      pen.moveTo(...at(from, i));
      for (let s = from + 1; s <= to; s++) pen.lineTo(...at(s, i));
      pen.stroke();
    };
    pen.strokeStyle = colours.muted;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.22;
    // The last loops alone: longer tails would cover the points.
    for (let i = 0; i < n; i++) if (i !== active) path(i, Math.max(0, now - 16), now);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    path(active, 0, now);
    const spot = (i) => at(now, i);
    const named = view.numbers ? [] : groupsInColours(seen);
    for (const [, cells, colour] of named) {
      pen.fillStyle = colour;
      for (const i of cells) mark(pen, ...spot(i), view.asked[i]);
    }
    if (view.numbers) markNumbers(pen, seen, spot);
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    const [x, y] = spot(active);
    pen.strokeRect(x - 7, y - 7, 14, 14);
    if (!together(named, spot)) groupLabels(pen, named, spot, seen, width, height);
    const explained = meanings(seen);
    if (explained.length) legendAbove(pen, seen, explained, 4, width);
    if (seen.mode !== "space") axisNames(pen, seen, width, height);
    if (seen.hover != null) nameCell(pen, seen, seen.hover, spot, width);
  },
  describe(seen) {
    const { view, t, active, geometry, mode } = seen;
    const { n } = geometry;
    const now = view.at(t);
    const held = view.meta.explained_sums[mode === "space" ? 2 : 1];
    const share =
      `The ${mode === "space" ? "three" : "two"} directions hold ` +
      `${tenths(held)} of all differences between ` +
      `states${view.meta.shared_basis ? " of both runs, which are drawn in the same directions" : ""}.`;
    if (!t)
      return (
        "All {places} start " +
        `${view.meta.zero_start ? "at the same point: the state is zero" : "from their embedded input"}. ` +
        `${share}`
      );
    return (
      `In ${passing(view, t)} the state of ${geometry.name(active)} moved by ` +
      `${short(view.arrays.residual_cell.values[(now - 1) * n + active])}. ${share}`
    );
  },
  pick(x, y, seen, width, height) {
    const { t, geometry } = seen;
    const at = place(seen, width, height);
    let best = null;
    let distance = 18;
    for (let i = 0; i < geometry.n; i++) {
      const [px, py] = at(t, i);
      const d = Math.hypot(px - x, py - y);
      if (d < distance) {
        distance = d;
        best = i;
      }
    }
    return best == null ? null : { cell: best };
  },
  table({ view, geometry }) {
    const rows = [];
    const {
      values,
      shape: [, , parts],
    } = view.arrays.trajectory;
    for (let t = 0; t <= view.loops; t++)
      for (let i = 0; i < geometry.n; i++)
        rows.push([
          t,
          geometry.name(i),
          ...Array.from({ length: parts }, (_, k) => values[(t * geometry.n + i) * parts + k].toPrecision(6)),
        ]);
    return { columns: ["{loop}", "{place}", ...Array.from({ length: parts }, (_, k) => `component ${k + 1}`)], rows };
  },
};
