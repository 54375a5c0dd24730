// Panels of two words and of Countdown: the table of dynamic programming and what is known of it, the equations and all solutions,
// accuracy by length. And one for every task: accuracy by loops. All are panels as in panels.js and lenses.js.

// A grid of (rows + 1) × (columns + 1) numbers with the letters along its sides, as large as fits into a box.
function tableGrid({ page: { meta }, view }, left, top, width, height) {
  const [rows, columns] = view.arrays.table.shape, step = Math.min((width - 16) / columns, (height - 16) / rows, 34);
  return { rows, columns, step, x: left + 16, y: top + 16, first: meta.words[0], second: meta.words[1] };
}

function tableLetters(pen, { colours, font }, { rows, columns, step, x, y, first, second }) {
  pen.font = `${Math.min(13, Math.round(step * 0.7) + 2)}px ${font}`;
  pen.textAlign = "center";
  pen.fillStyle = colours.text;
  for (let j = 1; j < columns; j++) pen.fillText(second[j - 1], x + (j + 0.5) * step, y - 4);
  for (let i = 1; i < rows; i++) pen.fillText(first[i - 1], x - 8, y + (i + 0.5) * step + 4);
}

function tableNumbers(pen, { font, colours }, { rows, columns, step, x, y }, text, colour = () => colours.text) {
  if (step < 10) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const words = String(text(i, j));
    pen.font = `${Math.round(step * Math.min(0.62, 1.1 / words.length))}px ${font}`;
    pen.fillStyle = colour(i, j);
    pen.fillText(words, x + (j + 0.5) * step, y + (i + 0.53) * step);
  }
  pen.textBaseline = "alphabetic";
}

// [i, j] of the table under the pointer, or null.
function tableAt(px, py, { rows, columns, step, x, y }) {
  const i = Math.floor((py - y) / step), j = Math.floor((px - x) / step);
  return i >= 0 && j >= 0 && i < rows && j < columns ? [i, j] : null;
}

// The chosen position in the table: a row for a letter of the first word, a column for one of the second.
function tableRing(pen, seen, grid) {
  const spot = seen.geometry.spot(seen.active);
  if (!spot) return;
  const [word, place] = spot, { rows, columns, step, x, y } = grid;
  pen.strokeStyle = seen.colours.warm;
  pen.lineWidth = 2;
  if (word === 0 && place + 1 < rows) pen.strokeRect(x, y + (place + 1) * step, columns * step, step);
  if (word === 1 && place + 1 < columns) pen.strokeRect(x + (place + 1) * step, y, step, rows * step);
}

