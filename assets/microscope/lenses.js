// Panels that ask the model why. Those with `asks` show what the server computed for them when somebody asked (asking.js):
// `seen.asked` is { arrays, meta, cell, loop, share } or null. All are panels as in panels.js.
//
//     question   what a person would ask, in the menu “Ask”
//     sequences  the help on the Sequences page, where other words are needed
//     formula    how it is computed, under the help
//     blank      nothing is drawn before somebody asked
//     asks       { name, words: on the button, cell, loop: what the answer depends on, free: of a blank only, board: false: of the
//                model alone, auto: asked for by itself }, or a function of { mode } that gives it, or null
//     modes      what the panel can show, one at a time: [name, words]; `seen.mode` is the chosen name

// ── pieces of figures ──────────────────────────────────────────────────────────────────────────────────────────────

// rows × columns of rectangles; value(r, c) from −1 to 1: blue above zero, orange below, nothing for NaN.
function heat(pen, x, y, width, height, rows, columns, value, colours) {
  const high = height / rows, wide = width / columns;
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
    const v = value(r, c);
    if (!v || Number.isNaN(v)) continue;
    pen.fillStyle = v < 0 ? colours.warm : colours.accent;
    pen.globalAlpha = Math.min(1, Math.abs(v));
    pen.fillRect(x + c * wide, y + r * high, wide + 0.4, high + 0.4);
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(x, y, width, height);
}

// What stands in every cell, where there is room for it.
function cellSigns(pen, x, y, step, { view, t, colours, font, geometry }) {
  if (step < 12) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.text;
  for (let j = 0; j < geometry.n; j++) {
    const text = view.text(t, j), spot = geometry.spot(j);
    if (!text || !spot) continue;
    const [row, column] = spot;
    pen.font = `${Math.round(step * Math.min(0.6, 1.2 / text.length))}px ${font}`;
    pen.fillText(text, x + (column + 0.5) * step, y + (row + 0.54) * step);
  }
  pen.textBaseline = "alphabetic";
}

function ringCell(pen, x, y, step, { colours, geometry }, cell) {
  const spot = geometry.spot(cell);
  if (!spot) return;
  const [row, column] = spot;
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 2;
  pen.strokeRect(x + column * step + 1, y + row * step + 1, step - 2, step - 2);
}

// One value a cell on a small drawing of the input, whose longer side is `side`; signs on it where there is room, the chosen cell ringed.
function smallBoard(pen, x, y, side, seen, value, cell, words) {
  const { colours, geometry } = seen, { rows, columns } = geometry, step = side / Math.max(rows, columns);
  heat(pen, x, y, step * columns, step * rows, rows, columns, (r, c) => { const i = geometry.at(r, c); return i == null ? 0 : value(i); }, colours);
  cellSigns(pen, x, y, step, seen);
  pen.strokeStyle = colours.line;
  geometry.frame(pen, x, y, step);
  if (cell != null) ringCell(pen, x, y, step, seen, cell);
  caption(pen, seen, words, x, y - 4);
}

function caption(pen, { colours, font, page }, words, x, y, align = "left") {
  pen.font = `12px ${font}`;
  pen.textAlign = align;
  pen.fillStyle = colours.muted;
  pen.fillText(page.words(String(words)), x, y);
}

// Squares side by side in a canvas: [x, y, side] of each.
function squares(count, width, height, top = 16) {
  const side = Math.min((width - 10 * (count - 1)) / count, height - top - 4), left = (width - count * side - (count - 1) * 10) / 2;
  return Array.from({ length: count }, (_, i) => [left + i * (side + 10), top, side]);
}

// The largest drawings of the input that fit side by side and below each other, with a line above each: [x, y, side] of each.
function drawings(count, width, height, { rows, columns }) {
  let best = { step: 0, across: 1 };
  for (let across = 1; across <= count; across++) {
    const step = Math.min((width - 10 * (across - 1)) / across / columns, (height / Math.ceil(count / across) - 18) / rows);
    if (step > best.step) best = { step, across };
  }
  const { step, across } = best, wide = step * columns, high = step * rows, left = (width - across * wide - (across - 1) * 10) / 2;
  return Array.from({ length: count }, (_, i) => [left + (i % across) * (wide + 10), 16 + Math.floor(i / across) * (high + 18), step * Math.max(rows, columns)]);
}

// The cell under the pointer on a drawing of the input, whose longer side is `side`.
function cellAt(x, y, [left, top, side], geometry) {
  const { rows, columns } = geometry, step = side / Math.max(rows, columns), column = Math.floor((x - left) / step), row = Math.floor((y - top) / step);
  return row >= 0 && column >= 0 && row < rows && column < columns ? geometry.at(row, column) : null;
}

const largest = (values) => { let most = 0; for (const value of values) if (Math.abs(value) > most) most = Math.abs(value); return most; };
// The entry of a list of loops that is nearest to a loop.
const nearest = (loops, loop) => { let best = 0; loops.forEach((one, i) => { if (Math.abs(one - loop) < Math.abs(loops[best] - loop)) best = i; }); return best; };

// ── attention by rule ──────────────────────────────────────────────────────────────────────────────────────────────

function ruleGrid({ view, head }, width, height) {
  const heads = head == null || head >= view.meta.heads ? Array.from({ length: view.meta.heads }, (_, i) => i) : [head], names = view.meta.rules;
  return { heads, names, left: 74, wide: (width - 74) / heads.length, top: 16, high: (height - 18) / names.length };
}

const RULES = {
  self: "the cell itself", "non-peers": "cells that share no row, column or box", "same digit": "cells with the same digit", "own word": "the letters of its own word", "other word": "the letters of the other word",
  "same letter": "equal letters", "same place": "the letter at the same place in the other word", marks: "the marks | and =", padding: "padding", numbers: "the numbers and the target", "own equation": "the rest of the own equation", "other equations": "the other equations",
};

PANELS.push({
  name: "rules", title: "Attention by rule", question: "Do the heads know the rules?", needs: "rules",
  help: "How much of the attention of all blanks goes to the other cells of their row, column and box, to cells with the same digit, to themselves, and to cells that share none of these. One small curve over the loops for each head; the dotted line is what attention spread evenly over the board would give, so a curve far above it is a head that watches this rule. All curves have one scale. Click to set the clock.",
  sequences: "How much of the attention of all positions that are asked goes to what a person would look at: in two words to the own and the other word, equal letters, the letter at the same place, the marks, itself and padding; in Countdown to the numbers and the target, the rest of the own equation, the other equations, and itself. One small curve over the loops for each head; the dotted line is what attention spread evenly would give, so a curve far above it is a head that watches this. All curves have one scale. Click to set the clock.",
  formula: "mass(rule) = mean over blanks i of Σⱼ A[i, j] · [j is in the rule for i]; even: the same with A[i, j] = 1 / cells. Rules may overlap.",
  drawing: "Share of attention that follows each rule, per head, over the loops",
  paint(pen, width, height, seen) {
    const { view, t, layer, colours } = seen, { heads, names, left, wide, top, high } = ruleGrid(seen, width, height), { loops } = view, now = view.at(t);
    const [, , layers, all] = view.arrays.rules.shape, mass = (r, s, head) => view.arrays.rules.values[((r * loops + s - 1) * layers + layer) * all + head], even = (r, s) => view.arrays.rules_even.values[r * loops + s - 1];
    let most = { lift: 0 };
    const peak = Math.max(0.25, largest(view.arrays.rules.values));
    names.forEach((name, r) => {
      const bottom = top + (r + 1) * high - 3;
      caption(pen, seen, name, left - 6, bottom - high / 2 + 8, "right");
      heads.forEach((head, k) => {
        const x0 = left + k * wide + 2, x1 = left + (k + 1) * wide - 4, x = (s) => x0 + (x1 - x0) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5), y = (value) => bottom - (high - 6) * value / peak;
        pen.strokeStyle = colours.line;
        pen.lineWidth = 1;
        pen.beginPath(); pen.moveTo(x0, bottom); pen.lineTo(x1, bottom); pen.stroke();
        curve(pen, loops, x, (s) => y(even(r, s)), colours.muted, [1, 3], 1);
        curve(pen, loops, x, (s) => y(mass(r, s, head)), colours.accent, [], 1.6);
        if (!t) return;
        const here = mass(r, now, head), lift = here - even(r, now);
        pen.fillStyle = colours.accent;
        pen.beginPath(); pen.arc(x(now), y(here), 2.6, 0, 7); pen.fill();
        if (lift > most.lift) most = { lift, here, even: even(r, now), head, name };
      });
    });
    heads.forEach((head, k) => caption(pen, seen, `head ${head + 1}`, left + k * wide + 2, 11));
    if (!t) return "No attention yet: the first loop has not run.";
    if (!most.lift) return "In this loop no head gives any rule more than attention spread evenly would.";
    const words = RULES[most.name] ?? `the own ${most.name}`;
    return `In this loop head ${most.head + 1} gives ${words} ${percent(most.here)} of its attention; spread evenly it would be ${percent(most.even)}.`;
  },
  pick(x, y, width, height, seen) {
    const { left, wide } = ruleGrid(seen, width, height), { loops } = seen.view;
    return x < left ? null : { loop: clamp(Math.round(1 + ((x - left) % wide - 2) / (wide - 6) * (loops - 1)), 1, loops) };
  },
  table({ view, layer }) {
    const [rules, loops, layers, heads] = view.arrays.rules.shape, rows = [];
    for (let r = 0; r < rules; r++) for (let s = 0; s < loops; s++) for (let head = 0; head < heads; head++)
      rows.push([s + 1, head + 1, view.meta.rules[r], view.arrays.rules.values[((r * loops + s) * layers + layer) * heads + head].toPrecision(4), view.arrays.rules_even.values[r * loops + s].toPrecision(4)]);
    return { columns: ["loop", "head", "rule", "share of attention", "spread evenly"], rows };
  },
});

