// Presenter mode: one panel alone and large, and the strip above it.

import { button, h } from "../core/elements.js";

/** @type {(view: string) => URLSearchParams} */
const queryOf = (view) => new URL(view, "https://app.invalid/").searchParams;

/** What presenter mode is on every page: the strip, and where the focus was before. */
export class Presenter {
  /** @param {import("./page.js").Page|import("./theory.js").TheoryPage} page */
  constructor(page) {
    this.page = page;
    this.origin = null; // what had the focus before
    this.title = h("strong", {});
    this.root = h(
      "div",
      { class: "ls-stage", role: "group", "aria-label": "Presenter mode", tabindex: -1 },
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

  // From a menu, or from what is not shown while presenting, the strip gets the focus: its buttons come next, and there
  // Space plays.
  enter() {
    const { origin, root } = this;
    const stays = origin.getClientRects().length && origin.localName !== "summary";
    if (origin === document.body || stays) return;
    root.focus({ preventScroll: true });
  }

  focusOrigin() {
    const there = this.origin?.getClientRects().length ? this.origin : this.page.clockBar.playButton;
    there.focus({ preventScroll: true });
  }
}

/** Presenter mode of a page with a board, which may stand beside a panel. */
export class Stage extends Presenter {
  /** @type {string|null} */
  get presenting() {
    return this.page.state.layout.presenting;
  }

  /** @type {(name: string) => boolean} */
  shows(name) {
    return !this.presenting || this.presenting === name || this.page.state.layout.beside === name;
  }

  // Present a panel, "board" for the face, null for none; with the face perhaps a panel beside it.
  /** @type {(name: string|null, beside?: string|null) => void} */
  present(name, beside = null) {
    const { page } = this;
    const enters = name && !this.presenting;
    if (enters) this.keepOrigin();
    const { layout } = page.state;
    if (!name && layout.presenting) layout.leaving = true;
    Object.assign(layout, { presenting: name, beside });
    page.closeMenus();
    page.arrange(layout.panels, false);
    requestAnimationFrame(() => {
      page.repaint();
      if (enters) requestAnimationFrame(() => this.enter());
    });
  }

  // What presenter mode begins with: in a lesson what its step points at, the board and a panel together. Once that
  // is revealed, a panel that only the view of the reveal shows.
  /** @type {[string, string|null]} */
  get first() {
    const { lesson, figures, state } = this.page;
    const { reveal, step } = lesson;
    const { panels } = state.layout;
    const names = lesson.pointing.names;
    const panel = names.find((name) => figures[name] && (!reveal || panels.includes(name)));
    if (panel) return names.includes("board") ? ["board", panel] : [panel, null];
    if (!reveal || queryOf(reveal.view).has("versus")) return ["board", null]; // two boards take the room
    const [before, after] = [step, reveal].map(({ view }) => queryOf(view).get("panels")?.split(","));
    const usual = this.page.spec.panels;
    const added = (after ?? usual).filter((name) => !(before ?? usual).includes(name));
    return ["board", added.find((name) => panels.includes(name)) ?? null];
  }

  begin() {
    this.present(...this.first);
  }

  /** @type {(by: number) => void} */
  next(by) {
    const { page } = this;
    const names = ["board", ...page.panels.drawing()];
    const at = names.indexOf(this.presenting);
    this.present(names[(at + by + names.length) % names.length]);
  }

  tell() {
    const { page, presenting } = this;
    page.root.classList.toggle("ls-presenting", !!presenting);
    if (page.host.inside) this.raise(!!presenting);
    page.root.classList.toggle("ls-bare", page.state.layout.hidden);
    const { beside } = page.state.layout;
    page.side.hidden = presenting === "board" && !beside;
    page.root.classList.toggle("ls-both", !!beside);
    if (!presenting) this.title.textContent = "";
    else {
      const names = [presenting, beside].filter(Boolean);
      const titles = names.map((name) => (name === "board" ? page.face.title : page.figures[name].panel.title));
      this.title.textContent = page.words(titles.join(" · "));
    }
  }

  // In a page of somebody else the top layer alone is sure to be as large as the window.
  /** @type {(is: boolean) => void} */
  raise(is) {
    const { root } = this.page;
    if (is === root.hasAttribute("popover")) return;
    if (is) root.popover = "manual";
    root.togglePopover(is);
    if (!is) root.popover = null;
  }

  // After presenter mode the focus goes back to where it was.
  keepFocus() {
    const { layout } = this.page.state;
    if (!layout.leaving) return;
    layout.leaving = false;
    this.focusOrigin();
  }
}