PANELS.push({
  name: "table", title: "Table and attention", page: "sequences", question: "Do the letters find each other?", needs: "table",
  modes: [["forth", "first → second"], ["back", "second → first"]],
  help: "Left: the true table of dynamic programming, which no one has shown to the model. The number in a square belongs to the first letters of one word down to this row and of the other up to this column; it follows from its three neighbours, and the last one, framed, is the answer. Squares of equal letters are shaded. Right, on the same letters: how much every letter of one word looks at every letter of the other in this loop, by the head that is chosen above the panel “Attention”, or the mean of all. Equal letters that find each other make the same pattern as the shaded squares. Click a row or a column to choose its letter.",
  formula: "Edit distance: D[i, j] = min(D[i−1, j] + 2, D[i, j−1] + 2, D[i−1, j−1] + (3 where the letters differ)). Longest common subsequence: L[i, j] = L[i−1, j−1] + 1 where the letters are equal, else max(L[i−1, j], L[i, j−1]). Attention: A[i, j] of the layer and loop shown, recorded from the run.",
  drawing: "The table of the two words, and the attention between their letters",
  halves(seen, width, height) { return [tableGrid(seen, 0, 0, width / 2 - 14, height - 4), tableGrid(seen, width / 2 + 6, 0, width / 2 - 14, height - 4)]; },
  // Attention between letter i of the first and letter j of the second word, both from 0.
  weight(seen, i, j) {
    const { view, t, layer, head, mode, geometry } = seen, a = geometry.at(0, i), b = geometry.at(1, j), heads = head == null ? [...Array(view.meta.heads).keys()] : [head];
    return heads.reduce((sum, one) => sum + (mode === "back" ? view.weight(t, layer, one, b, a) : view.weight(t, layer, one, a, b)), 0) / heads.length;
  },
  paint(pen, width, height, seen) {
    const { view, t, colours, mode, head } = seen, [left, right] = this.halves(seen, width, height), { rows, columns, first, second, step } = left, table = view.arrays.table.values;
    const equal = (i, j) => i > 0 && j > 0 && first[i - 1] === second[j - 1];
    heat(pen, left.x, left.y, columns * step, rows * step, rows, columns, (i, j) => (equal(i, j) ? 0.22 : 0), colours);
    tableLetters(pen, seen, left);
    tableNumbers(pen, seen, left, (i, j) => table[i * columns + j]);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 2;
    pen.strokeRect(left.x + (columns - 1) * step + 1, left.y + (rows - 1) * step + 1, step - 2, step - 2);
    tableLetters(pen, seen, right);
    if (t) {
      let top = 0;
      for (let i = 1; i < rows; i++) for (let j = 1; j < columns; j++) top = Math.max(top, this.weight(seen, i - 1, j - 1));
      heat(pen, right.x, right.y, columns * step, rows * step, rows, columns, (i, j) => (i && j ? 0.9 * Math.sqrt(this.weight(seen, i - 1, j - 1) / (top || 1)) : 0), colours);
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1;
      for (let i = 1; i < rows; i++) for (let j = 1; j < columns; j++) if (equal(i, j)) pen.strokeRect(right.x + j * step + 1, right.y + i * step + 1, step - 2, step - 2);
    }
    for (const grid of [left, right]) tableRing(pen, seen, grid);
    if (!t) return "No attention yet: the first loop has not run.";
    let best = { weight: -1 }, across = 0, same = 0, pairs = 0;
    for (let i = 1; i < rows; i++) for (let j = 1; j < columns; j++) {
      const weight = this.weight(seen, i - 1, j - 1);
      across += weight;
      if (equal(i, j)) { same += weight; pairs++; }
      if (weight > best.weight) best = { weight, i, j };
    }
    const from = mode === "back" ? second.length : first.length, one = `${first[best.i - 1]} (${best.i})`, two = `${second[best.j - 1]} (${best.j})`;
    return `${head == null ? "Mean of all heads" : `Head ${head + 1}`}: ${percent(across / from)} of the attention of the ${mode === "back" ? "second" : "first"} word's letters goes to the other word's, most from ${mode === "back" ? `${two} to ${one}` : `${one} to ${two}`} (${percent(best.weight)}). ${pairs ? `Of what goes across ${percent(same / (across || 1))} joins equal letters; spread evenly it would be ${percent(pairs / (first.length * second.length))}.` : "The words have no letter in common."}`;
  },
  pick(x, y, width, height, seen) {
    for (const grid of this.halves(seen, width, height)) {
      const at = tableAt(x, y, grid);
      if (!at) continue;
      const [i, j] = at, row = seen.geometry.spot(seen.page.cell)?.[0] === 0;
      if (i && j) return { cell: row ? seen.geometry.at(1, j - 1) : seen.geometry.at(0, i - 1) };  // a second click goes to the other word
      if (i || j) return { cell: i ? seen.geometry.at(0, i - 1) : seen.geometry.at(1, j - 1) };
    }
    return null;
  },
  table(seen) {
    const { view } = seen, { shape: [rows, columns], values } = view.arrays.table, lines = [];
    for (let t = 1; t <= view.loops; t++) for (let i = 1; i < rows; i++) for (let j = 1; j < columns; j++) lines.push([t, i, j, values[i * columns + j], this.weight({ ...seen, t }, i - 1, j - 1).toPrecision(4)]);
    return { columns: ["loop", "letters of the first word", "letters of the second word", "table", "attention"], rows: lines };
  },
});