// ── the whole matrix, and rollout ──────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "flow", title: "Flow of attention", question: "Where does information flow from?", needs: "attention", asks: { name: "rollout", auto: true },
  help: "Left: where the chosen cell's state was put together from, over all loops so far, by attention rollout, drawn on the board. Middle: the same for all cells (a row per cell, a column per cell it came from). Right: attention of this loop alone, the whole matrix, of the chosen head or the mean of all. Blue is more than an even share, orange less, white an even one. Point at a square of the left board to preview its cell, click to choose it.",
  formula: "Rollout (Abnar and Zuidema, 2005.00928) with the gates of a TMLT: R[t+1] = norm(I + g(t) · Ā[t]) · R[t], R[0] = I; Ā is the mean over heads, g(t) the root mean square of α1(t), or 1; norm makes rows sum to one. It leaves out values, the MLP and input injection: an estimate of the way, not of the weight.",
  drawing: "Rollout of the chosen cell on the board, rollout of all cells, attention of all cells",
  paint(pen, width, height, seen) {
    const { view, t, layer, head, active, asked, colours, geometry } = seen, { n } = geometry, [board, whole, now] = squares(3, width, height), loop = view.at(t);
    const flow = asked?.arrays.rollout?.values, from = (i, j) => flow[(loop * n + i) * n + j];
    const heads = head == null ? [...Array(view.meta.heads).keys()] : [head];
    const weight = (i, j) => heads.reduce((sum, one) => sum + view.weight(t, layer, one, i, j), 0) / heads.length;
    const lift = (p) => { const v = Math.log2(Math.max(p, 1e-4) * n) / 4; return Math.abs(v) < 0.04 ? 0 : clamp(v, -1, 1) * 0.9; };  // against an even share: 16 times as much is full blue
    const drawn = (value, square, words) => {
      heat(pen, ...square, square[2], n, n, (r, c) => lift(value(r, c)), colours);
      pen.strokeStyle = colours.warm;
      pen.strokeRect(square[0], square[1] + active * square[2] / n, square[2], square[2] / n);
      caption(pen, seen, words, square[0], square[1] - 4);
    };
    if (flow) {
      smallBoard(pen, ...board, seen, (j) => 0.8 * lift(from(active, j)), active, "rollout, this cell");
      drawn(from, whole, "rollout, all cells");
    } else { caption(pen, seen, "rollout, this cell", board[0], board[1] - 4); caption(pen, seen, "rollout, all cells", whole[0], whole[1] - 4); }
    if (t) drawn(weight, now, head == null ? "attention, all heads" : `attention, head ${head + 1}`);
    else caption(pen, seen, "attention", now[0], now[1] - 4);
    if (!flow) return "The rollout is being computed.";
    if (!t) return "Before the first loop every cell holds only itself.";
    const ranked = Array.from({ length: n }, (_, j) => [from(active, j), j]).filter(([, j]) => j !== active).sort((a, b) => b[0] - a[0]);
    return `After ${plural(loop, "loop")} rollout traces ${percent(from(active, active))} of ${geometry.name(active)} to itself and ${percent(ranked[0][0])} to ${geometry.name(ranked[0][1])}; spread evenly it would be ${percent(1 / n)}.`;
  },
  pick(x, y, width, height, { geometry }) {
    const cell = cellAt(x, y, squares(3, width, height)[0], geometry);
    return cell == null ? null : { cell };
  },
  table({ view, active, asked, geometry }) {
    const { n } = geometry, flow = asked?.arrays.rollout?.values;
    return { columns: ["loop", ...Array.from({ length: n }, (_, j) => `rollout of cell ${active} from cell ${j}`)],
      rows: flow ? Array.from({ length: view.loops + 1 }, (_, s) => [s, ...Array.from({ length: n }, (_, j) => flow[(s * n + active) * n + j].toPrecision(4))]) : [] };
  },
});

// ── the whole readout ──────────────────────────────────────────────────────────────────────────────────────────────

const WHOLE = ["entropy", "rank", "flips", "settled"];

PANELS.push({
  name: "whole", title: "Readout of the board", question: "When does the board make up its mind?", needs: "whole",
  help: "All blanks together, loop by loop: how many have settled for good; how many answers this loop changed; how uncertain they are (entropy, in bits a blank); and how high the final answer stood among all tokens (its mean rank, 1 is the top). Each curve is drawn from nothing to its own largest value, which is printed. Click to set the clock.",
  formula: "H = −Σ p log₂ p, mean over blanks; rank = 1 + number of tokens with a larger logit than the last loop's answer; settled at t: the answer never changes after loop t.",
  drawing: "Settled blanks, changed answers, entropy and rank of the final answer, over the loops",
  strips(view) {
    const { values } = view.arrays.whole, { loops } = view, blanks = view.blanks || 1, row = (name) => (s) => values[WHOLE.indexOf(name) * loops + s - 1];
    return [["settled", row("settled"), (v) => `${v} of ${view.blanks}`], ["changed", row("flips"), (v) => String(v)],
      ["entropy", (s) => row("entropy")(s) / blanks, (v) => `${short(v)} bits`], ["rank", row("rank"), (v) => v.toFixed(2)]];
  },
  paint(pen, width, height, seen) {
    const { view, t, colours } = seen, { loops } = view, now = view.at(t), strips = this.strips(view), top = 4, bottom = height - 20, high = (bottom - top) / strips.length;
    const left = 76, x = (s) => left + (width - AXIS.right - left) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5);
    strips.forEach(([name, value, words], k) => {
      const floor = name === "rank" ? 1 : 0, base = top + (k + 1) * high - 3;
      let most = floor;
      for (let s = 1; s <= loops; s++) most = Math.max(most, value(s));
      const y = (v) => base - (high - 8) * (v - floor) / (most - floor || 1);
      pen.strokeStyle = colours.line;
      pen.beginPath(); pen.moveTo(left, base); pen.lineTo(width - AXIS.right, base); pen.stroke();
      curve(pen, loops, x, (s) => y(value(s)), name === "changed" ? colours.warm : colours.accent, [], 1.8);
      caption(pen, seen, name, left - 8, base - high / 2 - 3, "right");
      caption(pen, { ...seen, colours: { muted: colours.text } }, t ? words(value(now)) : `≤ ${words(most)}`, left - 8, base - high / 2 + 10, "right");
    });
    loopAxis(pen, colours, width, top, bottom, loops, view.meta.trained_loops, now, x);
    if (!t) return "No loop has run, so nothing has been read yet.";
    if (!view.blanks) return "Every cell is given: nothing is asked.";
    const [settled, changed, entropy, rank] = strips.map(([, value]) => value(now));
    return `After ${plural(now, "loop")} ${settled} of ${plural(view.blanks, "blank")} have settled for good; this loop changed ${plural(changed, "answer")}. On average a blank is uncertain by ${short(entropy)} bits, and its final answer is number ${rank.toFixed(1)} of the tokens.`;
  },
  pick: (x, y, width, height, { view }) => ({ loop: clamp(Math.round(1 + (x - 76) / (width - AXIS.right - 76) * (view.loops - 1)), 1, view.loops) }),
  table({ view }) {
    const { values } = view.arrays.whole;
    return { columns: ["loop", "entropy of all blanks, bits", "mean rank of the final answer", "changed answers", "settled blanks"],
      rows: Array.from({ length: view.loops }, (_, s) => [s + 1, ...WHOLE.map((_, v) => values[v * view.loops + s].toPrecision(5))]) };
  },
});

