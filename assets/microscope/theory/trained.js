// The moduli of trained models on tokens, by loop: the largest change that one swapped token was found to make.

import { small } from "../core/words.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { seriesStyle } from "../draw/series.js";
import { line, plot, rulings } from "./plot.js";

const KINDS = [
  ["token", 2, "most, at the swapped position"],
  ["contextual", 1, "most, at another position"],
  ["sequence", 0, "most, everywhere (root of squares)"],
]; // name, row of the arrays, words
const STYLES = { looped: ["accent", []], tmlt: ["warm", [6, 4]], standard: ["muted", [2, 3]] };
const KNOWN = 5; // series whose colours these models may have: one with a name of its own has a later one's

const WHICH = {
  looped: "more in the looped model than in TMLT",
  tmlt: "more in TMLT than in the looped model",
  alike: "TMLT and the looped model are not told apart",
};

const modelOf = (name) => name.split("-").slice(1).join("-");

function styleOf({ colours, meta }, i) {
  const models = meta.trained.names.map(modelOf);
  const known = STYLES[models[i]];
  if (known) {
    return [colours[known[0]], known[1]];
  }
  const before = models.slice(0, i).filter((model) => !STYLES[model]).length;
  return seriesStyle(colours, KNOWN + before);
}

function legend(seen) {
  const models = seen.meta.trained.names.map((name, i) => [modelOf(name), ...styleOf(seen, i)]);
  return [...models, ["the task's own answers", seen.colours.text, [1, 3]]];
}

// A number of an array (models, kinds[, loops]).
function value({ arrays }, name, ...index) {
  const { values, shape } = arrays[name];
  let at = 0;
  index.forEach((one, axis) => {
    at = at * shape[axis] + one;
  });
  return values[at];
}

const loopsOf = ({ arrays }) => arrays.trained_least.shape[2];

// The values of a model, by loop; no more than it has.
function bounds(seen, name, i, kind) {
  const all = Array.from({ length: loopsOf(seen) }, (_, t) => value(seen, name, i, kind, t));
  return all.filter(Number.isFinite);
}

const has = (seen, kind) => seen.meta.trained.names.some((_, i) => bounds(seen, "trained_least", i, kind).length);
const lastOf = (seen, i, kind) => bounds(seen, "trained_least", i, kind).at(-1);

// What a random swap changes at another position on average, after each loop, with its interval.
const MEAN = "on average, at another position";
const shared = (seen, i, sign) => {
  const errors = bounds(seen, "trained_error", i, 1);
  return bounds(seen, "trained_mean", i, 1).map((one, t) => Math.max(0, one + sign * errors[t]));
};

/** @type {(seen: any, kind: number) => any} what is drawn of a modulus: by model, lines and their bands */
function searched(seen, kind) {
  const { names } = seen.meta.trained;
  const of = (name) => names.map((_, i) => bounds(seen, name, i, kind));
  const truths = names.map((_, i) => value(seen, "trained_truth", i, kind)).filter(Number.isFinite);
  const [lines, low] = [of("trained_least"), of("trained_low")];
  return { lines, above: lines, below: low, truths };
}

/** @type {(seen: any) => any} the same of random swaps */
function averaged(seen) {
  const each = (make) => seen.meta.trained.names.map((_, i) => make(i));
  const lines = each((i) => bounds(seen, "trained_mean", i, 1));
  return { lines, above: each((i) => shared(seen, i, 1)), below: each((i) => shared(seen, i, -1)), truths: [] };
}

function drawKind(pen, seen, box, words, { lines, above, below, truths }) {
  caption(pen, seen, words, box.left, box.top - 6);
  const most = Math.max(...above.flat(), ...truths);
  const at = plot(box, [1, loopsOf(seen)], [0, 1.05 * most]);
  const step = tick(most);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, k) => k * step);
  rulings(pen, seen, at, ticks);
  lines.forEach((values, i) => {
    const [colour, dash] = styleOf(seen, i);
    const points = (each) => each.map((one, t) => [at.x(t + 1), at.y(one)]);
    band(pen, points(above[i]), points(below[i]), colour);
    line(pen, points(values), colour, dash, 2);
  });
  if (truths.length) {
    const y = at.y(Math.max(...truths));
    pen.globalAlpha = 0.8;
    const ends = [at.left, at.right].map((x) => [x, y]);
    line(pen, ends, seen.colours.text, [1, 3], 2);
    pen.globalAlpha = 1;
  }
  caption(pen, seen, "loop 1", at.left, at.bottom + 15);
  caption(pen, seen, loopsOf(seen), at.right, at.bottom + 15, "right");
}

// A round step of a scale with about four ticks.
const tick = (most) => [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50].find((step) => most / step <= 5) ?? 100;

// What lies between what the best and the worst single search found.
function band(pen, above, below, colour) {
  pen.globalAlpha = 0.15;
  pen.fillStyle = colour;
  pen.beginPath();
  [...above, ...below.reverse()].forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.fill();
  pen.globalAlpha = 1;
}

