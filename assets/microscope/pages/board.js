// The board of the Sudoku page, as it is painted, and what is said of it.

import { meanWeight } from "../core/arrays.js";
import { count } from "../core/view.js";
import { percent, plural } from "../core/words.js";
import { headsShown } from "../draw/heads.js";

export const SHOWS = [
  ["answer", "Answer"],
  ["candidates", "Candidates"],
  ["settle", "Settle loop"],
  ["attention", "Attention"],
  ["solution", "Check answer"],
  ["versus", "A against B"],
];

// Which cells break a rule: those of the run, or, of a board that is typed and not run yet, what is typed alone.
export function clashesOf({ view, t, entry, puzzle }, typed) {
  if (!t || entry !== puzzle) return typed;
  return typed.map((_, i) => view.entry("conflicts", t, i));
}

export function paintBoard(pen, side, seen) {
  const { view, views, t, colours, font, geometry, show, active, fade = 1 } = seen;
  const { entry, puzzle, corner, centre, solution, selected, hover, chosen } = seen;
  const { n, size } = geometry;
  const step = side / size;
  const now = view.at(t);
  const stale = entry !== puzzle;
  const own = (i) => Number(entry[i]) || 0;
  const other = views.find((one) => one !== view);
  const shown = (i) => own(i) || (t && !view.given[i] ? view.digit(t, i) : 0);
  const typed = geometry.conflicts(Array.from({ length: n }, (_, i) => own(i)));
  const clashes = clashesOf(seen, typed);
  const changed = t && !stale ? view.changes[now - 1] : null;
  const box = (i) => [(i % size) * step, Math.floor(i / size) * step];
  const write = (text, x, y, height, colour, weight = "") => {
    pen.font = `${weight}${height.toFixed(1)}px ${font}`;
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  };
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0; i < n; i++) {
    // grounds
    const [x, y] = box(i);
    if (own(i)) {
      pen.fillStyle = colours.soft;
      pen.fillRect(x, y, step, step);
    }
    if (show === "settle" && t && !own(i)) {
      pen.fillStyle = colours.warm;
      pen.globalAlpha = 0.08 + (0.5 * (view.settledCell[i] - 1)) / Math.max(1, view.loops - 1);
      pen.fillRect(x, y, step, step);
    } else if (changed?.[i] && show !== "attention") {
      pen.fillStyle = colours.warm;
      pen.globalAlpha = 0.16 * fade;
      pen.fillRect(x, y, step, step);
    }
    pen.globalAlpha = 1;
  }
  if (show === "attention" && t) {
    const heads = headsShown(seen);
    const weights = Array.from({ length: n }, (_, j) => meanWeight(view, t, seen.layer, heads, active, j));
    const top = Math.max(...weights);
    pen.fillStyle = colours.accent;
    weights.forEach((weight, j) => {
      pen.globalAlpha = 0.6 * Math.sqrt(weight / (top || 1));
      pen.fillRect(...box(j), step, step);
    });
    pen.globalAlpha = 1;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = box(i);
    const digit = shown(i);
    const given = own(i) > 0;
    const sure = given ? 1 : view.confidence(t, i);
    const clash = digit && clashes[i] ? 1 : 0;
    const bad = given && typed[i];
    const differs = other && !given && view.differs(t, i);
    if (changed?.[i] && !given) {
      pen.fillStyle = colours.warm;
      pen.beginPath();
      pen.moveTo(x + step, y);
      pen.lineTo(x + step, y + 0.2 * step);
      pen.lineTo(x + 0.8 * step, y);
      pen.closePath();
      pen.fill();
    }
    if (show === "candidates" && !given && t) {
      const [rows, columns] = geometry.box;
      for (let d = 1; d <= size; d++) {
        const p = view.probability(t, i, d);
        if (p < 0.01) continue;
        pen.globalAlpha = 0.35 + 0.65 * p;
        write(
          String(d),
          x + ((((d - 1) % columns) + 0.5) * step) / columns,
          y + ((Math.floor((d - 1) / columns) + 0.54) * step) / rows,
          (step / Math.max(rows, columns)) * (0.5 + 0.45 * p ** 0.5),
          d === digit ? colours.accent : colours.text,
          d === digit ? "bold " : "",
        );
      }
      pen.globalAlpha = 1;
    } else if (show === "settle" && !given && t) {
      write(String(digit || ""), x + step / 2, y + 0.42 * step, 0.5 * step, colours.accent);
      write(String(view.settledCell[i]), x + step / 2, y + 0.82 * step, 0.26 * step, colours.text);
    } else if (show === "versus" && other && !given && t) {
      const theirs = other.digit(t, i);
      const [a, b] = view.letter === "A" ? [digit, theirs] : [theirs, digit];
      if (differs) write(`${a || "–"}|${b || "–"}`, x + step / 2, y + 0.54 * step, 0.4 * step, colours.wrong, "bold ");
      else {
        pen.globalAlpha = 0.4;
        write(String(digit || ""), x + step / 2, y + 0.54 * step, 0.5 * step, colours.text);
        pen.globalAlpha = 1;
      }
    } else if (digit) {
      pen.globalAlpha = given ? 1 : centre[i].size ? 0.15 : (0.45 + 0.55 * sure) * (changed?.[i] ? fade : 1);
      write(
        String(digit),
        x + step / 2,
        y + 0.53 * step,
        0.6 * step,
        (clash && !given) || bad ? colours.wrong : given ? colours.text : colours.accent,
        given ? "bold " : "",
      );
      pen.globalAlpha = 1;
      if (!given) {
        pen.fillStyle = colours.accent;
        pen.globalAlpha = 0.55;
        pen.fillRect(x + 0.15 * step, y + 0.9 * step, 0.7 * step * sure, Math.max(2, 0.045 * step));
        pen.globalAlpha = 1;
      }
    }
    if ((clash && (given || !["candidates", "settle", "versus"].includes(show))) || bad) {
      // a wave, so that it is seen without colour
      pen.strokeStyle = colours.wrong;
      pen.lineWidth = Math.max(1.5, 0.035 * step);
      pen.beginPath();
      for (let k = 0; k <= 8; k++) {
        const px = x + step * (0.26 + 0.06 * k);
        const py = y + step * (0.845 + (k % 2 ? -0.025 : 0.025));
        if (k) pen.lineTo(px, py);
        else pen.moveTo(px, py);
      }
      pen.stroke();
    }
    if (differs && show !== "versus") write("≠", x + 0.14 * step, y + 0.17 * step, 0.26 * step, colours.wrong, "bold ");
    if (show === "solution" && solution && t && !given && digit !== solution[i]) {
      pen.strokeStyle = colours.wrong;
      pen.lineWidth = Math.max(1.5, 0.04 * step);
      pen.beginPath();
      pen.moveTo(x + 0.2 * step, y + 0.8 * step);
      pen.lineTo(x + 0.8 * step, y + 0.2 * step);
      pen.stroke();
      write(String(solution[i]), x + 0.84 * step, y + 0.8 * step, 0.3 * step, colours.text, "bold ");
    }
    if (!given && corner[i].size) {
      const marks = [...corner[i]].sort();
      const places = [
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
      marks.forEach((d, k) => write(d, x + places[k][0] * step, y + places[k][1] * step, 0.23 * step, colours.text));
    }
    if (!given && centre[i].size)
      write(
        [...centre[i]].sort().join(""),
        x + step / 2,
        y + 0.53 * step,
        Math.min(0.3, 1.4 / centre[i].size) * step,
        colours.text,
      );
  }
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 1; i < size; i++) {
    pen.moveTo(i * step, 0);
    pen.lineTo(i * step, side);
    pen.moveTo(0, i * step);
    pen.lineTo(side, i * step);
  }
  pen.stroke();
  pen.strokeStyle = colours.text;
  pen.lineWidth = 2.5;
  geometry.frame(pen, 0, 0, step);
  const ring = (i, thick) => {
    const [x, y] = box(i);
    pen.strokeStyle = colours.warm;
    pen.lineWidth = thick;
    pen.strokeRect(x + thick / 2, y + thick / 2, step - thick, step - thick);
  };
  for (const i of selected) if (i !== chosen) ring(i, 2);
  if (hover != null && hover !== chosen) ring(hover, 2);
  ring(chosen, 4);
  pen.textBaseline = "alphabetic";
  return boardSentence(seen, { stale, clashes, changed });
}