// ── distance to the end ────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "distances", title: "Distance to the end", question: "Which cells come to rest?", needs: "distances",
  help: "One row for every cell in reading order, one column for every loop: the darker, the further its hidden state still is from where it ends. A row that fades early is a cell that came to rest early; rows that stay dark until the last column never rest. Click to choose a cell and set the clock.",
  formula: "log₁₀ ‖h[t] − h[last]‖ of each cell, for t = 0 … last, in Euclidean norm. The last column is the end itself and is left out of the scale.",
  drawing: "Distance of every cell's hidden state to its end, over the loops",
  paint(pen, width, height, seen) {
    const { view, t, active, colours, geometry } = seen, { n } = geometry, { loops } = view, { values } = view.arrays.distances, now = view.at(t);
    let low = Infinity, high = -Infinity;
    for (let k = 0; k < loops * n; k++) { low = Math.min(low, values[k]); high = Math.max(high, values[k]); }
    const right = width - AXIS.right, bottom = height - 20, wide = (right - AXIS.left) / (loops + 1);
    heat(pen, AXIS.left, 6, right - AXIS.left, bottom - 6, n, loops + 1, (i, s) => (s === loops ? 0 : 0.04 + 0.9 * (values[s * n + i] - low) / (high - low || 1)), colours);
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2;
    pen.strokeRect(AXIS.left, 6 + active * (bottom - 6) / n - 1, right - AXIS.left, (bottom - 6) / n + 2);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.strokeRect(AXIS.left + now * wide, 6, wide, bottom - 6);
    const every = [1, 2, 4, 8, 16, 32, 64].find((step) => loops / step <= 9) ?? 64;
    for (let s = 0; s <= loops; s += every) caption(pen, seen, s, AXIS.left + (s + 0.5) * wide, bottom + 14, "center");
    caption(pen, seen, geometry.units ? "cells" : "tokens", 38, 16, "right");
    const here = 10 ** values[now * n + active], first = 10 ** values[active];
    if (now === loops) return `This is the end of the run. ${sentence(geometry.name(active))} started ${short(first)} away from here, and one loop before the end it was ${short(10 ** values[(loops - 1) * n + active])} away.`;
    let nearer = 0;
    for (let i = 0; i < n; i++) if (values[now * n + i] < values[i] - 1) nearer++;
    return `${sentence(geometry.name(active))} is ${short(here)} away from its end (${short(first)} at the start). ${plural(nearer, "cell")} of ${n} ${nearer === 1 ? "has" : "have"} come ten times nearer than at the start.`;
  },
  pick(x, y, width, height, { view, geometry }) {
    const s = Math.floor((x - AXIS.left) / ((width - AXIS.right - AXIS.left) / (view.loops + 1))), cell = Math.floor((y - 6) / ((height - 26) / geometry.n));
    return s < 0 || s > view.loops || cell < 0 || cell >= geometry.n ? null : { cell, loop: s };
  },
  table({ view, geometry }) {
    const { n } = geometry, { values } = view.arrays.distances;
    return { columns: ["loop", ...Array.from({ length: n }, (_, i) => `log10 distance of cell ${i}`)], rows: Array.from({ length: view.loops + 1 }, (_, s) => [s, ...Array.from({ length: n }, (_, i) => values[s * n + i].toPrecision(4))]) };
  },
});

// ── orbits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "orbits", title: "Orbits", question: "Do the states circle around something?", needs: "trajectory",
  help: "The way of the chosen cell's hidden state through three planes: principal components 1 and 2, 3 and 4, 5 and 6, which were fitted once to all states of the run (of both runs when two are compared). A way that ends in a point has converged; one that circles or jumps to and fro is an orbit. Thin: the whole run; thick: up to this loop; the dot is now.",
  formula: "Coordinates (h[t] − mean) · aₖ with the principal axes aₖ of all h[t] of all cells, as in Geiping et al. (2502.05171).",
  drawing: "Path of the chosen cell's hidden state in three planes of principal components",
  paint(pen, width, height, seen) {
    const { view, t, active, colours, geometry } = seen, { n } = geometry, { values, shape: [, , parts] } = view.arrays.trajectory, now = view.at(t), { explained } = view.meta;
    squares(3, width, height).forEach((square, plane) => {
      const [left, top, side] = square, a = 2 * plane, b = a + 1;
      if (b >= parts) return;
      const at = (s, k) => values[(s * n + active) * parts + k];
      let reach = 0;
      const middle = [a, b].map((k) => { let low = Infinity, high = -Infinity; for (let s = 0; s <= view.loops; s++) { low = Math.min(low, at(s, k)); high = Math.max(high, at(s, k)); } reach = Math.max(reach, high - low); return (low + high) / 2; });
      const place = (s) => [left + side / 2 + (at(s, a) - middle[0]) / (reach || 1) * (side - 16), top + side / 2 - (at(s, b) - middle[1]) / (reach || 1) * (side - 16)];
      const path = (to, colour, thick) => { pen.strokeStyle = colour; pen.lineWidth = thick; pen.beginPath(); pen.moveTo(...place(0)); for (let s = 1; s <= to; s++) pen.lineTo(...place(s)); pen.stroke(); };
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.strokeRect(left, top, side, side);
      path(view.loops, colours.line, 1);
      path(now, colours.warm, 1.8);
      pen.fillStyle = colours.warm;
      pen.beginPath(); pen.arc(...place(now), 4, 0, 7); pen.fill();
      pen.fillStyle = colours.muted;
      pen.beginPath(); pen.arc(...place(0), 2.5, 0, 7); pen.fill();
      caption(pen, seen, `${a + 1} and ${b + 1}: ${percent((explained[a] ?? 0) + (explained[b] ?? 0))}`, left, top - 4);
    });
    const held = explained.slice(0, 6).reduce((sum, one) => sum + one, 0);
    return `${sentence(geometry.name(active))} through three planes, which together hold ${percent(held)} of all differences between states${view.meta.shared_basis ? " of both runs" : ""}.`;
  },
  pick: () => null,
  table({ view, active, geometry }) {
    const { values, shape: [, , parts] } = view.arrays.trajectory;
    return { columns: ["loop", ...Array.from({ length: parts }, (_, k) => `component ${k + 1} of cell ${active}`)], rows: Array.from({ length: view.loops + 1 }, (_, s) => [s, ...Array.from({ length: parts }, (_, k) => values[(s * geometry.n + active) * parts + k].toPrecision(6))]) };
  },
});

