// The Sudoku page: a board as its players know it, typed with keys, keypad or paste, with pencil marks, undo and redo.

import { BoardGeometry } from "../core/geometry.js";
import { button, h } from "../core/elements.js";
import { drawBoard, describeBoard, SHOWS, wordsOfCells } from "./board.js";
import { readKey } from "./boardkeys.js";
import { noMarks, readBoard, readMarks, writeBoard, writeMarks } from "./boardtext.js";
import { openText } from "./dialog.js";
import { CLOCK_KEYS, STAGE_KEYS } from "./keys.js";
import { Page } from "./page.js";
import { shownNumbers } from "./shownnumbers.js";

/** @typedef {import("../core/types.js").PageParts} PageParts */
/** @typedef {import("../core/view.js").View} View */
/**
 * @typedef {object} Snapshot what an edit changes and undo brings back
 * @property {string} entry
 * @property {Set<number>} own
 * @property {Set<string>[]} corner
 * @property {Set<string>[]} centre
 * @property {boolean} locked
 * @property {string} checkpoint
 */

const KINDS = [
  ["digit", "Digits", "Enter"],
  ["corner", "Corner marks", "Corner mark"],
  ["centre", "Centre marks", "Centre mark"],
]; // what the keypad writes, in words, and how a key is called that does
const PAUSE = 120; // milliseconds of typing after which the model is asked

const sameCells = (one, other) => [...one].sort().join() === [...other].sort().join();
const wordsOf = (marks) => marks.map((digits) => [...digits].sort().join("")).join();

/**
 * The Sudoku page.
 * @implements {PageParts}
 */
export class SudokuPage extends Page {
  static page = "sudoku";
  static drawsTyped = true;
  static many = true; // several cells can be chosen at once
  static shows = SHOWS;
  static panels = ["attention", "trajectory", "convergence", "timestep", "readout", "order"];
  static questions = [
    "inputs",
    "whatif",
    "clues",
    "effect",
    "rules",
    "flow",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "similarity",
    "lyapunov",
    "layerwise",
    "linear",
    "recovery",
    "locality",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "probes",
    "calibration",
    "resting",
    "compute",
    "scaling",
  ];
  static keys = [
    ["← →", "one {loop} back or on (on the board: move)"],
    ...CLOCK_KEYS,
    ["arrows, W A S D", "move on the board; with Shift or Ctrl several cells are chosen"],
    ["digits, numpad", "write a digit into the chosen cells"],
    ["Shift + digit", "corner pencil mark"],
    ["Ctrl + digit", "centre pencil mark"],
    ["0, Backspace, Delete", "erase"],
    ["double click", "choose all cells with the same digit"],
    ["Ctrl + A", "choose all cells"],
    ["Ctrl + Z, Ctrl + Y", "undo, redo"],
    ["Ctrl + C, Ctrl + V", "copy and paste the whole board"],
    ["point, click, Esc", "preview a cell, hold it, let it go"],
    ...STAGE_KEYS,
  ];
  static touch = [["tap on the pad below", "write into the chosen cell, mark it or erase"]];

  // What is typed: entry has one character a cell, "." for a blank; own the cells that a person filled in, the others
  // are clues, which are changed only when they are not locked; corner and centre a set of digits a cell; done and
  // undone snapshots.
  inputs() {
    const marks = { corner: [], centre: [], done: [], undone: [], pen: "digit" };
    Object.assign(this.state.typed, { own: new Set(), locked: true, ...marks });
    this.undoButton = button("↶", "Undo (Ctrl+Z)", () => this.undo());
    this.redoButton = button("↷", "Redo (Ctrl+Y)", () => this.redo());
    this.lockButton = h("button", { type: "button", "data-testid": "lock", onclick: () => this.toggleLock() });
    this.keypad = h("div", { class: "ls-keypad", role: "group", "aria-label": "Enter a digit", "data-server": "" });
    return {
      labelled: [h("label", { for: "ls-example" }, "Board ", this.bar.example)],
      buttons: [
        button("Paste…", "Type or paste a whole board as text", () => this.openText(), "paste"),
        button("Clear", "Remove all digits", () => this.clear()),
        this.lockButton,
        this.undoButton,
        this.redoButton,
      ],
      below: [this.keypad],
    };
  }

  get face() {
    return {
      title: "Board",
      drawing: "Sudoku board",
      help:
        "Upright bold digits are the puzzle, thin ones your own entries. The others are what the model would " +
        "answer after this many {loops}: the fuller the bar below a digit, the surer the model; a dash is the " +
        "answer “blank”, no digit. A folded corner shows a cell whose answer changed in this {loop}; a wave " +
        "marks two equal digits in a row, column or box. Click a cell, then type a digit; clues are locked, " +
        "and “Unlock clues” lets them be changed. “Show” draws something else in the blanks: the probability " +
        "of every digit, the {loop} at which each answer settled, where the chosen cell looks, or what differs " +
        "from the solution.",
    };
  }

