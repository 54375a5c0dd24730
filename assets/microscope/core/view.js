// One run, decoded: what the message says of it, by loop and position. `letter` is A or B when two are compared.
// Loop t is 1 … loops; 0 is before the first. Nothing here is computed from the model's numbers: see core/arrays.js.

import { inSteps } from "./arrays.js";
import { chance, passesOf, plural, small, told } from "./words.js";

/** One run, decoded. In its methods t is a loop (0 before the first), i a position, v a token. */
export class View {
  /**
   * @param {import("./types.js").Geometry} geometry
   * @param {object} meta of this run
   * @param {Object<string, import("./types.js").NamedArray>} arrays
   * @param {string} letter "A" or "B" of two runs that are compared, else ""
   */
  constructor(geometry, meta, arrays, letter) {
    Object.assign(this, {
      geometry,
      meta,
      arrays: inSteps(arrays, meta),
      letter,
      loops: meta.loops,
      tokens: arrays.tokens?.values ?? new Uint8Array(geometry.n), // none of a model that reads vectors
      vocab: arrays.probabilities?.shape[2] ?? 0,
      numbers: !!arrays.predictions, // the model answers with numbers: there is no probability and no token
      asked: arrays.asked.values,
      answers: arrays.answers?.values ?? null,
      // the loop after which a place's answer never changed again
      settledCell: arrays.settled?.values ?? new Uint16Array(geometry.n).fill(1),
      settled: meta.settled ?? 1, // the same of all answers
      firstRight: meta.first_right,
      lost: meta.overthinking, // { reached, lost, back, changed } or null: where a right answer was lost
    });
    const { loops, vocab, asked } = this;
    const { n } = geometry;
    const p = arrays.probabilities?.values;
    this.given = this.tokens.map((token, i) => (asked[i] ? 0 : token)); // 0 where an answer is asked
    this.sure = Float32Array.from({ length: loops * n }, (_, i) => (p ? p[i * vocab + this.answers[i]] : 1));
    this.right = Array.from(arrays.right.values, Boolean); // the whole answer after each loop
    this.blanks = asked.reduce((count, one) => count + one, 0);
    // Entry t − 1 of `changes`: which answers loop t changed.
    const flips = (t, i) => (t && arrays.flips ? arrays.flips.values[(t - 1) * n + i] : 0);
    this.changes = Array.from({ length: loops }, (_, s) =>
      Uint8Array.from({ length: n }, (_, i) => Number(flips(s + 1, i) > flips(s, i))),
    );
  }

  // A run that is shorter than the clock (a standard transformer beside a loop) stays at its end.
  /** @type {(t: number) => number} */
  at(t) {
    return Math.min(t, this.loops);
  }

