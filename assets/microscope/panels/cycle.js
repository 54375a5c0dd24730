// The loop itself: input, block, state, and the way back, with the numbers of this run at the loop on the clock.

import { clamp, listed, passesOf, percent, plural, sentence, short } from "../core/words.js";
import { caption, fitting } from "../draw/legend.js";
import { segment } from "../draw/surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {import("../core/view.js").View} View */
/** @typedef {[number, number, number, number]} Box left, top, width, height */

const [WIDEST, HIGHEST] = [680, 330]; // pixels: larger than this the drawing only stands in the middle
const [ABOVE, BELOW] = [38, 40]; // pixels above the block, for the timestep and the answer; below it, for the way back
const LINE = 14; // pixels of a line of words
const HEAD = 5; // pixels of an arrow's head

// ── the numbers of the loop on the clock ────────────────────────────────────────────────────────────────────────────

const isLoop = (view) => view.meta.looped !== false;

// A length in two digits, a large one as a whole number.
const long = (size) => (size >= 100 ? size.toFixed(0) : short(size));

// How long the state is, and by which part of its length this loop moved it; null where it came from zero.
/** @type {(view: View, t: number) => { size: number, moved: number|null }} */
function stateAt(view, t) {
  if (!t) return { size: view.meta.start_length, moved: null };
  const moved = view.arrays.residual_relative.values[t - 1];
  return { size: view.arrays.length.values[t - 1], moved: Number.isFinite(moved) ? moved : null };
}

// What each branch of the block writes in this loop: its name, and its share, null where there is none to tell.
/** @type {(view: View, t: number) => [string, number|null][]} */
function branchesAt(view, t) {
  const { branches } = view.meta.anatomy;
  const shares = t ? view.arrays.wrote_share?.values : null;
  return branches.map((name, k) => {
    const share = shares?.[(t - 1) * branches.length + k];
    return [name, Number.isFinite(share) ? share : null];
  });
}

// What the loop did to the answers, in few words.
/** @type {(view: View, t: number) => string} */
function answersAt(view, t) {
  if (!t) return "no answer yet";
  if (!view.numbers && t === 1) return "first answers";
  if (!view.numbers) return `${plural(view.changed(t), "answer").replace(/^0 answers/, "no answer")} changed`;
  const moved = view.arrays.moved?.values[t - 1];
  if (!Number.isFinite(moved)) return "first predictions";
  return view.arrays.still.values[t - 1] ? "predictions stand still" : `predictions moved by ${short(moved)}`;
}

// The gates and scales of the first layer in this loop, or in the first one where none has run.
/** @type {(view: View, t: number) => string[]|null} */
function scalesAt(view, t) {
  const { strengths } = view.arrays;
  if (!strengths) return null;
  const { vectors } = view.meta;
  const begin = (Math.max(1, t) - 1) * strengths.shape[1] * vectors.length;
  return vectors.map(({ symbol }, k) => `${symbol} ${short(strengths.values[begin + k])}`);
}

// What a loop reads beside the state: the input, or what a search has made of it.
const sourceOf = (view) => view.meta.anatomy.source || "{input}";

// How the input comes in: added in every loop, read in every loop, or put in once.
function inputWords(view, t) {
  const { added, reads } = view.meta.anatomy;
  if (!added) return reads ? "read in every {loop}" : "put in once";
  const size = t ? view.arrays.injected?.values[t - 1] : undefined;
  return size === undefined ? "added in every {loop}" : `adds ${long(size)}`;
}

// What is said before anything has run; names: the branches of the block.
function startWords(view, names) {
  const { added, reads } = view.meta.anatomy;
  const { size } = stateAt(view, 0);
  const begin = `${size ? `The state has size ${long(size)}` : "The state is zero"}; nothing has run yet.`;
  if (!isLoop(view)) return `${begin} Every {loop} changes it (${names}) with weights of its own. Press play.`;
  const input = added ? "the {input} is added again, " : reads ? `the ${sourceOf(view)} is read again, ` : "";
  const block = `the same block changes the state (${names})`;
  return `${begin} In every {loop} ${input}${block}, and it goes back in. Press play.`;
}

// ── the drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {(width: number, height: number) => { input: Box, block: Box, state: Box, join: [number, number, number] }}
 *   where everything stands; join: centre and radius of where the input meets the state */
export function layout(width, height) {
  const wide = Math.min(width, WIDEST) - 4;
  const high = Math.min(height, HIGHEST) - ABOVE - BELOW;
  const left = (width - wide) / 2;
  const top = ABOVE + (height - ABOVE - BELOW - high) / 2;
  const side = clamp(0.21 * wide, 66, 130); // of the boxes of input and state
  const small = Math.min(high, 58);
  const boxTop = top + (high - small) / 2;
  const radius = 7;
  const block = left + side + 2 * radius + Math.max(22, 0.08 * wide);
  const state = left + wide - side;
  return {
    input: [left, boxTop, side, small],
    join: [(left + side + block) / 2, top + high / 2, radius],
    block: [block, top, state - Math.max(14, 0.05 * wide) - block, high],
    state: [state, boxTop, side, small],
  };
}

