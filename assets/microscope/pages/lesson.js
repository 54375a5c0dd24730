// A lesson beside the instrument: which one is open and at which step, what was guessed, and what was revealed to it.
// Its column is in lessoncolumn.js. Guesses stand in the browser's memory, in a class in the tab's; what is revealed
// does not: the server is asked again with the guess, so it is never in a page on which nothing was guessed.

import { LessonColumn } from "./lessoncolumn.js";
import { OWN_CURVE } from "./lessoncurve.js";
import { Pointing } from "./pointing.js";
import { Together } from "./together.js";

/** @typedef {import("./page.js").Page|import("./theory.js").TheoryPage} Page */
/** @typedef {import("../core/types.js").LessonGround} LessonGround */

const STORE = "loopscope.lesson."; // and the lesson's name: guesses by the number of their step
const DRAFTS = "loopscope.draft."; // and the same: what was chosen, typed or drawn of a guess and not yet committed
const NAME = /^[a-z0-9][a-z0-9-]{0,59}$/; // a lesson's name
const OWN = ["v", "lesson", "step", "class"]; // of a link: what is no view
/** @type {(text: string|null|undefined) => Object<number, *>} guesses as they were kept */
function parsed(text) {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch {
    return {}; // something else wrote there
  }
}
const open = {}; // by page: what was open there, over a switch to another page and back

/** The lesson that is open, if one is. */
export class Lesson {
  /** @param {Page} page @param {LessonGround} ground what not all pages have alike */
  constructor(page, ground) {
    this.page = page;
    this.ground = ground;
    this.pointing = new Pointing(ground);
    this.column = new LessonColumn(this);
    this.together = new Together(this);
  }

  /** @type {import("../core/state.js").Learning} */
  get now() {
    return this.page.state.learning;
  }

  /** @type {string|null} */
  get name() {
    return this.now.lesson;
  }

  /** @type {number} */
  get number() {
    return this.now.number;
  }

  /** @type {import("../core/state.js").Learning["step"]} */
  get step() {
    return this.now.step;
  }

  /** @type {import("../core/state.js").Learning["reveal"]} */
  get reveal() {
    return this.now.reveal;
  }

  // What the link says of it.
  /** @type {() => { lesson: string|null, step: number|string|null }} */
  chosen() {
    return { lesson: this.name, step: this.name && this.number };
  }

  /** @type {import("../core/types.js").LessonSource|null} */
  get source() {
    return this.page.host.lessons ?? null;
  }

  // ── opening and leaving ─────────────────────────────────────────────────────────────────────────────────────────

  // The page is there: open what its link names, or what was open here before another page was.
  /** @type {(query: URLSearchParams) => void} */
  begin(query) {
    this.together.begin(query);
    const kept = open[this.page.spec.page];
    const named = query.get("lesson");
    if (!this.source || (!named && !kept)) return;
    if (named) this.open(named, Number(query.get("step") ?? 1), true);
    else this.open(kept.name, kept.number, true);
    // A link that names no run leads to the view of the step, and says how it is shown.
    if (named && this.name && !this.ground.asksRun(query)) this.go(this.number, query);
  }

  // The browser went back or on.
  /** @type {(query: URLSearchParams) => void} */
  came(query) {
    const name = query.get("lesson");
    const number = Number(query.get("step") ?? 1);
    if (!name || !this.source) this.shut();
    else if (name !== this.name || number !== this.number) this.open(name, number);
  }

  /** @type {(name: string, number: number, opened?: boolean) => void} opened: with its page */
  open(name, number, opened = false) {
    if (!NAME.test(name) || !Number.isInteger(number)) return;
    Object.assign(this.now, { lesson: name, number, step: null, reveal: null });
    open[this.page.spec.page] = { name, number };
    this.clear();
    this.load(opened);
  }

  // Leave the lesson: nothing of it stays but the view, which the student may have made anew.
  close() {
    const { page } = this;
    this.shut();
    this.ground.leave();
    page.changed();
    page.clockBar.playButton.focus({ preventScroll: true });
  }

  shut() {
    if (!this.name) return;
    Object.assign(this.now, { lesson: null, step: null, reveal: null });
    delete open[this.page.spec.page];
    this.clear();
    this.column.show();
    this.together.bar.show();
  }

