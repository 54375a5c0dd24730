// Sentences that the faces of all pages share.

import { plural } from "../core/words.js";

/** @returns {string} how many answers the loop changed, and since when none has */
export function changeWords(view, t, changes) {
  const steady = t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
  if (t === 1) return `First answers.${steady}`;
  if (changes) return `${plural(changes, "answer")} changed in this loop.${steady}`;
  return steady || "No answer changed in this loop.";
}

/** @returns {string} that a right answer was lost, once it is */
export function overthinkingWords(view, t) {
  if (!view.lost || view.at(t) < view.lost.lost) return "";
  const { reached, lost, back } = view.lost;
  const again = back != null && view.at(t) >= back ? ` It is right again from loop ${back} on.` : "";
  return ` It was right at loop ${reached} and lost it in loop ${lost}: overthinking.${again}`;
}
