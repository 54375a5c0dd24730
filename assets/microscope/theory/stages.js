// Which of the three stages runs: a strip over the clock, each stage as wide as the others however long it is.

import { clamp, plural } from "../core/words.js";
import { fitting } from "../draw/legend.js";

const NAMES = [
  ["1 · quantise: each token gets the number of its cell", "1 · quantise each token", "1 quantise"],
  ["2 · context: attention reads all tokens", "2 · read the context", "2 context"],
  ["3 · value: follow the table, stop at the own ID", "3 · follow the table", "3 value"],
];

/** @type {(meta: object, t: number) => { stage: number, within: number }} the stage of loop t, and its loop in it */
export function stageOf({ stages }, t) {
  let before = 0;
  for (let stage = 0; stage < 3; stage++) {
    if (t <= before + stages[stage] || stage === 2) return { stage, within: t - before };
    before += stages[stage];
  }
  return { stage: 2, within: t - before };
}

export default {
  name: "stages",
  moves: true,
  title: "The machine",
  help:
    "One layer with fixed weights, applied again and again; it counts its loops in a channel, so that the stages " +
    "follow one another by themselves. The strip gives each stage the same width, though nearly all loops are in the " +
    "third. Press play, drag the clock, or click the strip.",
  formula: "D − 1 loops quantise, N read the context, K − 1 follow the table: D = 1/δ cells, K IDs.",
  drawing: "The three stages of the construction",
  describe(seen) {
    const { meta, t } = seen;
    const { stage, within } = stageOf(meta, t);
    if (t === 0) return "Nothing has run yet. Press play.";
    if (t === meta.loops) return `All ${plural(meta.loops, "loop")} have run: every token has its value.`;
    if (stage === 0) return `Loop ${t} asks which tokens lie at or above the threshold ${within}/${meta.cells}.`;
    if (stage === 1) return `Loop ${t} finds the largest cell not used yet and appends it to the sequence ID.`;
    return `Loop ${t} goes to entry ${within} of the table; tokens whose ID is smaller have stopped.`;
  },
  draw(pen, seen, width, height) {
    const { colours, meta, t, font } = seen;
    const wide = width / 3;
    const now = stageOf(meta, t).stage;
    let before = 0;
    meta.stages.forEach((loops, i) => {
      const share = clamp((t - before) / loops, 0, 1);
      pen.fillStyle = colours.soft;
      pen.fillRect(i * wide + 2, 2, wide - 4, height - 4);
      pen.globalAlpha = 0.35;
      pen.fillStyle = colours.accent;
      pen.fillRect(i * wide + 2, 2, (wide - 4) * share, height - 4);
      pen.globalAlpha = 1;
      pen.strokeStyle = i === now && t ? colours.accent : colours.line;
      pen.lineWidth = i === now && t ? 2.5 : 1;
      pen.strokeRect(i * wide + 2, 2, wide - 4, height - 4);
      const said = fitting(pen, seen, NAMES[i], wide - 20);
      pen.font = `600 12px ${font}`;
      pen.textAlign = "left";
      pen.fillStyle = colours.text;
      pen.fillText(said, i * wide + 10, height / 2 - 3, wide - 16);
      pen.font = `12px ${font}`;
      pen.fillStyle = colours.muted;
      pen.fillText(plural(loops, "loop"), i * wide + 10, height / 2 + 14);
      before += loops;
    });
  },
  pick(seen, px, py, width) {
    const { stages } = seen.meta;
    const part = clamp((3 * px) / width, 0, 2.999);
    const stage = Math.floor(part);
    const before = [0, stages[0], stages[0] + stages[1]][stage];
    return { loop: before + Math.max(1, Math.round((part - stage) * stages[stage])) };
  },
  table({ meta }) {
    return { columns: ["stage", "loops"], rows: meta.stages.map((loops, i) => [NAMES[i][2], loops]) };
  },
};