  // Take away what the last step marked.
  clear() {
    this.column.leaveQuestion();
    this.pointing.point([]);
    this.now.outlined = null;
    this.page.mark();
    this.tell();
  }

  // ── a step ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(opened?: boolean) => Promise<void>} opened: with its page, whose link may present another panel */
  async load(opened = false) {
    const { name, number } = this;
    const here = () => this.name === name && this.number === number;
    this.column.wait();
    try {
      const step = this.taken(number) ?? (await this.source.step(name, number));
      const reveal = step.ask ? await this.known(number) : null;
      if (!here()) return;
      Object.assign(this.now, { step, reveal });
    } catch (error) {
      if (here()) this.column.fail(error.message, () => this.load(opened));
      return;
    }
    this.pointing.point(this.step.point);
    this.ground.follow(opened);
    this.column.show();
    this.column.tellStep();
    this.now.unseen = true;
    this.mark();
    this.together.settle();
  }

  // What is revealed of a step already: to the guess that was made, in a class once the teacher reveals.
  /** @type {(number: number) => Promise<object|null>} */
  async known(number) {
    const { name, together } = this;
    if (together.has(name, number)) return together.revealOf(name, number);
    const guess = this.guesses()[number];
    return guess === undefined ? null : this.source.guess(name, number, guess);
  }

  // A class begins or ends: what was revealed alone is not what it has.
  reload() {
    if (!this.step) return;
    Object.assign(this.now, { step: null, reveal: null });
    this.clear();
    this.load();
  }

  // Bring what the step points at into sight, once its run is here: on a phone above the sheet.
  lookAt() {
    const { now, page, ground } = this;
    if (!now.unseen || !this.step || page.root.hasAttribute("data-busy")) return;
    const marked = this.pointing.marked.find((element) => !page.clockBar.root.contains(element));
    const pointed = (this.reveal && ground.shownBy) ?? marked;
    if (pointed && !pointed.getClientRects().length) return; // not on the page yet
    now.unseen = false;
    if (ground.presenting) return;
    this.column.tellHeight(); // there is room below to scroll up to it
    const sheet = matchMedia("(max-width: 60rem)").matches;
    (pointed ?? ground.face).scrollIntoView({ block: sheet ? "start" : "nearest" });
  }

  // Go to a step: its view, with everything else as on a first visit. Whatever the step before set is undone.
  /** @type {(number: number, look?: URLSearchParams) => Promise<void>} look: what a link says of how it is shown */
  async go(number, look = new URLSearchParams()) {
    const { name } = this;
    this.column.wait();
    let view;
    try {
      const step = await this.source.step(name, number);
      this.now.ahead = step;
      view = ((step.ask && (await this.known(number))) || step).view;
    } catch (error) {
      if (this.name === name) this.column.fail(error.message, () => this.go(number, look));
      return;
    }
    if (this.name === name) this.follow(view, look);
  }

  // The step that was asked for on the way here.
  taken(number) {
    const { name } = this;
    const { ahead } = this.now;
    this.now.ahead = null;
    return ahead?.number === number && ahead.lesson.name === name ? ahead : null;
  }

  // Show a view of a step, on whichever page it is.
  /** @type {(view: string, look?: URLSearchParams) => void} */
  follow(view, look = new URLSearchParams()) {
    const { page, ground } = this;
    page.clock.pause();
    page.clock.setRange(null);
    const url = new URL(view.slice(1), page.host.root);
    for (const [name, value] of look) if (!OWN.includes(name)) url.searchParams.set(name, value);
    if (url.pathname === ground.path) ground.prepare(url.searchParams);
    page.link.follow(url);
  }

  // Back to the view of this step, whatever was tried since.
  again() {
    this.follow((this.reveal ?? this.step).view);
  }

  // ── guess and truth ─────────────────────────────────────────────────────────────────────────────────────────────

  guesses() {
    return this.stored(STORE);
  }

  // In a class every tab is a student of its own, whose guesses are in the memory of the tab. After the class they are
  // the browser's, with those that were made alone.
  /** @type {(store: string) => Object<number, *>} */
  stored(store) {
    const read = (memory) => parsed(memory?.getItem(store + this.name));
    const own = read(this.together.source?.memory);
    return this.together.on ? own : { ...this.ground.storage(read), ...own };
  }

