// The column of a lesson: its step, the question, and what is revealed. On a phone it is a sheet from below, in
// presenter mode a strip above the figure.

import { button, h } from "../core/elements.js";
import { answered, askOf, markedOption } from "./lessonask.js";
import { curveAfter } from "./lessoncurve.js";
import { paragraph } from "./lessontext.js";

/** @typedef {import("./lesson.js").Lesson} Lesson */

const RESULT = {
  right: "✓ Right",
  near: "✓ Near enough",
  "too low": "✕ Too low",
  "too high": "✕ Too high",
  wrong: "✕ Not quite",
};
const SENT = "Your answer is being sent.";
const NOT_IN = "Your answer is not in: the server cannot be reached. It stays here; commit again in a moment.";
const NOT_REVEALED = "The server cannot be reached, so nothing is revealed; press again once it can.";
/** What is said while the answer of a question is measured for the first time. */
export const MEASURED = "What happens is being measured; on a busy machine this takes a while.";
const IN_CLASS = { class: "This happened", none: "You gave no answer" };

/** The elements of a lesson. */
export class LessonColumn {
  /** @param {Lesson} lesson */
  constructor(lesson) {
    this.lesson = lesson;
    this.asked = null;
    this.title = h("p", { class: "ls-lesson-title" });
    this.count = h("p", { class: "ls-lesson-count", "data-testid": "lesson-count" });
    this.fold = button("▾", "Fold the lesson away", () => this.toggle(), "lesson-fold");
    this.fold.setAttribute("aria-expanded", "true");
    const close = button("✕", "Leave the lesson", () => lesson.close(), "lesson-close");
    this.body = h("div", { class: "ls-lesson-body", "data-testid": "lesson-step" });
    this.feet = h("div", { class: "ls-lesson-feet" });
    this.heard = h("p", { class: "ls-heard", "aria-live": "polite", "data-testid": "lesson-heard" });
    this.root = h(
      "aside",
      { class: "ls-lesson", "aria-label": "Lesson", "data-testid": "lesson", hidden: true },
      h("header", {}, h("div", {}, this.title, this.count), this.fold, close),
      this.body,
      this.feet,
      this.heard,
    );
    this.sizes = new ResizeObserver(() => this.tellHeight());
    this.sizes.observe(this.root);
  }

  // On a phone the clock stands above the sheet.
  tellHeight() {
    const { root } = this.lesson.page;
    root?.style.setProperty("--sheet", `${this.root.hidden ? 0 : this.root.offsetHeight}px`);
  }

  toggle() {
    const folded = this.root.classList.toggle("ls-folded");
    this.fold.textContent = folded ? "▴" : "▾";
    this.fold.setAttribute("aria-expanded", String(!folded));
  }

  open() {
    const shown = !!this.lesson.name;
    this.root.hidden = !shown;
    this.lesson.page.root.classList.toggle("ls-learning", shown);
    this.tellHeight();
  }

  // The server is being asked.
  wait() {
    this.open();
    this.root.setAttribute("aria-busy", "true");
  }

  /** @type {(text: string, retry: () => void) => void} retry: what failed, once more */
  fail(text, retry) {
    this.root.removeAttribute("aria-busy");
    this.open();
    const hand = this.root.contains(document.activeElement);
    const again = h("button", { type: "button", onclick: retry }, "Try again");
    this.body.replaceChildren(h("p", { role: "alert" }, text));
    this.feet.replaceChildren(again);
    if (hand) again.focus({ preventScroll: true });
  }

  // What the lesson shows now.
  show() {
    this.leaveQuestion();
    this.root.removeAttribute("aria-busy");
    this.open();
    const { step, reveal } = this.lesson;
    if (!step) return;
    const hand = this.root.contains(document.activeElement);
    const { title, steps } = step.lesson;
    this.title.textContent = title;
    this.count.textContent = `Step ${step.number} of ${steps.length}`;
    this.head = h("h2", { tabindex: -1 }, step.title);
    this.body.replaceChildren(this.lesson.together.bar.astray, this.head, ...step.text.map(paragraph));
    if (step.ask) this.body.append(...(reveal ? this.revealed(step, reveal) : this.asking(step)));
    this.feet.replaceChildren(...this.buttons(step));
    this.body.scrollTop = 0;
    if (hand) this.head.focus({ preventScroll: true });
  }

  // The lesson has come to a step while the focus was elsewhere, as on a page that follows its teacher: say so to who
  // does not see it. Where the focus was in the lesson, it has gone to the heading, and that is read.
  tellStep() {
    const { step, reveal, together } = this.lesson;
    const open = step.ask && !reveal && together.bar.answer == null ? " A question is open." : "";
    const title = /[.?!]$/.test(step.title) ? step.title : `${step.title}.`;
    const said = `Step ${step.number} of ${step.lesson.steps.length}: ${title}`;
    const words = this.root.contains(document.activeElement) ? "" : said + open;
    if (this.heard.textContent !== words) this.heard.textContent = words;
  }

