// The elements of the loop clock: buttons, the track with its marks, the range, the speed.

import { SPEEDS } from "../core/clock.js";
import { button, h, icon, relabel } from "../core/elements.js";
import { clamp, passesOf, passesOfAll, plural, told } from "../core/words.js";

/** @typedef {[number|null|false, string, string]} Mark loop (no mark without one), kind, words */
/** @typedef {{ text: HTMLElement, loop: number, middle: number, said: [string, string][], begin: number, end: number,
 *   rows: number }} Label what stands at one loop: kinds and words, from where to where it reaches, and how many rows
 *   of text it has: one that is wider than the track has several */

const FIRST = ["guess", "truth", "point"]; // kinds whose labels find a place before others, and give a mark its colour
const LINES = 3; // of labels, before some are joined
const APART = 8; // pixels between two labels on one line
const BEYOND = 40; // pixels beyond the track that the last label may use where the readout leaves them free
const CLEAR = 6; // pixels that stay between it and the readout
const rank = ({ said }) => (said.some(([kind]) => FIRST.includes(kind)) ? 0 : 1);

/** The elements of the loop clock. */
export class ClockBar {
  /** @param {import("../core/clock.js").LoopClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.passes = passesOfAll([]);
    /** @type {import("../core/view.js").View[]} */
    this.runs = []; // what is shown; of two that end apart, or count otherwise, each is told where it is
    this.playButton = button(icon("play"), "Play or pause (Space)", () => clock.toggle(), "play");
    this.back = button(icon("back"), "", () => clock.go(clock.loop - 1), "back");
    this.forward = button(icon("forward"), "", () => clock.go(clock.loop + 1), "forward");
    this.speed = this.speeds();
    this.playing = false;
    this.slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      oninput: () => clock.go(Number(this.slider.value)),
    });
    this.band = h("div", { class: "ls-band", "aria-hidden": "true" });
    this.marks = h("div", { class: "ls-marks", "aria-hidden": "true" });
    this.now = h("output", { class: "ls-now" });
    this.round = h("output", { class: "ls-round", "data-testid": "round", hidden: true });
    this.rangeText = button("", "Clear the range (\\)", () => clock.setRange(null), "range-clear");
    this.root = h(
      "div",
      { class: "ls-clock", "data-testid": "loop-clock", role: "group" },
      ...this.buttons(),
      h("div", { class: "ls-track" }, this.slider, this.band, this.marks),
      this.now,
      this.round,
      this.rangeButtons(),
      this.speed,
    );
    this.call(this.passes);
  }

  // Call what the clock counts by another name.
  /** @type {(passes: Object<string, string>) => void} {loop} and {loops} */
  call(passes) {
    this.passes = passes;
    const words = (text) => told(text, passes);
    this.root.ariaLabel = words("{Loop} clock");
    this.slider.ariaLabel = words("{Loop}");
    this.back.title = this.back.ariaLabel = words("One {loop} back (←)");
    this.forward.title = this.forward.ariaLabel = words("One {loop} on (→)");
    for (const option of this.speed.options) option.text = words(`${plural(Number(option.value), "{loop}")}/s`);
  }

  /** @type {() => HTMLButtonElement[]} */
  buttons() {
    const { clock } = this;
    return [
      button(icon("first"), "First (Home)", () => clock.go(clock.ends[0])),
      this.back,
      this.playButton,
      this.forward,
      button(icon("last"), "Last (End)", () => clock.go(clock.ends[1])),
    ];
  }

  rangeButtons() {
    const { clock } = this;
    return h(
      "span",
      { class: "ls-range" },
      button(icon("from"), "Start the range here ([)", () => clock.bound(0), "range-from"),
      button(icon("to"), "End the range here (])", () => clock.bound(1), "range-to"),
      this.rangeText,
    );
  }

  speeds() {
    const { clock } = this;
    const one = (speed) => h("option", { value: speed, selected: speed === clock.speed });
    return h(
      "select",
      { "aria-label": "Speed", onchange: (event) => clock.setSpeed(Number(event.target.value)) },
      ...(clock.speeds ?? SPEEDS).map(one),
    );
  }

  // marks: [[loop, kind, words]]; those that meet at one loop share a label.
  /** @type {(marks: Mark[]) => void} */
  setMarks(marks) {
    const made = JSON.stringify([marks, this.clock.loops]);
    if (made === this.made) return; // nothing is laid out anew while a point is dragged
    this.made = made;
    const { loops } = this.clock;
    this.slider.max = loops;
    const at = new Map();
    for (const [loop, kind, words] of marks) {
      if (!loop || loop > loops) continue;
      at.set(loop, [...(at.get(loop) ?? []), [kind, words]]);
    }
    this.labels = [...at].map(([loop, said]) => ({ loop, said, text: h("b", {}) }));
    this.marks.replaceChildren(...this.labels.map((label) => this.markAt(label)));
    this.spread();
  }

  markAt({ loop, said, text }) {
    const words = said.map(([, each]) => each);
    const [kind] = said.find(([each]) => FIRST.includes(each)) ?? said[0];
    const title = `${words.join(", ")}: ${this.passes.loop} ${loop}`;
    const style = `--at:${loop / this.clock.loops}`;
    const about = { title, style, "data-words": words.join(" · "), "data-kind": kind };
    return h("span", { class: `ls-mark ls-mark-${kind}`, ...about }, text);
  }

  // Labels that would touch go to other lines. One that finds no room on any joins another, with the loops of both, or
  // where none has room for it, too, gets lines of its own below.
  spread() {
    const width = this.marks.clientWidth;
    const room = [-4, width + this.beyond() - 3]; // the first and the last label must not leave the track
    const lines = Array.from({ length: LINES }, () => []);
    const labels = [...(this.labels ?? [])].sort((a, b) => rank(a) - rank(b) || a.loop - b.loop);
    for (const label of labels) {
      label.middle = (label.loop / this.clock.loops) * width;
      write(label, [label]);
      reach(label, room);
      const first = lines.findIndex((_, i) => fits(label, lines, i));
      const joined = first < 0 && join(label, lines, room);
      label.text.style.visibility = joined ? "hidden" : "";
      if (!joined) put(Object.assign(label, { holds: [label] }), lines, first < 0 ? lines.length : first);
    }
    const used = Math.max(1, 1 + lines.findLastIndex((line) => line.length));
    this.root.style.setProperty("--lines", used);
    for (const [i, line] of [...lines.entries()].reverse())
      for (const { text } of line) text.parentElement.style.setProperty("--line", i); // the first of its rows
  }

  // Pixels beyond the track that labels may use: the readout, at its longest, begins behind them.
  /** @type {() => number} */
  beyond() {
    const { now, clock } = this;
    const said = now.textContent;
    now.textContent = this.readout(clock.loops);
    const text = document.createRange();
    text.selectNodeContents(now);
    const room = text.getBoundingClientRect().left - this.marks.getBoundingClientRect().right - CLEAR;
    now.textContent = said;
    return clamp(room, 0, BEYOND);
  }

  // Where the clock is, in a line; of runs that do not share their count a line for each.
  readout(loop) {
    const counts = this.runs.map((view) => `${passesOf(view).loop} ${view.loops}`);
    if (new Set(counts).size > 1)
      return this.runs
        .map((view) => view.own(`${view.letter}: {loop} ${view.at(loop)} of ${view.loops}`))
        .join("\n");
    return `${this.passes.loop} ${loop} of ${this.clock.loops}`;
  }

  // Show where the clock stands; `trained` is the number of loops of training, `round` where in its round the loop
  // stands, in words; "" where there are no rounds.
  /** @type {(trained: number, round?: string) => void} */
  show(trained, round = "") {
    const { loop, loops, playing } = this.clock;
    this.slider.value = loop;
    const said = this.readout(loop);
    this.slider.setAttribute("aria-valuetext", `${said.replace("\n", ", ")}${round ? `, ${round}` : ""}`);
    this.round.hidden = !round;
    this.round.textContent = round;
    this.now.textContent = said;
    this.now.toggleAttribute("data-two", said.includes("\n"));
    this.root.dataset.loop = loop;
    this.root.classList.toggle("ls-beyond", loop > trained);
    if (this.playing !== (playing !== null)) {
      this.playing = playing !== null;
      this.playButton.replaceChildren(icon(this.playing ? "pause" : "play"));
    }
    this.showRange();
  }

  showRange() {
    const { range, loops } = this.clock;
    this.band.hidden = !range;
    this.rangeText.hidden = !range;
    if (!range) return;
    this.band.style.left = `${(100 * range[0]) / loops}%`;
    this.band.style.right = `${100 - (100 * range[1]) / loops}%`;
    relabel(this.rangeText, `${range[0]}–${range[1]} ✕`);
  }
}

