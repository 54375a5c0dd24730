// What panels ask of a run: what is known of it, asking for it, and what the row below a panel says.

import { askedLoop, knownOf, questionOf } from "../ask/asking.js";

// What questions are about: the input, the chosen position, and where the clock stands.
export function about(page) {
  const { run, choice } = page.state;
  return { puzzle: run.puzzle, cell: choice.cell, t: page.clock.loop };
}

// What is known of a panel's question about run i; null where it asks nothing.
export function known(page, panel, i) {
  const { run, look } = page.state;
  const question = questionOf(panel, look.modes[panel.name]);
  if (!question) return null;
  return { question, ...knownOf(page.answers, question, run.views[i], about(page)) };
}

export function askQuestion(page, panel, i) {
  const { question, key } = known(page, panel, i);
  const { run, choice } = page.state;
  const view = run.views[i];
  const about = { cell: choice.cell, loop: askedLoop(view, page.clock.loop) };
  const query = page.address().searchParams;
  const values = {
    question: question.name,
    checkpoint: view.meta.name,
    puzzle: run.puzzle,
    loops: view.loops,
    ...about,
  };
  for (const [name, value] of Object.entries(values)) query.set(name, value);
  query.delete("versus");
  page.answers.ask(key, query, about);
}

export function tellQuestion(page, panel, i, row) {
  const found = known(page, panel, i);
  row.root.hidden = !found || !page.host.ask;
  if (row.root.hidden) return;
  const { question, own, shown } = found;
  const { run, choice, typed } = page.state;
  const waiting = page.requests.busy || typed.entry !== run.puzzle;
  if (question.auto && !own && !waiting) askQuestion(page, panel, i);
  const where = question.loop ? `, loop ${shown?.loop}` : "";
  const stale = !own && shown ? `Shown: ${run.geometry.name(shown.cell)}${where}.` : null;
  const given = question.free && !own && !run.views[i].asked[choice.cell];
  const never = given ? page.words("The chosen {place} is given: nothing is asked of it. Choose {a asked}.") : null;
  row.update(page.words(question.words ?? "Compute"), own ?? shown, stale, never);
  if (question.auto && !own?.error) row.root.hidden = true;
}
