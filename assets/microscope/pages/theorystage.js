// Presenter mode of the page Theory: one panel alone and large.

import { button, h } from "../core/elements.js";

/** Presenter mode. */
export class TheoryStage {
  /** @param {import("./theory.js").TheoryPage} page */
  constructor(page) {
    this.page = page;
    this.origin = null; // what had the focus before
    this.title = h("strong", {});
    this.root = h(
      "div",
      { class: "ls-stage", role: "group", "aria-label": "Presenter mode" },
      this.title,
      button("Panel ▸", "Panel ▸: the next one (N)", () => this.next()),
      button("Leave", "Leave presenter mode (Esc)", () => this.present(null), "leave"),
    );
  }

  // Present a panel, by its name; null for none.
  /** @type {(name: string|null) => void} */
  present(name) {
    const { page } = this;
    const hand = document.activeElement;
    if (name && !page.state.view.present) this.origin = hand.closest("details")?.querySelector("summary") ?? hand;
    page.state.view.present = name;
    page.closeMenus();
    this.show();
    if (!name) (this.origin?.isConnected ? this.origin : page.clockBar.playButton).focus({ preventScroll: true });
    page.changed();
  }

  next() {
    const names = this.page.panels.map(({ panel }) => panel.name);
    this.present(names[(names.indexOf(this.page.state.view.present) + 1) % names.length]);
  }

  // The elements as the state has them.
  show() {
    const { present } = this.page.state.view;
    this.page.root.classList.toggle("ls-presenting", !!present);
    for (const { panel, root } of this.page.panels) {
      root.hidden = !!present && panel.name !== present;
      if (panel.name === present) this.title.textContent = panel.title;
    }
    this.page.last.hidden = !!present;
  }
}
