// What a lesson, or a class, needs of its page and not all pages have alike. Here it is of a page with a microscope, in
// theorylesson.js of the page Theory.

import { runOf } from "../core/links.js";

/** @typedef {import("./page.js").Page} Page */

/** @type {Object<string, (page: Page) => Element|null>} controls by the names that lessons use */
export const TARGETS = {
  play: (page) => page.clockBar.playButton,
  clock: (page) => page.clockBar.root,
  speed: (page) => page.clockBar.root.querySelector("[aria-label=Speed]"),
  board: (page) => page.facePanel.root,
  shows: (page) => page.facePanel.showSelect,
  checkpoint: (page) => page.root.querySelector("#ls-checkpoint"),
  compare: (page) => page.root.querySelector("#ls-versus"),
  loops: (page) => page.root.querySelector("#ls-loops"),
};

/**
 * A page with a microscope, as a lesson sees it.
 * @implements {import("../core/types.js").LessonGround}
 */
export class Ground {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  get path() {
    return this.page.state.travel.path;
  }

  get presenting() {
    return !!this.page.state.layout.presenting;
  }

  get faces() {
    return this.page.faces;
  }

  storage(use) {
    return this.page.panels.storage(use);
  }

  // What a step points at, by the name that lessons use; panels come and go.
  target(name) {
    return TARGETS[name]?.(this.page) ?? this.page.figures?.[name]?.root ?? null;
  }

  get face() {
    return this.page.facePanel.root;
  }

  // The look of a first visit, before the view of a link is shown; of its panels the link tells.
  prepare(query) {
    const { page } = this;
    const { look, choice } = page.state;
    Object.assign(look, { show: "answer", head: null, layer: 0, modes: {} }); // the next run has a first mode
    choice.held = false;
    if (!query.has("panels")) query.set("panels", page.spec.panels.join(","));
  }

  get run() {
    const { page } = this;
    if (page.state.travel.link || !page.requests.settled) return null;
    return JSON.stringify(runOf(page.link.link().searchParams));
  }

  asksRun(query) {
    return !!runOf(query);
  }

  get shownBy() {
    const [name, beside] = this.page.stage.first;
    return this.page.figures[beside ?? name]?.root ?? this.face;
  }

  follow(opened) {
    const { presenting } = this.page.state.layout;
    if (presenting && (!opened || presenting === "board")) this.page.stage.begin();
  }

  // The panels as the person has them.
  leave() {
    const { page } = this;
    const own = this.storage((memory) => memory.getItem(page.panels.store))?.split(",");
    page.arrange(own ?? page.spec.panels, false);
  }
}
