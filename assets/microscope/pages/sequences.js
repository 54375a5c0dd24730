// The Sequences page: two words, or a Countdown problem, typed as text; its tokens with what the model reads at each.

import { SequenceGeometry } from "../core/geometry.js";
import { h } from "../core/elements.js";
import { clamp } from "../core/words.js";
import { CLOCK_KEYS, STAGE_KEYS } from "./keys.js";
import { Page } from "./page.js";
import { shownNumbers } from "./shownnumbers.js";
import { describeTokens, drawTokens, wordsOfTokens } from "./tokens.js";

/** @typedef {import("../core/types.js").PageParts} PageParts */

const PAUSE = 300; // milliseconds of typing after which the model is asked
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * The Sequences page.
 * @implements {PageParts}
 */
export class SequencesPage extends Page {
  static page = "sequences";
  static many = false;
  static shows = [
    ["answer", "Answer"],
    ["settle", "Settle {loop}"],
    ["attention", "Attention"],
    ["solution", "Check answer"],
    ["versus", "A against B"],
  ];
  static panels = ["table", "equations", "attention", "trajectory", "convergence", "timestep", "readout"];
  static questions = [
    "inputs",
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
    "lengths",
    "calibration",
    "resting",
    "compute",
    "scaling",
  ];
  static keys = [
    ["← →", "one {loop} back or on (on the tokens: move)"],
    ...CLOCK_KEYS,
    ["arrows", "move on the tokens"],
    ["Enter", "in the text: run it at once"],
    ["Ctrl + C, Ctrl + V", "copy and paste the input as text"],
    ["point, click, Esc", "preview a position, hold it, let it go"],
    ...STAGE_KEYS,
  ];

  inputs() {
    this.typed = h("input", {
      type: "text",
      id: "ls-text",
      "data-testid": "sequence-text",
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      maxlength: 2000,
      oninput: () => this.type(PAUSE),
      onkeydown: (event) => {
        if (event.key === "Enter") this.type(0);
      },
    });
    this.typedLabel = h("span", {});
    const typed = h("label", { for: "ls-text", class: "ls-typed" }, this.typedLabel, this.typed);
    return { labelled: [typed, h("label", { for: "ls-example" }, "Example ", this.bar.example)], buttons: [] };
  }

  get face() {
    return {
      title: "Input and answer",
      drawing: "Tokens of the input",
      help:
        "The input, token by token, and what the model would answer after this many {loops}; the fuller " +
        "the bar below an answer, the surer the model. Two words: behind “=” stands the answer, the letters " +
        "in common, or the edit distance, for which a letter put in or taken out costs 2 and one replaced 3. Under " +
        "each letter stands a number for the word up to there and the whole other word: the letters in common, or " +
        "what the edit distance saves, 2 times the letters of both minus their distance. Countdown: the numbers, the " +
        "target, and below them one equation a row; ✓ or ✗ says whether it holds and uses numbers " +
        "that are left; _ is the answer “blank”, no number or sign. A folded corner " +
        "shows an answer that changed in this {loop}. Click a token to follow it in all panels.",
    };
  }

  // ── an input arrives ────────────────────────────────────────────────────────────────────────────────────────────

  // Names and signs may be others where the rows are as before.
  geometryOf(meta, before) {
    const geometry = new SequenceGeometry(meta.layout);
    if (JSON.stringify(before?.lines) !== JSON.stringify(geometry.lines)) return geometry;
    return Object.assign(before, geometry);
  }

  resize() {
    super.resize();
    const { cell } = this.state.run.meta.layout;
    if (cell < this.state.run.geometry.n) this.state.choose(cell);
  }

  settable() {
    const { run, choice } = this.state;
    const { settable, settable_at: ends } = run.meta.layout;
    const [first, last] = ends?.[choice.cell] ?? [0, -1]; // a task without any has none
    const tokens = last < first ? settable : Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return tokens.map((token) => [String(token), run.geometry.sign(token)]);
  }

  donors() {
    const { examples } = this.state.run.meta;
    return examples.map((one) => [one.text.replace(/[^a-z0-9]+/gi, "|"), `that of ${one.text}`]);
  }

  firstCell() {
    return this.state.run.meta.layout.cell;
  }

  arrived(meta, first) {
    const { typed } = this.state;
    typed.entry = meta.entry ?? (first ? meta.puzzle : typed.entry);
    const typing = document.activeElement === this.typed && !first && !this.state.travel.link;
    if (!typing) this.typed.value = typed.entry;
    const label = meta.typed ?? "Input";
    this.typedLabel.textContent = `${label} `;
    this.typed.setAttribute("aria-label", label);
  }

  recall() {}

  // ── typing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(pause: number) => void} */
  type(pause) {
    const { typed, run } = this.state;
    if (this.typed.value.trim() !== typed.entry || typed.request !== run.meta.request)
      this.requests.after(pause, () => this.enter(this.typed.value));
    else this.requests.forget();
  }

  // A link that was pasted into the field opens its view.
  /** @type {(text: string) => void} */
  enter(text) {
    if (this.viewIn(text)) this.paste(text);
    else this.useText(text);
  }

  useText(text) {
    if (this.refused()) return;
    const { typed } = this.state;
    typed.entry = text.trim();
    if (document.activeElement !== this.typed) this.typed.value = typed.entry;
    this.ask({ puzzle: typed.entry });
  }

  faceKey(event) {
    const step = MOVES[event.key];
    if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.select(this.neighbour(step));
      this.focusFace(event);
    } else if (event.key !== "Escape" || !this.leave()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The token beside the chosen one; a shorter row ends earlier.
  /** @type {(move: [number, number]) => number} */
  neighbour([down, right]) {
    const { geometry } = this.state.run;
    const [row, column] = geometry.spot(this.state.choice.cell) ?? [0, 0];
    const line = geometry.lines[clamp(row + down, 0, geometry.rows - 1)];
    return line[clamp(column + right, 0, line.length - 1)];
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  // Height of a token against its width.
  get tall() {
    return this.state.run.meta.layout.tall;
  }

  get faceRatio() {
    const { geometry } = this.state.run;
    return geometry.columns / (this.tall * geometry.rows);
  }

  describeFace(seen) {
    return describeTokens(seen);
  }

  drawFace(pen, seen, width, height) {
    drawTokens(pen, seen, width, height, this.tall);
  }

  faceWords(seen) {
    return wordsOfTokens(seen);
  }

  faceTable(seen) {
    const { view, geometry } = seen;
    const shown = shownNumbers(seen);
    const rows = [];
    for (let t = 1; t <= view.loops; t++) {
      for (let i = 0; i < geometry.n; i++) {
        const asked = view.asked[i];
        const answer = asked ? view.said(t, i) : "";
        const token = [t, i + 1, geometry.name(i), view.read(i), asked, answer];
        rows.push([...token, view.confidence(t, i).toPrecision(4), view.changes[t - 1][i], ...shown.of(t, i)]);
      }
    }
    const columns = ["{loop}", "position", "name", "token", "asked", "answer", "probability", "changed"];
    return { columns: [...columns, ...shown.columns], rows };
  }
}
