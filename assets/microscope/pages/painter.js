// A repaint of a page. All elements change first, then all sizes are read, then everything is drawn: no figure is
// drawn at a size that it loses.

import { readColours } from "../draw/colours.js";
import { knownOf } from "../ask/asking.js";
import { about, known } from "./asked.js";

const FADE = 125; // milliseconds in which changed answers come up
const LARGE = 1.45; // how much larger the drawings of a presented panel are

// Where in its round a loop stands, of the first run that has rounds.
/** @type {(views: import("../core/view.js").View[], loop: number) => string} */
const roundWords = (views, loop) => views.find(({ meta }) => meta.clock)?.meta.clock[loop - 1] ?? "";

/** Repaints a page. */
export class Painter {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.shown = []; // the figures of the last picture
    this.everything = false; // whether the picture that is asked for is more than the faces
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.touch = matchMedia("(pointer: coarse)");
  }

  // Paint with the next frame: everything, or only the faces where nothing but what is typed has changed.
  /** @type {(everything?: boolean) => void} */
  soon(everything = true) {
    this.everything ||= everything;
    this.frame ??= requestAnimationFrame(() => {
      const all = this.everything;
      this.frame = null;
      this.everything = false;
      if (all) this.paint();
      else this.paintFaces();
    });
  }

  paintFaces() {
    const { facePanel } = this.page;
    this.readStyle();
    facePanel.tell();
    const faces = facePanel.shown();
    for (const face of faces) face.measure();
    if (faces.length) facePanel.draw(this.zoom);
  }

  paint() {
    const { page } = this;
    this.readStyle();
    const figures = (this.shown = this.tell());
    const faces = page.facePanel.shown();
    for (const part of [...faces, ...figures]) part.measure();
    if (faces.length) page.facePanel.draw(this.zoom);
    for (const figure of figures) figure.draw(this.scale, this.font);
    this.fade();
    page.stage.keepFocus();
    page.root.dataset.traces = page.state.run.traces; // tests and benchmarks wait for it
  }

  // A figure has another size than it was drawn for, though nothing was asked to change: draw it before the frame is
  // shown.
  fit() {
    if (this.shown.some((figure) => figure.misfit)) this.paint();
  }

  readStyle() {
    const style = getComputedStyle(this.page.root);
    this.colours = readColours(style);
    this.font = style.fontFamily;
    this.zoom = parseFloat(style.fontSize) / 16;
  }

  // How large the panels' drawings are: from the last row their small words must be read, too.
  /** @type {number} */
  get scale() {
    return this.zoom * (this.page.state.layout.presenting ? LARGE : 1);
  }

  /**
   * What a panel is told of run i.
   * @returns {import("../core/types.js").Seen}
   */
  seen(i, panel) {
    const { page } = this;
    const { run, choice, look, typed, active } = page.state;
    const { meta, views, geometry, puzzle, solution, judged } = run;
    const answers = views.map((_, k) => (panel?.asks ? known(page, panel, k)?.shown : null));
    const answer = answers[i];
    return {
      view: views[i],
      views,
      t: page.astray && !panel ? 0 : page.clock.loop, // a face without answers is that before the first loop
      active,
      chosen: choice.cell,
      hover: choice.hover,
      selected: choice.selected,
      head: look.head,
      layer: Math.min(look.layer, views[i].meta.layers - 1),
      mode: panel && page.panels.modeOf(panel),
      asked: answer?.arrays ? answer : null,
      anyAsked: answers.some((one) => one?.arrays),
      beside: panel?.beside ? knownOf(page.answers, panel.beside, views[i], about(page)).own : null,
      geometry,
      meta,
      solution,
      judged,
      colours: this.colours,
      font: this.font,
      show: look.show,
      fade: 1,
      camera: look.camera,
      words: (text) => page.wordsOf(views[i], text),
      shared: (text) => page.words(text),
      drawn: page.lesson.drawnOf(i),
      live: !!page.host.ask, // there is a server to ask
      puzzle,
      entry: typed.entry,
      own: typed.own,
      corner: typed.corner,
      centre: typed.centre,
      ...page.more(),
    };
  }

  // The elements and words of everything that is visible. Returns the figures to draw.
  /** @type {() => import("./figure.js").Figure[]} */
  tell() {
    const { page } = this;
    const { views } = page.state.run;
    page.stage.tell();
    page.lesson.tell();
    page.bar.first.tell();
    page.clockBar.show(Math.max(...views.map((view) => view.meta.trained_loops)), roundWords(views, page.clock.loop));
    if (page.marked !== page.markedOf) page.mark();
    page.facePanel.tell();
    const shown = [...page.side.children]
      .map((root) => page.figures[root.dataset.panel])
      .filter((figure) => this.tellFigure(figure));
    page.facePanel.tellBelow(this.touch.matches);
    for (const figure of shown) figure.form?.update(); // says the verdict again
    return shown;
  }

  tellFigure(figure) {
    figure.root.hidden = !this.page.stage.shows(figure.panel.name);
    figure.root.dataset.loop = this.page.clock.loop;
    if (!figure.root.hidden) figure.tell();
    return !figure.root.hidden;
  }

  // After a single step, answers that changed in this loop come up softly: the same picture, its new digits from
  // faint to full.
  fade() {
    const { page } = this;
    const { loop, speed } = page.clock;
    const step = Math.abs(loop - this.painted) === 1;
    this.painted = loop;
    if (!step || speed > 6 || this.still.matches) return;
    const begun = performance.now();
    cancelAnimationFrame(this.fading);
    page.root.dataset.fading = "";
    const next = (now) => {
      const share = Math.min(1, (now - begun) / FADE);
      const on = page.clock.loop === loop;
      if (on && page.facePanel.shown().length) this.drawFaded(0.25 + 0.75 * share);
      if (on && share < 1) this.fading = requestAnimationFrame(next);
      else delete page.root.dataset.fading;
    };
    next(begun);
  }

  drawFaded(fade) {
    const { facePanel } = this.page;
    for (const face of facePanel.faces) face.measure();
    facePanel.draw(this.zoom, fade);
  }
}
