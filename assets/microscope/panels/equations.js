// Which equations of Countdown hold, and all solutions.

import { entry } from "../core/arrays.js";
import { clamp, plural } from "../core/words.js";
import { loopName } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption, legendAbove } from "../draw/legend.js";

const [LEFT, BELOW] = [50, 20]; // pixels beside the equations and below them
const EQUATION = /^\d+ [^\d=_] \d+ = \d+$/;
const LINE = 16; // pixels from one step of the tree to the next
const middleOf = (width) => width * 0.46;

// The equations of the answer as they are written after loop t.
function answered({ view, t, geometry }) {
  return geometry.lines.slice(1).map((line) => {
    const said = line.map((i) => geometry.sign(view.digit(t, i))).join(" ");
    return EQUATION.test(said) ? said.replaceAll(" ", "") : said; // else two numbers side by side would be one
  });
}

// The same in a sentence: what has not the form of an equation with its tokens apart.
function told(seen) {
  const { view, t, geometry } = seen;
  const apart = geometry.lines.slice(1).map((line) => line.map((i) => geometry.called(view.digit(t, i))).join(" "));
  return answered(seen).map((text, r) => (text.includes(" ") ? apart[r] : text));
}

// Which equations hold, loop by loop, and below them whether the whole answer is right.
function drawHolds(pen, seen, middle, bottom) {
  const { view, t, colours } = seen;
  const { holds } = view.arrays;
  const [loops, steps] = holds.shape;
  const key = /** @type {[string, string, string][]} */ ([
    ["holds", colours.accent, "■"],
    ["not", colours.warm, "■"],
  ]);
  const top = legendAbove(pen, seen, key, LEFT, middle);
  const high = (bottom - top) / (steps + 1);
  const wide = (middle - LEFT) / loops;
  const along = (r) => top + (r + 0.5) * high + 4;
  const held = (r, s) => (holds.values[s * steps + r] ? 0.7 : -0.35);
  const right = (_, s) => (view.right[s] ? 0.9 : -0.35);
  heat(pen, LEFT, top, middle - LEFT, high * steps, steps, loops, held, colours);
  heat(pen, LEFT, top + high * steps + 3, middle - LEFT, high - 6, 1, loops, right, colours);
  for (let r = 0; r < steps; r++) caption(pen, seen, `step ${r + 1}`, LEFT - 5, along(r), "right");
  caption(pen, seen, "target", LEFT - 5, along(steps), "right");
  const every = [1, 2, 4, 8, 16, 32, 64].find((step) => step * wide >= 22) ?? 64;
  loopName(pen, seen, LEFT, bottom);
  for (let s = every; s <= loops; s += every)
    caption(pen, seen, s, LEFT + (s - 0.5) * wide, bottom + 14, "center");
  if (!t) return;
  pen.strokeStyle = colours.text;
  pen.lineWidth = 2;
  pen.strokeRect(LEFT + (view.at(t) - 1) * wide, top, wide, bottom - top);
}

// The nodes of the tree of solutions, in the order of the search: { depth, words, way }. way: whether the equations
// after this loop go through the node.
function nodesOf({ view, t }) {
  const { way } = view.arrays;
  const taken = new Set(t ? Array.from({ length: way.shape[1] }, (_, k) => entry(way, view.at(t) - 1, k)) : []);
  const words = (text, last) => (last ? `${text} ✓` : text);
  return view.meta.tree.map(([depth, text, last], i) => ({ depth, words: words(text, last), way: taken.has(i) }));
}

// The nodes that are drawn: all, or those that fit, first those that the equations go through; in their order.
function fitting(nodes, room) {
  if (nodes.length <= room) return nodes;
  const kept = [...nodes.filter((node) => node.way), ...nodes.filter((node) => !node.way)].slice(0, room - 1);
  return nodes.filter((node) => kept.includes(node));
}

