// The server is gone while a page is open. Streamlit lays a dialog over it, behind which nothing can be reached, though
// what was recorded needs no server: the dialog is closed by its own button, and the page says the same itself.

import { h } from "../core/elements.js";
import { reachable } from "./resending.js";

const DIALOG = "[data-testid=stDialog] [role=dialog]";
const TITLE = "Connection error"; // of that dialog, as Streamlit calls it
const LOOK = 1500; // milliseconds between two looks at whether the server is back
const GONE = "The server cannot be reached. What is on screen can still be played; what needs the server has to wait.";
const GONE_BARE = "The server cannot be reached. Leave this page open: it goes on by itself once the server is back.";
// Like a message of a microscope, whose styles such a page does not have; dark on light in either theme.
const LOOKS = `position: fixed; z-index: 1000000; bottom: 1rem; left: 50%; translate: -50%; width: min(44rem, 94vw);
  box-sizing: border-box; padding: 0.6rem 0.9rem; border: 1px solid #b45309; border-radius: 0.4rem;
  background: #fffbeb; color: #1c1917; font: 0.95rem sans-serif;`;
let bare = null; // watches while a page without a microscope is there

/** Watches for Streamlit's word that the server is gone. */
export class ServerWatch {
  /**
   * @param {{ root: Element, message: Element, say: (message: object|null) => void, state: object }} page
   * @param {() => Promise<boolean>} alive whether the server can be reached
   * @param {(look: () => void, after: number) => number} later as setTimeout
   * @param {string} words what the page says
   */
  constructor(page, alive = reachable, later = (look, after) => setTimeout(look, after), words = GONE) {
    this.page = page;
    this.words = words;
    this.alive = alive;
    this.later = later;
    this.observer = new MutationObserver(() => this.answer());
  }

  attach() {
    bare?.leave();
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
    if (this.told || (page.requests ?? page).busy) return; // who waits for a run tells it by itself
    page.say({ kind: "warning", text: this.words });
    this.later(() => this.look(), LOOK);
  }

  /** @type {boolean} */
  get told() {
    const { root, message } = this.page;
    return root.isConnected && message.firstChild?.textContent === this.words;
  }

  // Take the words back once they are no longer true; who has closed them, or was told something since, keeps that.
  /** @type {() => Promise<void>} */
  async look() {
    if (!this.told) return;
    if (!(await this.alive())) this.later(() => this.look(), LOOK);
    else if (this.told) this.page.say(this.page.state.draft?.complaint ?? null);
  }
}

/**
 * Watch on a page that Streamlit draws alone, until a page with a microscope is there.
 * @param {string} more what the page adds to the words
 * @param {() => Promise<boolean>} [alive] @param {(look: () => void, after: number) => number} [later]
 */
export function watchBare(more = "", alive = undefined, later = undefined) {
  bare?.leave();
  const message = h("div", { role: "status" });
  const say = (said) => {
    message.replaceChildren(...(said ? [said.text] : []));
    message.style = said ? LOOKS : "";
  };
  const watch = new ServerWatch({ root: message, message, say, state: {} }, alive, later, `${GONE_BARE}${more}`);
  document.body.append(message);
  watch.attach();
  bare = {
    leave: () => {
      bare = null;
      watch.detach();
      message.remove();
    },
  };
}
