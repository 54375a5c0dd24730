// The page Theory as lessons and classes see it: what a step points at, and the link to what is shown.

import { Link } from "../core/links.js";

/** @typedef {import("./theory.js").TheoryPage} TheoryPage */

const input = (name) => (page) => page.bar.root.querySelector(`[aria-label="${name}"]`).closest("label");

/** @type {Object<string, (page: TheoryPage) => Element|null>} controls by the names that lessons use */
export const TARGETS = {
  play: (page) => page.clockBar.playButton,
  clock: (page) => page.clockBar.root,
  speed: (page) => page.clockBar.root.querySelector("[aria-label=Speed]"),
  preset: input("Function"),
  cells: input("Cells 1/δ"),
  slope: input("Slope M"),
  softmax: input("Softmax β"),
  fillers: input("Fillers"),
  together: (page) => page.bar.twoButton,
};

/**
 * The page, as a lesson sees it.
 * @implements {import("../core/types.js").LessonGround}
 */
export class TheoryGround {
  /** @param {TheoryPage} page */
  constructor(page) {
    this.page = page;
  }

  // No cells can be chosen here.
  get faces() {
    return [];
  }

  get path() {
    return this.page.path;
  }

  get presenting() {
    return !!this.page.state.view.present;
  }

  storage(use) {
    const { memory } = this.page.host;
    return memory ? use(memory) : null;
  }

  target(name) {
    return TARGETS[name]?.(this.page) ?? this.page.figures[name] ?? null;
  }

  get face() {
    return this.page.root.querySelector(".ls-theory-panels");
  }

  prepare(query) {
    const { view } = this.page.state;
    Object.assign(view, { zoom: false, grip: null, over: "cells" });
    if (view.present) query.set("present", view.present); // until the step is there that says what else
  }

  asksRun(query) {
    return Object.keys(this.page.meta.query).some((name) => query.has(name));
  }

  get shownBy() {
    return null;
  }

  follow(opened) {
    if (this.presenting && !opened) this.page.stage.begin();
  }

  leave() {
    this.page.showPanels(null);
  }
}

/** The link to what is shown, and links that are followed. */
export class TheoryLink {
  /** @param {TheoryPage} page */
  constructor(page) {
    this.page = page;
  }

  /** @type {() => URL} */
  link() {
    return this.page.address();
  }

  // The setting that is on its way opens at this loop instead.
  /** @type {(loop: number) => void} */
  opensAt(loop) {
    const { written } = this.page.state;
    if (written.went != null) written.went = loop;
  }

  // Follow a link to a view of this app: within this page without loading it anew.
  /** @type {(url: URL) => void} */
  follow(url) {
    const { page } = this;
    const { root, pages } = page.host;
    const asked = url.pathname.split("/").at(-1);
    const target = new URL((pages.includes(asked) ? asked : "") + url.search, root);
    if (target.pathname !== page.path) {
      location.assign(target);
      return;
    }
    history.pushState(history.state, "", target);
    this.showAsked();
  }

  // Show what the address bar asks for.
  showAsked() {
    const { page } = this;
    const link = new Link(location.search);
    clearTimeout(page.resting);
    page.root.removeAttribute("data-writing");
    page.state.written.went = Number(link.query.get("loop")) || 0;
    page.look(page.lookOf(link));
    page.stage.show();
    page.lesson.came(link.query); // may present what its step points at
    page.change(Object.fromEntries(Object.keys(page.meta.query).map((name) => [name, link.query.get(name) ?? ""])));
  }
}