// What a random swap changes on average after the last loop, with half of its 95 % interval.
function meanWords(seen, each) {
  const { contextual } = seen.meta.trained.rougher;
  const last = (name, i) => bounds(seen, name, i, 1).at(-1);
  const one = (i) => {
    const error = last("trained_error", i).toPrecision(2); // zeros count, too
    const digits = error.split(".")[1]?.length ?? 0; // of the mean as many as of its error
    return `${last("trained_mean", i).toFixed(digits)} ± ${error}`;
  };
  const which = contextual ? `; ${WHICH[contextual]}` : "";
  return `A random swap changes it on average by ${each(one)} (± half of a 95 % interval)${which}.`;
}

// The unit of all changes.
const unitOf = ({ meta }) => (meta.trained.numbers ? "in the numbers of the answer" : "total variation, 0 to 1");

// How long was searched, and whether that was long enough.
function effortWords(seen) {
  const { trained } = seen.meta;
  const [fewest, most] = trained.pairs.map((count) => count.toLocaleString("en"));
  const pairs = `${fewest === most ? most : `${fewest} to ${most}`} pairs each`;
  const [peaks, searches] = trained.peaks;
  const ended = `${peaks === searches ? "every search" : `${peaks} of ${searches} searches`} ended`;
  const growing = trained.names.filter((_, i) => value(seen, "trained_growing", i, 1)).map(modelOf);
  const more = growing.length ? `still grew by more than 1 % (${growing.join(", ")})` : "grew by no more than 1 %";
  return (
    `${pairs}; ${ended} where no other single swap changes more. In the last quarter of the steps the largest ` +
    `change ${more}.`
  );
}

export default {
  name: "trained",
  title: "Trained models",
  help:
    "The same three questions put to the shipped checkpoints: how much the readout after each loop changes when one " +
    "token of the input is swapped. Lines are the largest change that any of three searches found, so lower bounds; " +
    "the shade below reaches to the search that found least. On average: of random swaps, with 95 % intervals (1.96 " +
    "standard errors over inputs). " +
    "Dotted: the task's own answers, on those of the same pairs where both inputs have one; a model above it on " +
    "such pairs is wrong somewhere. The axis is the loop of " +
    "those models, or the layer of a standard one; the clock of the machine does not move it.",
  formula:
    "Numbers: difference of the expected number of the readout. Else: total variation of the shares, 0 to 1. Three " +
    "searches of twelve rounds, 48 random swaps each, the two with the largest change go on; then every single swap " +
    "of the best input, again from the best of those, until none changes more. Measured by " +
    "python -m looped theory moduli NAME.",
  drawing: "The largest and the mean change by one swapped token after each loop, of trained models and of their task",
  choices: (meta) => meta.trained.tasks.map((task) => [task, task]),
  chosen: (seen) => seen.meta.trained.task,
  choose: (page, task) => page.change({ models: task }),
  describe(seen) {
    const { trained } = seen.meta;
    const each = (words) => trained.names.map((name, i) => `${words(i)} (${modelOf(name)})`).join(", ");
    const truths = trained.names.map((_, i) => value(seen, "trained_truth", i, 1)).filter(Number.isFinite);
    const own = truths.length ? `; of the task's own answers ${small(Math.max(...truths))}` : "";
    const least =
      `The largest change that one swapped token makes to an answer elsewhere (${unitOf(seen)}) is at least ` +
      `${each((i) => small(lastOf(seen, i, 1)))}`;
    const old = trained.retrained.length ? ` Since then retrained: ${trained.retrained.join(", ")}.` : "";
    const none = has(seen, 2) ? "" : " What is swapped is not asked itself.";
    return `${least}${own}.${none} ${meanWords(seen, each)} ${effortWords(seen)}${old}`;
  },
  draw(pen, seen, width, height) {
    const top = legendHeight(seen, legend(seen), 6, width) + 18;
    legendAbove(pen, seen, legend(seen), 6, width);
    const kinds = KINDS.filter(([, kind]) => has(seen, kind));
    const drawn = kinds.map(([, kind, words]) => [words, searched(seen, kind)]);
    drawn.push([MEAN, averaged(seen)]);
    const narrow = width < 560;
    const [wide, high] = narrow ? [width, (height - top) / drawn.length] : [width / drawn.length, height - top];
    drawn.forEach(([words, what], i) => {
      const [left, up] = narrow ? [0, top + i * high] : [i * wide, top];
      const [begin, end] = [up + (narrow && i ? 12 : 0), up + high - 22];
      drawKind(pen, seen, { left: left + 36, right: left + wide - 14, top: begin, bottom: end }, words, what);
    });
  },
  table(seen) {
    const { names } = seen.meta.trained;
    const rows = names.flatMap((name, i) =>
      KINDS.flatMap(([kind, k]) =>
        bounds(seen, "trained_least", i, k).map((least, t) => [
          name,
          kind,
          t + 1,
          least,
          value(seen, "trained_low", i, k, t),
          value(seen, "trained_mean", i, k, t),
          value(seen, "trained_error", i, k, t),
          value(seen, "trained_truth", i, k),
        ]),
      ),
    );
    const measured = ["largest change, at least", "least search", "mean of random swaps", "± half of 95 %", "task"];
    return { columns: ["checkpoint", "modulus", "loop", ...measured.map((name) => `${name} (${unitOf(seen)})`)], rows };
  },
};