// ── what is known of the table ─────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "wavefront", title: "What is known of the table", page: "sequences", question: "Which part of the table does the model know?", needs: "table", asks: { name: "wavefront", words: "Fit linear probes" }, blank: true,
  help: "A linear probe is fitted to the states after every loop: given those of two letters, one of each word, it must say the number of the table where they meet. Left: what it reads from this input after this loop; blue is right, orange wrong. Upper right: how often it is right on pairs it has not seen (solid), and the same for a control task whose answers depend on the place in the table alone (dotted); only what lies above both, and above the start at loop 0, was worked out by the model. Lower right: the same by anti-diagonals, from the first letters (top) to the last (bottom), the darker the more often right: if the table were filled as a program fills it, the dark would grow downwards with the loops. What a probe can read the model need not use.",
  formula: "Features of entry (i, j): the state of letter i, that of letter j, and their product channel by channel (for whether two letters are equal is no linear map of the two); least squares with a ridge, one class against all others, for each loop alone; fitted to pairs of the training side, measured on held-out ones. Control task: a label drawn once at random for every place (Hewitt and Liang, 1909.03368).",
  drawing: "Numbers of the table that probes read from the states, and how often they are right",
  layout(seen, width, height) {
    const grid = tableGrid(seen, 0, 0, width * 0.52, height - 4), left = Math.max(width * 0.4, grid.x + grid.columns * grid.step + 52);
    return { grid, left, right: width - AXIS.right, middle: height * 0.52, bottom: height - 20 };
  },
  paint(pen, width, height, seen) {
    const { view, t, asked, colours } = seen;
    if (!asked) return "Fits linear probes to the states of other pairs of words, every loop for itself, and reads the table of this input with them. The first time takes some seconds; then they are kept.";
    if (!asked.arrays.accuracy) return "The probes are being fitted.";
    const { grid, left, right, middle, bottom } = this.layout(seen, width, height), { rows, columns, step } = grid, now = view.at(t), table = view.arrays.table.values;
    const { read, accuracy, control, diagonals } = asked.arrays, n = rows - 1, m = columns - 1, said = (i, j) => read.values[(now * n + i - 1) * m + j - 1], states = accuracy.shape[0];
    heat(pen, grid.x, grid.y, columns * step, rows * step, rows, columns, (i, j) => (!i || !j || said(i, j) < 0 ? 0 : said(i, j) === table[i * columns + j] ? 0.4 : -0.4), colours);
    tableLetters(pen, seen, grid);
    tableNumbers(pen, seen, grid, (i, j) => (!i || !j ? table[i * columns + j] : said(i, j) < 0 ? "" : said(i, j)), (i, j) => (i && j ? colours.text : colours.muted));
    tableRing(pen, seen, grid);
    const x = (s) => left + (right - left) * (states > 1 ? s / (states - 1) : 0.5), y = (v) => middle - 16 - (middle - 26) * v;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const v of [0, 0.5, 1]) { pen.beginPath(); pen.moveTo(left, y(v)); pen.lineTo(right, y(v)); pen.stroke(); caption(pen, seen, percent(v), left - 4, y(v) + 4, "right"); }
    curve(pen, states, (s) => x(s - 1), () => y(asked.meta.baseline), colours.muted, [6, 3], 1.2);
    curve(pen, states, (s) => x(s - 1), (s) => y(control.values[s - 1]), colours.warm, [2, 3], 1.8);
    curve(pen, states, (s) => x(s - 1), (s) => y(accuracy.values[s - 1]), colours.accent);
    const [lines] = diagonals.shape, top = middle, high = bottom - top;
    heat(pen, left, top, right - left, high, lines, states, (d, s) => { const v = diagonals.values[d * states + s]; return Number.isFinite(v) ? 0.03 + 0.92 * v * v : 0; }, colours);
    if (left - grid.x - columns * step > 58) caption(pen, seen, "diagonals", left - 4, top + 12, "right");
    for (let s = 0; s < states; s += [1, 2, 4, 8, 16, 32, 64].find((step) => states / step <= 6) ?? 64) caption(pen, seen, s, x(s), bottom + 14, "center");
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.beginPath(); pen.moveTo(x(now), 10); pen.lineTo(x(now), bottom); pen.stroke();
    let hits = 0;
    for (let i = 1; i < rows; i++) for (let j = 1; j < columns; j++) hits += said(i, j) === table[i * columns + j];
    if (!Number.isFinite(accuracy.values[now])) return `The probes of this loop are not fitted yet.`;
    return `After ${plural(now, "loop")} the probe reads ${hits} of ${n * m} numbers of this table rightly. On other pairs it is right on ${percent(accuracy.values[now])} (before the first loop on ${percent(accuracy.values[0])}); the control task reaches ${percent(control.values[now])}${asked.meta.baseline == null ? "" : `, the most frequent number ${percent(asked.meta.baseline)}`}.`;
  },
  pick(px, py, width, height, seen) {
    if (!seen.asked?.arrays.accuracy) return null;
    const { grid, left, right } = this.layout(seen, width, height), at = tableAt(px, py, grid), states = seen.asked.arrays.accuracy.shape[0];
    if (at) return at[0] ? { cell: seen.geometry.at(0, at[0] - 1) } : at[1] ? { cell: seen.geometry.at(1, at[1] - 1) } : null;
    return px >= left - 6 ? { loop: clamp(Math.round((px - left) / (right - left) * (states - 1)), 0, states - 1) } : null;
  },
  table({ asked }) {
    if (!asked?.arrays.accuracy) return { columns: ["loop", "probe", "control task"], rows: [] };
    const { accuracy, control, diagonals } = asked.arrays, [lines, states] = diagonals.shape;
    return { columns: ["loop", "probe", "control task", ...Array.from({ length: lines }, (_, d) => `diagonal ${d + 1}`)],
      rows: Array.from({ length: states }, (_, s) => [s, accuracy.values[s].toPrecision(4), control.values[s].toPrecision(4), ...Array.from({ length: lines }, (_, d) => diagonals.values[d * states + s].toPrecision(4))]) };
  },
});