function boardSentence({ view, t, geometry, show, solution }, { stale, clashes, changed }) {
  if (stale) return "The panels still show the last board that was run.";
  if (!view.blanks) return "Nothing to solve: every cell is given.";
  if (!t)
    return `Before the first loop: ${plural(geometry.n - view.blanks, "given")}, ${plural(view.blanks, "blank")}. The model has said nothing yet.`;
  const now = view.at(t);
  const changes = count(changed);
  const broken = count(clashes);
  const doubtful = view.arrays.doubtful.values[now - 1];
  const lost = view.losing(t);
  const verdict = view.right[now - 1]
    ? "Solved: every row, column and box is right."
    : broken
      ? `${plural(broken, "cell breaks", "cells break")} a rule.`
      : doubtful
        ? `${plural(doubtful, "answer")} below 50 %.`
        : "";
  let extra = "";
  if (show === "solution") {
    const wrong = solution ? view.arrays.wrong.values[now - 1] : 0;
    extra = solution
      ? ` ${wrong ? `${plural(wrong, "cell differs", "cells differ")} from the solution; it is written in the corner.` : "No cell differs from the solution."}`
      : " There is no single solution to compare with.";
  } else if (show === "settle") extra = " Small numbers: the loop after which the answer never changed.";
  const steady = t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
  return `${verdict} ${t === 1 ? "First answers." : changes ? `${plural(changes, "answer")} changed in this loop.` : steady ? "" : "No answer changed in this loop."}${steady}${lost}${extra}`.trim();
}

// What a screen reader says of a cell.
export function cellWords({ view, views, t, geometry, entry, puzzle, corner, centre }, i, clash) {
  const own = entry[i] !== "." && entry[i] !== undefined;
  const digit = own ? entry[i] : t && !view.given[i] ? view.digit(t, i) : 0;
  const other = views.find((one) => one !== view);
  const what = own
    ? `given ${digit}`
    : digit
      ? `blank, model says ${digit} at ${percent(view.confidence(t, i))}`
      : "blank";
  const marks = [...corner[i]].sort().join(" ");
  const middle = [...centre[i]].sort().join(" ");
  return (
    `${geometry.name(i)}, ` +
    `${what}${digit && clash ? ", breaks a rule" : ""}${!own && t && view.changes[view.at(t) - 1][i] && entry === puzzle ? ", changed in this loop" : ""}${!own && other && view.differs(t, i) ? `, ${other.letter} says ${other.digit(t, i)}` : ""}${!own && marks ? `, corner marks ${marks}` : ""}${!own && middle ? `, centre marks ${middle}` : ""}`
  );
}
