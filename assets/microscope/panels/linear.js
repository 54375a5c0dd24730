// How much of a loop is one and the same linear map.

import { entry } from "../core/arrays.js";
import { apartFromOne, beforeFirst, percent, plural, short, signed } from "../core/words.js";
import { ABOVE, AXIS, curve, loopAt, loopAxis } from "../draw/axis.js";
import { drawLines } from "../draw/intervals.js";
import { caption, legendAbove, wordsWide } from "../draw/legend.js";
import { levelLines, levels, underMarks } from "../draw/levels.js";
import { disc, segment } from "../draw/surface.js";

const NAMES = ["linear map", "nothing changes"];
const [REAL, IMAGINARY] = ["real part", "imaginary part"];
const SIDES = {
  below: "below 1, so that the map, applied again and again, comes to rest",
  at: "neither below nor above 1 as far as six decimals tell",
  above: "above 1, so that the map, applied again and again, grows without end",
};

function linesOf({ colours }, map, still) {
  return [
    { words: NAMES[0], colour: colours.accent, dash: [], at: (i) => [map.values[i], NaN, NaN], thick: 2.4 },
    { words: NAMES[1], colour: colours.warm, dash: [6, 3], at: (i) => [still.values[i], NaN, NaN] },
  ];
}

const counted = (count) => Array.from({ length: count }, (_, i) => i + 1);

// Both errors over the loops of the run, with the clock.
function drawLoops(pen, seen, width, height) {
  const { view, t, asked, colours } = seen;
  const { error, still } = asked.arrays;
  const entries = linesOf(seen, error, still).map(({ words, colour, dash }) => [words, colour, dash]);
  const top = legendAbove(pen, seen, entries, AXIS.left, width - AXIS.right) + ABOVE;
  const scale = levels([...error.values, ...still.values], top, height - 20, 1e-4);
  levelLines(pen, seen, scale, width);
  const x = loopAxis(pen, seen, width, top, height - 20, view.loops, view.meta.trained_loops, view.at(t));
  curve(pen, view.loops, x, (s) => scale.y(still.values[s - 1]), colours.warm, [6, 3]);
  curve(pen, view.loops, x, (s) => scale.y(error.values[s - 1]), colours.accent, [], 2.4);
  const at = Array.from({ length: view.loops }, (_, s) => x(s + 1));
  underMarks(pen, scale, at, (s) => still.values[s], colours.warm);
  underMarks(pen, scale, at, (s) => error.values[s], colours.accent, 1);
}

// The eigenvalues in the plane of complex numbers, and the circle inside of which they fade.
function drawPlane(pen, seen, width, height) {
  const { asked, colours } = seen;
  const { values } = asked.arrays.eigenvalues;
  const most = Math.max(1.15, ...values.map(Math.abs));
  const entries = [
    ["eigenvalue", colours.accent, "●", 0.75],
    ["modulus 1", colours.muted, []],
  ];
  const top = legendAbove(pen, seen, entries, 10, width - 10) + 16; // and the name of the upright axis
  const aside = wordsWide(seen, REAL) + 8;
  const scale = Math.min(width - 2 * aside, height - top - 6) / 2 / most;
  const [x0, y0] = [width / 2, (top + height - 6) / 2];
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  segment(pen, x0 - most * scale, y0, x0 + most * scale, y0);
  segment(pen, x0, y0 - most * scale, x0, y0 + most * scale);
  pen.strokeStyle = colours.muted;
  pen.lineWidth = 1.4;
  pen.beginPath();
  pen.arc(x0, y0, scale, 0, 2 * Math.PI);
  pen.stroke();
  pen.fillStyle = colours.accent;
  pen.globalAlpha = 0.75;
  for (let i = 0; i < values.length; i += 2) disc(pen, x0 + scale * values[i], y0 - scale * values[i + 1], 3);
  pen.globalAlpha = 1;
  caption(pen, seen, REAL, x0 + most * scale + 4, y0 + 4);
  caption(pen, seen, IMAGINARY, x0, y0 - most * scale - 4, "center");
  caption(pen, seen, "1", x0 + scale + 5, y0 - 4);
  caption(pen, seen, "−1", x0 - scale - 5, y0 - 4, "right");
  caption(pen, seen, "i", x0 + 5, y0 - scale + 13); // inside of the circle: above it the axis has its name
}