  get faceRatio() {
    return 1;
  }

  describeFace(seen) {
    return describeBoard(seen);
  }

  drawFace(pen, seen, width) {
    drawBoard(pen, seen, width);
  }

  faceWords(seen) {
    return wordsOfCells(seen);
  }

  faceTable(seen) {
    const { view, geometry } = seen;
    const { n } = geometry;
    const shown = shownNumbers(seen);
    const rows = [];
    for (let t = 1; t <= view.loops; t++) {
      for (let i = 0; i < n; i++) {
        const spot = geometry.spot(i).map((at) => at + 1);
        const place = [t, geometry.name(i), ...spot, view.given[i], view.digit(t, i)];
        const answered = [view.confidence(t, i).toPrecision(4), view.changes[t - 1][i]];
        rows.push([...place, ...answered, ...shown.of(t, i)]);
      }
    }
    const columns = ["{loop}", "cell", "row", "column", "given", "answer", "probability", "changed"];
    return { columns: [...columns, ...shown.columns], rows };
  }

  // ── a board arrives ─────────────────────────────────────────────────────────────────────────────────────────────

  geometryOf(meta, before) {
    return meta.size === before?.size ? before : new BoardGeometry(meta.layout);
  }

  resize() {
    super.resize();
    const { size } = this.state.run.geometry;
    const enter = (digit) => button(digit, "", () => this.write(digit, this.state.typed.pen));
    const digits = Array.from({ length: size }, (_, d) => enter(String(d + 1)));
    const erase = button("⌫", "Erase", () => this.erase());
    this.keypad.replaceChildren(...digits, erase, h("span", { class: "ls-kinds" }, ...this.kindButtons()));
    this.callKeys(digits);
  }

  // A key of the keypad is called what it does.
  /** @type {(digits: HTMLElement[]) => void} */
  callKeys(digits) {
    const [, , does] = KINDS.find(([kind]) => kind === this.state.typed.pen);
    for (const key of digits) key.title = key.ariaLabel = `${does} ${key.textContent}`;
  }

  // What the keypad writes: digits or pencil marks.
  kindButtons() {
    const { typed } = this.state;
    const choose = (event, kind) => {
      typed.pen = kind;
      for (const one of event.target.parentElement.children) one.setAttribute("aria-pressed", one === event.target);
      this.callKeys([...this.keypad.children].slice(0, this.state.run.geometry.size));
    };
    return KINDS.map(([kind, words]) => {
      const onclick = (event) => choose(event, kind);
      return h("button", { type: "button", "aria-pressed": typed.pen === kind, onclick }, words);
    });
  }

  // What the chosen cell can be told to hold: [value in a change, words].
  settable() {
    const digits = this.state.run.geometry.tokens.map(String);
    return [...digits.map((digit) => [digit, digit]), ["0", "blank"]];
  }

  // Other boards whose states the chosen cell can be given: [value in a change, words].
  donors() {
    const { meta, geometry } = this.state.run;
    const alike = meta.examples.filter((one) => one.text.length === geometry.n);
    return alike.map((one) => [one.text.replaceAll(".", "0"), `that of the board ${one.name}`]);
  }

  firstCell() {
    return this.state.run.views[0].asked.indexOf(1);
  }

  typedText() {
    const { entry, own } = this.state.typed;
    return writeBoard(entry, own);
  }

  entered() {
    const { own } = this.state.typed;
    return own.size ? [...own].sort((i, j) => i - j).join(",") : null;
  }

  // Pencil marks stand in the address, as all that is typed; a clue that was typed over some hides them.
  chosen() {
    const { entry, own, corner, centre } = this.state.typed;
    const seen = (digits, i) => (entry[i] === "." || own.has(i) ? digits : new Set());
    return { corner: writeMarks(corner.map(seen)), centre: writeMarks(centre.map(seen)) };
  }

  beginChosen(link) {
    if (!link.has("puzzle")) return; // who comes back from another page has the marks that were there
    const { n } = this.state.run.geometry;
    const [corner, centre] = ["corner", "centre"].map((kind) => readMarks(link.query.get(kind), n));
    Object.assign(this.state.typed, { corner, centre });
  }

  textOf(puzzle, entered) {
    return writeBoard(puzzle, new Set(entered.split(",").filter(Boolean).map(Number)));
  }

