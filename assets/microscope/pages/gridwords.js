// What is said of a grid: the sentence below it, the words of its cells, its numbers.

import { known } from "../core/arrays.js";
import { plural, whereNoWay } from "../core/words.js";
import { overthinkingWords, settleWords, staleWords, steadyWords } from "./facewords.js";
import { cellsOf, FREE, REACHED, SOURCE, WALL } from "./gridtext.js";
import { shownNumbers } from "./shownnumbers.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/types.js").Table} Table */

/** @type {(seen: Seen) => string} */
export function describeGrid(seen) {
  const { view, t, show, meta, entry, puzzle } = seen;
  if (entry !== puzzle) return staleWords(seen);
  const cells = plural(view.blanks, "free cell");
  const far = plural(meta.needed, "step");
  if (!t) return `Before the first {loop}: ${cells}; the farthest that can be reached is ${far} away.`;
  const now = view.at(t);
  const { values, shape } = view.arrays.flood;
  const [, said, ahead, behind, astray] = values.subarray((now - 1) * shape[1], now * shape[1]);
  const right = view.right[now - 1];
  const lost = overthinkingWords(view, t);
  const settled = settleWords(seen);
  if (right) {
    const steady = steadyWords(view, t);
    const marked = `every cell that can be reached is marked, and no other (${said} of ${cells})`;
    return `Right: ${marked}.${steady}${lost}${settled}`;
  }
  const within = behind
    ? ` Within ${plural(now, "step")} ${plural(behind, "cell is", "cells are")} not marked yet; `
    : ` Every cell within ${plural(now, "step")} is marked; `;
  const already = astray ? whereNoWay(ahead, astray) : ahead ? " already" : "";
  const front =
    behind || ahead
      ? `${within}${ahead || "no"} farther ${ahead > 1 ? "ones are" : "one is"} marked${already}.`
      : ` That is all within ${plural(now, "step")} of the source, and nothing beyond.`;
  const short = now === view.loops && now < meta.needed ? ` The farthest cell is ${far} away.` : "";
  const check = show === "solution" ? " Crossed cells differ from what is true in the end." : "";
  return `The model says that ${said} of ${cells} can be reached.${front}${short}${lost}${check}${settled}`;
}

/** @type {(seen: Seen) => string[]} */
export function wordsOfGrid(seen) {
  const { view, views, t, geometry, entry, puzzle } = seen;
  const other = views.find((one) => one !== view);
  const named = { [FREE]: "free", [WALL]: "wall", [SOURCE]: "source" };
  const said = (token) => (token === REACHED ? "reached" : "not reached");
  return cellsOf(entry).map((sign, i) => {
    const name = `${geometry.name(i)}, ${named[sign]}`;
    if (sign === WALL || entry !== puzzle || !t || !view.asked[i]) return name;
    const changed = view.changesIn(t)[i] ? ", changed in this {loop}" : "";
    const theirs = other && view.differs(t, i) ? `, ${other.letter} says ${said(other.digit(t, i))}` : "";
    return `${name}, model says ${said(view.digit(t, i))} at ${view.chance(t, i)}${changed}${theirs}`;
  });
}

/** @type {(seen: Seen) => Table} */
export function tableOfGrid(seen) {
  const { view, geometry } = seen;
  const shown = shownNumbers(seen);
  const rows = [];
  for (let t = 1; t <= view.loops; t++)
    for (let i = 0; i < geometry.n; i++) {
      const [row, column] = geometry.spot(i);
      rows.push([
        t,
        geometry.name(i),
        row + 1,
        column + 1,
        geometry.sign(view.tokens[i]),
        known(view.arrays.steps_away.values[i]),
        view.asked[i] ? geometry.sign(view.digit(t, i)) : "",
        view.confidence(t, i).toPrecision(4),
        view.changes[t - 1][i],
        ...shown.of(t, i),
      ]);
    }
  const columns = ["{loop}", "cell", "row", "column", "input", "steps from the source", "answer", "probability"];
  return { columns: [...columns, "changed", ...shown.columns], rows };
}