// Which error is smaller, or that both are one number.
function sideWords(map, still) {
  const [one, other] = [percent(map), percent(still)];
  if (one === other) return `${one}, as much as saying that nothing changes`;
  return `${one}; saying that nothing changes by ${other}`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "linear",
  title: "Linear map",
  question: "Is a loop a linear map?",
  about: "run",
  needs: "steps",
  asks: { name: "linear", words: "Fit a linear map to loops" },
  blank: true,
  modes: [
    ["error", "error in every loop"],
    ["ahead", "error some loops ahead"],
    ["plane", "eigenvalues"],
  ],
  help:
    "One linear map from the state of {a place} to its next one is fitted to the runs of 16 other {inputs}, and " +
    "tried on this run. Solid: its error; dashed: the error of saying that nothing changes. Where the solid curve" +
    " lies lower, the map knows something of what a loop does; where it lies higher, as in a run at rest, it " +
    "knows less than nothing. It is the same map for all {places} and cannot see what they tell each other, so " +
    "that what is left is what the loop does with them, and what is not linear. Eigenvalues: inside of the circle" +
    " a part of the state fades, at 1 it stays, at −1 it swings, off the axis it turns. They are worth as much as" +
    " the map. Click in the first figure to set the clock.",
  formula:
    "A, b = argmin Σ ‖h[t+1] − A h[t] − b‖² + λ ‖A‖² over all {places} and loops of the other runs, λ 0.001 of the " +
    "mean variance of a channel. Error: ‖ĥ[t+p] − h[t+p]‖ / ‖h[t+p]‖ over all {places} (2605.07556).",
  drawing: "Error of a linear map beside that of saying that nothing changes",
  draw(pen, seen, width, height) {
    const { asked, mode } = seen;
    if (!asked?.arrays) return;
    const { ahead, ahead_still: aheadStill } = asked.arrays;
    if (mode === "plane") drawPlane(pen, seen, width, height);
    else if (mode === "ahead")
      drawLines(pen, seen, width, height, {
        xs: counted(ahead.values.length),
        lines: linesOf(seen, ahead, aheadStill),
        words: "error over length, by loops ahead",
      });
    else drawLoops(pen, seen, width, height);
  },
  describe({ view, t, asked, mode }) {
    if (!asked?.arrays) return "Fits a linear map to the loops of other runs and measures it on this one.";
    const { error, still, ahead, ahead_still: aheadStill, eigenvalues } = asked.arrays;
    const { explained, good, fitted, modulus, side } = asked.meta;
    if (mode === "plane") {
      const [real, imaginary] = [entry(eigenvalues, 0, 0), entry(eigenvalues, 0, 1)];
      const turned = imaginary ? ` ± ${short(Math.abs(imaginary))}i` : "";
      return (
        `The largest modulus of an eigenvalue of the map is ${apartFromOne(modulus)}, ${SIDES[side]}; ` +
        `the eigenvalue is ${signed(real, apartFromOne)}${turned}. ` +
        `One loop ahead the map is off by ${sideWords(ahead.values[0], aheadStill.values[0])}.`
      );
    }
    if (mode === "ahead") {
      const most = ahead.values.length;
      const some = good === 0 ? "not even one loop" : plural(good, "loop");
      const said = good === most ? `all ${some}` : some;
      return (
        `Applied again and again the map is better than saying that nothing changes for ${said} ahead; ` +
        `${plural(most, "loop")} ahead it is off by ${sideWords(ahead.values[most - 1], aheadStill.values[most - 1])}.`
      );
    }
    const loop = Math.max(1, view.at(t));
    const all =
      explained === null
        ? "This run takes no step"
        : explained > 0
          ? `It accounts for ${percent(explained)} of the squared steps of this run`
          : "Over the whole run it is no better than saying that nothing changes";
    return (
      `${beforeFirst(t)}Fitted to ${fitted} other {inputs}, the map misses the state after loop ${loop} by ` +
      `${sideWords(error.values[loop - 1], still.values[loop - 1])}. ${all}.`
    );
  },
  pick: (x, y, { view, mode }, width) =>
    mode === "plane" || mode === "ahead" ? null : { loop: loopAt(x, width, view.loops) },
  table({ asked, mode }) {
    const columns = [mode === "ahead" ? "loops ahead" : "loop", "error of the linear map", "error of no change"];
    if (mode === "plane") {
      const rows = [];
      const { values } = asked?.arrays?.eigenvalues ?? { values: [] };
      for (let i = 0; i < values.length; i += 2) rows.push([i / 2 + 1, values[i], values[i + 1]]);
      return { columns: ["eigenvalue", "real part", "imaginary part"], rows };
    }
    if (!asked?.arrays) return { columns, rows: [] };
    const { error, still, ahead, ahead_still: aheadStill } = asked.arrays;
    const [one, other] = mode === "ahead" ? [ahead, aheadStill] : [error, still];
    return {
      columns,
      rows: counted(one.values.length).map((s) => [
        s,
        one.values[s - 1].toPrecision(5),
        other.values[s - 1].toPrecision(5),
      ]),
    };
  },
};
