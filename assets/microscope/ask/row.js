// The row under a panel that asks: a button, or progress and a way to cancel, or what went wrong.

import { h } from "../core/elements.js";
import { percent } from "../core/words.js";

export function askRow(start) {
  const begin = h("button", { type: "button", class: "ls-begin", onclick: start });
  const progress = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const row = { root: null, answer: null };
  const cancel = h("button", { type: "button", onclick: () => row.answer?.control.abort() }, "Cancel");
  const note = h("span", { class: "ls-note" });
  row.root = h("div", { class: "ls-ask" }, begin, progress, cancel, note);
  row.update = (words, answer, stale, never) => {
    const hand = row.root.contains(document.activeElement);
    row.answer = answer;
    const running = !!answer?.running;
    const whole = answer && !running && answer.share === 1 && !answer.error;
    begin.hidden = running || (whole && !stale) || !!never;
    begin.textContent = words;
    progress.hidden = cancel.hidden = !running;
    progress.value = answer?.share ?? 0;
    note.textContent =
      never ??
      stale ??
      (answer?.error ? answer.error : answer && !running && !whole ? `Stopped at ${percent(answer.share)}.` : "");
    row.root.hidden = begin.hidden && !running && !note.textContent;
    if (!hand) return;
    if (running) cancel.focus({ preventScroll: true });
    else if (!begin.hidden) begin.focus({ preventScroll: true });
    // What had the focus is gone.
    else row.root.closest(".ls-panel").querySelector(".ls-menu > summary").focus({ preventScroll: true });
  };
  return row;
}