  // The entry of an array (loops, positions), of a loop from 1 on.
  /** @type {(name: string, t: number, i: number) => number} */
  entry(name, t, i) {
    return this.arrays[name].values[(this.at(t) - 1) * this.geometry.n + i];
  }
  // The token that stands at a position; 0 where none does.
  /** @type {(t: number, i: number) => number} */
  digit(t, i) {
    if (this.numbers) return 0;
    if (this.asked[i]) return t ? this.entry("answers", t, i) : 0;
    return t && this.arrays.givens ? this.entry("givens", t, i) : this.given[i]; // others where digits change places
  }
  /** @type {(t: number, i: number) => number} */
  confidence(t, i) {
    return !this.asked[i] || !t ? 1 : this.sure[(this.at(t) - 1) * this.geometry.n + i];
  }
  // How many tokens have the largest probability, the answer among them.
  /** @type {(t: number, i: number) => number} */
  tied(t, i) {
    return this.arrays.tied ? this.entry("tied", t, i) : 1;
  }
  // What stands at a position, in as few signs as possible: a letter stays a letter, whatever number is asked of it.
  /** @type {(t: number, i: number) => string} */
  text(t, i) {
    if (this.numbers) return t && this.asked[i] ? this.said(t, i) : "";
    return this.geometry.shown?.(this.tokens[i]) ?? (t || !this.asked[i] ? this.geometry.sign(this.digit(t, i)) : "");
  }
  // The input at a position as it is written: the sign of a token, or the first number of a vector.
  /** @type {(i: number) => string} */
  read(i) {
    const { vectors } = this.arrays;
    return vectors ? decimals(vectors.values[i * vectors.shape[1]]) : this.geometry.sign(this.tokens[i]);
  }
  // The answer at a position as it is written: the sign of a token, or the first number.
  /** @type {(t: number, i: number) => string} */
  said(t, i) {
    const { predictions } = this.arrays;
    return predictions ? decimals(this.number(t, i)) : this.geometry.sign(this.digit(t, i));
  }
  // The first number of an answer, of a model that predicts numbers.
  /** @type {(t: number, i: number) => number} */
  number(t, i) {
    const { values, shape } = this.arrays.predictions;
    return values[((this.at(t) - 1) * shape[1] + i) * shape[2]];
  }
  /** @type {(t: number, i: number, v: number) => number} */
  probability(t, i, v) {
    return this.arrays.probabilities.values[((this.at(t) - 1) * this.geometry.n + i) * this.vocab + v];
  }
  // How probable a token is, by default the answer, in words. A softmax leaves every token something; only where sets
  // of candidates rule out all others (entropy 0) one has all.
  /** @type {(t: number, i: number, v?: number) => string} */
  chance(t, i, v) {
    const p = v === undefined ? this.confidence(t, i) : this.probability(t, i, v);
    const doubt = t && this.asked[i] && !(this.arrays.sets && this.entry("entropy", t, i) === 0);
    return chance(p, !doubt);
  }
  // Of a search around a looped net: which of `meta.rounds` a loop from 1 on belongs to.
  /** @type {(t: number) => number} */
  roundOf(t) {
    return (this.arrays.round?.values[this.at(t) - 1] ?? 1) - 1;
  }
  // The tokens that are left at a position in the round of a loop.
  /** @type {(t: number, i: number) => number[]} */
  left(t, i) {
    const { values, shape } = this.arrays.sets;
    const first = (this.roundOf(t) * shape[1] + i) * shape[2];
    return Array.from({ length: shape[2] }, (_, k) => k + 1).filter((token) => values[first + token - 1]);
  }
  // The number of the guess that stands at a position in that round, from 1; 0 for none.
  /** @type {(t: number, i: number) => number} */
  guess(t, i) {
    return this.arrays.guessed.values[this.roundOf(t) * this.geometry.n + i];
  }
  /** @type {(t: number, layer: number, head: number, i: number, j: number) => number} */
  weight(t, layer, head, i, j) {
    const { attention, neighbours } = this.arrays;
    const [, layers, heads, n, wide] = attention.shape;
    let k = j;
    if (neighbours) k = neighbours.values.subarray(i * wide, (i + 1) * wide).indexOf(j); // −1: not a neighbour
    if (k < 0) return 0;
    return (attention.values[((((this.at(t) - 1) * layers + layer) * heads + head) * n + i) * wide + k] / 255) ** 2;
  }
  // Whether two runs that are compared answer differently at a position.
  /** @type {(t: number, i: number) => boolean} */
  differs(t, i) {
    return !!t && !!this.arrays.differ?.values[(t - 1) * this.geometry.n + i];
  }
  // The number of positions at which two compared runs answer differently.
  /** @type {(t: number) => number} */
  apart(t) {
    const { n } = this.geometry;
    return t ? count(this.arrays.differ.values.subarray((t - 1) * n, t * n)) : 0;
  }
  // Which asked answers loop t changed, 1 or 0 by position: none where the run is over.
  /** @type {(t: number) => Uint8Array} */
  changesIn(t) {
    return this.changes[t - 1] ?? new Uint8Array(this.geometry.n);
  }
  // The number of answers that loop t changed.
  /** @type {(t: number) => number} */
  changed(t) {
    return count(this.changesIn(t));
  }

