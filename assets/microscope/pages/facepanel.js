// The panel on the left: a face for each run, the list of what they show, and what is said below them.

import { h, options } from "../core/elements.js";
import { Face } from "./face.js";
import { heading } from "./heading.js";
import { holdWords, verdictWords } from "./telling.js";

/** @typedef {import("../core/types.js").Geometry} Geometry */
/** @typedef {import("../core/view.js").View} View */

const BROAD = 1.6; // a face that is broader, as parts of its height, leaves no room beside it on a low screen

/** The panel on the left, with a face for each run. */
export class FacePanel {
  /** @param {import("./page.js").Page} page @param {Element[]} below elements of the page that stand below the faces */
  constructor(page, below) {
    this.page = page;
    this.faces = [];
    const { face } = page;
    const onchange = () => {
      page.state.look.show = this.showSelect.value;
      page.changed();
    };
    const label = `Show on the ${face.title.toLowerCase()}`;
    this.showSelect = h("select", { class: "ls-heads", "aria-label": label, onchange });
    this.facesHere = h("div", { class: "ls-boards" });
    this.verdict = h("p", { class: "ls-verdict", "data-testid": "verdict", hidden: true });
    this.hold = h("p", { class: "ls-hold", "data-testid": "hold" });
    this.root = h(
      "section",
      { class: "ls-panel ls-board", "data-panel": "board", "aria-label": face.title },
      this.heading(),
      this.facesHere,
      ...below,
      this.verdict,
      this.hold,
    );
  }

  /** @type {() => HTMLElement} */
  heading() {
    return heading(this.page, "board", this.page.face, h("div", { class: "ls-picks" }, this.showSelect));
  }

  // The words of the page have changed.
  retell() {
    this.root.firstChild.replaceWith(this.heading());
  }

  // Something of another shape is drawn.
  /** @type {(geometry: Geometry) => void} */
  resize(geometry) {
    const { root, faceRatio } = this.page;
    root.style.setProperty("--face", faceRatio); // on a low screen it says how wide the face is
    root.classList.toggle("ls-broad", faceRatio > BROAD);
    this.faces.forEach((face) => face.rebuild(geometry));
  }

  // As many faces as runs.
  /** @type {(run: import("../core/state.js").Run) => void} */
  layOut({ views, geometry }) {
    while (this.faces.length < views.length) {
      const face = new Face(this.page);
      face.rebuild(geometry);
      this.faces.push(face);
    }
    this.faces.length = views.length;
    const roots = this.faces.map((face) => face.root);
    const there = [...this.facesHere.children];
    if (roots.length !== there.length || roots.some((root, i) => there[i] !== root))
      this.facesHere.replaceChildren(...roots);
    this.faces.forEach((face, i) => {
      face.title.textContent = views[i].letter ? views[i].label : "";
    });
  }

  /** @type {(views: View[]) => void} */
  fillShows(views) {
    const there = { versus: views.length > 1, sets: views.some((view) => view.arrays.sets) };
    const shows = this.page.spec.shows.filter(([name]) => there[name] ?? true);
    const pairs = shows.map(([name, words]) => [name, this.page.words(words)]);
    options(this.showSelect, pairs, this.page.state.look.show);
  }

  // Change the elements to what is seen; nothing is measured.
  tell() {
    const { page } = this;
    this.root.hidden = !page.stage.shows("board");
    this.root.dataset.loop = page.clock.loop;
    if (!this.root.hidden) this.faces.forEach((face, i) => face.tell(page.seen(i)));
  }

  // What two runs came to, and which position is held.
  /** @type {(touch: boolean) => void} */
  tellBelow(touch) {
    const { page } = this;
    const { views } = page.state.run;
    this.verdict.hidden = views.length < 2;
    this.verdict.textContent = views.length < 2 ? "" : page.words(verdictWords(views, page.clock));
    const by = { touch, drawing: page.root.classList.contains("ls-drawing") };
    this.hold.textContent = holdWords(page.state, by, (text) => page.words(text));
  }

  // The faces that are to be painted.
  /** @type {() => Face[]} */
  shown() {
    return this.root.hidden ? [] : this.faces;
  }

  /** @type {(zoom: number, fade?: number) => void} */
  draw(zoom, fade = 1) {
    this.faces.forEach((face, i) => face.draw({ ...this.page.seen(i), fade }, zoom));
  }

  // The face that a key came from takes the focus, else the first.
  /** @type {(event: Event) => void} */
  focus(event) {
    (this.faces.find((face) => face.grid === event.currentTarget) ?? this.faces[0]).focus();
  }
}
