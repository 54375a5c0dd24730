// Presenter mode: one panel alone and large, and the strip above it.

import { button, h } from "../core/elements.js";

/** What presenter mode is on every page: the strip, and where the focus was before. */
export class Presenter {
  /** @param {import("./page.js").Page|import("./theory.js").TheoryPage} page */
  constructor(page) {
    this.page = page;
    this.origin = null; // what had the focus before
    this.title = h("strong", {});
    this.root = h(
      "div",
      { class: "ls-stage", role: "group", "aria-label": "Presenter mode" },
      this.title,
      button("◂ Panel", "The panel before", () => this.next(-1)),
      button("Panel ▸", "The next panel (N)", () => this.next(1)),
      button("Leave", "Leave presenter mode (Esc)", () => this.present(null), "leave"),
    );
  }

  // Remember what has the focus, or the button of the menu that it stands in.
  keepOrigin() {
    const hand = document.activeElement;
    this.origin = hand.closest("details")?.querySelector("summary") ?? hand;
  }

  focusOrigin() {
    const there = this.origin?.getClientRects().length ? this.origin : this.page.clockBar.playButton;
    there.focus({ preventScroll: true });
  }
}

/** Presenter mode of a page with a board. */
export class Stage extends Presenter {
  /** @type {string|null} */
  get presenting() {
    return this.page.state.layout.presenting;
  }

  /** @type {(name: string) => boolean} */
  shows(name) {
    return !this.presenting || this.presenting === name;
  }

  // Present a panel, "board" for the face, null for none.
  /** @type {(name: string|null) => void} */
  present(name) {
    const { page } = this;
    if (name && !this.presenting) this.keepOrigin();
    const { layout } = page.state;
    if (!name && layout.presenting) layout.leaving = true;
    layout.presenting = name;
    page.closeMenus();
    page.arrange(layout.panels, false);
    requestAnimationFrame(() => page.repaint());
  }

  // What presenter mode begins with: in a lesson the panel that its step points at.
  /** @type {string} */
  get first() {
    const { lesson, figures } = this.page;
    return lesson.pointing.names.find((name) => name === "board" || figures[name]) ?? "board";
  }

  /** @type {(by: number) => void} */
  next(by) {
    const { page } = this;
    const names = ["board", ...page.state.layout.panels.filter((name) => page.panels.served(name))];
    const at = names.indexOf(this.presenting);
    this.present(names[(at + by + names.length) % names.length]);
  }

  tell() {
    const { page, presenting } = this;
    page.root.classList.toggle("ls-presenting", !!presenting);
    page.root.classList.toggle("ls-bare", page.state.layout.hidden);
    page.side.hidden = presenting === "board";
    if (!presenting) this.title.textContent = "";
    else if (presenting === "board") this.title.textContent = page.face.title;
    else this.title.textContent = page.words(page.figures[presenting].panel.title);
  }

  // After presenter mode the focus goes back to where it was.
  keepFocus() {
    const { layout } = this.page.state;
    if (!layout.leaving) return;
    layout.leaving = false;
    this.focusOrigin();
  }
}