// ── fixed point ────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "fixed", title: "Fixed point", question: "Is there a fixed point?", needs: "steps", asks: { name: "spectrum", words: "Compute the spectral radius" },
  help: "Left: how each step h[t+1] − h[t] follows the one before. Solid: its direction (cosine: 1 straight on, −1 straight back). Dashed: its length against the one before (below 1 the steps shrink). Dotted: how far two loops together go (0: the second undoes the first, a period of two). Right, when asked for: by how much tiny differences grow in one loop, in the long run (spectral radius, dots) and at most (local Lipschitz constant, squares). A radius above 1 does not mean that answers are lost; its trend over the loops tells more. The sentence is a verdict on movement only.",
  formula: "cosine = ⟨Δ[t], Δ[t−1]⟩ / ‖Δ[t]‖‖Δ[t−1]‖; contraction = ‖Δ[t]‖ / ‖Δ[t−1]‖; two loops = ‖Δ[t] + Δ[t−1]‖ / ‖Δ[t−1]‖. Spectral radius: largest |eigenvalue| of the Jacobian J of one loop, by Arnoldi's method with products Jᵀv; Lipschitz: its largest singular value, with Jᵀ(Jv). J is never formed.",
  drawing: "Direction and length of every step against the one before; spectral radius of the loop map",
  paint(pen, width, height, seen) {
    const { view, t, asked, colours } = seen, { loops } = view, { values } = view.arrays.steps, now = view.at(t), half = asked ? width * 0.6 : width;
    const of = (k, s) => values[k * loops + s - 1], top = 10, bottom = height - 20, y = (v) => bottom - (bottom - top) * (Math.min(2, Math.max(-1, v)) + 1) / 3;
    pen.strokeStyle = colours.line;
    for (const v of [-1, 0, 1, 2]) {
      pen.globalAlpha = v === 0 || v === 1 ? 1 : 0.5;
      pen.beginPath(); pen.moveTo(AXIS.left, y(v)); pen.lineTo(half - AXIS.right, y(v)); pen.stroke();
      pen.globalAlpha = 1;
      caption(pen, seen, String(v).replace("-", "−"), 38, y(v) + 4, "right");
    }
    const x = loopAxis(pen, colours, half, top, bottom, loops, view.meta.trained_loops, now);
    curve(pen, loops, x, (s) => y(of(2, s)), colours.cool, [2, 3], 1.8);
    curve(pen, loops, x, (s) => y(of(1, s)), colours.warm, [6, 3], 1.8);
    curve(pen, loops, x, (s) => y(of(0, s)), colours.accent);
    pen.textAlign = "right";
    pen.textAlign = "right";
    for (const [words, colour, line] of [["— direction", colours.accent, 2], ["- - length", colours.warm, 1], ["··· two loops", colours.cool, 0]]) label(pen, colours, words, half - 18, bottom - 6 - 14 * line, colour);
    let radius = "";
    if (asked) {
      const at = asked.arrays.at.values, found = asked.arrays.radius.values, count = at.length, known = [...found].filter(Number.isFinite);
      const low = Math.log10(Math.min(0.5, ...known)), top10 = Math.log10(Math.max(2, ...known)), up = (v) => bottom - (bottom - top) * (Math.log10(v) - low) / (top10 - low);
      const begin = half + 34, along = (i) => begin + (width - AXIS.right - begin) * (count > 1 ? at[i] / (at[count - 1] || 1) : 0.5);
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1;
      pen.setLineDash([4, 4]);
      pen.beginPath(); pen.moveTo(begin, up(1)); pen.lineTo(width - AXIS.right, up(1)); pen.stroke();
      pen.setLineDash([]);
      caption(pen, seen, "1", begin - 5, up(1) + 4, "right");
      for (const v of [Math.max(...known)]) caption(pen, seen, short(v), begin - 5, up(v) + 4, "right");
      for (let i = 0; i < count; i++) {
        pen.fillStyle = colours.accent;
        if (Number.isFinite(found[i])) { pen.beginPath(); pen.arc(along(i), up(found[i]), 3, 0, 7); pen.fill(); }
        pen.fillStyle = colours.warm;
        if (Number.isFinite(found[count + i])) pen.fillRect(along(i) - 2.5, up(found[count + i]) - 2.5, 5, 5);
      }
      caption(pen, seen, "● radius  ■ Lipschitz", begin, bottom + 14);
      const here = nearest(at, Math.max(0, now - 1));
      if (Number.isFinite(found[here])) radius = ` At loop ${at[here] + 1} a tiny difference grows by ${short(found[here])} a loop in the long run, ${short(found[count + here])} at most in one.`;
    }
    return `${view.meta.verdict.sentence}${view.lost ? ` Overthinking: a right board is lost for good in loop ${view.lost}.` : ""}${radius}`;
  },
  pick: (x, y, width, height, { view, asked }) => (x > (asked ? width * 0.6 : width) ? null : { loop: loopAt(x, asked ? width * 0.6 : width, view.loops) }),
  table({ view }) {
    const { values } = view.arrays.steps;
    return { columns: ["loop", "cosine with the step before", "length over the step before", "two loops over one"], rows: Array.from({ length: view.loops }, (_, s) => [s + 1, ...[0, 1, 2].map((k) => values[k * view.loops + s].toPrecision(5))]) };
  },
});

// ── timesteps compared ─────────────────────────────────────────────────────────────────────────────────────────────

// Cosines of the vectors of every loop with those of every other: Float32Array (loops, loops).
function cosines(loops, width, at) {
  const units = Float32Array.from({ length: loops * width }, (_, k) => at(Math.floor(k / width), k % width)), found = new Float32Array(loops * loops);
  for (let s = 0; s < loops; s++) { let size = 0; for (let c = 0; c < width; c++) size += units[s * width + c] ** 2; size = Math.sqrt(size) || 1; for (let c = 0; c < width; c++) units[s * width + c] /= size; }
  for (let s = 0; s < loops; s++) for (let u = 0; u <= s; u++) { let dot = 0; for (let c = 0; c < width; c++) dot += units[s * width + c] * units[u * width + c]; found[s * loops + u] = found[u * loops + s] = dot; }
  return found;
}

PANELS.push({
  name: "encoding", title: "Timesteps compared", question: "How alike are the timesteps?", needs: "encodings",
  missing: () => "This checkpoint has no timestep encoding, so there is nothing to compare.",
  help: "Each square compares every loop with every other: the darker, the more their vectors point the same way. White is the least alike of that square, whose cosine stands below it; orange is opposite. TE is the timestep encoding itself, the others are the four vectors made from it. A square that is blue everywhere is a vector that hardly turns from loop to loop; blocks are loops that do the same job. The lines mark the present loop.",
  formula: "cos(v(s), v(t)) for every pair of loops s, t; v is TE(t) ∈ ℝᵈ (2410.01405, section 4.2), or α1, α2, γ1, γ2 ∈ ℝᵈ.",
  drawing: "Cosine of the timestep encoding and of the four vectors between every two loops",
  matrices({ view, layer }) {
    const { encodings, scales } = view.arrays, { loops } = view, [, layers, , d] = scales.shape;
    view.alike ??= {};
    return view.alike[layer] ??= [["TE", cosines(loops, encodings.shape[1], (s, c) => encodings.values[s * encodings.shape[1] + c])],
      ...SCALES.map((name, v) => [name, cosines(loops, d, (s, c) => scales.values[((s * layers + layer) * 4 + v) * d + c])])];
  },
  paint(pen, width, height, seen) {
    const { view, t, colours } = seen, { loops } = view, now = view.at(t), found = this.matrices(seen);
    squares(5, width, height).forEach((square, k) => {
      const [left, top, side] = square, [name, values] = found[k];
      const step = Math.max(1, Math.ceil(loops / 64)), cells = Math.ceil(loops / step);  // finer than the screen helps nobody
      const low = values.reduce((a, b) => Math.min(a, b), 1), floor = low < 0 ? 0 : Math.min(low, 0.999);  // from the least alike to equal, so that differences show
      heat(pen, left, top, side, side, cells, cells, (r, c) => { const v = values[r * step * loops + c * step]; return v < 0 ? v : 0.02 + 0.9 * (v - floor) / (1 - floor); }, colours);
      if (t) {
        pen.strokeStyle = colours.text;
        pen.lineWidth = 1;
        const at = (now - 0.5) / loops * side;
        pen.beginPath(); pen.moveTo(left + at, top); pen.lineTo(left + at, top + side); pen.moveTo(left, top + at); pen.lineTo(left + side, top + at); pen.stroke();
      }
      caption(pen, seen, name, left, top - 4);
      caption(pen, seen, `${low.toFixed(2).replace("-", "−")} to 1`, left, top + side + 13);
    });
    if (!t) return "No loop has run yet; the squares compare the loops that will.";
    const mean = (values) => { let sum = 0; for (let s = 0; s < loops; s++) if (s !== now - 1) sum += values[(now - 1) * loops + s]; return loops > 1 ? sum / (loops - 1) : 1; };
    const alike = found.map(([name, values]) => [mean(values), name]), least = alike.slice(1).sort((a, b) => a[0] - b[0])[0];
    return `The encoding of this loop has a cosine of ${alike[0][0].toFixed(2).replace("-", "−")} with that of the other loops on average. Of the four vectors ${least[1]} turns most: ${least[0].toFixed(2).replace("-", "−")}.`;
  },
  pick(x, y, width, height, { view }) {
    for (const [left, top, side] of squares(5, width, height)) if (x >= left && x <= left + side && y >= top && y <= top + side) return { loop: clamp(Math.ceil((x - left) / side * view.loops), 1, view.loops) };
    return null;
  },
  table(seen) {
    const { loops } = seen.view, rows = [];
    for (const [name, values] of this.matrices(seen)) for (let s = 0; s < loops; s++) rows.push([name, s + 1, ...Array.from({ length: loops }, (_, u) => values[s * loops + u].toPrecision(4))]);
    return { columns: ["vector", "loop", ...Array.from({ length: loops }, (_, u) => `cosine with loop ${u + 1}`)], rows };
  },
});

