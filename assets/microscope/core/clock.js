// The loop clock: one number that drives every panel, and how it moves. Its elements are in pages/clockbar.js.

import { clamp } from "./words.js";

/** @type {number[]} loops per second */
export const SPEEDS = [1, 2, 4, 8, 16]; // loops per second

/** One number that drives every panel, and the range in which it is played. */
export class LoopClock {
  /** @param {() => void} changed called whenever loop, range or playing have changed */
  constructor(changed) {
    this.changed = changed;
    this.loop = 0;
    this.loops = 0;
    this.range = null; // [from, to]: playing goes round and round in it; null plays once to the end
    this.playing = null; // the frame that is asked for, while it plays
    this.speed = 4;
  }

  /** @type {[number, number]} */
  get ends() {
    return this.range ?? [0, this.loops];
  }

  /** @type {(loop: number) => void} */
  go(loop) {
    const to = clamp(Math.round(loop), 0, this.loops);
    if (to === this.loop) return;
    this.loop = to;
    this.changed();
  }

  // How many loops the longest run has; what lay beyond them is forgotten.
  /** @type {(loops: number) => void} */
  setLoops(loops) {
    this.loops = loops;
    if (this.range && this.range[1] > loops) this.range = null;
    this.loop = clamp(this.loop, 0, loops);
  }

  // One end of the range at the present loop.
  /** @type {(end: 0|1) => void} */
  bound(end) {
    const range = [...this.ends];
    range[end] = this.loop;
    if (range[0] > range[1]) this.setRange(end ? [0, this.loop] : [this.loop, this.loops]);
    else this.setRange(range);
  }

  /** @type {(range: [number, number]|null) => void} */
  setRange(range) {
    const whole = range?.[0] === 0 && range[1] === this.loops;
    this.range = range && !whole && range[0] < range[1] ? range : null;
    this.changed();
  }

  /** @type {(speed: number) => void} */
  setSpeed(speed) {
    this.speed = speed;
    if (!this.playing) return;
    this.pause();
    this.play();
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
        this.go(this.next());
      }
      if (!this.range && this.loop >= this.loops) this.pause();
      else this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
    this.changed();
  }

  // The loop that playing comes to next. The range may have changed on the way.
  /** @type {() => number} */
  next() {
    return this.range && this.loop >= this.range[1] ? this.range[0] : this.loop + 1;
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.changed();
  }
}
