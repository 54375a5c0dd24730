// Presenter mode of the page Theory: one panel alone and large.

import { Presenter } from "./stage.js";

/** Presenter mode. */
export class TheoryStage extends Presenter {
  // Present a panel, by its name; null for none.
  /** @type {(name: string|null) => void} */
  present(name) {
    const { page } = this;
    const enters = name && !page.state.view.present;
    if (enters) this.keepOrigin();
    page.state.view.present = name;
    page.closeMenus();
    this.show();
    if (enters) this.enter();
    else if (!name) this.focusOrigin();
    page.changed();
  }

  // What presenter mode begins with: in a lesson the panel that its step points at, rather than the strip of stages.
  /** @type {string} */
  get first() {
    const { lesson, figures } = this.page;
    const pointed = lesson.pointing.names.filter((name) => figures[name]);
    return pointed.find((name) => name !== "stages") ?? pointed[0] ?? "elevator";
  }

  begin() {
    this.present(this.first);
  }

  /** @type {(by: number) => void} */
  next(by) {
    const names = Object.keys(this.page.figures);
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
    }
    this.title.textContent = (present && this.page.figures[present].getAttribute("aria-label")) ?? "";
    this.page.last.hidden = left("counts");
    this.page.bar.all.hidden = !panels;
  }
}
