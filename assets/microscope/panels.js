// The panels. Each says what it needs of a run; paints itself with a pen (canvas or SVG) and returns one sentence that
// states what is seen; knows which cell or loop lies under the pointer; and gives its numbers as a table.
//
//     seen = { view, views, t, active, head, layer, colours, font, geometry }      head: null for all of them

const PANELS = [];

// ── attention ──────────────────────────────────────────────────────────────────────────────────────────────────────

function attentionBoards({ view, head, geometry }, width, height) {
  const heads = head == null || head >= view.meta.heads ? Array.from({ length: view.meta.heads }, (_, i) => i) : [head];
  return drawings(heads.length, width, height, geometry).map(([x, y, side], i) => ({ head: heads[i], x, y, side, step: side / Math.max(geometry.rows, geometry.columns) }));
}

PANELS.push({
  name: "attention", title: "Attention", needs: "attention", choosesHead: true,
  help: "How much the chosen cell (ringed) looks at every other cell in the loop that led here, one small board per head, each drawn from nothing to its own largest weight, which is printed above it. All weights of a head sum to 100 %. Attention shows where information may come from, not why an answer is given. Point at a square to preview its cell, click to choose it.",
  formula: "A[i, j] = softmaxⱼ(qᵢ · kⱼ / √(d / heads)), for the chosen cell i, of the layer and loop shown; recorded from the run itself. Sent in 8 bits of √A.",
  drawing: "Attention of the chosen cell, drawn on the board, one board per head",
  paint(pen, width, height, seen) {
    const { view, t, active, layer, colours, geometry } = seen, { n } = geometry, heads = view.meta.heads;
    let strongest = { weight: -1 }, near = 0;
    const boards = attentionBoards(seen, width, height);
    for (const { head, step, side, x, y } of boards) {
      let words = side < 84 ? `h${head + 1}` : `head ${head + 1}`;
      if (t) {
        const weights = Array.from({ length: n }, (_, j) => view.weight(t, layer, head, active, j)), top = Math.max(...weights);
        weights.forEach((weight, j) => {
          if (weight > strongest.weight) strongest = { weight, head, cell: j };
          near += geometry.peers?.[active][j] ? weight : 0;
        });
        words += ` · ${percent(top)}`;
        pen.fillStyle = colours.accent;
        weights.forEach((weight, j) => {
          if (!weight) return;
          pen.globalAlpha = 0.75 * Math.sqrt(weight / (top || 1));  // so that a digit on it stays readable
          const spot = geometry.spot(j);
          if (!spot) return;
          const [row, column] = spot;
          pen.fillRect(x + column * step, y + row * step, step, step);
        });
        pen.globalAlpha = 1;
      }
      caption(pen, seen, words, x, y - 4);
      cellSigns(pen, x, y, step, seen);
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      geometry.frame(pen, x, y, step);
      ringCell(pen, x, y, step, seen, active);
    }
    if (!t) return "No attention yet: the first loop has not run.";
    const most = `${sentence(geometry.name(active))} looks most at ${strongest.cell === active ? "itself" : geometry.name(strongest.cell)} (head ${strongest.head + 1}, ${percent(strongest.weight)}).`;
    if (!geometry.peers) {
      let hidden = 0;
      for (const { head } of boards) for (let j = 0; j < n; j++) hidden += geometry.spot(j) ? 0 : view.weight(t, layer, head, active, j) / boards.length;
      return `${most} Spread evenly each position would have ${percent(1 / n)}.${hidden > 0 ? ` ${percent(hidden)} goes to padding, which is not drawn.` : ""}`;
    }
    const even = geometry.peers[active].reduce((a, b) => a + b, 0) / n, all = heads > 1 && boards.length === heads;
    return `${most} ${percent(near / boards.length)} of its attention${all ? "" : " in this head"} stays in its own row, column and box; spread evenly it would be ${percent(even)}.`;
  },
  pick(x, y, width, height, seen) {
    for (const board of attentionBoards(seen, width, height)) {
      const cell = cellAt(x, y, [board.x, board.y, board.side], seen.geometry);
      if (cell != null) return { cell };
    }
    return null;
  },
  table({ view, active, layer, geometry }) {
    const rows = [];
    for (let t = 1; t <= view.loops; t++) for (let head = 0; head < view.meta.heads; head++)
      rows.push([t, head + 1, ...Array.from({ length: geometry.n }, (_, j) => view.weight(t, layer, head, active, j).toPrecision(4))]);
    return { columns: ["loop", "head", ...Array.from({ length: geometry.n }, (_, j) => `to cell ${j}`)], rows };
  },
});

