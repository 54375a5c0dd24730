// The share of attention that follows each rule of the task.

import { entry, headIndex, ruleShares } from "../core/arrays.js";
import { beforeAll, clamp, passing, percent } from "../core/words.js";
import { curve } from "../draw/axis.js";
import { largest } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { caption, fitting, legendAbove, legendHeight, wordsWide } from "../draw/legend.js";
import { disc, segment } from "../draw/surface.js";

// The scale of all curves, of both runs where two are compared: from 0 to this share.
const peakOf = (views) => Math.max(0.25, ...views.map(({ arrays }) => largest(arrays.rules?.values ?? [])));

// What the lines are, and the scale of each row.
function keyOf({ view, views, colours }) {
  const scale = `share, {loops} 1 to ${view.loops}, each row 0 to ${percent(peakOf(views))}`;
  return [
    [scale, colours.accent, []],
    ["spread evenly", colours.muted, [1, 3]],
  ];
}

// A curve for each head and rule; the names of the rules stand at the left, in full.
function ruleGrid(seen, width, height) {
  const heads = headsShown(seen);
  const names = seen.view.meta.rules;
  const left = Math.ceil(Math.max(...names.map((name) => wordsWide(seen, name)))) + 10;
  const top = legendHeight(seen, keyOf(seen), 0, width) + 14;
  return { heads, names, left, wide: (width - left) / heads.length, top, high: (height - top - 2) / names.length };
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "rules",
  title: "Attention by rule",
  question: "Do the heads know the rules?",
  about: "run",
  needs: "rules",
  help: "{watched}",
  formula:
    "mass(rule) = mean over {asked_many} i of Σⱼ A[i, j] · [j is in the rule for i]; even: the same with " +
    "A[i, j] = 1 / {places}. Rules may overlap.",
  drawing: "Share of attention that follows each rule, per head, over the {loops}",
  draw(pen, seen, width, height) {
    const { view, views, t, layer, colours } = seen;
    const { heads, names, left, wide, top, high } = ruleGrid(seen, width, height);
    const { loops } = view;
    const now = view.at(t);
    const { mass, even } = ruleShares(view, layer);
    const peak = peakOf(views);
    legendAbove(pen, seen, keyOf(seen), 0, width);
    names.forEach((name, r) => {
      const bottom = top + (r + 1) * high - 3;
      caption(pen, seen, name, left - 6, bottom - high / 2 + 8, "right");
      heads.forEach((head, k) => {
        const x0 = left + k * wide + 2;
        const x1 = left + (k + 1) * wide - 4;
        const x = (s) => x0 + (x1 - x0) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5);
        const y = (value) => bottom - ((high - 6) * value) / peak;
        pen.strokeStyle = colours.line;
        pen.lineWidth = 1;
        segment(pen, x0, bottom, x1, bottom);
        curve(pen, loops, x, (s) => y(even(r, s)), colours.muted, [1, 3], 1);
        curve(pen, loops, x, (s) => y(mass(r, s, head)), colours.accent, [], 1.6);
        if (!t) return;
        pen.fillStyle = colours.accent;
        disc(pen, x(now), y(mass(r, now, head)), 2.6);
      });
    });
    heads.forEach((head, k) => {
      const text = fitting(pen, seen, [`head ${head + 1}`, `h${head + 1}`], wide - 4);
      caption(pen, seen, text, left + k * wide + 2, top - 4);
    });
  },
  describe(seen) {
    const { view, t, layer, meta } = seen;
    if (!t) return beforeAll("the lines show how much attention every {loop} will give to each rule");
    const now = view.at(t);
    const most = [0, 1].map((part) => entry(view.arrays.rules_most, now - 1, layer, headIndex(seen), part));
    const [head, rule] = most;
    if (head < 0) return `In ${passing(view, t)} no head gives any rule more than attention spread evenly would.`;
    const { mass, even } = ruleShares(view, layer);
    const name = view.meta.rules[rule];
    const named = meta.rule_words[name] ?? name;
    return (
      `In ${passing(view, t)} head ${head + 1} gives ${named} ${percent(mass(rule, now, head))} of ` +
      `its attention; spread evenly it would be ${percent(even(rule, now))}.`
    );
  },
  pick(x, y, seen, width, height) {
    const { left, wide } = ruleGrid(seen, width, height);
    const { loops } = seen.view;
    return x < left
      ? null
      : { loop: clamp(Math.round(1 + ((((x - left) % wide) - 2) / (wide - 6)) * (loops - 1)), 1, loops) };
  },
  table({ view, layer }) {
    const [rules, loops, layers, heads] = view.arrays.rules.shape;
    const rows = [];
    for (let r = 0; r < rules; r++)
      for (let s = 0; s < loops; s++)
        for (let head = 0; head < heads; head++)
          rows.push([
            s + 1,
            head + 1,
            view.meta.rules[r],
            view.arrays.rules.values[((r * loops + s) * layers + layer) * heads + head].toPrecision(4),
            view.arrays.rules_even.values[r * loops + s].toPrecision(4),
          ]);
    return { columns: ["{loop}", "head", "rule", "share of attention", "spread evenly"], rows };
  },
};
