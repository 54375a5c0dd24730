// Sentences that the faces of all pages share.

import { plural } from "../core/words.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/view.js").View} View */

/** @type {(seen: Seen) => string} what the panels show where what is typed is not what was run */
export function staleWords({ entry, puzzle, meta, words }) {
  if (meta.instead === "example") return words("The panels show an example in the place of this {input}.");
  if (meta.instead !== "copy") return words("The panels still show the last {input} that was run.");
  const left = [...entry].filter((sign, i) => sign !== puzzle[i]).length;
  const without = plural(left, "{place} of it left out", "{places} of it left out");
  return words(`The panels show a copy of this {input} that can be run, with ${without}.`);
}

/** @type {(seen: Seen) => string} what the numbers are where it is shown when every answer settled */
export function settleWords({ view, show, t }) {
  if (show !== "settle" || !t) return "";
  const late = "still changed in the last quarter of the run, at least its last four {loops}";
  const censored = view.meta.complete ? "" : `; –: not settled, for it ${late}`;
  return ` Small numbers: the {loop} after which the answer never changed${censored}.`;
}

/** @type {(view: View, t: number) => string} since when no answer has changed; of a run that is shorter than the clock,
 *   how it ended */
export function steadyWords(view, t) {
  if (t > view.loops) {
    const last = view.meta.moving ? "; answers still changed in the last" : "";
    const since = !last && view.settled > 1 ? `; no answer has changed since {loop} ${view.settled}` : "";
    return ` Its ${plural(view.loops, "{loop}")} are done${last}${since}.`;
  }
  return t > view.settled ? ` No answer has changed since {loop} ${view.settled}.` : "";
}

/** @type {(view: View, t: number, changes: number) => string} how many answers the loop changed, and since when none
 *   has */
export function changeWords(view, t, changes) {
  const steady = steadyWords(view, t);
  if (t > view.loops) return steady.trim();
  if (t === 1) return `First answers.${steady}`;
  if (changes) return `${plural(changes, "answer")} changed in this {loop}.${steady}`;
  return steady || "No answer changed in this {loop}.";
}

/** @type {(view: View, t: number) => string} that a right answer was lost, once it is; only loops overthink */
export function overthinkingWords(view, t) {
  if (!view.lost || view.at(t) < view.lost.lost) return "";
  const { reached, lost, back, changed } = view.lost;
  const again = back != null && view.at(t) >= back ? ` It is right again from {loop} ${back} on.` : "";
  const looped = view.meta.looped !== false;
  const why = changed ? ": after what was changed in the run" : looped ? ": overthinking" : "";
  return ` It was right at {loop} ${reached} and lost it in {loop} ${lost}${why}.${again}`;
}
