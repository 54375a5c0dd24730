// The first minute: an offer to a newcomer, and a short tour that points at the real controls. That somebody is no
// newcomer is remembered in the browser alone; no link says it.

import { button, h } from "../core/elements.js";
import { listed } from "../core/words.js";
import { withTerms } from "./glossary.js";
import { Pointing } from "./pointing.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./page.js").Said} Said */

const STORE = "loopscope.known"; // set when the offer was taken or put away
/** @type {string} what the tour is called */
export const TOUR = "The loop in one minute";

const layered = (view) => view.meta.looped === false;

/** @typedef {string|((view: import("../core/view.js").View) => string)} Words perhaps about the model of a run */
/** @type {[string, Words, Words][]} what is pointed at (pages/pointing.js), title, sentences in the task's terms */
const STEPS = [
  ["board", "What goes in", "This {input} is all that the model is given. No {loop} has run: it has answered nothing."],
  [
    "play",
    "Press play",
    (view) => {
      const once = "Every loop runs the same block once more";
      const runs = layered(view) ? "This model runs one layer after the other, each with weights of its own" : once;
      return `${runs}, and after each the model’s answer is read. Watch.`;
    },
  ],
  [
    "cycle",
    (view) => (layered(view) ? "One layer" : "One loop"),
    (view) => {
      const on = layered(view) ? "on to the next layer" : "back in";
      const { branches } = view.meta.anatomy;
      const adds = branches.length ? listed(branches) : "its parts";
      return `The block reads the state, ${adds} add to it, and it goes ${on}. The numbers are those of the clock.`;
    },
  ],
  [
    "clock",
    "The clock",
    "Drag it, or press ← and →: everything shows that {loop}. Its marks say when it was right.",
  ],
  [
    "convergence",
    "A panel",
    "Each panel asks one question. This one: how far does {a loop} still move the state? Its ? explains it, and so " +
      "does every word with a dotted line.",
  ],
];

/** The offer and the tour. */
export class FirstMinute {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.pointing = new Pointing(page.lesson.ground);
    this.number = null; // of the step that is shown
    this.before = null; // the panels that were shown before the tour
    this.title = h("strong", { tabindex: -1 });
    this.words = h("p", { "aria-live": "polite" });
    this.count = h("span", { class: "ls-note" });
    this.buttons = h("span", { class: "ls-buttons" });
    const onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
    this.root = h(
      "aside",
      { class: "ls-first", "aria-label": TOUR, "data-testid": "first-minute", hidden: true, onkeydown },
      h("header", {}, this.title, this.count, this.buttons, button("✕", "Leave the tour", () => this.close())),
      this.words,
    );
  }

  // A saved page remembers nobody, and who follows a lesson or a link to a view is not asked.
  /** @type {() => boolean} */
  isNewcomer() {
    const { page } = this;
    if (!page.host.memory || !page.host.ask || page.lesson.name) return false;
    return !page.panels.storage((memory) => memory.getItem(STORE));
  }

  remember() {
    this.page.panels.storage((memory) => memory.setItem(STORE, "1"));
    this.page.root.classList.remove("ls-newcomer");
  }

  // The welcome of a first visit with the offer behind it.
  /** @type {(message: Said|null|undefined, first: boolean) => Said|null} */
  offered(message, first) {
    if (first && message?.kind === "info" && this.page.lesson.name) return null; // the lesson welcomes
    if (!first || message?.kind !== "info" || !this.isNewcomer()) return message ?? null;
    this.page.root.classList.add("ls-newcomer");
    const offer = button(`New here? ${TOUR}`, "A short tour of this page", () => this.start(), "first-offer");
    const why = "Do not offer the tour again";
    const no = button("I know", why, () => this.decline([offer, no]), "first-no");
    offer.classList.add("ls-primary");
    return { ...message, more: [" ", offer, " ", no] };
  }

  // The button that had the focus goes; the focus goes where it goes when a message is closed.
  /** @type {(buttons: Element[]) => void} */
  decline(buttons) {
    this.remember();
    for (const one of buttons) one.remove();
    this.page.clockBar.playButton.focus({ preventScroll: true });
  }

  start() {
    const { page } = this;
    this.remember();
    page.closeMenus();
    page.say(null);
    const { panels } = page.state.layout;
    this.before ??= panels;
    const shown = ["cycle", "convergence"];
    page.arrange([...shown, ...panels.filter((name) => !shown.includes(name))], false);
    page.clock.pause();
    page.clock.go(0);
    this.go(0);
  }

  /** @type {(number: number) => void} */
  go(number) {
    const { page } = this;
    const [target, title, words] = STEPS[number];
    this.number = number;
    if (target === "cycle" && !page.clock.loop) page.clock.go(1); // there are no numbers before
    this.root.hidden = false;
    const said = (text) => (typeof text === "string" ? text : text(page.state.run.views[0]));
    this.title.textContent = said(title);
    this.count.textContent = ` ${number + 1} of ${STEPS.length} `;
    this.words.replaceChildren(...withTerms(page.words(said(words))));
    this.buttons.replaceChildren(...this.ways(number));
    this.pointing.point([target]);
    const [element] = this.pointing.marked;
    const narrow = matchMedia("(max-width: 60rem)").matches && element?.classList.contains("ls-panel");
    const behavior = page.painter.still.matches ? "auto" : "smooth";
    element?.scrollIntoView({ block: narrow ? "start" : "nearest", behavior });
    this.title.focus({ preventScroll: true });
  }

  /** @type {(number: number) => Element[]} where to go from a step */
  ways(number) {
    const step = (words, onclick, about = {}) => h("button", { type: "button", onclick, ...about }, words);
    const back = step("◂ Back", () => this.go(number - 1), { disabled: number === 0 });
    if (number < STEPS.length - 1) return [back, step("Next ▸", () => this.go(number + 1), { class: "ls-primary" })];
    const href = new URL("lessons", this.page.host.root).href;
    const lessons = h("a", { class: "ls-button", href }, "Go on with a lesson");
    return [back, lessons, step("Done", () => this.close(), { class: "ls-primary" })];
  }

  // The panels of before come back, unless others were chosen meanwhile.
  close() {
    const { page, before } = this;
    this.root.hidden = true;
    this.pointing.point([]);
    this.number = this.before = null;
    if (before && page.state.layout.panels[0] === "cycle") page.arrange(before, false);
    page.clockBar.playButton.focus({ preventScroll: true });
  }

  // With every picture: panels come and go, and in presenter mode there is no tour.
  tell() {
    if (this.number === null) return;
    if (this.page.state.layout.presenting || this.page.lesson.name) this.close();
    else this.pointing.tell();
  }
}
