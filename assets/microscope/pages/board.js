// The board of the Sudoku page, as it is drawn, and what is said of it.

import { changeWords, overthinkingWords, settleWords, staleWords } from "./facewords.js";
import { meanWeight } from "../core/arrays.js";
import { count } from "../core/view.js";
import { percent, plural } from "../core/words.js";
import { foldCorner } from "../draw/board.js";
import { headsShown } from "../draw/heads.js";
import { segment } from "../draw/surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */

/** @type {[string, string][]} what the board can show: name and words */
export const SHOWS = [
  ["answer", "Answer"],
  ["candidates", "Candidates"],
  ["sets", "Candidates left"],
  ["settle", "Settle {loop}"],
  ["attention", "Attention"],
  ["solution", "Check answer"],
  ["versus", "A against B"],
];

// Where corner marks stand, in parts of a cell, in the order in which they are filled.
const CORNERS = [
  [0.16, 0.2],
  [0.84, 0.2],
  [0.16, 0.74],
  [0.84, 0.74],
  [0.5, 0.2],
  [0.5, 0.8],
  [0.16, 0.47],
  [0.84, 0.47],
  [0.34, 0.2],
];
const WITHOUT_WAVES = ["candidates", "sets", "settle", "versus"]; // these say other things of a blank

// The digits on the board: typed ones, and the model's in the blanks; which clash, and which changed in this loop.
function standing({ view, views, t, geometry, entry, puzzle }) {
  const all = [...Array(geometry.n).keys()];
  const own = all.map((i) => Number(entry[i]) || 0);
  const stale = entry !== puzzle;
  const given = (i) => (!stale && view.arrays.givens ? view.digit(t, i) : own[i]); // digits may be exchanged in the run
  const shown = all.map((i) => (own[i] ? given(i) : t && !view.given[i] ? view.digit(t, i) : 0));
  const typed = geometry.conflicts(own);
  return {
    stale,
    own,
    shown,
    typed,
    // A board that is typed and not run yet has no answers: only typed digits can clash.
    clashes: t && !stale ? all.map((i) => view.entry("conflicts", t, i)) : typed,
    changed: t && !stale ? view.changesIn(t) : null,
    other: views.find((one) => one !== view),
  };
}

// ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {(pen: Pen, seen: Seen, side: number) => void} */
export function drawBoard(pen, seen, side) {
  const { geometry } = seen;
  const step = side / geometry.size;
  const board = standing(seen);
  const cells = Array.from({ length: geometry.n }, (_, i) => cellOf(pen, seen, board, step, i));
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const cell of cells) drawGround(pen, seen, cell);
  if (seen.show === "attention" && seen.t && seen.view.arrays.attention) drawAttention(pen, seen, step);
  for (const cell of cells) drawCell(pen, seen, board, cell);
  drawLines(pen, seen, side, step);
  drawRings(pen, seen, step);
  pen.textBaseline = "alphabetic";
}

// What is needed to draw cell i: its place, its digit, and `write`, whose position is in parts of the cell's side.
function cellOf(pen, seen, { own, shown, typed, clashes, changed, other }, step, i) {
  const { view, t, geometry, font } = seen;
  const [row, column] = geometry.spot(i);
  const [x, y] = [column * step, row * step];
  const given = own[i] > 0;
  const write = (text, across, down, height, colour, weight = "") => {
    pen.font = `${weight}${(height * step).toFixed(1)}px ${font}`;
    pen.fillStyle = colour;
    pen.fillText(text, x + across * step, y + down * step);
  };
  return {
    i,
    x,
    y,
    step,
    given,
    entered: given && !!seen.own?.has(i),
    write,
    digit: shown[i],
    changed: !!changed?.[i],
    clash: !!shown[i] && !!clashes[i],
    bad: given && !!typed[i],
    differs: !!other && !given && view.differs(t, i),
    sure: given ? 1 : view.confidence(t, i),
  };
}

function drawGround(pen, { view, t, colours, show, fade }, { i, x, y, step, given, entered, changed }) {
  const fill = (colour, alpha) => {
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    pen.fillRect(x, y, step, step);
    pen.globalAlpha = 1;
  };
  if (given && !entered) fill(colours.soft, 1);
  if (show === "settle" && t && !given) {
    fill(colours.warm, 0.08 + (0.5 * (view.settledCell[i] - 1)) / Math.max(1, view.loops - 1));
  } else if (changed && show !== "attention") fill(colours.warm, 0.16 * fade);
}