// ── cause ──────────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "effect", title: "What causes this answer", question: "What causes the answer in this cell?", needs: "attention",
  asks: ({ mode }) => ({ name: mode, cell: true, free: true, words: mode === "heads" ? "Cut every head in every loop" : "Knock every cell back at every loop" }),
  modes: [["cells", "cells"], ["heads", "heads"]],
  blank: true,
  help: "One thing is changed in one loop, the run goes on to its end, and the answer in the chosen cell is compared: “cells” puts the hidden state of one cell back to its start after that loop, “heads” cuts one head in that loop. Orange: the answer lost ground (its logit against the best other one); blue: it gained. An outlined square: at the end the answer in some cell is another one. Heat map: a column for each loop that was tried. Left: the board at the tried loop that is nearest to the clock. Click to choose a cell or set the clock.",
  formula: "Δ margin = (z[answer] − max over others z) after the changed run − the same after the plain run; z are the logits of the chosen cell after the last loop. What was taken away for one loop may be written again by the next.",
  drawing: "Effect on the chosen cell's answer of a change in every loop and cell, or head",
  layout(width, height, mode) { return mode === "heads" ? { board: null, left: 62 } : { board: [4, 16, Math.min(height - 22, width * 0.36)], left: Math.min(height - 22, width * 0.36) + 48 }; },
  paint(pen, width, height, seen) {
    const { view, t, asked, mode, colours, geometry } = seen, { board, left } = this.layout(width, height, mode);
    if (!asked) return `Asks for the answer in ${geometry.name(seen.page.cell)}: every ${mode === "heads" ? "head" : "cell"} is changed in up to 16 loops, one at a time, and the run is run to its end each time.`;
    const { margin, changed, at } = asked.arrays, [loops, things] = margin.shape, top = largest([...margin.values].filter(Number.isFinite)) || 1;
    if (!margin.values.some(Number.isFinite)) return "The first change is being tried.";
    const strength = (v) => (Number.isNaN(v) ? NaN : Math.sign(v) * Math.max(Math.abs(v) / top < 0.01 ? 0 : 0.1, Math.sqrt(Math.abs(v) / top) * 0.95));
    const right = width - AXIS.right, bottom = height - 20, here = nearest(at.values, Math.max(0, view.at(t) - 1)), wide = (right - left) / loops, high = (bottom - 8) / things;
    heat(pen, left, 8, right - left, bottom - 8, things, loops, (r, c) => strength(margin.values[c * things + r]), colours);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    for (let c = 0; c < loops; c++) for (let r = 0; r < things; r++) if (changed.values[c * things + r] > 0) pen.strokeRect(left + c * wide + 0.5, 8 + r * high + 0.5, wide - 1, high - 1);
    pen.lineWidth = 2;
    pen.strokeRect(left + here * wide, 8, wide, bottom - 8);
    for (let c = 0; c < loops; c += Math.ceil(loops / 8)) caption(pen, seen, at.values[c] + 1, left + (c + 0.5) * wide, bottom + 14, "center");
    if (mode === "heads") for (let r = 0; r < things; r++) caption(pen, seen, `head ${r % view.meta.heads + 1}${things > view.meta.heads ? `, layer ${Math.floor(r / view.meta.heads) + 1}` : ""}`, left - 6, 8 + (r + 0.5) * high + 4, "right");
    else {
      caption(pen, seen, geometry.units ? "cells" : "tokens", left - 6, 18, "right");
      smallBoard(pen, ...board, seen, (i) => strength(margin.values[here * things + i]), asked.cell, `after loop ${at.values[here]}`);
    }
    let worst = 0, turned = 0;
    for (let k = 0; k < margin.values.length; k++) { if (margin.values[k] < margin.values[worst] || Number.isNaN(margin.values[worst])) worst = k; if (changed.values[k] > 0) turned++; }
    const loop = at.values[Math.floor(worst / things)], thing = worst % things, tried = [...margin.values].filter(Number.isFinite).length;
    const what = mode === "heads" ? `cutting head ${thing % view.meta.heads + 1} in loop ${loop + 1}` : `putting ${geometry.name(thing)} back after loop ${loop}`;
    return `For the ${geometry.sign(asked.meta.answer)} in ${geometry.name(asked.cell)} the worst of ${plural(tried, "change")} was ${what}: its margin moved by ${short(margin.values[worst]).replace("-", "−")}. ${turned ? `${plural(turned, "change")} of ${tried} left another answer somewhere on the board.` : "None of them left another answer on the board."}`;
  },
  pick(x, y, width, height, { asked, mode, geometry }) {
    if (!asked) return null;
    const { board, left } = this.layout(width, height, mode), cell = board && cellAt(x, y, board, geometry);
    if (cell != null) return { cell };
    const { at } = asked.arrays, column = Math.floor((x - left) / (width - AXIS.right - left) * at.values.length);
    return column >= 0 && column < at.values.length ? { loop: at.values[column] + 1 } : null;
  },
  table({ asked, mode }) {
    const rows = [];
    if (asked) {
      const { margin, probability, changed, at } = asked.arrays, [loops, things] = margin.shape;
      for (let c = 0; c < loops; c++) for (let r = 0; r < things; r++) rows.push([at.values[c], r, ...[margin, probability, changed].map((array) => array.values[c * things + r].toPrecision(5))]);
    }
    return { columns: ["after loops", mode === "heads" ? "head" : "cell", "change of the margin", "change of the probability", "positions with another answer"], rows };
  },
});

