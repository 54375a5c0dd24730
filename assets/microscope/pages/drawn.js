// What the pages share whose input is drawn by hand: tools for the pointer, and undo. Such a page says what a press of
// the pointer and of a key does (press), and shows a text (change).

import { h } from "../core/elements.js";
import { Page } from "./page.js";
import { Undo } from "./undo.js";

/** A page whose input is drawn. */
export class DrawnPage extends Page {
  /**
   * The buttons that choose what a press of the pointer does.
   * @param {string} label of all
   * @param {Object<string, [string, string]>} tools words and title, by name
   * @param {string} first that is chosen
   */
  addTools(label, tools, first) {
    this.state.typed.tool = first;
    this.undoing = new Undo(this);
    const tool = ([name, [words, title]]) => {
      return [name, h("button", { type: "button", title, onclick: () => this.use(name) }, words)];
    };
    this.tools = Object.fromEntries(Object.entries(tools).map(tool));
    this.toolGroup = this.buttonGroup(label, ...Object.values(this.tools));
  }

  /** @type {(label: string, ...children: (Node|string)[]) => HTMLElement} */
  buttonGroup(label, ...children) {
    return h("div", { class: "ls-buttons", role: "group", "aria-label": label }, ...children);
  }

  /** @type {(tool: string) => void} */
  use(tool) {
    this.state.typed.tool = tool;
    for (const [name, one] of Object.entries(this.tools)) one.setAttribute("aria-pressed", name === tool);
    this.root.classList.toggle("ls-drawing", tool !== "look" && this.canDraw);
  }

  /** @type {boolean} */
  get canDraw() {
    return true;
  }

  /** @type {(text: string) => void} */
  keep(text) {
    this.undoing.keep(text);
  }

  /** @type {(typed: object) => void} */
  recall(typed) {
    this.undoing.recall(typed);
    this.state.typed.tool = typed.tool;
  }

  // Text in any form: the server reads it and answers with the input, or says what is wrong with it.
  /** @type {(text: string) => void} */
  useText(text) {
    this.ask({ puzzle: text });
    this.state.draft.pasted = text;
  }

  // Undo means the input wherever the focus is.
  inputKey(event) {
    if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) this.faceKey(event);
  }

  /** @type {(event: KeyboardEvent) => void} */
  faceKey(event) {
    const done = event.ctrlKey || event.metaKey ? this.undoing.key(event) : this.press(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