  arrived(meta, first) {
    const { draft } = this.state;
    const text = meta.entry ?? (first || draft.resized ? meta.puzzle : this.typedText());
    if (text !== this.typedText()) this.replaceEntry(text);
    if (first || draft.fresh) this.lock(true);
    const rejected = meta.message?.kind === "error" && !meta.entry ? draft.pasted : null;
    Object.assign(draft, { rejected, pasted: null, awaited: null, before: null });
  }

  // A board that was pasted or chosen begins without pencil marks, and can be undone, too.
  replaceEntry(text) {
    const { typed, draft } = this.state;
    const { awaited } = draft;
    const board = readBoard(text);
    const another = typed.entry && !awaited;
    if (another) {
      typed.done.push(draft.before ?? this.snapshot());
      typed.undone = [];
    }
    if (awaited?.entry === board.entry) {
      const { corner, centre } = awaited;
      Object.assign(typed, { corner, centre });
    } else if (another || text.length !== typed.corner.length) {
      Object.assign(typed, { corner: noMarks(text.length), centre: noMarks(text.length) });
    }
    Object.assign(typed, board);
    if (awaited) this.lock(awaited.locked);
  }

  fillControls(current) {
    super.fillControls(current);
    this.tellUndo();
  }

  tellUndo() {
    const { done, undone } = this.state.typed;
    this.undoButton.disabled = !done.length;
    this.redoButton.disabled = !undone.length;
  }

  recall({ corner, centre, done, undone, locked }) {
    Object.assign(this.state.typed, { corner, centre, done, undone });
    this.lock(locked);
  }

  // ── choosing, keys ──────────────────────────────────────────────────────────────────────────────────────────────

  // Choose all cells that show the digit of this one.
  /** @type {(cell: number, view: View) => void} */
  selectAlike(cell, view) {
    const digit = this.shownDigit(cell, view);
    if (!digit) return;
    const all = [...Array(view.geometry.n).keys()];
    this.state.choice.selected = new Set(all.filter((i) => this.shownDigit(i, view) === digit));
    this.changed();
  }

  shownDigit(i, view) {
    const loop = this.astray ? 0 : this.clock.loop;
    return Number(this.state.typed.entry[i]) || (loop && view.asked[i] ? view.digit(loop, i) : 0);
  }

  // Digits and undo mean the board wherever the focus is.
  inputKey(event) {
    if (!/^(Arrow|Escape|Home|End)/.test(event.key) && !/^[wasd]$/i.test(event.key)) this.faceKey(event);
  }