// ── halting ────────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "exits", title: "Halting", question: "When could it have stopped?", needs: "halting",
  asks: ({ mode }) => ({ boards: { name: "exits", words: "Try the rules on 64 boards", board: false }, minimal: { name: "exits_minimal", words: "Try the rules on minimal boards", board: false } })[mode] ?? null,
  modes: [["run", "this run"], ["boards", "ordinary boards"], ["minimal", "minimal boards", "sudoku"]], blank: (mode) => mode !== "run",
  help: "Six rules from the literature that would stop the loop by themselves. “This run”: where each would have stopped; ✓ the answer was right by then, ✗ it was not, a dash: it never stops. “Ordinary” and “minimal boards”: accuracy against the mean number of loops over 64 held-out boards, or all of the repository's file of boards without a clue to spare; one curve for each rule as its threshold varies; the dotted line stops everywhere after the same number of loops, and only what lies above it is worth a rule. Click to set the clock.",
  formula: "Stop after the first loop at which the number watched has stayed at or below the threshold for as many loops as the rule's patience. Entropy change |H[t] − H[t−1]|, latent change ‖h[t] − h[t−1]‖ / ‖h[t−1]‖, 1 − cosine, KL(p[t−1] ‖ p[t]), share of changed answers (5 loops), 1 − confidence (2502.05171, 2409.15647).",
  drawing: "Where six exit rules would have stopped this run",
  paint(pen, width, height, seen) {
    const { view, t, asked, mode, colours, page } = seen, { loops } = view, rules = view.meta.halting, left = 118, bottom = height - 20, high = (bottom - 4) / rules.length, now = view.at(t);
    const tints = [colours.accent, colours.warm, colours.cool, colours.text, colours.muted, colours.wrong], dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [], [6, 3]];
    if (mode !== "run") return asked ? this.curves(pen, width, height, seen, tints, dashes) : `Runs ${mode === "boards" ? "64 held-out boards" : "boards without a clue to spare"} for ${plural(loops, "loop")} and asks what each rule would have cost and brought, at every threshold.`;
    const x = (s) => left + (width - 60 - left) * (loops > 1 ? (s - 1) / (loops - 1) : 0.5);
    loopAxis(pen, colours, width - 48, 4, bottom, loops, Infinity, now, x);
    rules.forEach((rule, k) => {
      const y = 4 + (k + 0.5) * high;
      caption(pen, seen, rule.name, left - 8, y + 4, "right");
      pen.strokeStyle = tints[k];
      pen.lineWidth = 3;
      pen.beginPath(); pen.moveTo(x(1), y); pen.lineTo(x(rule.exit), y); pen.stroke();
      const verdict = !rule.stopped ? "–" : !page.judged ? "●" : rule.right ? "✓" : "✗";
      pen.textAlign = "left";
      label(pen, colours, `${verdict} ${rule.stopped ? rule.exit : "never"}`, x(rule.exit) + 4, y + 4, verdict === "✗" ? colours.wrong : colours.text);
    });
    const stops = rules.filter((rule) => rule.stopped), good = stops.filter((rule) => rule.right).sort((a, b) => a.exit - b.exit)[0];
    return !stops.length ? "None of the six rules would have stopped this run." : !page.judged ? `${plural(stops.length, "rule")} would have stopped it; the board has no one solution, so nobody can say who was right.`
      : good ? `${sentence(good.name)} would have stopped at loop ${good.exit} with the right answer and saved ${plural(loops - good.exit, "loop")} of ${loops}.` : `${plural(stops.length, "rule")} would have stopped, none with the right answer.`;
  },
  curves(pen, width, height, seen, tints, dashes) {
    const { view, asked, colours } = seen, { loops } = view, fixed = asked.arrays.fixed.values, bottom = height - 20, left = 34, right = width - 130, low = Math.min(0.9, ...fixed.slice(-1));
    const floor = Math.max(0, low - 0.5), along = (v) => left + (right - left) * v / loops, up = (v) => bottom - (bottom - 10) * Math.max(0, v - floor) / (1 - floor || 1);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(left, up(1)); pen.lineTo(left, bottom); pen.lineTo(right, bottom); pen.stroke();
    for (const v of [1, floor]) caption(pen, seen, percent(v), left - 4, up(v) + 4, "right");
    for (const s of [0, Math.round(loops / 2), loops]) caption(pen, seen, s, along(s), bottom + 14, "center");
    curve(pen, fixed.length, (s) => along(s), (s) => (fixed[s - 1] < floor ? NaN : up(fixed[s - 1])), colours.text, [1, 3], 2.5);
    pen.textAlign = "left";
    label(pen, colours, "··· all at one loop", right + 8, 14, colours.text);
    asked.meta.rules.forEach((name, k) => {
      const { values, shape: [, points] } = asked.arrays[`rule${k}`];
      curve(pen, points, (i) => along(values[i - 1]), (i) => (values[points + i - 1] < floor ? NaN : up(values[points + i - 1])), tints[k], dashes[k], 1.8);
      label(pen, colours, `${dashes[k].length ? "- -" : "—"} ${name}`, right + 8, 30 + 16 * k, tints[k]);
    });
    // the least mean number of loops at which a rule is as good as the whole run
    const whole = fixed[fixed.length - 1], cheap = asked.meta.rules.map((name, k) => { const { values, shape: [, points] } = asked.arrays[`rule${k}`]; let least = Infinity; for (let i = 0; i < points; i++) if (values[points + i] >= whole) least = Math.min(least, values[i]); return [least, name]; }).sort((a, b) => a[0] - b[0])[0];
    const plain = [...fixed].findIndex((share) => share >= whole) + 1;
    return `${asked.meta.runs} held-out boards with ${asked.meta.data}: ${percent(whole)} right after ${plural(loops, "loop")}. The rule “${cheap[1]}” gets there with ${cheap[0].toFixed(1)} loops on average; stopping everywhere after the same number takes ${plain}.`;
  },
  pick: (x, y, width, height, { view, mode }) => (mode !== "run" ? null : { loop: clamp(Math.round(1 + (x - 118) / (width - 178) * (view.loops - 1)), 1, view.loops) }),
  table({ view, mode, asked }) {
    if (mode !== "run") {
      const rows = asked ? [...asked.arrays.fixed.values].map((share, s) => ["all at one loop", s + 1, share]) : [];
      if (asked) asked.meta.rules.forEach((name, k) => { const { values, shape: [, points] } = asked.arrays[`rule${k}`]; for (let i = 0; i < points; i++) rows.push([name, values[i].toPrecision(4), values[points + i].toPrecision(4)]); });
      return { columns: ["rule", "mean loops", "accuracy"], rows };
    }
    return { columns: ["rule", "watches", "threshold", "patience", "stops", "loop", "right"], rows: view.meta.halting.map((rule) => [rule.name, rule.watches, rule.threshold, rule.patience, rule.stopped, rule.exit, rule.right ?? ""]) };
  },
});

// ── basins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "basins", title: "Basins", question: "Where do other starts end?", needs: "attention",
  asks: ({ mode }) => ({ name: mode, words: mode === "noise" ? "Start 32 times with noise" : "Ask 32 ways of writing this board" }),
  modes: [["turns", "turned and relabelled", "sudoku"], ["noise", "noisy starts"]],
  blank: true,
  help: "The same board is run 32 times: with its digits renamed and its rows, columns and boxes exchanged (all of which a Sudoku allows, and which are undone afterwards), or from a start with noise as large as the embedded input. Bars: the different answers they end in, the most frequent first; ✓ right, ✗ wrong; the outlined bar holds the plain run. Board: how many runs agree in each cell with what most of them say. If all end in one answer, it has a wide basin; if they do not, a vote may be right where one run is wrong.",
  formula: "Run i sees labels[tokens[source]] under symmetry i, and its logits are mapped back. Vote: the answer of most runs, cell by cell. Equivariance: total variation distance ½ Σ |p − p₀| to the plain run, mean over blanks and runs.",
  drawing: "Distinct answers that 32 runs of the same board end in",
  paint(pen, width, height, seen) {
    const { asked, mode, colours, geometry } = seen;
    if (!asked) return mode === "noise" ? "Runs this board from 32 starts, all but one with noise, and counts the answers they end in." : "Runs 32 boards that mean the same as this one, and counts the answers they end in.";
    const { sizes, ends_right: good, agreement } = asked.arrays, { meta } = asked, side = Math.min(height - 22, width * 0.4), shown = Math.min(sizes.values.length, 10), high = Math.min(20, (height - 24) / shown);
    for (let k = 0; k < shown; k++) {
      const y = 16 + k * high, wide = (width - side - 110) * sizes.values[k] / meta.runs;
      pen.fillStyle = good.values[k] ? colours.accent : colours.warm;
      pen.globalAlpha = 0.8;
      pen.fillRect(30, y, Math.max(2, wide), high - 4);
      pen.globalAlpha = 1;
      if (k === meta.plain_end) { pen.strokeStyle = colours.text; pen.lineWidth = 2; pen.strokeRect(30, y, Math.max(2, wide), high - 4); }
      pen.textAlign = "right";
      pen.fillStyle = good.values[k] ? colours.text : colours.wrong;
      pen.fillText(good.values[k] ? "✓" : "✗", 24, y + high / 2 + 2);
      pen.textAlign = "left";
      pen.fillStyle = colours.text;
      pen.fillText(sizes.values[k], 34 + Math.max(2, wide), y + high / 2 + 2);
    }
    caption(pen, seen, `${plural(sizes.values.length, "end")} of ${plural(meta.runs, "run")}${sizes.values.length > shown ? `, ${shown} shown` : ""}`, 30, 11);
    smallBoard(pen, width - side - 6, 16, side, seen, (i) => 0.75 * (1 - agreement.values[i]) * -1, null, "disagreement");
    return `${plural(meta.runs, "run")} end in ${plural(sizes.values.length, "answer")}; ${meta.right} of them ${meta.right === 1 ? "is" : "are"} right, the plain one ${meta.plain_right ? "too" : "is not"}. Their vote is ${meta.vote_right ? "right" : "wrong"}. Probabilities differ from the plain run's by ${short(meta.distance)} on average (0 equal, 1 nothing in common).`;
  },
  pick(x, y, width, height, { geometry }) {
    const side = Math.min(height - 22, width * 0.4), cell = cellAt(x, y, [width - side - 6, 16, side], geometry);
    return cell == null ? null : { cell };
  },
  table({ asked }) {
    if (!asked) return { columns: ["answer", "runs", "right"], rows: [] };
    const { ends, sizes, ends_right: good } = asked.arrays, n = ends.shape[1];
    return { columns: ["answer", "runs", "right"], rows: [...sizes.values].map((size, k) => [[...ends.values.slice(k * n, (k + 1) * n)].join(""), size, good.values[k]]) };
  },
});

