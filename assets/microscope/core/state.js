// What a page shows and what a person is doing on it, in one place. Other classes of the browser hold parts that are
// made once: elements and each other. Two stores stand beside it: the clock (core/clock.js), and the answers to long
// questions (ask/answers.js).

import { clamp, passesOfAll, told } from "./words.js";

/**
 * @typedef {object} Run the last message
 * @property {object|null} meta null before the first message
 * @property {import("./view.js").View[]} views one a run
 * @property {import("./types.js").Geometry|null} geometry
 * @property {string} puzzle the input that was run
 * @property {boolean} refused whether the last request was answered with another run than that of what is typed
 * @property {number[]|null} solution the one right token of every position, where there is one
 * @property {boolean} judged whether it is known which answers are right
 * @property {number} traces messages that came
 * @property {Uint8Array} [bytes] the message itself
 * @property {Object<string, string>} terms what the task calls places, tokens and inputs
 * @property {string[]} offers what only some tasks offer
 */

/**
 * @typedef {object} Choice
 * @property {number} cell the position that is chosen
 * @property {Set<number>} selected all that are selected
 * @property {boolean} held by a click
 * @property {number|null} hover the position under the pointer
 */

/**
 * @typedef {object} Look how the runs are drawn
 * @property {string} show what the face draws
 * @property {number|null} head null: all heads side by side
 * @property {number} layer
 * @property {Object<string, string>} modes by panel
 * @property {[number, number]} camera turned and tilted, in radians
 * @property {Set<string>} lines names of the methods that are drawn
 */

/**
 * @typedef {object} Layout
 * @property {string[]} panels in their order
 * @property {string|null} presenting the panel that is presented alone, "board" for the face
 * @property {string|null} beside a panel that is presented together with the face
 * @property {boolean} leaving presenter mode was left: the focus goes back with the next picture
 * @property {boolean} hidden the controls are
 */

/**
 * @typedef {object} Typed what the person has typed; a page keeps more here (its `inputs`)
 * @property {string} entry as the server reads it
 * @property {number} request number of the last request that was sent
 */

/**
 * @typedef {object} Draft what the person is in the middle of
 * @property {string|null} pasted a text that is not answered yet
 * @property {string|null} rejected a text that the server could not read: the dialog offers it again, to be mended
 * @property {{ kind: string, text: string }|null} complaint what is wrong with what is drawn
 * @property {boolean} ours the page made the text that arrives: it is no new step of undo
 * @property {boolean} fresh another input was chosen, as a whole
 * @property {boolean} resized the input has another shape than the one answered before
 * @property {object|string|null} before what undo brings back when the edit that goes on is done
 * @property {object|null} awaited a board of another size that undo brings back, until its run arrives
 * @property {number|null} wish the example to choose when the prompt arrives
 * @property {object|null} gesture what the pointer does (strokes.js, planehand.js)
 * @property {boolean} dragging the pointer went down on a cell of the face
 * @property {number} added when the pointer last put an example, in milliseconds
 * @property {{ again: string|null, at: number }|null} edit the last edit: presses of one key are one step of undo
 */

/**
 * @typedef {object} Asking for runs
 * @property {object|null} asked the last request
 * @property {number} [first] the number under which it was sent first
 * @property {number} [last] the number under which it was sent last
 * @property {(() => void)|null} next asks for what the hand came to since
 * @property {number} edited when the last edit was, in milliseconds
 */

/**
 * @typedef {object} Travel between links
 * @property {string} path of the page
 * @property {{ kind: string, text: string }|null} trouble what the link asked for that the view does not have
 * @property {object|null} written the run that the address bar tells
 * @property {object|null} coming the run that it will tell in a moment
 * @property {import("./links.js").Link|null} link that the browser went back or on to, until its run is here
 * @property {boolean} [offered] whether that link was pasted, so that it may be of anything
 */

/**
 * @typedef {object} Learning the lesson that is open, if one is
 * @property {string|null} lesson its name
 * @property {number} number of the step, from 1
 * @property {object|null} step as the server tells it before a guess
 * @property {object|null} reveal what it tells after one; ran: the run that was on screen first, left: another is
 * @property {object|null} ahead a step that was asked for before its view is here
 * @property {{ guess: number[], truth: number[] }|null} outlined cells of the board
 * @property {boolean} unseen what the step points at has yet to be brought into sight
 * @property {boolean} committing a guess or a reveal is on its way to the server: no other is taken until it answered
 */

/**
 * @typedef {object} Together the class that this page is in, if it is in one
 * @property {string|null} code
 * @property {string|null} key of its teacher
 * @property {string|null} student the word of a student
 * @property {Partial<import("./types.js").ClassTold>} told
 * @property {string|null} followed the view to which this page went last, without its loop
 * @property {string|null} sent the view that was told the class last
 * @property {*} said the answer of this student with which the question of the step is on screen, null for none
 * @property {boolean} back the teacher has come by the link of the class, and is not told yet where it is
 * @property {boolean} lost the server cannot be reached: what was told may hold no longer
 * @property {string|null} revealing the lesson and the step that this page asked to reveal; null once an error is said
 * @property {{ link: string, qr: string[] }|null} invitation of its teacher: the class's link, and the same as rows of
 *   a QR code
 */