// An arrow along these points, with its head at the last; the last part runs along one axis.
function arrow(pen, colour, points, dash = []) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.8;
  pen.setLineDash(dash);
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
  pen.setLineDash([]);
  const [[x0, y0], [x, y]] = points.slice(-2);
  const [dx, dy] = [Math.sign(x - x0) * HEAD, Math.sign(y - y0) * HEAD];
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - 1.6 * dx - dy, y - 1.6 * dy - dx);
  pen.lineTo(x - 1.6 * dx + dy, y - 1.6 * dy + dx);
  pen.closePath();
  pen.fill();
}

// A frame with centred lines of words; the first is strong.
function box(pen, seen, [x, y, width, height], lines, colour) {
  const { colours, font, words } = seen;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.8;
  pen.strokeRect(x, y, width, height);
  pen.textAlign = "center";
  lines.forEach((line, i) => {
    pen.font = `${i ? "" : "bold "}12px ${font}`;
    pen.fillStyle = i ? colours.muted : colours.text;
    pen.fillText(words(line), x + width / 2, y + height / 2 + (i - (lines.length - 1) / 2) * LINE + 4);
  });
}

function drawBlock(pen, seen, [x, y, width, height], t) {
  const { view, colours, font, words } = seen;
  const { layers, normed } = view.meta.anatomy;
  const name = isLoop(view) ? "block" : `{loop} ${Math.max(1, t)} of ${view.loops}`;
  box(pen, seen, [x, y, width, height], [], colours.accent);
  const title = layers > 1 ? `${name}, ${plural(layers, "layer")}` : name;
  pen.font = `bold 12px ${font}`;
  pen.fillStyle = colours.text;
  pen.textAlign = "center";
  pen.fillText(words(title), x + width / 2, y + LINE);
  const rows = branchesAt(view, t);
  const free = height - LINE - (normed ? LINE : 0) - 6;
  const line = Math.min(30, free / Math.max(1, rows.length));
  rows.forEach(([branch, share], k) => {
    const at = y + LINE + 4 + (free - line * rows.length) / 2 + (k + 0.5) * line;
    const inner = width - 12;
    if (share !== null) {
      pen.fillStyle = k ? colours.warm : colours.cool;
      pen.globalAlpha = 0.35;
      pen.fillRect(x + 6, at - line / 2 + 1, inner * share, line - 2);
      pen.globalAlpha = 1;
    }
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.strokeRect(x + 6, at - line / 2 + 1, inner, line - 2);
    pen.font = `12px ${font}`;
    pen.fillStyle = colours.text;
    pen.textAlign = "left";
    pen.fillText(words(branch), x + 11, at + 4);
    pen.textAlign = "right";
    const said = share !== null && rows.length > 1 ? percent(share) : "";
    const room = inner - 10 - pen.measureText(words(branch)).width; // beside its name; the sentence says it, too
    if (pen.measureText(said).width + 4 <= room) pen.fillText(said, x + width - 11, at + 4);
  });
  if (normed) caption(pen, seen, "then normalised", x + width / 2, y + height - 5, "center");
}

