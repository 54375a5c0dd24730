// Statements about a model that the panels still compute from what they are sent. The library computes the same
// quantities; each function here goes when its array arrives. Nothing here draws or chooses words.

// The attention of position i to every position, by one head.
export function headWeights(view, t, layer, head, i) {
  return Array.from({ length: view.geometry.n }, (_, j) => view.weight(t, layer, head, i, j));
}

// The mean of some heads of the attention of position i to position j.
export function meanWeight(view, t, layer, heads, i, j) {
  return heads.reduce((sum, head) => sum + view.weight(t, layer, head, i, j), 0) / heads.length;
}

// What the chosen position looks at: the strongest weight of the given heads, the mean share that stays with its
// peers on a board, and the mean share of positions that are not drawn.
export function attentionOf(view, t, layer, heads, i) {
  const { geometry } = view;
  let strongest = { weight: -1 };
  let near = 0;
  let hidden = 0;
  for (const head of heads) {
    headWeights(view, t, layer, head, i).forEach((weight, j) => {
      if (weight > strongest.weight) strongest = { weight, head, cell: j };
      if (geometry.peers?.[i][j]) near += weight;
      if (!geometry.spot(j)) hidden += weight;
    });
  }
  return { strongest, near: near / heads.length, hidden: hidden / heads.length };
}

// How the move of the loop `now` compares with all before it. trend: rounding, drift, first, least, farther or about.
export function convergenceTrend(view, now) {
  const { residual_relative: relative, residual_absolute: absolute } = view.arrays;
  const whole = (s) => relative.values[s - 1];
  const step = (s) => absolute.values[s - 1];
  const moved = whole(now);
  let least = now;
  for (let earlier = now - 1; earlier >= 1; earlier--) if (whole(earlier) < whole(least)) least = earlier;
  const found = { moved, least, leastMoved: whole(least), drift: null };
  if (moved < 1e-6) return { ...found, trend: "rounding" };
  const half = Math.ceil(now / 2);
  const length = (s) => step(s) / whole(s);
  // A state that grows makes a step of the same length look small.
  if (least === now && now > 4 && step(now) > 0.8 * step(half) && length(now) > 1.1 * length(half)) {
    return { ...found, trend: "drift", drift: { half, step: step(now), before: step(half) } };
  }
  if (least === now) return { ...found, trend: now > 2 ? "least" : "first" };
  return { ...found, trend: moved > 1.2 * whole(least) ? "farther" : "about" };
}

// Entropy of the readout at one position after loop t, in bits.
export function entropyOf(view, t, i) {
  let bits = 0;
  for (let v = 0; v < view.vocab; v++) {
    const p = view.probability(t, i, v);
    if (p > 0) bits -= p * Math.log2(p);
  }
  return bits;
}

// How often the answer of a position has changed up to loop t.
export function flipsOf(view, t, i) {
  return view.changes.slice(0, t).reduce((count, changed) => count + changed[i], 0);
}

// The tokens that are ever most probable at a position, `most` of them with the last answer, in their order.
export function likelyTokens(view, i, last, most) {
  const peak = new Float32Array(view.vocab);
  for (let t = 1; t <= view.loops; t++) {
    for (let v = 0; v < view.vocab; v++) peak[v] = Math.max(peak[v], view.probability(t, i, v));
  }
  const others = [...peak.keys()].filter((v) => v !== last).sort((a, b) => peak[b] - peak[a]);
  return [...others.slice(0, most - 1), last].sort((a, b) => a - b);
}

// Share of attention that follows rule r, and what attention spread evenly would give it: functions of (rule, loop[,
// head]).
export function ruleShares(view, layer) {
  const {
    values,
    shape: [, loops, layers, heads],
  } = view.arrays.rules;
  const even = view.arrays.rules_even.values;
  return {
    mass: (r, s, head) => values[((r * loops + s - 1) * layers + layer) * heads + head],
    even: (r, s) => even[r * loops + s - 1],
  };
}

// The rule and head whose share lies furthest above an even one in this loop; null when none does.
export function strongestRule(view, now, layer, heads) {
  const { mass, even } = ruleShares(view, layer);
  let most = null;
  view.meta.rules.forEach((name, r) => {
    for (const head of heads) {
      const here = mass(r, now, head);
      const lift = here - even(r, now);
      if (lift > (most?.lift ?? 0)) most = { lift, here, even: even(r, now), head, name };
    }
  });
  return most;
}

