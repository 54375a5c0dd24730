// The loop clock: one number that drives every panel, and how it moves.

import { button, h, icon } from "./elements.js";
import { clamp } from "./words.js";

export class Clock {
  constructor(changed) {
    this.changed = changed; // called whenever loop, range or playing have changed
    this.loop = 0;
    this.loops = 0;
    this.range = null; // [from, to]: playing goes round and round in it; null plays once to the end
    this.playing = null;
    this.speed = 4; // loops per second
    this.playButton = button(icon("play"), "Play or pause (Space)", () => this.toggle(), "play");
    this.slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "Loop",
      oninput: () => this.go(Number(this.slider.value)),
    });
    this.band = h("div", { class: "ls-band", "aria-hidden": "true" });
    this.marks = h("div", { class: "ls-marks", "aria-hidden": "true" });
    this.now = h("output", { class: "ls-now" });
    this.speedSelect = h(
      "select",
      {
        "aria-label": "Speed",
        onchange: () => {
          this.speed = Number(this.speedSelect.value);
          if (this.playing) {
            this.pause();
            this.play();
          }
        },
      },
      ...[1, 2, 4, 8, 16].map((s) => h("option", { value: s, selected: s === this.speed }, `${s} loops/s`)),
    );
    this.rangeButtons = h(
      "span",
      { class: "ls-range" },
      button(icon("from"), "Start the range here ([)", () => this.bound(0), "range-from"),
      button(icon("to"), "End the range here (])", () => this.bound(1), "range-to"),
      (this.rangeText = button("", "Clear the range (\\)", () => this.setRange(null), "range-clear")),
    );
    this.root = h(
      "div",
      { class: "ls-clock", "data-testid": "loop-clock", role: "group", "aria-label": "Loop clock" },
      button(icon("first"), "First (Home)", () => this.go(this.ends[0])),
      button(icon("back"), "One loop back (←)", () => this.go(this.loop - 1), "back"),
      this.playButton,
      button(icon("forward"), "One loop on (→)", () => this.go(this.loop + 1), "forward"),
      button(icon("last"), "Last (End)", () => this.go(this.ends[1])),
      h("div", { class: "ls-track" }, this.slider, this.band, this.marks),
      this.now,
      this.rangeButtons,
      this.speedSelect,
    );
  }

  go(loop) {
    loop = clamp(Math.round(loop), 0, this.loops);
    if (loop === this.loop) return;
    this.loop = loop;
    this.changed();
  }

  get ends() {
    return this.range ?? [0, this.loops];
  }

  // One end of the range at the present loop.
  bound(end) {
    const range = [...this.ends];
    range[end] = this.loop;
    this.setRange(range[0] <= range[1] ? range : end ? [0, this.loop] : [this.loop, this.loops]);
  }

  setRange(range) {
    this.range = range && !(range[0] === 0 && range[1] === this.loops) && range[0] < range[1] ? range : null;
    this.changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    const [from, to] = this.ends;
    if (this.loop >= to || this.loop < from) this.go(from);
    let last = performance.now();
    const tick = (now) => {
      if (now - last >= 1000 / this.speed - 4) {
        last = now;
        // Which may have changed on the way.
        this.go(this.range && this.loop >= this.range[1] ? this.range[0] : this.loop + 1);
      }
      if (!this.range && this.loop >= this.loops) this.pause();
      else this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
    this.playButton.replaceChildren(icon("pause"));
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.playButton.replaceChildren(icon("play"));
    this.changed();
  }

  // marks: [[loop, kind, words]]; those that meet at one loop share a label.
  setMarks(marks) {
    this.slider.max = this.loops;
    const at = new Map();
    for (const [loop, kind, words] of marks)
      if (loop && loop <= this.loops)
        at.set(loop, { kind: at.get(loop)?.kind ?? kind, words: [...(at.get(loop)?.words ?? []), words] });
    this.marks.replaceChildren(
      ...[...at].map(([loop, { kind, words }]) =>
        h(
          "span",
          {
            class: `ls-mark ls-mark-${kind}`,
            style: `--at:${loop / this.loops}`,
            title: `${words.join(", ")}: loop ${loop}`,
          },
          h("b", {}, words.join(" · ")),
        ),
      ),
    );
    this.spread();
  }

  // Labels that would touch go to a second line; what finds no room there keeps its tick and its tooltip.
  spread() {
    const width = this.marks.clientWidth;
    const ends = [-Infinity, -Infinity];
    const reach = width + 40;
    for (const mark of [...this.marks.children].sort(
      (a, b) => a.style.getPropertyValue("--at") - b.style.getPropertyValue("--at"),
    )) {
      const text = mark.firstChild;
      const middle = mark.style.getPropertyValue("--at") * width;
      const half = text.offsetWidth / 2 + 3;
      // The first and the last label must not leave the track.
      const shift = Math.min(0, reach - middle - half) + Math.max(0, half - 4 - middle);
      const line = ends.findIndex((end) => middle - half + shift > end);
      text.style.visibility = line < 0 ? "hidden" : "";
      text.style.left = `${shift}px`;
      mark.style.setProperty("--line", Math.max(0, line));
      if (line >= 0) ends[line] = middle + half + shift;
    }
  }

  paint(trained) {
    const { loop, loops } = this;
    this.slider.value = loop;
    this.slider.setAttribute("aria-valuetext", `loop ${loop} of ${loops}`);
    this.now.textContent = `loop ${loop} of ${loops}`;
    this.root.dataset.loop = loop;
    this.root.classList.toggle("ls-beyond", loop > trained);
    this.band.hidden = !this.range;
    this.rangeText.hidden = !this.range;
    if (!this.range) return;
    this.band.style.left = `${(100 * this.range[0]) / loops}%`;
    this.band.style.right = `${100 - (100 * this.range[1]) / loops}%`;
    this.rangeText.textContent = `${this.range[0]}–${this.range[1]} ✕`;
  }
}