// ── equations ──────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "equations", title: "Equations and solutions", page: "sequences", question: "Which solutions are there?", needs: "holds",
  help: "Left: every equation of the answer, loop by loop: blue where it holds and uses two numbers that are left by then, orange where not; below them whether the whole answer comes to the target. Right: the search tree of all solutions, from the numbers on the left to the target; no other way leads there. The way that the model's present equations take is drawn thick. Training asked for one of the solutions, but any counts. Click to set the clock.",
  formula: "An equation holds when a ∘ b = c in whole numbers from 0 on and both a and b are among the numbers that the equations above it left. Tree: all steps of two numbers by +, ×, − and ÷ that lead to the target, found by complete search (looped.tasks.countdown.tree).",
  drawing: "Which equations hold, over the loops, and the tree of all solutions",
  // Nodes of the tree as lines of text: { depth, text, key: the steps up to it }, in the order of the search.
  nodes({ page: { meta } }) {
    const nodes = [], seen = new Set();
    for (const way of meta.solutions) way.forEach((step, depth) => {
      const key = way.slice(0, depth + 1).join("|");
      if (!seen.has(key)) { seen.add(key); nodes.push({ depth, text: step, key, last: depth === way.length - 1 }); }
    });
    return nodes;
  },
  now({ view, t, geometry }) { return geometry.lines.slice(1).map((line) => line.map((i) => geometry.sign(view.digit(t, i))).join("")); },
  layout(view, width) { return { left: 50, middle: width * 0.46 }; },
  paint(pen, width, height, seen) {
    const { view, t, colours, font, page } = seen, { holds } = view.arrays, [loops, steps] = holds.shape, { left, middle } = this.layout(view, width), bottom = height - 20, now = view.at(t), high = (bottom - 4) / (steps + 1);
    const wide = (middle - left) / loops, x = (s) => left + (s - 0.5) * wide;
    heat(pen, left, 4, middle - left, high * steps, steps, loops, (r, s) => (holds.values[s * steps + r] ? 0.7 : -0.35), colours);
    heat(pen, left, 4 + high * steps + 3, middle - left, high - 6, 1, loops, (_, s) => (view.right[s] ? 0.9 : -0.35), colours);
    for (let r = 0; r < steps; r++) caption(pen, seen, `step ${r + 1}`, left - 5, 4 + (r + 0.5) * high + 4, "right");
    caption(pen, seen, "target", left - 5, 4 + (steps + 0.5) * high + 4, "right");
    const every = [1, 2, 4, 8, 16, 32, 64].find((step) => step * wide >= 22) ?? 64;
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, x(s), bottom + 14, "center");
    if (t) { pen.strokeStyle = colours.text; pen.lineWidth = 2; pen.strokeRect(left + (now - 1) * wide, 4, wide, bottom - 4); }
    const own = this.now(seen), plain = (text) => { const found = /^(\d+)([+×])(\d+)=(\d+)$/.exec(text); return found && Number(found[1]) < Number(found[3]) ? `${found[3]}${found[2]}${found[1]}=${found[4]}` : text; };  // sums and products in either order
    const keys = new Set(own.map((_, depth) => own.slice(0, depth + 1).map(plain).join("|"))), nodes = this.nodes(seen), room = Math.max(1, Math.floor((height - 22) / 16)), begin = middle + 16;
    const shown = nodes.length <= room ? nodes : [...nodes.filter((node) => keys.has(node.key)), ...nodes.filter((node) => !keys.has(node.key))].slice(0, room - 1).sort((a, b) => nodes.indexOf(a) - nodes.indexOf(b));
    caption(pen, seen, `${page.meta.problem} → ${page.meta.answer}`, begin, 12);
    const parents = [], written = (node) => `${node.text}${node.last ? " ✓" : ""}`;
    pen.font = `bold 12px ${font}`;
    const indent = Math.min(90, ...shown.filter((node) => node.depth).map((node) => (width - begin - 8 - pen.measureText(written(node)).width) / node.depth));
    shown.forEach((node, k) => {
      const at = begin + 8 + node.depth * indent, y = 28 + k * 16, taken = t && keys.has(node.key);
      parents[node.depth] = [at, y];
      pen.strokeStyle = taken ? colours.accent : colours.line;
      pen.lineWidth = taken ? 2.5 : 1;
      const [px, py] = node.depth ? parents[node.depth - 1] ?? [begin, 14] : [begin - 6, 14];
      pen.beginPath(); pen.moveTo(px + 4, py + 3); pen.lineTo(px + 4, y - 4); pen.lineTo(at - 3, y - 4); pen.stroke();
      pen.textAlign = "left";
      pen.font = `${taken ? "bold " : ""}12px ${font}`;
      pen.fillStyle = taken ? colours.accent : colours.text;
      pen.fillText(written(node), at, y);
    });
    if (shown.length < nodes.length) caption(pen, seen, `and ${nodes.length - shown.length} more steps`, begin + 8, 28 + shown.length * 16);
    const ways = page.meta.solution_count, many = `There ${ways === 1 ? "is 1 solution" : `are ${ways} solutions`}.`;
    if (!t) return `${many} The model has written nothing yet.`;
    const good = own.map((text, r) => `${text} ${holds.values[(now - 1) * steps + r] ? "holds" : "fails"}`).join(", ");
    return `After ${plural(now, "loop")}: ${good}${view.right[now - 1] ? "; the target is reached" : ""}. ${many}${view.firstRight ? ` Solved first at loop ${view.firstRight}.` : ""}`;
  },
  pick(x, y, width, height, { view }) {
    const { left, middle } = this.layout(view, width);
    return x >= left && x <= middle ? { loop: clamp(Math.ceil((x - left) / (middle - left) * view.loops), 1, view.loops) } : null;
  },
  table(seen) {
    const { view } = seen, { holds } = view.arrays, steps = holds.shape[1];
    return { columns: ["loop", ...Array.from({ length: steps }, (_, r) => [`step ${r + 1}`, `step ${r + 1} holds`]).flat(), "right"],
      rows: Array.from({ length: view.loops }, (_, s) => [s + 1, ...this.now({ ...seen, t: s + 1 }).flatMap((text, r) => [text, holds.values[s * steps + r]]), Number(view.right[s])]) };
  },
});

