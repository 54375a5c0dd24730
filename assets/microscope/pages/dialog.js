// Dialogs: one at a time; Esc or a button closes one and removes its elements.

import { h } from "../core/elements.js";
import { TOUR } from "./firstminute.js";

/** @typedef {import("./page.js").Page} Page */

// Opens a dialog that begins at its top, not at the button below. Returns what closes it.
/** @type {(page: Page, title: string, ...content: Node[]) => () => void} */
export function openDialog(page, title, ...content) {
  const heading = h("h2", { tabindex: -1, autofocus: true }, title);
  const onclose = (event) => event.target.remove();
  page.dialog = h("dialog", { class: "ls-dialog", "aria-label": title, onclose }, heading, ...content);
  page.root.append(page.dialog);
  page.dialog.showModal();
  return () => page.dialog.close();
}

// What a finger does on every page; what else it does on one stands there as `touch`.
const GESTURES = [
  ["tap", "choose {a place}, on the {input} or on a figure that shows its {places}"],
  ["tap again", "let the {place} go"],
  ["tap on a curve", "set the clock to that {loop}"],
  ["drag the {loop} clock", "go through the {loops}"],
  ["drag Hidden states in 3-D", "turn it"],
];

/** @type {(page: Page) => void} */
export function openKeys(page) {
  const row = ([key, words]) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, words));
  const told = (pair) => row(pair.map((text) => page.words(text)));
  const gestures = [...GESTURES, ...(page.spec.touch ?? [])].map(told);
  const button = { type: "button", class: "ls-primary", onclick: () => page.dialog.close() };
  const keys = h("table", {}, ...page.spec.keys.map(told));
  const touch = [h("h3", { class: "ls-caption" }, "With a finger"), h("table", {}, ...gestures)];
  const begin = () => {
    page.dialog.close();
    page.bar.first.start();
  };
  const tour = page.bar.first && page.host.ask ? [h("button", { type: "button", onclick: begin }, TOUR)] : [];
  const parts = page.painter.touch.matches ? [...touch, keys] : [keys, ...touch];
  openDialog(page, "Keys", ...parts, h("div", { class: "ls-buttons" }, h("button", button, "Close"), ...tour));
}

/**
 * A dialog to type or paste the whole input of a page as text.
 * @param {import("./page.js").Page} page
 * @param {{ title: string, help: string, label: string, text: string, use: string }} words text: what stands in it at
 *   first; use: what the button says
 * @param {object} [about] attributes of the field
 */
export function openText(page, { title, help, label, text, use }, about = {}) {
  const area = h("textarea", { rows: 12, spellcheck: "false", "aria-label": label, ...about });
  const wrong = h("p", { class: "ls-message ls-error", role: "alert", hidden: true });
  area.value = text;
  const onsubmit = (event) => {
    event.preventDefault();
    page.dialog.wrong = wrong; // the dialog waits for the answer
    page.paste(area.value);
  };
  const submit = h("button", { type: "submit", class: "ls-primary" }, use);
  const cancel = h("button", { type: "button", onclick: () => page.dialog.close() }, "Cancel");
  const buttons = h("div", { class: "ls-buttons" }, submit, cancel);
  openDialog(page, title, h("form", { onsubmit }, h("p", {}, help), area, wrong, buttons));
  area.select();
}

// The server has answered: a dialog whose text could not be drawn stays open and says why. Returns whether it does:
// the page then goes on to say what is true of what it draws.
/** @type {(page: Page, meta: { message?: { kind: string, text: string }, entry?: string }) => boolean} */
export function settleText(page, { message, entry }) {
  const { dialog } = page;
  if (!dialog?.open || !dialog.wrong) return false;
  const refused = message?.kind === "error" && !entry;
  dialog.wrong.hidden = !refused;
  dialog.wrong.textContent = refused ? message.text : "";
  dialog.wrong = null;
  if (!refused) dialog.close();
  return refused;
}
