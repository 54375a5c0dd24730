// The row under a panel that asks: a button, or progress and a way to cancel, or what went wrong.

import { h } from "../core/elements.js";
import { ordinal, percent } from "../core/words.js";

/** @type {(answer: object|undefined) => boolean} whether an answer is whole */
const isWhole = (answer) => !!answer && !answer.running && answer.share === 1 && !answer.error;

/**
 * Whether there is something to press: nothing runs, the question is not answered, and it can be asked.
 * @type {(answer: object|undefined, stale: string|null, never: string|null) => boolean}
 */
export const isOpen = (answer, stale, never) => !answer?.running && !never && (!isWhole(answer) || !!stale);

/** A button that asks a long question; its progress, a way to cancel, and what went wrong. */
export class AskRow {
  /** @param {() => void} start what the button does */
  constructor(start) {
    this.answer = null;
    this.begin = h("button", { type: "button", class: "ls-begin", onclick: start });
    this.progress = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
    this.cancel = h("button", { type: "button", onclick: () => this.answer?.control.abort() }, "Cancel");
    this.note = h("span", { class: "ls-note" });
    this.root = h("div", { class: "ls-ask" }, this.begin, this.progress, this.cancel, this.note);
  }

  /**
   * @param {string} words on the button
   * @param {object|undefined} answer that is shown, or is being made
   * @param {string|null} stale what an older answer that is shown is about
   * @param {string|null} never why nothing can be asked here
   */
  update(words, answer, stale, never) {
    const hand = this.root.contains(document.activeElement);
    const running = !!answer?.running;
    this.answer = answer;
    this.begin.hidden = !isOpen(answer, stale, never);
    this.begin.textContent = words;
    this.progress.hidden = !running;
    this.cancel.hidden = !running;
    this.progress.value = answer?.share ?? 0;
    const stopped = answer && !running && !isWhole(answer) ? `Stopped at ${percent(answer.share)}.` : "";
    const waits = running && answer.place ? `Waiting: ${ordinal(answer.place)} in line.` : "";
    this.note.textContent = waits || (never ?? stale ?? answer?.error ?? stopped);
    this.root.hidden = this.begin.hidden && !running && !this.note.textContent;
    if (hand) this.keepFocus(running);
  }

  // Keep the focus in the row when the element that had it goes.
  /** @type {(running: boolean) => void} */
  keepFocus(running) {
    const summary = this.root.closest(".ls-panel").querySelector(".ls-menu > summary");
    const heir = running ? this.cancel : this.begin.hidden ? summary : this.begin;
    heir.focus({ preventScroll: true });
  }
}
