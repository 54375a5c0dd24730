// A clock that takes its time over the first two stages, which have few loops, and runs through the third.

import { LoopClock } from "../core/clock.js";

const FRAMES = 60; // a second: faster than that, the clock goes several loops at once
const SLOW = 3; // loops a second at most while IDs are found: each is worth seeing
const FIRST = 64; // loops a second, as it begins

/** The clock of the page Theory. */
export class StagedClock extends LoopClock {
  speeds = [1, 4, 16, 64, 256];

  // The last loop of the first two stages.
  slow = 0;

  // What was chosen, in loops a second.
  pace = FIRST;

  /** @type {number} */
  get speed() {
    return this.loop < this.slow ? Math.min(this.pace, SLOW) : this.pace;
  }

  // The clock that this one is made of sets a speed before `pace` begins.
  /** @type {number} */
  set speed(pace) {
    this.pace = pace;
  }

  /** @type {() => number} */
  next() {
    const to = super.next();
    const stride = Math.max(1, Math.round(this.speed / FRAMES));
    return to > this.loop ? Math.min(this.ends[1], this.loop + stride) : to;
  }
}
