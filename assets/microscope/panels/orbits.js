// The path of one hidden state in three planes of principal components.

import { percent, sentence, small } from "../core/words.js";
import { boxes } from "../draw/board.js";
import { caption, fitting, legendAbove } from "../draw/legend.js";
import { disc } from "../draw/surface.js";

const [NAME, AXES] = [10, 31]; // pixels above a frame for its components, and below it for its axes

// What the signs mean.
const key = ({ colours }) => [
  ["start", colours.muted, "●"],
  ["now", colours.warm, "⬤"],
  ["up to now", colours.warm, []],
  ["whole run", colours.line, []],
];

// Which components a frame shows, how much they hold, and below it its axes and how far it is across.
function frameWords(pen, seen, [left, top, wide, high], plane, across) {
  const [a, b] = [2 * plane + 1, 2 * plane + 2];
  const said = percent(seen.view.meta.explained_planes[plane]);
  const names = [`components ${a} and ${b}: ${said}`, `components ${a}, ${b}: ${said}`, `comp. ${a}, ${b}: ${said}`];
  caption(pen, seen, fitting(pen, seen, names, wide), left, top - 4);
  const axes = [`→ component ${a}, ↑ component ${b}`, `→ comp. ${a}, ↑ comp. ${b}`, `→ ${a}, ↑ ${b}`];
  caption(pen, seen, fitting(pen, seen, axes, wide), left, top + high + 13);
  caption(pen, seen, `${small(across)} across`, left, top + high + 27);
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "orbits",
  title: "Orbits",
  question: "Do the states circle around something?",
  about: "run",
  needs: "trajectory",
  help:
    "The way of the chosen {place}'s hidden state through three planes: principal components 1 and 2, 3 " +
    "and 4, 5 and 6, which were fitted once to all states of the run (of both runs when two are " +
    "compared). A way that ends in a point has converged; one that circles or jumps to and fro is an " +
    "orbit. Thin: the whole run; thick: up to this {loop}; the small grey dot is the start, the large one is now. " +
    "Every frame has a scale of its own, which is the same along both of its axes: below it stands how far it is " +
    "across, in the units of the state.",
  formula:
    "Coordinates (h[t] − mean) · aₖ with the principal axes aₖ of all h[t] of all {places}, as in " +
    "Geiping et al. (2502.05171).",
  drawing: "Path of the chosen {place}'s hidden state in three planes of principal components",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, geometry } = seen;
    const { n } = geometry;
    const {
      values,
      shape: [, , parts],
    } = view.arrays.trajectory;
    const now = view.at(t);
    const above = legendAbove(pen, seen, key(seen), 0, width) + NAME;
    boxes(3, 0, width, height).forEach(([left, , wide], plane) => {
      const [top, high] = [above, height - above - AXES];
      const a = 2 * plane;
      const b = a + 1;
      if (b >= parts) return;
      const at = (s, k) => values[(s * n + active) * parts + k];
      let scale = Infinity; // one for both axes: distances are true
      const middle = [a, b].map((k) => {
        let low = Infinity;
        let most = -Infinity;
        for (let s = 0; s <= view.loops; s++) {
          low = Math.min(low, at(s, k));
          most = Math.max(most, at(s, k));
        }
        scale = Math.min(scale, ((k === a ? wide : high) - 16) / (most - low || 1));
        return (low + most) / 2;
      });
      const place = (s) => [
        left + wide / 2 + (at(s, a) - middle[0]) * scale,
        top + high / 2 - (at(s, b) - middle[1]) * scale,
      ];
      const path = (to, colour, thick) => {
        pen.strokeStyle = colour;
        pen.lineWidth = thick;
        pen.beginPath();
        pen.moveTo(...place(0));
        for (let s = 1; s <= to; s++) pen.lineTo(...place(s));
        pen.stroke();
      };
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.strokeRect(left, top, wide, high);
      path(view.loops, colours.line, 1);
      path(now, colours.warm, 1.8);
      pen.fillStyle = colours.warm;
      disc(pen, ...place(now), 4);
      pen.fillStyle = colours.muted;
      disc(pen, ...place(0), 2.5);
      frameWords(pen, seen, [left, top, wide, high], plane, wide / scale);
    });
  },
  describe(seen) {
    const { view, active, geometry } = seen;
    const held = view.meta.explained_sums.at(-1);
    return (
      `${sentence(geometry.name(active))} through three planes, which together hold ${percent(held)} ` +
      `of all differences between states${view.meta.shared_basis ? " of both runs" : ""}.`
    );
  },
  pick: () => null,
  table({ view, active, geometry }) {
    const {
      values,
      shape: [, , parts],
    } = view.arrays.trajectory;
    return {
      columns: ["{loop}", ...Array.from({ length: parts }, (_, k) => `component ${k + 1} of ${geometry.name(active)}`)],
      rows: Array.from({ length: view.loops + 1 }, (_, s) => [
        s,
        ...Array.from({ length: parts }, (_, k) => values[(s * geometry.n + active) * parts + k].toPrecision(6)),
      ]),
    };
  },
};
