// Which step of gradient descent, of momentum or of Newton's method the predictions of each loop are nearest to.

import { known } from "../core/arrays.js";
import { beforeAll, clamp, plural, small } from "../core/words.js";
import { ABOVE, AXIS, loopAt, loopAxis, tickStep } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, fitting } from "../draw/legend.js";
import { disc } from "../draw/surface.js";

const TOP = 18 + ABOVE; // pixels, for the name of the method and the word of the axis
const FEWEST = 12; // steps that are drawn at least

// The method that is shown, one of those that the message has.
function methodOf({ mode, view }) {
  const found = view.meta.descent.findIndex(({ name }) => name === mode);
  return Math.max(0, found);
}

const distanceOf = ({ view }, method) => {
  const { values, shape } = view.arrays.descent_distance;
  return (s, step) => values[(method * shape[1] + s - 1) * shape[2] + step];
};

const nearestOf = ({ view }, method) => {
  const { values, shape } = view.arrays.descent_nearest;
  return (s) => values[method * shape[1] + s - 1];
};

// Twice as many steps as the farthest nearest one, so that it stands in the middle of the figure.
function scaleOf(seen, method, height) {
  const close = nearestOf(seen, method);
  let most = 0;
  for (let s = 1; s <= seen.view.loops; s++) most = Math.max(most, close(s));
  const steps = Math.min(seen.view.arrays.descent_distance.shape[2], Math.max(FEWEST, 2 * most) + 1);
  const bottom = height - 20;
  return { steps, bottom, y: (step) => bottom - ((bottom - TOP) * (step + 0.5)) / steps };
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "descent",
  title: "Gradient descent",
  page: "in-context",
  question: "Which step of gradient descent is each {loop}?",
  about: "run",
  needs: "descent_distance",
  modes: [
    ["gradient", "plain"],
    ["momentum", "momentum"],
    ["newton", "Newton"],
  ],
  help:
    "One column for every {loop}, one row for every step of a known method on the same {clues}: the bluer, the " +
    "nearer " +
    "are the predictions of the two (on a logarithmic scale). The dot is the nearest step. A line of dots that " +
    "rises evenly says that {a loop} is worth so many steps; one that goes along the bottom says that the model does " +
    "something else. Click to set the clock.",
  formula:
    "Root mean square over the {asked_many} of (prediction after {loop} t − prediction after step s). The method " +
    "starts from zero and makes the squared error on the {clues} small with the best constant step: over linear " +
    "functions where the task is linear, elsewhere over functions of a squared-exponential kernel.",
  drawing: "Distance between the predictions of every {loop} and of every step of a method",
  draw(pen, seen, width, height) {
    const { view, t, colours } = seen;
    const { loops } = view;
    const method = methodOf(seen);
    const far = distanceOf(seen, method);
    const close = nearestOf(seen, method);
    const { steps, bottom, y } = scaleOf(seen, method, height);
    const right = width - AXIS.right;
    const half = (right - AXIS.left) / loops / 2;
    const x = (s) => AXIS.left + (2 * s - 1) * half;
    const { most, least } = view.meta.descent[method];
    const span = Math.log10(most / least) || 1;
    const dark = (row, s) => 0.9 * clamp(Math.log10(most / far(s + 1, steps - 1 - row)) / span, 0, 1);
    // Without {clues} there is nothing to descend on.
    if (close(1) >= 0) heat(pen, AXIS.left, TOP, right - AXIS.left, bottom - TOP, steps, loops, dark, colours);
    const now = view.at(t);
    loopAxis(pen, seen, width, TOP, bottom, loops, view.meta.trained_loops, now, x);
    const every = tickStep(steps, Math.max(2, Math.floor((bottom - TOP) / 22)), [1, 2, 5, 10, 20, 50, 100]);
    for (let step = 0; step < steps; step += every) caption(pen, seen, step, AXIS.left - 6, y(step) + 4, "right");
    const name = `step of ${view.meta.descent[method].label}`;
    const range = `full blue: ${small(least)} away, none: ${small(most)}`;
    const shorter = `${name}; ${range}`;
    const long = `${shorter}; dot: the nearest step`;
    const said = fitting(pen, seen, [long, `${shorter}; dot: nearest`, shorter, range], right - AXIS.left);
    caption(pen, seen, said, AXIS.left, 12);
    pen.fillStyle = colours.warm;
    for (let s = 1; s <= loops; s++) if (close(s) >= 0) disc(pen, x(s), y(close(s)), s === now ? 5 : 2.6);
  },
  describe(seen) {
    const { view, t } = seen;
    const method = methodOf(seen);
    const { label } = view.meta.descent[method];
    const now = view.at(t);
    const step = nearestOf(seen, method)(now || 1);
    if (!t && step >= 0) return beforeAll("the dots show which step every {loop} will be nearest to");
    if (step < 0) return `There is nothing for ${label} to do: it needs {clues}.`;
    const last = view.arrays.descent_distance.shape[2] - 1;
    const which = step === last ? `the last of ${last} steps` : plural(step, "step");
    return (
      `After ${plural(now, "{loop}")} the predictions are nearest to those of ${which} of ${label}: ` +
      `${small(distanceOf(seen, method)(now, step))} apart (root mean square).`
    );
  },
  pick: (x, y, { view }, width) => ({ loop: loopAt(x, width, view.loops) }),
  table(seen) {
    const { view } = seen;
    const rows = view.meta.descent.flatMap(({ label }, method) =>
      Array.from({ length: view.loops }, (_, s) => {
        const step = nearestOf(seen, method)(s + 1);
        return [label, s + 1, known(step), step < 0 ? "" : distanceOf(seen, method)(s + 1, step).toPrecision(5)];
      }),
    );
    return { columns: ["method", "{loop}", "nearest step", "distance"], rows };
  },
};
