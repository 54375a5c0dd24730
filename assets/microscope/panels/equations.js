// Which equations of Countdown hold, and all solutions.

import { entry } from "../core/arrays.js";
import { clamp, plural } from "../core/words.js";
import { loopName } from "../draw/axis.js";
import { heat } from "../draw/board.js";
import { caption } from "../draw/legend.js";

export default {
  name: "equations",
  title: "Equations and solutions",
  page: "sequences",
  question: "Which solutions are there?",
  about: "run",
  needs: "holds",
  help:
    "Left: every equation of the answer, loop by loop: blue where it holds and uses two numbers that " +
    "are left by then, orange where not; below them whether the whole answer comes to the target. " +
    "Right: the search tree of all solutions, from the numbers on the left to the target; no other " +
    "way leads there. The way that the model's present equations take is drawn thick. Training asked " +
    "for one of the solutions, but any counts. Click to set the clock.",
  formula:
    "An equation holds when a ∘ b = c in whole numbers from 0 on and both a and b are among the " +
    "numbers that the equations above it left. Tree: all steps of two numbers by +, ×, − and ÷ that " +
    "lead to the target, found by complete search (looped.tasks.countdown.tree).",
  drawing: "Which equations hold, over the loops, and the tree of all solutions",
  // Nodes of the tree of all solutions, in the order of the search: { depth, text, last }.
  nodes({ view }) {
    return view.meta.tree.map(([depth, text, last]) => ({ depth, text, last }));
  },
  // The nodes that the present equations take.
  taken({ view, t }) {
    const { way } = view.arrays;
    return new Set(t ? Array.from({ length: way.shape[1] }, (_, k) => entry(way, view.at(t) - 1, k)) : []);
  },
  now({ view, t, geometry }) {
    return geometry.lines.slice(1).map((line) => line.map((i) => geometry.sign(view.digit(t, i))).join(""));
  },
  layout(view, width) {
    return { left: 50, middle: width * 0.46 };
  },
  draw(pen, seen, width, height) {
    const { view, t, colours, font, meta } = seen;
    const { holds } = view.arrays;
    const [loops, steps] = holds.shape;
    const { left, middle } = this.layout(view, width);
    const bottom = height - 20;
    const now = view.at(t);
    const high = (bottom - 4) / (steps + 1);
    const wide = (middle - left) / loops;
    const x = (s) => left + (s - 0.5) * wide;
    heat(
      pen,
      left,
      4,
      middle - left,
      high * steps,
      steps,
      loops,
      (r, s) => (holds.values[s * steps + r] ? 0.7 : -0.35),
      colours,
    );
    heat(
      pen,
      left,
      4 + high * steps + 3,
      middle - left,
      high - 6,
      1,
      loops,
      (_, s) => (view.right[s] ? 0.9 : -0.35),
      colours,
    );
    for (let r = 0; r < steps; r++) caption(pen, seen, `step ${r + 1}`, left - 5, 4 + (r + 0.5) * high + 4, "right");
    caption(pen, seen, "target", left - 5, 4 + (steps + 0.5) * high + 4, "right");
    const every = [1, 2, 4, 8, 16, 32, 64].find((step) => step * wide >= 22) ?? 64;
    loopName(pen, seen, left, bottom);
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, x(s), bottom + 14, "center");
    if (t) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 2;
      pen.strokeRect(left + (now - 1) * wide, 4, wide, bottom - 4);
    }
    const nodes = this.nodes(seen);
    const way = this.taken(seen);
    const onWay = (node) => way.has(nodes.indexOf(node));
    const room = Math.max(1, Math.floor((height - 22) / 16));
    const begin = middle + 16;
    const shown =
      nodes.length <= room
        ? nodes
        : [...nodes.filter(onWay), ...nodes.filter((node) => !onWay(node))]
            .slice(0, room - 1)
            .sort((a, b) => nodes.indexOf(a) - nodes.indexOf(b));
    caption(pen, seen, `${meta.problem} → ${meta.answer}`, begin, 12);
    const parents = [];
    const written = (node) => `${node.text}${node.last ? " ✓" : ""}`;
    pen.font = `bold 12px ${font}`;
    const indent = Math.min(
      90,
      ...shown
        .filter((node) => node.depth)
        .map((node) => (width - begin - 8 - pen.measureText(written(node)).width) / node.depth),
    );
    shown.forEach((node, k) => {
      const at = begin + 8 + node.depth * indent;
      const y = 28 + k * 16;
      const taken = onWay(node);
      parents[node.depth] = [at, y];
      pen.strokeStyle = taken ? colours.accent : colours.line;
      pen.lineWidth = taken ? 2.5 : 1;
      const [px, py] = node.depth ? (parents[node.depth - 1] ?? [begin, 14]) : [begin - 6, 14];
      pen.beginPath();
      pen.moveTo(px + 4, py + 3);
      pen.lineTo(px + 4, y - 4);
      pen.lineTo(at - 3, y - 4);
      pen.stroke();
      pen.textAlign = "left";
      pen.font = `${taken ? "bold " : ""}12px ${font}`;
      pen.fillStyle = taken ? colours.accent : colours.text;
      pen.fillText(written(node), at, y);
    });
    if (shown.length < nodes.length)
      caption(pen, seen, `and ${nodes.length - shown.length} more steps`, begin + 8, 28 + shown.length * 16);
  },
  describe(seen) {
    const { view, t, meta } = seen;
    const { holds } = view.arrays;
    const steps = holds.shape[1];
    const now = view.at(t);
    const ways = meta.solution_count;
    const many = `There ${ways === 1 ? "is 1 solution" : `are ${ways} solutions`}.`;
    if (!t) return `${many} The model has written nothing yet.`;
    const good = this.now(seen)
      .map((text, r) => `${text} ${holds.values[(now - 1) * steps + r] ? "holds" : "fails"}`)
      .join(", ");
    const reached = view.right[now - 1] ? "; the target is reached" : "";
    return (
      `After ${plural(now, "loop")}: ${good}${reached}. ` +
      `${many}${view.firstRight ? ` Solved first at loop ${view.firstRight}.` : ""}`
    );
  },
  pick(x, y, { view }, width) {
    const { left, middle } = this.layout(view, width);
    return x >= left && x <= middle
      ? { loop: clamp(Math.ceil(((x - left) / (middle - left)) * view.loops), 1, view.loops) }
      : null;
  },
  table(seen) {
    const { view } = seen;
    const { holds } = view.arrays;
    const steps = holds.shape[1];
    return {
      columns: [
        "loop",
        ...Array.from({ length: steps }, (_, r) => [`step ${r + 1}`, `step ${r + 1} holds`]).flat(),
        "right",
      ],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        ...this.now({ ...seen, t: s + 1 }).flatMap((text, r) => [text, holds.values[s * steps + r]]),
        Number(view.right[s]),
      ]),
    };
  },
};
