// What is said of a prompt: the sentence below it, the words of its points, its numbers.

import { meanWeight } from "../core/arrays.js";
import { passing, plural, sentence, signed, small } from "../core/words.js";
import { headsShown } from "../draw/heads.js";
import { coordinate, height, linesOn, predicted, truth } from "./promptruns.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/types.js").Table} Table */

const SHOWN_ALONE =
  "The model is shown the examples and nothing else, and predicts the function at the queries; its weights do not " +
  "change. ";
const BY_HAND =
  "Points: click to put an example, drag to move it, drag it out or double-click to remove it; the model runs again " +
  "while you drag. Freehand: a stroke puts many examples beside those that are there (Clear takes them away). " +
  "A query is a place at which the model is asked: ";
const [ON_A_PLANE, ON_MAPS, IN_MORE] = [
  "The thick line is its prediction after this many {loops}, thin lines those of the {loops} before; dashed is the " +
    `true function, where it is known. ${BY_HAND}press below the plane, or choose Look, to choose the one that the ` +
    "panels are about.",
  "Predicted and true surface are maps on one scale of colours, beside them those of known methods that are switched " +
    `on; the error has a scale of its own, and “In 3-D…” draws them as surfaces. ${BY_HAND}choose Look to choose the ` +
    "one that the panels are about.",
  "Every query is a dot, at its true value from left to right and at its prediction after this many {loops} from " +
    "below to above: on the dashed diagonal they agree, and a red line leads from the dot to it. Where the true " +
    "values are unknown, the dots stand side by side. Small faint dots are the predictions of the {loops} before, " +
    "short lines those of known methods that are switched on. The table at the right holds the examples, one in " +
    "each row. Press a dot or a row to choose what the panels are about. Inputs that are 1 or −1 are flipped with " +
    "the buttons below, of the example or query that is chosen.",
];

/** @type {(dims?: number) => string} what stands behind the question mark, for the picture of so many inputs */
export const helpOfPrompt = (dims = 1) => SHOWN_ALONE + ([ON_A_PLANE, ON_MAPS][dims - 1] ?? IN_MORE);

/** @type {(seen: Seen) => string} */
export function describePrompt(seen) {
  const { view, t, meta, points } = seen;
  const count = plural(points.length, "{clue}", "{clues}");
  const form = meta.dims === 1 ? "the function" : "the predictions";
  if (!t) {
    if (points.length)
      return `${sentence(count)}, and no {loop} has run: nothing is predicted yet. Press play and watch ${form} form.`;
    return `There are no {clues} yet${meta.dims < 3 ? ": click to put one where you like" : ""}.`;
  }
  const now = view.at(t);
  const alone = points.length ? "" : "Without {clues} this is what the model expects of any function. ";
  return `${alone}${errorWords(view, now)} ${movedWords(view, t, form)}${queryWords(seen)}`;
}

function errorWords(view, now) {
  const error = view.arrays.error?.values[now - 1];
  const after = `After ${plural(now, "{loop}")}`;
  if (Number.isFinite(error)) return `${after} the error is ${small(error)} of the variance of y.`;
  return `${after} there is no error to tell: the true function of these {clues} is not known.`;
}

function movedWords(view, t, form) {
  const { moved: way, still } = view.arrays;
  const moved = way?.values[view.at(t) - 1];
  if (!Number.isFinite(moved)) return "";
  const by = sentence(passing(view, t));
  if (still.values[view.at(t) - 1]) return `${by} no longer moved ${form}.`;
  return `${by} moved ${form} by ${small(moved)} (root mean square over the {asked_many}).`;
}

function queryWords(seen) {
  const { view, t, active, geometry } = seen;
  const q = active - geometry.examples;
  if (q < 0) return "";
  const known = truth(view);
  const true_ = known.length ? `, true ${signed(known[q])}` : "";
  return ` ${sentence(placeWords(seen, active))}: predicted ${signed(predicted(view, t, q))}${true_}.`;
}