function drawAttention(pen, seen, step) {
  const { view, t, layer, active, geometry, colours } = seen;
  const heads = headsShown(seen);
  const weights = Array.from({ length: geometry.n }, (_, j) => meanWeight(view, t, layer, heads, active, j));
  const top = Math.max(...weights);
  pen.fillStyle = colours.accent;
  weights.forEach((weight, j) => {
    const [row, column] = geometry.spot(j);
    pen.globalAlpha = 0.6 * Math.sqrt(weight / (top || 1));
    pen.fillRect(column * step, row * step, step, step);
  });
  pen.globalAlpha = 1;
}

function drawCell(pen, seen, board, cell) {
  const { t, colours, show, corner, centre } = seen;
  const { i, given, digit, write } = cell;
  const answered = !given && t > 0;
  if (cell.changed && !given) foldCorner(pen, cell.x + cell.step, cell.y, 0.2 * cell.step, colours);
  if (show === "candidates" && answered) drawCandidates(pen, seen, cell);
  else if (show === "sets" && answered && seen.view.arrays.sets) drawSets(pen, seen, cell);
  else if (show === "settle" && answered) drawSettled(seen, cell);
  else if (show === "versus" && board.other && answered) drawVersus(pen, seen, board, cell);
  else if (digit || (answered && !seen.view.given[i])) drawDigit(pen, seen, cell);
  if ((cell.clash && (given || !WITHOUT_WAVES.includes(show))) || cell.bad) drawWave(pen, colours, cell);
  if (cell.differs && show !== "versus") write("≠", 0.14, 0.17, 0.26, colours.wrong, "bold ");
  if (show === "solution" && answered) drawCheck(pen, seen, cell);
  if (given) return;
  [...(corner[i] ?? [])].sort().forEach((mark, k) => write(mark, ...CORNERS[k], 0.23, colours.text));
  const middle = [...(centre[i] ?? [])].sort().join("");
  if (middle) write(middle, 0.5, 0.53, Math.min(0.3, 1.4 / middle.length), colours.text);
}

function drawCandidates(pen, { view, t, geometry, colours }, { i, digit, write }) {
  const [rows, columns] = geometry.box;
  for (let d = 1; d <= geometry.size; d++) {
    const p = view.probability(t, i, d);
    if (p < 0.01) continue;
    const across = (((d - 1) % columns) + 0.5) / columns;
    const down = (Math.floor((d - 1) / columns) + 0.54) / rows;
    const height = (0.5 + 0.45 * p ** 0.5) / Math.max(rows, columns);
    const best = d === digit;
    pen.globalAlpha = 0.35 + 0.65 * p;
    write(String(d), across, down, height, best ? colours.accent : colours.text, best ? "bold " : "");
  }
  pen.globalAlpha = 1;
  if (!digit) write(geometry.sign(0), 0.5, 0.53, 0.6, colours.accent);
}

// The candidates that are left in the round, a single one large; a dashed frame around what was guessed.
function drawSets(pen, { view, t, geometry, colours }, { i, x, y, step, write }) {
  const left = view.left(t, i);
  const [rows, columns] = geometry.box;
  if (left.length === 1) write(geometry.sign(left[0]), 0.5, 0.53, 0.6, colours.accent);
  else if (!left.length) write("∅", 0.5, 0.53, 0.5, colours.wrong);
  else
    for (const d of left) {
      const across = (((d - 1) % columns) + 0.5) / columns;
      const down = (Math.floor((d - 1) / columns) + 0.54) / rows;
      write(geometry.sign(d), across, down, 0.8 / Math.max(rows, columns), colours.text);
    }
  if (!view.guess(t, i)) return;
  pen.strokeStyle = colours.warm;
  pen.lineWidth = Math.max(1.5, 0.04 * step);
  pen.setLineDash([0.12 * step, 0.08 * step]);
  pen.strokeRect(x + 0.08 * step, y + 0.08 * step, 0.84 * step, 0.84 * step);
  pen.setLineDash([]);
}

function drawSettled({ view, colours, geometry }, { i, digit, write }) {
  write(geometry.sign(digit), 0.5, 0.42, 0.5, colours.accent);
  write(view.settledSign(i), 0.5, 0.82, 0.26, colours.text);
}