// How many positions are ten times nearer to their end than at the start.
export function tenTimesNearer(view, now) {
  const { values } = view.arrays.distances;
  const { n } = view.geometry;
  let nearer = 0;
  for (let i = 0; i < n; i++) if (values[now * n + i] < values[i] - 1) nearer++;
  return nearer;
}

// Cosines of the vectors of every loop with those of every other: Float32Array (loops, loops).
export function cosines(loops, width, at) {
  const units = Float32Array.from({ length: loops * width }, (_, k) => at(Math.floor(k / width), k % width));
  for (let s = 0; s < loops; s++) {
    const unit = units.subarray(s * width, (s + 1) * width);
    const size = Math.hypot(...unit) || 1;
    for (let c = 0; c < width; c++) unit[c] /= size;
  }
  const found = new Float32Array(loops * loops);
  for (let s = 0; s < loops; s++) {
    for (let u = 0; u <= s; u++) {
      let product = 0;
      for (let c = 0; c < width; c++) product += units[s * width + c] * units[u * width + c];
      found[s * loops + u] = found[u * loops + s] = product;
    }
  }
  return found;
}

// Mean cosine of one loop's vector with those of all other loops.
export function meanCosine(values, loops, now) {
  if (loops < 2) return 1;
  let sum = 0;
  for (let s = 0; s < loops; s++) if (s !== now - 1) sum += values[(now - 1) * loops + s];
  return sum / (loops - 1);
}

// The change that hurt the answer most, how many changes left another answer, and how many were tried.
export function effects({ margin: { values: margin }, changed: { values: changed } }) {
  let worst = 0;
  let turned = 0;
  for (let k = 0; k < margin.length; k++) {
    if (margin[k] < margin[worst] || Number.isNaN(margin[worst])) worst = k;
    if (changed[k] > 0) turned++;
  }
  return { worst, turned, tried: margin.reduce((count, value) => count + Number.isFinite(value), 0) };
}

// The rule that is as good as the whole run with the fewest loops on average, and how many loops stopping everywhere
// takes.
export function cheapestRule({ arrays, meta: { rules } }) {
  const fixed = arrays.fixed.values;
  const whole = fixed[fixed.length - 1];
  const found = rules.map((name, k) => {
    const {
      values,
      shape: [, points],
    } = arrays[`rule${k}`];
    let least = Infinity;
    for (let i = 0; i < points; i++) if (values[points + i] >= whole) least = Math.min(least, values[i]);
    return { least, name };
  });
  const cheapest = found.sort((a, b) => a.least - b.least)[0];
  return { ...cheapest, whole, plain: fixed.findIndex((share) => share >= whole) + 1 };
}

// The temperatures at which the board is right at the end, and from which loop on hardmax answers differently.
export function temperaturesOf({ arrays: { same, right }, meta: { temperatures } }, loops) {
  const done = [...temperatures.keys()].filter((r) => !Number.isNaN(same.values[r * loops]));
  const good = done.filter((r) => right.values[(r + 1) * loops - 1]).map((r) => temperatures[r]);
  const row = done.find((r) => temperatures[r] === 0);
  if (row === undefined) return { good, hard: null };
  const ways = same.values.subarray(row * loops, (row + 1) * loops);
  return { good, hard: { parts: ways.findIndex((share) => share < 1) + 1, agree: ways[loops - 1] } };
}

// Labels in the order of looped/tasks/sudoku/logic.py: the candidates one by one, then these.
const PROBED = ["candidates", "count", "single", "digit"];

function probeRows({ mode, geometry: { size } }) {
  return mode === "candidates" ? [...Array(size).keys()] : [size + PROBED.indexOf(mode) - 1];
}

// Accuracy of the probes of the chosen mode and of their control task, by loop, and of the most frequent label.
export function probeSeries(seen) {
  const { accuracy, control, baseline } = seen.asked.arrays;
  const states = accuracy.shape[1];
  const rows = probeRows(seen);
  const mean =
    ({ values }) =>
    (s) =>
      rows.reduce((sum, r) => sum + values[r * states + s], 0) / rows.length;
  return {
    states,
    accuracy: mean(accuracy),
    control: mean(control),
    baseline: rows.reduce((sum, r) => sum + baseline.values[r], 0) / rows.length,
  };
}

// What the probes of the chosen mode read from the state of position i in the present loop.
export function probeRead(seen, i) {
  const { view, t, asked, geometry } = seen;
  const labels = asked.arrays.accuracy.shape[0];
  return probeRows(seen).map((r) => asked.arrays.read.values[(view.at(t) * geometry.n + i) * labels + r]);
}