// ── hidden states ──────────────────────────────────────────────────────────────────────────────────────────────────

// Where the state of cell i after loop t stands: in the plane of the first two components, or turned in the space of the first three.
function trajectoryPlace({ view, views, mode, page }, width, height) {
  const { values: p, shape: [, n, parts] } = view.arrays.trajectory, pad = 12, space = mode === "space" && parts > 2;
  const one = view.meta.shared_basis ? views : [view];  // one scale for runs in one basis: equal points are equal states
  if (!view.extent) {
    const extent = view.extent = [Infinity, -Infinity, Infinity, -Infinity, 0];
    for (const { arrays: { trajectory: { values } } } of one) for (let i = 0; i < values.length; i += parts) {
      extent[0] = Math.min(extent[0], values[i]); extent[1] = Math.max(extent[1], values[i]);
      extent[2] = Math.min(extent[2], values[i + 1]); extent[3] = Math.max(extent[3], values[i + 1]);
      extent[4] = Math.max(extent[4], Math.hypot(values[i], values[i + 1], values[i + 2] ?? 0));
    }
  }
  const [x0, x1, y0, y1, radius] = view.extent;  // one scale for all axes: distances are true
  const scale = space ? (Math.min(width, height) / 2 - pad) / (radius || 1) : Math.min((width - 2 * pad) / (x1 - x0 || 1), (height - 2 * pad) / (y1 - y0 || 1));
  const [turn, tilt] = page.camera, [c, s, ct, st] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return (t, i) => {
    const k = (view.at(t) * n + i) * parts;
    if (space) {
      const along = c * p[k] + s * p[k + 2], deep = c * p[k + 2] - s * p[k];
      return [width / 2 + along * scale, height / 2 - (ct * p[k + 1] + st * deep) * scale];
    }
    return [width / 2 + (p[k] - (x0 + x1) / 2) * scale, height / 2 - (p[k + 1] - (y0 + y1) / 2) * scale];
  };
}

PANELS.push({
  name: "trajectory", title: "Hidden states", needs: "trajectory", modes: [["plane", "2-D"], ["space", "3-D"]], turns: "space",
  help: "Every cell has a hidden state of many numbers. This is their path, seen in the two directions (principal components, fitted once to this whole run) in which the states differ most. Each digit stands where its cell's state is now and shows the answer read from it; thin lines are the last 16 loops of its way. Thick: the whole way of the chosen cell. In 3-D a third direction is added: drag to turn it. Point at a digit to preview its cell, click to choose it.",
  formula: "The principal axes of the states h[t] of all cells and loops together (of both runs, when two are compared); a point is ((h[t] − mean) · a₁, (h[t] − mean) · a₂), in 3-D with a₃. Share of an axis: its eigenvalue over the sum of all.",
  drawing: "Path of every cell's hidden state through two principal components",
  paint(pen, width, height, seen) {
    const { view, t, active, colours, font, geometry, mode } = seen, { n } = geometry, now = view.at(t), at = trajectoryPlace(seen, width, height);
    const path = (i, from, to) => { pen.beginPath(); pen.moveTo(...at(from, i)); for (let s = from + 1; s <= to; s++) pen.lineTo(...at(s, i)); pen.stroke(); };
    pen.strokeStyle = colours.muted;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.22;
    for (let i = 0; i < n; i++) if (i !== active) path(i, Math.max(0, now - 16), now);  // longer tails would cover everything
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    path(active, 0, now);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const i of [...Array(n).keys()].filter((i) => i !== active).concat(active)) {  // the chosen one on top
      pen.fillStyle = i === active ? colours.warm : view.asked[i] ? colours.accent : colours.text;
      pen.font = `${i === active ? "bold 17" : view.asked[i] ? "12" : "bold 11"}px ${font}`;
      pen.fillText(view.text(t, i) || "·", ...at(now, i));
    }
    pen.textBaseline = "alphabetic";
    const held = view.meta.explained.slice(0, mode === "space" ? 3 : 2), share = `The ${mode === "space" ? "three" : "two"} directions hold ${percent(held.reduce((sum, one) => sum + one, 0))} of all differences between states${view.meta.shared_basis ? " of both runs, which are drawn in the same directions" : ""}.`;
    if (!t) return `All cells start ${view.meta.zero_start ? "at the same point: the state is zero" : "from their embedded input"}. ${share}`;
    return `In this loop the state of ${geometry.name(active)} moved by ${short(view.arrays.residual_cell.values[(now - 1) * n + active])}. ${share}`;
  },
  pick(x, y, width, height, seen) {
    const { t, geometry } = seen, at = trajectoryPlace(seen, width, height);
    let best = null, distance = 18;
    for (let i = 0; i < geometry.n; i++) {
      const [px, py] = at(t, i), d = Math.hypot(px - x, py - y);
      if (d < distance) { distance = d; best = i; }
    }
    return best == null ? null : { cell: best };
  },
  table({ view, geometry }) {
    const rows = [], { values, shape: [, , parts] } = view.arrays.trajectory;
    for (let t = 0; t <= view.loops; t++) for (let i = 0; i < geometry.n; i++) rows.push([t, i, ...Array.from({ length: parts }, (_, k) => values[(t * geometry.n + i) * parts + k].toPrecision(6))]);
    return { columns: ["loop", "cell", ...Array.from({ length: parts }, (_, k) => `component ${k + 1}`)], rows };
  },
});

