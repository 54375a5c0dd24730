// The loop at which each blank settled against the round in which logic can place it.

import { known } from "../core/arrays.js";
import { plural, sentence, signed } from "../core/words.js";
import { AXIS } from "../draw/axis.js";
import { fitting, label } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

const TECHNIQUES = { 1: "naked single", 2: "hidden single" };

// The highest loop of the figure: the last at which an answer of either run changed.
function highest({ views }) {
  const last = views.flatMap((view) => [...view.settledCell].filter((_, i) => !view.given[i]));
  return Math.max(2, ...last);
}

function place(seen, width, height) {
  const { view } = seen;
  const most = highest(seen);
  const order = view.arrays.order.values;
  const rounds = Math.max(0, ...order);
  const stuck = order.some((round, i) => round < 0 && view.asked[i]);
  const columns = rounds + (stuck ? 1 : 0) || 1;
  const x = (round) => AXIS.left + ((width - AXIS.left - AXIS.right) * ((round < 0 ? columns : round) - 0.5)) / columns;
  const y = (loop) => height - 38 - ((height - 60) * (loop - 1)) / (most - 1);
  const stacks = new Map();
  const points = [];
  order.forEach((round, i) => {
    if (view.given[i]) return;
    const key = `${round}|${view.settledCell[i]}`;
    const many = stacks.get(key) ?? 0;
    stacks.set(key, many + 1);
    points.push({ i, round, many });
  });
  const wide = Math.max(6, (width - AXIS.left - AXIS.right) / columns - 8);
  const fit = Math.max(1, Math.floor(wide / 9));
  for (const point of points) {
    const all = Math.min(fit, stacks.get(`${point.round}|${view.settledCell[point.i]}`));
    point.x = x(point.round) + ((point.many % fit) - (all - 1) / 2) * 9;
    point.y = y(view.settledCell[point.i]) - Math.floor(point.many / fit) * 3;
  }
  return { points, rounds, stuck, most, x, y };
}

const over = (meta) => plural(meta.order_counted, "{place}", "{places}");

// Why there is no rank correlation, where that is not for want of places.
function uncorrelated(meta) {
  const why = {
    model: "the model settles all after the same {loop}",
    logic: "logic places all in the same round",
  };
  const said = meta.order_alike.map((which) => why[which]).join(", and ");
  return said && ` No rank correlation over ${over(meta)}: ${said}`;
}

