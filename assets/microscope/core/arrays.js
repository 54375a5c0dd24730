// Looking up what the library says of a run (looped/serving/message.py tells every array, its shape and unit).
//
// Decoding only: whatever is a statement about a model arrives as an array, computed and tested in Python. The one mean
// taken here is that of the heads of an attention map to be drawn: sent ready made it would make the page a fifth larger.

// The arrays with whole multiples of a step as the numbers that they mean.
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
export function entry({ values, shape }, ...indices) {
  return values[indices.reduce((at, index, axis) => at * shape[axis] + index, 0)];
}
export const share = (array, ...indices) => (entry(array, ...indices) / 255) ** 2;

// ── attention ─────────────────────────────────────────────────────────────────────────────────────────────────────

// The attention of position i to every position, by one head.
export function headWeights(view, t, layer, head, i) {
  return Array.from({ length: view.geometry.n }, (_, j) => view.weight(t, layer, head, i, j));
}

// The mean of some heads of the attention of position i to position j, to be drawn.
export function meanWeight(view, t, layer, heads, i, j) {
  return heads.reduce((sum, head) => sum + view.weight(t, layer, head, i, j), 0) / heads.length;
}

// The index of the chosen head on an axis that ends with the mean, or the best, of all heads.
export const headIndex = ({ view, head }) => (head == null || head >= view.meta.heads ? view.meta.heads : head);

// What position i looks at after loop t: { head, cell, weight }, by the chosen head or the one that looks hardest.
export function looksMost(seen, i) {
  const { view, layer } = seen;
  const { strongest, strongest_head: best } = view.arrays;
  const s = view.at(seen.t) - 1;
  const chosen = headIndex(seen);
  const head = chosen === view.meta.heads ? entry(best, s, layer, i) : chosen;
  const cell = entry(strongest, s, layer, head, i);
  return { head, cell, weight: view.weight(seen.t, layer, head, i, cell) };
}

// Share of attention that follows rule r, and what attention spread evenly would give it: functions of (rule, loop[,
// head]).
export function ruleShares(view, layer) {
  const { rules, rules_even: even } = view.arrays;
  return {
    mass: (r, s, head) => entry(rules, r, s - 1, layer, head),
    even: (r, s) => entry(even, r, s - 1),
  };
}

// ── timesteps ─────────────────────────────────────────────────────────────────────────────────────────────────────

// Cosine of the vectors of two loops, both from 1: row 0 is TE, 1 … 4 are α1, α2, γ1, γ2 of the layer shown.
export function alikeLoops({ view, layer }, row) {
  const { values, shape } = view.arrays.alike;
  const from = (row ? 4 * layer + row : 0) * shape[1];
  return (s, u) => values[from + triangle(Math.max(s, u) - 1, Math.min(s, u) - 1)];
}

// The mean of these cosines of loop t with all other loops.
export function alikeMean({ view, layer }, row, t) {
  return entry(view.arrays.alike_mean, row ? 4 * layer + row : 0, view.at(t) - 1);
}

// Where entry (row, column) of a lower triangle stands, whose rows follow each other.
export const triangle = (row, column) => (row * (row + 1)) / 2 + column;

// The index of the entry of a list of loops that is nearest to a loop.
export const nearest = (loops, loop) => {
  let best = 0;
  loops.forEach((one, i) => {
    if (Math.abs(one - loop) < Math.abs(loops[best] - loop)) best = i;
  });
  return best;
};