// Write into a label what stands at one loop or, with the loops before it, at several.
/** @type {(label: Label, held: Label[]) => void} */
function write({ text }, held) {
  const word = ([kind, words]) => h("span", { "data-kind": kind }, words);
  const dotted = (all) => all.flatMap((one, i) => (i ? [" · ", one] : [one]));
  const one = ({ loop, said }) => [...(held.length > 1 ? [`${loop} `] : []), ...dotted(said.map(word))];
  const sorted = [...held].sort((a, b) => a.loop - b.loop);
  text.replaceChildren(...sorted.flatMap((each, i) => (i ? [" · ", ...one(each)] : one(each))));
}

// Set a label below its mark, moved where it would leave the room that there is, and in several rows where it is wider.
/** @type {(label: Label, room: number[]) => void} */
function reach(label, [from, to]) {
  const { text, middle } = label;
  text.classList.remove("ls-rows");
  text.style.maxWidth = "";
  const row = text.offsetHeight;
  const wide = text.offsetWidth > to - from;
  text.classList.toggle("ls-rows", wide);
  if (wide) text.style.maxWidth = `${to - from}px`;
  const half = text.offsetWidth / 2;
  const shift = Math.min(0, to - middle - half) + Math.max(0, from + half - middle);
  text.style.left = `${shift}px`;
  const rows = wide ? Math.max(1, Math.round(text.offsetHeight / row)) : 1;
  Object.assign(label, { begin: middle - half + shift, end: middle + half + shift, rows });
}