function drawVersus(pen, { view, t, colours, geometry }, { other }, { i, digit, differs, write }) {
  const theirs = other.digit(t, i);
  const [a, b] = view.letter === "A" ? [digit, theirs] : [theirs, digit];
  if (differs) {
    write(`${geometry.sign(a)}|${geometry.sign(b)}`, 0.5, 0.54, 0.4, colours.wrong, "bold ");
    return;
  }
  pen.globalAlpha = 0.4;
  write(geometry.sign(digit), 0.5, 0.54, 0.5, colours.text);
  pen.globalAlpha = 1;
}

// The digit, fainter the less sure it is, with a bar below it.
function drawDigit(pen, { colours, centre, fade, geometry }, cell) {
  const { i, x, y, step, digit, given, entered, clash, bad, sure, changed, write } = cell;
  const own = given ? colours.text : colours.accent;
  const wrong = (clash && !given) || bad;
  const strength = centre[i]?.size ? 0.15 : (0.45 + 0.55 * sure) * (changed ? fade : 1);
  pen.globalAlpha = given ? 1 : strength;
  write(geometry.sign(digit), 0.5, 0.53, 0.6, wrong ? colours.wrong : own, given && !entered ? "bold " : "");
  pen.globalAlpha = 1;
  if (given) return;
  pen.fillStyle = colours.accent;
  pen.globalAlpha = 0.55;
  pen.fillRect(x + 0.15 * step, y + 0.9 * step, 0.7 * step * sure, Math.max(2, 0.045 * step));
  pen.globalAlpha = 1;
}

// A wave under a digit that breaks a rule, so that it is seen without colour.
function drawWave(pen, colours, { x, y, step }) {
  pen.strokeStyle = colours.wrong;
  pen.lineWidth = Math.max(1.5, 0.035 * step);
  pen.beginPath();
  for (let k = 0; k <= 8; k++) {
    const across = x + step * (0.26 + 0.06 * k);
    const down = y + step * (0.845 + (k % 2 ? -0.025 : 0.025));
    if (k) pen.lineTo(across, down);
    else pen.moveTo(across, down);
  }
  pen.stroke();
}

// An answer that is not that of the solution is struck out.
function drawCheck(pen, { view, t, solution, colours }, { i, x, y, step, digit, write }) {
  const wanted = view.arrays.solutions ? view.entry("solutions", t, i) : solution?.[i];
  if (!wanted || digit === wanted) return;
  pen.strokeStyle = colours.wrong;
  pen.lineWidth = Math.max(1.5, 0.04 * step);
  segment(pen, x + 0.2 * step, y + 0.8 * step, x + 0.8 * step, y + 0.2 * step);
  write(String(wanted), 0.84, 0.8, 0.3, colours.text, "bold ");
}

function drawLines(pen, { geometry, colours }, side, step) {
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 1; i < geometry.size; i++) {
    pen.moveTo(i * step, 0);
    pen.lineTo(i * step, side);
    pen.moveTo(0, i * step);
    pen.lineTo(side, i * step);
  }
  pen.stroke();
  pen.strokeStyle = colours.text;
  pen.lineWidth = 2.5;
  geometry.frame(pen, 0, 0, step);
}

function drawRings(pen, { geometry, colours, selected, hover, chosen }, step) {
  const ring = (i, thick) => {
    const [row, column] = geometry.spot(i);
    pen.strokeStyle = colours.warm;
    pen.lineWidth = thick;
    pen.strokeRect(column * step + thick / 2, row * step + thick / 2, step - thick, step - thick);
  };
  for (const i of selected) if (i !== chosen) ring(i, 2);
  if (hover != null && hover !== chosen) ring(hover, 2);
  ring(chosen, 4);
}

// ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {(seen: Seen) => string} */
export function describeBoard(seen) {
  const { view, t, geometry } = seen;
  const { stale, clashes, changed } = standing(seen);
  if (stale) return staleWords(seen);
  if (!view.blanks) return "Nothing to solve: every cell is given.";
  if (!t) {
    const own = seen.own?.size ?? 0;
    const given = plural(geometry.n - view.blanks - own, "given");
    const entered = own ? `, ${plural(own, "entry of yours", "entries of yours")}` : "";
    const counted = `${given}${entered}, ${plural(view.blanks, "blank")}`;
    return `Before the first {loop}: ${counted}. ${solutionWords(seen, own)} The model has said nothing yet.`;
  }
  const verdict = boardVerdict(seen, count(clashes));
  const moved = changeWords(view, t, count(changed));
  return `${verdict} ${moved}${overthinkingWords(view, t)}${roundWords(seen)}${showWords(seen)}`.trim();
}