// A point by where it stands, as far as that can be said in a line.
function placeWords({ view, meta, geometry }, i) {
  const name = geometry.name(i);
  if (meta.dims > 2) return name;
  const xs = Array.from({ length: meta.dims }, (_, k) => signed(coordinate(view, i, k)));
  return `${name} at ${meta.dims === 1 ? `x = ${xs[0]}` : `(${xs.join(", ")})`}`;
}

/** @type {(seen: Seen) => string[]} what a screen reader says of every point */
export function wordsOfPoints(seen) {
  const { view, views, t, geometry } = seen;
  const other = views.find((one) => one !== view);
  const known = truth(view);
  return Array.from({ length: geometry.n }, (_, i) => {
    const parts = [placeWords(seen, i)];
    const q = i - geometry.examples;
    if (q < 0) return [...parts, `y ${signed(height(view, i))}`].join(", ");
    parts.push(t ? `predicted ${signed(predicted(view, t, q))}` : "nothing predicted yet");
    if (t && known.length) parts.push(`true ${signed(known[q])}`);
    if (other && view.differs(t, i)) parts.push(`${other.letter} predicts ${signed(predicted(other, t, q))}`);
    return parts.join(", ");
  });
}

// What is drawn beside the predictions, as columns of the table: name, and the number of point i after loop t.
/** @type {Object<string, (seen: Seen) => [string, (t: number, i: number) => string|number][]>} by what “Show” says */
const SHOWN = {
  attention(seen) {
    const { view, layer, active, geometry } = seen;
    const heads = headsShown(seen);
    if (!view.arrays.attention) return [];
    const weight = (t, i) => meanWeight(view, t, layer, heads, active, i).toPrecision(4);
    return [[`attention from ${geometry.name(active)}`, weight]];
  },
  solution({ view, geometry }) {
    const known = truth(view);
    const miss = (t, q) => predicted(view, t, q) - known[q];
    const of = (t, i) => (known.length && i >= geometry.examples ? miss(t, i - geometry.examples) : "");
    return [["predicted − true", of]];
  },
  versus({ view, views, geometry }) {
    const other = views.find((one) => one !== view);
    const of = (t, i) => (other && i >= geometry.examples ? predicted(other, t, i - geometry.examples) : "");
    return other ? [["predicted by the other run", of]] : []; // one name: the rows of both runs are in one table
  },
};

/** @type {(seen: Seen) => Table} with what is drawn beside the predictions: of “Show”, and of the methods */
export function tableOfPrompt(seen) {
  const { view, geometry } = seen;
  const dims = view.arrays.vectors.shape[1] - 2;
  const known = truth(view);
  const xs = Array.from({ length: dims }, (_, k) => (dims > 1 ? `x${k + 1}` : "x"));
  const place = (i) => Array.from({ length: dims }, (_, k) => coordinate(view, i, k));
  const shown = SHOWN[seen.show]?.(seen) ?? [];
  for (const { name, values } of linesOn(seen)) shown.push([name, (_, i) => values[i - geometry.examples] ?? ""]);
  const example = (t, i) => {
    const more = shown.map(([, of]) => (t ? of(t, i) : ""));
    return [t || "", geometry.name(i), ...place(i), height(view, i), "", ...more];
  };
  const examples = Array.from({ length: geometry.examples }, (_, i) => i);
  const looked = seen.show === "attention" && shown.length > 0; // it differs from loop to loop
  const rows = looked ? [] : examples.map((i) => example(0, i));
  for (let t = 1; t <= view.loops; t++) {
    if (looked) rows.push(...examples.map((i) => example(t, i)));
    for (let q = 0; q < view.blanks; q++) {
      const i = geometry.examples + q;
      const more = shown.map(([, of]) => of(t, i));
      rows.push([t, geometry.name(i), ...place(i), known[q] ?? "", predicted(view, t, q), ...more]);
    }
  }
  return { columns: ["{loop}", "{place}", ...xs, "y", "predicted", ...shown.map(([name]) => name)], rows };
}