function drawWayBack(pen, seen, places, t) {
  const { view, colours } = seen;
  const { block, state, join } = places;
  const low = block[1] + block[3] + 14;
  const middle = block[0] + block[2] / 2;
  if (!isLoop(view)) {
    const choices = ["no way back: every layer is used once", "no way back"];
    const words = fitting(pen, seen, choices, state[0] + state[2] - join[0]);
    caption(pen, seen, words, middle, low + LINE, "center");
    return;
  }
  const down = [state[0] + state[2] / 2, state[1] + state[3]];
  arrow(pen, colours.accent, [down, [down[0], low], [join[0], low], [join[0], join[1] + join[2]]]);
  const what = view.meta.anatomy.fed ? "state and answer go back in" : "the state goes back in";
  const when = t ? `{loop} ${t} of ${view.loops}` : `${plural(view.loops, "{loop}")} to come`;
  const choices = [`${what}: ${when}`, when];
  caption(pen, seen, fitting(pen, seen, choices, down[0] - join[0] - 8), middle, low + LINE + 2, "center");
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "cycle",
  title: "The {loop}",
  needs: "length",
  help:
    "What one {loop} consists of, with this run's numbers at the {loop} on the clock. The block reads the " +
    "state, and what it makes of it is the next state, which goes back into a loop: always the same block. The bars " +
    "say how much of what the block writes comes from each of its branches. Where the input is added, it is " +
    "added again in every loop. A TMLT also gets the number of the loop, which sets its timestep scales. " +
    "A standard transformer has no way back: every layer has weights of its own. What a model does not have is not " +
    "drawn.",
  formula:
    "size = ‖h[t]‖ over all positions; moved = ‖h[t] − h[t−1]‖ / ‖h[t−1]‖. A branch's share: ‖what it adds‖, " +
    "summed over the layers of the block, over the sum of the same of all branches. Branches may undo each " +
    "other: lengths are compared, not directions. Scales: root mean square over the channels, of the first layer.",
  drawing: "The {loop}: input, block, state, and the way back to the block",
  draw(pen, seen, width, height) {
    const { view, colours } = seen;
    const t = view.at(seen.t);
    const places = layout(width, height);
    const { input, block, state, join } = places;
    const [x, y, radius] = join;
    const { added, reads } = view.meta.anatomy;
    const { size, moved } = stateAt(view, t);
    box(pen, seen, input, sourceOf(view).split(" of "), colours.muted);
    const again = added || reads;
    arrow(pen, again ? colours.text : colours.muted, [[input[0] + input[2], y], [x - radius, y]], again ? [] : [3, 3]);
    const said = fitting(pen, seen, [inputWords(view, t)], x - input[0]);
    caption(pen, seen, said, input[0], input[1] + input[3] + LINE);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.stroke();
    if (added) {
      segment(pen, x - 4, y, x + 4, y);
      segment(pen, x, y - 4, x, y + 4);
    }
    arrow(pen, colours.accent, [[x + radius, y], [block[0], y]]);
    drawBlock(pen, seen, block, t);
    arrow(pen, colours.accent, [[block[0] + block[2], y], [state[0], y]]);
    const numbers = moved === null ? [] : [`moved ${percent(moved)}`];
    box(pen, seen, state, [`state h[${t}]`, size ? `size ${long(size)}` : "zero", ...numbers], colours.accent);
    drawWayBack(pen, seen, places, t);
    const up = state[0] + state[2] / 2;
    arrow(pen, colours.muted, [
      [up, state[1]],
      [up, block[1] - 20],
    ]);
    caption(pen, seen, answersAt(view, t), state[0] + state[2], block[1] - 24, "right");
    this.drawTimestep(pen, seen, block, t);
  },
  // The number of the loop and the scales that it sets, above the block.
  drawTimestep(pen, seen, block, t) {
    const scales = scalesAt(seen.view, t);
    if (!scales) return;
    const middle = block[0] + block[2] / 2;
    const gates = scales.length / 2;
    const [alphas, gammas] = [scales.slice(0, gates).join(" "), scales.slice(gates).join(" ")];
    const room = block[2] + 70;
    const number = `t = ${Math.max(1, t) - 1}: `;
    const choices = [`${number}${alphas} ${gammas}`, `${number}${alphas}`, alphas];
    caption(pen, seen, fitting(pen, seen, choices, room), middle, block[1] - 10, "center");
    arrow(pen, seen.colours.warm, [[middle, block[1] - 7], [middle, block[1]]]);
  },
  describe({ view, t: clock }) {
    const t = view.at(clock);
    const { added, reads, fed, normed } = view.meta.anatomy;
    const { size, moved } = stateAt(view, t);
    const rows = branchesAt(view, t);
    const names = rows.map(([name]) => name).join(", then ") || "one function";
    if (!t) return startWords(view, names);
    const now = `${sentence(passesOf(view).loop)} ${t} of ${view.loops}: `;
    const told = rows.filter(([, share]) => share !== null);
    const parts = told.map(([name, share]) => `${percent(share)} by ${name}`);
    const alone = `the block (${names}) changed the state`;
    const wrote = parts.length > 1 ? `of what the block adds, ${listed(parts)}` : alone;
    const also = [fed ? "its answer was fed back" : "", normed ? "then normalised" : ""].filter(Boolean);
    const step = moved === null ? "" : `, ${percent(moved)} away from the one before`;
    const scales = scalesAt(view, t);
    return [
      `${now}${[wrote, ...also].join("; ")}.`,
      `The new state has size ${long(size)}${step}; ${answersAt(view, t)}.`,
      ...(added ? [`The {input} ${inputWords(view, t)} to the state.`] : []),
      ...(reads && !added ? [`The ${sourceOf(view)} is read in every {loop}.`] : []),
      ...(scales ? [`Timestep ${t - 1} set ${scales.join(", ")}.`] : []),
    ].join(" ");
  },
  pick: () => null,
  table({ view }) {
    const { branches, added } = view.meta.anatomy;
    const { wrote, wrote_share: shares, injected } = view.arrays;
    const told = wrote ? branches : [];
    const count = branches.length;
    return {
      columns: [
        "{loop}",
        "size of the state",
        "relative step",
        ...told.flatMap((name) => [`added by ${name}`, `share of ${name}`]),
        ...(added && injected ? ["added by the {input}"] : []),
        ...(view.numbers ? [] : ["answers changed"]),
      ],
      rows: Array.from({ length: view.loops }, (_, s) => [
        s + 1,
        view.arrays.length.values[s].toPrecision(6),
        view.arrays.residual_relative.values[s].toPrecision(6),
        ...told.flatMap((_name, k) =>
          [wrote, shares].map(({ values }) => values[s * count + k].toPrecision(6)),
        ),
        ...(added && injected ? [injected.values[s].toPrecision(6)] : []),
        ...(view.numbers ? [] : [view.changed(s + 1)]),
      ]),
    };
  },
};