  // A text in which {loop} and {loops} stand for what the passes of this run are called.
  /** @type {(text: string) => string} */
  own(text) {
    return told(text, passesOf(this));
  }

  // When the answer at a position settled, in words. One that rests and is wrong may not have had the loops it needs.
  /** @type {(i: number) => string} */
  settling(i) {
    const since = this.settledCell[i];
    const all = plural(this.loops, "{loop}");
    if (!this.unsettled(i) && this.endsWrong(i)) return this.own(`it is not right at the end of ${all}`);
    if (!this.unsettled(i)) return this.own(`it settles at {loop} ${since}`);
    const changed = `it last changed in {loop} ${since} of ${this.loops}`;
    return this.own(`it is not settled: ${since > 1 ? changed : `${all} cannot tell`}`);
  }
  // Whether the last quarter of the run, or its last four loops, did not leave the answer as it was.
  /** @type {(i: number) => boolean} */
  unsettled(i) {
    return !!this.arrays.unsettled?.values[i];
  }
  // Whether the last answer at a position differs from the one solution.
  /** @type {(i: number) => boolean} */
  endsWrong(i) {
    return !!this.arrays.ends_wrong?.values[i];
  }
  // The loop of the last change, null where nothing changed or the run ends with it: it may not be the last.
  /** @type {number|null} */
  get lastChange() {
    return this.settled > 1 && !this.meta.moving ? this.settled : null;
  }

  // The loop at which it settled, as it is written in a cell; a dash where it did not.
  /** @type {(i: number) => string} */
  settledSign(i) {
    return this.unsettled(i) ? "–" : String(this.settledCell[i]);
  }

  /** @type {string} */
  get label() {
    return this.letter ? `${this.letter}: ${this.meta.label}` : this.meta.label;
  }

  // How a run that predicts numbers ends: its error, or how far its last loop still moved where the truth is unknown.
  /** @type {() => string} */
  missed() {
    const [error, moved] = ["error", "moved"].map((name) => this.arrays[name].values[this.loops - 1]);
    if (Number.isFinite(error)) return `ends with an error of ${small(error)}`;
    if (!Number.isFinite(moved)) return "ends";
    const still = this.arrays.still.values[this.loops - 1];
    const by = `${small(moved)} (root mean square)`;
    return this.own(still ? "no longer moves in its last {loop}" : `still moves by ${by} in its last {loop}`);
  }

  // How the run ended, as half a sentence for a comparison.
  /** @type {() => string} */
  outcome() {
    if (!this.blanks) return `${this.label} had nothing to solve`;
    if (this.arrays.error) return `${this.label} ${this.missed()}`;
    const since = this.meta.right_since;
    const came = this.meta.unjudged
      ? "was run on a copy of what is typed"
      : since === 1
        ? "is right{judged} from the first {loop}"
        : since != null
          ? `is right{judged} from {loop} ${since}`
          : this.firstRight
            ? `was right{judged} at {loop} ${this.firstRight} and lost it`
            : "is not right{judged} at the end";
    const last = this.lastChange ? `; its last change is at {loop} ${this.lastChange}` : "";
    const ends = this.meta.moving ? `; it still changes in {loop} ${this.loops}, its last` : last;
    return `${this.label} ${this.own(`${came}${ends}`)}`;
  }
}

// A number as it is written on a face: a zero has no sign.
const decimals = (number) => number.toFixed(2).replace(/^-(?=0\.00$)/, "");

// The number of marks that are set.
/** @type {(marks: Iterable<number|boolean>) => number} */
export const count = (marks) => marks.reduce((sum, mark) => sum + (mark ? 1 : 0), 0);