// ── softmax and hardmax ────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "temperature", title: "Softmax to hardmax", question: "What if attention were sharper?", needs: "attention", asks: { name: "temperature", words: "Run ten temperatures" },
  blank: true,
  help: "The same weights with sharper or flatter attention: a row for each temperature, a column for each loop. The darker, the more blanks have the answer of the plain run after as many loops; an outlined square is a board that is right. 0 is hardmax, which looks only at the best match, as in the constructions of the theory; 1 is what the model was trained with. Click to set the clock; compare with “temperature” under What if to see it on the board.",
  formula: "Attention = softmax(q·k / (√d · temperature)); 0: all weight on the largest score, shared between equals (2410.01405, Theorem 3.6).",
  drawing: "Agreement with the plain run at ten temperatures, over the loops",
  paint(pen, width, height, seen) {
    const { view, t, asked, colours } = seen;
    if (!asked) return "Runs the same weights on this board at ten temperatures of the softmax, from hardmax (0) to nearly even attention (4).";
    const { same, right } = asked.arrays, { temperatures } = asked.meta, rows = temperatures.length, { loops } = view, left = 44, bottom = height - 20, wide = (width - AXIS.right - left) / loops, high = (bottom - 4) / rows, now = view.at(t);
    heat(pen, left, 4, width - AXIS.right - left, bottom - 4, rows, loops, (r, c) => 0.85 * same.values[r * loops + c] ** 2, colours);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    for (let r = 0; r < rows; r++) for (let c = 0; c < loops; c++) if (right.values[r * loops + c]) pen.strokeRect(left + c * wide + 1, 4 + r * high + 1, wide - 2, high - 2);
    temperatures.forEach((value, r) => { if (high >= 11 || r % 2 === 0) caption(pen, seen, value, left - 6, 4 + (r + 0.5) * high + 4, "right"); });
    const every = [1, 2, 4, 8, 16, 32, 64].find((step) => loops / step <= 9) ?? 64;
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, left + (s - 0.5) * wide, bottom + 14, "center");
    if (t) { pen.lineWidth = 2; pen.strokeRect(left + (now - 1) * wide, 4, wide, bottom - 4); }
    const done = temperatures.map((value, r) => [value, r]).filter(([, r]) => !Number.isNaN(same.values[r * loops])), good = done.filter(([, r]) => right.values[(r + 1) * loops - 1]).map(([value]) => value);
    const hard = done.find(([value]) => value === 0), broken = hard ? [...Array(loops).keys()].find((c) => same.values[hard[1] * loops + c] < 1) : undefined;
    return `${good.length ? `After the last loop the board is right at temperature${good.length > 1 ? "s" : ""} ${good.join(", ")}.` : "After the last loop the board is right at no temperature that was tried."}${hard ? broken == null ? " Hardmax never answers differently." : ` Hardmax answers differently from loop ${broken + 1} on; at the end ${percent(same.values[(hard[1] + 1) * loops - 1])} of the blanks agree.` : ""}`;
  },
  pick: (x, y, width, height, { view }) => (x < 44 ? null : { loop: clamp(Math.ceil((x - 44) / (width - AXIS.right - 44) * view.loops), 1, view.loops) }),
  table({ view, asked }) {
    const rows = [];
    if (asked) asked.meta.temperatures.forEach((value, r) => { for (let c = 0; c < view.loops; c++) rows.push([value, c + 1, asked.arrays.same.values[r * view.loops + c].toPrecision(4), asked.arrays.right.values[r * view.loops + c]]); });
    return { columns: ["temperature", "loop", "blanks with the plain run's answer", "right"], rows };
  },
});

// ── clues ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const METHODS = ["gradients", "taken away"];

PANELS.push({
  name: "clues", title: "Which clue decided", question: "Which clue decided this cell?", needs: "probabilities", asks: { name: "clues", cell: true, loop: true, free: true, words: "Weigh the clues" }, blank: true,
  help: "How much each clue speaks for the model's answer in the chosen cell after this loop, in bits: a score of 1 doubles the odds. Blue speaks for it, orange against. Left: integrated gradients, which share out the whole difference between the board with its clues and without; how nearly they add up to it is said below. Right: each clue taken away alone. The two often disagree: where several clues say the same, taking one away changes nothing. Ask at the loop where the cell settled; later the state remembers its answer, and the clues hardly matter. Click a clue to go to its cell.",
  formula: "Evidence E = log₂ p/(1 − p) of the answer at this loop. Integrated gradients: Σ over channels of (P − P₀) · ∫ ∂E/∂P dα along P₀ + α(P − P₀) (Sundararajan et al., 1703.01365, with Captum); P₀ has the blank in place of every clue. Error of completeness: Σ scores − (E(P) − E(P₀)). Clues are taken away in the last 6 loops, before them the run is the true one: over many more loops the way from P₀ to P is chaotic.",
  drawing: "Evidence of every clue for the answer in the chosen cell, by two methods",
  paint(pen, width, height, seen) {
    const { asked, geometry, page, t } = seen;
    if (!asked) return `Asks which clues the answer in ${geometry.name(page.cell)} rests on after ${plural(Math.max(1, t), "loop")}, in two ways.`;
    const { n } = geometry, { values } = asked.arrays.clues, { meta } = asked, of = (row) => Array.from({ length: n }, (_, i) => values[row * n + i]);
    const best = [0, 1].map((row) => of(row).reduce((top, v, i) => (Number.isFinite(v) && (top < 0 || v > values[row * n + top]) ? i : top), -1));
    drawings(2, width, height, geometry).forEach((square, row) => {
      const scores = of(row), top = largest(scores.filter(Number.isFinite)) || 1;
      smallBoard(pen, ...square, seen, (i) => (Number.isFinite(scores[i]) ? Math.sign(scores[i]) * 0.85 * Math.sqrt(Math.abs(scores[i]) / top) : 0), asked.cell, `${METHODS[row]}${Number.isFinite(scores[best[row]]) ? ` · ${short(top)} bits` : ""}`);
    });
    const where = (row) => (best[row] < 0 ? "" : `${geometry.units ? `the ${geometry.sign(seen.view.tokens[best[row]])} in ` : ""}${geometry.name(best[row])} (${short(values[row * n + best[row]]).replace("-", "−")} bits)`);
    const agree = meta.same == null ? "" : ` ${meta.same ? "Both name the same clue" : `Taken away alone, most is lost without ${where(1)}`}${meta.correlation == null ? "" : `; their rank correlation is ${meta.correlation.toFixed(2).replace("-", "−")}`}.`;
    return `For the ${geometry.sign(meta.token)} in ${geometry.name(meta.cell)} after ${plural(meta.loop, "loop")} (evidence ${short(meta.output).replace("-", "−")} bits, ${short(meta.baseline).replace("-", "−")} without clues) gradients name ${where(0)}; they are complete up to ${short(Math.abs(meta.error))} bits${meta.relative == null ? "" : `, ${percent(meta.relative)}`}.${agree}`;
  },
  pick(x, y, width, height, { geometry }) {
    for (const square of drawings(2, width, height, geometry)) { const cell = cellAt(x, y, square, geometry); if (cell != null) return { cell }; }
    return null;
  },
  table({ asked, view, geometry }) {
    const rows = [];
    for (let i = 0; asked && i < geometry.n; i++) {
      const scores = [0, 1].map((row) => asked.arrays.clues.values[row * geometry.n + i]);
      if (scores.some(Number.isFinite)) rows.push([i, geometry.sign(view.tokens[i]), ...scores.map((score) => score.toPrecision(5))]);
    }
    return { columns: ["cell", "clue", "integrated gradients, bits", "one clue taken away, bits"], rows };
  },
});