// ── convergence ────────────────────────────────────────────────────────────────────────────────────────────────────

PANELS.push({
  name: "convergence", title: "Convergence", needs: "residual_relative",
  help: "How far each loop moves the whole state: the length of h[t+1] − h[t], relative to the length of h[t] (solid) and for the chosen cell, absolute (dotted). When the steps themselves get shorter, the loop comes closer to a fixed point, where one more loop changes nothing; when only the state grows, the solid line falls, too, and the sentence says so. The dashed line marks how many loops training used. Click to set the clock.",
  formula: "Whole state: ‖h[t+1] − h[t]‖ / ‖h[t]‖ over all cells; chosen cell: ‖h[t+1] − h[t]‖ of its own state. Euclidean norms.",
  drawing: "Residual of every loop on a logarithmic axis",
  paint(pen, width, height, { view, views, t, active, colours, page }) {
    const { loops } = view, { n } = view.geometry;
    const own = (s, of = view) => of.arrays.residual_cell.values[(s - 1) * n + active], whole = (s, of = view) => of.arrays.residual_relative.values[s - 1];
    let low = Infinity, high = -Infinity;  // of all runs that are compared: one scale for both
    for (const of of views) for (let s = 1; s <= of.loops; s++) for (const value of [whole(s, of), own(s, of)]) if (value > 0 && Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    if (low > high) { low = 0.1; high = 1; }
    low = Math.floor(Math.log10(low)); high = Math.max(low + 1, Math.ceil(Math.log10(high)));
    const top = 10, bottom = height - 20, y = (value) => (value > 0 ? bottom - (bottom - top) * (Math.log10(value) - low) / (high - low) : NaN);
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    const every = Math.max(1, Math.ceil((high - low) / (height / 28)));
    for (let power = low; power <= high; power += every) {
      const at = y(10 ** power);
      pen.globalAlpha = 0.5;
      pen.beginPath(); pen.moveTo(AXIS.left, at); pen.lineTo(width - AXIS.right, at); pen.stroke();
      pen.globalAlpha = 1;
      pen.fillText(power >= -2 && power <= 2 ? String(Number((10 ** power).toFixed(2))) : `1e${power}`, 38, at + 4);
    }
    const now = view.at(t), x = loopAxis(pen, colours, width, top, bottom, loops, view.meta.trained_loops, now);
    curve(pen, loops, x, (s) => y(own(s)), colours.warm, [2, 3], 1.5);
    curve(pen, loops, x, (s) => y(whole(s)), colours.accent);
    // Where fewer points of the curves are in the way: above, or below.
    const crossed = (from, to) => { let count = 0; for (let s = 1; s <= loops; s++) if (x(s) > width - 170) for (const value of [own(s), whole(s)]) count += y(value) >= from && y(value) <= to; return count; };
    const above = crossed(top, top + 46) <= crossed(bottom - 46, bottom), legend = above ? top + 22 : bottom - 24;
    pen.textAlign = "right";
    label(pen, colours, "— whole state, relative", width - 14, legend, colours.accent);
    label(pen, colours, page.words("··· chosen cell, absolute"), width - 14, legend + 15, colours.warm);
    if (!t) return "No loop has run, so nothing has moved yet.";
    for (const [value, colour] of [[own(now), colours.warm], [whole(now), colours.accent]]) {
      if (!(value > 0)) continue;
      pen.fillStyle = colour;
      pen.beginPath(); pen.arc(x(now), y(value), 4, 0, 7); pen.fill();
    }
    const moved = whole(now);
    if (!Number.isFinite(moved)) return "The first loop starts from a state of zero, so there is no relative change to state.";
    let least = now;
    for (let earlier = now - 1; earlier >= 1; earlier--) if (whole(earlier) < whole(least)) least = earlier;
    if (moved < 1e-6) return `This loop moved the whole state by ${short(moved)} of its length: nothing beyond rounding.`;
    const step = view.arrays.residual_absolute.values, half = Math.ceil(now / 2), length = (s) => step[s - 1] / whole(s);
    if (least === now && now > 4 && step[now - 1] > 0.8 * step[half - 1] && length(now) > 1.1 * length(half))  // a state that grows makes the same step look small
      return `This loop moved the whole state by ${short(moved)} of its length, the least so far, but only because the state grows: the step itself (${short(step[now - 1])}) is hardly shorter than at loop ${half} (${short(step[half - 1])}). It drifts; it does not settle.`;
    const trend = least === now ? (now > 2 ? ", the least so far: closer to a fixed point" : "") : moved > 1.2 * whole(least) ? `: not closer to a fixed point than at loop ${least} (${short(whole(least))})` : `, about as little as at loop ${least} (${short(whole(least))})`;
    return `This loop moved the whole state by ${short(moved)} of its length${trend}.`;
  },
  pick: (x, y, width, height, { view }) => ({ loop: loopAt(x, width, view.loops) }),
  table({ view, active }) {
    const { n } = view.geometry;
    return { columns: ["loop", "whole state, relative", `cell ${active}, absolute`],
      rows: Array.from({ length: view.loops }, (_, s) => [s + 1, view.arrays.residual_relative.values[s].toPrecision(6), view.arrays.residual_cell.values[s * n + active].toPrecision(6)]) };
  },
});

// ── timestep ───────────────────────────────────────────────────────────────────────────────────────────────────────

const SCALES = ["α1", "α2", "γ1", "γ2"];

PANELS.push({
  name: "timestep", title: "Timestep scales", needs: "scales",
  missing: (view) => `This checkpoint has no timestep encoding: ${view.meta.architecture === "standard" ? "it has no loop, but layers with weights of their own" : "every loop applies exactly the same function"}. Choose a TMLT checkpoint to see the scales turn from loop to loop.`,
  help: "Only a TMLT has these. In every loop the timestep encoding sets how strongly the attention branch (α1) and the MLP branch (α2) are added, and how their inputs are scaled (γ1, γ2). Lines: root mean square over all channels. Strips: the values of all channels in this loop, teal below zero, orange above. A checkpoint may be given its last timestep again beyond its trained loops, as its card says; then the lines end flat. Click to set the clock.",
  formula: "x ← x + α1(t) · Attention(γ1(t) · N(x)); x ← x + α2(t) · MLP(γ2(t) · N(x)) (2410.01405, section 4). Lines: √(mean over channels of the square).",
  drawing: "Strength of the four timestep vectors in every loop",
  paint(pen, width, height, { view, t, layer, colours }) {
    const { scales, strengths } = view.arrays, { loops } = view, now = view.at(t), dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
    const [, layers, , channels] = scales.shape, tints = [colours.accent, colours.warm, colours.cool, colours.text];
    const strips = 4 * 13 + 6, top = 10, bottom = height - 20 - strips, strength = (s, v) => strengths.values[((s - 1) * layers + layer) * 4 + v];
    let high = 0;
    for (let s = 1; s <= loops; s++) for (let v = 0; v < 4; v++) high = Math.max(high, strength(s, v));
    const y = (value) => bottom - (bottom - top - 14) * value / (high || 1);  // room for the word above the lines
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    pen.fillText(short(high), 38, y(high) + 4);
    pen.fillText("0", 38, bottom);
    const x = loopAxis(pen, colours, width, top, bottom, loops, view.meta.trained_loops, now);
    SCALES.forEach((name, v) => {
      curve(pen, loops, x, (s) => y(strength(s, v)), tints[v], dashes[v]);
      pen.fillStyle = tints[v];
      if (t) { pen.beginPath(); pen.arc(x(now), y(strength(now, v)), 3, 0, 7); pen.fill(); }
      pen.textAlign = "left";
      const atY = height - strips + 4 + v * 13 + 9;
      pen.fillText(name, 4, atY);
      pen.strokeStyle = tints[v]; pen.setLineDash(dashes[v]); pen.beginPath(); pen.moveTo(22, atY - 4); pen.lineTo(40, atY - 4); pen.stroke(); pen.setLineDash([]);
      if (!t) return;
      const step = (width - AXIS.right - AXIS.left) / channels, from = (((now - 1) * layers + layer) * 4 + v) * channels;
      for (let c = 0; c < channels; c++) {
        const value = scales.values[from + c];
        pen.fillStyle = value < 0 ? colours.cool : colours.warm;
        pen.globalAlpha = Math.min(1, Math.abs(value) / (2 * high || 1));
        pen.fillRect(AXIS.left + c * step, atY - 9, step + 0.5, 11);
      }
      pen.globalAlpha = 1;
    });
    if (!t) return "No loop has run yet; the lines show what every loop will use.";
    return `In this loop attention is added at strength ${short(strength(now, 0))} and the MLP at ${short(strength(now, 1))}; their inputs are scaled by ${short(strength(now, 2))} and ${short(strength(now, 3))} (root mean square over ${channels} channels).`;
  },
  pick: (x, y, width, height, { view }) => ({ loop: loopAt(x, width, view.loops) }),
  table({ view, layer }) {
    const { strengths } = view.arrays, [, layers] = strengths.shape;
    return { columns: ["loop", ...SCALES.map((name) => `${name}, root mean square`)],
      rows: Array.from({ length: view.loops }, (_, s) => [s + 1, ...SCALES.map((_, v) => strengths.values[(s * layers + layer) * 4 + v].toPrecision(6))]) };
  },
});

// ── readout ────────────────────────────────────────────────────────────────────────────────────────────────────────

const MOST_ROWS = 9;

// The tokens that the readout of a position is drawn for: all digits of a board; of many tokens those that are ever most probable.
function readTokens(view, i) {
  const { n, tokens } = view.geometry, last = view.answers[(view.loops - 1) * n + i];
  view.readable ??= new Map();
  if (!tokens && !view.readable.has(i)) {
    const peak = new Float32Array(view.vocab);
    for (let t = 1; t <= view.loops; t++) for (let v = 0; v < view.vocab; v++) peak[v] = Math.max(peak[v], view.probability(t, i, v));
    view.readable.set(i, [...peak.keys()].filter((v) => v !== last).sort((a, b) => peak[b] - peak[a]).slice(0, MOST_ROWS - 1).concat(last).sort((a, b) => a - b));
  }
  return { tokens: tokens ?? view.readable.get(i), last };
}

PANELS.push({
  name: "readout", title: "Readout", needs: "probabilities",
  help: "What the output head would say of the chosen cell after every loop: one row per digit, one column per loop, the larger the square the more probable. Blue: the most probable digit of that loop, orange: the others. A triangle marks the answer after the last loop, the frame the present one. Click to set the clock.",
  formula: "p[t] = softmax(W N(h[t])) with the model's own output head; entropy −Σ p log₂ p in bits. It is the answer the model would give if it stopped after loop t.",
  drawing: "Probability of every digit in the chosen cell after every loop",
  paint(pen, width, height, { view, t, active, colours, geometry }) {
    const { loops } = view, { tokens, last } = readTokens(view, active), now = view.at(t), top = 10, bottom = height - 20, row = (bottom - top) / tokens.length;
    const step = (width - AXIS.left - AXIS.right) / loops, x = (s) => AXIS.left + (s - 0.5) * step;
    loopAxis(pen, colours, width, top, bottom, loops, view.meta.trained_loops, now, x);
    tokens.forEach((d, k) => {
      const middle = bottom - (k + 0.5) * row;
      pen.fillStyle = d === last ? colours.accent : colours.muted;
      pen.textAlign = "right";
      pen.fillText(`${d === last ? "▸ " : ""}${geometry.sign(d)}`, 38, middle + 4);
      for (let s = 1; s <= loops; s++) {
        const p = view.probability(s, active, d), reach = Math.min(step, row) * 0.46 * Math.sqrt(p);
        if (reach < 0.3) continue;
        const best = view.answers[(s - 1) * geometry.n + active] === d;
        pen.fillStyle = best ? colours.accent : colours.warm;
        pen.fillRect(x(s) - reach, middle - reach, 2 * reach, 2 * reach);
      }
    });
    const best = tokens.indexOf(view.answers[(now - 1) * geometry.n + active]);
    if (t && best >= 0) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1.5;
      pen.strokeRect(x(now) - step / 2, bottom - (best + 1) * row, step, row);
    }
    if (!t) return "No loop has run, so nothing has been read yet.";
    const ranked = tokens.map((d) => [view.probability(now, active, d), geometry.sign(d)]).sort((a, b) => b[0] - a[0]);
    let bits = 0;
    for (let v = 0; v < view.vocab; v++) { const p = view.probability(now, active, v); if (p > 0) bits -= p * Math.log2(p); }
    const rank = view.arrays.ranks.values[(now - 1) * geometry.n + active];
    const flips = view.changes.slice(0, now).reduce((count, changed) => count + changed[active], 0);
    return `${sentence(geometry.name(active))}: ${ranked[0][1]} at ${percent(ranked[0][0])}, then ${ranked[1][1]} at ${percent(ranked[1][0])} (entropy ${short(bits)} bits).${rank > 1 ? ` The last loop's answer, ${geometry.sign(last)}, stands at rank ${rank} now.` : ""} ${!view.asked[active] ? "It is given." : flips ? `The answer has changed ${plural(flips, "time")}; ${view.settling(active)}.` : `The answer has not changed${view.settledCell[active] > now ? ` yet; ${view.settling(active)}` : ""}.`}`;
  },
  pick: (x, y, width, height, { view }) => ({ loop: clamp(Math.ceil((x - AXIS.left) / (width - AXIS.left - AXIS.right) * view.loops), 1, view.loops) }),
  table({ view, active, geometry }) {
    const { tokens } = readTokens(view, active);
    return { columns: ["loop", ...tokens.map((d) => `probability of ${geometry.sign(d)} in cell ${active}`)],
      rows: Array.from({ length: view.loops }, (_, s) => [s + 1, ...tokens.map((d) => view.probability(s + 1, active, d).toPrecision(4))]) };
  },
});