// ── length ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "lengths", title: "Accuracy by length", page: "sequences", question: "What about longer words?", needs: "table", asks: { name: "lengths", words: "Try every length", board: false }, blank: true,
  help: "Pairs of words of every length that the model can read, generated afresh and run: a row for each length, the longest on top, a column for each number of loops; the darker, the more of them are answered rightly. Above the dashed line words are longer than any in training. If longer words need more loops, the edge of the dark leans to the right; if more loops do not help beyond the line, the model has not learned the method but a table of some size. Click to set the clock.",
  formula: "Share of pairs whose number behind “=” is right after t loops; both words have the same number of letters, held-out pairs where the split leaves any of that length.",
  drawing: "Share of right answers by length of the words and number of loops",
  layout(width, height) { return { left: 40, right: width - 92, bottom: height - 20 }; },
  paint(pen, width, height, seen) {
    const { view, t, asked, colours } = seen;
    if (!asked?.arrays.right) return `Runs generated pairs of every length for ${plural(view.loops, "loop")} and counts the right answers.`;
    const { left, right, bottom } = this.layout(width, height), { values, shape: [rows, loops] } = asked.arrays.right, { lengths, trained, count } = asked.meta, high = (bottom - 6) / rows, now = view.at(t);
    const at = (r, s) => values[(rows - 1 - r) * loops + s];
    heat(pen, left, 6, right - left, bottom - 6, rows, loops, (r, s) => { const v = at(r, s); return Number.isFinite(v) ? 0.02 + 0.93 * v * v : 0; }, colours);
    for (let r = 0; r < rows; r++) if (high >= 11 || r % 2 === 0) caption(pen, seen, lengths[rows - 1 - r], left - 6, 6 + (r + 0.5) * high + 4, "right");
    const every = [1, 2, 4, 8, 16, 32, 64].find((step) => loops / step <= 9) ?? 64, wide = (right - left) / loops;
    for (let s = every; s <= loops; s += every) caption(pen, seen, s, left + (s - 0.5) * wide, bottom + 14, "center");
    const beyond = lengths.filter((length) => length > trained).length;
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 4]);
    pen.beginPath(); pen.moveTo(left, 6 + beyond * high); pen.lineTo(right + 88, 6 + beyond * high); pen.stroke();
    pen.setLineDash([]);
    if (t) { pen.lineWidth = 2; pen.strokeRect(left + (now - 1) * wide, 6, wide, bottom - 6); }
    const column = Math.max(0, now - 1);
    for (let r = 0; r < rows; r++) if (Number.isFinite(at(r, column)) && (high >= 11 || r % 2 === 0)) caption(pen, { ...seen, colours: { muted: colours.text } }, percent(at(r, column)), right + 44, 6 + (r + 0.5) * high + 4, "right");
    if (beyond) caption(pen, seen, "longer", right + 88, 6 + beyond * high - 5, "right");
    const mean = (from, to) => { let sum = 0, known = 0; lengths.forEach((length, k) => { const v = values[k * loops + column]; if (length >= from && length <= to && Number.isFinite(v)) { sum += v; known++; } }); return known ? sum / known : NaN; };
    const inside = mean(0, trained), outside = mean(trained + 1, Infinity);
    return `After ${plural(column + 1, "loop")}, with ${count} pairs of each length: ${Number.isFinite(inside) ? `${percent(inside)} right up to ${trained} letters` : "nothing is known yet"}${Number.isFinite(outside) ? `, ${percent(outside)} beyond, where no word of training was` : ""}.`;
  },
  pick(x, y, width, height, { view, asked }) {
    const { left, right } = this.layout(width, height);
    return asked && x >= left && x <= right ? { loop: clamp(Math.ceil((x - left) / (right - left) * view.loops), 1, view.loops) } : null;
  },
  table({ asked }) {
    if (!asked?.arrays.right) return { columns: ["letters", "loop", "right"], rows: [] };
    const { values, shape: [rows, loops] } = asked.arrays.right, lines = [];
    for (let r = 0; r < rows; r++) for (let s = 0; s < loops; s++) lines.push([asked.meta.lengths[r], s + 1, values[r * loops + s].toPrecision(4)]);
    return { columns: ["letters", "loop", "right"], rows: lines };
  },
});