// How many answers end wrong, on {a token} or on none.
function endings([tokens, blanks]) {
  const ends = (count) => plural(count, "{asked} ends", "{asked_many} end");
  const said = [tokens && `${ends(tokens)} on a wrong {token}`, blanks && `${ends(blanks)} on no {token}`];
  const some = said.filter(Boolean);
  return some.length ? ` ${some.join(", ")} (red).` : "";
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "order",
  title: "Model and logic",
  page: "sudoku",
  needs: "order",
  help:
    "A person fills a Sudoku with singles: {a place} with one {token} left (naked), or {a token} with one " +
    "place left (hidden), round after round. Across: the round in which that logic can place {a place}. " +
    "Up: the {loop} after which the model's answer for it never changed again; a full dot has settled " +
    "by now, a hollow one has not, a red one ends on {a token} that the solution does not have there, or on none, " +
    "the {token} is the chosen {place}. An answer that changed in the last quarter of a run of loops, or in its " +
    "last four, has not settled and stays hollow. {Places} that singles do not reach stand in the last column, " +
    "marked ?. " +
    "Point at a dot to preview its {place}, click to choose it.",
  formula:
    "Singles: every round, all {places} that have one candidate left, or hold {a token}'s only place in a " +
    "unit, are filled in at once. The settled {loop} is the last one that changed the {place}'s answer. " +
    "Rank correlation: Spearman's, over the {places} that singles reach and that settled on the right {token}.",
  drawing: "{Loop} at which each {asked} settled, against the round in which logic can place it",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, font } = seen;
    const { points, rounds, stuck, most, x, y } = place(seen, width, height);
    const now = view.at(t);
    const wrong = ({ i }) => !!view.arrays.ends_wrong?.values[i];
    pen.strokeStyle = colours.line;
    pen.beginPath();
    pen.moveTo(AXIS.left, height - 34);
    pen.lineTo(width - AXIS.right, height - 34);
    pen.moveTo(AXIS.left, 18);
    pen.lineTo(AXIS.left, height - 34);
    pen.stroke();
    pen.fillStyle = colours.muted;
    pen.textAlign = "center";
    const every = Math.ceil((rounds + 1) / 10);
    for (let round = 1; round <= rounds; round += every) pen.fillText(round, x(round), height - 20);
    if (stuck) pen.fillText("?", x(-1), height - 20);
    pen.textAlign = "right";
    for (const loop of new Set([1, Math.ceil(most / 2), most])) pen.fillText(loop, 38, y(loop) + 4);
    const across = ["round in which logic can place the {place}", "round of logic"];
    const { words } = seen;
    pen.fillText(words(fitting(pen, seen, across, width - AXIS.left - AXIS.right)), width - AXIS.right, height - 4);
    pen.textAlign = "left";
    const choices = ["{loop} after which its answer stays", "settled at {loop}"];
    pen.fillText(words(fitting(pen, seen, choices, width - 8)), 4, 11);
    if (t && now <= most) {
      pen.strokeStyle = colours.text;
      pen.setLineDash([1, 3]);
      segment(pen, AXIS.left, y(now), width - AXIS.right, y(now));
      pen.setLineDash([]);
    }
    pen.lineWidth = 1.5;
    for (const point of points) {
      // full: settled by now; hollow: not yet
      if (point.i === active) continue;
      pen.fillStyle = pen.strokeStyle = wrong(point) ? colours.wrong : colours.accent;
      pen.beginPath();
      pen.arc(point.x, point.y, 3.2, 0, 7);
      if (view.settledCell[point.i] <= now && !view.unsettled(point.i)) pen.fill();
      else pen.stroke();
    }
    const own = points.find((point) => point.i === active);
    if (own) {
      pen.textAlign = "center";
      pen.font = `bold 19px ${font}`;
      label(pen, colours, view.digit(t, active) || "?", own.x, own.y + 6, colours.warm);
      pen.font = `12px ${font}`;
    }
  },
  describe({ view, active, geometry }) {
    const order = view.arrays.order.values;
    const blanks = [...order.keys()].filter((i) => !view.given[i]);
    if (!blanks.length) return "Nothing to place: every {place} is given.";
    const round = order[active];
    const how = TECHNIQUES[view.arrays.technique.values[active]];
    const name = sentence(geometry.name(active));
    const placed = round > 0 ? `logic places it in round ${round} (${how})` : "singles alone do not reach it";
    const words = view.given[active]
      ? `${name} is given.`
      : `${name}: ${placed}; in the model ${view.settling(active)}.`;
    const rho = view.meta.order_correlation;
    const { order_unsettled: unsettled, order_missed: astray } = view.meta;
    const left = unsettled + astray ? ` (left out: ${unsettled} not settled, ${astray} wrong)` : "";
    const both = rho == null ? uncorrelated(view.meta) : ` Rank correlation over ${over(view.meta)}: ${signed(rho)}`;
    const out = both || left ? `${both || " Too few to correlate"}${left}.` : "";
    return `${words}${out}${endings(view.meta.ends_on)}`;
  },
  pick(x, y, seen, width, height) {
    let best = null;
    let distance = 14;
    for (const point of place(seen, width, height).points) {
      const d = Math.hypot(point.x - x, point.y - y);
      if (d < distance) {
        distance = d;
        best = point.i;
      }
    }
    return best == null ? null : { cell: best };
  },
  table({ view, geometry }) {
    return {
      columns: [
        ...["{place}", "row", "column", "given", "round of logic", "technique"],
        ...["last change at {loop}", "settled", "last answer"],
      ],
      rows: Array.from({ length: geometry.n }, (_, i) => [
        geometry.name(i),
        ...geometry.spot(i).map((at) => at + 1),
        view.given[i],
        known(view.arrays.order.values[i]),
        TECHNIQUES[view.arrays.technique.values[i]] ?? "",
        ...(view.given[i] ? ["", "", ""] : [view.settledCell[i], Number(!view.unsettled(i))]),
        ...(view.given[i] ? [] : [view.digit(view.loops, i)]),
      ]),
    };
  },
};
