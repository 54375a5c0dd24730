// Steps back and on through what was typed, by buttons and keys. A page with it says what shows a text: `change(text)`.

import { button } from "../core/elements.js";

const KEPT = 100; // texts that can be brought back

/** Steps back and on through what was typed. */
export class Undo {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    Object.assign(page.state.typed, { done: [], undone: [] }); // texts before and after each edit
    this.buttons = [
      button("↶", "Undo (Ctrl+Z)", () => this.back()),
      button("↷", "Redo (Ctrl+Y)", () => this.on()),
    ];
  }

  /** @type {import("../core/state.js").Typed} */
  get typed() {
    return this.page.state.typed;
  }

  // The text can be brought back; what was taken back before cannot be done again.
  /** @type {(text: string) => void} */
  keep(text) {
    const { typed } = this;
    typed.done = [...typed.done, text].slice(-KEPT);
    typed.undone = [];
    this.tell();
  }

  back() {
    this.step(this.typed.done, this.typed.undone);
  }

  on() {
    this.step(this.typed.undone, this.typed.done);
  }

  /** @type {(from: string[], to: string[]) => void} */
  step(from, to) {
    if (!from.length) return;
    to.push(this.typed.entry);
    this.page.change(from.pop());
    this.tell();
  }

  tell() {
    const { done, undone } = this.typed;
    [done, undone].forEach((texts, i) => {
      this.buttons[i].disabled = !texts.length;
    });
  }

  // Of a page that comes back: its texts from before.
  /** @type {(before: { done: string[], undone: string[] }) => void} */
  recall({ done, undone }) {
    Object.assign(this.typed, { done, undone });
  }

  // Ctrl+Z, Ctrl+Y, Ctrl+Shift+Z; false for another key.
  /** @type {(event: KeyboardEvent) => boolean} */
  key({ key, shiftKey, ctrlKey, metaKey }) {
    const name = key.toLowerCase();
    if (!(ctrlKey || metaKey)) return false;
    if (name === "z" && !shiftKey) this.back();
    else if (name === "y" || name === "z") this.on();
    else return false;
    return true;
  }
}