function drawTree(pen, seen, begin, width, height) {
  const { colours, font, meta } = seen;
  const nodes = nodesOf(seen);
  const shown = fitting(nodes, Math.max(1, Math.floor((height - BELOW - 2) / LINE)));
  caption(pen, seen, `${meta.problem} → ${meta.answer}`, begin, 12);
  pen.font = `bold 12px ${font}`;
  const room = (node) => (width - begin - 8 - pen.measureText(node.words).width) / node.depth;
  const indent = Math.min(90, ...shown.filter((node) => node.depth).map(room));
  const parents = [];
  shown.forEach((node, k) => {
    const [at, y] = [begin + 8 + node.depth * indent, 28 + k * LINE];
    parents[node.depth] = [at, y];
    const [px, py] = node.depth ? (parents[node.depth - 1] ?? [begin, 14]) : [begin - 6, 14];
    pen.strokeStyle = node.way ? colours.accent : colours.line;
    pen.lineWidth = node.way ? 2.5 : 1;
    pen.beginPath();
    pen.moveTo(px + 4, py + 3);
    pen.lineTo(px + 4, y - 4);
    pen.lineTo(at - 3, y - 4);
    pen.stroke();
    pen.textAlign = "left";
    pen.font = `${node.way ? "bold " : ""}12px ${font}`;
    pen.fillStyle = node.way ? colours.accent : colours.text;
    pen.fillText(node.words, at, y);
  });
  const more = nodes.length - shown.length;
  if (more) caption(pen, seen, `and ${more} more steps`, begin + 8, 28 + shown.length * LINE);
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "equations",
  title: "Equations and solutions",
  page: "sequences",
  question: "Which solutions are there?",
  about: "run",
  needs: "holds",
  help:
    "Left: every equation of the answer, {loop} by {loop}: blue where it holds and uses two numbers that " +
    "are left by then, orange where not; below them whether the whole answer comes to the target; “blank” is an " +
    "answer that is no number or sign. " +
    "Right: the search tree of all solutions, from the numbers on the left to the target; no other " +
    "way leads there. The way that the model's present equations take is drawn thick. Training asked " +
    "for one of the solutions, but any counts. Click to set the clock.",
  formula:
    "An equation holds when a ∘ b = c in whole numbers from 0 on and both a and b are among the " +
    "numbers that the equations above it left. Tree: all steps of two numbers by +, ×, − and ÷ that " +
    "lead to the target, found by complete search (looped.tasks.countdown.tree).",
  drawing: "Which equations hold, over the {loops}, and the tree of all solutions",
  draw(pen, seen, width, height) {
    drawHolds(pen, seen, middleOf(width), height - BELOW);
    drawTree(pen, seen, middleOf(width) + 16, width, height);
  },
  describe(seen) {
    const { view, t, meta } = seen;
    const { holds } = view.arrays;
    const steps = holds.shape[1];
    const now = view.at(t);
    const ways = meta.solution_count;
    const many = `There ${ways === 1 ? "is 1 solution" : `are ${ways} solutions`}.`;
    if (!t) return `${many} The model has written nothing yet.`;
    const good = told(seen)
      .map((text, r) => `${text} ${holds.values[(now - 1) * steps + r] ? "holds" : "fails"}`)
      .join(", ");
    const reached = view.right[now - 1] ? "; the target is reached" : "";
    return (
      `After ${plural(now, "{loop}")}: ${good}${reached}. ` +
      `${many}${view.firstRight ? ` Solved first at {loop} ${view.firstRight}.` : ""}`
    );
  },
  pick(x, y, { view }, width) {
    const middle = middleOf(width);
    return x >= LEFT && x <= middle
      ? { loop: clamp(Math.ceil(((x - LEFT) / (middle - LEFT)) * view.loops), 1, view.loops) }
      : null;
  },
  table(seen) {
    const { view } = seen;
    const { holds } = view.arrays;
    const steps = holds.shape[1];
    return {
      columns: [
        "{loop}",
        ...Array.from({ length: steps }, (_, r) => [`step ${r + 1}`, `step ${r + 1} holds`]).flat(),
        "right",
      ],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        ...answered({ ...seen, t: s + 1 }).flatMap((text, r) => [text, holds.values[s * steps + r]]),
        Number(view.right[s]),
      ]),
    };
  },
};
