// The server is gone while a page is open. Streamlit lays a dialog over it, behind which nothing can be reached, though
// what was recorded needs no server: the dialog is closed by its own button, and the page says the same itself.

import { reachable } from "./resending.js";

const DIALOG = "[data-testid=stDialog] [role=dialog]";
const TITLE = "Connection error"; // of that dialog, as Streamlit calls it
const LOOK = 1500; // milliseconds between two looks at whether the server is back
const GONE = "The server cannot be reached. What is on screen can still be played; what needs the server has to wait.";

/** Watches for Streamlit's word that the server is gone. */
export class ServerWatch {
  /**
   * @param {{ root: Element, message: Element, say: (message: object|null) => void, state: object }} page
   * @param {() => Promise<boolean>} alive whether the server can be reached
   * @param {(look: () => void, after: number) => number} later as setTimeout
   */
  constructor(page, alive = reachable, later = (look, after) => setTimeout(look, after)) {
    this.page = page;
    this.alive = alive;
    this.later = later;
    this.observer = new MutationObserver(() => this.answer());
  }

  attach() {
    this.observer.observe(document.body, { childList: true });
    this.answer();
  }

  detach() {
    this.observer.disconnect();
  }

  // Close the dialog, where it is open, and say what it says.
  answer() {
    const ours = (dialog) => dialog.querySelector("h2")?.textContent === TITLE;
    const close = [...document.querySelectorAll(DIALOG)].find(ours)?.querySelector("button[aria-label=Close]");
    if (!close) return;
    close.click();
    const { page } = this;
    if (this.told || page.requests?.busy) return; // who waits for a run tells it by itself
    page.say({ kind: "warning", text: GONE });
    this.later(() => this.look(), LOOK);
  }

  /** @type {boolean} */
  get told() {
    const { root, message } = this.page;
    return root.isConnected && message.firstChild?.textContent === GONE;
  }

  // Take the words back once they are no longer true; who has closed them, or was told something since, keeps that.
  /** @type {() => Promise<void>} */
  async look() {
    if (!this.told) return;
    if (!(await this.alive())) this.later(() => this.look(), LOOK);
    else if (this.told) this.page.say(this.page.state.draft?.complaint ?? null);
  }
}
