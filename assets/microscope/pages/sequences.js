// The Sequences page: two words, or a Countdown problem, typed as text; its tokens with what the model reads at each.

import { meanWeight } from "../core/arrays.js";
import { h } from "../core/elements.js";
import { SequenceGeometry } from "../core/geometry.js";
import { count } from "../core/view.js";
import { clamp, percent, plural } from "../core/words.js";
import { headsShown } from "../draw/heads.js";
import { Microscope } from "./page.js";

// What the panels say of a board, said of a sequence. Longer ones first.
const SAID = [
  ["right board", "right answer"],
  ["in the sign", "at the sign"],
  ["in letter", "at letter"],
  ["in step", "at step"],
  ["blank cells", "answers"],
  ["a blank", "an answer"],
  ["A blank", "An answer"],
  ["blanks", "answers"],
  ["blank", "answer"],
  ["digits", "tokens"],
  ["digit", "token"],
  ["cells", "positions"],
  ["cell", "position"],
  ["a board", "an input"],
  ["A board", "An input"],
  ["small board", "small drawing"],
  ["whole board", "whole input"],
  ["Boards", "Inputs"],
  ["boards", "inputs"],
  ["Board", "Input"],
  ["board", "input"],
];
const SAYING = new RegExp(`\\b(${SAID.map(([from]) => from).join("|")})\\b`, "g");
const MEANT = new Map(SAID);

export class SequencesPage extends Microscope {
  static page = "sequences";
  static many = false;
  static shows = [
    ["answer", "Answer"],
    ["settle", "Settle loop"],
    ["attention", "Attention"],
    ["solution", "Check answer"],
    ["versus", "A against B"],
  ];
  static panels = ["table", "equations", "attention", "trajectory", "convergence", "timestep", "readout"];
  static questions = [
    "whatif",
    "wavefront",
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
    "lengths",
    "scaling",
  ];
  static keys = [
    ["← →", "one loop back or on (on the tokens: move)"],
    ["Space", "play or pause"],
    ["Home, End", "first and last loop (of the range, if there is one)"],
    ["Page Up, Page Down", "one loop back or on, from anywhere (also a presenter's remote)"],
    ["[ and ] and \\", "start, end and clear the range that is played"],
    ["arrows", "move on the tokens"],
    ["Enter", "in the text: run it at once"],
    ["Ctrl + C, Ctrl + V", "copy and paste the input as text"],
    ["point, click, Esc", "preview a position, hold it, let it go"],
    ["P", "presenter mode: one large panel"],
    ["N", "the next panel in presenter mode"],
    ["?", "this list"],
  ];

  words(text) {
    return text.replace(SAYING, (found) => MEANT.get(found));
  }

  inputs() {
    this.typed = h("input", {
      type: "text",
      id: "ls-text",
      "data-testid": "sequence-text",
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      maxlength: 400,
      oninput: () => this.type(300),
      onkeydown: (event) => {
        if (event.key === "Enter") this.type(0);
      },
    });
    return {
      labelled: [
        h("label", { for: "ls-text", class: "ls-typed" }, (this.typedLabel = h("span", {})), this.typed),
        h("label", { for: "ls-example" }, "Example ", this.exampleSelect),
      ],
      buttons: [],
    };
  }

  get face() {
    return {
      title: "Input and answer",
      drawing: "Tokens of the input",
      help:
        "The input, token by token, and what the model would answer after this many loops; the fuller " +
        "the bar below an answer, the surer the model. Two words: under each letter stands the number " +
        "that the model gives for the word up to there and the whole other word, and behind “=” the " +
        "answer. Countdown: the numbers, the target, and below them one equation a row; ✓ or ✗ says " +
        "whether it holds and uses numbers that are left. A folded corner shows an answer that changed " +
        "in this loop. Click a token to follow it in all panels.",
    };
  }

  // ── an input arrives ────────────────────────────────────────────────────────────────────────────────────────────

  place(meta) {
    const before = this.geometry;
    this.geometry = new SequenceGeometry(meta.layout);
    return JSON.stringify(before?.lines) !== JSON.stringify(this.geometry.lines);
  }

  resize() {
    super.resize();
    if (this.meta.layout.cell < this.geometry.n) this.cell = this.meta.layout.cell;
    this.selected = new Set([this.cell]);
  }

  settable() {
    return this.meta.layout.settable.map((token) => [String(token), this.geometry.sign(token)]);
  }
  donors() {
    return this.meta.examples.map((one) => [one.text.replace(/[^a-z0-9]+/gi, "|"), `that of ${one.text}`]);
  }

  firstCell() {
    return this.meta.layout.cell;
  }

  arrived(meta, first) {
    const entry = meta.entry ?? (first ? meta.puzzle : this.entry);
    this.entry = entry;
    if (document.activeElement !== this.typed || first) this.typed.value = entry;
    this.typedLabel.textContent = `${meta.typed} `;
    this.typed.setAttribute("aria-label", meta.typed);
  }