  /** @type {(guesses: Object<number, *>, store?: string) => void} */
  keep(guesses, store = STORE) {
    const write = (memory) => memory.setItem(store + this.name, JSON.stringify(guesses));
    const tab = this.together.source?.memory;
    if (this.together.on) write(tab);
    else {
      tab?.removeItem(store + this.name);
      this.ground.storage(write);
    }
  }

  // A guess to which was revealed what happens.
  /** @type {(number: number, guess: *) => void} */
  remember(number, guess) {
    this.keep({ ...this.guesses(), [number]: guess });
    this.keep({ ...this.stored(DRAFTS), [number]: undefined }, DRAFTS);
  }

  // The guess of this step as far as it was made, null for nothing.
  /** @type {() => *} */
  begun() {
    return this.stored(DRAFTS)[this.number] ?? null;
  }

  /** @type {(guess: *) => void} */
  keepBegun(guess) {
    if (JSON.stringify(guess) === JSON.stringify(this.begun())) return;
    this.keep({ ...this.stored(DRAFTS), [this.number]: guess ?? undefined }, DRAFTS);
  }

  // Commit to a guess: only now does the server tell what happens.
  /** @type {(guess: *) => Promise<void>} */
  async commit(guess) {
    const { name, number, together } = this;
    if (together.has(name, number)) {
      await together.commit(guess);
      return;
    }
    let reveal;
    try {
      reveal = await this.source.guess(name, number, guess);
    } catch (error) {
      this.column.refuseFor(error);
      return;
    }
    if (this.name !== name || this.number !== number) return;
    this.remember(number, guess);
    this.uncover(reveal);
  }

  /** @type {(reveal: object) => void} */
  uncover(reveal) {
    this.now.reveal = reveal;
    this.column.leaveQuestion();
    this.follow(reveal.view);
    this.ground.follow(false);
    this.column.show();
    this.column.focusReveal();
    this.column.tellStep(); // no question is open any more
    this.now.unseen = true;
    this.mark();
  }

  // Forget all guesses of the lesson and begin anew.
  restart() {
    this.keep({});
    this.keep({}, DRAFTS);
    this.now.reveal = null;
    this.clear();
    this.go(1).then(() => this.number === 1 && this.load());
  }

  // ── in the figures ──────────────────────────────────────────────────────────────────────────────────────────────

  // Marks of the clock: what was guessed and what happened, and what the step points at.
  /** @type {import("./clockbar.js").Mark[]} */
  get marks() {
    const { loops } = this.pointing;
    return [...(this.reveal?.marks.clock ?? []), ...loops.map((loop) => [loop, "point", "look here"])];
  }

  // The curve that was drawn of run i, for the panel that has the real one: none over another run than the one that was
  // asked about, which is the first on screen behind the reveal.
  /** @type {(i: number) => { of: string, guess: number[], whose: string }|null} */
  drawnOf(i) {
    const { reveal } = this;
    const curves = reveal?.marks.curves;
    if (!curves) return null;
    const { run } = this.ground;
    reveal.ran ??= run;
    if (run) reveal.left = run !== reveal.ran;
    return curves.run === i && !reveal.left ? { whose: OWN_CURVE, ...curves } : null;
  }

  /** @type {(cells: { guess: number[], truth: number[] }|null) => void} */
  markCells(cells) {
    this.now.outlined = cells;
    this.tell();
  }

  mark() {
    this.now.outlined = this.reveal?.marks.cells ?? this.now.outlined;
    this.page.mark();
    this.page.changed();
  }

  // With every picture: what is pointed at, and which cells are outlined.
  tell() {
    this.pointing.tell();
    this.lookAt();
    const { outlined } = this.now;
    const [guess, truth] = [new Set(outlined?.guess), new Set(outlined?.truth)];
    const { cells: pointed } = this.pointing;
    const some = guess.size + truth.size + pointed.size > 0;
    if (!this.drawn && !some) return;
    this.drawn = some;
    for (const { cells } of this.ground.faces) {
      cells.forEach((cell, i) => {
        cell.classList.toggle("ls-cell-guess", guess.has(i));
        cell.classList.toggle("ls-cell-truth", truth.has(i));
        cell.classList.toggle("ls-pointed", pointed.has(i));
        const words = [guess.has(i) && "your guess", truth.has(i) && "what happened"].filter(Boolean).join(", ");
        if (words) cell.setAttribute("aria-description", words);
        else cell.removeAttribute("aria-description");
      });
    }
  }
}
