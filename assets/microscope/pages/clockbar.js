// The elements of the loop clock: buttons, the track with its marks, the range, the speed.

import { SPEEDS } from "../core/clock.js";
import { button, h, icon } from "../core/elements.js";
import { clamp } from "../core/words.js";

/** @typedef {[number|null|false, string, string]} Mark loop (no mark without one), kind, words */

const BEYOND = 40; // pixels beyond the track that the last label may use where the readout leaves them free
const CLEAR = 6; // pixels that stay between it and the readout

/** The elements of the loop clock. */
export class ClockBar {
  /** @param {import("../core/clock.js").LoopClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.playButton = button(icon("play"), "Play or pause (Space)", () => clock.toggle(), "play");
    this.playing = false;
    this.slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "Loop",
      oninput: () => clock.go(Number(this.slider.value)),
    });
    this.band = h("div", { class: "ls-band", "aria-hidden": "true" });
    this.marks = h("div", { class: "ls-marks", "aria-hidden": "true" });
    this.now = h("output", { class: "ls-now" });
    this.rangeText = button("", "Clear the range (\\)", () => clock.setRange(null), "range-clear");
    this.root = h(
      "div",
      { class: "ls-clock", "data-testid": "loop-clock", role: "group", "aria-label": "Loop clock" },
      ...this.buttons(),
      h("div", { class: "ls-track" }, this.slider, this.band, this.marks),
      this.now,
      this.rangeButtons(),
      this.speeds(),
    );
  }

  /** @type {() => HTMLButtonElement[]} */
  buttons() {
    const { clock } = this;
    return [
      button(icon("first"), "First (Home)", () => clock.go(clock.ends[0])),
      button(icon("back"), "One loop back (←)", () => clock.go(clock.loop - 1), "back"),
      this.playButton,
      button(icon("forward"), "One loop on (→)", () => clock.go(clock.loop + 1), "forward"),
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
    const one = (speed) => h("option", { value: speed, selected: speed === clock.speed }, `${speed} loops/s`);
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
      const known = at.get(loop) ?? { kind, words: [] };
      at.set(loop, { kind: known.kind, words: [...known.words, words] });
    }
    this.marks.replaceChildren(...[...at].map(([loop, mark]) => this.markAt(loop, mark)));
    this.spread();
  }

  markAt(loop, { kind, words }) {
    const title = `${words.join(", ")}: loop ${loop}`;
    const style = `--at:${loop / this.clock.loops}`;
    const said = words.join(" · ");
    return h("span", { class: `ls-mark ls-mark-${kind}`, style, title, "data-words": said }, h("b", {}, said));
  }

  // Labels that would touch go to a second line; one that finds no room there joins the label before it.
  spread() {
    const width = this.marks.clientWidth;
    const beyond = this.beyond();
    const lines = [{ end: -Infinity }, { end: -Infinity }]; // the last label on each: where it begins and ends
    const place = (mark) => Number(mark.style.getPropertyValue("--at"));
    for (const mark of [...this.marks.children].sort((a, b) => place(a) - place(b))) {
      const text = mark.firstChild;
      text.textContent = mark.dataset.words;
      const middle = place(mark) * width;
      const half = text.offsetWidth / 2 + 3;
      // The first and the last label must not leave the track.
      const shift = Math.min(0, width + beyond - middle - half) + Math.max(0, half - 4 - middle);
      const line = lines.findIndex(({ end }) => middle - half + shift > end);
      const alone = line >= 0;
      text.style.visibility = alone ? "" : "hidden";
      text.style.left = `${shift}px`;
      mark.style.setProperty("--line", Math.max(0, line));
      if (alone) lines[line] = { text, middle, begin: middle - half + shift, end: middle + half + shift };
      else join(mark.dataset.words, lines, width + beyond);
    }
  }

  // Pixels beyond the track that labels may use: the readout, at its longest, begins behind them.
  /** @type {() => number} */
  beyond() {
    const { now, clock } = this;
    const said = now.textContent;
    now.textContent = `loop ${clock.loops} of ${clock.loops}`;
    const text = document.createRange();
    text.selectNodeContents(now);
    const room = text.getBoundingClientRect().left - this.marks.getBoundingClientRect().right - CLEAR;
    now.textContent = said;
    return clamp(room, 0, BEYOND);
  }

  // Show where the clock stands; `trained` is the number of loops of training.
  /** @type {(trained: number) => void} */
  show(trained) {
    const { loop, loops, playing } = this.clock;
    this.slider.value = loop;
    this.slider.setAttribute("aria-valuetext", `loop ${loop} of ${loops}`);
    this.now.textContent = `loop ${loop} of ${loops}`;
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
    this.rangeText.textContent = `${range[0]}–${range[1]} ✕`;
  }
}

// Add words to the label that ends first, on its right, where the track has room for them.
function join(words, lines, end) {
  const label = lines[0].end <= lines[1].end ? lines[0] : lines[1];
  const { text, middle, begin } = label;
  const before = text.textContent;
  text.textContent = `${before} · ${words}`;
  const full = text.offsetWidth + 6;
  if (begin + full > end) {
    text.textContent = before;
    return;
  }
  label.end = begin + full;
  text.style.left = `${begin + full / 2 - middle}px`;
}