  kept() {
    return { entry: this.entry };
  }
  recall() {}

  // ── typing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  type(pause) {
    clearTimeout(this.typing);
    if (this.typed.value.trim() === this.entry && this.request === this.meta.request) return;
    this.request++;
    this.typing = setTimeout(() => this.paste(this.typed.value), pause);
  }

  paste(text) {
    this.entry = text.trim();
    if (document.activeElement !== this.typed) this.typed.value = this.entry;
    this.ask({ puzzle: this.entry });
  }

  chooseExample() {
    const example = this.examples[Number(this.exampleSelect.value)];
    if (this.exampleSelect.value !== "" && example) this.ask({ puzzle: example.text });
  }

  faceKey(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const { geometry } = this;
    if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const [row, column] = geometry.spot(this.cell) ?? [0, 0];
      const line = geometry.lines[clamp(row + step[0], 0, geometry.rows - 1)];
      this.select(line[clamp(column + step[1], 0, line.length - 1)]);
      this.focusBoard(event);
    } else if (event.key === "Escape" && !this.root.querySelector("details[open]") && !this.presenting) {
      if (this.held) this.release();
      else this.clock.playButton.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  get tall() {
    return this.meta.kind === "words" ? 1.7 : 0.8;
  } // of a token against its width: under a letter stands a number
  get faceRatio() {
    return this.geometry.columns / (this.tall * this.geometry.rows);
  }

  paintFace(pen, width, height, seen) {
    const { view, views, t, colours, font, geometry, show, active, fade = 1 } = seen;
    const { n } = geometry;
    const wide = width / geometry.columns;
    const high = height / geometry.rows;
    const unit = Math.min(wide, high / this.tall);
    const other = views.find((one) => one !== view);
    const changed = t ? view.changes[view.at(t) - 1] : null;
    const write = (text, x, y, size, colour, weight = "") => {
      pen.font = `${weight}${(size * Math.min(1, 2.6 / Math.max(1, text.length))).toFixed(1)}px ${font}`;
      pen.fillStyle = colour;
      pen.fillText(text, x, y);
    };
    let weights = null;
    if (show === "attention" && t) {
      const heads = headsShown(seen);
      weights = Array.from({ length: n }, (_, j) => meanWeight(view, t, seen.layer, heads, active, j));
    }
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    geometry.lines.forEach((line, r) =>
      line.forEach((i, c) => {
        const x = c * wide;
        const y = r * high;
        const fixed = geometry.shown(view.tokens[i]);
        const asked = view.asked[i];
        const inset = 0.06 * wide;
        const ground = (colour, alpha) => {
          pen.fillStyle = colour;
          pen.globalAlpha = alpha;
          pen.fillRect(x + inset, y + 0.04 * high, wide - 2 * inset, 0.92 * high);
          pen.globalAlpha = 1;
        };
        if (!asked || fixed) ground(colours.soft, 1);
        if (weights) ground(colours.accent, 0.6 * Math.sqrt(weights[i] / (Math.max(...weights) || 1)));
        else if (show === "settle" && asked && t)
          ground(colours.warm, 0.08 + (0.5 * (view.settledCell[i] - 1)) / Math.max(1, view.loops - 1));
        else if (changed?.[i]) ground(colours.warm, 0.16 * fade);
        if (changed?.[i]) {
          pen.fillStyle = colours.warm;
          pen.beginPath();
          pen.moveTo(x + wide - inset, y + 0.04 * high);
          pen.lineTo(x + wide - inset, y + 0.04 * high + 0.2 * unit);
          pen.lineTo(x + wide - inset - 0.2 * unit, y + 0.04 * high);
          pen.closePath();
          pen.fill();
        }
        const at = x + wide / 2;
        const letter = fixed !== undefined && asked; // a letter with a number below it
        // An equation, whose number leaves room for the mark.
        const ends = view.arrays.holds && r > 0 && c === line.length - 1;
        if (fixed !== undefined) write(fixed, at, y + (letter ? 0.34 : 0.5) * high, 0.62 * unit, colours.text, "bold ");
        else if (!asked) write(geometry.sign(view.tokens[i]), at, y + 0.5 * high, 0.66 * unit, colours.text, "bold ");
        else if (!t)
          write(view.tokens[i] ? geometry.sign(view.tokens[i]) : "_", at, y + 0.5 * high, 0.6 * unit, colours.muted);
        if (asked && t) {
          const token = view.digit(t, i);
          const sure = view.confidence(t, i);
          const low = y + (letter ? 0.72 : ends ? 0.54 : 0.5) * high;
          const size = (letter ? 0.44 : ends ? 0.6 : 0.72) * unit;
          const theirs = other?.digit(t, i);
          const wrong = show === "solution" && this.solution && this.solution[i] !== token;
          const differs = other && view.differs(t, i);
          if (show === "settle") write(String(view.settledCell[i]), at, low, size, colours.text);
          else if (show === "versus" && other) {
            const [a, b] = view.letter === "A" ? [token, theirs] : [theirs, token];
            if (differs) write(`${geometry.sign(a)}|${geometry.sign(b)}`, at, low, 0.8 * size, colours.wrong, "bold ");
            else {
              pen.globalAlpha = 0.4;
              write(geometry.sign(token), at, low, size, colours.text);
              pen.globalAlpha = 1;
            }
          } else {
            pen.globalAlpha = (0.45 + 0.55 * sure) * (changed[i] ? fade : 1);
            write(geometry.sign(token), at, low, size, wrong ? colours.wrong : colours.accent, letter ? "" : "bold ");
            pen.globalAlpha = 1;
            if (wrong)
              write(`✗ ${geometry.sign(this.solution[i])}`, at, y + 0.87 * high, 0.26 * unit, colours.wrong, "bold ");
            else {
              pen.fillStyle = colours.accent;
              pen.globalAlpha = 0.55;
              pen.fillRect(x + 0.2 * wide, y + 0.9 * high, 0.6 * wide * sure, Math.max(2, 0.03 * high));
              pen.globalAlpha = 1;
            }
          }
          if (differs && show !== "versus")
            write("≠", x + 0.2 * wide, y + 0.14 * high, 0.24 * unit, colours.wrong, "bold ");
        }
        pen.strokeStyle = i === this.cell || i === this.hover ? colours.warm : colours.line;
        pen.lineWidth = i === this.cell ? 3 : i === this.hover ? 2 : 1;
        pen.strokeRect(x + inset, y + 0.04 * high, wide - 2 * inset, 0.92 * high);
        if (ends && t) {
          const { holds } = view.arrays;
          const good = holds.values[(view.at(t) - 1) * holds.shape[1] + r - 1];
          write(
            good ? "✓" : "✗",
            x + 0.86 * wide,
            y + 0.16 * high,
            0.26 * unit,
            good ? colours.accent : colours.wrong,
            "bold ",
          );
        }
      }),
    );
    pen.textBaseline = "alphabetic";
    return this.faceSentence(seen, changed);
  }

  faceSentence({ view, t, show }, changed) {
    const { meta } = this;
    const stale = this.entry !== this.puzzle ? "The panels still show the last input that was run. " : "";
    if (!t)
      return `${stale}Before the first loop: the model has said nothing yet.${meta.beyond ? " The input is longer than any that it was trained on." : ""}`;
    const now = view.at(t);
    const right = view.right[now - 1];
    const said = meta.kind === "words" ? this.geometry.sign(view.digit(t, meta.layout.cell)) : null;
    const what =
      said != null
        ? `The model says ${said}${right ? ", which is right" : `; right is ${meta.answer}`}.`
        : right
          ? `Solved: every equation holds, and the last comes to ${meta.answer}.`
          : "Not solved: an equation fails, or the last does not come to the target.";
    // A changed model has none.
    const card = right || t < view.loops ? null : meta.cards.find((one) => one.name === view.meta.name);
    const usual = card
      ? ` Of held-out inputs ${card.name} has ${percent(Math.max(...card.accuracy))} right, at best.`
      : "";
    const lost = view.losing(t);
    const changes = count(changed);
    const steady = t > view.settled ? ` No answer has changed since loop ${view.settled}.` : "";
    const check =
      show === "solution"
        ? this.solution
          ? ` ${plural(view.arrays.wrong.values[now - 1], "answer")} of ${view.blanks} ${"differ"} from the true ones.`
          : " There are several solutions; the equations say for themselves whether they hold."
        : "";
    return `${stale}${what} ${t === 1 ? "First answers." : changes ? `${plural(changes, "answer")} changed in this loop.` : steady ? "" : "No answer changed in this loop."}${steady}${lost}${usual}${check}`.trim();
  }

  faceWords(seen) {
    const { view, views, t, geometry } = seen;
    const other = views.find((one) => one !== view);
    return Array.from({ length: geometry.n }, (_, i) => {
      const says = view.asked[i]
        ? t
          ? `, model says ${geometry.sign(view.digit(t, i))} at ${percent(view.confidence(t, i))}`
          : ", nothing said yet"
        : "";
      return `${geometry.name(i)}${says}${t && view.changes[view.at(t) - 1][i] ? ", changed in this loop" : ""}${other && view.differs(t, i) ? `, ${other.letter} says ${geometry.sign(other.digit(t, i))}` : ""}`;
    });
  }

  faceTable(view) {
    const { geometry } = this;
    const rows = [];
    for (let t = 1; t <= view.loops; t++)
      for (let i = 0; i < geometry.n; i++)
        rows.push([
          t,
          i,
          geometry.name(i),
          geometry.sign(view.tokens[i]),
          view.asked[i],
          view.asked[i] ? geometry.sign(view.digit(t, i)) : "",
          view.confidence(t, i).toPrecision(4),
          view.changes[t - 1][i],
        ]);
    return { columns: ["loop", "position", "name", "token", "asked", "answer", "probability", "changed"], rows };
  }
}
