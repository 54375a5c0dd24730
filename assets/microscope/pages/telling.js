// What the page says around its figures: marks of the clock, verdict on two runs, what is held, the truth badge.

import { whereKept } from "../core/links.js";
import { listed, percent, plural, sentence, short } from "../core/words.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../core/types.js").Panel} Panel */
/** @typedef {import("../core/state.js").State} State */
/** @typedef {import("../core/view.js").View} View */

/** @type {(state: State, loops: number, words: (text: string) => string, astray?: boolean) =>
 *   [number|null|false, string, string][]} marks of the clock: loop (no mark without one), kind, words; astray: another
 *   input is drawn than was run */
export function markList({ run: { views }, active }, loops, words, astray = false) {
  const marks = [[views[0].meta.trained_loops, "trained", "trained"]];
  if (astray) return marks; // the rest is of another input than the one that is drawn
  for (const view of views) {
    const of = view.letter ? `${view.letter} ` : "";
    marks.push([view.firstRight, "right", words(`${of}first right{judged}`)]);
    marks.push([view.lost?.lost, "lost", words(`${of}lost{judged}`)]);
    marks.push([view.lastChange, "settled", `${of}last change`]);
    const rests = !view.numbers && view.asked[active] && !view.unsettled(active) && !view.endsWrong(active);
    if (!view.letter && rests) marks.push([view.settledCell[active], "cell", words("this {place} settled")]);
  }
  if (views.length > 1) marks.push([views[0].meta.divergence.first, "versus", "disagree"]);
  return marks;
}

/** @type {(asked: { share: number }|null) => string} what stands before a sentence about an answer that is not whole */
export const partWords = (asked) =>
  asked?.share && asked.share < 1 ? `Not all is known: ${percent(asked.share)} of the work is done. ` : "";

// What a run is that never disagrees with another because it is the same: nothing of what is changed had an effect.
/** @type {(found: { states: number|null, rounding: boolean }) => string} */
const sameWords = ({ states, rounding }) => {
  if (!rounding) return "";
  if (!states) return ", and all their states are equal: what is different in B has no effect on this run";
  const most = short(states);
  return `, and their states differ by ${most} at most, as rounding may: what is different in B does no more`;
};

// A run in whose input something was set reads another input than the one by which it is drawn and judged.
/** @type {(view: View) => string} */
const readsWords = ({ letter, meta }) => {
  if (!meta.reads?.length) return "";
  return ` ${letter} reads ${listed(meta.reads)}, and is drawn and judged by the {input} as it stands.`;
};

/** @type {(views: View[], clock: { loop: number }) => string} what two runs came to, and where they differ */
export function verdictWords(views, { loop }) {
  const outcomes = `${views[0].outcome()}. ${views[1].outcome()}.${views.map(readsWords).join("")}`;
  const { first, recovered: again } = views[0].meta.divergence;
  if (!first) return `${outcomes} They never disagree${sameWords(views[0].meta.divergence)}.`;
  const differ = views[0].apart(loop);
  const now = differ ? `; now ${plural(differ, "answer differs", "answers differ")}` : "; now no answer differs";
  const later = again ? `; from {loop} ${again} on they agree` : "";
  return `${outcomes} They first disagree at {loop} ${first}${loop ? now : ""}${later}.`;
}

/** @type {(state: State, by: { touch: boolean, drawing: boolean }, words: (text: string) => string) => string} what is
 *   held, or how to hold something; drawing: a press on the face draws */
export function holdWords({ run: { geometry }, choice, active, layout }, { touch, drawing }, words) {
  if (choice.held) {
    const more = choice.selected.size > 1 ? ` and ${choice.selected.size - 1} more` : "";
    const leaves = layout.presenting ? "Esc leaves this mode, then lets go." : "Esc lets go.";
    return `Held: ${geometry.name(choice.cell)}${more}. ${touch ? "Tap it again to let go." : leaves}`;
  }
  const look = drawing ? "with Look " : "";
  const how = touch ? `${look}a tap holds {a place}` : `pointing previews {a place}, ${look}a click holds it`;
  return `${sentence(words(how))}. Now: ${geometry.name(active)}.`;
}

// What was changed in runs that are compared, as sentences.
/** @type {(views: View[]) => string} */
const changedWords = (views) => {
  const changed = views.filter(({ meta }) => meta.changes?.length);
  return changed.map(({ letter, meta }) => ` Changed in ${letter}: ${meta.changes.join("; ")}.`).join("");
};

// Why a panel of a saved page is empty: without a server, only what was asked before it was saved can be shown.
/** @type {(page: Page, panel: Panel) => string} */
export function savedWords(page, { title, build }) {
  const named = `“${page.words(title)}”`;
  const kept = whereKept(page.host);
  const { views } = page.state.run;
  if (build && views.length > 1) return `${kept}: ${named} needs the app.${changedWords(views)}`;
  if (build) return `${kept} and shows one run: ${named} needs the app.`;
  return `${kept}: what ${named} shows was not computed ${page.host.inside ? "here" : "before it was saved"}.`;
}
