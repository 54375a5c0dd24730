// Presenter mode of the page Theory: one panel alone and large.

import { Presenter } from "./stage.js";

/** Presenter mode. */
export class TheoryStage extends Presenter {
  // Present a panel, by its name; null for none.
  /** @type {(name: string|null) => void} */
  present(name) {
    const { page } = this;
    if (name && !page.state.view.present) this.keepOrigin();
    page.state.view.present = name;
    page.closeMenus();
    this.show();
    if (!name) this.focusOrigin();
    page.changed();
  }

  // What presenter mode begins with: in a lesson the panel that its step points at.
  /** @type {string} */
  get first() {
    const { lesson, figures } = this.page;
    return lesson.pointing.names.find((name) => figures[name]) ?? "elevator";
  }

  /** @type {(by: number) => void} */
  next(by) {
    const names = this.page.panels.map(({ panel }) => panel.name);
    const at = names.indexOf(this.page.state.view.present);
    this.present(names[(at + by + names.length) % names.length]);
  }

  // The elements as the state has them.
  show() {
    const { present, panels } = this.page.state.view;
    const left = (name) => (present ? name !== present : panels && !panels.includes(name));
    this.page.root.classList.toggle("ls-presenting", !!present);
    this.page.root.classList.toggle("ls-few", !!panels && !present);
    for (const { panel, root } of this.page.panels) {
      root.hidden = left(panel.name);
      if (panel.name === present) this.title.textContent = panel.title;
    }
    this.page.last.hidden = left("counts");
    this.page.bar.all.hidden = !panels;
  }
}
