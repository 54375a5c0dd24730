// The tokens of an input with what the model reads at each, as they are drawn, and what is said of them.

import { meanWeight } from "../core/arrays.js";
import { plural, told } from "../core/words.js";
import { foldCorner } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { changeWords, overthinkingWords, settleWords, staleWords } from "./facewords.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */

// ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {(pen: Pen, seen: Seen, width: number, height: number, tall: number) => void} tall: height of a token
 *   against its width */
export function drawTokens(pen, seen, width, height, tall) {
  const { geometry, t, show } = seen;
  const [wide, high] = [width / geometry.columns, height / geometry.rows];
  const box = { wide, high, unit: Math.min(wide, high / tall), inset: 0.06 * wide };
  const weights = show === "attention" && t && seen.view.arrays.attention ? attentionWeights(seen) : null;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  geometry.lines.forEach((line, r) => {
    line.forEach((i, c) => {
      const token = tokenOf(pen, seen, box, i, r, c, c === line.length - 1);
      drawGround(pen, seen, token, weights);
      if (token.changed) drawFold(pen, seen, token);
      drawSign(seen, token);
      if (token.asked && t) drawAnswer(pen, seen, token);
      drawFrame(pen, seen, token);
      if (token.ends && t) drawMark(seen, token);
    });
  });
  pen.textBaseline = "alphabetic";
}

function attentionWeights(seen) {
  const { view, t, layer, active, geometry } = seen;
  const heads = headsShown(seen);
  return Array.from({ length: geometry.n }, (_, j) => meanWeight(view, t, layer, heads, active, j));
}

// Token i as it is drawn, and a way to write in it: `down` in parts of its height, `size` in its units.
function tokenOf(pen, { view, views, t, geometry, font }, box, i, row, column, last) {
  const { wide, high, unit } = box;
  const [x, y] = [column * wide, row * high];
  const fixed = geometry.shown(view.tokens[i]);
  const asked = !!view.asked[i];
  const other = views.find((one) => one !== view);
  const write = (text, down, size, colour, weight = "", across = 0.5) => {
    const height = size * unit * Math.min(1, 2.6 / Math.max(1, text.length));
    pen.font = `${weight}${height.toFixed(1)}px ${font}`;
    pen.fillStyle = colour;
    pen.fillText(text, x + across * wide, y + down * high);
  };
  return {
    ...box,
    i,
    row,
    x,
    y,
    fixed,
    asked,
    write,
    letter: fixed !== undefined && asked, // with a number below it
    ends: !!view.arrays.holds && row > 0 && last, // an equation, whose number leaves room for the mark
    changed: !!view.changesIn(t)[i],
    other,
    theirs: other?.digit(t, i),
  };
}

function drawGround(pen, { view, t, colours, show, fade }, token, weights) {
  const { i, x, y, wide, high, inset, asked, fixed, changed } = token;
  const fill = (colour, alpha) => {
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    pen.fillRect(x + inset, y + 0.04 * high, wide - 2 * inset, 0.92 * high);
    pen.globalAlpha = 1;
  };
  if (!asked || fixed) fill(colours.soft, 1);
  if (weights) fill(colours.accent, 0.6 * Math.sqrt(weights[i] / (Math.max(...weights) || 1)));
  else if (show === "settle" && asked && t) {
    fill(colours.warm, 0.08 + (0.5 * (view.settledCell[i] - 1)) / Math.max(1, view.loops - 1));
  } else if (changed) fill(colours.warm, 0.16 * fade);
}

function drawFold(pen, { colours }, { x, y, wide, high, unit, inset }) {
  foldCorner(pen, x + wide - inset, y + 0.04 * high, 0.2 * unit, colours);
}

// What stands there whatever the model says.
function drawSign({ view, t, colours, geometry }, { i, fixed, asked, letter, write }) {
  const token = view.tokens[i];
  if (fixed !== undefined) write(fixed, letter ? 0.34 : 0.5, 0.62, colours.text, "bold ");
  else if (!asked) write(view.read(i), 0.5, 0.66, colours.text, "bold ");
  else if (!t) write(token || view.arrays.vectors ? view.read(i) : "_", 0.5, 0.6, colours.muted);
}

function drawAnswer(pen, seen, token) {
  const { view, t, colours, show } = seen;
  const { i, letter, ends, other, theirs, write } = token;
  const down = letter ? 0.72 : ends ? 0.54 : 0.5;
  const size = letter ? 0.44 : ends ? 0.6 : 0.72;
  const differs = !!other && view.differs(t, i);
  if (show === "settle") write(view.settledSign(i), down, size, colours.text);
  else if (show === "versus" && other) drawVersus(pen, seen, token, differs, down, size);
  else drawRead(pen, seen, token, down, size);
  if (differs && show !== "versus") write("≠", 0.14, 0.24, colours.wrong, "bold ", 0.2);
}

function drawVersus(pen, { view, t, colours, geometry }, { i, other, theirs, write }, differs, down, size) {
  const token = view.digit(t, i);
  const [a, b] = view.letter === "A" ? [token, theirs] : [theirs, token];
  if (view.numbers) {
    const [one, two] = view.letter === "A" ? [view, other] : [other, view];
    write(`${one.said(t, i)}|${two.said(t, i)}`, down, 0.8 * size, differs ? colours.wrong : colours.text);
    return;
  }
  if (differs) {
    write(`${geometry.sign(a)}|${geometry.sign(b)}`, down, 0.8 * size, colours.wrong, "bold ");
    return;
  }
  pen.globalAlpha = 0.4;
  write(geometry.sign(token), down, size, colours.text);
  pen.globalAlpha = 1;
}