// ── probes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// Labels in the order of looped/tasks/sudoku/logic.py: the candidates one by one, then these.
const PROBED = ["candidates", "count", "single", "digit"];

PANELS.push({
  name: "probes", title: "Probes", page: "sudoku", question: "What is written in the states?", needs: "probabilities", asks: { name: "probes", words: "Fit linear probes" }, blank: true,
  modes: [["candidates", "candidates left"], ["count", "how many are left"], ["single", "placed by a single"], ["digit", "the solution"]],
  help: "A linear probe is fitted to the hidden states after every loop and asked for something that a person would keep in mind: which digits the clues leave for a cell, how many, whether a single places it at once, which digit is right. Solid: how often it is right on boards it has not seen. Dotted: the same for a control task, whose answers depend on the place alone; only what lies above it was read and not remembered. Dashed: always saying what is most frequent. Board: this board, blanks that the probe gets right (blue) and wrong (orange) after this loop. What a probe can read the model need not use.",
  formula: "Least squares with a ridge, W = (C + λ diag C)⁻¹ c, one class against all others, for each loop alone; three quarters of 96 boards to fit, the others to measure. Control task: a label drawn once at random for every position (Hewitt and Liang, 1909.03368).",
  drawing: "Accuracy of linear probes over the loops, against a control task",
  series(seen) {
    const { asked, mode, geometry } = seen, [labels, states] = asked.arrays.accuracy.shape, { size } = geometry;
    const rows = mode === "candidates" ? [...Array(size).keys()] : [size + PROBED.indexOf(mode) - 1], mean = (array) => (s) => rows.reduce((sum, r) => sum + array.values[r * states + s], 0) / rows.length;
    return { rows, states, labels, accuracy: mean(asked.arrays.accuracy), control: mean(asked.arrays.control), baseline: rows.reduce((sum, r) => sum + asked.arrays.baseline.values[r], 0) / rows.length };
  },
  truth(seen, i) {
    const { mode, geometry, view, page } = seen, { size, n } = geometry;
    const left = Array.from({ length: size }, (_, d) => Number(![...Array(n).keys()].some((j) => j !== i && geometry.peers[i][j] && view.given[j] === d + 1)));
    if (mode === "candidates") return left;
    if (mode === "count") return [left.reduce((a, b) => a + b, 0)];
    if (mode === "single") return [Number(view.arrays.order.values[i] === 1)];
    return page.solution ? [page.solution[i]] : null;
  },
  paint(pen, width, height, seen) {
    const { view, t, asked, mode, active, colours, geometry } = seen;
    if (!asked) return "Fits linear probes to the states of 96 other boards, every loop for itself, and reads this board with them. The first time takes some seconds; then they are kept.";
    if (!asked.arrays.accuracy) return "The probes are being fitted.";
    const { rows, states, labels, accuracy, control, baseline } = this.series(seen), side = Math.min(height - 22, width * 0.36), half = width - side - 16, bottom = height - 20, now = view.at(t);
    const x = (s) => AXIS.left + (half - AXIS.right - AXIS.left) * s / (states - 1), y = (v) => bottom - (bottom - 10) * v;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const v of [0, 0.5, 1]) { pen.beginPath(); pen.moveTo(AXIS.left, y(v)); pen.lineTo(half - AXIS.right, y(v)); pen.stroke(); caption(pen, seen, percent(v), AXIS.left - 4, y(v) + 4, "right"); }
    for (let s = 0; s < states; s += [1, 2, 4, 8, 16, 32, 64].find((step) => states / step <= 6) ?? 64) caption(pen, seen, s, x(s), bottom + 14, "center");
    curve(pen, states, (s) => x(s - 1), () => y(baseline), colours.muted, [6, 3], 1.2);
    curve(pen, states, (s) => x(s - 1), (s) => y(control(s - 1)), colours.warm, [2, 3], 1.8);
    curve(pen, states, (s) => x(s - 1), (s) => y(accuracy(s - 1)), colours.accent);
    pen.strokeStyle = colours.text;
    pen.beginPath(); pen.moveTo(x(now), 10); pen.lineTo(x(now), bottom); pen.stroke();
    pen.textAlign = "left";
    for (const [words, colour, line] of [["— probe", colours.accent, 2], ["··· control task", colours.warm, 1], ["- - most frequent", colours.muted, 0]]) label(pen, colours, words, AXIS.left + 8, bottom - 6 - 14 * line, colour);
    const said = (i) => rows.map((r) => asked.arrays.read.values[(now * geometry.n + i) * labels + r]), hits = new Map();
    for (let i = 0; i < geometry.n; i++) { const truth = !view.given[i] && this.truth(seen, i); if (truth) hits.set(i, truth.filter((v, k) => v === said(i)[k]).length / truth.length); }
    smallBoard(pen, width - side - 6, 16, side, seen, (i) => (!hits.has(i) ? 0 : hits.get(i) === 1 ? 0.5 : -0.3 - 0.6 * (1 - hits.get(i))), active, "read from this board");
    const words = (values) => (mode === "candidates" ? values.map((v, d) => (v ? d + 1 : "")).join("") || "none" : mode === "single" ? (values[0] ? "yes" : "no") : values[0]);
    const general = `After ${plural(now, "loop")} the probe is right on ${percent(accuracy(now))} of the blanks of ${asked.meta.held_out} other boards; the control task reaches ${percent(control(now))}, the most frequent answer ${percent(baseline)}.`;
    return `${general}${view.given[active] || !hits.has(active) ? "" : ` ${sentence(geometry.name(active))}: it reads “${words(said(active))}”, true is “${words(this.truth(seen, active))}”.`}`;
  },
  pick(x, y, width, height, { asked, geometry }) {
    if (!asked?.arrays.accuracy) return null;
    const side = Math.min(height - 22, width * 0.36), cell = cellAt(x, y, [width - side - 6, 16, side], geometry), half = width - side - 16;
    if (cell != null) return { cell };
    const states = asked.arrays.accuracy.shape[1];
    return x < half ? { loop: clamp(Math.round((x - AXIS.left) / (half - AXIS.right - AXIS.left) * (states - 1)), 0, states - 1) } : null;
  },
  table(seen) {
    if (!seen.asked?.arrays.accuracy) return { columns: ["loop", "probe", "control task", "most frequent"], rows: [] };
    const { states, accuracy, control, baseline } = this.series(seen);
    return { columns: ["loop", "probe", "control task", "most frequent"], rows: Array.from({ length: states }, (_, s) => [s, accuracy(s).toPrecision(4), control(s).toPrecision(4), baseline.toPrecision(4)]) };
  },
});
