// The Sudoku page: a board as its players know it, typed with keys, keypad or paste, with pencil marks, undo and redo.

import { button, h } from "../core/elements.js";
import { BoardGeometry } from "../core/geometry.js";
import { SHOWS, cellWords, clashesOf, paintBoard } from "./board.js";
import { Microscope } from "./page.js";

export class SudokuPage extends Microscope {
  static page = "sudoku";
  static many = true; // several cells can be chosen at once
  static shows = SHOWS;
  static panels = ["attention", "trajectory", "convergence", "timestep", "readout", "order"];
  static questions = [
    "whatif",
    "clues",
    "effect",
    "rules",
    "flow",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "probes",
    "scaling",
  ];
  static keys = [
    ["← →", "one loop back or on (on the board: move)"],
    ["Space", "play or pause"],
    ["Home, End", "first and last loop (of the range, if there is one)"],
    ["Page Up, Page Down", "one loop back or on, from anywhere (also a presenter's remote)"],
    ["[ and ] and \\", "start, end and clear the range that is played"],
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
    ["P", "presenter mode: one large panel"],
    ["N", "the next panel in presenter mode"],
    ["?", "this list"],
  ];

  // entry: one character a cell, "." for blank
  inputs() {
    this.corner = [];
    this.centre = [];
    this.undone = [];
    this.done = [];
    this.pen = "digit"; // what the keypad writes: digit, corner or centre
    this.undoButton = button("↶", "Undo (Ctrl+Z)", () => this.undo());
    this.redoButton = button("↷", "Redo (Ctrl+Y)", () => this.redo());
    this.keypad = h("div", { class: "ls-keypad", role: "group", "aria-label": "Enter a digit" });
    return {
      labelled: [h("label", { for: "ls-example" }, "Board ", this.exampleSelect)],
      buttons: [
        button("Paste…", "Type or paste a whole board as text", () => this.openText(), "paste"),
        button("Clear", "Remove all digits", () =>
          this.edit({ entry: ".".repeat(this.geometry.n), corner: this.noMarks(), centre: this.noMarks() }),
        ),
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
        "Upright bold digits are the puzzle. The others are what the model would answer after this many " +
        "loops: the fuller the bar below a digit, the surer the model. A folded corner shows a cell " +
        "whose answer changed in this loop; a wave marks two equal digits in a row, column or box. Click " +
        "a cell, then type a digit to change the puzzle. “Show” draws something else in the blanks: the " +
        "probability of every digit, the loop at which each answer settled, where the chosen cell looks, " +
        "or what differs from the solution.",
    };
  }
  get faceRatio() {
    return 1;
  }
  paintFace(pen, width, height, seen) {
    return paintBoard(pen, width, seen);
  }
  faceWords(seen) {
    const typed = this.geometry.conflicts(Array.from(this.entry, Number));
    const clashes = clashesOf(seen, typed);
    return Array.from(clashes, (clash, i) => cellWords(seen, i, clash));
  }

  faceTable(view) {
    const { n, size } = this.geometry;
    const rows = [];
    for (let t = 1; t <= view.loops; t++)
      for (let i = 0; i < n; i++)
        rows.push([
          t,
          i,
          Math.floor(i / size) + 1,
          (i % size) + 1,
          view.given[i],
          view.digit(t, i),
          view.confidence(t, i).toPrecision(4),
          view.changes[t - 1][i],
        ]);
    return { columns: ["loop", "cell", "row", "column", "given", "answer", "probability", "changed"], rows };
  }

  // ── a board arrives ─────────────────────────────────────────────────────────────────────────────────────────────

  place(meta) {
    if (meta.size === this.geometry?.size) return false;
    this.geometry = new BoardGeometry(meta.size, meta.box);
    return true;
  }

  resize() {
    super.resize();
    const { size } = this.geometry;
    const digits = Array.from({ length: size }, (_, d) =>
      button(String(d + 1), `Enter ${d + 1}`, () => this.write(String(d + 1), this.pen)),
    );
    const kinds = [
      ["digit", "Digits"],
      ["corner", "Corner marks"],
      ["centre", "Centre marks"],
    ].map(([kind, words]) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": this.pen === kind,
          onclick: (event) => {
            this.pen = kind;
            for (const other of event.target.parentElement.children)
              other.setAttribute("aria-pressed", other === event.target);
          },
        },
        words,
      ),
    );
    this.keypad.replaceChildren(
      ...digits,
      button("⌫", "Erase", () => this.erase()),
      h("span", { class: "ls-kinds" }, ...kinds),
    );
  }

  // What the chosen cell can be told to hold, and other inputs whose states it can be given: [value in a change,
  // words].
  settable() {
    return [...this.geometry.tokens.map((digit) => [String(digit), String(digit)]), ["0", "blank"]];
  }
  donors() {
    return this.meta.examples
      .filter((one) => one.text.length === this.geometry.n)
      .map((one) => [one.text.replaceAll(".", "0"), `that of the board ${one.name}`]);
  }

  firstCell() {
    return this.views[0].asked.indexOf(1);
  }

  arrived(meta, first, resized) {
    const entry = meta.entry ?? (first || resized ? meta.puzzle : this.entry);
    if (entry !== this.entry) {
      // a board that was pasted or chosen can be undone, too
      if (this.entry && !this.undoing) {
        this.done.push(this.before ?? this.snapshot());
        this.undone = [];
      }
      if (this.undoing?.entry === entry) {
        this.corner = this.undoing.corner;
        this.centre = this.undoing.centre;
      } else if (entry.length !== this.corner.length) {
        this.corner = this.noMarks();
        this.centre = this.noMarks();
      }
      this.entry = entry;
    }
    this.undoing = this.before = null;
    this.rejected = meta.message?.kind === "error" ? this.pasted : null; // the dialog offers it again, to be mended
    this.pasted = null;
  }

  fillControls(current) {
    super.fillControls(current);
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
  }

  kept() {
    return { entry: this.entry, corner: this.corner, centre: this.centre, done: this.done, undone: this.undone };
  }
  recall({ corner, centre, done, undone }) {
    Object.assign(this, { corner, centre, done, undone });
  }

  noMarks() {
    return Array.from({ length: this.geometry.n }, () => new Set());
  }

  // ── choosing, keys ──────────────────────────────────────────────────────────────────────────────────────────────

  selectAlike(cell, view) {
    const digit = this.shownDigit(cell, view);
    if (!digit) return;
    this.selected = new Set([...Array(this.geometry.n).keys()].filter((i) => this.shownDigit(i, view) === digit));
    this.changed();
  }

  shownDigit(i, view) {
    return Number(this.entry[i]) || (this.clock.loop && view.asked[i] ? view.digit(this.clock.loop, i) : 0);
  }

  inputKey(event) {
    // digits and undo mean the board wherever the focus is
    if (!/^(Arrow|Escape|Home|End)/.test(event.key) && !/^[wasd]$/i.test(event.key)) this.faceKey(event);
  }

  faceKey(event) {
    const { cell } = this;
    const { size, n } = this.geometry;
    const row = Math.floor(cell / size);
    const column = cell % size;
    const command = event.ctrlKey || event.metaKey;
    const numpad = /^Numpad([0-9])$/.exec(event.code)?.[1];
    // With Shift a numpad key says Home, End, ….
    const shifted = event.shiftKey || (numpad && !/^[0-9]$/.test(event.key) && event.getModifierState("NumLock"));
    const digit =
      /^Digit([0-9])$/.exec(event.code)?.[1] ??
      (numpad && (shifted || /^[0-9]$/.test(event.key)) ? numpad : /^[0-9.]$/.test(event.key) ? event.key : null);
    const to = {
      ArrowLeft: row * size + ((column + size - 1) % size),
      ArrowRight: row * size + ((column + 1) % size),
      ArrowUp: ((row + size - 1) % size) * size + column,
      ArrowDown: ((row + 1) % size) * size + column,
    };
    const arrow = digit
      ? null
      : event.key.startsWith("Arrow")
        ? event.key
        : command || event.altKey
          ? null
          : { w: "ArrowUp", a: "ArrowLeft", s: "ArrowDown", d: "ArrowRight" }[event.key.toLowerCase()];
    if (event.altKey || event.getModifierState("AltGraph")) return; // on many keyboards that is how [ and ] are written
    if (arrow) {
      this.select(to[arrow], event.shiftKey || command ? "add" : "only");
      this.focusBoard(event);
    } else if (digit && digit !== "0" && digit !== "." && (shifted || command))
      this.write(digit, shifted ? "corner" : "centre");
    else if (command) {
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) this.undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) this.redo();
      else if (key === "a" && event.currentTarget.getAttribute?.("role") === "grid") {
        this.selected = new Set(Array(n).keys());
        this.changed();
      } else return;
    } else if (event.key === "Backspace" || event.key === "Delete" || digit === "0" || digit === ".") this.erase();
    else if (digit) this.write(digit);
    else if (event.key === "Escape" && !this.root.querySelector("details[open]") && !this.presenting) {
      if (this.held) this.release();
      else this.clock.playButton.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  write(digit, kind = "digit") {
    const { size } = this.geometry;
    if (Number(digit) > size)
      return this.say({
        kind: "error",
        text: `A ${size}×${size} board uses the digits 1 to ${size}; ${digit} is not one of them.`,
      });
    const cells = [...this.selected];
    if (kind === "digit")
      return this.edit({ entry: Array.from(this.entry, (old, i) => (this.selected.has(i) ? digit : old)).join("") });
    const blank = cells.filter((i) => this.entry[i] === ".");
    const all = blank.length > 0 && blank.every((i) => this[kind][i].has(digit));
    if (blank.length)
      this.edit({
        [kind]: this[kind].map((marks, i) => {
          if (!blank.includes(i)) return marks;
          const next = new Set(marks);
          if (all) next.delete(digit);
          else next.add(digit);
          return next;
        }),
      });
  }

  // Digits first; in cells that hold none, pencil marks.
  erase() {
    const cells = [...this.selected];
    if (cells.some((i) => this.entry[i] !== "."))
      this.edit({ entry: Array.from(this.entry, (old, i) => (this.selected.has(i) ? "." : old)).join("") });
    else
      this.edit({
        corner: this.corner.map((marks, i) => (this.selected.has(i) ? new Set() : marks)),
        centre: this.centre.map((marks, i) => (this.selected.has(i) ? new Set() : marks)),
      });
  }

  snapshot() {
    return { entry: this.entry, corner: this.corner, centre: this.centre, checkpoint: this.meta.runs[0].name };
  }

  edit(change) {
    const words = (marks) => marks.map((digits) => [...digits].sort().join("")).join();
    if (
      (change.entry ?? this.entry) === this.entry &&
      ["corner", "centre"].every((kind) => !change[kind] || words(change[kind]) === words(this[kind]))
    )
      return;
    this.done.push(this.snapshot());
    this.undone = [];
    this.entered({ ...this.snapshot(), ...change });
  }

  undo() {
    if (this.done.length) {
      this.undone.push(this.snapshot());
      this.entered(this.done.pop());
    }
  }
  redo() {
    if (this.undone.length) {
      this.done.push(this.snapshot());
      this.entered(this.undone.pop());
    }
  }

  // The board shows the edit at once; the model is asked at once, too, and then whenever the typing pauses.
  entered({ entry, corner, centre, checkpoint }) {
    const same = entry === this.entry;
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
    if (entry.length !== this.entry.length) {
      // a board of another size comes back
      this.undoing = { entry, corner, centre };
      return this.ask({ puzzle: entry, checkpoint, versus: "" });
    }
    Object.assign(this, { entry, corner, centre });
    this.changed(false);
    if (same) return;
    this.request++;
    clearTimeout(this.typing);
    // The first of several edits does not wait.
    const idle = !this.root.hasAttribute("data-busy") && performance.now() - (this.edited ?? -Infinity) > 400;
    this.edited = performance.now();
    this.typing = setTimeout(() => this.ask({ puzzle: this.entry }), idle ? 0 : 120);
  }

  chooseExample() {
    const example = this.examples[Number(this.exampleSelect.value)];
    if (this.exampleSelect.value !== "" && example) this.paste(example.text);
  }

  ask(change) {
    this.before ??= this.snapshot();
    super.ask(change);
  }

  // Text in any form: the server reads it and answers with the board, or says what is wrong with it.
  paste(text) {
    this.ask({ puzzle: text });
    this.pasted = text;
  }

  openText() {
    const area = h("textarea", {
      rows: 10,
      spellcheck: "false",
      "aria-label": "Board as text",
      "data-testid": "board-text",
    });
    area.value = this.rejected ?? this.entry.replace(new RegExp(`(.{${this.geometry.size}})`, "g"), "$1\n").trim();
    const close = this.openDialog(
      "Type or paste a board",
      h(
        "form",
        {
          onsubmit: (event) => {
            event.preventDefault();
            const text = area.value;
            close();
            this.paste(text);
          },
        },
        h(
          "p",
          {},
          "81 characters for 9×9, 36 for 6×6, 16 for 4×4; a dot, 0, * or a space for a blank; line breaks " +
            "and bars are fine.",
        ),
        area,
        h(
          "div",
          { class: "ls-buttons" },
          h("button", { type: "submit", class: "ls-primary" }, "Use this board"),
          h("button", { type: "button", onclick: () => close() }, "Cancel"),
        ),
      ),
    );
    area.select();
  }
}
