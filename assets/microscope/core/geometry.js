// Where the positions of an input stand and what positions and tokens are called.
//
// A geometry says how many positions there are (n), in how many rows and columns they are drawn, where (`spot`) and
// which (`at`), what a position is called (`name`), and how a token is written on a figure (`sign`) and in a
// sentence (`called`).

/** @typedef {import("./types.js").Geometry} Geometry */

/**
 * @typedef {object} Layout of the message
 * @property {number[][]} rows the positions of each row
 * @property {string[]} groups what each row is called
 * @property {string[]} names of every position
 * @property {string[]} signs of every token
 * @property {string[]} [meanings] what the signs stand for, where they are no digits or letters
 * @property {number[]} fixed tokens that stay as they are, whatever the model says
 * @property {[number, number]} [box] rows and columns of a box of a board
 * @property {[string, number[]][]} [units] as in Geometry
 */

const BLANK = "–"; // a board's token for no digit, which a model may give as its answer

/**
 * Tokens in rows. Padding stands in no row: it is not drawn, though the model attends to it like to any other token.
 * @implements {Geometry}
 */
export class SequenceGeometry {
  /** @param {Layout} layout */
  constructor({ rows, groups, names, signs, meanings, fixed }) {
    Object.assign(this, {
      lines: rows,
      groups,
      names,
      signs,
      meanings,
      fixed: new Set(fixed),
      n: names.length,
      rows: rows.length,
      columns: Math.max(...rows.map((row) => row.length)),
    });
    this.spots = Array(this.n).fill(null);
    rows.forEach((row, r) =>
      row.forEach((i, c) => {
        this.spots[i] = [r, c];
      }),
    );
  }

  name(i) {
    return this.names[i];
  }
  sign(token) {
    return this.signs[token] ?? "?";
  }
  called(token) {
    const meaning = this.meanings?.[token];
    return meaning ? `“${meaning}”` : this.sign(token);
  }
  // What a sign stands for; undefined where it says so itself.
  /** @type {(sign: string) => string|undefined} */
  meaning(sign) {
    return this.meanings?.[this.signs.indexOf(sign)];
  }
  /** @type {(token: number) => string|undefined} */
  shown(token) {
    return this.fixed.has(token) ? this.signs[token] : undefined;
  }
  spot(i) {
    return this.spots[i];
  }
  at(row, column) {
    return this.lines[row]?.[column] ?? null;
  }

  frame(pen, x, y, step) {
    pen.beginPath();
    this.lines.forEach((line, r) => {
      for (let c = 0; c <= line.length; c++) {
        pen.moveTo(x + c * step, y + r * step);
        pen.lineTo(x + c * step, y + (r + 1) * step);
      }
      for (const down of [r, r + 1]) {
        pen.moveTo(x, y + down * step);
        pen.lineTo(x + line.length * step, y + down * step);
      }
    });
    pen.stroke();
  }
}

/**
 * A board of Sudoku. Names, box and units are those of the message, so that the rules of a board stand in Python alone.
 * @implements {Geometry}
 */
export class BoardGeometry extends SequenceGeometry {
  /** @param {Layout} layout */
  constructor(layout) {
    super(layout);
    this.size = layout.rows.length;
    this.box = layout.box;
    this.units = layout.units;
  }

  sign(token) {
    return token ? super.sign(token) : BLANK;
  }
  called(token) {
    return token ? super.sign(token) : "“blank”";
  }
  /** @type {number[]} */
  get tokens() {
    return Array.from({ length: this.size }, (_, d) => d + 1);
  } // that an answer can be, as people count them

  // Cells whose digit stands a second time in one of their units. Those of a run arrive as an array, from
  // looped/tasks/sudoku/rules.py; this is for what is typed and not sent yet, and a unit test holds both to the same.
  /** @type {(board: number[]) => Uint8Array} */
  conflicts(board) {
    const marks = new Uint8Array(this.n);
    for (const [, numbers] of this.units) {
      const seen = new Map();
      board.forEach((digit, cell) => {
        if (!digit) return;
        const key = `${numbers[cell]} ${digit}`;
        if (seen.has(key)) marks[cell] = marks[seen.get(key)] = 1;
        seen.set(key, cell);
      });
    }
    return marks;
  }

  // Thin lines between cells are left to the caller; these are the frame and the boxes.
  frame(pen, x, y, step) {
    const side = step * this.size;
    pen.beginPath();
    for (let i = 0; i <= this.size; i++) {
      if (i % this.box[1] === 0) {
        pen.moveTo(x + i * step, y);
        pen.lineTo(x + i * step, y + side);
      }
      if (i % this.box[0] === 0) {
        pen.moveTo(x, y + i * step);
        pen.lineTo(x + side, y + i * step);
      }
    }
    pen.stroke();
  }
}