/** @type {(label: Label, others: Label[]) => boolean} */
const isFree = ({ begin, end }, others) =>
  others.every((other) => end + APART <= other.begin || other.end + APART <= begin);

// Whether a label whose first row stands on line i is free of all others.
/** @type {(label: Label, lines: Label[][], i: number) => boolean} */
function fits(label, lines, i) {
  const taken = lines.slice(i, i + label.rows);
  return taken.length === label.rows && taken.every((line) => isFree(label, without(label, line)));
}

const without = (label, line) => line.filter((each) => each !== label);

// Set a label on the lines of its rows, and on no other; lines that are not there yet are added.
/** @type {(label: Label, lines: Label[][], first: number) => void} */
function put(label, lines, first) {
  while (lines.length < first + label.rows) lines.push([]);
  lines.forEach((line, i) => {
    line.splice(0, line.length, ...without(label, line));
    if (i >= first && i < first + label.rows) line.push(label);
  });
}

// Add a label that has no place to the nearest that has room for it, last of all to one that comes first. Returns
// whether one has.
/** @type {(label: Label, lines: Label[][], room: number[]) => boolean} */
function join(label, lines, room) {
  const away = (other) => Math.abs(other.middle - label.middle);
  const all = [...new Set(lines.flat())];
  for (const other of all.sort((a, b) => rank(b) - rank(a) || away(a) - away(b))) {
    const first = lines.findIndex((line) => line.includes(other));
    const holds = [...other.holds, label];
    write(other, holds);
    reach(other, room);
    if (fits(other, lines, first)) {
      other.holds = holds;
      put(other, lines, first);
      return true;
    }
    write(other, other.holds);
    reach(other, room);
  }
  return false;
}