  // ── question and answer ─────────────────────────────────────────────────────────────────────────────────────────

  // In a class what its students have answered stands beside the question; who has answered sees what.
  /** @type {(step: object) => Element[]} */
  asking(step) {
    const { page, together } = this.lesson;
    const made = (mine) => (mine == null ? this.question(step) : answered(step.ask, page, mine));
    return together.bar.question(made) ?? [made(null)];
  }

  /** @type {(step: object) => Element} */
  question({ ask }) {
    const { lesson } = this;
    const { on, teaching } = lesson.together;
    const words = teaching ? "Reveal to all" : on ? "Commit" : "Commit and see";
    this.commit = h("button", { type: "submit", class: "ls-primary", disabled: !teaching }, words);
    this.refusal = h("p", { class: "ls-refusal", role: "alert" });
    lesson.now.committing = false;
    this.waits = h("p", { class: "ls-note", role: "status", "data-testid": "waits" });
    this.asked = askOf(ask, lesson.page, () => this.ready(), lesson.begun());
    const onsubmit = (event) => {
      event.preventDefault();
      const guess = this.asked?.value() ?? null;
      if (lesson.now.committing || (guess === null && !teaching)) return;
      this.refuse("");
      this.hold(on && !teaching ? SENT : MEASURED);
      lesson.commit(guess);
    };
    const below = [this.commit, this.waits, this.refusal];
    return h("form", { class: "ls-question", onsubmit }, this.asked.root, ...below);
  }

  // It was committed or is revealed, and the server has not answered yet: say so, and take nothing more. "": go on.
  /** @type {(words: string) => void} */
  hold(words) {
    this.lesson.now.committing = !!words;
    if (this.waits && this.waits.textContent !== words) this.waits.textContent = words;
    if (this.commit) this.ready();
  }

  ready() {
    if (this.asked) this.lesson.keepBegun(this.asked.begun());
    const { together, now } = this.lesson;
    this.commit.disabled = this.asked?.value() == null && !together.teaching;
    // Not disabled: the button would lose the focus, which has to be there still when an error is answered.
    this.commit.setAttribute("aria-disabled", String(this.commit.disabled || now.committing));
  }

  // A guess was not taken, or nothing could be revealed to it.
  /** @type {(error: Error & { unreached?: boolean }) => void} */
  refuseFor(error) {
    const unreached = this.lesson.together.teaching ? NOT_REVEALED : NOT_IN;
    this.refuse(error.unreached ? unreached : error.message);
  }

  /** @type {(text: string) => void} */
  refuse(text) {
    this.hold("");
    if (this.refusal) this.refusal.textContent = text;
  }

  leaveQuestion() {
    this.asked?.leave?.();
    this.asked = null;
  }

  revealed({ ask }, { result, says, gap, text, guess, marks, bars }) {
    const words = RESULT[result] ?? IN_CLASS[result];
    this.result = h("p", { class: "ls-result", tabindex: -1, "data-result": result }, h("strong", {}, words));
    const { options } = ask;
    if (!options.length && says) this.result.append(" · ", says);
    const counted = this.lesson.together.bar.histogram(bars, options.length ? guess : null);
    const after = () => options.map((option, i) => optionAfter(option, i === guess, i === marks.option));
    const list = options.length && !counted.length ? [h("ul", { class: "ls-options" }, ...after())] : [];
    const about = { class: "ls-reveal", "data-testid": "reveal", role: "status" };
    const root = h("div", about, this.result, ...counted, ...list);
    if (marks.curves) root.append(curveAfter(ask, marks.curves, says));
    if (gap) root.append(paragraph(gap));
    root.append(...text.map(paragraph));
    return [root];
  }

  focusReveal() {
    this.result?.focus({ preventScroll: true });
    if (!this.result) return;
    const { body } = this;
    body.scrollTop += this.result.getBoundingClientRect().top - body.getBoundingClientRect().top;
  }

  // ── going on ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(step: object) => Element} */
  buttons({ number, lesson: { steps }, ask }) {
    const { lesson } = this;
    const link = (words, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, words);
    const back = link("◂ Back", () => lesson.go(number - 1), { disabled: number === 1 });
    const again = link("This step’s view", () => lesson.again(), { title: "Back to the view of this step" });
    const open = ask && !lesson.reveal;
    const last = number === steps.length;
    const next = last
      ? h("a", { class: "ls-button", href: new URL("lessons", lesson.page.host.root).href }, "All lessons")
      : link(open ? "Skip ▸" : "Next ▸", () => lesson.go(number + 1), open ? {} : { class: "ls-primary" });
    const anew = last ? [link("Begin anew", () => lesson.restart())] : [];
    return [back, again, ...anew, next];
  }
}

function optionAfter(words, mine, right) {
  const said = [right && "this happened", mine && "your answer"].filter(Boolean).join(", ");
  return markedOption(words, said, right ? "ls-option-right" : "");
}
