// Looking up what the library says of a run (looped/serving/message.py tells every array, its shape and unit).
//
// Decoding only: whatever is a statement about a model arrives as an array, computed and tested in Python. The one mean
// taken here is that of the heads of an attention map to be drawn: sent ready made it would make the page a fifth
// larger.

/** @typedef {import("./types.js").NamedArray} NamedArray */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./types.js").Seen} Seen */

// The arrays with whole multiples of a step as the numbers that they mean.
/** @type {(arrays: Object<string, NamedArray>, meta: object) => Object<string, NamedArray>} */
export function inSteps(arrays, meta) {
  const decoded = { ...arrays };
  for (const [name, step] of [
    ["trajectory", meta.trajectory_step],
    ["scales", meta.scales_step],
  ])
    if (arrays[name]) {
      const { values, shape } = arrays[name];
      decoded[name] = { values: Float32Array.from(values, (whole) => whole * step), shape };
    }
  return decoded;
}

// The entry of an array { values, shape } at some indices; shares of attention come back from square-root steps.
/** @type {(array: NamedArray, ...indices: number[]) => number} */
export function entry({ values, shape }, ...indices) {
  return values[indices.reduce((at, index, axis) => at * shape[axis] + index, 0)];
}
/** @type {(array: NamedArray, ...indices: number[]) => number} */
export const share = (array, ...indices) => (entry(array, ...indices) / 255) ** 2;

// ── attention ─────────────────────────────────────────────────────────────────────────────────────────────────────

// The attention of position i to every position, by one head.
/** @type {(view: View, t: number, layer: number, head: number, i: number) => number[]} */
export function headWeights(view, t, layer, head, i) {
  return Array.from({ length: view.geometry.n }, (_, j) => view.weight(t, layer, head, i, j));
}

// The mean of some heads of the attention of position i to position j, to be drawn.
/** @type {(view: View, t: number, layer: number, heads: number[], i: number, j: number) => number} */
export function meanWeight(view, t, layer, heads, i, j) {
  return heads.reduce((sum, head) => sum + view.weight(t, layer, head, i, j), 0) / heads.length;
}

// The index of the chosen head on an axis that ends with the mean, or the best, of all heads.
/** @type {(seen: Seen) => number} */
export const headIndex = ({ view, head }) => (head == null || head >= view.meta.heads ? view.meta.heads : head);

// What position i looks at after loop t: { head, cell, weight }, by the chosen head or the one that looks hardest, and
// how many weights are as large: `ties`.
/** @type {(seen: Seen, i: number) => { head: number, cell: number, weight: number, ties: number }} */
export function looksMost(seen, i) {
  const { view, layer } = seen;
  const { strongest, strongest_head: best, strongest_ties: equal } = view.arrays;
  const s = view.at(seen.t) - 1;
  const chosen = headIndex(seen);
  const head = chosen === view.meta.heads ? entry(best, s, layer, i) : chosen;
  const cell = entry(strongest, s, layer, head, i);
  return { head, cell, weight: view.weight(seen.t, layer, head, i, cell), ties: entry(equal, s, layer, chosen, i) };
}

// Share of attention that follows rule r, and what attention spread evenly would give it: functions of (rule, loop[,
// head]).
/** @type {(view: View, layer: number) => { mass: (r: number, s: number, head: number) => number,
 *   even: (r: number, s: number) => number }} */
export function ruleShares(view, layer) {
  const { rules, rules_even: even } = view.arrays;
  return {
    mass: (r, s, head) => entry(rules, r, s - 1, layer, head),
    even: (r, s) => entry(even, r, s - 1),
  };
}

// ── timesteps ─────────────────────────────────────────────────────────────────────────────────────────────────────

// The row of `alike` of vector `row` of the layer shown: row 0 is TE, then come the vectors of meta.vectors.
/** @type {(seen: Seen, row: number) => number} */
const rowOf = ({ view, layer }, row) => (row ? view.meta.vectors.length * layer + row : 0);

// Cosine of the vectors of two loops, both from 1.
/** @type {(seen: Seen, row: number) => (s: number, u: number) => number} */
export function alikeLoops(seen, row) {
  const { values, shape } = seen.view.arrays.alike;
  const from = rowOf(seen, row) * shape[1];
  return (s, u) => values[from + triangle(Math.max(s, u) - 1, Math.min(s, u) - 1)];
}

// The mean of these cosines of loop t with all other loops.
/** @type {(seen: Seen, row: number, t: number) => number} */
export function alikeMean(seen, row, t) {
  return entry(seen.view.arrays.alike_mean, rowOf(seen, row), seen.view.at(t) - 1);
}

// Where entry (row, column) of a lower triangle stands, whose rows follow each other.
/** @type {(row: number, column: number) => number} */
const triangle = (row, column) => (row * (row + 1)) / 2 + column;

// The index of the entry of a list of loops that is nearest to a loop.
/** @type {(loops: number[], loop: number) => number} */
export const nearest = (loops, loop) => {
  let best = 0;
  loops.forEach((one, i) => {
    if (Math.abs(one - loop) < Math.abs(loops[best] - loop)) best = i;
  });
  return best;
};

// The numbers from 1 on whose bits are set in a number (looped/serving/stored.py: as_bits).
/** @type {(bits: number, most: number) => number[]} most: the largest that can be */
export const fromBits = (bits, most) =>
  Array.from({ length: most }, (_, d) => d + 1).filter((d) => (bits >> (d - 1)) & 1);

// What a table says of an index or a count that is −1 where there is none.
/** @type {(x: number) => number|string} */
export const known = (x) => (x < 0 ? "" : x);