// How many boards fulfil the puzzle, and the entries with it.
function solutionWords({ meta, judged }, own) {
  const many = (one) => (one ? "one solution" : "several solutions");
  const puzzle = `The puzzle has ${many(meta.puzzle_unique)}`;
  if (!own) return `${puzzle}.`;
  if (meta.puzzle_unique) return `${puzzle}; your entries agree with it.`;
  return `${puzzle}; with your entries ${judged ? "one is" : "several are"} left.`;
}

function boardVerdict({ view, t, geometry }, broken) {
  if (view.right[view.at(t) - 1]) return "Solved: every row, column and box is right.";
  const empty = count([...Array(geometry.n).keys()].map((i) => view.asked[i] && !view.digit(t, i)));
  const blank = empty ? `${plural(empty, "blank is", "blanks are")} answered “blank”, which is no digit.` : "";
  if (broken) return `${plural(broken, "cell breaks", "cells break")} a rule. ${blank}`.trim();
  const doubtful = view.arrays.doubtful.values[view.at(t) - 1];
  return blank || (doubtful ? `${plural(doubtful, "answer")} below 50 %.` : "");
}

// What a search did before the round of this loop.
function roundWords({ view, t }) {
  const said = view.meta.rounds?.[view.roundOf(t)];
  return said ? ` ${said}` : "";
}

// What “Show” adds.
function showWords(seen) {
  const { view, t, geometry, show, solution } = seen;
  if (show === "sets" && view.arrays.sets) {
    const told = percent(view.arrays.conflict.values[view.at(t) - 1]);
    const guesses = [...Array(geometry.n).keys()].some((i) => view.guess(t, i)) ? " In a dashed frame: a guess." : "";
    return `${guesses} The probability of a conflict is ${told}.`;
  }
  if (show === "settle") return settleWords(seen);
  if (show !== "solution") return "";
  if (!solution) return " There is no single solution to compare with.";
  const wrong = view.arrays.wrong.values[view.at(t) - 1];
  if (!wrong) return " No cell differs from the solution.";
  return ` ${plural(wrong, "cell differs", "cells differ")} from the solution; it is written in the corner.`;
}

// What a screen reader says of every cell.
/** @type {(seen: Seen) => string[]} */
export function wordsOfCells(seen) {
  const { clashes, shown } = standing(seen);
  return Array.from(clashes, (clash, i) => cellWords(seen, i, clash, shown[i]));
}

// What is typed may still be of another size, until the last of several requests is answered.
function cellWords(seen, i, clash, shown) {
  const { view, views, t, geometry, entry, puzzle, corner, centre, own: entered } = seen;
  const own = entry[i] !== "." && entry[i] !== undefined;
  const digit = own ? shown : t && !view.given[i] ? view.digit(t, i) : 0;
  const parts = [geometry.name(i)];
  if (own) parts.push(`${entered?.has(i) ? "entered" : "given"} ${digit}`);
  else if (!t || view.given[i]) parts.push("blank");
  else parts.push(`blank, model says ${geometry.called(digit)} at ${view.chance(t, i)}`);
  if (digit && clash) parts.push("breaks a rule");
  if (!own && t && view.arrays.sets) {
    const left = view.left(t, i);
    const guessed = view.guess(t, i) ? ", guessed" : "";
    parts.push(left.length ? `left: ${left.map((d) => geometry.called(d)).join(" ")}${guessed}` : "no candidate left");
  }
  if (own) return parts.join(", ");
  const other = views.find((one) => one !== view);
  if (view.changesIn(t)[i] && entry === puzzle) parts.push("changed in this {loop}");
  if (other && view.differs(t, i)) parts.push(`${other.letter} says ${geometry.called(other.digit(t, i))}`);
  if (corner[i]?.size) parts.push(`corner marks ${[...corner[i]].sort().join(" ")}`);
  if (centre[i]?.size) parts.push(`centre marks ${[...centre[i]].sort().join(" ")}`);
  return parts.join(", ");
}