// ── accuracy by loops ──────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "scaling", title: "Accuracy by loops", question: "What do more loops bring?", needs: "probabilities", asks: { name: "scaling", words: "Run 200 held-out inputs", board: false },
  help: "Whole answers right, by number of loops, of all checkpoints of this task: looped models, TMLTs and plain transformers, as measured for their cards (dots and thin lines; a plain transformer has one dot, at its layers). Thick, when asked for: this checkpoint after every number of loops, measured now on 200 held-out inputs. Compare two checkpoints to have both measured side by side. The loop axis is logarithmic. Click to set the clock.",
  formula: "Share of inputs whose whole answer is right after t loops, as `python -m looped evaluate` counts it: cards on 1,000 generated held-out inputs, the live curve on the first 200 of them.",
  drawing: "Share of right answers by number of loops",
  axis({ page: { meta } }, view, width) {
    const most = Math.max(view.loops, ...meta.cards.flatMap((card) => card.loops)), right = width - 8;
    return { most, x: (s) => AXIS.left + (right - AXIS.left) * Math.log2(s) / (Math.log2(most) || 1), at: (px) => clamp(Math.round(2 ** ((px - AXIS.left) / (right - AXIS.left) * Math.log2(most))), 1, view.loops), right };
  },
  paint(pen, width, height, seen) {
    const { view, t, asked, colours, page } = seen, { cards } = page.meta, { most, x, right } = this.axis(seen, view, width), top = 10, bottom = height - 20, y = (v) => bottom - (bottom - top) * v, now = view.at(t);
    const tints = [colours.accent, colours.warm, colours.cool, colours.text, colours.muted], dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2]], mine = view.meta.name.split("~")[0];
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    for (const v of [0, 0.5, 1]) { pen.beginPath(); pen.moveTo(AXIS.left, y(v)); pen.lineTo(right, y(v)); pen.stroke(); caption(pen, seen, percent(v), AXIS.left - 4, y(v) + 4, "right"); }
    for (let s = 1; s <= most; s *= 2) caption(pen, seen, s, x(s), bottom + 14, "center");
    cards.forEach((card, k) => {
      const tint = tints[k % tints.length];
      pen.strokeStyle = pen.fillStyle = tint;
      pen.lineWidth = 1.4;
      pen.setLineDash(dashes[k % dashes.length]);
      pen.beginPath();
      card.loops.forEach((s, i) => (i ? pen.lineTo(x(s), y(card.accuracy[i])) : pen.moveTo(x(s), y(card.accuracy[i]))));
      pen.stroke();
      pen.setLineDash([]);
      card.loops.forEach((s, i) => { pen.beginPath(); pen.arc(x(s), y(card.accuracy[i]), 3, 0, 7); pen.fill(); });
    });
    if (asked?.arrays.accuracy) {
      const { values } = asked.arrays.accuracy, own = cards.findIndex((card) => card.name === mine);
      curve(pen, values.length, x, (s) => y(values[s - 1]), tints[Math.max(0, own) % tints.length], [], 3);
    }
    if (t) { pen.strokeStyle = colours.text; pen.lineWidth = 1.5; pen.beginPath(); pen.moveTo(x(now), top); pen.lineTo(x(now), bottom); pen.stroke(); }
    pen.textAlign = "right";
    cards.forEach((card, k) => label(pen, colours, `${["—", "- -", "···", "-·-", "··"][k % dashes.length]} ${card.name}`, right - 6, bottom - 8 - 14 * (cards.length - 1 - k), tints[k % tints.length]));
    const card = cards.find((one) => one.name === mine), words = card ? `The card of ${mine}: ${card.loops.map((s, i) => `${percent(card.accuracy[i])} at ${s}`).join(", ")} loops.` : `There is no card of ${mine}.`;
    if (!asked?.arrays.accuracy) return words;
    return `${view.meta.label}, measured now on ${asked.meta.runs} held-out inputs: ${percent(asked.arrays.accuracy.values[Math.max(0, now - 1)])} right after ${plural(Math.max(1, now), "loop")}. ${words}`;
  },
  pick(x, y, width, height, seen) { return { loop: this.axis(seen, seen.view, width).at(x) }; },
  table({ asked, view, page }) {
    const rows = page.meta.cards.flatMap((card) => card.loops.map((s, i) => [card.name, "card", s, card.accuracy[i]]));
    if (asked?.arrays.accuracy) asked.arrays.accuracy.values.forEach((share, s) => rows.push([view.meta.name, "now", s + 1, share.toPrecision(4)]));
    return { columns: ["checkpoint", "measured", "loops", "right"], rows };
  },
});