// What is true of position i of this board; null where nobody knows.
export function probeTruth({ mode, geometry, view, solution }, i) {
  const { size, n, peers } = geometry;
  if (mode === "single") return [Number(view.arrays.order.values[i] === 1)];
  if (mode === "digit") return solution ? [solution[i]] : null;
  const left = Array(size).fill(1);
  for (let j = 0; j < n; j++) if (j !== i && peers[i][j] && view.given[j]) left[view.given[j] - 1] = 0;
  return mode === "candidates" ? left : [left.reduce((a, b) => a + b, 0)];
}

// Position → share of the labels that the probe reads rightly there; only blanks whose truth is known.
export function probeHits(seen) {
  const { geometry, view } = seen;
  const hits = new Map();
  for (let i = 0; i < geometry.n; i++) {
    const truth = view.given[i] ? null : probeTruth(seen, i);
    if (!truth) continue;
    const said = probeRead(seen, i);
    hits.set(i, truth.filter((value, k) => value === said[k]).length / truth.length);
  }
  return hits;
}

// Attention between letter i of the first and letter j of the second word, both from 0, mean of the heads shown.
export function wordWeight({ view, t, layer, head, mode, geometry }, i, j) {
  const a = geometry.at(0, i);
  const b = geometry.at(1, j);
  const heads = head == null ? [...Array(view.meta.heads).keys()] : [head];
  return mode === "back" ? meanWeight(view, t, layer, heads, b, a) : meanWeight(view, t, layer, heads, a, b);
}

// Attention from the letters of one word to those of the other: the strongest pair, the mean share that goes across,
// the share of that which joins equal letters, and how many pairs of equal letters there are.
export function acrossWords(seen) {
  const {
    mode,
    meta: {
      words: [first, second],
    },
  } = seen;
  let best = { weight: -1 };
  let across = 0;
  let same = 0;
  let pairs = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      const weight = wordWeight(seen, i, j);
      const equal = first[i] === second[j];
      across += weight;
      if (equal) {
        same += weight;
        pairs++;
      }
      if (weight > best.weight) best = { weight, i, j };
    }
  }
  return { best, across: across / (mode === "back" ? second : first).length, same: same / (across || 1), pairs };
}

// How many numbers of the table the probe of this loop reads rightly.
export function wavefrontHits(view, asked, now) {
  const {
    shape: [rows, columns],
    values,
  } = view.arrays.table;
  const n = rows - 1;
  const m = columns - 1;
  const read = asked.arrays.read.values;
  let hits = 0;
  for (let i = 1; i < rows; i++) {
    for (let j = 1; j < columns; j++) hits += read[(now * n + i - 1) * m + j - 1] === values[i * columns + j];
  }
  return { hits, entries: n * m };
}

// An equation with the larger of two summands or factors first, as the solutions are written.
export function canonical(equation) {
  const found = /^(\d+)([+×])(\d+)=(\d+)$/.exec(equation);
  if (!found || Number(found[1]) >= Number(found[3])) return equation;
  return `${found[3]}${found[2]}${found[1]}=${found[4]}`;
}

// Mean share of right answers after a number of loops, over the known lengths of words between two.
export function meanOfLengths({ arrays: { right }, meta: { lengths } }, loop, from, to) {
  const {
    values,
    shape: [, loops],
  } = right;
  const known = lengths
    .map((length, k) => [length, values[k * loops + loop - 1]])
    .filter(([length, share]) => length >= from && length <= to && Number.isFinite(share));
  return known.length ? known.reduce((sum, [, share]) => sum + share, 0) / known.length : NaN;
}

// ── two runs ──────────────────────────────────────────────────────────────────────────────────────────────────────

// The positions where the answers of two runs differ after loop t.
export function disagreements([a, b], t) {
  if (!t) return [];
  return [...Array(a.geometry.n).keys()].filter((i) => a.asked[i] && a.digit(t, i) !== b.digit(t, i));
}

// The first loop in which two runs differ; null when they never do.
export function firstDisagreement(views, loops) {
  for (let t = 1; t <= loops; t++) if (disagreements(views, t).length) return t;
  return null;
}

// The loop from which on two runs that have parted agree to the end; null when they do not.
export function agreeAgain(views, loops) {
  for (let t = loops; t >= 1; t--) if (disagreements(views, t).length) return t < loops ? t + 1 : null;
  return null;
}

// The index of the entry of a list of loops that is nearest to a loop.
export const nearest = (loops, loop) => {
  let best = 0;
  loops.forEach((one, i) => {
    if (Math.abs(one - loop) < Math.abs(loops[best] - loop)) best = i;
  });
  return best;
};
