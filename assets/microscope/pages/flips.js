// Inputs that are 1 or −1, of a prompt that is not drawn on a plane: a button for each of the chosen row flips it.

import { h } from "../core/elements.js";
import { signed } from "../core/words.js";

/** Buttons below the prompt. */
export class Flips {
  /** @param {import("./incontext.js").InContextPage} page */
  constructor(page) {
    this.page = page;
    this.root = page.buttonGroup("Flip an input of the chosen row");
    this.root.dataset.server = "";
  }

  // The buttons are those of the chosen row, as it is typed.
  /** @type {() => void} */
  tell() {
    const { page } = this;
    const { run, choice } = page.state;
    this.root.hidden = !run.meta.flips;
    const row = run.meta.flips && page.rows[choice.cell];
    if (!row) return;
    const name = run.geometry.name(choice.cell);
    const made = JSON.stringify([name, row]);
    if (made === this.made) return;
    this.made = made;
    const at = [...this.root.children].indexOf(document.activeElement);
    this.root.replaceChildren(`Flip ${name}:`, ...row.slice(0, -1).map((value, k) => this.toFlip(name, value, k)));
    this.root.children[at]?.focus();
  }

  toFlip(name, value, k) {
    const said = `x${k + 1} = ${signed(value, String)}`;
    const about = { title: `Flip x${k + 1} of ${name} (key ${k + 1})`, "aria-label": `${said}, flip it` };
    return h("button", { type: "button", onclick: () => this.flip(k), ...about }, said);
  }

  /** @type {(k: number) => boolean} whether there is such an input to flip */
  flip(k) {
    const { page } = this;
    const { run, choice } = page.state;
    const { rows } = page;
    if (!run.meta.flips || !(k < run.meta.dims) || !rows[choice.cell]) return false;
    rows[choice.cell][k] *= -1;
    page.editing(() => page.writeRows(rows, choice.cell >= run.geometry.examples));
    return true;
  }
}
