// What is seen: a board's geometry, and one run of one model on it with what its sentences and marks need.

class Geometry {
  constructor(size, box) {
    this.size = size;
    this.box = box;
    this.n = size * size;
    const [rows, columns] = box, line = (length, at) => Array.from({ length }, (_, i) => at(i));
    this.units = [
      ...line(size, (r) => line(size, (c) => r * size + c)), ...line(size, (c) => line(size, (r) => r * size + c)),
      ...line(size, (b) => line(size, (i) => (Math.floor(b / rows) * rows + Math.floor(i / columns)) * size + (b % rows) * columns + (i % columns))),
    ];
    this.peers = line(this.n, () => new Uint8Array(this.n));
    for (const unit of this.units) for (const a of unit) for (const b of unit) this.peers[a][b] = 1;
  }

  name(cell) { return `row ${Math.floor(cell / this.size) + 1}, column ${(cell % this.size) + 1}`; }

  // Cells whose digit stands a second time in their row, column or box.
  conflicts(board) {
    const marks = new Uint8Array(this.n);
    for (const unit of this.units) {
      const seen = new Array(this.size + 1).fill(-1);
      for (const cell of unit) {
        const digit = board[cell];
        if (!digit) continue;
        if (seen[digit] >= 0) marks[cell] = marks[seen[digit]] = 1;
        seen[digit] = cell;
      }
    }
    return marks;
  }

  // Thin lines between cells are left to the caller; these are the frame and the boxes.
  boxes(pen, x, y, side) {
    const step = side / this.size;
    pen.beginPath();
    for (let i = 0; i <= this.size; i++) {
      if (i % this.box[1] === 0) { pen.moveTo(x + i * step, y); pen.lineTo(x + i * step, y + side); }
      if (i % this.box[0] === 0) { pen.moveTo(x, y + i * step); pen.lineTo(x + side, y + i * step); }
    }
    pen.stroke();
  }
}

// One run. `letter` is A or B when two are compared. Loop t of 1 … loops; 0 is before the first.
class View {
  constructor(geometry, meta, arrays, letter) {
    Object.assign(this, { geometry, meta, arrays, letter, loops: meta.loops, given: arrays.tokens.values, vocab: arrays.probabilities.shape[2] });
    const { loops, given, vocab } = this, { n } = geometry, p = arrays.probabilities.values;
    this.answers = new Uint8Array(loops * n);
    this.sure = new Float32Array(loops * n);
    for (let i = 0; i < loops * n; i++) {
      let best = 0;
      for (let v = 1; v < vocab; v++) if (p[i * vocab + v] > p[i * vocab + best]) best = v;
      this.answers[i] = best;
      this.sure[i] = p[i * vocab + best];
    }
    this.clashes = [];
    this.changes = [];
    this.right = [];
    this.settledCell = arrays.settled.values.map((loop, i) => (given[i] ? 1 : loop));  // after which a cell's answer never changed again
    for (let t = 1; t <= loops; t++) {
      const board = Array.from({ length: n }, (_, i) => this.digit(t, i));
      this.clashes.push(geometry.conflicts(board));
      const changed = new Uint8Array(n);
      if (t > 1) for (let i = 0; i < n; i++) changed[i] = !given[i] && this.answers[(t - 1) * n + i] !== this.answers[(t - 2) * n + i] ? 1 : 0;
      this.changes.push(changed);
      this.right.push(!board.includes(0) && !this.clashes[t - 1].includes(1));
    }
    this.blanks = given.reduce((count, digit) => count + (digit === 0), 0);
    this.settled = Math.max(...this.settledCell);
    const end = this.right.lastIndexOf(true) + 1;  // 0 for never
    this.lost = this.blanks && end && end < loops ? end + 1 : null;  // the loop in which a right board was lost for good
    this.firstRight = (this.blanks && this.right.indexOf(true) + 1) || null;
  }

  // A run that is shorter than the clock (a standard transformer beside a loop) stays at its end.
  at(t) { return Math.min(t, this.loops); }

  digit(t, i) { return this.given[i] || (t ? this.answers[(this.at(t) - 1) * this.geometry.n + i] : 0); }
  confidence(t, i) { return this.given[i] || !t ? 1 : this.sure[(this.at(t) - 1) * this.geometry.n + i]; }
  probability(t, i, v) { return this.arrays.probabilities.values[((this.at(t) - 1) * this.geometry.n + i) * this.vocab + v]; }
  weight(t, layer, head, i, j) {
    const [, layers, heads, n] = this.arrays.attention.shape;
    return (this.arrays.attention.values[((((this.at(t) - 1) * layers + layer) * heads + head) * n + i) * n + j] / 255) ** 2;
  }

  // When a cell's answer came to rest, as far as this run can tell.
  settling(i) { return this.loops > 1 && this.changes[this.loops - 1][i] ? `it still changes in the last loop, ${this.loops}` : `it settles at loop ${this.settledCell[i]}`; }

  get label() { return this.letter ? `${this.letter}: ${this.meta.label}` : this.meta.label; }

  // What it came to, in a few words for a comparison.
  outcome() {
    if (!this.blanks) return `${this.label} had nothing to solve`;
    const end = this.right[this.loops - 1], from = this.right.lastIndexOf(false) + 2;  // of the stretch that lasts to the end
    const came = end ? (from === 1 ? "is right from the first loop" : `is right from loop ${from}`)
      : this.firstRight ? `was right at loop ${this.firstRight} and lost it` : "is not right at the end";
    return `${this.label} ${came}${this.settled > 1 ? `; its last change is at loop ${this.settled}` : ""}`;
  }
}
