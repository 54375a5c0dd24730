// One run. `letter` is A or B when two are compared. Loop t of 1 … loops; 0 is before the first.

export class View {
  constructor(geometry, meta, arrays, letter) {
    Object.assign(this, {
      geometry,
      meta,
      arrays,
      letter,
      loops: meta.loops,
      tokens: arrays.tokens.values,
      vocab: arrays.probabilities.shape[2],
    });
    const { loops, vocab } = this;
    const { n } = geometry;
    const p = arrays.probabilities.values;
    const { values: asked } = arrays.asked;
    this.given = this.tokens.map((token, i) => (asked[i] ? 0 : token)); // 0 where an answer is asked
    this.asked = asked;
    this.answers = arrays.answers.values;
    this.sure = Float32Array.from({ length: loops * n }, (_, i) => p[i * vocab + this.answers[i]]);
    this.changes = [];
    this.right = Array.from(arrays.right.values, Boolean); // the whole answer after each loop
    // After which a cell's answer never changed again.
    this.settledCell = arrays.settled.values.map((loop, i) => (asked[i] ? loop : 1));
    for (let t = 1; t <= loops; t++) {
      const changed = new Uint8Array(n);
      if (t > 1)
        for (let i = 0; i < n; i++)
          changed[i] = asked[i] && this.answers[(t - 1) * n + i] !== this.answers[(t - 2) * n + i] ? 1 : 0;
      this.changes.push(changed);
    }
    this.blanks = asked.reduce((count, one) => count + one, 0);
    this.settled = Math.max(...this.settledCell);
    const end = this.right.lastIndexOf(true) + 1; // 0 for never
    this.lost = this.blanks && end && end < loops ? end + 1 : null; // the loop in which a right board was lost for good
    this.firstRight = (this.blanks && this.right.indexOf(true) + 1) || null;
  }

  // A run that is shorter than the clock (a standard transformer beside a loop) stays at its end.
  at(t) {
    return Math.min(t, this.loops);
  }

  digit(t, i) {
    return this.asked[i] ? (t ? this.answers[(this.at(t) - 1) * this.geometry.n + i] : 0) : this.given[i];
  }
  confidence(t, i) {
    return !this.asked[i] || !t ? 1 : this.sure[(this.at(t) - 1) * this.geometry.n + i];
  }
  // What stands at a position, in as few signs as possible: a letter stays a letter, whatever number is asked of it.
  text(t, i) {
    return this.geometry.shown?.(this.tokens[i]) ?? (t || !this.asked[i] ? this.geometry.sign(this.digit(t, i)) : "");
  }
  probability(t, i, v) {
    return this.arrays.probabilities.values[((this.at(t) - 1) * this.geometry.n + i) * this.vocab + v];
  }
  weight(t, layer, head, i, j) {
    const [, layers, heads, n, width] = this.arrays.attention.shape;
    const column = this.columnOf(i, j);
    if (column < 0) return 0;
    const row = (((this.at(t) - 1) * layers + layer) * heads + head) * n + i;
    return (this.arrays.attention.values[row * width + column] / 255) ** 2;
  }
  // Where the weight from i to j stands in a row of attention: at j, or, where attention is kept by neighbour, at the
  // neighbour that is j; −1 for none.
  columnOf(i, j) {
    const { neighbours } = this.arrays;
    if (!neighbours) return j;
    const [, width] = neighbours.shape;
    const at = neighbours.values.subarray(i * width, (i + 1) * width).indexOf(j);
    return at;
  }

  // When a cell's answer came to rest, as far as this run can tell.
  settling(i) {
    return this.loops > 1 && this.changes[this.loops - 1][i]
      ? `it still changes in the last loop, ${this.loops}`
      : `it settles at loop ${this.settledCell[i]}`;
  }

  get label() {
    return this.letter ? `${this.letter}: ${this.meta.label}` : this.meta.label;
  }

  // What it came to, in a few words for a comparison.
  outcome() {
    if (!this.blanks) return `${this.label} had nothing to solve`;
    const end = this.right[this.loops - 1];
    const from = this.right.lastIndexOf(false) + 2; // of the stretch that lasts to the end
    const came = end
      ? from === 1
        ? "is right from the first loop"
        : `is right from loop ${from}`
      : this.firstRight
        ? `was right at loop ${this.firstRight} and lost it`
        : "is not right at the end";
    return `${this.label} ${came}${this.settled > 1 ? `; its last change is at loop ${this.settled}` : ""}`;
  }
}