// The answer, fainter the less sure it is, with a bar below it, or what it should be.
function drawRead(pen, { view, t, colours, geometry, show, solution, fade }, token, down, size) {
  const { i, x, y, wide, high, letter, changed, write } = token;
  const sure = view.confidence(t, i);
  const wrong = show === "solution" && solution && solution[i] !== view.digit(t, i);
  pen.globalAlpha = (0.45 + 0.55 * sure) * (changed ? fade : 1);
  write(view.said(t, i), down, size, wrong ? colours.wrong : colours.accent, letter ? "" : "bold ");
  pen.globalAlpha = 1;
  if (wrong) {
    write(`✗ ${geometry.sign(solution[i])}`, 0.87, 0.26, colours.wrong, "bold ");
    return;
  }
  if (view.numbers) return; // a number comes with no probability
  pen.fillStyle = colours.accent;
  pen.globalAlpha = 0.55;
  pen.fillRect(x + 0.2 * wide, y + 0.9 * high, 0.6 * wide * sure, Math.max(2, 0.03 * high));
  pen.globalAlpha = 1;
}

function drawFrame(pen, { colours, chosen, hover }, { i, x, y, wide, high, inset }) {
  pen.strokeStyle = i === chosen || i === hover ? colours.warm : colours.line;
  pen.lineWidth = i === chosen ? 3 : i === hover ? 2 : 1;
  pen.strokeRect(x + inset, y + 0.04 * high, wide - 2 * inset, 0.92 * high);
}

// Whether an equation holds.
function drawMark({ view, t, colours }, { row, write }) {
  const { values, shape } = view.arrays.holds;
  const good = values[(view.at(t) - 1) * shape[1] + row - 1];
  write(good ? "✓" : "✗", 0.16, 0.26, good ? colours.accent : colours.wrong, "bold ", 0.86);
}

// ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {(seen: Seen) => string} */
export function describeTokens(seen) {
  const { view, t, meta, entry, puzzle } = seen;
  const stale = entry === puzzle ? "" : `${staleWords(seen)} `;
  if (!t) {
    const longer = meta.beyond ? " The input is longer than any that it was trained on." : "";
    return `${stale}Before the first {loop}: the model has said nothing yet.${longer} ${meta.verdicts.rule}`.trim();
  }
  if (view.numbers) return `${stale}${verdict(seen)} ${numbersWords(view, t)}`.trim();
  const moved = `${changeWords(view, t, view.changed(t))}${overthinkingWords(view, t)}`;
  return `${stale}${verdict(seen)} ${moved}${usual(seen)}${check(seen)}${settleWords(seen)}`.trim();
}

function numbersWords(view, t) {
  return `After {loop} ${view.at(t)} the model gives a number at ${plural(view.blanks, "position")}.`;
}

function verdict({ view, t, meta, geometry, judged }) {
  if (!judged) return "";
  const right = view.right[view.at(t) - 1];
  const failed = view.arrays.failed?.values[view.at(t) - 1]; // equations
  const sentence = right ? meta.verdicts.right : (meta.verdicts[`failed ${failed}`] ?? meta.verdicts.wrong);
  return told(sentence, { said: geometry.sign(view.digit(t, meta.layout.cell)) });
}

// What the model's card says, where it ends wrongly; a changed model has none.
function usual({ view, t }) {
  if (view.right[view.at(t) - 1] || t < view.loops) return "";
  const { name, measured } = view.meta;
  if (!measured) return "";
  const { loops, accuracy, n, interval, of } = measured;
  const exact = (share) => `${Number((100 * share).toFixed(1))}\u00a0%`;
  const ends = interval ? ` (95\u00a0%: ${interval.map(exact).join(" to ")})` : "";
  const elsewhere = loops === view.loops ? "" : `, the nearest to ${view.loops} that it was measured at`;
  const said = `${exact(accuracy)} right${ends} after ${plural(loops, "{loop}")}`;
  return ` Of ${n} ${of} inputs ${name} has ${said}${elsewhere}.`;
}

function check({ view, t, show, solution, meta }) {
  if (show !== "solution") return "";
  if (!solution) return ` ${meta.verdicts.several}`;
  const wrong = view.arrays.wrong.values[view.at(t) - 1];
  return ` ${plural(wrong, "answer")} of ${view.blanks} differ from the true ones.`;
}

// What a screen reader says of every token.
/** @type {(seen: Seen) => string[]} */
export function wordsOfTokens(seen) {
  return Array.from({ length: seen.geometry.n }, (_, i) => tokenWords(seen, i));
}

function tokenWords({ view, views, t, geometry }, i) {
  const other = views.find((one) => one !== view);
  const parts = [geometry.name(i)];
  const sign = !t ? "" : view.numbers ? view.said(t, i) : geometry.called(view.digit(t, i));
  const sure = view.numbers ? "" : ` at ${view.chance(t, i)}`;
  if (view.asked[i]) parts.push(t ? `model says ${sign}${sure}` : "nothing said yet");
  if (view.changesIn(t)[i]) parts.push("changed in this {loop}");
  const differs = other && view.differs(t, i);
  if (differs) parts.push(`${other.letter} says ${other.said(t, i)}`);
  return parts.join(", ");
}
