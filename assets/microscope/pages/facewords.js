// Sentences that the faces of all pages share.

import { plural } from "../core/words.js";

/** @typedef {import("../core/view.js").View} View */

/** @type {(view: View, t: number) => string} since when no answer has changed; of a run that is shorter than the clock,
 *   how it ended */
export function steadyWords(view, t) {
  if (t > view.loops) {
    const [one, many] = view.meta.looped === false ? ["layer", "layers"] : ["loop", "loops"];
    const last = view.meta.moving ? "; answers still changed in the last" : "";
    const since = !last && view.settled > 1 ? `; no answer has changed since ${one} ${view.settled}` : "";
    return ` Its ${plural(view.loops, one, many)} are done${last}${since}.`;
  }
  return t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
}

/** @type {(view: View, t: number, changes: number) => string} how many answers the loop changed, and since when none
 *   has */
export function changeWords(view, t, changes) {
  const steady = steadyWords(view, t);
  if (t > view.loops) return steady.trim();
  if (t === 1) return `First answers.${steady}`;
  if (changes) return `${plural(changes, "answer")} changed in this loop.${steady}`;
  return steady || "No answer changed in this loop.";
}

/** @type {(view: View, t: number) => string} that a right answer was lost, once it is */
export function overthinkingWords(view, t) {
  if (!view.lost || view.at(t) < view.lost.lost) return "";
  const { reached, lost, back } = view.lost;
  const again = back != null && view.at(t) >= back ? ` It is right again from loop ${back} on.` : "";
  return ` It was right at loop ${reached} and lost it in loop ${lost}: overthinking.${again}`;
}
