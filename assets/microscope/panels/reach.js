// How much the chosen point attends to each example, over how far away that example is.

import { entry, headIndex, share } from "../core/arrays.js";
import { percent, plural, sentence, small } from "../core/words.js";
import { AXIS } from "../draw/axis.js";
import { headsShown } from "../draw/heads.js";
import { caption, legendAbove } from "../draw/legend.js";
import { levelLines, levels } from "../draw/levels.js";
import { disc, segment } from "../draw/surface.js";

// The examples that a point can attend to, each with how far away it is.
function around({ view, active }) {
  const { neighbours, reach_distance: far } = view.arrays;
  const [, width] = neighbours.shape;
  const places = Array.from({ length: width }, (_, k) => [neighbours.values[active * width + k], active * width + k]);
  return places
    .filter(([j]) => j >= 0 && j < view.geometry.examples)
    .map(([j, at]) => ({ j, away: far.values[at] }));
}

// Where a distance and a weight stand.
function chart(seen, top, width, height) {
  const { view, t, layer, active } = seen;
  const heads = headsShown(seen);
  const near = around(seen);
  const dots = near.flatMap(({ j, away }) => {
    return heads.map((head) => ({ j, away, head, weight: t ? view.weight(t, layer, head, active, j) : 0 }));
  });
  const bottom = height - 30;
  const [right, most] = [width - AXIS.right, Math.max(0, ...near.map(({ away }) => away)) || 1];
  const even = view.arrays.reach_equal.values[active]; // NaN without examples
  const scale = levels([...dots.map(({ weight }) => weight), ...(near.length ? [even] : [])], top, bottom);
  const x = (away) => AXIS.left + 6 + ((right - AXIS.left - 6) * away) / most;
  return { ...scale, dots, most, right, even, x };
}

const legend = ({ colours }, heads) =>
  heads.map((head) => [`head ${head + 1}`, colours.groups[head % colours.groups.length], "●"]);

/** @type {import("../core/types.js").Panel} */
export default {
  name: "reach",
  title: "Attention reach",
  page: "in-context",
  question: "Does it look at what is near?",
  about: "place",
  needs: "reach_distance",
  choosesHead: true,
  help:
    "A dot for every example and head: how far the example is from the chosen point, and how much the point attends " +
    "to it in the {loop} that led here. Dots that fall to the right are a model that looks at its neighbours, as k " +
    "nearest neighbours does; dots on one level are one that takes all examples together, as a regression does. The " +
    "dashed line is an even share. Point at a dot for its example, click to choose it.",
  formula:
    "A[i, j] for the chosen point i over ‖xᵢ − xⱼ‖, in Euclidean norm; in the sentence Σⱼ A[i, j] ‖xᵢ − xⱼ‖ over all " +
    "examples j, divided by Σⱼ A[i, j], beside the plain mean.",
  drawing: "Attention of the chosen point to every example over its distance",
  draw(pen, seen, width, height) {
    const { colours, hover, geometry, t } = seen;
    if (!geometry.examples) return;
    const top = legendAbove(pen, seen, legend(seen, headsShown(seen)), AXIS.left, width - AXIS.right);
    const found = chart(seen, top, width, height);
    const { x, y, dots, most, right, bottom, even } = found;
    levelLines(pen, seen, found, width);
    caption(pen, seen, "0", x(0), bottom + 14, "center");
    caption(pen, seen, small(most), right, bottom + 14, "right");
    caption(pen, seen, "attention ↑, distance in x →", (AXIS.left + right) / 2, bottom + 26, "center");
    if (!t || !dots.length) return;
    pen.strokeStyle = colours.muted;
    pen.setLineDash([4, 4]);
    segment(pen, AXIS.left, y(even), right, y(even));
    pen.setLineDash([]);
    for (const { j, away, head, weight } of dots) {
      pen.fillStyle = colours.groups[head % colours.groups.length];
      pen.globalAlpha = hover == null || hover === j || hover >= geometry.examples ? 0.85 : 0.3;
      disc(pen, x(away), y(weight), hover === j ? 5 : 3.5);
    }
    pen.globalAlpha = 1;
  },
  describe(seen) {
    const { view, t, layer, active, geometry } = seen;
    const { examples } = geometry;
    if (!examples) return "There are no {clues} to attend to.";
    if (!t) return "No attention yet: the first {loop} has not run.";
    const here = [view.at(t) - 1, layer, headIndex(seen), active];
    const { reach_mean: weighed, reach_even: even, reach_share: shares } = view.arrays;
    const name = sentence(geometry.name(active));
    const part = share(shares, ...here);
    const self = part < 1 ? ` (${percent(part)} of it; the rest stays at the point itself)` : "";
    if (!Number.isFinite(entry(weighed, ...here))) return `${name} does not attend to any {clue}.`;
    return (
      `${name}: weighed by its attention${self} the ${plural(examples, "{clue} is", "{clues} are")} ` +
      `${small(entry(weighed, ...here))} away; on the average ${small(even.values[active])}.`
    );
  },
  pick(px, py, seen, width, height) {
    if (!seen.t) return null;
    const { x, y, dots } = chart(seen, 24, width, height);
    let [best, least] = [null, 144];
    for (const { j, away, weight } of dots) {
      const far = (x(away) - px) ** 2 + (y(weight) - py) ** 2;
      if (far < least) [best, least] = [j, far];
    }
    return best == null ? null : { cell: best };
  },
  table(seen) {
    const { view, layer, active, geometry } = seen;
    const rows = [];
    for (let t = 1; t <= view.loops; t++)
      for (const { j, away } of around(seen))
        for (let head = 0; head < view.meta.heads; head++) {
          const weight = view.weight(t, layer, head, active, j);
          rows.push([t, geometry.name(j), away.toPrecision(4), head + 1, weight.toPrecision(4)]);
        }
    return { columns: ["{loop}", "example", "distance", "head", "attention"], rows };
  },
};
