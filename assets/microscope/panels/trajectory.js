// The paths of all hidden states through two or three principal components.

import { percent, short } from "../core/words.js";

// Where the state of cell i after loop t stands: in the plane of the first two components, or turned in the space of
// the first three.
function place({ view, views, mode, camera }, width, height) {
  const {
    values: p,
    shape: [, n, parts],
  } = view.arrays.trajectory;
  const pad = 12;
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
  const [x0, x1, y0, y1, radius] = view.extent; // one scale for all axes: distances are true
  const scale = space
    ? (Math.min(width, height) / 2 - pad) / (radius || 1)
    : Math.min((width - 2 * pad) / (x1 - x0 || 1), (height - 2 * pad) / (y1 - y0 || 1));
  const [turn, tilt] = camera;
  const [c, s, ct, st] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return (t, i) => {
    const k = (view.at(t) * n + i) * parts;
    if (space) {
      const along = c * p[k] + s * p[k + 2];
      const deep = c * p[k + 2] - s * p[k];
      return [width / 2 + along * scale, height / 2 - (ct * p[k + 1] + st * deep) * scale];
    }
    return [width / 2 + (p[k] - (x0 + x1) / 2) * scale, height / 2 - (p[k + 1] - (y0 + y1) / 2) * scale];
  };
}

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
    "(principal components, fitted once to this whole run) in which the states differ most. Each " +
    "{token} stands where its {place}'s state is now and shows the answer read from it; thin lines are " +
    "the last 16 loops of its way. Thick: the whole way of the chosen {place}. In 3-D a third direction " +
    "is added: drag to turn it. Point at {a token} to preview its {place}, click to choose it.",
  formula:
    "The principal axes of the states h[t] of all {places} and loops together (of both runs, when two " +
    "are compared); a point is ((h[t] − mean) · a₁, (h[t] − mean) · a₂), in 3-D with a₃. Share of an " +
    "axis: its eigenvalue over the sum of all.",
  drawing: "Path of every {place}'s hidden state through two principal components",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, font, geometry } = seen;
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
    // Longer tails would cover everything.
    for (let i = 0; i < n; i++) if (i !== active) path(i, Math.max(0, now - 16), now);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    path(active, 0, now);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const i of [...Array(n).keys()].filter((i) => i !== active).concat(active)) {
      // the chosen one on top
      pen.fillStyle = i === active ? colours.warm : view.asked[i] ? colours.accent : colours.text;
      pen.font = `${i === active ? "bold 17" : view.asked[i] ? "12" : "bold 11"}px ${font}`;
      pen.fillText(view.text(t, i) || "·", ...at(now, i));
    }
    pen.textBaseline = "alphabetic";
  },
  describe(seen) {
    const { view, t, active, geometry, mode } = seen;
    const { n } = geometry;
    const now = view.at(t);
    const held = view.meta.explained_sums[mode === "space" ? 2 : 1];
    const share =
      `The ${mode === "space" ? "three" : "two"} directions hold ` +
      `${percent(held)} of all differences between ` +
      `states${view.meta.shared_basis ? " of both runs, which are drawn in the same directions" : ""}.`;
    if (!t)
      return (
        "All {places} start " +
        `${view.meta.zero_start ? "at the same point: the state is zero" : "from their embedded input"}. ` +
        `${share}`
      );
    return (
      `In this loop the state of ${geometry.name(active)} moved by ` +
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
    return { columns: ["loop", "{place}", ...Array.from({ length: parts }, (_, k) => `component ${k + 1}`)], rows };
  },
};