  faceKey(event) {
    const key = readKey(event);
    if (!key || !this.act(key, event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Does what a key means on the board; false when it means nothing here.
  act({ move, digit, kind, command }, event) {
    if (move) {
      this.select(this.neighbour(move), event.shiftKey || event.ctrlKey || event.metaKey ? "add" : "only");
      this.focusFace(event);
    } else if (command === "undo") this.undo();
    else if (command === "redo") this.redo();
    else if (command === "erase") this.erase();
    else if (command === "all") return this.selectAll(event);
    else if (command === "escape") return this.leave();
    else this.write(digit, kind);
    return true;
  }

  // The cell beside the chosen one; the board goes round at its edges.
  /** @type {(move: [number, number]) => number} */
  neighbour([down, right]) {
    const { size } = this.state.run.geometry;
    const { cell } = this.state.choice;
    const row = (Math.floor(cell / size) + down + size) % size;
    const column = ((cell % size) + right + size) % size;
    return row * size + column;
  }

  selectAll(event) {
    if (event.currentTarget.getAttribute?.("role") !== "grid") return false;
    this.state.choice.selected = new Set(Array(this.state.run.geometry.n).keys());
    this.changed();
    return true;
  }

  // ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(digit: string, kind?: "digit"|"corner"|"centre") => void} */
  write(digit, kind = "digit") {
    const { size } = this.state.run.geometry;
    const { typed } = this.state;
    if (Number(digit) > size) {
      const text = `A ${size}×${size} board uses the digits 1 to ${size}; ${digit} is not one of them.`;
      this.say({ kind: "error", text });
    } else if (kind === "digit") this.enter(digit);
    else this.edit({ [kind]: this.marksWith(typed[kind], digit) });
  }

  // Write a sign into the selected cells. Clues that are locked stay.
  /** @type {(sign: string) => void} */
  enter(sign) {
    if (this.refused()) return;
    const { choice, typed, run } = this.state;
    const cells = [...choice.selected].filter((i) => !typed.locked || typed.entry[i] === "." || typed.own.has(i));
    if (!cells.length) {
      const clues = choice.selected.size > 1 ? "These are clues" : `Clue: ${run.geometry.name(choice.cell)} is part`;
      this.say({ kind: "info", text: `${clues} of the puzzle. “Unlock clues”, above, lets you change it.` });
      return;
    }
    const own = new Set(typed.own);
    for (const cell of cells) {
      if (sign !== "." && typed.locked) own.add(cell);
      else own.delete(cell);
    }
    this.edit({ entry: Array.from(typed.entry, (old, i) => (cells.includes(i) ? sign : old)).join(""), own });
  }

  toggleLock() {
    this.lock(!this.state.typed.locked);
  }

  // Whether clues are kept from being typed over; a board without clues has nothing to lock.
  lock(locked) {
    const { typed } = this.state;
    typed.locked = locked && [...typed.entry].some((sign, i) => sign !== "." && !typed.own.has(i));
    this.lockButton.textContent = typed.locked ? "Unlock clues" : "Lock clues";
    this.lockButton.title = typed.locked
      ? "The clues of the puzzle are kept from being typed over; let them be changed"
      : "What is typed becomes part of the puzzle; keep its clues from being typed over";
  }

  // Marks with the digit in all selected blanks; without it where all of them have it.
  marksWith(marks, digit) {
    const { entry } = this.state.typed;
    const blank = [...this.state.choice.selected].filter((i) => entry[i] === ".");
    const all = blank.every((i) => marks[i].has(digit));
    return marks.map((old, i) => {
      if (!blank.includes(i)) return old;
      const next = new Set(old);
      if (all) next.delete(digit);
      else next.add(digit);
      return next;
    });
  }

  // Digits first; in cells that hold none, pencil marks.
  erase() {
    const { typed, choice } = this.state;
    const without = (marks) => marks.map((old, i) => (choice.selected.has(i) ? new Set() : old));
    if ([...choice.selected].some((i) => typed.entry[i] !== ".")) this.enter(".");
    else this.edit({ corner: without(typed.corner), centre: without(typed.centre) });
  }

  clear() {
    const { n } = this.state.run.geometry;
    this.edit({ entry: ".".repeat(n), own: new Set(), corner: noMarks(n), centre: noMarks(n) });
    this.lock(false);
  }

  snapshot() {
    const { entry, own, corner, centre, locked } = this.state.typed;
    return { entry, own, corner, centre, locked, checkpoint: this.state.run.meta.runs[0].name };
  }

  /** @type {(change: Partial<Snapshot>) => void} */
  edit(change) {
    const { typed } = this.state;
    if (this.refused()) return;
    const next = { ...this.snapshot(), ...change };
    const marked = ["corner", "centre"].some((kind) => wordsOf(next[kind]) !== wordsOf(typed[kind]));
    if (next.entry === typed.entry && sameCells(next.own, typed.own) && !marked) return;
    typed.done.push(this.snapshot());
    typed.undone = [];
    this.change(next);
  }

  undo() {
    const { done, undone } = this.state.typed;
    if (!done.length) return;
    undone.push(this.snapshot());
    this.change(done.pop());
  }

  redo() {
    const { done, undone } = this.state.typed;
    if (!undone.length) return;
    done.push(this.snapshot());
    this.change(undone.pop());
  }

  // The board shows the edit at once; the model is asked at once, too, and then whenever the typing pauses.
  /** @type {(to: Snapshot) => void} */
  change({ entry, own, corner, centre, locked, checkpoint }) {
    const { typed } = this.state;
    const same = entry === typed.entry && sameCells(own, typed.own);
    this.tellUndo();
    if (entry.length !== typed.entry.length) {
      this.state.draft.awaited = { entry, corner, centre, locked };
      this.ask({ puzzle: writeBoard(entry, own), checkpoint, versus: "" });
      return;
    }
    Object.assign(typed, { entry, own, corner, centre });
    this.lock(locked);
    this.changed();
    if (!same) this.requests.soon(PAUSE, () => this.ask({}));
  }

  ask(change) {
    this.state.draft.before ??= this.snapshot();
    super.ask(change);
  }

  // Text in any form: the server reads it and answers with the board, or says what is wrong with it.
  useText(text) {
    this.ask({ puzzle: text });
    this.state.draft.pasted = text;
  }

  openText() {
    const { typed, run, draft } = this.state;
    const lines = new RegExp(`(.{${run.geometry.size}})`, "g");
    const text = draft.rejected ?? typed.entry.replace(lines, "$1\n").trim();
    const help =
      "81 characters for 9×9, 36 for 6×6, 16 for 4×4; a dot, 0, * or a space for a blank; " +
      "line breaks and bars are fine.";
    const words = { title: "Type or paste a board", help, label: "Board as text", text, use: "Use this board" };
    openText(this, words, { rows: 10, "data-testid": "board-text" });
  }
}
