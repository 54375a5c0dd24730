// Dialogs: one at a time, closed with Esc or a button, gone from the page when closed.

import { h } from "../core/elements.js";

// Opens a dialog that begins at its top, not at the button below. Returns what closes it.
export function openDialog(page, title, ...content) {
  const heading = h("h2", { tabindex: -1, autofocus: true }, title);
  const onclose = (event) => event.target.remove();
  page.dialog = h("dialog", { class: "ls-dialog", "aria-label": title, onclose }, heading, ...content);
  page.root.append(page.dialog);
  page.dialog.showModal();
  return () => page.dialog.close();
}

export function openKeys(page) {
  const rows = page.about.keys.map(([key, words]) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, words)));
  const button = { type: "button", class: "ls-primary", onclick: () => page.dialog.close() };
  openDialog(page, "Keys", h("table", {}, ...rows), h("button", button, "Close"));
}
