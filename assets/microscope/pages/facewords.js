// Sentences that the faces of all pages share.

import { listed, plural, sentence } from "../core/words.js";

/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/view.js").View} View */

const NAMED = 4; // cells that a sentence names; more are counted

// The places whose signs a copy of what is typed leaves out.
const leftOut = ({ entry, puzzle }) => [...entry].flatMap((sign, i) => (sign === puzzle[i] ? [] : [i]));

function leftWords(seen) {
  const left = leftOut(seen);
  if (left.length > NAMED) return plural(left.length, "{place} of it", "{places} of it");
  const [entries, clues] = [true, false].map((entered) =>
    left.filter((i) => !!seen.own?.has(i) === entered).map((i) => seen.geometry.name(i)),
  );
  const yours = entries.length ? `your ${entries.length > 1 ? "entries" : "entry"} in ${listed(entries)}` : "";
  return [yours, clues.length ? listed(clues) : ""].filter(Boolean).join(" and ");
}

/** @type {(seen: Seen, says: string) => string} that the chosen place, of which a panel says something, is
 *   blank in the copy that was run */
export function blankWords(seen, says) {
  const { meta, active, geometry } = seen;
  if (meta.instead !== "copy" || !leftOut(seen).includes(active)) return "";
  const name = geometry.name(active);
  if (!says.toLowerCase().includes(name)) return "";
  return seen.words(`${sentence(name)} is left out of the copy of the {input} that was run: here it is blank. `);
}

/** @type {(seen: Seen) => string} what the panels show where what is typed is not what was run */
export function staleWords(seen) {
  const { meta, words } = seen;
  if (meta.instead === "example") return words("The panels show an example in the place of this {input}.");
  if (meta.instead !== "copy") return words("The panels still show the last {input} that was run.");
  const copy = `The panels show a copy of this {input} that can be run, with ${leftWords(seen)} left out.`;
  return words(`${copy} Its answers are not drawn here: they are those of another {input}.`);
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
  return ` It was right{judged} at {loop} ${reached} and lost it in {loop} ${lost}${why}.${again}`;
}