/** @type {() => Learning} no lesson is open */
export const noLesson = () => {
  const nothing = { step: null, reveal: null, ahead: null, outlined: null };
  return { lesson: null, number: 1, ...nothing, unseen: false, committing: false };
};

/** @type {() => Together} in no class */
export const noClass = () => {
  const nobody = { code: null, key: null, student: null };
  const known = { told: {}, followed: null, sent: null, said: null, revealing: null, invitation: null };
  return { ...nobody, ...known, back: false, lost: false };
};

/** The state of a page. */
export class State {
  /**
   * @param {string[]} panels shown on a first visit
   * @param {{ terms: Object<string, string>, offers: string[] }} meta of the first message
   */
  constructor(panels, { terms, offers }) {
    const none = { meta: null, views: [], geometry: null, puzzle: "", solution: null, judged: false };
    const run = { ...none, refused: false, traces: 0 };
    /** @type {Run} */
    this.run = { ...run, terms: { ...passesOfAll([]), ...terms }, offers };
    /** @type {Choice} */
    this.choice = { cell: 0, selected: new Set([0]), held: false, hover: null };
    /** @type {Look} */
    this.look = { show: "answer", head: null, layer: 0, modes: {}, camera: [0.6, 0.4], lines: new Set() };
    /** @type {Layout} */
    this.layout = { panels, presenting: null, beside: null, leaving: false, hidden: false };
    /** @type {Typed} */
    this.typed = { entry: "", request: 0 };
    /** @type {Draft} */
    this.draft = { added: -Infinity };
    /** @type {Asking} */
    this.asking = { edited: -Infinity };
    /** @type {Travel} */
    this.travel = { path: location.pathname };
    /** @type {Learning} */
    this.learning = noLesson();
    /** @type {Together} */
    this.together = noClass();
    /** @type {Object<string, object>} what panels that are forms keep, by panel */
    this.forms = {};
  }

  // The position that the panels are about: the one under the pointer, else the chosen one.
  /** @type {number} */
  get active() {
    return this.choice.hover ?? this.choice.cell;
  }

  // What is typed is no input that was run, and no run of it is on its way: nothing is known of its answers.
  /** @returns {boolean} */
  get astray() {
    return this.run.refused && this.typed.entry !== this.run.puzzle;
  }

  // A new message.
  /** @type {(run: Pick<Run, "meta"|"views"|"geometry"|"bytes">) => void} */
  setRun({ meta, views, geometry, bytes }) {
    const passes = passesOfAll(views);
    const terms = Object.entries({ ...meta.terms, ...passes }).map(([name, term]) => [name, told(term, passes)]);
    this.run = {
      meta,
      views,
      geometry,
      puzzle: meta.puzzle,
      solution: meta.solution && Array.from(meta.solution, Number),
      judged: meta.judged ?? !!meta.solution,
      bytes,
      traces: this.run.traces,
      refused: this.run.refused,
      terms: Object.fromEntries(terms),
      offers: meta.offers,
    };
  }

  // Heads, layers and the comparison that the runs do not have are no longer chosen.
  fit() {
    const { look } = this;
    const { meta, views } = this.run;
    if (look.head != null && look.head >= meta.runs[0].heads) look.head = null;
    if (look.layer >= meta.runs[0].layers) look.layer = 0;
    if (look.show === "versus" && views.length < 2) look.show = "answer";
  }

  // Choose a position. how: "only" this one, "add" it, or "toggle" it.
  /** @type {(cell: number, how?: "only"|"add"|"toggle") => void} */
  select(cell, how = "only") {
    const { choice } = this;
    let chosen = cell;
    if (how === "only") choice.selected = new Set([cell]);
    else if (how === "toggle" && choice.selected.has(cell) && choice.selected.size > 1) {
      choice.selected.delete(cell);
      chosen = choice.cell === cell ? [...choice.selected][0] : choice.cell;
    } else choice.selected.add(cell);
    choice.cell = chosen;
    choice.held = true;
    choice.hover = null;
  }

  // The position under the pointer, null for none; true when that changed what is seen.
  /** @type {(cell: number|null) => boolean} */
  preview(cell) {
    const { choice } = this;
    if (choice.held || cell === choice.hover) return false;
    choice.hover = cell;
    return true;
  }

  release() {
    this.choose(this.choice.cell);
    this.choice.held = false;
  }

  // Choose one position without holding it, within the present geometry.
  /** @type {(cell: number) => void} */
  choose(cell) {
    const at = this.run.geometry ? clamp(cell, 0, this.run.geometry.n - 1) : cell;
    Object.assign(this.choice, { cell: at, selected: new Set([at]), hover: null });
  }

  // What survives a switch to another page and back.
  /** @type {() => { cell: number, held: boolean, look: Look, panels: string[], hidden: boolean }} */
  kept() {
    const { choice, look, layout } = this;
    return { cell: choice.cell, held: choice.held, look: { ...look }, panels: layout.panels, hidden: layout.hidden };
  }
}
