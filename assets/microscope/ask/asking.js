// What a panel asks about a run: the key of the question, and the answer that fits it best.

/**
 * @typedef {object} Question what a panel asks (its `asks`)
 * @property {string} name of the question, as looped/questions knows it
 * @property {string} [words] on the button
 * @property {boolean} [cell] the answer depends on the chosen position
 * @property {boolean} [loop] and on the loop
 * @property {boolean} [board] false: it is about the model alone
 * @property {boolean} [inputs] and about a set of inputs
 * @property {boolean} [free] it can be asked of a position only where an answer is asked
 * @property {boolean} [auto] it is asked by itself
 */

/** @type {(panel: import("../core/types.js").Panel, mode?: string) => Question|null} what a panel asks */
export function questionOf(panel, mode) {
  return (typeof panel.asks === "function" ? panel.asks({ mode }) : panel.asks) ?? null;
}

/** @type {(panel: import("../core/types.js").Panel, mode?: string) => boolean} whether a panel has nothing to draw in a
 *   mode before its question is answered */
export function isBlank(panel, mode) {
  return typeof panel.blank === "function" ? panel.blank(mode) : !!panel.blank;
}

// The loop that a question is about: the first has index 1.
/** @type {(view: import("../core/view.js").View, t: number) => number} */
export function askedLoop(view, t) {
  return Math.max(1, view.at(t));
}

/**
 * What is known of a question about a run.
 * @param {import("./answers.js").Answers} answers
 * @param {Question} question
 * @param {import("../core/view.js").View} view
 * @param {{ puzzle: string, cell?: number, t: number, set?: string }} about set: the inputs, where it is about several
 * @returns {{ key: string, own: object|undefined, shown: object|undefined }}
 *   own: the answer to this very question; shown: that, or the last answer about another position
 */
export function knownOf(answers, question, view, { puzzle, cell, t, set }) {
  const about = [cell, question.loop ? askedLoop(view, t) : ""].join();
  const { name, sha256 } = view.meta;
  const inputs = question.inputs ? set : question.board === false ? "" : puzzle;
  const start = [question.name, name, sha256, inputs, view.loops, ""].join("|");
  const key = start + (question.cell ? about : "");
  const own = answers.get(key);
  return { key, own, shown: own ?? (question.cell ? answers.like(start) : undefined) };
}
