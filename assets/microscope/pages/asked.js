// The long questions of panels: what is known of a run, how it is asked, and what the row below a panel says.

import { askedLoop, isBlank, knownOf, questionOf } from "../ask/asking.js";
import { isOpen } from "../ask/row.js";

/** @typedef {import("../core/types.js").Answer} Answer */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../core/types.js").Panel} Panel */
/** @typedef {import("../core/types.js").Seen} Seen */

// What questions are about: the input, the chosen position, and where the clock stands.
/** @type {(page: Page) => { puzzle: string, cell: number, t: number }} */
export function about(page) {
  const { run, choice } = page.state;
  return { puzzle: run.puzzle, cell: choice.cell, t: page.clock.loop };
}

// What is known of a panel's question about run i; null where it asks nothing.
/** @type {(page: Page, panel: Panel, i: number) =>
 *   { question: import("../ask/asking.js").Question, key: string, own?: Answer, shown?: Answer }|null} */
export function known(page, panel, i) {
  const { run } = page.state;
  const question = questionOf(panel, page.panels.modeOf(panel));
  if (!question) return null;
  return { question, ...knownOf(page.answers, question, run.views[i], about(page)) };
}

/** @type {(page: Page, panel: Panel, i: number) => void} about run i */
export function askQuestion(page, panel, i) {
  const { question, key } = known(page, panel, i);
  if (panel.modes) page.state.look.modes[panel.name] = page.panels.modeOf(panel); // the answer stays in sight
  const about = { cell: page.state.choice.cell, loop: askedLoop(page.state.run.views[i], page.clock.loop) };
  page.answers.ask(key, queryOf(page, i, { question: question.name, ...about }), about);
}

// The address of run i alone, with these values set.
function queryOf(page, i, values) {
  const { run } = page.state;
  const view = run.views[i];
  const query = page.address().searchParams;
  const all = { checkpoint: view.meta.name, puzzle: run.puzzle, loops: view.loops, ...values };
  for (const [name, value] of Object.entries(all)) query.set(name, value);
  query.delete("versus");
  query.delete("entered");
  return query;
}

const RECORDED = { name: "recorded" };

// What is known of how far run i, as it was recorded, is from the plain forward.
/** @type {(page: Page, i: number) => { key: string, own?: Answer, shown?: Answer }} */
export function knownRecorded(page, i) {
  return knownOf(page.answers, RECORDED, page.state.run.views[i], about(page));
}

// Ask about it; resolves as `askInputs` does.
/** @type {(page: Page, i: number) => Promise<void>} */
export function askRecorded(page, i) {
  const { key } = knownRecorded(page, i);
  return page.answers.ask(key, queryOf(page, i, { question: RECORDED.name }), {});
}

// What is known of run i on a set of inputs. about: { source, text }, where text is a person's own list.
/** @type {(page: Page, panel: Panel, i: number, about: { source: string, text: string }) =>
 *   { key: string, own?: Answer, shown?: Answer }} */
export function knownInputs(page, panel, i, { source, text }) {
  const { puzzle, views } = page.state.run;
  const about = { puzzle, set: `${source} ${text}`, t: page.clock.loop };
  return knownOf(page.answers, questionOf(panel), views[i], about);
}

// Ask about it; resolves when the answer is whole, was cancelled or failed.
/** @type {(page: Page, panel: Panel, i: number, about: { source: string, text: string }) => Promise<void>} */
export function askInputs(page, panel, i, { source, text }) {
  const { key } = knownInputs(page, panel, i, { source, text });
  const { name } = questionOf(panel);
  return page.answers.ask(key, queryOf(page, i, { question: name, source }), { table: true }, text);
}

// Why a panel that draws only its answer cannot ask its question of a run; null where it can.
/** @type {(page: Page, panel: Panel, i: number, seen: Seen) => string|null} */
export function refusal(page, panel, i, { asked, mode }) {
  if (!isBlank(panel, mode) || asked) return null;
  return page.state.run.views[i].meta.refused?.[questionOf(panel, mode)?.name] ?? null;
}

// Where a panel's question about run i stands: the answer that is shown or made, what an older one is about, why
// nothing can be asked, whether it is asked by itself. Null where the panel asks nothing below a figure, or says itself
// why it cannot.
function standing(page, panel, i) {
  const found = panel.build || !page.host.ask ? null : known(page, panel, i);
  if (!found) return null;
  const { question, own, shown } = found;
  const { run, choice } = page.state;
  const where = question.loop ? `, {loop} ${shown?.loop}` : "";
  const stale = !own && shown ? run.views[i].own(`Shown: ${run.geometry.name(shown.cell)}${where}.`) : null;
  const given = question.free && !own && !run.views[i].asked[choice.cell];
  const word = given ? page.words("The chosen {place} is given: nothing is asked of it. Choose {a asked}.") : null;
  const refused = run.views[i].meta.refused?.[question.name];
  if (refused && panel.saysWhy?.(run.views[i])) return null; // once is enough
  const never = refused ?? word;
  const byItself = !!question.auto && !own?.error;
  return { question, own, answer: own ?? shown, stale, never, byItself };
}

/** @type {(page: Page, panel: Panel) => number[]} the runs below whose figure the button of a panel can be pressed */
export function openRuns(page, panel) {
  const { views } = page.state.run;
  return [...views.keys()].filter((i) => {
    const found = views[i].arrays[panel.needs] ? standing(page, panel, i) : null;
    return found && !found.byItself && isOpen(found.answer, found.stale, found.never);
  });
}

/** @type {(page: Page, panel: Panel, i: number, row: import("../ask/row.js").AskRow) => void} */
export function tellQuestion(page, panel, i, row) {
  const found = standing(page, panel, i);
  row.root.hidden = !found;
  if (!found) return;
  const { question, own, answer, stale, never, byItself } = found;
  if (question.auto && !own && !never && page.requests.settled) askQuestion(page, panel, i);
  row.update(page.words(question.words ?? "Compute"), answer, stale, never);
  if (byItself) row.root.hidden = true;
}
