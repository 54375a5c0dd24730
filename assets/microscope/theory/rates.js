// Rate experiments: networks that are trained while the page looks on, or written by hand; errors with intervals.

import { withEnds } from "../core/words.js";
import { caption, legendAbove, legendHeight } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";
import { line, logPlot, rulings } from "./plot.js";

const NARROW = 560; // pixels
const [LEFT, RIGHT, ABOVE, BELOW] = [46, 12, 22, 38];
const DASHES = [[], [6, 4], [2, 3]];

const chosen = ({ meta, rate }) => meta.rates.find(([name]) => name === rate);
const known = (seen) => (seen.answer?.arrays ? seen.answer : null);

// [value, low, high] of a chart, a line and a value across.
function estimate({ arrays }, ...at) {
  const { values, shape } = arrays.values;
  const [, lines, xs] = shape;
  const first = 3 * ((at[0] * lines + at[1]) * xs + at[2]);
  return [values[first], values[first + 1], values[first + 2]];
}

const styleOf = ({ colours }, k) => [[colours.accent, colours.warm, colours.groups[3]][k], DASHES[k]];
const legend = (seen, { meta }) => meta.lines.map((words, k) => [words, ...styleOf(seen, k)]);

function boxes(count, top, width, height) {
  const columns = width < NARROW ? Math.min(2, count) : count;
  const rows = Math.ceil(count / columns);
  const [wide, high] = [width / columns, (height - top) / rows];
  return Array.from({ length: count }, (_, i) => {
    const [left, up] = [(i % columns) * wide, top + Math.floor(i / columns) * high];
    return { left: left + LEFT, right: left + wide - RIGHT, top: up + ABOVE, bottom: up + high - BELOW };
  });
}

function drawChart(pen, seen, answer, chart, box) {
  const { charts, lines, xs, across } = answer.meta;
  const every = lines.flatMap((_, k) => xs.flatMap((__, i) => estimate(answer, chart, k, i)));
  const values = every.filter((value) => Number.isFinite(value) && value > 0);
  caption(pen, seen, charts[chart], box.left - 30, box.top - 8);
  caption(pen, seen, chart ? "" : across, box.left - 30, box.bottom + 30);
  const steps = xs.map((_, i) => i + 1);
  const at = logPlot(box, [1, 2], values.length ? values : [0.1, 1]);
  const wide = (box.right - box.left) / steps.length;
  const x = (i) => box.left + (i + 0.5) * wide;
  rulings(pen, seen, at);
  xs.forEach((words, i) => caption(pen, seen, words, x(i), box.bottom + 15, "center"));
  lines.forEach((_, k) => {
    const [colour, dash] = styleOf(seen, k);
    const found = xs.map((__, i) => [x(i) + 4 * (k - (lines.length - 1) / 2), estimate(answer, chart, k, i)]);
    const there = found.filter(([, [value]]) => value > 0);
    line(pen, there.map(([left, [value]]) => [left, at.y(value)]), colour, dash, 1.6);
    for (const [left, [value, low, high]] of there) {
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineWidth = 1.4;
      if (Number.isFinite(at.y(low) + at.y(high))) segment(pen, left, at.y(low), left, at.y(high));
      disc(pen, left, at.y(value), 3);
    }
  });
}

export default {
  name: "rates",
  title: "Rate experiments",
  help:
    "What the theorem leaves open, tried. Tiny looped and TMLT networks (width 16) learn functions whose moduli are " +
    "known, from the same inputs, several trainings of each; “loops logarithmic in precision” runs networks written " +
    "by hand. Errors are shares of the deviation of the function; bars are 95 % intervals. About a minute of " +
    "a processor each. Function and sizes above do not change them.",
  formula:
    "Root of the mean squared error over that of answering the mean, on 512 held-out inputs of four tokens. " +
    "Geometric mean over trainings, with Student’s t; ratios training by training. Made by " +
    "python -m looped theory rate NAME.",
  drawing: "Errors of networks that were trained here, with intervals, over loops or what else is varied",
  asks: "Train and measure",
  choices: (meta) => meta.rates.map(([name, title]) => [name, title]),
  chosen: ({ rate }) => rate,
  choose: (page, rate) => page.look({ rate }),
  describe(seen) {
    const answer = known(seen);
    const [, , question] = chosen(seen);
    if (!answer) return `${question} Nothing is measured yet.`;
    return answer.meta.told.length ? answer.meta.told.join(" ") : `${question} Not all is measured yet.`;
  },
  beyond: (seen) => `What this does not say: ${chosen(seen)[3]}`,
  draw(pen, seen, width, height) {
    const answer = known(seen);
    if (!answer) {
      caption(pen, seen, chosen(seen)[2], width / 2, height / 2, "center");
      return;
    }
    const top = legendHeight(seen, legend(seen, answer), 6, width);
    legendAbove(pen, seen, legend(seen, answer), 6, width);
    boxes(answer.meta.charts.length, top, width, height).forEach((box, i) => drawChart(pen, seen, answer, i, box));
  },
  table(seen) {
    const answer = known(seen);
    const columns = ["chart", "line", answer?.meta.across ?? "x", ...withEnds("value")];
    if (!answer) return { columns, rows: [] };
    const { charts, lines, xs } = answer.meta;
    const rows = charts.flatMap((chart, c) =>
      lines.flatMap((words, k) => xs.map((x, i) => [chart, words, x, ...estimate(answer, c, k, i)])),
    );
    return { columns, rows: rows.filter(([, , , value]) => Number.isFinite(value)) };
  },
};