// ── settling ───────────────────────────────────────────────────────────────────────────────────────────────────────

const TECHNIQUES = { 1: "naked single", 2: "hidden single" };

PANELS.push({
  name: "order", title: "Model and logic", page: "sudoku", needs: "order",
  help: "A person fills a Sudoku with singles: a cell with one digit left (naked), or a digit with one place left (hidden), round after round. Across: the round in which that logic can place a cell. Up: the loop after which the model's answer for it never changed again; a full dot has settled by now, a hollow one has not, a red one settles on a digit that the solution does not have, the digit is the chosen cell. What settles in the very last loops may go on changing in more of them. Cells that singles do not reach stand in the last column, marked ?. Point at a dot to preview its cell, click to choose it.",
  formula: "Singles: every round, all cells that have one candidate left, or hold a digit's only place in a unit, are filled in at once. The settled loop is the last one that changed the cell's answer. Rank correlation: Spearman's, over the cells that singles reach.",
  drawing: "Loop at which each blank settled, against the round in which logic can place it",
  place(view, width, height) {
    const order = view.arrays.order.values, rounds = Math.max(0, ...order), stuck = order.some((round, i) => round < 0 && view.asked[i]), columns = rounds + (stuck ? 1 : 0) || 1;
    const x = (round) => AXIS.left + (width - AXIS.left - AXIS.right) * ((round < 0 ? columns : round) - 0.5) / columns;
    const y = (loop) => height - 22 - (height - 36) * (view.loops > 1 ? (loop - 1) / (view.loops - 1) : 0.5);
    const stacks = new Map(), points = [];
    order.forEach((round, i) => {
      if (view.given[i]) return;
      const key = `${round}|${view.settledCell[i]}`, many = stacks.get(key) ?? 0;
      stacks.set(key, many + 1);
      points.push({ i, round, many });
    });
    const wide = Math.max(6, (width - AXIS.left - AXIS.right) / columns - 8), fit = Math.max(1, Math.floor(wide / 9));
    for (const point of points) {
      const all = Math.min(fit, stacks.get(`${point.round}|${view.settledCell[point.i]}`));
      point.x = x(point.round) + (point.many % fit - (all - 1) / 2) * 9;
      point.y = y(view.settledCell[point.i]) - Math.floor(point.many / fit) * 3;
    }
    return { points, rounds, stuck, x, y };
  },
  paint(pen, width, height, { view, t, active, colours, font, geometry, page }) {
    const { points, rounds, stuck, x, y } = this.place(view, width, height), now = view.at(t);
    const wrong = ({ i }) => page.solution && view.digit(view.loops, i) !== page.solution[i];
    pen.strokeStyle = colours.line;
    pen.beginPath(); pen.moveTo(AXIS.left, height - 20); pen.lineTo(width - AXIS.right, height - 20); pen.moveTo(AXIS.left, 8); pen.lineTo(AXIS.left, height - 20); pen.stroke();
    pen.fillStyle = colours.muted;
    pen.textAlign = "center";
    const every = Math.ceil((rounds + 1) / 10);
    for (let round = 1; round <= rounds; round += every) pen.fillText(round, x(round), height - 6);
    if (stuck) pen.fillText("?", x(-1), height - 6);
    pen.textAlign = "right";
    for (const loop of new Set([1, Math.round(view.loops / 2), view.loops])) pen.fillText(loop, 38, y(loop) + 4);
    if (t) {
      pen.strokeStyle = colours.text;
      pen.setLineDash([1, 3]);
      pen.beginPath(); pen.moveTo(AXIS.left, y(now)); pen.lineTo(width - AXIS.right, y(now)); pen.stroke();
      pen.setLineDash([]);
    }
    pen.lineWidth = 1.5;
    for (const point of points) {  // full: settled by now; hollow: not yet
      if (point.i === active) continue;
      pen.fillStyle = pen.strokeStyle = wrong(point) ? colours.wrong : colours.accent;
      pen.beginPath(); pen.arc(point.x, point.y, 3.2, 0, 7);
      if (view.settledCell[point.i] <= now) pen.fill();
      else pen.stroke();
    }
    const own = points.find((point) => point.i === active);
    if (own) {
      pen.textAlign = "center";
      pen.font = `bold 19px ${font}`;
      label(pen, colours, view.digit(t, active) || "?", own.x, own.y + 6, colours.warm);
      pen.font = `12px ${font}`;
    }
    if (!points.length) return "Nothing to place: every cell is given.";
    const round = view.arrays.order.values[active], how = TECHNIQUES[view.arrays.technique.values[active]];
    const words = view.given[active] ? `${sentence(geometry.name(active))} is given.` : `${sentence(geometry.name(active))}: ${round > 0 ? `logic places it in round ${round} (${how})` : "singles alone do not reach it"}; in the model ${view.settling(active)}.`;
    const rho = view.meta.order_correlation, reached = points.filter((point) => point.round > 0).length, missed = points.filter(wrong).length;
    const ends = missed ? ` ${plural(missed, "blank ends", "blanks end")} on a wrong digit (red).` : "";
    return `${words}${rho == null ? "" : ` Over the ${plural(reached, "cell", "cells")} that singles reach, the rank correlation of the two orders is ${rho.toFixed(2).replace("-", "−")}.`}${ends}`;
  },
  pick(x, y, width, height, { view }) {
    let best = null, distance = 14;
    for (const point of this.place(view, width, height).points) {
      const d = Math.hypot(point.x - x, point.y - y);
      if (d < distance) { distance = d; best = point.i; }
    }
    return best == null ? null : { cell: best };
  },
  table({ view, geometry }) {
    return { columns: ["cell", "row", "column", "given", "round of logic", "technique", "settled at loop", "last answer"],
      rows: Array.from({ length: geometry.n }, (_, i) => [i, Math.floor(i / geometry.size) + 1, i % geometry.size + 1, view.given[i], view.arrays.order.values[i], TECHNIQUES[view.arrays.technique.values[i]] ?? "", ...(view.given[i] ? ["", ""] : [view.settledCell[i], view.digit(view.loops, i)])]) };
  },
});
